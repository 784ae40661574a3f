import { createHash, randomBytes } from 'node:crypto';
import { streams } from '#contracts/events/streams.ts';
import type { Role } from '#contracts/primitives.ts';
import { group, noGroupFacts } from '#packages/domain/group.ts';
import { person } from '#packages/domain/person.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { idFrom, newId } from '#packages/kernel/ids.ts';
import type { KnownNames } from '#packages/read-db/known-names.ts';
import { type CommandContext, commandsOf, type Outcome, outcomeOf } from './context.ts';
import { createCompanyCommands } from './directory/companies.ts';
import { createPeopleCommands } from './directory/people.ts';
import type { DirectoryFacts } from './directory-facts.ts';

/** What the log and the read model keep of an API token: its SHA-256. 256 random bits need no salt. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** The write side of people, companies, groups and API tokens. Registering what exists changes nothing. */
export function createDirectoryCommands(deps: {
  handle: CommandHandler;
  directory: DirectoryFacts;
  store: Pick<EventStore, 'readStream'>;
  known: KnownNames;
}) {
  const { handle, known, store } = deps;
  const runPerson = commandsOf(handle, person);
  const runGroup = commandsOf(handle, group);
  const none = () => undefined;
  const companies = createCompanyCommands({ handle, store, knownByDomain: known.companies });
  const people = createPeopleCommands({
    handle,
    store,
    knownByAddress: known.people,
    knownByLogin: known.logins,
    companies,
  });

  return {
    companies,
    people,
    ensurePerson: people.ensurePerson,
    registerPerson: people.registerPerson,
    findByAddress: people.findByAddress,
    ensureCompany: companies.ensureCompany,
    registerCompany: companies.registerCompany,

    async changeRoles(personId: string, roles: readonly Role[], context: CommandContext): Promise<Outcome> {
      return outcomeOf(
        await runPerson(streams.person(personId), { type: 'ChangeRoles', data: { roles: [...roles] } }, context, none),
      );
    },

    /** Makes an API token for a role the person holds. The token itself is in the answer only, never in the log. */
    async issueToken(
      input: { personId: string; role: Role; label: string; expiresAt: string | null },
      context: CommandContext,
    ): Promise<Outcome & { token: string; tokenId: string }> {
      const token = `desk_${randomBytes(32).toString('base64url')}`;
      const { personId, ...rest } = input;
      const data = { ...rest, tokenId: newId(), hash: tokenHash(token) };
      const done = await runPerson(streams.person(personId), { type: 'IssueToken', data }, context, none);
      return { ...outcomeOf(done), token, tokenId: data.tokenId };
    },

    async revokeToken(personId: string, tokenId: string, context: CommandContext): Promise<Outcome> {
      return outcomeOf(
        await runPerson(streams.person(personId), { type: 'RevokeToken', data: { tokenId } }, context, none),
      );
    },

    async registerGroup(
      input: { groupId?: string; name: string },
      context: CommandContext,
    ): Promise<Outcome & { groupId: string }> {
      const groupId = input.groupId ?? idFrom('group', context.commandId);
      const command = { type: 'RegisterGroup', data: { name: input.name } } as const;
      return {
        ...outcomeOf(await runGroup(streams.group(groupId), command, context, () => noGroupFacts)),
        groupId,
      };
    },

    /** Rejects with UNKNOWN_AGENT when the person may not work on tickets. */
    async addMember(groupId: string, personId: string, context: CommandContext): Promise<Outcome> {
      const agent = await deps.directory.isAgent(personId);
      const command = { type: 'AddMember', data: { personId } } as const;
      return outcomeOf(
        await runGroup(streams.group(groupId), command, context, () => ({
          ...noGroupFacts,
          isAgent: (id) => id === personId && agent,
        })),
      );
    },

    async removeMember(groupId: string, personId: string, context: CommandContext): Promise<Outcome> {
      const command = { type: 'RemoveMember', data: { personId } } as const;
      return outcomeOf(await runGroup(streams.group(groupId), command, context, () => noGroupFacts));
    },
  };
}

export type DirectoryCommands = ReturnType<typeof createDirectoryCommands>;
