import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { idOf, streams } from '#contracts/events/streams.ts';
import { fold } from '#packages/domain/decider.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import { idFrom, personIdOf } from '#packages/kernel/ids.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { createReception } from '#services/email-ingest/receive.ts';
import { testContext } from '#tests/support/desk.ts';
import { fixture, type MailDesk, replyAddresses, startMailDesk } from '#tests/support/mail-desk.ts';

const gina = { address: 'gina@desk.example', id: personIdOf('gina@desk.example') };

/** A ticket of Anna's that came by mail. */
async function withTicket(desk: MailDesk) {
  await desk.desk.platform.commands.directory.registerPerson(
    { name: 'Gina', emails: [gina.address], roles: ['agent'], companyId: null, origin: 'seed' },
    testContext(),
  );
  await desk.send(await fixture('new-request'));
  await desk.quiet();
  const [created] = await desk.events('TicketCreated');
  return { ticketId: idOf(created!.stream), number: created!.data.number };
}

const lastDecision = async (desk: MailDesk) => {
  await desk.quiet();
  return (await desk.events('InboundMailProcessed')).at(-1)?.data;
};

const stateOf = async ({ desk }: MailDesk, ticketId: string) =>
  fold(ticket, await desk.platform.store.readStream(streams.ticket(ticketId)));

/** An agent's answer by API, mailed to the customer. */
async function answer({ desk }: MailDesk, ticketId: string, status?: 'resolved' | 'closed'): Promise<void> {
  await desk.platform.commands.tickets.comment(
    ticketId,
    {
      visibility: 'public',
      authorId: gina.id,
      authorRole: 'agent',
      channel: 'api',
      message: { text: 'Please switch it off and on again.', html: null, attachments: [], mail: null },
      ...(status && { status }),
    },
    testContext(),
  );
}

it('joins a reply to its ticket by In-Reply-To, without the quoted history, and reopens it', async () => {
  const desk = await startMailDesk({ services: ['email-ingest', 'notification'] });
  const { ticketId } = await withTicket(desk);
  await answer(desk, ticketId, 'resolved');
  await desk.quiet();
  const answered = desk.sent.at(-1)!.mail;
  await desk.send(await fixture('reply-in-reply-to', { subject: answered.subject, answered: answered.messageId! }));
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'comment-added', ticketId, matchedBy: 'in-reply-to' });
  const [comment] = (await desk.events('TicketCommented')).slice(-1);
  expect(comment?.data).toMatchObject({ visibility: 'public', authorRole: 'customer', channel: 'email' });
  expect(comment?.data.message.text).toBe('It works again, thank you!\n\nAnna');
  expect((await stateOf(desk, ticketId)).status).toBe('open');
});

it('joins a reply by References alone, by the signed reply address, and by the number in the subject', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const { number, ticketId } = await withTicket(desk);

  await desk.send(await fixture('reply-references-only'));
  expect(await lastDecision(desk)).toMatchObject({ ticketId, matchedBy: 'references' });

  const replyTo = replyAddresses.make('support@desk.example', number);
  await desk.send(await fixture('reply-to-address', { replyTo }), { from: 'anna@home.example', to: replyTo });
  expect(await lastDecision(desk)).toMatchObject({ ticketId, matchedBy: 'reply-address' });

  for (const from of ['anna.berg@customer.example', 'ben.holm@customer.example']) {
    const values = { from, number: String(number), id: `subject.${from}` };
    await desk.send(await fixture('reply-by-subject', values), { from });
    expect(await lastDecision(desk)).toMatchObject({ ticketId, matchedBy: 'subject-number' });
  }
  expect(await desk.events('TicketCreated')).toHaveLength(1);
});

