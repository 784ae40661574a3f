import type pg from 'pg';
import { AppError } from '#packages/kernel/errors.ts';
import { withTimeout } from '#packages/kernel/retry.ts';
import { translatePostgresError } from '#packages/postgres/errors.ts';
import { checkedAppend } from '../checked-append.ts';
import type { AppendResult, NewEvent } from '../port.ts';
import { createBatcher } from './batcher.ts';

/** Joins lists of text for `log.append`; JSON text holds control characters only escaped. */
const separator = '\u001f';

type Append = {
  readonly stream: string;
  readonly expected: number;
  readonly ids: readonly string[];
  readonly types: readonly string[];
  readonly data: readonly string[];
  readonly metadata: readonly string[];
  readonly bytes: number;
};
type Verdict = { accepted: boolean; actual: number; last_position: bigint | null };

/**
 * The write side of the log. Batches go one after the other, so one connection is enough. `append` rejects as the port
 * says, at the latest after the deadline, and with TypeError for arguments that are a mistake of the program.
 */
export function createAppender(pool: pg.Pool, deadlineMs: number) {
  const execute = async (batch: readonly Append[]): Promise<readonly Verdict[]> => {
    try {
      return (await pool.query<Verdict>(statement(batch))).rows;
    } catch (error) {
      throw translatePostgresError(error, 'STORE_UNAVAILABLE');
    }
  };
  // Retries end earlier: a caller learns more from the reason of the last one than from TIMEOUT.
  const batcher = createBatcher({ execute, deadlineMs: deadlineMs * 0.8 });

  return {
    async append(stream: string, expectedVersion: number, events: readonly NewEvent[]): Promise<AppendResult> {
      const append = encode(stream, expectedVersion, events);
      const verdict = await withTimeout(batcher.submit(append), deadlineMs, () => new AppError('TIMEOUT'));
      const { accepted, actual, last_position: position } = verdict;
      if (position === null) throw new AppError('VERSION_CONFLICT', { extra: { expected: expectedVersion, actual } });
      return { version: expectedVersion + events.length, position, duplicate: !accepted };
    },
    close: () => batcher.close(),
  };
}

function encode(stream: string, expected: number, events: readonly NewEvent[]): Append {
  const { data, metadata, bytes } = checkedAppend(stream, expected, events);
  return {
    stream,
    expected,
    ids: events.map(({ id }) => id),
    types: events.map(({ type }) => type),
    data,
    metadata,
    bytes,
  };
}

const joined = (lists: readonly (readonly string[])[]): string => lists.flat().join(separator);
/** Array literal of elements that need no quotes: numbers and uuids. */
const literal = (elements: readonly (string | number)[]): string => `{${elements.join(',')}}`;

function statement(batch: readonly Append[]): pg.QueryConfig {
  // Numbers of the last event of each request, counted through the batch.
  let events = 0;
  const lasts = batch.map(({ ids }) => {
    events += ids.length;
    return events;
  });
  return {
    name: 'append',
    text: 'select accepted, actual, last_position from log.append($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    values: [
      batch.map(({ stream }) => stream).join(separator),
      literal(batch.map(({ expected }) => expected)),
      literal(batch.map(({ ids }, index) => (lasts[index] ?? 0) - ids.length + 1)),
      literal(lasts),
      literal(batch.flatMap(({ ids }, index) => ids.map(() => index + 1))),
      literal(batch.flatMap(({ ids }) => ids)),
      joined(batch.map(({ types }) => types)),
      joined(batch.map(({ data }) => data)),
      joined(batch.map(({ metadata }) => metadata)),
    ],
  };
}
