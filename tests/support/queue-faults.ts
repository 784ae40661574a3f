import type { StoredEvent } from '#packages/event-store/port.ts';
import { createQueue } from '#services/notification/queue.ts';
import { createFaults } from './faults.ts';
import type { MailDesk } from './mail-desk.ts';

/**
 * Has the mail queue handle an event for each step that it may break off at, before and after the step, and then twice more.
 * @param commented makes another event, of a name of its own
 * @returns how many events that were
 */
export async function breakOffQueueAtEachStep(
  { deps }: Pick<MailDesk, 'deps'>,
  commented: (name: string) => Promise<StoredEvent>,
): Promise<number> {
  const faults = createFaults();
  const { handle, store, watch } = deps;
  const queue = createQueue({
    ...deps,
    store: faults.wrap(store),
    handle: faults.wrap(handle),
    watch: { waitFor: watch.waitFor },
  });
  let events = 0;
  for (const when of ['before', 'after'] as const) {
    for (let step = 1, failed = true; failed; step += 1) {
      const event = await commented(`${when} ${step}`);
      faults.arm(step, when);
      failed = await queue(event).then(
        () => false,
        () => true,
      );
      faults.disarm();
      await queue(event);
      await queue(event);
      events += 1;
    }
  }
  return events;
}
