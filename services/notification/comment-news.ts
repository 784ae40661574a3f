import { streams } from '#contracts/events/streams.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import { type Reach, reachOf } from '#packages/commands/directory/reach.ts';
import { readPeople } from '#packages/commands/directory/subjects.ts';
import { servingRoles } from '#packages/commands/directory-facts.ts';
import { fold } from '#packages/domain/decider.ts';
import { group } from '#packages/domain/group.ts';
import { person } from '#packages/domain/person.ts';
import { messageNow } from '#packages/domain/ticket/redaction.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { commentNews } from '#packages/mail/templates.ts';
import { mailboxAddresses } from '#packages/settings/mailboxes.ts';
import { createMailRecord, type MailRecordDeps } from './mail-record.ts';
import { ticketsAt } from './tickets-at.ts';

type Commented = StoredEvent<Extract<TicketEvent, { type: 'TicketCommented' }>>;
type Concerned = Reach & {
  readonly id: string;
  readonly isClient: boolean;
  readonly because: 'mention' | 'follower';
};

/**
 * Mails those whom a comment mentions, in a group its members at that moment, and the agents who follow the ticket or one
 * merged into it: each by a mail of their own, and by one. Clients are told of a note without its words, and the requester,
 * who may read the ticket and has each answer, of nothing; nor are agents who follow told what they have as the answer
 * itself (`reached`: its addresses), what came by automatic mail, and what this service has noted, such as that its own mail
 * did not arrive. What was taken out of the comment since is not sent.
 */
export function createCommentNews(deps: MailRecordDeps & { readonly store: Pick<EventStore, 'readStream'> }) {
  const { settings, store } = deps;
  const queue = createMailRecord(deps);
  const personOf = async (id: string) => fold(person, await store.readStream(streams.person(id)));

  const mentionedIn = async ({ data: { mentions = [] } }: Commented): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (const { id, kind } of mentions) {
      if (kind === 'person') ids.push(id);
      else ids.push(...fold(group, await store.readStream(streams.group(id))).members);
    }
    return ids;
  };

  const followersAt = async (event: Commented): Promise<readonly string[]> => {
    if (event.data.message.mail?.automatic || event.metadata.source === 'notification') return [];
    return (await ticketsAt(store, event)).flatMap(({ state }) => state.attributes.followers);
  };

  /** Everybody but the author, once whoever they are merged with, and for being mentioned rather than for following. */
  const concernedBy = async (event: Commented): Promise<readonly Concerned[]> => {
    const known = new Set([event.data.authorId]);
    const found: Concerned[] = [];
    const add = async (
      people: readonly string[],
      because: Concerned['because'],
      isMeant = (_client: boolean) => true,
    ) => {
      for (const id of people) {
        const { addresses, ids } = await reachOf(readPeople(store), id);
        const isClient = !(await personOf(id)).roles.some((role) => servingRoles.has(role));
        if (!isMeant(isClient) || ids.some((each) => known.has(each))) continue;
        found.push({ id, ids, addresses, isClient, because });
        known.add(id);
      }
    };
    await add(await mentionedIn(event), 'mention');
    await add(await followersAt(event), 'follower', (isClient) => !isClient);
    return found;
  };

  return async (event: Commented, reached: ReadonlySet<string>): Promise<void> => {
    const concerned = await concernedBy(event);
    if (concerned.length === 0) return;
    const events = await store.readStream(event.stream);
    const { mailboxId, number, requesterId, setAside, subject } = fold(ticket, events);
    if (number === null || requesterId === null || setAside?.kind === 'spam') return;
    const message = messageNow(event.data.message, event.version, events);
    const isInternal = event.data.visibility === 'internal';
    const authorName = (await personOf(event.data.authorId)).name;
    const own = mailboxAddresses(settings.current());
    for (const { addresses, because, id, ids, isClient } of concerned) {
      const address = addresses.find((each) => !own.has(each));
      const hasIt =
        because === 'mention' ? isClient && ids.includes(requesterId) : addresses.some((each) => reached.has(each));
      if (address === undefined || hasIt) continue;
      const said = isClient && isInternal ? null : message;
      const news = { ticketNumber: number, subject, authorName, because, isInternal, said };
      await queue(event, because, {
        thread: { number, mailboxId, parent: null },
        recipients: { to: [address], cc: [] },
        write: (deskName) => commentNews({ ...news, deskName }),
        attachments: said?.attachments ?? [],
        part: id,
      });
    }
  };
}
