import { streams } from '#contracts/events/streams.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import { reachOf } from '#packages/commands/directory/reach.ts';
import { readPeople } from '#packages/commands/directory/subjects.ts';
import { servingRoles } from '#packages/commands/directory-facts.ts';
import { fold } from '#packages/domain/decider.ts';
import { group } from '#packages/domain/group.ts';
import { person } from '#packages/domain/person.ts';
import { messageNow } from '#packages/domain/ticket/redaction.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { mention } from '#packages/mail/templates.ts';
import { mailboxAddresses } from '#packages/settings/mailboxes.ts';
import { createMailRecord, type MailRecordDeps } from './mail-record.ts';

type Commented = StoredEvent<Extract<TicketEvent, { type: 'TicketCommented' }>>;

/**
 * Mails those whom a comment mentions, each by a mail of their own; in a group, its members at that moment. Clients are
 * told of a note without its words, and the requester, who may read the ticket and has each answer, of nothing. What was
 * taken out of the comment since is not sent.
 */
export function createMentionMail(deps: MailRecordDeps & { readonly store: Pick<EventStore, 'readStream'> }) {
  const { settings, store } = deps;
  const queue = createMailRecord(deps);
  const personOf = async (id: string) => fold(person, await store.readStream(streams.person(id)));

  const mentionedBy = async ({ data: { authorId, mentions = [] } }: Commented): Promise<ReadonlySet<string>> => {
    const ids = new Set<string>();
    for (const { id, kind } of mentions) {
      if (kind === 'person') ids.add(id);
      else for (const member of fold(group, await store.readStream(streams.group(id))).members) ids.add(member);
    }
    ids.delete(authorId);
    return ids;
  };

  return async (event: Commented): Promise<void> => {
    const ids = await mentionedBy(event);
    if (ids.size === 0) return;
    const events = await store.readStream(event.stream);
    const { mailboxId, number, requesterId, setAside, subject } = fold(ticket, events);
    if (number === null || setAside?.kind === 'spam') return;
    const message = messageNow(event.data.message, event.version, events);
    const isInternal = event.data.visibility === 'internal';
    const authorName = (await personOf(event.data.authorId)).name;
    const own = mailboxAddresses(settings.current());
    for (const id of ids) {
      const { roles } = await personOf(id);
      const isClient = !roles.some((role) => servingRoles.has(role));
      const { addresses, ids: theirs } = await reachOf(readPeople(store), id);
      const address = addresses.find((each) => !own.has(each));
      if (address === undefined || (isClient && theirs.includes(requesterId))) continue;
      const said = isClient && isInternal ? null : message;
      await queue(event, 'mention', {
        thread: { number, mailboxId, parent: null },
        recipients: { to: [address], cc: [] },
        write: (deskName) => mention({ ticketNumber: number, subject, deskName, authorName, isInternal, said }),
        attachments: said?.attachments ?? [],
        part: id,
      });
    }
  };
}
