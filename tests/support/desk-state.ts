import type { InboundMail, OutboundMailSummary } from '#contracts/api/mail.ts';
import type { KpiReport } from '#contracts/api/reports.ts';
import type { Ticket, TicketSummary } from '#contracts/api/tickets.ts';

type Page<T> = { items: T[]; next: string | null };

/** Every page of a list. */
async function all<T>(get: (path: string) => Promise<unknown>, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let next: string | null = path; next !== null; ) {
    const page = (await get(next)) as Page<T>;
    items.push(...page.items);
    next = page.next;
  }
  return items;
}

/** Two plays of one scenario differ in these: numbers, the id of the play, own addresses with their signatures. */
const plain = (text: string): string =>
  text
    .replace(/#\d+/g, '#N')
    .replace(/\b[0-9a-f]{8}\.(\d)@/g, 'play.$1@')
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'id');

/**
 * What somebody who reads the desk over REST finds in it, without what no two plays of the same scenario have in common
 * (ids, instants, durations, ticket numbers, which of several idle agents was the next): equal for desks on which the same
 * has happened, however they got there.
 */
export async function deskState(get: (path: string) => Promise<unknown>) {
  const summaries = await all<TicketSummary>(get, '/v1/tickets?limit=200');
  const tickets = await Promise.all(summaries.map(({ id }) => get(`/v1/tickets/${id}`) as Promise<Ticket>));
  const subjectOf = new Map(tickets.map(({ id, subject }) => [id, subject]));
  const inbox = await all<InboundMail>(get, '/v1/inbox?limit=200');
  const outbox = await all<OutboundMailSummary>(get, '/v1/outbox?limit=200');
  const kpi = (await get('/v1/reports/kpi')) as KpiReport;
  return {
    tickets: tickets
      .map(({ breached, channel, company, group, agent, priority, requester, status, subject, tags, timeline }) => ({
        subject,
        status,
        priority,
        channel,
        requester: requester.name,
        company: company?.name ?? null,
        group: group?.name ?? null,
        hasAgent: agent !== null,
        breached: breached.toSorted(),
        tags: tags.toSorted(),
        timeline: timeline.items
          .map(({ attachments, author, kind, text, visibility }) =>
            plain([kind, visibility, author?.name, text, ...attachments.map(({ name }) => name)].join(' | ')),
          )
          .sort(),
      }))
      .map((ticket) => JSON.stringify(ticket))
      .sort(),
    inbox: inbox
      .map(({ classification, from, mailboxId, matchedBy, outcome, subject, ticketId }) =>
        plain(
          [from, mailboxId, subject, classification, outcome, matchedBy, subjectOf.get(ticketId ?? '')].join(' | '),
        ),
      )
      .sort(),
    outbox: outbox
      .map(({ state, subject, template, ticketId, to }) =>
        plain([template, to.join(', '), subject, state, subjectOf.get(ticketId)].join(' | ')),
      )
      .sort(),
    kpi: {
      backlog: kpi.backlogNow.tickets,
      answered: kpi.firstResponse.tickets,
      resolved: kpi.resolution.tickets,
      breaches: kpi.breaches.firstResponse.tickets,
    },
  };
}
