import { expect, it } from 'vitest';
import { idOf } from '#contracts/events/streams.ts';
import { idFrom, personIdOf } from '#packages/kernel/ids.ts';
import { createSender } from '#services/notification/send.ts';
import { smtpTransport } from '#services/notification/transport.ts';
import { testContext } from '#tests/support/desk.ts';
import { startMailDesk, until } from '#tests/support/mail-desk.ts';
import { queuedMail, typesOf } from '#tests/support/queued-mail.ts';
import { deliveryBy, startSmtpPeer } from '#tests/support/smtp-peer.ts';
import { startScriptedSmtp } from '#tests/support/smtp-script.ts';

const [dora, ed] = ['dora@customer.example', 'ed@customer.example'];
const { signal } = new AbortController();

it('sends to a greylisted recipient later, and to the others once', async () => {
  const peer = await startSmtpPeer();
  const desk = await startMailDesk({ services: [] });
  const send = createSender({ ...desk.deps, transport: smtpTransport(deliveryBy({ SMTP_URL: peer.url })) });
  const id = await queuedMail(desk);
  peer.recipients.set(ed, [{ code: 450, text: '4.2.0 greylisted' }]);
  await send(id, signal);
  const [deferred] = await desk.events('OutboundMailDeferred');
  expect(deferred?.data).toMatchObject({
    taken: [dora],
    reason: expect.stringContaining(`${ed}: 450 4.2.0 greylisted`),
  });
  desk.desk.clock.forward({ minutes: 1 });
  await send(id, signal);
  expect(await typesOf(desk, id)).toEqual(['OutboundMailDeferred', 'OutboundMailSent']);
  expect(peer.accepted.map(({ to }) => to)).toEqual([[dora], [ed]]);
  expect(new Set(peer.accepted.map(({ raw }) => raw)).size).toBe(1);
});

it('tells the agents of a recipient who was refused while another was not', async () => {
  const peer = await startSmtpPeer();
  const transport = smtpTransport(deliveryBy({ SMTP_URL: peer.url }));
  const desk = await startMailDesk({ services: ['notification'], transport });
  peer.recipients.set(ed, [{ code: 550, text: '5.1.1 unknown' }]);
  const id = await queuedMail(desk);
  await expect.poll(() => desk.events('TicketCommented'), { timeout: 15_000 }).toHaveLength(1);
  expect(await typesOf(desk, id)).toEqual(['OutboundMailSent']);
  const [sent] = await desk.events('OutboundMailSent');
  expect(sent?.data).toMatchObject({
    refused: [{ address: ed, reason: '550 5.1.1 unknown' }],
    response: expect.stringContaining(`refused for ${ed}: 550 5.1.1 unknown`),
  });
  const [note] = await desk.events('TicketCommented');
  expect(note?.data).toMatchObject({ visibility: 'internal', authorRole: 'agent' });
  expect(note?.data.message.text).toBe(`The answer to ${ed} was refused: 550 5.1.1 unknown`);
});

it('names in the end only whom it did not reach', async () => {
  const peer = await startSmtpPeer();
  const transport = smtpTransport(deliveryBy({ SMTP_URL: peer.url }));
  const desk = await startMailDesk({ services: [] });
  const send = createSender({ ...desk.deps, transport });
  const id = await queuedMail(desk);
  peer.recipients.set(ed, [
    { code: 450, text: '4.2.0 greylisted' },
    { code: 550, text: '5.7.1 blocked' },
  ]);
  await send(id, signal);
  desk.desk.clock.forward({ minutes: 1 });
  await send(id, signal);
  expect(await typesOf(desk, id)).toEqual(['OutboundMailDeferred', 'OutboundMailFailed']);
  await desk.start('notification');
  await expect.poll(() => desk.events('TicketCommented'), { timeout: 15_000 }).toHaveLength(1);
  const [note] = await desk.events('TicketCommented');
  expect(note?.data.message.text).toMatch(
    new RegExp(`^The answer to ${ed} could not be delivered: .*5\\.7\\.1 blocked`),
  );
});

it('stops soon when a server hangs, counts that as no attempt, and leaves the mail due', async () => {
  const server = await startScriptedSmtp('data', 'silence');
  const transport = smtpTransport(deliveryBy({ SMTP_URL: server.url }, { stopMs: 100 }));
  const desk = await startMailDesk({ services: [], transport });
  const id = await queuedMail(desk);
  await desk.desk.settled();
  await desk.start('notification');
  await until('a hand-over under way', async () => server.opened() === 1);
  await desk.stop('notification');
  expect(await typesOf(desk, id)).toEqual([]);
  expect(server.closed()).toBe(1);
});

it('puts an answer on record as failed, and tells the agents, when the desk has no active mailbox', async () => {
  const desk = await startMailDesk();
  const { directory, tickets } = desk.deps;
  const gina = personIdOf('gina@desk.example');
  const registered = {
    name: 'Gina',
    emails: ['gina@desk.example'],
    roles: ['agent'],
    companyId: null,
    origin: 'seed',
  } as const;
  await directory.registerPerson(registered, testContext());
  const { personId } = await directory.ensurePerson({ address: dora, name: 'Dora', origin: 'api' }, testContext());
  const message = { text: 'stuck', html: null, attachments: [], mail: null };
  const { ticketId } = await tickets.create(
    {
      subject: 'Door',
      channel: 'phone',
      requesterId: personId,
      companyId: null,
      mailboxId: null,
      priority: 'normal',
      followUpOf: null,
      message,
    },
    testContext(),
  );
  for (const id of ['support', 'billing']) {
    const mailbox = { name: id, address: `${id}@desk.example`, active: false };
    await desk.desk.platform.commands.settings.save('mailbox', id, mailbox, testContext(idFrom('off', id)));
  }
  const active = () =>
    desk.desk.platform.settings
      .current()
      .inForce('mailbox')
      .filter(({ value }) => value.active);
  await until('no mailbox', async () => active().length === 0);
  const said = { visibility: 'public', authorId: gina, authorRole: 'agent', channel: 'api' } as const;
  await tickets.comment(ticketId, { ...said, message: { ...message, text: 'Push.' } }, testContext());
  await expect.poll(() => desk.events('TicketCommented'), { timeout: 15_000 }).toHaveLength(2);
  await desk.quiet();

  const reason = 'The desk has no active mailbox to send it from. Activate one and write again.';
  const [failed, ...others] = await desk.events('OutboundMailFailed');
  expect(others).toEqual([]);
  expect(failed?.data).toEqual({ attempt: 0, reason });
  const [, note] = await desk.events('TicketCommented');
  expect(note?.data.message.text).toBe(`The answer to ${dora} could not be delivered: ${reason}`);
  expect(note?.data.visibility).toBe('internal');
  const row = await desk.deps.db
    .selectFrom('outbound_mail')
    .select(['state', 'response', 'next_attempt_at'])
    .where('id', '=', idOf(failed!.stream))
    .executeTakeFirst();
  expect(row).toEqual({ state: 'failed', response: reason, next_attempt_at: null });
  expect(desk.sent).toEqual([]);
});
