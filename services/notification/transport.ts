import type { DeliveryResult, OutgoingMessage } from '#packages/mail/delivery.ts';
import type { Outbox } from '#packages/mail/outbox.ts';
import type { SmtpDelivery } from '#packages/mail/smtp-delivery.ts';

/**
 * The way out of the desk: a mail server, or a folder to look at. Never rejects for a mail that is not taken. `signal` aborts
 * when the desk stops: what is under way may end if it does so soon.
 */
export type Transport = {
  readonly kind: 'smtp' | 'outbox';
  deliver(mail: OutgoingMessage & { readonly id: string; readonly signal?: AbortSignal }): Promise<DeliveryResult>;
};

export const smtpTransport = (delivery: Pick<SmtpDelivery, 'deliver'>): Transport => ({
  kind: 'smtp',
  deliver: ({ id: _, ...message }) => delivery.deliver(message),
});

export const outboxTransport = (outbox: Pick<Outbox, 'deliver'>): Transport => ({
  kind: 'outbox',
  deliver: ({ id, raw }) => outbox.deliver({ id, raw }),
});
