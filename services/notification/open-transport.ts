import type { Clock } from '#packages/kernel/clock.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { createOutbox } from '#packages/mail/outbox.ts';
import { createSmtpDelivery } from '#packages/mail/smtp-delivery.ts';
import { outboxTransport, smtpTransport, type Transport } from './transport.ts';

/** The way out that the configuration asks for: the SMTP server of a URL, or, without one, `.eml` files in a folder. */
export async function openTransport(options: {
  smtpUrl: string | undefined;
  outbox: string;
  clock: Clock;
  log: Logger;
}): Promise<Transport> {
  const { clock, log, outbox, smtpUrl } = options;
  return smtpUrl === undefined
    ? outboxTransport(await createOutbox({ dir: outbox, clock }))
    : smtpTransport(createSmtpDelivery({ url: smtpUrl, log }));
}
