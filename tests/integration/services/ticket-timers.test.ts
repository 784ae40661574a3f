import { expect, it } from 'vitest';
import { idFrom } from '#packages/kernel/ids.ts';
import { startSlaTimer } from '#services/sla-timer/service.ts';
import { testContext } from '#tests/support/desk.ts';
import { type MailDesk, startMailDesk, until } from '#tests/support/mail-desk.ts';

// The clock of the tests stands in the past, so that for the database every timer is due from the start: what the decider
// makes of it depends on the clock of the tests alone.

async function startLifecycleDesk() {
  const desk = await startMailDesk({ services: [] });
  const { settings } = desk.desk.platform.commands;
  const days = { reopenDays: 14, autoCloseDays: 7, pendingReminderDays: 2, pendingResolveDays: 5 };
  await settings.save('lifecycle-policy', 'standard', { name: 'All', order: 1, match: {}, ...days }, testContext());
  const { settings: follower } = desk.desk.platform;
  await until('policy', async () => follower.current().current('lifecycle-policy', 'standard') !== null);
  return desk;
}

async function ticketIn({ deps }: MailDesk, to: string, resumeAt?: string): Promise<string> {
  const { ticketId } = await deps.tickets.create(
    {
      subject: 'Door',
      channel: 'api',
      requesterId: idFrom('customer'),
      companyId: null,
      mailboxId: null,
      priority: 'normal',
      followUpOf: null,
      message: { text: 'stuck', html: null, attachments: [], mail: null },
    },
    testContext(),
  );
  const data = { to, ...(resumeAt !== undefined && { resumeAt }) };
  await deps.tickets.change(ticketId, { type: 'ChangeStatus', data }, testContext());
  return ticketId;
}

const changes = async (desk: MailDesk) =>
  (await desk.events('TicketStatusChanged')).filter(({ data }) => data.reason !== 'manual');

it('opens a postponed ticket when its time has come, once, with two timers at work', async () => {
  const desk = await startLifecycleDesk();
  await ticketIn(desk, 'on-hold', '2026-03-03T09:00:00Z');
  await desk.desk.settled();
  const timers = [await startSlaTimer(desk.deps), await startSlaTimer(desk.deps)];
  desk.desk.clock.forward({ hours: 24 });
  await until('return', async () => (await changes(desk)).length === 1);
  await desk.desk.settled();
  expect(await desk.desk.platform.readDb.selectFrom('timers').selectAll().execute()).toEqual([]);
  await Promise.all(timers.map((timer) => timer.stop()));
  const [event, ...more] = await changes(desk);
  expect(more).toEqual([]);
  expect(event).toMatchObject({
    data: { from: 'on-hold', to: 'open', reason: 'resumed' },
    metadata: { actor: { kind: 'service', id: 'sla-timer' }, at: '2026-03-03T09:00:00.000Z' },
  });
});

it('chases a silent customer, resolves the ticket and closes it, and agents get no credit for that', async () => {
  const desk = await startLifecycleDesk();
  const ticketId = await ticketIn(desk, 'pending');
  await desk.desk.settled();
  await desk.start('sla-timer');
  for (const count of [1, 2]) {
    desk.desk.clock.forward({ hours: 48 });
    await until('reminder', async () => (await desk.events('TicketReminded')).length === count);
  }
  desk.desk.clock.forward({ hours: 24 });
  await until('resolved', async () => (await changes(desk)).length === 1);
  desk.desk.clock.forward({ hours: 7 * 24 });
  await until('closed', async () => (await changes(desk)).length === 2);
  await desk.desk.settled();
  await desk.stop('sla-timer');
  expect((await changes(desk)).map(({ data }) => data.reason)).toEqual(['customer-silent', 'auto-closed']);
  const figures = desk.desk.platform.readDb.selectFrom('kpi_tickets').selectAll().where('ticket_id', '=', ticketId);
  expect(await figures.executeTakeFirstOrThrow()).toMatchObject({
    first_response_at: null,
    resolved_at: new Date('2026-03-07T09:00:00Z'),
    closed_at: new Date('2026-03-14T09:00:00Z'),
    reopened_count: 0,
  });
});

it('rests while a ticket is spam, and goes on when that is taken back', async () => {
  const desk = await startLifecycleDesk();
  const ticketId = await ticketIn(desk, 'on-hold', '2026-03-03T09:00:00Z');
  await desk.deps.tickets.change(ticketId, { type: 'MarkSpam', data: { reason: null } }, testContext());
  const other = await ticketIn(desk, 'on-hold', '2026-03-03T09:00:00Z');
  desk.desk.clock.forward({ hours: 48 });
  await desk.desk.settled();
  await desk.start('sla-timer');
  await until('return of the other', async () => (await changes(desk)).length === 1);
  expect((await changes(desk))[0]?.stream).toContain(other);
  await desk.deps.tickets.change(ticketId, { type: 'RestoreTicket', data: { reason: null } }, testContext());
  await until('return', async () => (await changes(desk)).length === 2);
  await desk.stop('sla-timer');
});
