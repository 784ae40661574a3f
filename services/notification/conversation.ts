import type { MailTemplate } from '#contracts/events/mail.ts';
import type { MailHeaders, Message } from '#contracts/events/message.ts';
import { fold } from '#packages/domain/decider.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { idFrom } from '#packages/kernel/ids.ts';

/** What a mail answers (RFC 5322 3.6.4): its id and those of its ancestors, oldest first. */
export type Parent = { readonly messageId: string; readonly references: readonly string[] };

/** A ticket as somebody sees it who is about to write to its customer. */
export type Conversation = {
  readonly number: number;
  readonly subject: string;
  readonly mailboxId: string | null;
  readonly requesterId: string;
  /** Ids of the people who follow the ticket. */
  readonly followers: readonly string[];
  /** Who has written by mail, and from where; the newest last. */
  readonly writers: readonly { readonly authorId: string; readonly address: string }[];
  /** Newest mail of a customer that belongs to the thread, automatic ones left out. */
  readonly customerMail: MailHeaders | null;
  readonly parent: Parent | null;
};

type Said = {
  readonly eventId: string;
  readonly authorId: string;
  readonly byAgent: boolean;
  readonly message: Message;
};

/** Id of the mail that an event leads to: each event leads to one of a kind, however often it is handled. */
export const outboundMailId = (causeEventId: string, template: MailTemplate): string =>
  idFrom('outbound-mail', causeEventId, template);

/** The same for one of several mails of a kind: to the requester of a merged ticket, or to somebody mentioned. */
export const partMailId = (causeEventId: string, template: MailTemplate, part: string): string =>
  idFrom('outbound-mail', causeEventId, template, part);

/**
 * Reads a ticket's public conversation from its events. The parent of the next mail is the customer's newest one, else the
 * last that the desk sent: `ownId` tells the Message-ID of the mail an event led to. Should that mail never have been
 * sent, the reference leads nowhere, which RFC 5322 allows.
 * @param events those before the message that is to be mailed
 * @returns null when they do not begin with the creation of a ticket
 */
export function conversationOf(
  events: readonly StoredEvent[],
  ownId: (causeEventId: string, template: MailTemplate) => string,
): Conversation | null {
  const [created] = events;
  if (created?.type !== 'TicketCreated') return null;
  const { attributes, mailboxId, number, requesterId, subject } = fold(ticket, events);
  if (requesterId === null || number === null) return null;
  const gone = new Set(events.flatMap(({ data, type }) => (type === 'TicketCommentMovedOut' ? data.version : [])));
  const said = events.filter(({ version }) => !gone.has(version)).flatMap(saidIn);
  // Whose ticket it no longer is gets no more of it: their mail names nobody to copy.
  const former = new Set(
    events
      .flatMap(({ data, type }) => (type === 'TicketRequesterChanged' ? data.from : []))
      .filter((id) => id !== requesterId),
  );
  const customers = said.filter(
    ({ authorId, byAgent, message }) => !byAgent && !former.has(authorId) && message.mail && !message.mail.automatic,
  );
  const own = [
    ownId(created.id, 'acknowledgement'),
    ...said.filter(({ byAgent }) => byAgent).map(({ eventId }) => ownId(eventId, 'reply')),
  ];
  const customerMail = newestOfThread(created.id, customers, own);
  return {
    number,
    subject,
    mailboxId,
    requesterId,
    followers: attributes.followers,
    writers: customers.flatMap(({ authorId, message: { mail } }) => (mail ? [{ authorId, address: mail.from }] : [])),
    customerMail,
    parent: parentOf(customerMail, own),
  };
}

/**
 * The newest customer mail that begins the ticket or answers a message of it. One that came in by its subject or its
 * sender alone may be forged: its Cc must not get the agent's next answer.
 */
function newestOfThread(createdId: string, customers: readonly Said[], own: readonly string[]): MailHeaders | null {
  const known = new Set(own);
  let newest: MailHeaders | null = null;
  for (const { eventId, message } of customers) {
    const { mail } = message;
    if (!mail || (eventId !== createdId && ![...mail.inReplyTo, ...mail.references].some((id) => known.has(id))))
      continue;
    if (mail.messageId) known.add(mail.messageId);
    newest = mail;
  }
  return newest;
}

function parentOf(customerMail: MailHeaders | null, own: readonly string[]): Parent | null {
  if (customerMail?.messageId) return { messageId: customerMail.messageId, references: [...customerMail.references] };
  const last = own.at(-1);
  return last === undefined ? null : { messageId: last, references: own.slice(0, -1) };
}

function saidIn({ data, id, type }: StoredEvent): readonly Said[] {
  if (type === 'TicketCreated')
    return [{ eventId: id, authorId: data.requesterId, byAgent: false, message: data.message }];
  if ((type !== 'TicketCommented' && type !== 'TicketCommentMovedIn') || data.visibility === 'internal') return [];
  const eventId = type === 'TicketCommentMovedIn' ? data.eventId : id;
  return [{ eventId, authorId: data.authorId, byAgent: data.authorRole === 'agent', message: data.message }];
}