it('lets no stranger into a ticket, whatever number or message id they name', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const { number, ticketId } = await withTicket(desk);
  const from = 'mallory@elsewhere.example';
  await desk.send(await fixture('reply-by-subject', { from, number: String(number), id: 'm.1@elsewhere.example' }), {
    from,
  });
  const decision = await lastDecision(desk);
  expect(decision).toMatchObject({ outcome: 'ticket-created', matchedBy: 'none' });
  expect(decision?.reason).toContain('takes no part');
  const headers = 'Message-ID: <m.2@elsewhere.example>\r\nIn-Reply-To: <first.1@customer.example>\r\n';
  const forged = { from, to: 'support@desk.example', subject: 'Re: printer', text: 'let me in', headers };
  await desk.send(await fixture('plain', forged), { from });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'ticket-created' });
  expect((await stateOf(desk, ticketId)).commentIds).toHaveLength(1);

  // Nor by a forged mail of an agent: its note stays inside, and who it puts in copy stays outside.
  const copied = `Message-ID: <m.3@elsewhere.example>\r\nCc: ${from}\r\n`;
  const note = {
    from: gina.address,
    to: 'support@desk.example',
    subject: `[#${number}]`,
    text: 'note',
    headers: copied,
  };
  await desk.send(await fixture('plain', note), { from });
  expect(await lastDecision(desk)).toMatchObject({ ticketId, matchedBy: 'subject-number' });
  await desk.send(await fixture('reply-by-subject', { from, number: String(number), id: 'm.4@elsewhere.example' }), {
    from,
  });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'ticket-created' });

  const wrong = replyAddresses.make('support@desk.example', number).replace(/-\w{16}@/, '-0000000000000000@');
  await desk.send(await fixture('reply-to-address', { replyTo: wrong }), { from, to: wrong });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'ticket-created' });
});

it('follows a closed ticket up with a new one', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const { ticketId } = await withTicket(desk);
  await answer(desk, ticketId, 'closed');
  await desk.send(await fixture('reply-references-only'));
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'ticket-created', matchedBy: 'references' });
  const [, followUp] = await desk.events('TicketCreated');
  expect(followUp?.data).toMatchObject({ followUpOf: ticketId, subject: 'blank pages' });
});

it('keeps automatic replies with their ticket without moving it, and ignores those that belong nowhere', async () => {
  const desk = await startMailDesk({ services: ['email-ingest', 'notification'] });
  const { ticketId } = await withTicket(desk);
  await answer(desk, ticketId, 'resolved');
  await desk.quiet();
  const before = desk.sent.length;
  const { messageId, subject } = desk.sent.at(-1)!.mail;
  const references = `In-Reply-To: <${messageId}>\r\n`;
  await desk.send(await fixture('out-of-office', { subject, references }), { from: '' });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'comment-added', ticketId, classification: 'auto-reply' });
  const [comment] = (await desk.events('TicketCommented')).slice(-1);
  expect(comment?.data.message.mail?.automatic).toBe(true);
  expect((await stateOf(desk, ticketId)).status).toBe('resolved');

  await desk.send(await fixture('out-of-office', { subject: 'something else' }), { from: '' });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'ignored', classification: 'auto-reply', ticketId: null });
  expect(await desk.events('TicketCreated')).toHaveLength(1);
  expect(desk.sent).toHaveLength(before);
});

it('tells the agents of a bounce by a note, wherever the bounce names the mail', async () => {
  const desk = await startMailDesk({ services: ['email-ingest', 'notification'] });
  const { number, ticketId } = await withTicket(desk);
  const acknowledged = desk.sent[0]!.mail;
  await desk.send(await fixture('bounce', { id: 'b1', returned: acknowledged.messageId! }), { from: '' });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'comment-added', ticketId, classification: 'bounce' });
  const replyTo = replyAddresses.make('support@desk.example', number);
  await desk.send(await fixture('bounce', { id: 'b2', returned: 'unknown@nowhere.example' }), {
    from: '',
    to: replyTo,
  });
  expect(await lastDecision(desk)).toMatchObject({ ticketId, matchedBy: 'reply-address' });
  const notes = await desk.events('TicketCommented');
  expect(notes.map(({ data }) => data.visibility)).toEqual(['internal', 'internal']);
  expect(notes[0]?.data.message.text).toContain('mailbox is full');
  await desk.send(await fixture('bounce', { id: 'b3', returned: 'other@nowhere.example' }), { from: '' });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'ignored', classification: 'bounce' });
  expect(desk.sent).toHaveLength(1);
});

