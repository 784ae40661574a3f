import type { DeskEvent } from '#contracts/events/all.ts';
import type { Actor } from '#contracts/events/envelope.ts';
import { streams } from '#contracts/events/streams.ts';
import { fold } from '#packages/domain/decider.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { TicketCommand } from '#packages/domain/ticket/commands.ts';
import type { Directory } from '#packages/domain/ticket/handlers.ts';
import type { TicketState } from '#packages/domain/ticket/state.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { EventStore, NewEvent, StoredEvent } from '#packages/event-store/port.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { idFrom, newId } from '#packages/kernel/ids.ts';
import { checkOutcome } from './outcome-check.ts';
import { settingsOf } from './settings.ts';
import { createTicket, customerId } from './tickets.ts';

const customer: Actor = { kind: 'person', id: customerId };
const someTime = '2026-03-02T10:00:00.000Z';
/** Takes every assignment as it comes. */
const directoryFor = (command: TicketCommand): Directory => ({
  membersOf: () => new Set(command.type === 'AssignTicket' && command.data.agentId ? [command.data.agentId] : []),
  isAgent: () => true,
  above: () => null,
});

type Options = { at?: string; actor?: Actor };

/** Events of any streams in the order of the log, as a store would give them. */
export function createStory({ settings = settingsOf() }: { settings?: SettingsLookup } = {}) {
  const log: StoredEvent[] = [];
  const streamsByName = new Map<string, StoredEvent[]>();
  const eventsOf = (stream: string): StoredEvent[] => {
    const events = streamsByName.get(stream) ?? [];
    streamsByName.set(stream, events);
    return events;
  };

  const add = (stream: string, event: DeskEvent, { at = someTime, actor = customer }: Options = {}): StoredEvent => {
    const version = eventsOf(stream).length + 1;
    const metadata = {
      schema: 1,
      at,
      commandId: newId(),
      correlationId: 'test',
      causationId: null,
      actor,
      source: 'test',
    };
    const position = BigInt(log.length + 1);
    // The members of the union belong together because they came together.
    const stored = { ...event, id: idFrom(stream, version), metadata, stream, version, position } as StoredEvent;
    log.push(stored);
    eventsOf(stream).push(stored);
    return stored;
  };

  const stateOf = (ticketId: string): TicketState => fold(ticket, eventsOf(streams.ticket(ticketId)));

  /** What the ticket decider makes of a command. */
  const play = (ticketId: string, command: TicketCommand, { at = someTime, actor }: Options = {}): StoredEvent[] => {
    const stream = streams.ticket(ticketId);
    const state = stateOf(ticketId);
    const now = Temporal.Instant.from(at);
    const events = ticket.decide(command, state, { now, settings, directory: directoryFor(command) });
    checkOutcome(command, events);
    return events.map((event) => add(stream, event, { at: toTimestamp(now), ...(actor && { actor }) }));
  };

  return {
    log: log as readonly StoredEvent[],
    add,
    play,
    stateOf,
    /** A ticket that has just been created. */
    ticket(id = newId(), { at = someTime, ...changes }: { at?: string } & Parameters<typeof createTicket>[0] = {}) {
      play(id, createTicket(changes), { at });
      return id;
    },
  };
}

/** Writes events to an empty store in their order, so that they get the positions that they have. */
export async function appendAll(store: EventStore, events: readonly StoredEvent[]): Promise<void> {
  for (let index = 0; index < events.length; ) {
    const stream = events[index]?.stream ?? '';
    const version = events[index]?.version ?? 0;
    const end = events.findIndex((event, at) => at >= index && event.stream !== stream);
    const batch = events.slice(index, end === -1 ? undefined : end);
    await store.append(stream, version - 1, batch.map(toNew));
    index += batch.length;
  }
}

const toNew = ({ id, type, data, metadata }: StoredEvent): NewEvent => ({ id, type, data, metadata }) as NewEvent;
