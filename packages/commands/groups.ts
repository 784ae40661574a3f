import { streams } from '#contracts/events/streams.ts';
import type { SupportLine } from '#contracts/primitives.ts';
import { group, noGroupFacts } from '#packages/domain/group.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import { type CommandContext, commandsOf, type Outcome, outcomeOf } from './context.ts';
import type { DirectoryFacts } from './directory-facts.ts';

/** What a group is called and where it stands among the others. */
export function createGroupCommands(deps: { handle: CommandHandler; directory: Pick<DirectoryFacts, 'lineOf'> }) {
  const run = commandsOf(deps.handle, group);

  return {
    async rename(groupId: string, name: string, context: CommandContext): Promise<Outcome> {
      const command = { type: 'RenameGroup', data: { name } } as const;
      return outcomeOf(await run(streams.group(groupId), command, context, () => noGroupFacts));
    },

    /** Its support line and the group it hands over to. Rejects with UNKNOWN_GROUP and ESCALATION_CYCLE. */
    async changeLine(
      groupId: string,
      data: { line: SupportLine | null; escalatesTo: string | null },
      context: CommandContext,
    ): Promise<Outcome> {
      const { escalatesTo } = data;
      const facts = async () => {
        const above = escalatesTo === null ? null : await deps.directory.lineOf(escalatesTo);
        return { ...noGroupFacts, groupId, lineOf: (id: string) => (id === escalatesTo ? above : null) };
      };
      return outcomeOf(await run(streams.group(groupId), { type: 'ChangeLine', data }, context, facts));
    },
  };
}

export type GroupCommands = ReturnType<typeof createGroupCommands>;
