import type { Kysely } from 'kysely';
import type { MailTemplate } from '#contracts/events/mail.ts';
import { idOf, streams } from '#contracts/events/streams.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import { reachOf } from '#packages/commands/directory/reach.ts';
import { readPeople } from '#packages/commands/directory/subjects.ts';
import { servingRoles } from '#packages/commands/directory-facts.ts';
import { fold } from '#packages/domain/decider.ts';
import { person } from '#packages/domain/person.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { ownMessageId } from '#packages/mail/own-mail.ts';
import { acknowledgement, reply } from '#packages/mail/templates.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { catchUp } from '#packages/read-db/freshness.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import { mailboxAddresses } from '#packages/settings/mailboxes.ts';
import { isAcknowledgedEnough } from './acknowledgement-limit.ts';
import { createCommentNews } from './comment-news.ts';
import { type Conversation, conversationOf, outboundMailId } from './conversation.ts';
import { createMailRecord, type MailRecordDeps } from './mail-record.ts';
import { type Recipients, recipientsOf, requesterIn } from './recipients.ts';
import { ticketsAt } from './tickets-at.ts';

/** Ways in by which a request is not answered on the spot, so that its sender wonders whether it arrived. */
const acknowledgedChannels: ReadonlySet<string> = new Set(['email', 'form', 'api']);

const nobody: ReadonlySet<string> = new Set();

export type QueueDeps = MailRecordDeps & {
  readonly store: EventStore;
  readonly db: Kysely<ReadDatabase>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
  readonly log: Logger;
};

type Created = StoredEvent<Extract<TicketEvent, { type: 'TicketCreated' }>>;
type Commented = StoredEvent<Extract<TicketEvent, { type: 'TicketCommented' }>>;

/**
 * The handler of TicketCreated and TicketCommented: puts the mail that an event leads to, if any, on record as queued.
 * All it depends on but the limit of acknowledgements is read from the log, so it needs no read model to be in time.
 */
export function createQueue(deps: QueueDeps) {
  const { db, log, mailDomain, settings, store } = deps;
  const ownId = (causeEventId: string, template: MailTemplate) =>
    ownMessageId(outboundMailId(causeEventId, template), mailDomain);

  const personOf = async (personId: string) => fold(person, await store.readStream(streams.person(personId)));
  const reach = (personId: string) => reachOf(readPeople(store), personId);

  const queue = createMailRecord(deps);
  const tell = createCommentNews(deps);

  /** Tells who asks for something that it has arrived. Automatic mail is never answered automatically (RFC 3834 2). */
  const acknowledge = async (event: Created): Promise<void> => {
    const { channel, mailboxId, message, number: ticketNumber, requesterId, subject } = event.data;
    // Who wrote what was split off has been told that it arrived when it did.
    if (message.mail?.automatic || event.data.splitFrom || !acknowledgedChannels.has(channel)) return;
    const requester = await personOf(requesterId);
    const address = message.mail?.from ?? (await reach(requesterId)).addresses[0] ?? null;
    const ownAddresses = mailboxAddresses(settings.current());
    const recipients = recipientsOf({ requester: address, customerMail: null, ownAddresses });
    if (address === null || !recipients) return;
    await catchUp(deps, ['outbound-mail']);
    if (await isAcknowledgedEnough(db, address, event.metadata.at)) {
      log.info({ ticket: idOf(event.stream) }, 'not acknowledged: the sender has had enough of that for now');
      return;
    }
    const requesterName = requester.name === address ? '' : requester.name;
    await queue(event, 'acknowledgement', {
      thread: { number: ticketNumber, mailboxId, parent: message.mail },
      recipients,
      write: (deskName) => acknowledgement({ ticketNumber, subject, deskName, requesterName }),
    });
  };

  /** Agents who follow have a mail of their own; their addresses are not for customers. */
  const addressesOfCustomers = async (followers: readonly string[]): Promise<string[]> => {
    const addresses = followers.map(async (id) => {
      const { roles } = await personOf(id);
      return roles.some((role) => servingRoles.has(role)) ? [] : (await reach(id)).addresses.slice(0, 1);
    });
    return (await Promise.all(addresses)).flat();
  };

  /** Who gets an answer in a conversation; null when that is nobody. */
  const recipientsIn = async (conversation: Conversation): Promise<Recipients | null> => {
    const { customerMail, followers, requesterId } = conversation;
    const { address, gone } = requesterIn(conversation, await reach(requesterId));
    return recipientsOf({
      gone,
      requester: address,
      customerMail,
      followers: await addressesOfCustomers(followers),
      ownAddresses: mailboxAddresses(settings.current()),
    });
  };

  /**
   * Mails what an agent says in public. Notes stay inside, and customers know what they wrote themselves.
   * @returns the addresses that have it by that
   */
  const answer = async (event: Commented): Promise<ReadonlySet<string>> => {
    const { authorId, authorRole, channel, message, visibility } = event.data;
    if (visibility !== 'public' || authorRole !== 'agent' || message.mail?.automatic) return nobody;
    // It was said on the telephone.
    if (channel === 'phone') return nobody;
    const conversation = conversationOf(await store.readStream(event.stream, { toVersion: event.version - 1 }), ownId);
    if (!conversation) return nobody;
    const agentName = (await personOf(authorId)).name;
    const { number: ticketNumber } = conversation;
    const writing =
      ({ subject }: Conversation) =>
      (deskName: string) =>
        reply({ ticketNumber, subject, deskName, agentName, text: message.text, html: message.html });

    const recipients = await recipientsIn(conversation);
    if (recipients)
      await queue(event, 'reply', {
        thread: conversation,
        recipients,
        write: writing(conversation),
        attachments: message.attachments,
      });
    else log.info({ ticket: idOf(event.stream) }, 'nobody to mail the answer to');

    // One mail each: the customers of two tickets are not told each other's addresses.
    const reached = new Set(recipients ? [...recipients.to, ...recipients.cc] : []);
    const mailed = new Set(reached);
    for (const { events, id } of (await ticketsAt(store, event)).slice(1)) {
      const theirs = conversationOf(events, ownId);
      const found = theirs && (await recipientsIn(theirs));
      if (!theirs || !found || found.to.every((address) => reached.has(address))) continue;
      for (const address of found.to) reached.add(address);
      for (const address of [...found.to, ...found.cc]) mailed.add(address);
      const thread = { number: ticketNumber, mailboxId: conversation.mailboxId, parent: theirs.parent };
      await queue(event, 'reply', {
        thread,
        recipients: found,
        write: writing(theirs),
        attachments: message.attachments,
        part: id,
      });
    }
    return mailed;
  };

  return async (event: StoredEvent): Promise<void> => {
    if (event.type === 'TicketCreated') await acknowledge(event);
    else if (event.type === 'TicketCommented') {
      const reached = await answer(event);
      await tell(event, reached);
    }
  };
}
