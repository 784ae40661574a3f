import { expect, it } from 'vitest';
import { idOf } from '#contracts/events/streams.ts';
import { personIdOf } from '#packages/kernel/ids.ts';
import { testContext } from '#tests/support/desk.ts';
import { type MailDesk, replyAddresses, startMailDesk } from '#tests/support/mail-desk.ts';

const gina = { address: 'gina@desk.example', id: personIdOf('gina@desk.example') };

/** A mail as a person writes it. */
const mail = (from: string, headers: Record<string, string>, text: string): Buffer =>
  Buffer.from(
    [
      `From: <${from}>`,
      'To: support@desk.example',
      'Date: Mon, 2 Mar 2026 10:00:00 +0000',
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      text,
      '',
    ].join('\r\n'),
  );

/** Two tickets of two customers that came by mail, and an agent. */
async function twoTickets() {
  const desk = await startMailDesk({ services: ['email-ingest', 'notification'] });
  const { directory } = desk.desk.platform.commands;
  const agent = { name: 'Gina', emails: [gina.address], roles: ['agent' as const], companyId: null };
  await directory.registerPerson({ ...agent, origin: 'seed' }, testContext());
  for (const who of ['anna@one.example', 'bert@two.example']) {
    await desk.send(mail(who, { Subject: `Of ${who}`, 'Message-ID': `<first-${who}>` }, `I am ${who}`), { from: who });
    await desk.quiet();
  }
  const [a, b] = (await desk.events('TicketCreated')).map(({ data, stream }) => ({
    id: idOf(stream),
    number: data.number,
  }));
  return { desk, a: a!, b: b! };
}

const relations = ({ desk }: MailDesk) => desk.platform.commands.relations;
const tickets = ({ desk }: MailDesk) => desk.platform.commands.tickets;
const answer = (desk: MailDesk, ticketId: string, text: string) =>
  tickets(desk).comment(
    ticketId,
    {
      visibility: 'public',
      authorId: gina.id,
      authorRole: 'agent',
      channel: 'api',
      message: { text, html: null, attachments: [], mail: null },
    },
    testContext(),
  );
const reply = (desk: MailDesk, from: string, answered: string, text = 'Thanks') =>
  desk.send(
    mail(from, { Subject: 'Re', 'Message-ID': `<${Math.random()}@x.example>`, 'In-Reply-To': answered }, text),
    { from },
  );
const lastDecision = async (desk: MailDesk) => {
  await desk.quiet();
  return (await desk.events('InboundMailProcessed')).at(-1)?.data;
};

it('answers of the survivor reach both customers, each by a mail of their own', async () => {
  const { a, b, desk } = await twoTickets();
  await relations(desk).merge(a.id, b.id, testContext());
  const before = desk.sent.length;
  await answer(desk, b.id, 'It is the fuse.');
  await desk.quiet();
  const answers = desk.sent.slice(before);
  expect(answers.map(({ envelope }) => envelope.to).toSorted()).toEqual([['anna@one.example'], ['bert@two.example']]);
  for (const { envelope, mail: sent } of answers) {
    const other = envelope.to[0] === 'anna@one.example' ? 'bert' : 'anna';
    expect([...sent.to, ...sent.cc].map(({ address }) => address).join()).not.toContain(other);
    expect(sent.subject).toContain(`[#${b.number}]`);
    expect(sent.inReplyTo).toEqual([`first-${envelope.to[0]}`]);
  }
  const toAnna = answers.find(({ envelope }) => envelope.to[0] === 'anna@one.example')!.mail;
  await reply(desk, 'anna@one.example', `<${toAnna.messageId}>`);
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'comment-added', ticketId: b.id });
});

it('mail to a merged number goes along the chain to the ticket that goes on, and says so', async () => {
  const { a, b, desk } = await twoTickets();
  await desk.send(mail('cleo@three.example', { Subject: 'Third', 'Message-ID': '<third@three.example>' }, 'Third'), {
    from: 'cleo@three.example',
  });
  await desk.quiet();
  const [c] = (await desk.events('TicketCreated'))
    .slice(-1)
    .map(({ data, stream }) => ({ id: idOf(stream), number: data.number }));
  await relations(desk).merge(a.id, b.id, testContext());
  await relations(desk).merge(b.id, c!.id, testContext());
  await reply(desk, 'anna@one.example', '<first-anna@one.example>');
  const decided = await lastDecision(desk);
  expect(decided).toMatchObject({ outcome: 'comment-added', ticketId: c!.id, matchedBy: 'in-reply-to' });
  expect(decided?.reason).toContain(`#${a.number} was merged into #${c!.number}.`);
  const replyTo = replyAddresses.make('support@desk.example', a.number);
  await desk.send(mail('anna@one.example', { Subject: 'x', 'Message-ID': '<again@one.example>' }, 'Again'), {
    from: 'anna@one.example',
    to: replyTo,
  });
  expect(await lastDecision(desk)).toMatchObject({ ticketId: c!.id, matchedBy: 'reply-address' });
  await relations(desk).unmerge(b.id, testContext());
  await relations(desk).unmerge(a.id, testContext());
  await reply(desk, 'anna@one.example', '<first-anna@one.example>', 'On my own again');
  expect(await lastDecision(desk)).toMatchObject({ ticketId: a.id });
});

it('mail to spam is kept, and nobody is bothered', async () => {
  const { a, desk } = await twoTickets();
  await tickets(desk).change(a.id, { type: 'MarkSpam', data: { reason: null } }, testContext());
  await reply(desk, 'anna@one.example', '<first-anna@one.example>');
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'quarantined', ticketId: null });
  expect((await lastDecision(desk))?.reason).toContain(`#${a.number} is set aside as spam.`);
});

it('an answer to a message that was moved goes to the ticket that it was moved to', async () => {
  const { a, b, desk } = await twoTickets();
  await reply(desk, 'anna@one.example', '<first-anna@one.example>', 'Something else');
  const said = (await lastDecision(desk))!;
  const { commentId } = await answer(desk, a.id, 'About something else');
  await desk.quiet();
  const sent = desk.sent.at(-1)!.mail;
  for (const comment of [said.commentId!, commentId]) await relations(desk).move(a.id, comment, b.id, testContext());
  await reply(desk, 'anna@one.example', `<${sent.messageId}>`, 'Yes, that');
  expect(await lastDecision(desk)).toMatchObject({
    outcome: 'comment-added',
    ticketId: b.id,
    matchedBy: 'in-reply-to',
  });
  await reply(desk, 'anna@one.example', '<first-anna@one.example>', 'And the first thing');
  expect(await lastDecision(desk)).toMatchObject({ ticketId: a.id });
});
