import type { Kysely } from 'kysely';
import type { MailHeaders, Message } from '#contracts/events/message.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Status } from '#contracts/primitives.ts';
import { identityOf, readPeople } from '#packages/commands/directory/subjects.ts';
import { absorbedOf, type FoundTicket, readTicket, survivorOf } from '#packages/commands/relations/related-tickets.ts';
import { takesReplies } from '#packages/domain/ticket/reply-window.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { companyDomain } from '#packages/mail/company-domain.ts';
import type { ThreadCandidate, ThreadKeys } from '#packages/mail/thread.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

/** Read models that lead from what a mail names to tickets. */
export const candidateReadModels = ['message-ids', 'tickets'] as const;

/** More tickets than this are not looked at for one mail: it would be a list of tickets, not a reply. */
const maxCandidates = 20;
const maxNumbers = 20;
const maxAuthors = 150;

/** A message that is on a ticket already. */
export type KnownMessage = {
  readonly commentId: string;
  readonly visibility: 'public' | 'internal';
  readonly message: Message;
  readonly mail: MailHeaders;
};

/** A ticket that a mail may belong to, read from the log. */
export type Candidate = ThreadCandidate & {
  readonly mails: readonly KnownMessage[];
  /** The ticket that goes on with it: itself, unless it was merged. */
  readonly goesTo: {
    readonly ticketId: string;
    readonly number: number;
    readonly status: Status;
    readonly takesReplies: boolean;
    readonly isSpam: boolean;
  };
};

type MessageEvent = Extract<TicketEvent, { type: 'TicketCreated' | 'TicketCommented' | 'TicketCommentMovedIn' }>;

/**
 * The tickets that a mail may belong to: those that know one of the message ids or have one of the numbers. The read
 * models only lead to them; what they are like is read from their streams.
 */
export function createCandidateSearch({ db, store }: { db: Kysely<ReadDatabase>; store: EventStore }) {
  const idsOfMessages = (messageIds: readonly string[]) =>
    onReadDb(async () =>
      messageIds.length === 0
        ? []
        : db
            .selectFrom('message_ids')
            .select(['ticket_id', 'message_id'])
            .where('message_id', 'in', messageIds)
            .orderBy('at', 'desc')
            .limit(maxCandidates * 10)
            .execute(),
    );

  const idsOfNumbers = (numbers: readonly number[]) =>
    onReadDb(async () =>
      numbers.length === 0 ? [] : db.selectFrom('tickets').select('id').where('number', 'in', numbers).execute(),
    );

  const addressesOf = async (personId: string): Promise<readonly string[]> =>
    (await identityOf(readPeople(store), personId)).flatMap(({ held }) => held);

  const load = async (ticketId: string, messageIds: string[], at: Temporal.Instant): Promise<Candidate | null> => {
    const found = await readTicket(store, ticketId);
    const last = found?.events.at(-1);
    if (!found || !last) return null;
    const { state } = found;
    const messages = messagesOf(found);
    const mails = messages.flatMap(mailOf);
    const authors = new Set([state.requesterId, ...state.attributes.followers, ...messages.flatMap(customerOf)]);
    const absorbed = await absorbedOf(store, found);
    const written = [found, ...absorbed].flatMap(messagesOf).flatMap(mailOf).flatMap(addressesIn);
    const requester = await addressesOf(state.requesterId);
    // Who asked on a merged ticket gets the answers of this one, and may answer them.
    for (const each of absorbed) authors.add(each.state.requesterId);
    const others = await Promise.all([...authors].slice(1, maxAuthors).map(addressesOf));
    return {
      ticketId,
      number: state.number,
      status: state.status,
      takesReplies: takesReplies(state, at),
      messageIds,
      lastActivityAt: last.metadata.at,
      participantAddresses: [...new Set([...requester, ...others.flat(), ...written])],
      // Only the requester's: everybody at the company of somebody once in copy has no business here.
      participantDomains: requester.flatMap((address) => companyDomain(address) ?? []),
      mails,
      goesTo: endOf(await survivorOf(store, found), at),
    };
  };

  /** `ownId` also finds tickets that hold the mail itself, which is so when it was begun before or came in twice. */
  return async (keys: ThreadKeys, ownId: string | null, receivedAt: string): Promise<readonly Candidate[]> => {
    const at = Temporal.Instant.from(receivedAt);
    const named = keys.messageIds.map(({ id }) => id);
    const known = await idsOfMessages(ownId === null ? named : [...named, ownId]);
    const numbers = [...new Set([...keys.replyAddressNumbers, ...keys.subjectNumbers])].slice(0, maxNumbers);
    const byNumber = await idsOfNumbers(numbers);
    const ticketIds = new Set([...known.map(({ ticket_id: id }) => id), ...byNumber.map(({ id }) => id)]);
    const found = await Promise.all(
      [...ticketIds].slice(0, maxCandidates).map((ticketId) => {
        const messageIds = known.filter(({ ticket_id: id }) => id === ticketId).map(({ message_id: id }) => id);
        return load(
          ticketId,
          messageIds.filter((id) => named.includes(id)),
          at,
        );
      }),
    );
    const candidates = found.filter((candidate) => candidate !== null);
    // Those that merged ones go to hold what came since; no key of the mail leads to them.
    const loaded = new Set(candidates.map(({ ticketId }) => ticketId));
    const further = new Set(candidates.map(({ goesTo }) => goesTo.ticketId).filter((id) => !loaded.has(id)));
    const survivors = await Promise.all([...further].map((id) => load(id, [], at)));
    return [...candidates, ...survivors.filter((candidate) => candidate !== null)];
  };
}

export type CandidateSearch = ReturnType<typeof createCandidateSearch>;

const endOf = ({ id: ticketId, state }: FoundTicket, at: Temporal.Instant): Candidate['goesTo'] => ({
  ticketId,
  number: state.number,
  status: state.status,
  takesReplies: takesReplies(state, at),
  isSpam: state.setAside?.kind === 'spam',
});

const isMessage = (event: StoredEvent): event is StoredEvent<MessageEvent> =>
  event.type === 'TicketCreated' || event.type === 'TicketCommented' || event.type === 'TicketCommentMovedIn';

/** The messages of a ticket; what was moved to another one is known there. */
function messagesOf({ events }: Pick<FoundTicket, 'events'>): readonly StoredEvent<MessageEvent>[] {
  const gone = new Set(events.flatMap(({ data, type }) => (type === 'TicketCommentMovedOut' ? data.version : [])));
  return events.filter(isMessage).filter(({ version }) => !gone.has(version));
}

const addressesIn = ({ mail, visibility }: KnownMessage): readonly string[] =>
  visibility === 'public' && !mail.automatic ? [mail.from, ...mail.to, ...mail.cc] : [];

function mailOf({ data, type }: MessageEvent): readonly KnownMessage[] {
  const { commentId, message } = data;
  const visibility = type === 'TicketCreated' ? 'public' : data.visibility;
  return message.mail ? [{ commentId, visibility, message, mail: message.mail }] : [];
}

const customerOf = (event: MessageEvent): readonly string[] =>
  event.type !== 'TicketCreated' && event.data.authorRole === 'customer' ? [event.data.authorId] : [];
