import type { JetStreamManager, StreamState } from 'nats';
import { eventStream, headerNames, subjectOf } from '#contracts/bus.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { declareStream, ifThere } from './declare.ts';
import type { NatsLink } from './link.ts';
import { toMessage } from './message.ts';

const publishMs = 5_000;

export type Publication = {
  /** Position of the last event that the stream holds, null when it is empty. */
  readonly last: bigint | null;
  /** True for a stream that never had a message. */
  readonly fresh: boolean;
  /**
   * Sends the next event; calls need not wait for each other. Resolves when the broker has stored it. Each names the
   * sequence it follows: once one has failed, or somebody else has published, all later ones are refused.
   */
  publish(event: StoredEvent): Promise<void>;
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
      const { state } = await jsm.streams.info(spec.name);
      const jetstream = connection.jetstream();
      let sequence = state.last_seq;
      return {
        last: await lastPosition(jsm, spec.name, state),
        fresh: state.last_seq === 0,
        publish: async (event) => {
          const { body, headers } = toMessage(event);
          const expect = { streamName: spec.name, lastSequence: sequence };
          sequence += 1;
          const options = { msgID: event.id, headers, expect, timeout: publishMs };
          await jetstream.publish(subjectOf(event.type), body, options);
        },
      };
    },
  };
}

/** Of the newest message that has one: something that is not ours may have been published behind it. */
async function lastPosition(jsm: JetStreamManager, stream: string, state: StreamState): Promise<bigint | null> {
  for (let seq = state.last_seq; state.messages > 0 && seq >= state.first_seq; seq -= 1) {
    const message = await ifThere(jsm.streams.getMessage(stream, { seq }));
    const position = message?.header.get(headerNames.position) ?? '';
    if (/^\d+$/.test(position)) return BigInt(position);
  }
  return null;
}
