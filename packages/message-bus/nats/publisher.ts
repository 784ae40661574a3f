import type { JetStreamManager } from 'nats';
import { eventStream, headerNames, subjectOf } from '#contracts/bus.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { createAcks, NotStoredError } from './acks.ts';
import { declareStream, ifThere } from './declare.ts';
import type { NatsLink } from './link.ts';
import { bodyLimit, type Envelope, readEnvelope, toMessage } from './message.ts';

const publishMs = 5_000;

export type Publication = {
  /** The last event that the stream holds, null when it is empty. */
  readonly last: Envelope | null;
  /** True for a stream that never had a message. */
  readonly fresh: boolean;
  /**
   * Sends the next event; calls need not wait for each other. Resolves when the broker has stored it, rejects with
   * NotStoredError. Each names the sequence it follows: once one has failed, or somebody else has published, all later
   * ones are refused.
   */
  publish(event: StoredEvent): Promise<void>;
  /** Nothing more is sent, and what is under way is given up. */
  end(): void;
};

export type EventPublisher = {
  /** Finds out where the stream ends. Rejects with NatsError, BusDriftError, or when the signal aborts. */
  begin(signal: AbortSignal): Promise<Publication>;
};

export function createEventPublisher(link: Pick<NatsLink, 'ready'>, spec = eventStream): EventPublisher {
  return {
    begin: async (signal) => {
      const connection = await link.ready(signal);
      const jsm = await connection.jetstreamManager();
      await declareStream(jsm, spec);
      const { config, state } = await jsm.streams.info(spec.name);
      const last = await lastEvent(jsm, spec.name);
      const maxBytes = bodyLimit(connection.info?.max_payload, config.max_msg_size);
      const acks = createAcks(connection, { timeoutMs: publishMs });
      let sequence = state.last_seq;
      return {
        last,
        fresh: state.last_seq === 0,
        publish: async (event) => {
          const { body, headers } = toMessage(event, maxBytes, {
            [headerNames.messageId]: [event.id],
            [headerNames.expectedStream]: [spec.name],
            [headerNames.expectedSequence]: [String(sequence)],
          });
          sequence += 1;
          const expected = sequence;
          const stored = await acks.publish(subjectOf(event.type), body, headers);
          // The broker remembers an id longer than the message, if somebody deletes that.
          if (stored !== expected)
            throw new NotStoredError(`event ${event.id} was to be message ${expected}, the stream had it as ${stored}`);
        },
        end: acks.end,
      };
    },
  };
}

/** The last event of a stream, null when it is empty. What is not ours may have been published behind it. */
export async function lastEvent(jsm: JetStreamManager, stream: string): Promise<Envelope | null> {
  const { state } = await jsm.streams.info(stream);
  for (let seq = state.last_seq; state.messages > 0 && seq >= state.first_seq; seq -= 1) {
    const message = await ifThere(jsm.streams.getMessage(stream, { seq }));
    try {
      if (message) return readEnvelope(message.header);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return null;
}
