import { expect, it, vi } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { idFrom, personIdOf } from '#packages/kernel/ids.ts';
import { createWaiting } from '#services/routing/waiting.ts';
import { testContext } from '#tests/support/desk.ts';
import { type MailDesk, startMailDesk } from '#tests/support/mail-desk.ts';
import { calendarOf } from '#tests/support/settings.ts';

const groupId = idFrom('test-group');
const idOf = (name: string) => personIdOf(`${name}@desk.example`);
/** The moment that the tests begin at, a Monday. */
const monday = '2026-03-02T09:00:00Z';

/** Ada, Bo and Cy in a group that gets every ticket. */
async function withTeam({ desk }: MailDesk, rule: object = {}) {
  const { directory, settings } = desk.platform.commands;
  await settings.save('calendar', 'office', calendarOf(), testContext());
  await directory.registerGroup({ groupId, name: 'Support' }, testContext());
  for (const name of ['ada', 'bo', 'cy']) {
    const person = { name, emails: [`${name}@desk.example`], companyId: null, origin: 'seed' } as const;
    const { personId } = await directory.registerPerson({ ...person, roles: ['agent'] }, testContext());
    await directory.addMember(groupId, personId, testContext());
  }
  const value = { name: 'All', order: 10, match: {}, groupId, strategy: 'least-loaded', ...rule };
  await settings.save('routing-rule', 'all', value, testContext());
}

const newTicket = ({ desk }: MailDesk) =>
  desk.platform.commands.tickets.create(
    {
      subject: 'Help',
      channel: 'api',
      requesterId: idFrom('customer'),
      companyId: null,
      mailboxId: null,
      priority: 'normal',
      followUpOf: null,
      message: { text: 'help', html: null, attachments: [], mail: null },
    },
    testContext(),
  );

const absent = ({ desk }: MailDesk, name: string, from: string, to: string) =>
  desk.platform.commands.agents.planAbsence(idOf(name), { from, to, reason: '', deputyId: null }, testContext());
const bounded = ({ desk }: MailDesk, name: string, maxOpenTickets: number) =>
  desk.platform.commands.agents.change(idOf(name), { type: 'ChangeCapacity', data: { maxOpenTickets } }, testContext());

it('passes over the absent, those at capacity and those without a skill, and says why', async () => {
  const desk = await startMailDesk({ services: ['routing'] });
  await withTeam(desk, { skills: ['vpn'] });
  const { agents } = desk.desk.platform.commands;
  for (const name of ['ada', 'bo'])
    await agents.change(idOf(name), { type: 'ChangeSkills', data: { skills: ['vpn'] } }, testContext());
  await absent(desk, 'ada', '2026-03-02T08:00:00.000Z', '2026-03-03T08:00:00.000Z');
  await bounded(desk, 'bo', 1);
  await newTicket(desk);
  await newTicket(desk);
  await desk.quiet();
  const [first, second] = (await desk.events('TicketAssigned')).map(({ data }) => data);
  expect(first).toMatchObject({ groupId, agentId: idOf('bo'), reason: { skills: ['vpn'] } });
  expect(second).toMatchObject({ groupId, agentId: null });
  expect(second?.reason).toMatchObject({
    explanation: expect.stringContaining('1 without vpn, 1 absent, 1 with as many open tickets as they take'),
  });
  const excluded = second?.reason.kind === 'routing' ? second.reason.candidates : [];
  expect(Object.fromEntries(excluded.map((each) => [each.agentId, each.excluded]))).toEqual({
    [idOf('ada')]: 'absent',
    [idOf('bo')]: 'at capacity',
    [idOf('cy')]: 'lacks skill',
  });
  await desk.desk.settled();
  const { readDb } = desk.desk.platform;
  const waiting = await readDb.selectFrom('tickets').select(['open', 'group_id', 'agent_id']).execute();
  expect(waiting).toContainEqual({ open: true, group_id: groupId, agent_id: null });
});

it('decides by the moment the ticket came in, not by when it gets to it', async () => {
  const desk = await startMailDesk({ services: [] });
  await withTeam(desk);
  const { agents } = desk.desk.platform.commands;
  const hours = { type: 'ChangeWorkingHours', data: { calendarId: 'office' } } as const;
  for (const name of ['ada', 'bo']) await agents.change(idOf(name), hours, testContext());
  await absent(desk, 'bo', '2026-03-02T12:00:00.000Z', '2026-03-03T12:00:00.000Z');
  await absent(desk, 'cy', monday, '2026-03-02T10:00:00.000Z');
  await newTicket(desk);
  // Late on Sunday, as routing comes back, nobody works.
  desk.desk.clock.forward({ hours: 158 });
  await newTicket(desk);
  await desk.start('routing');
  await desk.quiet();
  const [atNine, onSunday] = (await desk.events('TicketAssigned')).map(({ data }) => data);
  const exclusions = (data: typeof atNine) =>
    data?.reason.kind === 'routing' ? data.reason.candidates.map((each) => [each.agentId, each.excluded]) : [];
  expect(Object.fromEntries(exclusions(atNine))).toEqual({
    [idOf('ada')]: undefined,
    [idOf('bo')]: undefined,
    [idOf('cy')]: 'absent',
  });
  expect(onSunday).toMatchObject({ agentId: idOf('cy') });
  expect(Object.fromEntries(exclusions(onSunday))).toMatchObject({
    [idOf('ada')]: 'outside hours',
    [idOf('bo')]: 'outside hours',
  });
});

