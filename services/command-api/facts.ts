import { streams } from '#contracts/events/streams.ts';
import { fold } from '#packages/domain/decider.ts';
import { type PersonState, person } from '#packages/domain/person.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import type { Principal } from '#packages/http/auth.ts';
import { AppError } from '#packages/kernel/errors.ts';

/** The person as the log knows them; `exists` is false for nobody. */
export const personOf = async (store: EventStore, personId: string): Promise<PersonState> =>
  fold(person, await store.readStream(streams.person(personId)));

async function requesterOf(store: EventStore, ticketId: string): Promise<string | null> {
  const [first] = await store.readStream(streams.ticket(ticketId), { fromVersion: 1, toVersion: 1 });
  return first?.type === 'TicketCreated' ? first.data.requesterId : null;
}

/** Throws TICKET_NOT_FOUND unless the ticket exists and the principal may see it: a customer sees their own only. */
export async function checkTicketAccess(store: EventStore, ticketId: string, principal: Principal): Promise<void> {
  const requesterId = await requesterOf(store, ticketId);
  const seen = requesterId !== null && (principal.role !== 'customer' || requesterId === principal.personId);
  if (!seen) throw new AppError('TICKET_NOT_FOUND');
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
