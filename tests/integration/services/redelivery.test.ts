import { expect, it } from 'vitest';
import { idOf } from '#contracts/events/streams.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import type { MessageBus } from '#packages/message-bus/port.ts';
import { testContext } from '#tests/support/desk.ts';
import { fixture, type MailDesk, startMailDesk } from '#tests/support/mail-desk.ts';

const services = ['email-ingest', 'routing', 'notification'] as const;

/** Every event is handled, and then handled again, as when the acknowledgement of the first time was lost. */
const stammering = (bus: MessageBus): MessageBus => ({
  consume: (spec, handler) =>
    bus.consume(spec, async (event, context) => {
      await handler(event, context);
      await handler(event, context);
    }),
});

/** The answer to the customer is refused for good, which leaves a note; the acknowledgement before it was taken. */
const takesTheFirst = () => {
  let taken = 0;
  return () => {
    taken += 1;
    if (taken === 1) return { delivered: true, response: '250 ok', refused: [] } as const;
    return { delivered: false, kind: 'permanent', reason: '550 no such user' } as const;
  };
};

/** A mail is taken in, assigned and acknowledged; the agent's answer comes back, and a customer's reply comes in. */
async function tellStory(desk: MailDesk): Promise<void> {
  const { directory, settings, tickets } = desk.desk.platform.commands;
  const groupId = idFrom('redelivery');
  await directory.registerGroup({ groupId, name: 'Support' }, testContext());
  const agent = {
    name: 'Gina',
    emails: ['gina@desk.example'],
    roles: ['agent'],
    companyId: null,
    origin: 'seed',
  } as const;
  const { personId } = await directory.registerPerson(agent, testContext());
  await directory.addMember(groupId, personId, testContext());
  const rule = { name: 'All', order: 1, match: { mailboxes: ['support'] }, groupId, strategy: 'least-loaded' } as const;
  await settings.save('routing-rule', 'support', rule, testContext());
  await desk.send(await fixture('new-request'));
  await desk.quiet();
  const [created] = await desk.events('TicketCreated');
  if (!created) throw new Error('no ticket');
  const message = { text: 'We look into it.', html: null, attachments: [], mail: null };
  const answer = { visibility: 'public', authorId: personId, authorRole: 'agent', channel: 'api', message } as const;
  await tickets.comment(idOf(created.stream), answer, testContext());
  await desk.quiet();
  const { mail } = desk.sent[0] ?? expect.fail('nothing sent');
  await desk.send(await fixture('reply-in-reply-to', { subject: mail.subject, answered: mail.messageId ?? '' }));
  await desk.quiet();
}

/** How many events of each type there are. */
async function tally({ deps }: MailDesk): Promise<Record<string, number>> {
  const { events } = await deps.store.readAll(0n, { limit: 10_000 });
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

it('an event that is handled twice has one effect, in every service', async () => {
  const once = await startMailDesk({ services, answer: takesTheFirst() });
  await tellStory(once);
  const expected = await tally(once);
  expect(expected).toMatchObject({
    TicketCreated: 1,
    TicketAssigned: 1,
    InboundMailProcessed: 2,
    OutboundMailSent: 1,
    OutboundMailFailed: 1,
    // The first message is in TicketCreated: the agent's answer, the note about its failure, the customer's reply.
    TicketCommented: 3,
  });

  const twice = await startMailDesk({ services, answer: takesTheFirst(), bus: stammering });
  await tellStory(twice);
  expect(await tally(twice)).toEqual(expected);
  expect(twice.sent).toHaveLength(once.sent.length);
});

it('a consumer that loses its place and sees the whole log again has no effect a second time', async () => {
  const desk = await startMailDesk({ services, answer: takesTheFirst() });
  await tellStory(desk);
  const expected = await tally(desk);
  for (const name of services) await desk.stop(name);
  const { rowCount } = await desk.desk.platform.pool.query('update desk.followers set position = 0');
  // Mail intake, routing and the three of notification.
  expect(rowCount).toBeGreaterThanOrEqual(5);
  for (const name of services) await desk.start(name);
  await desk.quiet();
  expect(await tally(desk)).toEqual(expected);
  expect(desk.sent).toHaveLength(1);
});
