import type { TicketEvent } from '#contracts/events/ticket.ts';
import { fold } from '#packages/domain/decider.ts';
import type { TicketCommand } from '#packages/domain/ticket/commands.ts';
import type { Directory, PastEvent } from '#packages/domain/ticket/handlers.ts';
import type { Ticket } from '#packages/domain/ticket/state.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { checkOutcome } from './outcome-check.ts';
import { settingsOf } from './settings.ts';

/** Takes everybody for an agent of every group. */
export const everybodyServes = (members: readonly string[]): Directory => ({
  membersOf: () => new Set(members),
  isAgent: () => true,
  above: () => null,
});

/** One ticket whose events carry the id of their command, as those of the log do: each command has the number it came as. */
export function playTicket({
  directory,
  settings = settingsOf(),
}: {
  directory: Directory;
  settings?: ReturnType<typeof settingsOf>;
}) {
  const history: PastEvent[] = [];
  let commands = 0;
  let now = Temporal.Instant.from('2026-03-02T10:00:00Z');

  const state = (): Ticket => {
    const current = fold(ticket, history);
    if (!current.exists) throw new Error('there is no ticket yet');
    return current;
  };
  return {
    history: history as readonly PastEvent[],
    state,
    wait: (minutes: number) => {
      now = now.add({ minutes });
    },
    /** Decides a command; its events get the command id that is returned. */
    do(
      command: TicketCommand,
      facts: { directory?: Directory } = {},
    ): { commandId: string; events: readonly TicketEvent[] } {
      const events = ticket.decide(command, fold(ticket, history), { now, settings, directory, history, ...facts });
      checkOutcome(command, events);
      commands += 1;
      const commandId = idFrom('played command', commands);
      for (const event of events)
        history.push({
          ...event,
          id: idFrom('played event', history.length),
          version: history.length + 1,
          metadata: { at: toTimestamp(now), commandId },
        });
      return { commandId, events };
    },
  };
}

/** What people see of a ticket, without what is kept about its past (histories, rounds of ratings, clocks). */
export function facetsOf({ attributes, lifecycle, relations, ...state }: Ticket) {
  const { agentId, companyId, groupId, priority, requesterId, setAside, status, subject } = state;
  const { followers, work, ...rest } = attributes;
  return {
    ...{ agentId, companyId, groupId, priority, requesterId, setAside, status, subject, ...rest },
    followers: followers.toSorted(),
    work: work.toSorted((a, b) => a.workId.localeCompare(b.workId)),
    links: relations.links,
    custom: lifecycle.custom,
    timers: lifecycle.timers,
  };
}
