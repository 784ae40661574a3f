import type { Logger } from 'pino';
import type { DeskEvent } from '#contracts/events/all.ts';
import type { Actor, Metadata } from '#contracts/events/envelope.ts';
import { type Decider, fold } from '#packages/domain/decider.ts';
import { type Clock, toTimestamp } from '#packages/kernel/clock.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { eventId } from '#packages/kernel/ids.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import { hashEvent } from '#packages/ledger/chain.ts';
import { checkedAppend } from './checked-append.ts';
import { schemaOf } from './codec.ts';
import type { EventStore, NewEvent, Position, StoredEvent } from './port.ts';
import { refuseUnstorableText } from './unstorable-text.ts';

const maxTries = 5;
/** Streams are folded whole on every command, which is right for short ones: say so when one is not. */
const longStream = 500;

/** An event of the command's outcome. Not every log tells the position of each event of an append, so none has one. */
export type DecidedEvent = Omit<StoredEvent, 'position'>;

export type CommandRequest<State, Command, Event extends DeskEvent, Facts> = {
  readonly stream: string;
  readonly decider: Decider<State, Command, Event, Facts>;
  readonly command: Command;
  /** The idempotency key. */
  readonly commandId: string;
  /** The version the caller saw; absent: decide again when the stream moved on meanwhile. */
  readonly expectedVersion?: number;
  /** True for an event that may have come since that version without the command being refused. Default: none may. */
  readonly indifferent?: (event: StoredEvent) => boolean;
  /** How a refusal tells an event that came between; `since` are all of them. Default: version, type, at, actor. */
  readonly tell?: (event: StoredEvent, since: readonly StoredEvent[]) => object;
  /** SHA-256 of what was asked. A command id that comes back with another one is refused. */
  readonly fingerprint?: string;
  /**
   * Gathers what the decision needs besides the state; `now` becomes the time of the events, `history` is what the state
   * is folded from. Runs once per try.
   */
  readonly facts: (state: State, now: Temporal.Instant, history: readonly StoredEvent[]) => Facts | Promise<Facts>;
  /** Decides and checks all, and appends nothing: for a command that is one step of several. Default: false. */
  readonly dryRun?: boolean;
  readonly actor: Actor;
  readonly source: string;
  readonly correlationId: string;
  /** Id of the event that led to the command, null for an outside cause. */
  readonly causationId: string | null;
};

export type CommandOutcome<State> = {
  /** Version of the stream after the command. */
  readonly version: number;
  /** Of the command's last event; when it decided nothing, of the stream's (0n: the stream is empty). */
  readonly position: Position;
  /** At that version. */
  readonly state: State;
  readonly events: readonly DecidedEvent[];
  /** True when the stream held the command's events already and this is its first outcome again. */
  readonly duplicate: boolean;
};

export type CommandHandler = <State, Command, Event extends DeskEvent, Facts>(
  request: CommandRequest<State, Command, Event, Facts>,
) => Promise<CommandOutcome<State>>;

/**
 * The one way into the log: reads a stream, lets the decider decide, appends what it decided. A command id already in
 * the stream gets its first outcome and appends nothing; a command that decides nothing leaves no trace.
 *
 * Rejects with what `decide` and `facts` throw, with `IDEMPOTENCY_KEY_REUSED`, with `VERSION_CONFLICT` (given
 * `expectedVersion`, extra is `{expected, actual, events}`, what happened since in the words of `tell`; without
 * it only after five tries), and with what `EventStore.append` rejects.
 */
export function createCommandHandler(deps: { store: EventStore; clock: Clock; log: Logger }): CommandHandler {
  const { store, clock, log } = deps;

  return async (request) => {
    const { stream, decider, command, commandId, expectedVersion } = request;
    for (let attempt = 1; ; attempt += 1) {
      const history = await store.readStream(stream);
      const earlier = firstOutcome(history, request);
      if (earlier) return earlier;

      const version = history.at(-1)?.version ?? 0;
      refuseStale(history, request);

      const now = clock.now();
      const state = fold(decider, history);
      const decided = decider.decide(command, state, await request.facts(state, now, history));
      if (decided.length === 0)
        return { version, position: history.at(-1)?.position ?? 0n, state, events: [], duplicate: false };

      const events = recorded(decided, request, toTimestamp(now), history.at(-1));
      if (request.dryRun) {
        checkedAppend(stream, version, events as NewEvent[]);
        return { version, position: history.at(-1)?.position ?? 0n, state, events: [], duplicate: false };
      }
      try {
        const result = await store.append(stream, version, events as NewEvent[]);
        // Somebody else ran the same command at the same time: what is stored are their events, not these.
        if (result.duplicate) continue;
        if (version < longStream && result.version >= longStream)
          log.warn({ stream, commandId }, 'a stream grows long');
        return { ...result, state: fold(decider, [...history, ...events]), events };
      } catch (error) {
        if (!isAppError(error, 'VERSION_CONFLICT') || attempt === maxTries) throw error;
        if (expectedVersion === undefined || request.indifferent)
          await sleep(backoffMs(attempt, { minMs: 20, maxMs: 200 }));
      }
    }
  };
}

function firstOutcome<State, Command, Event extends DeskEvent, Facts>(
  history: readonly StoredEvent[],
  { decider, commandId, fingerprint }: CommandRequest<State, Command, Event, Facts>,
): CommandOutcome<State> | null {
  const events = history.filter(({ metadata }) => metadata.commandId === commandId);
  const last = events.at(-1);
  if (!last) return null;
  if (fingerprint !== undefined && last.metadata.fingerprint !== fingerprint)
    throw new AppError('IDEMPOTENCY_KEY_REUSED');
  const state = fold(decider, history.slice(0, last.version));
  return { version: last.version, position: last.position, state, events, duplicate: true };
}

type Seen = Pick<CommandRequest<never, unknown, never, never>, 'expectedVersion' | 'indifferent' | 'tell'>;

function refuseStale(history: readonly StoredEvent[], { expectedVersion: expected, indifferent, tell = bare }: Seen) {
  const actual = history.at(-1)?.version ?? 0;
  if (expected === undefined || expected === actual) return;
  const since = history.slice(expected);
  if (expected < actual && indifferent && since.every(indifferent)) return;
  const events = since.map((event) => tell(event, since));
  throw new AppError('VERSION_CONFLICT', { extra: { expected, actual, events } });
}

const bare = ({ version, type, metadata: { at, actor } }: StoredEvent): object => ({ version, type, at, actor });

/** The decided events as they go into the log: with ids that a retry repeats, metadata, and the hash chain. */
function recorded(
  decided: readonly DeskEvent[],
  request: Omit<CommandRequest<never, unknown, never, never>, 'decider' | 'facts'>,
  at: string,
  previous: StoredEvent | undefined,
): DecidedEvent[] {
  const { stream, commandId, fingerprint, actor, source, correlationId, causationId } = request;
  const startVersion = (previous?.version ?? 0) + 1;
  let previousHash = previous?.metadata.hash ?? null;
  return decided.map(({ type, data }, index) => {
    refuseUnstorableText(data, '/data');
    const metadata: Metadata = {
      schema: schemaOf(type),
      at,
      commandId,
      correlationId,
      causationId,
      actor,
      source,
      ...(fingerprint !== undefined && { fingerprint }),
    };
    const event = {
      id: eventId(stream, commandId, index),
      stream,
      version: startVersion + index,
      type,
      data,
      metadata,
    };
    previousHash = hashEvent(previousHash, event);
    return { ...event, metadata: { ...metadata, hash: previousHash } } as DecidedEvent;
  });
}
