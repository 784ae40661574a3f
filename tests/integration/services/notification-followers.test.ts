import { expect, it } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import type { NewComment } from '#packages/commands/tickets.ts';
import { newId } from '#packages/kernel/ids.ts';
import type { DeliveryResult, OutgoingMessage } from '#packages/mail/delivery.ts';
import { testContext } from '#tests/support/desk.ts';
import { type ServiceName, startMailDesk } from '#tests/support/mail-desk.ts';
import { breakOffQueueAtEachStep } from '#tests/support/queue-faults.ts';

const message = (text: string) => ({ text, html: null, attachments: [], mail: null });
const automatic = (from: string) => ({
  ...message('I am on holiday'),
  mail: {
    ...{ inboundMailId: newId(), messageId: null, inReplyTo: [], references: [] },
    ...{ from, to: ['support@desk.example'], cc: [], automatic: true },
  },
});

/** Gina, Hugo and Ida work at the desk, Dora and Carl are clients. */
async function startFollowedDesk(
  options: { services?: readonly ServiceName[]; answer?: (mail: OutgoingMessage) => DeliveryResult } = {},
) {
  const desk = await startMailDesk(options);
  const { directory, tickets } = desk.deps;
  const register = async (name: string, role: 'agent' | 'customer') => {
    const emails = [`${name}@${role === 'agent' ? 'desk' : 'customer'}.example`];
    const person = { name, emails, roles: [role], companyId: null, origin: 'seed' } as const;
    return (await directory.registerPerson(person, testContext())).personId;
  };
  const [gina, hugo, ida] = [
    await register('gina', 'agent'),
    await register('hugo', 'agent'),
    await register('ida', 'agent'),
  ];
  const [dora, carl] = [await register('dora', 'customer'), await register('carl', 'customer')];
  const open = async (requesterId: string, followers: readonly string[]): Promise<string> => {
    const where = { subject: 'Door', channel: 'phone', companyId: null, mailboxId: null, followUpOf: null } as const;
    const attributes = { followers: [...followers] };
    const created = { ...where, requesterId, priority: 'normal', message: message('It is stuck'), attributes } as const;
    return (await tickets.create(created, testContext())).ticketId;
  };
  const say = (ticketId: string, text: string, changes: Partial<NewComment> = {}) =>
    tickets.comment(
      ticketId,
      {
        ...{ visibility: 'public', authorId: gina, authorRole: 'agent', channel: 'api', message: message(text) },
        ...changes,
      },
      testContext(),
    );
  /** What was sent since this was last asked, by its recipients. */
  let seen = 0;
  const told = async (): Promise<Record<string, string>> => {
    await desk.quiet();
    const mails = desk.sent.slice(seen);
    seen = desk.sent.length;
    const byRecipients = mails.map(({ envelope, mail }) => [envelope.to.join(), mail.full.text ?? ''] as const);
    expect(new Set(byRecipients.map(([to]) => to)).size).toBe(mails.length);
    return Object.fromEntries(byRecipients);
  };
  return { desk, tickets, people: { gina, hugo, ida, dora, carl }, open, say, told };
}

