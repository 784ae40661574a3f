import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AppError } from '#packages/kernel/errors.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { createOutbox } from '#packages/mail/outbox.ts';
import { maxAttempts } from '#services/notification/attempts.ts';
import { createSender } from '#services/notification/send.ts';
import { startNotification } from '#services/notification/service.ts';
import { outboxTransport, smtpTransport, type Transport } from '#services/notification/transport.ts';
import { startMailDesk } from '#tests/support/mail-desk.ts';
import { queuedMail, typesOf } from '#tests/support/queued-mail.ts';
import { deliveryBy, startSmtpPeer } from '#tests/support/smtp-peer.ts';

const { signal } = new AbortController();

it('sends over SMTP and records what the server said', async () => {
  const peer = await startSmtpPeer();
  const transport = smtpTransport(deliveryBy({ SMTP_URL: peer.url }));
  const desk = await startMailDesk({ services: ['notification'], transport });
  const id = await queuedMail(desk);
  await desk.quiet();
  expect(peer.accepted).toHaveLength(1);
  expect(peer.accepted[0]).toMatchObject({
    from: 'support+t1001-0123456789abcdef@desk.example',
    to: ['dora@customer.example', 'ed@customer.example'],
    raw: expect.stringContaining(`Message-ID: <desk-${id}@desk.example>`),
  });
  const [sent] = await desk.events('OutboundMailSent');
  expect(sent?.data).toMatchObject({ transport: 'smtp', attempt: 1, response: expect.stringMatching(/^250/) });
});

it('tries a mail again that the server cannot take just now, later and later', async () => {
  const peer = await startSmtpPeer();
  const desk = await startMailDesk({ services: [] });
  const { clock } = desk.desk;
  const send = createSender({ ...desk.deps, transport: smtpTransport(deliveryBy({ SMTP_URL: peer.url })) });
  const id = await queuedMail(desk);
  peer.answers.push({ code: 451, text: '4.3.0 later please' }, { code: 452, text: '4.2.2 full' });
  await send(id, signal);
  await send(id, signal);
  expect(await typesOf(desk, id)).toEqual(['OutboundMailDeferred']);
  clock.forward({ minutes: 1 });
  await send(id, signal);
  clock.forward({ minutes: 1 });
  await send(id, signal);
  expect(await typesOf(desk, id)).toEqual(['OutboundMailDeferred', 'OutboundMailDeferred']);
  clock.forward({ minutes: 4 });
  await send(id, signal);
  expect(await typesOf(desk, id)).toEqual(['OutboundMailDeferred', 'OutboundMailDeferred', 'OutboundMailSent']);
  const [first, second] = await desk.events('OutboundMailDeferred');
  expect(first?.data).toMatchObject({ attempt: 1, reason: expect.stringContaining('later please') });
  expect(first?.data.nextAttemptAt).toBe('2026-03-02T09:01:00.000Z');
  expect(second?.data.nextAttemptAt).toBe('2026-03-02T09:06:00.000Z');
  await send(id, signal);
  expect(peer.accepted).toHaveLength(1);
});

it('gives up when the server refuses for good, and tells the agents', async () => {
  const peer = await startSmtpPeer();
  const transport = smtpTransport(deliveryBy({ SMTP_URL: peer.url }));
  const desk = await startMailDesk({ services: ['notification'], transport });
  peer.answers.push({ code: 550, text: '5.1.1 no such user' });
  const id = await queuedMail(desk);
  await expect.poll(() => desk.events('TicketCommented'), { timeout: 15_000 }).toHaveLength(1);
  expect(await typesOf(desk, id)).toEqual(['OutboundMailFailed']);
  const [note] = await desk.events('TicketCommented');
  expect(note?.data).toMatchObject({ visibility: 'internal', authorRole: 'agent' });
  expect(note?.data.message.text).toMatch(
    /to dora@customer\.example, ed@customer\.example could not be delivered: .*no such user/,
  );
});

it('gives up after days without a server', async () => {
  const peer = await startSmtpPeer();
  await peer.close();
  const desk = await startMailDesk({ services: [] });
  const send = createSender({ ...desk.deps, transport: smtpTransport(deliveryBy({ SMTP_URL: peer.url })) });
  const id = await queuedMail(desk);
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    await send(id, signal);
    desk.desk.clock.forward({ hours: 24 });
  }
  const types = await typesOf(desk, id);
  expect(types).toEqual([...Array(maxAttempts - 1).fill('OutboundMailDeferred'), 'OutboundMailFailed']);
});

