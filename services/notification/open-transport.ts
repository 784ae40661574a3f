import type { Clock } from '#packages/kernel/clock.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { createOutbox } from '#packages/mail/outbox.ts';
import { type SmtpVariables, smtpAccount } from '#packages/mail/smtp-account.ts';
import { createSmtpDelivery } from '#packages/mail/smtp-delivery.ts';
import { outboxTransport, smtpTransport, type Transport } from './transport.ts';

/**
 * The way out that the configuration asks for: the SMTP server of a URL, or, without one, `.eml` files in a folder. Throws
 * ConfigError.
 */
export async function openTransport(options: {
  variables: SmtpVariables;
  outbox: string;
  clock: Clock;
  log: Logger;
}): Promise<Transport> {
  const { clock, log, outbox, variables } = options;
  const account = smtpAccount(variables);
  return account === null
    ? outboxTransport(await createOutbox({ dir: outbox, clock }))
    : smtpTransport(createSmtpDelivery({ account, log }));
}
