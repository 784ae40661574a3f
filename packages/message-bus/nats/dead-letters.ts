import { headers, type JetStreamManager, type MsgHdrs, type NatsConnection, NatsError, type StoredMsg } from 'nats';
import { deadLetterStream, deadLetterSubject, headerNames, replaySubject } from '#contracts/bus.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import type { DeadLetter, DeadLetters } from '../dead-letters.ts';
import { declareStream, ifThere } from './declare.ts';
import type { NatsLink } from './link.ts';
import { type Envelope, type Message, readEnvelope, toMessage } from './message.ts';

const maxErrorLength = 2_000;
/** Replays that are asked for at once. */
const maxWanted = 100;

/** Dead letters in their own stream: the message as it was, with the error and the number of tries as further headers. */
export function createNatsDeadLetters(link: Pick<NatsLink, 'soon'>): DeadLetters {
  const open = async () => {
    const connection = await link.soon();
    const jsm = await connection.jetstreamManager();
    await declareStream(jsm, deadLetterStream);
    return { connection, jsm };
  };
  return {
    list: async ({ consumer = '*', limit = 100 } = {}) => {
      const { jsm } = await open();
      const found: DeadLetter[] = [];
      for (const subject of await subjectsLike(jsm, deadLetterSubject(consumer, '*'))) {
        const message = await lastOf(jsm, subject);
        if (message) found.push(letterOf(message));
      }
      return found.toSorted((a, b) => b.at.getTime() - a.at.getTime()).slice(0, limit);
    },
    replay: async (consumer, eventId) => {
      const { connection, jsm } = await open();
      const letter = await lastOf(jsm, deadLetterSubject(consumer, eventId));
      if (!letter || letterOf(letter).version === 0)
        throw new AppError('NOT_FOUND', {
          detail: `${consumer} has no dead letter ${eventId} with an event to replay`,
        });
      await connection.jetstream().publish(replaySubject(consumer, eventId));
    },
  };
}

/** A consumer's side of its dead letters. `read` gives the event of a message. Rejects with NatsError, `wanted` with STORE_UNAVAILABLE. */
export function createNatsGrave(
  { connection, jsm, maxBytes }: { connection: NatsConnection; jsm: JetStreamManager; maxBytes: number },
  consumer: string,
  read: (envelope: Envelope, body: Uint8Array) => Promise<StoredEvent>,
) {
  const keep = async (eventId: string, message: Message, attempts: number, error: unknown): Promise<void> => {
    const subject = deadLetterSubject(consumer, eventId);
    const before = await lastOf(jsm, subject);
    const fields = headers();
    for (const [name, values] of message.headers) for (const value of values) fields.append(name, value);
    // It would be taken for a repetition of the event, or of the letter before.
    fields.delete(headerNames.messageId);
    fields.set(headerNames.error, oneLine(String(error)));
    fields.set(headerNames.attempts, String(attempts + Number(before?.header.get(headerNames.attempts) || 0)));
    // What is too large with the error beside it is still where it came from.
    const body = message.body.byteLength > maxBytes ? new Uint8Array() : message.body;
    await connection.jetstream().publish(subject, body, { headers: fields });
    if (before) await drop(replaySubject(consumer, eventId));
  };
  const drop = async (subject: string): Promise<void> => {
    const message = await lastOf(jsm, subject);
    if (message) await jsm.streams.deleteMessage(deadLetterStream.name, message.seq, false);
  };

  const eventOf = async ({ data, header }: StoredMsg): Promise<StoredEvent | null> => {
    try {
      return await read(readEnvelope(header), data);
    } catch (error) {
      // A log that is away for now is asked again; what is nowhere to be read is not.
      if (isAppError(error)) throw error;
      return null;
    }
  };

  return {
    keep,
    bury: (event: StoredEvent, attempts: number, error: unknown) =>
      keep(event.id, toMessage(event, maxBytes), attempts, error),
    wanted: async () => {
      const found: { eventId: string; event: StoredEvent | null }[] = [];
      try {
        const wishes = await subjectsLike(jsm, replaySubject(consumer, '*'));
        for (const wish of wishes.slice(0, maxWanted)) {
          const eventId = wish.slice(wish.lastIndexOf('.') + 1);
          const letter = await lastOf(jsm, deadLetterSubject(consumer, eventId));
          if (letter) found.push({ eventId, event: await eventOf(letter) });
          else await drop(wish);
        }
      } catch (error) {
        // A broker that is away for now is no reason to serve anew; what was found before it went is handled.
        if (!(error instanceof NatsError)) throw error;
        if (found.length === 0) throw new AppError('STORE_UNAVAILABLE', { cause: error });
      }
      return found;
    },
    dismiss: (eventId: string): Promise<void> => drop(replaySubject(consumer, eventId)),
    remove: async (eventId: string): Promise<void> => {
      await drop(deadLetterSubject(consumer, eventId));
      await drop(replaySubject(consumer, eventId));
    },
  };
}

export type NatsGrave = ReturnType<typeof createNatsGrave>;

async function subjectsLike(jsm: JetStreamManager, filter: string): Promise<readonly string[]> {
  const { state } = await jsm.streams.info(deadLetterStream.name, { subjects_filter: filter });
  return Object.keys(state.subjects ?? {});
}

const lastOf = (jsm: JetStreamManager, subject: string): Promise<StoredMsg | null> =>
  ifThere(jsm.streams.getMessage(deadLetterStream.name, { last_by_subj: subject }));

function letterOf({ header, subject, time }: StoredMsg): DeadLetter {
  const [, consumer = '', eventId = ''] = subject.split('.');
  return {
    ...legible(header),
    consumer,
    eventId,
    error: header.get(headerNames.error),
    attempts: Number(header.get(headerNames.attempts)),
    at: time,
  };
}

/** A letter may be there because nobody could read its headers. */
function legible(fields: MsgHdrs): Omit<Envelope, 'id'> {
  try {
    const { position, stream, type, version } = readEnvelope(fields);
    return { position, stream, type, version };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { position: 0n, stream: 'unknown', type: 'unknown', version: 0 };
  }
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ').slice(0, maxErrorLength);
