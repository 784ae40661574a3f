import { expect, it } from 'vitest';
import { idOf } from '#contracts/events/streams.ts';
import type { SettingValue } from '#contracts/settings.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { idFrom, personIdOf } from '#packages/kernel/ids.ts';
import { startRouting } from '#services/routing/service.ts';
import { testContext } from '#tests/support/desk.ts';
import { type MailDesk, startMailDesk } from '#tests/support/mail-desk.ts';

const groupId = idFrom('test-group');

/** A group with agents, and a rule that gives it the mail to support. */
async function withGroup(
  { desk }: MailDesk,
  names: readonly string[],
  rule: Partial<SettingValue<'routing-rule'>> = {},
) {
  const { directory, settings } = desk.platform.commands;
  await directory.registerGroup({ groupId, name: 'Support' }, testContext());
  for (const name of names) {
    const person = {
      name,
      emails: [`${name}@desk.example`],
      roles: ['agent'],
      companyId: null,
      origin: 'seed',
    } as const;
    const { personId } = await directory.registerPerson(person, testContext());
    await directory.addMember(groupId, personId, testContext());
  }
  const match = { mailboxes: ['support'] };
  const value = { name: 'Mail to support', order: 10, match, groupId, strategy: 'least-loaded', ...rule };
  await settings.save('routing-rule', 'support', value, testContext());
}

const newTicket = ({ desk }: MailDesk, mailboxId: string | null = 'support') =>
  desk.platform.commands.tickets.create(
    {
      subject: 'Help',
      channel: 'api',
      requesterId: idFrom('customer'),
      companyId: null,
      mailboxId,
      priority: 'normal',
      followUpOf: null,
      message: { text: 'help', html: null, attachments: [], mail: null },
    },
    testContext(),
  );

it('deals a burst of tickets out evenly, each decision with its reasons', async () => {
  const desk = await startMailDesk({ services: ['routing'] });
  await withGroup(desk, ['ada', 'bo', 'cy']);
  await Promise.all(Array.from({ length: 12 }, () => newTicket(desk)));
  await desk.quiet();
  const assigned = await desk.events('TicketAssigned');
  expect(assigned).toHaveLength(12);
  const perAgent = Object.groupBy(assigned, ({ data }) => String(data.agentId));
  expect(Object.values(perAgent).map((tickets) => tickets?.length)).toEqual([4, 4, 4]);
  const [first] = await desk.events('TicketCreated');
  expect(assigned[0]).toMatchObject({
    stream: first?.stream,
    metadata: { causationId: first?.id, actor: { kind: 'service', id: 'routing' } },
    data: { groupId, reason: { kind: 'routing', ruleId: 'support', ruleVersion: 1, strategy: 'least-loaded' } },
  });
  const { reason } = assigned[11]!.data;
  expect(reason.kind === 'routing' && reason.candidates.map((each) => each.openTickets).sort()).toEqual([3, 4, 4]);
});

it('leaves alone what somebody took first, and what no rule is for', async () => {
  const desk = await startMailDesk({ services: [] });
  await withGroup(desk, ['ada', 'bo']);
  const taken = await newTicket(desk);
  const agentId = personIdOf('bo@desk.example');
  await desk.deps.tickets.assign(taken.ticketId, { groupId, agentId, reason: { kind: 'manual' } }, testContext());
  await newTicket(desk, 'billing');
  await newTicket(desk, null);
  await desk.start('routing');
  await desk.quiet();
  const assigned = await desk.events('TicketAssigned');
  expect(assigned.map(({ data }) => data.reason.kind)).toEqual(['manual']);
});

it('passes over people who no longer work on tickets', async () => {
  const desk = await startMailDesk({ services: ['routing'] });
  await withGroup(desk, ['ada', 'bo']);
  await desk.deps.directory.changeRoles(personIdOf('ada@desk.example'), ['customer'], testContext());
  await newTicket(desk);
  await newTicket(desk);
  await desk.quiet();
  const assigned = await desk.events('TicketAssigned');
  expect(assigned.map(({ data }) => data.agentId)).toEqual(Array(2).fill(personIdOf('bo@desk.example')));
});

it('assigns a ticket once when it cannot know that it had', async () => {
  const desk = await startMailDesk({ services: [] });
  await withGroup(desk, ['ada', 'bo']);
  const { assign } = desk.deps.tickets;
  let calls = 0;
  const forgetful: typeof assign = async (...args) => {
    const outcome = await assign(...args);
    calls += 1;
    if (calls === 1) throw new AppError('TIMEOUT');
    return outcome;
  };
  const routing = await startRouting({ ...desk.deps, tickets: { assign: forgetful } });
  const { ticketId } = await newTicket(desk);
  await expect.poll(() => calls, { timeout: 10_000 }).toBe(2);
  await routing.stop();
  const assigned = await desk.events('TicketAssigned');
  expect(assigned.map(({ stream }) => idOf(stream))).toEqual([ticketId]);
});
