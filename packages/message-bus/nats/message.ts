import { type MsgHdrs, MsgHdrsImpl } from 'nats';
import { cloudEvents, headerNames } from '#contracts/bus.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';

/** What servers take by default, and the most they are told to take here. */
const defaultPayload = 1024 * 1024;
/** Room for headers, also for those that a dead letter has besides, and for servers that count what they store. */
const headerRoom = 96 * 1024;

export type Message = { readonly headers: MsgHdrs; readonly body: Uint8Array };

/**
 * Most bytes that a body may have where messages, with their headers, are limited so. A larger event travels without a
 * body, and who wants it reads it in the log.
 */
export function bodyLimit(maxPayload = defaultPayload, maxMessage = -1): number {
  const limit = maxMessage > 0 ? Math.min(maxPayload, maxMessage) : maxPayload;
  const most = Math.min(limit, defaultPayload);
  return most - Math.min(headerRoom, Math.ceil(most / 4));
}

/**
 * An event as a CloudEvents 1.0 message in binary mode; the body holds `data` and `metadata` as the log does, and is empty
 * when they take more than `maxBytes`.
 */
export function toMessage(
  event: StoredEvent,
  maxBytes: number,
  more: Readonly<Record<string, string[]>> = {},
): Message {
  const { data, metadata } = event;
  const { causationId, correlationId } = metadata;
  const body = Buffer.from(JSON.stringify({ data, metadata }));
  // Not set(), which looks through all names for each: the values are free of line breaks, as its check would want.
  const headers = MsgHdrsImpl.fromRecord({
    [headerNames.specVersion]: [cloudEvents.specVersion],
    [headerNames.id]: [event.id],
    [headerNames.type]: [event.type],
    [headerNames.source]: [cloudEvents.source],
    [headerNames.time]: [metadata.at],
    [headerNames.subject]: [encoded(event.stream)],
    [headerNames.correlationId]: [encoded(correlationId)],
    ...(causationId !== null && { [headerNames.causationId]: [encoded(causationId)] }),
    [headerNames.contentType]: [cloudEvents.contentType],
    [headerNames.position]: [String(event.position)],
    [headerNames.version]: [String(event.version)],
    ...more,
  });
  return { headers, body: body.byteLength > maxBytes ? new Uint8Array() : body };
}

const needsEncoding = /[^!#$&-~]/;

/** As the protocol binding says: what is not printable ASCII, space, quotes and percent, as %xx of its UTF-8. */
const encoded = (text: string): string =>
  needsEncoding.test(text)
    ? text.toWellFormed().replace(/[^!#$&-~]+/g, (part) => encodeURIComponent(part).replaceAll('"', '%22'))
    : text;

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
    stream: decoded(text(headerNames.subject)),
    version: Number(digits(headerNames.version)),
    position: BigInt(digits(headerNames.position)),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new TypeError(`header ${headerNames.subject} is not encoded: ${text.slice(0, 40)}`, { cause: error });
  }
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
