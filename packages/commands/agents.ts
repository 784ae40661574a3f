import { streams } from '#contracts/events/streams.ts';
import { agent } from '#packages/domain/agent/agent.ts';
import { type Away, awayAt } from '#packages/domain/agent/availability.ts';
import type { Absence, AgentCommand } from '#packages/domain/agent/commands.ts';
import { fold } from '#packages/domain/decider.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { type CommandContext, commandsOf, type Outcome, outcomeOf } from './context.ts';
import type { DirectoryFacts } from './directory-facts.ts';

/** What else happens to a person, a new token say, is no reason to look at their profile again. */
const isNotOfProfile = ({ type }: StoredEvent): boolean => !type.startsWith('Agent');

/**
 * How agents work: skills, hours, capacity, absences. Rejects with what the decider refuses with, and with
 * VERSION_CONFLICT when the profile was changed since the version of the person that the context names.
 */
export function createAgentCommands(deps: {
  handle: CommandHandler;
  settings: { current(): SettingsLookup };
  directory: Pick<DirectoryFacts, 'isAgent'>;
  store: Pick<EventStore, 'readStream'>;
  clock: Clock;
}) {
  const { clock, directory, handle, settings, store } = deps;
  const run = commandsOf(handle, agent);

  const change = async (agentId: string, command: AgentCommand, context: CommandContext): Promise<Outcome> => {
    const facts = async (_state: unknown, now: Temporal.Instant) => {
      const named = [agentId, command.type === 'PlanAbsence' ? command.data.deputyId : null];
      const agents = new Set<string>();
      for (const id of named) if (id !== null && (await directory.isAgent(id))) agents.add(id);
      return { now, settings: settings.current(), agentId, isAgent: (id: string) => agents.has(id) };
    };
    const done = await run(streams.person(agentId), command, { ...context, indifferent: isNotOfProfile }, facts);
    return outcomeOf(done);
  };

  return {
    /** Any change of the profile. */
    change,
    /** Why an agent is not at work now, as the log knows it; null: they are. */
    async awayNow(agentId: string): Promise<Away | null> {
      const { absences, calendarId } = fold(agent, await store.readStream(streams.person(agentId)));
      const calendar = calendarId === null ? null : settings.current().current('calendar', calendarId);
      return awayAt({ absences, calendar: calendar?.value ?? null }, clock.now());
    },
    /** Plans an absence. Its id follows from the command id, so that a retry meets the same one. */
    async planAbsence(
      agentId: string,
      absence: Omit<Absence, 'absenceId'>,
      context: CommandContext,
    ): Promise<Outcome & { absenceId: string }> {
      const absenceId = idFrom('absence', context.commandId);
      const command = { type: 'PlanAbsence', data: { absenceId, ...absence } } as const;
      return { ...(await change(agentId, command, context)), absenceId };
    },
  };
}

export type AgentCommands = ReturnType<typeof createAgentCommands>;