it('gives waiting tickets to who is back or has room again, the longest waiting first', async () => {
  const desk = await startMailDesk({ services: ['routing'] });
  await withTeam(desk);
  const { agents, tickets } = desk.desk.platform.commands;
  for (const name of ['bo', 'cy']) await bounded(desk, name, 0);
  const absence = await absent(desk, 'ada', '2026-03-02T08:00:00.000Z', '2026-03-09T08:00:00.000Z');
  await bounded(desk, 'ada', 1);
  const first = await newTicket(desk);
  await desk.quiet();
  desk.desk.clock.forward({ minutes: 1 });
  const second = await newTicket(desk);
  await desk.quiet();
  const cancel = { type: 'CancelAbsence', data: { absenceId: absence.absenceId } } as const;
  await agents.change(idOf('ada'), cancel, testContext());
  const given = async () => (await desk.events('TicketAssigned')).filter(({ data }) => data.agentId !== null);
  await expect.poll(async () => (await given()).length, { timeout: 40_000 }).toBe(1);
  const [one] = await given();
  expect(one).toMatchObject({
    stream: streams.ticket(first.ticketId),
    metadata: { actor: { kind: 'service', id: 'routing' } },
    data: { groupId, agentId: idOf('ada'), reason: { kind: 'routing', ruleId: 'all' } },
  });
  expect(one?.data.reason).toMatchObject({ explanation: expect.stringMatching(/^It waited in the group/) });
  await tickets.change(first.ticketId, { type: 'ChangeStatus', data: { to: 'resolved' } }, testContext());
  await expect.poll(async () => (await given()).length, { timeout: 40_000 }).toBe(2);
  expect((await given())[1]).toMatchObject({ stream: streams.ticket(second.ticketId), data: { agentId: idOf('ada') } });
}, 120_000);

it('gives who is free to the ticket that waits, not to the one that comes in just then', async () => {
  const desk = await startMailDesk({ services: ['routing'] });
  await withTeam(desk);
  for (const [name, most] of [['ada', 1] as const, ['bo', 0] as const, ['cy', 0] as const])
    await bounded(desk, name, most);
  const [first, second] = [await newTicket(desk), await newTicket(desk)];
  await desk.quiet();
  const { tickets } = desk.desk.platform.commands;
  await tickets.change(first.ticketId, { type: 'ChangeStatus', data: { to: 'resolved' } }, testContext());
  const third = await newTicket(desk);
  await desk.quiet();
  const of = async (ticketId: string) =>
    (await desk.events('TicketAssigned')).filter(({ stream }) => stream === streams.ticket(ticketId)).at(-1)?.data;
  await expect.poll(() => of(third.ticketId), { timeout: 20_000 }).toMatchObject({ groupId, agentId: null });
  expect(await of(second.ticketId)).toMatchObject({ groupId, agentId: idOf('ada') });
});

it('leaves a waiting ticket that refuses alone for a while', async () => {
  const mailDesk = await startMailDesk({ services: [] });
  await withTeam(mailDesk);
  const { deps, desk } = mailDesk;
  const { ticketId } = await newTicket(mailDesk);
  const rule = { ruleId: 'all', ruleVersion: 1, strategy: 'least-loaded' } as const;
  const reason = { kind: 'routing' as const, ...rule, candidates: [], explanation: 'Nobody is there.' };
  await deps.tickets.assign(ticketId, { groupId, agentId: null, reason }, testContext());
  await desk.settled();
  const assign = vi.fn(async () => Promise.reject(new AppError('TICKET_TOO_LONG')));
  const waiting = createWaiting({ ...deps, tickets: { assign } });
  const { signal } = new AbortController();
  const look = () => waiting.giveAll((act) => act(), { signal, serving: () => true });
  expect([await look(), await look()]).toEqual([0, 0]);
  expect(assign).toHaveBeenCalledTimes(1);
  desk.clock.forward({ minutes: 10 });
  await look();
  expect(assign).toHaveBeenCalledTimes(2);
});
