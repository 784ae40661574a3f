import { streams } from '#contracts/events/streams.ts';
import { readCompanies, type Subject, survivorOf } from '#packages/commands/directory/subjects.ts';
import type { CompanyState } from '#packages/domain/company/company.ts';
import { fold } from '#packages/domain/decider.ts';
import type { PersonState } from '#packages/domain/person/state.ts';
import { person } from '#packages/domain/person.ts';
import { isMentioned } from '#packages/domain/ticket/conversation-state.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { idsOf, isThem, type Principal } from '#packages/http/auth.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { normaliseAddress } from '#packages/mail/address.ts';
import type { FindTicket } from '#packages/read-db/find-ticket.ts';

/** The person as the log knows them; `exists` is false for nobody. */
export const personOf = async (store: EventStore, personId: string): Promise<PersonState> =>
  fold(person, await store.readStream(streams.person(personId)));

/** The company that a field names, or the one that it was merged into. Throws UNKNOWN_COMPANY at `pointer`. */
export async function companyOf(store: EventStore, companyId: string, pointer: string): Promise<Subject<CompanyState>> {
  const found = await survivorOf(readCompanies(store), companyId);
  if (found.exists) return found;
  throw new AppError('UNKNOWN_COMPANY', { fields: [{ pointer, detail: 'is no company the desk knows' }] });
}

const isTicket = async (store: EventStore, ticketId: string): Promise<boolean> =>
  (await store.readStream(streams.ticket(ticketId), { fromVersion: 1, toVersion: 1 })).length > 0;

/** Whose ticket it is now, which may not be whose it was; null when there is no such ticket. */
export const requesterOf = async (store: EventStore, ticketId: string): Promise<string | null> =>
  fold(ticket, await store.readStream(streams.ticket(ticketId))).requesterId;

/**
 * The id of the ticket that a path names by id or number. Throws TICKET_NOT_FOUND unless it exists and the principal may
 * see it: a customer sees their own only; FORBIDDEN for one who may only read it, being mentioned there.
 */
export async function visibleTicket(
  { findTicket, store }: { findTicket: FindTicket; store: EventStore },
  idOrNumber: string,
  principal: Principal,
): Promise<string> {
  const id = /^\d+$/.test(idOrNumber) ? await findTicket(Number(idOrNumber)) : idOrNumber;
  if (id === null) throw new AppError('TICKET_NOT_FOUND');
  if (principal.role !== 'customer') {
    if (await isTicket(store, id)) return id;
    throw new AppError('TICKET_NOT_FOUND');
  }
  const { conversation, requesterId } = fold(ticket, await store.readStream(streams.ticket(id)));
  if (isThem(principal, requesterId)) return id;
  if (!idsOf(principal).some((personId) => isMentioned(conversation, personId))) throw new AppError('TICKET_NOT_FOUND');
  throw new AppError('FORBIDDEN', { detail: 'You may read this ticket, which is somebody else’s.' });
}

/** Throws INVALID_REQUEST unless the mailbox is one of the desk's. */
export async function checkMailbox(store: EventStore, mailboxId: string): Promise<void> {
  const events = await store.readStream(streams.setting('mailbox', mailboxId));
  if (events.at(-1)?.type === 'SettingSaved') return;
  throw new AppError('INVALID_REQUEST', {
    detail: 'There is no such mailbox.',
    fields: [{ pointer: '/mailboxId', detail: 'names no mailbox' }],
  });
}

/** Throws FORBIDDEN pointing at the fields of a body that a customer may not set. */
export function refuseFields(principal: Principal, body: object, fields: readonly string[]): void {
  if (principal.role !== 'customer') return;
  const given = fields.filter((field) => field in body);
  if (given.length === 0) return;
  throw new AppError('FORBIDDEN', {
    detail: 'Only agents may say that.',
    fields: given.map((field) => ({ pointer: `/${field}`, detail: 'is for agents' })),
  });
}

/** Throws FORBIDDEN for an internal note of a customer. */
export function refuseNoteOfCustomer(principal: Principal, visibility: 'public' | 'internal'): void {
  if (principal.role !== 'customer' || visibility === 'public') return;
  const fields = [{ pointer: '/visibility', detail: 'must be public' }];
  throw new AppError('FORBIDDEN', { detail: 'Internal notes are for agents.', fields });
}

/** An address as the desk knows people by. Throws INVALID_REQUEST at `pointer` for one that could receive no mail. */
export function addressOf(text: string, pointer: string): string {
  const address = normaliseAddress(text);
  if (address !== null) return address;
  const fields = [{ pointer, detail: 'must be a mail address' }];
  throw new AppError('INVALID_REQUEST', { detail: 'An address is none.', fields });
}