it('sends the same message once more when it died before it could record that it had', async () => {
  const peer = await startSmtpPeer();
  const desk = await startMailDesk({ services: [] });
  const transport = smtpTransport(deliveryBy({ SMTP_URL: peer.url }));
  const id = await queuedMail(desk);
  const dying = createSender({
    ...desk.deps,
    transport,
    handle: () => Promise.reject(new Error('the process died here')),
  });
  await expect(dying(id, signal)).rejects.toThrow('died here');
  desk.desk.clock.forward({ minutes: 7 });
  await createSender({ ...desk.deps, transport })(id, signal);
  expect(peer.accepted).toHaveLength(2);
  const [first, second] = peer.accepted.map(({ raw }) => raw.match(/^(Message-ID|Date): .*$/gim)?.sort());
  expect(second).toEqual(first);
  expect(await typesOf(desk, id)).toEqual(['OutboundMailSent']);
});

it('keeps a success whichever of two senders records first', async () => {
  const desk = await startMailDesk({ services: [] });
  const id = await queuedMail(desk);
  const refuse = createSender({
    ...desk.deps,
    transport: { kind: 'smtp', deliver: async () => ({ delivered: false, kind: 'temporary', reason: 'later' }) },
  });
  // While this one sends, the other one is refused and says so first.
  const accept = createSender({
    ...desk.deps,
    transport: {
      kind: 'smtp',
      deliver: async () => {
        await refuse(id, signal);
        return {
          delivered: true,
          response: '250 ok',
          refused: [{ address: 'ed@customer.example', kind: 'permanent', reason: '550 gone' }],
        };
      },
    },
  });
  await accept(id, signal);
  expect(await typesOf(desk, id)).toEqual(['OutboundMailDeferred', 'OutboundMailSent']);
  const [sent] = await desk.events('OutboundMailSent');
  expect(sent?.data.response).toBe('250 ok; refused for ed@customer.example: 550 gone');
});

it('sends a mail once, with two senders at work', async () => {
  const desk = await startMailDesk({ services: [] });
  const id = await queuedMail(desk);
  await desk.desk.settled();
  let deliveries = 0;
  const slow: Transport = {
    kind: 'smtp',
    async deliver() {
      deliveries += 1;
      await sleep(1_000);
      return { delivered: true, response: '250 ok', refused: [] };
    },
  };
  const deps = { ...desk.deps, transport: slow };
  const senders = [await startNotification(deps), await startNotification(deps)];
  await expect.poll(() => typesOf(desk, id), { timeout: 15_000 }).toEqual(['OutboundMailSent']);
  await Promise.all(senders.map((sender) => sender.stop()));
  expect(deliveries).toBe(1);
});

it('sends what can be sent while the files of other mails cannot be read', async () => {
  const desk = await startMailDesk({ services: [] });
  const file = { name: 'a.txt', mediaType: 'text/plain', size: 1, contentId: null, inline: false };
  for (let n = 0; n < 5; n += 1) await queuedMail(desk, [{ ...file, blob: 'a'.repeat(64) }]);
  const id = await queuedMail(desk);
  await desk.desk.settled();
  const blobs = { ...desk.deps.blobs, read: () => Promise.reject(new AppError('BLOB_STORE_UNAVAILABLE')) };
  const notification = await startNotification({ ...desk.deps, blobs });
  await expect.poll(() => typesOf(desk, id), { timeout: 5_000 }).toEqual(['OutboundMailSent']);
  await notification.stop();
});

it('waits for a file store that is away, and puts off a mail whose file is gone', async () => {
  const desk = await startMailDesk({ services: [] });
  const blob = 'a'.repeat(64);
  const id = await queuedMail(desk, [
    { blob, name: 'a.txt', mediaType: 'text/plain', size: 1, contentId: null, inline: false },
  ]);
  const away = { read: () => Promise.reject(new AppError('BLOB_STORE_UNAVAILABLE')) };
  await expect(createSender({ ...desk.deps, blobs: away })(id, signal)).rejects.toMatchObject({
    code: 'BLOB_STORE_UNAVAILABLE',
  });
  expect(await typesOf(desk, id)).toEqual([]);
  await createSender(desk.deps)(id, signal);
  const [deferred] = await desk.events('OutboundMailDeferred');
  expect(deferred?.data.reason).toBe('There is no such file');
});

it('writes into the outbox folder when there is no server', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-outbox-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const outbox = await createOutbox({ dir });
  const desk = await startMailDesk({ services: ['notification'], transport: outboxTransport(outbox) });
  const id = await queuedMail(desk);
  await desk.quiet();
  expect(await readdir(dir)).toEqual([expect.stringMatching(new RegExp(`_${id}\\.eml$`))]);
  expect((await outbox.read(id)).toString()).toContain('Subject: Re: Door [#1001]');
  const [sent] = await desk.events('OutboundMailSent');
  expect(sent?.data.transport).toBe('outbox');
});
