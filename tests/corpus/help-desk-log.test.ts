import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KpiReport } from '#contracts/api/reports.ts';
import type { DeskEvent } from '#contracts/events/all.ts';
import { streams } from '#contracts/events/streams.ts';
import type { Status } from '#contracts/primitives.ts';
import type { NewEvent } from '#packages/event-store/port.ts';
import { eventId, idFrom } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

/** One step of a real help desk, as the corpus maps it on our events (its README and mapping file). */
type Step = {
  ticket: string;
  seq: number;
  at: string;
  type: 'created' | 'assigned' | 'commented' | 'priority-changed' | 'status-changed';
  actor: string;
  from?: string | null;
  to?: string | null;
};
type Truth = {
  n_cases: number;
  created_per_month: Record<string, number>;
  backlog_open_at_month_end: Record<string, number>;
  reopens_per_case_histogram: Record<string, number>;
};

const folder = resolve(process.env['CORPUS_DIR'] ?? '../shared/corpus', 'logs');
const present = existsSync(folder);
if (!present) console.warn(`skipped tests/corpus/help-desk-log.test.ts: no corpus at ${folder} (set CORPUS_DIR)`);

const statusOf: Readonly<Record<string, Status>> = {
  new: 'new',
  in_progress: 'open',
  pending: 'pending',
  resolved: 'resolved',
  closed: 'closed',
};
const person = (name: string) => idFrom('corpus', name);
const status = (name: string | null | undefined): Status => {
  const found = statusOf[name ?? ''];
  if (!found) throw new Error(`the corpus knows a status that we do not: ${name}`);
  return found;
};

/** The events of one step; a priority that the corpus does not name is none. */
function eventOf(step: Step, number: number): DeskEvent | null {
  const commentId = idFrom('corpus', step.ticket, step.seq);
  const message = { text: '(not in the corpus)', html: null, attachments: [], mail: null };
  switch (step.type) {
    case 'created':
      return {
        type: 'TicketCreated',
        data: {
          number,
          subject: step.ticket,
          channel: 'phone',
          requesterId: person('customer'),
          companyId: null,
          mailboxId: null,
          priority: 'normal',
          followUpOf: null,
          commentId,
          message,
        },
      };
    case 'assigned':
      return {
        type: 'TicketAssigned',
        data: { groupId: null, agentId: person(step.to ?? ''), reason: { kind: 'manual' } },
      };
    case 'commented':
      return {
        type: 'TicketCommented',
        data: {
          commentId,
          visibility: 'internal',
          authorId: person(step.actor),
          authorRole: 'agent',
          channel: 'api',
          message,
        },
      };
    case 'status-changed':
      return {
        type: 'TicketStatusChanged',
        data: { from: status(step.from), to: status(step.to), reason: 'manual' },
      };
    case 'priority-changed':
      return null;
  }
}

describe.skipIf(!present)('four years of a real help desk', () => {
  let desk: TestDesk;
  let auditor: Person;
  let truth: Truth;
  let steps: Step[];

  beforeAll(async () => {
    truth = JSON.parse(readFileSync(resolve(folder, 'truth_helpdesk_4tu.json'), 'utf8')) as Truth;
    steps = gunzipSync(readFileSync(resolve(folder, 'replay_helpdesk_4tu.jsonl.gz')))
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Step);
    desk = await startTestDesk();
    auditor = await desk.person('auditor');
    const tickets = [...Map.groupBy(steps, ({ ticket }) => ticket)];
    await Promise.all(tickets.map(([ticket, its], index) => importTicket(ticket, its, 1_001 + index)));
    await desk.settled();
  }, 120_000);
  afterAll(() => desk?.stop());

  /** Puts a ticket into the log as it was: past times, and changes that today's rules would refuse. */
  async function importTicket(ticket: string, steps: readonly Step[], number: number): Promise<void> {
    const stream = streams.ticket(idFrom('corpus', ticket));
    const commandId = idFrom('corpus', 'import', ticket);
    const events = steps.flatMap((step) => {
      const event = eventOf(step, number);
      return event ? [{ event, step }] : [];
    });
    const stored = events.map(({ event, step }, index) => ({
      ...event,
      id: eventId(stream, commandId, index),
      metadata: {
        schema: 1,
        at: step.at.replace('Z', '.000Z'),
        commandId,
        correlationId: commandId,
        causationId: null,
        actor: { kind: 'person' as const, id: person(step.actor) },
        source: 'import',
      },
    }));
    await desk.platform.store.append(stream, 0, stored as NewEvent[]);
  }

  /** A report covers a year at most. */
  async function daysOf(from: string, to: string): Promise<KpiReport['days']> {
    const answer = await desk.as(auditor, `/v1/reports/kpi?from=${from}&to=${to}`);
    expect(answer.statusCode).toBe(200);
    return answer.json<KpiReport>().days;
  }

  it('gives the tickets created per month and the backlog at each month end that are known of it', async () => {
    const days: KpiReport['days'] = [];
    for (const year of [2010, 2011, 2012, 2013]) days.push(...(await daysOf(`${year}-01-01`, `${year}-12-31`)));
    days.push(...(await daysOf('2014-01-01', '2014-01-31')));
    const months = Map.groupBy(days, ({ day }) => day.slice(0, 7));
    const created = [...months].map(([month, its]) => [month, its.reduce((sum, each) => sum + each.created, 0)]);
    expect(Object.fromEntries(created.filter(([, count]) => count !== 0))).toEqual(truth.created_per_month);
    const backlog = [...months].map(([month, its]) => [month, its.at(-1)?.backlog]);
    expect(Object.fromEntries(backlog)).toEqual(truth.backlog_open_at_month_end);
  });

  it('counts who was reopened how often, and how each ticket ended', async () => {
    const { rows } = await desk.platform.pool.query<{ reopened: number; tickets: number }>(
      'select reopened_count as reopened, count(*)::int as tickets from read.kpi_tickets group by 1 order by 1',
    );
    expect(Object.fromEntries(rows.map(({ reopened, tickets }) => [reopened, tickets]))).toEqual(
      truth.reopens_per_case_histogram,
    );
    const ended = await desk.platform.pool.query<{ status: Status; tickets: number }>(
      'select status, count(*)::int as tickets from read.kpi_tickets group by 1',
    );
    const last = new Map(
      steps.flatMap(({ ticket, to, type }) => (type === 'status-changed' ? [[ticket, status(to)]] : [])),
    );
    const expected = Map.groupBy(last.values(), (each) => each);
    expect(Object.fromEntries(ended.rows.map((row) => [row.status, row.tickets]))).toEqual(
      Object.fromEntries([...expected].map(([name, its]) => [name, its.length])),
    );
  });

  it('finds its read models equal to a fresh fold of the log', async () => {
    const { createProjectorAdmin } = await import('#packages/projector/admin.ts');
    const { projections } = await import('#projections/all.ts');
    const { pool, store, log } = desk.platform;
    const admin = createProjectorAdmin({ projections, pool, store, log });
    for (const name of ['kpi', 'tickets', 'agent-load']) {
      const { differences, events } = await admin.verify(name);
      expect({ name, differences }).toEqual({ name, differences: [] });
      expect(events).toBeGreaterThan(truth.n_cases);
    }
  }, 60_000);
});
