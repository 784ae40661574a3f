import type { NatsAccess } from './access.ts';
import { createNatsBus, type NatsBusOptions } from './bus.ts';
import { createNatsDeadLetters } from './dead-letters.ts';
import { openNatsLink } from './link.ts';
import { createNatsMonitor } from './monitor.ts';
import { createEventPublisher } from './publisher.ts';

/** Everything of the desk that talks to NATS, over one connection. It need not be there yet. */
export function openNats({ access, ...options }: Omit<NatsBusOptions, 'link'> & { access: NatsAccess }) {
  const link = openNatsLink({ access, log: options.log });
  return {
    link,
    bus: createNatsBus({ ...options, link }),
    deadLetters: createNatsDeadLetters(link),
    monitor: createNatsMonitor({ ...options, link }),
    publisher: createEventPublisher(link),
    close: () => link.close(),
  };
}
