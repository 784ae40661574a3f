import { type Kysely, sql } from 'kysely';
import type { MailTemplate } from '#contracts/events/mail.ts';
import { idOf, streams } from '#contracts/events/streams.ts';
import { reachOf } from '#packages/commands/directory/reach.ts';
import { readPeople } from '#packages/commands/directory/subjects.ts';
import { fold } from '#packages/domain/decider.ts';
import { person } from '#packages/domain/person.ts';
import { isDone } from '#packages/domain/ticket/status.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import { ownMessageId } from '#packages/mail/own-mail.ts';
import type { RatingUrl } from '#packages/mail/rating-link.ts';
import { satisfactionQuestion } from '#packages/mail/satisfaction-mail.ts';
import { catchUp } from '#packages/read-db/freshness.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import { mailboxAddresses } from '#packages/settings/mailboxes.ts';
import { conversationOf, outboundMailId } from './conversation.ts';
import { createMailRecord } from './mail-record.ts';
import type { QueueDeps } from './queue.ts';
import { recipientsOf, requesterIn } from './recipients.ts';

/** How often the same requester is asked at most, and how long after the solution it still makes sense to ask. */
export const askingLimit = { days: 7, lateHours: 24 } as const;

export type SatisfactionDeps = QueueDeps & {
  readonly clock: Clock;
  /** Address of the rating page; null: the desk does not know where it is reached, so nobody is asked. */
  readonly ratingUrl: RatingUrl | null;
};

/**
 * The handler of TicketStatusChanged: asks the requester how satisfied they are when somebody has solved their ticket.
 * Not asked: whom no agent has answered, what a rule of the desk closed, what has been taken up again or set aside
 * since, solutions that are long past (a consumer that starts anew sees the whole log), and who was asked lately.
 * To be called for one event at a time, or two solutions of one moment ask the same person twice.
 */
export function createSatisfactionQuestion(deps: SatisfactionDeps) {
  const { clock, db, log, mailDomain, ratingUrl, settings, store } = deps;
  const record = createMailRecord(deps);
  const ownId = (causeEventId: string, template: MailTemplate) =>
    ownMessageId(outboundMailId(causeEventId, template), mailDomain);

  return async (event: StoredEvent): Promise<void> => {
    if (event.type !== 'TicketStatusChanged') return;
    const { from, to } = event.data;
    if (isDone(from) || !isDone(to) || event.metadata.actor.kind === 'service') return;
    const asking = settings.current().current('satisfaction', 'default')?.value;
    if (!asking?.active) return;
    const ticketId = idOf(event.stream);
    if (ratingUrl === null) {
      log.warn({ ticketId }, 'satisfaction is not asked for: PUBLIC_URL is not set');
      return;
    }
    if (isLate(event.metadata.at, clock.now())) return;
    const events = await store.readStream(event.stream);
    const now = fold(ticket, events);
    const round = fold(ticket, events.slice(0, event.version)).satisfaction.length;
    const stands = now.exists && now.setAside === null && isDone(now.status) && now.satisfaction.length === round;
    const conversation = conversationOf(events.slice(0, event.version - 1), ownId);
    if (!stands || now.repliedAt === null || !conversation) return;

    const requester = fold(person, await store.readStream(streams.person(now.requesterId)));
    const reach = await reachOf(readPeople(store), now.requesterId);
    const recipients = recipientsOf({
      requester: requesterIn(conversation, reach).address,
      customerMail: null,
      ownAddresses: mailboxAddresses(settings.current()),
    });
    if (!recipients) return;
    await catchUp(deps, ['outbound-mail', 'tickets']);
    if (await wasAskedLately(db, reach.ids, event.metadata.at)) {
      log.info({ ticketId }, 'satisfaction is not asked for: the requester was asked a short time ago');
      return;
    }
    const { number: ticketNumber, requesterId, subject } = now;
    const urlOf = (score: number) => `${ratingUrl({ ticketId, round, requesterId })}?score=${score}`;
    const requesterName = recipients.to[0] === requester.name ? '' : requester.name;
    await record(event, 'satisfaction', {
      thread: { ...conversation, mailboxId: now.mailboxId },
      recipients,
      write: (deskName) =>
        satisfactionQuestion({
          ...{ ticketNumber, subject, deskName, requesterName, urlOf },
          question: asking.question,
          openDays: asking.openDays,
        }),
    });
  };
}

const isLate = (at: string, now: Temporal.Instant): boolean =>
  Temporal.Instant.compare(Temporal.Instant.from(at).add({ hours: askingLimit.lateHours }), now) < 0;

/** True when the person was asked about any of their tickets within the days before an instant (RFC 3339). */
const wasAskedLately = (db: Kysely<ReadDatabase>, requesterIds: readonly string[], at: string): Promise<boolean> =>
  onReadDb(async () => {
    const since = Temporal.Instant.from(at).subtract({ hours: 24 * askingLimit.days });
    const asked = await db
      .selectFrom('outbound_mail')
      .innerJoin('tickets', 'tickets.id', 'outbound_mail.ticket_id')
      .select(sql`1`.as('asked'))
      .where('tickets.requester_id', 'in', requesterIds)
      .where('outbound_mail.template', '=', 'satisfaction')
      .where('outbound_mail.queued_at', '>', new Date(since.epochMilliseconds))
      .limit(1)
      .executeTakeFirst();
    return asked !== undefined;
  });