it('opens a ticket for mail to many without answering it', async () => {
  const desk = await startMailDesk({ services: ['email-ingest', 'notification'] });
  await desk.send(await fixture('newsletter'), { from: 'news@paper.example' });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'ticket-created', classification: 'list' });
  expect(desk.sent).toEqual([]);
});

it("keeps an agent's mail inside, as nothing proves that the agent wrote it", async () => {
  const desk = await startMailDesk({ services: ['email-ingest', 'notification'] });
  const { number, ticketId } = await withTicket(desk);
  await desk.send(await fixture('agent-reply', { answered: 'first.1@customer.example' }), { from: gina.address });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'comment-added', ticketId, matchedBy: 'in-reply-to' });
  const values = { from: gina.address, number: String(number), id: 'forged@desk.example' };
  await desk.send(await fixture('reply-by-subject', values), { from: gina.address });
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'comment-added', ticketId, matchedBy: 'subject-number' });
  const comments = await desk.events('TicketCommented');
  expect(comments.map(({ data }) => [data.authorRole, data.visibility])).toEqual([
    ['agent', 'internal'],
    ['agent', 'internal'],
  ]);
  // The acknowledgement.
  expect(desk.sent).toHaveLength(1);
});

it('finds the ticket that the mail right before it has opened', async () => {
  const desk = await startMailDesk({ services: [] });
  const reception = createReception({ ...desk.deps, maxBytes: 1_000_000 });
  for (const name of ['new-request', 'reply-references-only']) {
    const stream = Readable.from([await fixture(name)]);
    const envelope = { envelopeFrom: 'anna.berg@customer.example', recipients: ['support@desk.example'] };
    await reception.onMessage({ mailboxIds: ['support'], ...envelope, remote: '192.0.2.1', stream });
  }
  // The read model that knows message ids stands still for a second from before there is a ticket.
  const { pool } = desk.desk.platform;
  const { create } = desk.deps.tickets;
  const slowly: typeof create = async (...args) => {
    const client = await pool.connect();
    await client.query(`begin; select from desk.projections where name = 'message-ids' for update`);
    void sleep(1_000).then(async () => {
      await client.query('commit');
      client.release();
    });
    return create(...args);
  };
  Object.assign(desk.deps.tickets, { create: slowly });
  await desk.start('email-ingest');
  await desk.quiet();
  const decisions = await desk.events('InboundMailProcessed');
  expect(decisions.map(({ data }) => data.outcome)).toEqual(['ticket-created', 'comment-added']);
});

it('puts what does not fit into a full ticket into a follow-up', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const { ticketId } = await withTicket(desk);
  const { store } = desk.desk.platform;
  const stream = streams.ticket(ticketId);
  const state = await store.readStream(stream);
  const filler = Array.from({ length: 5_000 - state.length }, (_, index) => ({
    id: idFrom('filler', index),
    type: 'TicketPriorityChanged' as const,
    data: { from: 'normal' as const, to: 'normal' as const },
    metadata: state[0]!.metadata,
  }));
  for (let at = 0; at < filler.length; at += 1_000)
    await store.append(stream, state.length + at, filler.slice(at, at + 1_000));
  await desk.send(await fixture('reply-references-only'));
  expect(await lastDecision(desk)).toMatchObject({ outcome: 'ticket-created', matchedBy: 'references' });
  const [, followUp] = await desk.events('TicketCreated');
  expect(followUp?.data.followUpOf).toBe(ticketId);
});
