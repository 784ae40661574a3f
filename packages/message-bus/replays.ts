import type { Logger } from 'pino';
import type { Letters } from './dead-letters.ts';
import type { Deliver } from './delivery.ts';
import type { Lanes } from './lanes.ts';

/**
 * Tries the events of dead letters again that somebody wants replayed. Each stays wanted until it has been handled or has
 * failed again, so that none is lost when the process ends in the middle. Rejects as `letters.wanted` does.
 */
export function createReplays({
  deliver,
  lanes,
  letters,
  log,
}: {
  letters: Letters;
  lanes: Pick<Lanes, 'push'>;
  deliver: Deliver;
  log: Logger;
}) {
  const inHand = new Set<string>();
  const notRemoved = (error: unknown) => log.warn({ err: error }, 'event replayed, but its dead letter is still there');

  return async (): Promise<void> => {
    for (const { event, eventId } of await letters.wanted()) {
      if (inHand.has(eventId)) continue;
      if (!event) {
        log.error({ event: eventId }, 'dead letter cannot be replayed: its event cannot be read');
        await letters.dismiss(eventId);
        continue;
      }
      inHand.add(eventId);
      const run = async (): Promise<boolean> => {
        if ((await deliver(Promise.resolve(event))) === 'handled') await letters.remove(eventId).catch(notRemoved);
        inHand.delete(eventId);
        return true;
      };
      await lanes.push({ lane: event.stream, run });
    }
  };
}