it('tells agents who follow what is said, by one mail each; clients get what they always got', async () => {
  const { desk, open, people, say, tickets, told } = await startFollowedDesk();
  const { carl, dora, gina, hugo, ida } = people;
  const id = await open(dora, [gina, hugo, ida, carl]);

  await say(id, 'We are on our way', { mentions: [{ kind: 'person', id: ida }] });
  const answered = await told();
  expect(Object.keys(answered).toSorted()).toEqual([
    'dora@customer.example,carl@customer.example',
    'hugo@desk.example',
    'ida@desk.example',
  ]);
  expect(answered['hugo@desk.example']).toMatch(/^gina wrote on ticket #\d+, which you follow:\s+We are on our way/);
  expect(answered['ida@desk.example']).toMatch(/^gina mentioned you on ticket #\d+:/);
  const { mail } = desk.sent.find(({ envelope }) => envelope.to.join() === 'hugo@desk.example')!;
  expect(mail.headers).toMatchObject({ 'auto-submitted': ['auto-replied'], 'x-auto-response-suppress': ['All'] });

  await say(id, 'only for us', { visibility: 'internal' });
  const noted = await told();
  expect(Object.keys(noted).toSorted()).toEqual(['hugo@desk.example', 'ida@desk.example']);
  expect(noted['hugo@desk.example']).toMatch(/which you follow, in a note that stays inside the desk:\s+only for us/);

  await say(id, 'Still stuck', { authorId: dora, authorRole: 'customer' });
  const written = await told();
  expect(Object.keys(written).toSorted()).toEqual(['gina@desk.example', 'hugo@desk.example', 'ida@desk.example']);
  expect(written['gina@desk.example']).toMatch(/^dora wrote on ticket #\d+, which you follow:\s+Still stuck/);

  await tickets.change(id, { type: 'ChangeFollowers', data: { add: [], remove: [hugo, ida] } }, testContext());
  await say(id, 'By telephone', { channel: 'phone', authorId: hugo });
  expect(Object.keys(await told())).toEqual(['gina@desk.example']);
});

it('tells nobody twice who has the answer itself, nor of automatic mail and of what is spam', async () => {
  const { desk, open, people, say, tickets, told } = await startFollowedDesk();
  const { dora, hugo } = people;
  const own = await open(hugo, [hugo]);
  await say(own, 'Your own door');
  expect(Object.keys(await told())).toEqual(['hugo@desk.example']);

  const id = await open(dora, [hugo]);
  const holiday = automatic('dora@customer.example');
  await say(id, '', { authorId: dora, authorRole: 'customer', channel: 'email', message: holiday });
  expect(await told()).toEqual({});

  await desk.stop('notification');
  await say(id, 'Buy this', { authorId: dora, authorRole: 'customer' });
  await tickets.change(id, { type: 'MarkSpam', data: { reason: null } }, testContext());
  await desk.start('notification');
  expect(await told()).toEqual({});
});

it('tells those who follow a ticket that was merged what is said on the one that goes on', async () => {
  const { desk, open, people, say, told } = await startFollowedDesk();
  const { dora, hugo, ida } = people;
  const [into, from] = [await open(dora, [ida]), await open(dora, [hugo])];
  await desk.desk.platform.commands.relations.merge(from, into, testContext());
  await say(into, 'for both', { visibility: 'internal' });
  expect(Object.keys(await told()).toSorted()).toEqual(['hugo@desk.example', 'ida@desk.example']);
});

it('makes no loop of news that do not arrive, and none of being told that an answer did not', async () => {
  const refuse = (to: string): DeliveryResult => ({ delivered: false, kind: 'permanent', reason: `no ${to}` });
  const { desk, open, people, say, told } = await startFollowedDesk({
    answer: ({ envelope: { to } }) =>
      to.includes('ida@desk.example') || to.includes('dora@customer.example')
        ? refuse(to.join())
        : { delivered: true, response: '250 ok', refused: [] },
  });
  const id = await open(people.dora, [people.hugo, people.ida]);
  await say(id, 'We are on our way');
  expect(Object.keys(await told())).toEqual(['hugo@desk.example']);
  const [, note, ...others] = await desk.events('TicketCommented');
  expect(note?.data.message.text).toBe(
    'The answer to dora@customer.example could not be delivered: no dora@customer.example',
  );
  expect(others).toEqual([]);
  expect(await desk.events('OutboundMailFailed')).toHaveLength(2);
});

it('queues the news once, whatever step it broke off at', async () => {
  const { desk, open, people, say } = await startFollowedDesk({ services: [] });
  const events = await breakOffQueueAtEachStep(desk, async () => {
    const id = await open(people.dora, [people.hugo, people.ida]);
    await say(id, 'note', { visibility: 'internal' });
    const stored = await desk.deps.store.readStream(streams.ticket(id));
    return stored.find(({ type }) => type === 'TicketCommented')!;
  });
  expect(events).toBeGreaterThan(6);
  expect(await desk.events('OutboundMailQueued')).toHaveLength(2 * events);
});
