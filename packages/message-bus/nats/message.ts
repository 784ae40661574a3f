import { headers, type MsgHdrs } from 'nats';
import { cloudEvents, headerNames } from '#contracts/bus.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';

/**
 * Most that a body may have; the headers come on top, within the 1 MiB that servers take by default. A larger event
 * travels without a body, and who wants it reads it in the log.
 */
const maxBodyBytes = 900 * 1024;

export type Message = { readonly headers: MsgHdrs; readonly body: Uint8Array };

/** An event as a CloudEvents 1.0 message in binary mode; the body holds `data` and `metadata` as the log does. */
export function toMessage(event: StoredEvent): Message {
  const fields = headers();
  const values: Readonly<Record<string, string>> = {
    [headerNames.specVersion]: cloudEvents.specVersion,
    [headerNames.id]: event.id,
    [headerNames.type]: event.type,
    [headerNames.source]: cloudEvents.source,
    [headerNames.time]: event.metadata.at,
    [headerNames.subject]: event.stream,
    [headerNames.contentType]: cloudEvents.contentType,
    [headerNames.position]: String(event.position),
    [headerNames.version]: String(event.version),
  };
  for (const [name, value] of Object.entries(values)) fields.set(name, value);
  const body = Buffer.from(JSON.stringify({ data: event.data, metadata: event.metadata }));
  return { headers: fields, body: body.byteLength > maxBodyBytes ? new Uint8Array() : body };
}

/** Where an event is, as its message's headers say. */
export type Envelope = {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly version: number;
  readonly position: bigint;
};

/** Throws a TypeError that names the header that is missing or wrong. */
export function readEnvelope(fields: MsgHdrs | undefined): Envelope {
  const text = (name: string): string => {
    const value = fields?.get(name);
    if (!value) throw new TypeError(`message without header ${name}`);
    return value;
  };
  const digits = (name: string): string => {
    const value = text(name);
    if (!/^\d{1,19}$/.test(value)) throw new TypeError(`header ${name} is no number: ${value.slice(0, 40)}`);
    return value;
  };
  return {
    id: text(headerNames.id),
    type: text(headerNames.type),
    stream: text(headerNames.subject),
    version: Number(digits(headerNames.version)),
    position: BigInt(digits(headerNames.position)),
  };
}

/** The event of a message; null when it was too large to travel. Throws on a body that is not one of ours. */
export function readEvent(envelope: Envelope, body: Uint8Array): StoredEvent | null {
  if (body.byteLength === 0) return null;
  const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null || !('data' in parsed) || !('metadata' in parsed))
    throw new TypeError('the body of the message holds no data and metadata');
  // Only the relay writes to the stream, from the log, whose events were checked when they were appended.
  return { ...envelope, data: parsed.data, metadata: parsed.metadata } as StoredEvent;
}
