import type { DeskEvent } from '#contracts/events/all.ts';
import type { Attachment } from '#contracts/events/message.ts';
import { idFrom } from '#packages/kernel/ids.ts';

type EventOfType<T extends DeskEvent['type']> = Extract<DeskEvent, { type: T }>;
type DataOf<T extends DeskEvent['type']> = EventOfType<T>['data'];

export const mailQueued = (changes: Partial<DataOf<'OutboundMailQueued'>> = {}): EventOfType<'OutboundMailQueued'> => ({
  type: 'OutboundMailQueued',
  data: {
    ticketId: idFrom('test', 'ticket'),
    causeEventId: idFrom('test', 'cause'),
    template: 'reply',
    from: { name: 'Help', address: 'help@desk.example' },
    to: ['anna@customer.example'],
    cc: [],
    replyTo: null,
    subject: 'Re: Printer',
    messageId: 'reply-1@desk.example',
    inReplyTo: null,
    references: [],
    automatic: false,
    text: 'Water it.',
    html: null,
    attachments: [],
    ...changes,
  },
});

export const mailReceived = (
  changes: Partial<DataOf<'InboundMailReceived'>> = {},
): EventOfType<'InboundMailReceived'> => ({
  type: 'InboundMailReceived',
  data: {
    mailboxId: 'support',
    transport: 'smtp',
    envelopeFrom: 'anna@customer.example',
    recipients: ['help@desk.example'],
    remote: '192.0.2.1',
    blob: 'a'.repeat(64),
    size: 1234,
    ...changes,
  },
});

export const mailProcessed = (
  changes: Partial<DataOf<'InboundMailProcessed'>> = {},
): EventOfType<'InboundMailProcessed'> => ({
  type: 'InboundMailProcessed',
  data: {
    outcome: 'comment-added',
    ticketId: idFrom('test', 'ticket'),
    commentId: idFrom('test', 'comment'),
    matchedBy: 'references',
    classification: 'person',
    reason: 'it answers one of our mails',
    messageId: 'question-1@customer.example',
    subject: 'Re: Printer',
    from: 'anna@customer.example',
    ...changes,
  },
});

export const attachment: Attachment = {
  blob: 'c'.repeat(64),
  name: 'log.txt',
  mediaType: 'text/plain',
  size: 12,
  contentId: null,
  inline: false,
};
