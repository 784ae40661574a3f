import { expect, it } from 'vitest';
import { idOf } from '#contracts/events/streams.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { startSlaTimer } from '#services/sla-timer/service.ts';
import { testContext } from '#tests/support/desk.ts';
import { type MailDesk, startMailDesk, until } from '#tests/support/mail-desk.ts';
import { aroundTheClock } from '#tests/support/settings.ts';

const agent = idFrom('agent');
// The clock of the tests stands in the past, so that for the database every deadline is due from the start: what the
// decider makes of it depends on the clock of the tests alone.

/** A desk where a first response is owed in 60 minutes and a solution in 120. */
async function startSlaDesk() {
  const desk = await startMailDesk({ services: [] });
  const { settings } = desk.desk.platform.commands;
  await settings.save('calendar', 'always', aroundTheClock(), testContext());
  const { settings: follower } = desk.desk.platform;
  await until('calendar', async () => follower.current().current('calendar', 'always') !== null);
  const targets = { firstResponseMinutes: 60, nextResponseMinutes: null, resolutionMinutes: 120 };
  const policy = { name: 'Standard', order: 1, match: {}, calendarId: 'always', ...targets };
  await settings.save('sla-policy', 'standard', policy, testContext());
  await until('policy', async () => follower.current().current('sla-policy', 'standard') !== null);
  return desk;
}

const newTicket = ({ deps }: MailDesk) =>
  deps.tickets.create(
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

const breaches = async (desk: MailDesk) =>
  (await desk.events('TicketSlaBreached')).map(({ data, stream }) => `${idOf(stream)} ${data.clock}`).sort();

it('reports each deadline once, with two timers at work', async () => {
  const desk = await startSlaDesk();
  const { ticketId } = await newTicket(desk);
  await desk.desk.settled();
  const timers = [await startSlaTimer(desk.deps), await startSlaTimer(desk.deps)];
  desk.desk.clock.forward({ minutes: 60 });
  await until('first breach', async () => (await breaches(desk)).length === 1);
  desk.desk.clock.forward({ minutes: 60 });
  await until('second breach', async () => (await breaches(desk)).length === 2);
  await Promise.all(timers.map((timer) => timer.stop()));
  expect(await breaches(desk)).toEqual([`${ticketId} first-response`, `${ticketId} resolution`]);
  const [breach] = await desk.events('TicketSlaBreached');
  expect(breach?.data.dueAt).toBe('2026-03-02T10:00:00.000Z');
});

it('reports a due time that comes back after it was moved away', async () => {
  const desk = await startSlaDesk();
  const { settings } = desk.desk.platform;
  const targets = { firstResponseMinutes: 600, nextResponseMinutes: null, resolutionMinutes: null };
  const match = { priorities: ['low' as const] };
  const policy = { name: 'Low', order: 0, match, calendarId: 'always', ...targets };
  await desk.desk.platform.commands.settings.save('sla-policy', 'low', policy, testContext());
  await until('policy', async () => settings.current().current('sla-policy', 'low') !== null);
  const { ticketId } = await newTicket(desk);
  desk.desk.clock.forward({ minutes: 61 });
  await desk.desk.settled();
  await desk.start('sla-timer');
  await until('breach', async () => (await breaches(desk)).length === 1);
  await desk.deps.tickets.change(ticketId, { type: 'ChangePriority', data: { to: 'low' } }, testContext());
  await desk.deps.tickets.change(ticketId, { type: 'ChangePriority', data: { to: 'normal' } }, testContext());
  await until('the breach of the due time that holds again', async () => (await breaches(desk)).length === 2);
  expect(await breaches(desk)).toEqual([`${ticketId} first-response`, `${ticketId} first-response`]);
});

it('reports nothing of clocks that were stopped or are paused', async () => {
  const desk = await startSlaDesk();
  const { tickets } = desk.deps;
  const answered = await newTicket(desk);
  await tickets.comment(
    answered.ticketId,
    {
      visibility: 'public',
      authorId: agent,
      authorRole: 'agent',
      channel: 'api',
      message: { text: 'push', html: null, attachments: [], mail: null },
      status: 'pending',
    },
    testContext(),
  );
  const neglected = await newTicket(desk);
  desk.desk.clock.forward({ hours: 24 });
  await desk.start('sla-timer');
  await until('breaches', async () => (await breaches(desk)).length >= 2);
  await desk.desk.settled();
  await desk.stop('sla-timer');
  expect(await breaches(desk)).toEqual([`${neglected.ticketId} first-response`, `${neglected.ticketId} resolution`]);
});

it('lives through an outage, and one refusing ticket does not hold up the others', async () => {
  const desk = await startSlaDesk();
  const broken = await newTicket(desk);
  const { ticketId } = await newTicket(desk);
  desk.desk.clock.forward({ minutes: 61 });
  let outage = true;
  const change: typeof desk.deps.tickets.change = async (id, ...rest) => {
    if (outage) throw new AppError('STORE_UNAVAILABLE');
    if (id === broken.ticketId) throw new AppError('SLA_CLOCK_UNKNOWN');
    return desk.deps.tickets.change(id, ...rest);
  };
  await desk.desk.settled();
  const timer = await startSlaTimer({ ...desk.deps, tickets: { change } });
  await until('the outage to be noticed', async () => timer.status().state.includes('event log'));
  outage = false;
  await until('breach', async () => (await breaches(desk)).length === 1);
  await timer.stop();
  expect(await breaches(desk)).toEqual([`${ticketId} first-response`]);
});

it('stops only when the turn in hand has ended', async () => {
  const desk = await startSlaDesk();
  await newTicket(desk);
  await desk.desk.settled();
  const called = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const timer = await startSlaTimer({
    ...desk.deps,
    tickets: {
      change: async () => {
        called.resolve();
        await release.promise;
        return { version: 1, position: 1n, duplicate: false };
      },
    },
  });
  await called.promise;
  let stopped = false;
  const stopping = timer.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  release.resolve();
  await stopping;
  expect(stopped).toBe(true);
});
