import { validate } from 'uuid';
import { AppError } from '#packages/kernel/errors.ts';
import type { NewEvent } from './port.ts';
import { refuseUnstorableText } from './unstorable-text.ts';

/** Limit of one append, that of EventStoreDB, so that what one log takes the other takes too. */
const maxAppendBytes = 1024 * 1024;

/** The events of an append as JSON text, in order. */
export type CheckedAppend = {
  readonly data: readonly string[];
  readonly metadata: readonly string[];
  readonly bytes: number;
};

/**
 * What every log asks of an append before it goes out. Throws TypeError for a mistake of the program, `INVALID_REQUEST`
 * for text that cannot be stored (with its pointer), and `EVENT_TOO_LARGE`.
 */
export function checkedAppend(stream: string, expected: number, events: readonly NewEvent[]): CheckedAppend {
  if (events.length === 0) throw new TypeError(`nothing to append to ${stream}`);
  if (!/^[!-~]{1,200}$/.test(stream)) throw new TypeError(`not the name of a stream: ${JSON.stringify(stream)}`);
  if (!Number.isInteger(expected) || expected < 0 || expected > 0x7fffffff)
    throw new TypeError(`not a version: ${expected}`);
  for (const { id, type } of events)
    if (!validate(id) || !/^\w{1,100}$/.test(type))
      throw new TypeError(`not an event: ${JSON.stringify({ id, type })}`);
  if (new Set(events.map(({ id }) => id)).size < events.length) throw new TypeError(`an event twice for ${stream}`);
  const data = events.map((event) => jsonText(event.data, '/data'));
  const metadata = events.map((event) => jsonText(event.metadata, '/metadata'));
  const bytes = [...events.map(({ type }) => type), ...data, ...metadata].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    0,
  );
  if (bytes > maxAppendBytes) throw new AppError('EVENT_TOO_LARGE', { extra: { bytes, maxBytes: maxAppendBytes } });
  return { data, metadata, bytes };
}

function jsonText(value: unknown, pointer: string): string {
  refuseUnstorableText(value, pointer);
  return JSON.stringify(value);
}
