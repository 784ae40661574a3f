import { randomUUID } from 'node:crypto';
import { type Credentials, type EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import type { Logger } from 'pino';
import { AppError, isAppError, isTransient } from '#packages/kernel/errors.ts';
import { backoffMs, sleep, withTimeout } from '#packages/kernel/retry.ts';
import { checkedAppend } from '../checked-append.ts';
import type { AppendResult, NewEvent, Position } from '../port.ts';
import type { Authorship } from './authorship.ts';
import { isAccessDenied, translateEventStoreDbError } from './errors.ts';
import { createLanes } from './lanes.ts';
import { marked } from './recorded.ts';

/** One attempt; the server itself gives up a write after two seconds. */
const attemptMs = 3_000;
const pause = { minMs: 20, maxMs: 500 };

/**
 * The write side of the log. `append` rejects as the port says, at the latest after the deadline, and with TypeError for
 * arguments that are a mistake of the program.
 *
 * Credentials are given with every call because that makes the client take the unary path: its batched one waits for
 * ever on a server that keeps silent, and one failure there fails every append of the process.
 */
export function createAppender(options: {
  client: EventStoreDBClient;
  isOwn: Authorship;
  credentials: Credentials;
  deadlineMs: number;
  log: Logger;
}) {
  const { client, credentials, deadlineMs, isOwn, log } = options;
  const lanes = createLanes();
  /** The newest position of an append of this process: what lies at or below it is older than what is yet to be sent. */
  let newest: Position = 0n;

  const send = async (stream: string, expectedVersion: number, events: ReturnType<typeof jsonEvent>[]) => {
    try {
      return await client.appendToStream(stream, events, {
        expectedRevision: expectedVersion === 0 ? NO_STREAM : BigInt(expectedVersion - 1),
        credentials,
        requiresLeader: true,
        deadline: attemptMs,
      });
    } catch (error) {
      const translated = translateEventStoreDbError(error);
      if (!isAppError(translated, 'VERSION_CONFLICT')) throw translated;
      const { actualVersion } = error as { actualVersion?: unknown };
      const actual = typeof actualVersion === 'bigint' ? Number(actualVersion) + 1 : 0;
      throw new AppError('VERSION_CONFLICT', { extra: { expected: expectedVersion, actual }, cause: error });
    }
  };

  /** Sends the same events until the outcome is known: the server knows them again by their ids. */
  const write = async (stream: string, expectedVersion: number, events: readonly NewEvent[], deadline: number) => {
    const known = newest;
    const appendId = randomUUID();
    const proposed = events.map(({ id, type, data, metadata }) =>
      jsonEvent({ id, type, data, metadata: marked(metadata, appendId) }),
    );
    let failure: unknown;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const { nextExpectedRevision, position } = await withTimeout(
          send(stream, expectedVersion, proposed),
          Math.max(deadline - performance.now(), 0),
          () => new AppError('TIMEOUT', { cause: failure }),
        );
        if (!position) throw new Error(`the server gave no position for an append to ${stream}`);
        if (position.commit > newest) newest = position.commit;
        const duplicate = position.commit <= known || !(await isOwn(position.commit, appendId));
        return { version: Number(nextExpectedRevision) + 1, position: position.commit, duplicate };
      } catch (error) {
        const wait = backoffMs(attempt, pause);
        failure = error;
        if (!isTransient(error) || isAccessDenied(error) || performance.now() + wait >= deadline) throw error;
        log.debug({ err: error, stream, attempt }, 'append without an outcome; trying again');
        await sleep(wait);
      }
    }
  };

  return {
    async append(stream: string, expectedVersion: number, events: readonly NewEvent[]): Promise<AppendResult> {
      const { bytes } = checkedAppend(stream, expectedVersion, events);
      const deadline = performance.now() + deadlineMs;
      return lanes.push(stream, bytes, async () => {
        // No answer could be waited for: sent all the same it would change something that was refused.
        if (performance.now() + pause.minMs >= deadline) throw new AppError('TIMEOUT');
        return await write(stream, expectedVersion, events, deadline);
      });
    },
    /** Takes nothing more and waits for what was taken. */
    close: () => lanes.close(),
  };
}
