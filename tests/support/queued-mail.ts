import type { OutboundMailEvent } from '#contracts/events/mail.ts';
import type { Attachment } from '#contracts/events/message.ts';
import { streams } from '#contracts/events/streams.ts';
import { outboundMail } from '#packages/domain/mail/outbound.ts';
import { idFrom, newId, personIdOf } from '#packages/kernel/ids.ts';
import { ownMessageId } from '#packages/mail/own-mail.ts';
import { testContext } from './desk.ts';
import { type MailDesk, mailDomain } from './mail-desk.ts';

/** A ticket with a customer and one mail about it on record as queued, as the queue leaves it. */
export async function queuedMail({ deps }: MailDesk, attachments: Attachment[] = []): Promise<string> {
  const { ticketId } = await deps.tickets.create(
    {
      subject: 'Door',
      channel: 'phone',
      requesterId: personIdOf('dora@customer.example'),
      companyId: null,
      mailboxId: 'support',
      priority: 'normal',
      followUpOf: null,
      message: { text: 'stuck', html: null, attachments: [], mail: null },
    },
    testContext(),
  );
  const id = newId();
  const data: Extract<OutboundMailEvent, { type: 'OutboundMailQueued' }>['data'] = {
    ticketId,
    causeEventId: idFrom('cause', id),
    template: 'reply',
    from: { name: 'Support', address: 'support@desk.example' },
    to: ['dora@customer.example'],
    cc: ['ed@customer.example'],
    replyTo: 'support+t1001-0123456789abcdef@desk.example',
    subject: 'Re: Door [#1001]',
    messageId: ownMessageId(id, mailDomain),
    inReplyTo: null,
    references: [],
    automatic: false,
    text: 'Push.',
    html: null,
    attachments,
  };
  const command = { type: 'QueueMail', data } as const;
  const stream = streams.outboundMail(id);
  await deps.handle({ ...testContext(), stream, decider: outboundMail, command, facts: () => undefined });
  return id;
}

/** What happened to a mail since. */
export const typesOf = async ({ deps }: MailDesk, id: string) =>
  (await deps.store.readStream(streams.outboundMail(id))).slice(1).map(({ type }) => type);
