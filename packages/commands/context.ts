import type { DeskEvent } from '#contracts/events/all.ts';
import type { Actor } from '#contracts/events/envelope.ts';
import type { Decider } from '#packages/domain/decider.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { Position, StoredEvent } from '#packages/event-store/port.ts';
import { idFrom } from '#packages/kernel/ids.ts';

/** Who asks for a command and why; becomes the metadata of its events. */
export type CommandContext = {
  /** The idempotency key: the same command id again gives the first outcome. */
  readonly commandId: string;
  readonly actor: Actor;
  readonly source: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  /** SHA-256 of what was asked, so that a reused command id with another request is refused. */
  readonly fingerprint?: string;
  /** The version the caller saw (If-Match). Absent: the command is decided again when the stream moved on. */
  readonly expectedVersion?: number;
  /** True for an event that may have come since then without this command being refused. Absent: none may. */
  readonly indifferent?: (event: StoredEvent) => boolean;
  /** Decides and appends nothing: whoever takes several steps asks first whether the last one will be refused. */
  readonly dryRun?: boolean;
};

export type Outcome = {
  /** Version of the stream after the command. */
  readonly version: number;
  readonly position: Position;
  /** True when this command had been done before and its first outcome is given again. */
  readonly duplicate: boolean;
};

/** The part of what the command handler answers that leaves the write side. */
export const outcomeOf = ({ version, position, duplicate }: Outcome): Outcome => ({ version, position, duplicate });

/** A context for a service that reacts to an event: the event is the cause, its correlation goes on. */
export const contextOf = (service: string, event: StoredEvent, ...parts: readonly string[]): CommandContext => ({
  commandId: idFrom(service, event.id, ...parts),
  actor: { kind: 'service', id: service },
  source: service,
  correlationId: event.metadata.correlationId,
  causationId: event.id,
});

/** The context of a step that a larger command takes on another stream. */
export const stepOf = (context: CommandContext, step: string): CommandContext => ({
  commandId: idFrom(context.commandId, step),
  actor: context.actor,
  source: context.source,
  correlationId: context.correlationId,
  causationId: context.causationId,
});

/** True for a command that was done before, or made for another version: what it is for will say so, nothing else is to be done. */
export const isStale = (
  { commandId, expectedVersion, indifferent = () => false }: CommandContext,
  events: readonly StoredEvent[],
): boolean =>
  (expectedVersion !== undefined &&
    (expectedVersion > events.length || !events.slice(expectedVersion).every(indifferent))) ||
  events.some(({ metadata }) => metadata.commandId === commandId);

type Telling = { readonly tell?: (event: StoredEvent, since: readonly StoredEvent[]) => object };

/** Binds the command handler to one decider. */
export const commandsOf =
  <State, Command, Event extends DeskEvent, Facts>(
    handle: CommandHandler,
    decider: Decider<State, Command, Event, Facts>,
  ) =>
  (
    stream: string,
    command: Command,
    context: CommandContext & Telling,
    facts: (state: State, now: Temporal.Instant, history: readonly StoredEvent[]) => Facts | Promise<Facts>,
  ) =>
    handle({ ...context, stream, decider, command, facts });
