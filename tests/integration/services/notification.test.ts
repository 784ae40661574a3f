import { expect, it } from 'vitest';
import { idOf, streams } from '#contracts/events/streams.ts';
import type { NewComment } from '#packages/commands/tickets.ts';
import { personIdOf } from '#packages/kernel/ids.ts';
import { testContext } from '#tests/support/desk.ts';
import { fixture, type MailDesk, replyAddresses, startMailDesk } from '#tests/support/mail-desk.ts';
import { breakOffQueueAtEachStep } from '#tests/support/queue-faults.ts';

const gina = personIdOf('gina@desk.example');
const anna = 'anna.berg@customer.example';

const registerGina = ({ deps }: MailDesk) =>
  deps.directory.registerPerson(
    { name: 'Gina', emails: ['gina@desk.example'], roles: ['agent'], companyId: null, origin: 'seed' },
    testContext(),
  );

/** A ticket of Anna's, by the mail of `new-request.eml`; Ben is in copy. */
async function mailedTicket(desk: MailDesk) {
  await registerGina(desk);
  await desk.send(await fixture('new-request'));
  await desk.quiet();
  const created = (await desk.events('TicketCreated')).at(-1);
  if (!created) throw new Error('no ticket');
  return { ticketId: idOf(created.stream), number: created.data.number };
}

/** A ticket that Dora reported by the API. */
async function reportedTicket(desk: MailDesk, subject = 'Door') {
  const address = 'dora@customer.example';
  const { companyId, personId } = await desk.deps.directory.ensurePerson(
    { address, name: 'Dora', origin: 'api' },
    testContext(),
  );
  return desk.deps.tickets.create(
    {
      subject,
      channel: 'api',
      requesterId: personId,
      companyId,
      mailboxId: null,
      priority: 'normal',
      followUpOf: null,
      message: { text: 'The door is stuck', html: null, attachments: [], mail: null },
    },
    testContext(),
  );
}

const comment = (desk: MailDesk, ticketId: string, text: string, changes: Partial<NewComment> = {}) =>
  desk.deps.tickets.comment(
    ticketId,
    {
      visibility: 'public',
      authorId: gina,
      authorRole: 'agent',
      channel: 'api',
      message: { text, html: null, attachments: [], mail: null },
      ...changes,
    },
    testContext(),
  );

it('acknowledges a new mail in its thread, marked as automatic', async () => {
  const desk = await startMailDesk();
  const { number } = await mailedTicket(desk);
  const [{ envelope, mail } = expect.fail('nothing sent'), ...others] = desk.sent;
  expect(others).toEqual([]);
  const replyTo = replyAddresses.make('support@desk.example', number);
  expect(envelope).toEqual({ from: replyTo, to: [anna] });
  expect(mail).toMatchObject({
    from: { name: 'Support', address: 'support@desk.example' },
    to: [{ address: anna }],
    cc: [],
    replyTo: [{ address: replyTo }],
    inReplyTo: ['first.1@customer.example'],
    references: ['first.1@customer.example'],
    subject: `Re: Printer on 3rd floor prints blank pages – urgent [#${number}]`,
    headers: { 'auto-submitted': ['auto-replied'] },
  });
  const [queued] = await desk.events('OutboundMailQueued');
  expect(mail.messageId).toBe(`desk-${idOf(queued!.stream)}@desk.example`);
  const [sent] = await desk.events('OutboundMailSent');
  expect(sent).toMatchObject({ stream: queued?.stream, data: { transport: 'smtp', response: '250 ok', attempt: 1 } });
});

it("mails an agent's answer to requester and copies, as an answer to the customer's newest mail", async () => {
  const desk = await startMailDesk();
  const { number, ticketId } = await mailedTicket(desk);
  const { sha256: blob, size } = await desk.deps.blobs.put(Buffer.from('step 1: unplug'));
  const manual = { blob, size, name: 'manual.txt', mediaType: 'text/plain', contentId: null, inline: false };
  await comment(desk, ticketId, '', {
    message: {
      text: 'Please read the **manual**',
      html: '<p>Please read the <b>manual</b></p>',
      attachments: [manual],
      mail: null,
    },
  });
  await desk.quiet();
  const { envelope, mail } = desk.sent.at(-1)!;
  expect(envelope.to).toEqual([anna, 'ben.holm@customer.example']);
  expect(mail).toMatchObject({
    subject: `Re: Printer on 3rd floor prints blank pages – urgent [#${number}]`,
    inReplyTo: ['first.1@customer.example'],
    references: ['first.1@customer.example'],
    cc: [{ address: 'ben.holm@customer.example' }],
    attachments: [{ name: 'manual.txt', content: Buffer.from('step 1: unplug') }],
  });
  expect(mail.headers['auto-submitted']).toBeUndefined();
  expect(mail.full.html).toContain('<b>manual</b>');
  expect(mail.full.text).toContain('Gina');

  await desk.send(await fixture('reply-in-reply-to', { subject: mail.subject, answered: mail.messageId! }));
  await desk.quiet();
  await comment(desk, ticketId, 'You are welcome');
  await desk.quiet();
  const last = desk.sent.at(-1)!;
  expect(last.mail.inReplyTo).toEqual(['reply.2@customer.example']);
  expect(last.mail.references).toEqual(['first.1@customer.example', mail.messageId, 'reply.2@customer.example']);
  // Anna's newest mail went to nobody but the desk.
  expect(last.envelope.to).toEqual([anna]);
  expect(desk.sent).toHaveLength(3);
});

