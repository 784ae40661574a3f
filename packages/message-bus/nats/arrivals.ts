import type { JsMsg } from 'nats';
import type { Envelope } from './message.ts';

/** More than a broker that lost its newest notes in a crash delivers again. */
const maxRemembered = 10_000;

export type Arrival = {
  readonly envelope: Envelope;
  readonly sequence: number;
  /** The newest delivery of it, by which it is acknowledged. */
  message: JsMsg;
  /** Its end has been told to the broker, which may or may not have noted it yet. */
  ending: boolean;
};

/**
 * Brings the deliveries of one consumer back into the order of the log. JetStream delivers new messages while older ones
 * wait to be delivered again, which happens when another process died with them or a connection broke. Deliveries are
 * numbered, so a hole shows; then everything is kept until all that the broker has not seen acknowledged is here.
 */
export function createArrivals(handledUpTo: bigint) {
  const held = new Map<number, Arrival>();
  const finished = new Set<bigint>();
  let waiting: Arrival[] = [];
  let complete = false;
  let lastDelivery = 0;

  return {
    /** Takes a delivery in; false when its event has been handled before and only needs to be acknowledged again. */
    take(message: JsMsg, envelope: Envelope): boolean {
      const { deliverySequence, streamSequence: sequence } = message.info;
      if (deliverySequence !== lastDelivery + 1) complete = false;
      lastDelivery = deliverySequence;
      if (envelope.position <= handledUpTo || finished.has(envelope.position)) return false;
      const known = held.get(sequence);
      if (known) known.message = message;
      else {
        const arrival = { envelope, sequence, message, ending: false };
        held.set(sequence, arrival);
        waiting.push(arrival);
      }
      return true;
    },
    /** What can be handled now, in the order of the log; nothing while something may be missing. */
    inOrder(): readonly Arrival[] {
      if (!complete) return [];
      const ready = waiting.toSorted((a, b) => a.sequence - b.sequence);
      waiting = [];
      return ready;
    },
    isComplete: () => complete,
    /** How many of those that the broker waits for are here for certain; to be asked before the broker is. */
    certain: () => [...held.values()].filter(({ ending }) => !ending).length,
    /** Nothing is missing: so many deliveries have been made up to now. */
    completeUpTo(delivery: number): void {
      complete = true;
      lastDelivery = Math.max(lastDelivery, delivery);
    },
    /** Its event is done; to be acknowledged, then forgotten. */
    finish(arrival: Arrival): void {
      arrival.ending = true;
      finished.add(arrival.envelope.position);
      for (const oldest of finished) {
        if (finished.size <= maxRemembered) break;
        finished.delete(oldest);
      }
    },
    forget: ({ sequence }: Arrival): void => void held.delete(sequence),
    held: (): readonly Arrival[] => [...held.values()],
  };
}
