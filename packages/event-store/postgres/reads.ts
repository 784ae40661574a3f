import type pg from 'pg';
import { translatePostgresError } from '#packages/postgres/errors.ts';
import type { LogFilter, LogPage, Position, StoredEvent } from '../port.ts';

/**
 * A filtered read looks at so many positions at most: a rare match deep in the log then costs several short statements
 * instead of one that runs into its time limit.
 */
const windowSize = 200_000n;
const defaultLimit = 1_000;

// The columns are the members of a StoredEvent, so rows are events as they come.
const columns = 'position, stream, version, id, type, data, metadata';
const filters = '($4::text[] is null or type = any ($4)) and ($5::text[] is null or stream ^@ any ($5))';
const statements = {
  head: 'select position from log.head',
  stream: `select ${columns} from log.events where stream = $1 and version between $2 and $3 order by version`,
  page: `select ${columns} from log.events where position > $1 order by position limit $2`,
  scan: `select ${columns} from log.events
    where position > $1 and position <= $2 and ${filters} order by position limit $3`,
  // One ordered and limited walk of the index events_by_category per category, then merged. Rows are compared, because
  // for `category = … and position > …` the planner prefers the index of positions and filters what lies between.
  categories: `select ${columns} from unnest($6::text[]) as category cross join lateral (
      select ${columns} from log.events
      where (split_part(stream, '-', 1), position) > (category, $1)
        and (split_part(stream, '-', 1), position) <= (category, $2) and ${filters}
      order by split_part(stream, '-', 1), position limit $3
    ) as event order by position limit $3`,
} as const;

export type ReadOptions = LogFilter & { readonly limit?: number };

/**
 * The read side of the log; gives events as they are stored. Rejects with `STORE_UNAVAILABLE` and `TIMEOUT`, and with
 * TypeError for a limit that is none.
 */
export function createReader(pool: pg.Pool) {
  const rows = async <Row extends pg.QueryResultRow>(
    name: keyof typeof statements,
    values: readonly unknown[],
  ): Promise<Row[]> => {
    try {
      return (await pool.query<Row>({ name, text: statements[name], values: [...values] })).rows;
    } catch (error) {
      throw translatePostgresError(error, 'STORE_UNAVAILABLE');
    }
  };

  const head = async (): Promise<Position> => (await rows<{ position: Position }>('head', []))[0]?.position ?? 0n;

  const filtered = async (after: Position, filter: LogFilter, limit: number): Promise<LogPage> => {
    // Read before the events: what is at or below it is visible to every later statement.
    const end = await head();
    if (end <= after) return { events: [], scannedTo: after, atEnd: true };
    const bound = end - after > windowSize ? after + windowSize : end;
    const { streamPrefixes: prefixes = null, types = null } = filter;
    const values = [after, bound, limit, types, prefixes];
    const categories = prefixes && categoriesOf(prefixes);
    const events = categories
      ? await rows<StoredEvent>('categories', [...values, categories])
      : await rows<StoredEvent>('scan', values);
    const scannedTo = (events.length === limit && events.at(-1)?.position) || bound;
    return { events, scannedTo, atEnd: scannedTo === end };
  };

  return {
    head,

    readStream: (stream: string, { fromVersion = 1, toVersion = 0x7fffffff } = {}): Promise<StoredEvent[]> =>
      rows<StoredEvent>('stream', [stream, fromVersion, toVersion]),

    async readAll(after: Position, { limit = defaultLimit, ...filter }: ReadOptions = {}): Promise<LogPage> {
      if (!Number.isInteger(limit) || limit < 1) throw new TypeError(`not a limit: ${limit}`);
      if (filter.streamPrefixes || filter.types) return filtered(after, filter, limit);
      const events = await rows<StoredEvent>('page', [after, limit]);
      return { events, scannedTo: events.at(-1)?.position ?? after, atEnd: events.length < limit };
    },
  };
}

export type LogReader = ReturnType<typeof createReader>;

/** What split_part(stream, '-', 1) of the streams with these prefixes is; null when a prefix does not say. */
function categoriesOf(prefixes: readonly string[]): string[] | null {
  if (!prefixes.every((prefix) => prefix.includes('-'))) return null;
  return [...new Set(prefixes.map((prefix) => prefix.slice(0, prefix.indexOf('-'))))];
}