it('threads the mails of a ticket that began without mail among themselves', async () => {
  const desk = await startMailDesk();
  await registerGina(desk);
  const { number, ticketId } = await reportedTicket(desk);
  await desk.quiet();
  await comment(desk, ticketId, 'first answer');
  await desk.quiet();
  await comment(desk, ticketId, 'second answer');
  await desk.quiet();
  const [acknowledged, first, second] = desk.sent.map(({ mail }) => mail);
  expect(acknowledged).toMatchObject({ inReplyTo: [], references: [], to: [{ address: 'dora@customer.example' }] });
  expect(acknowledged?.full.text).toContain(`#${number}`);
  expect(first?.inReplyTo).toEqual([acknowledged?.messageId]);
  expect(second?.references).toEqual([acknowledged?.messageId, first?.messageId]);
});

it('sends from the mailbox that the customer wrote to', async () => {
  const desk = await startMailDesk();
  await desk.send(await fixture('new-request'), { to: 'billing@desk.example' });
  await desk.quiet();
  expect(desk.sent[0]?.mail.from).toEqual({ name: 'Billing', address: 'billing@desk.example' });
});

it('mails no note, no word of a customer, and nothing that was said on the telephone', async () => {
  const desk = await startMailDesk();
  const { ticketId } = await mailedTicket(desk);
  const before = desk.sent.length;
  await comment(desk, ticketId, 'he is always like that', { visibility: 'internal' });
  await comment(desk, ticketId, 'switch it off and on', { channel: 'phone' });
  await comment(desk, ticketId, 'me again', { authorId: personIdOf(anna), authorRole: 'customer' });
  await desk.quiet();
  expect(desk.sent).toHaveLength(before);
});

it('gives the next answer to nobody whom a mail brought in that belongs to the ticket by its subject alone', async () => {
  const desk = await startMailDesk();
  const { number, ticketId } = await mailedTicket(desk);
  const forged = [
    'From: Anna Berg <anna.berg@customer.example>',
    'To: support@desk.example',
    'Cc: spy@elsewhere.example',
    `Subject: Re: printer [#${number}]`,
    'Message-ID: <forged@elsewhere.example>',
    '',
    'Any news?',
  ];
  await desk.send(Buffer.from(`${forged.join('\r\n')}\r\n`), { from: anna });
  await desk.quiet();
  await comment(desk, ticketId, 'the password is …');
  await desk.quiet();
  expect(desk.sent.at(-1)?.envelope.to).toEqual([anna, 'ben.holm@customer.example']);
});

it('acknowledges five requests of one address an hour, and no more', async () => {
  const desk = await startMailDesk({ services: ['notification'] });
  for (let n = 1; n <= 3; n += 1) {
    await reportedTicket(desk, `Door ${n}`);
    await desk.quiet();
  }
  // At once: none of them must count before those beside it are on record.
  await desk.stop('notification');
  for (let n = 4; n <= 9; n += 1) await reportedTicket(desk, `Door ${n}`);
  await desk.start('notification');
  await desk.quiet();
  expect(desk.sent).toHaveLength(5);
  desk.desk.clock.forward({ minutes: 61 });
  await reportedTicket(desk, 'Door again');
  await desk.quiet();
  expect(desk.sent).toHaveLength(6);
});

it('queues one mail for each event, whatever step it broke off at', async () => {
  const desk = await startMailDesk({ services: [] });
  await registerGina(desk);
  const events = await breakOffQueueAtEachStep(desk, async (name) => {
    const { ticketId } = await reportedTicket(desk, name);
    await comment(desk, ticketId, 'answer');
    const stored = await desk.deps.store.readStream(streams.ticket(ticketId));
    return stored.find(({ type }) => type === 'TicketCommented')!;
  });
  expect(events).toBeGreaterThan(6);
  expect(await desk.events('OutboundMailQueued')).toHaveLength(events);
});

it('has nobody in copy whose ticket it no longer is', async () => {
  const desk = await startMailDesk();
  const { ticketId } = await mailedTicket(desk);
  const { companyId, personId } = await desk.deps.directory.ensurePerson(
    { address: 'dora@customer.example', name: 'Dora', origin: 'api' },
    testContext(),
  );
  await desk.deps.tickets.change(ticketId, { type: 'ChangeRequester', data: { personId, companyId } }, testContext());
  await comment(desk, ticketId, 'For Dora alone');
  await desk.quiet();
  const { envelope } = desk.sent.find(({ mail }) => mail.full.text?.includes('For Dora alone'))!;
  expect(envelope.to).toEqual(['dora@customer.example']);
});
