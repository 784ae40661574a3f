import type { MailTemplate, OutboundMailEvent } from '#contracts/events/mail.ts';
import type { Attachment } from '#contracts/events/message.ts';
import { idOf, streams } from '#contracts/events/streams.ts';
import { contextOf } from '#packages/commands/context.ts';
import { outboundMail } from '#packages/domain/mail/outbound.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { threadHeaders } from '#packages/mail/compose.ts';
import { ownMessageId } from '#packages/mail/own-mail.ts';
import type { ReplyAddresses } from '#packages/mail/reply-address.ts';
import type { MailText } from '#packages/mail/templates.ts';
import { sendingMailbox } from '#packages/settings/mailboxes.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { outboundMailId, partMailId } from './conversation.ts';
import { fitEvent } from './fit-event.ts';
import type { Recipients } from './recipients.ts';

export type MailRecordDeps = {
  readonly handle: CommandHandler;
  readonly settings: Pick<Settings, 'current'>;
  readonly replyAddresses: Pick<ReplyAddresses, 'make'>;
  /** Domain of the desk's Message-IDs. */
  readonly mailDomain: string;
};

/** Answers to an address that takes no mail would come back to the customer, so the agents hear of it instead. */
const noMailbox = 'The desk has no active mailbox to send it from. Activate one and write again.';

type Queued = Extract<OutboundMailEvent, { type: 'OutboundMailQueued' }>['data'];
type Mail = {
  /** What the mail needs to know of the ticket and of what it answers. */
  readonly thread: {
    readonly number: number;
    readonly mailboxId: string | null;
    readonly parent: Parameters<typeof threadHeaders>[0];
  };
  readonly recipients: Recipients;
  readonly write: (deskName: string) => MailText;
  readonly attachments?: readonly Attachment[];
  /** Id of whom or what it is for, when the event leads to several of a kind: a merged ticket, or a person. */
  readonly part?: string;
};

/**
 * Puts the mail that an event of a ticket leads to on record as queued: once, however often it is asked for. What no
 * person wrote is marked as automatic.
 */
export function createMailRecord({ handle, mailDomain, replyAddresses, settings }: MailRecordDeps) {
  return async (
    event: StoredEvent,
    template: MailTemplate,
    { part, attachments = [], recipients, thread, write }: Mail,
  ): Promise<void> => {
    const mailId = part === undefined ? outboundMailId(event.id, template) : partMailId(event.id, template, part);
    const found = sendingMailbox(settings.current(), thread.mailboxId);
    const mailbox = found ?? { name: mailDomain, address: `nobody@${mailDomain}`, active: false };
    const { html, subject, text } = write(mailbox.name);
    const data: Queued = {
      ticketId: idOf(event.stream),
      causeEventId: event.id,
      template,
      from: { name: mailbox.name, address: mailbox.address },
      to: [...recipients.to],
      cc: [...recipients.cc],
      replyTo: replyAddresses.make(mailbox.address, thread.number),
      subject,
      messageId: ownMessageId(mailId, mailDomain),
      ...threadHeaders(thread.parent),
      automatic: template !== 'reply',
      ...fitEvent({ text, html }),
      attachments: [...attachments],
    };
    await handle({
      ...contextOf('notification', event, template, ...(part === undefined ? [] : [part])),
      stream: streams.outboundMail(mailId),
      decider: outboundMail,
      command: mailbox.active ? { type: 'QueueMail', data } : { type: 'RefuseMail', data, reason: noMailbox },
      facts: () => undefined,
    });
  };
}
