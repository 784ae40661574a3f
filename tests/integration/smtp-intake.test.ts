import { createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '#packages/kernel/errors.ts';
import { createSmtpIntake, type IncomingMessage, type SmtpIntake } from '#packages/mail/smtp-intake.ts';
import { testCertificate } from '#tests/support/certificate.ts';
import { smtpClient } from '#tests/support/smtp-client.ts';

const log = pino({ level: 'silent' });
const maxBytes = 100_000;

type Received = Omit<IncomingMessage, 'stream'> & { raw: string };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0)) await part.close();
});

async function start(options: Partial<Parameters<typeof createSmtpIntake>[0]> = {}) {
  const received: Received[] = [];
  const intake = await createSmtpIntake({
    port: 0,
    maxBytes,
    accepts: async (recipient) => (recipient.startsWith('support') ? recipient.split('@')[0]! : null),
    onMessage: async ({ stream, ...rest }) => {
      received.push({ ...rest, raw: (await buffer(stream)).toString() });
    },
    log,
    ...options,
  });
  open.push(intake);
  return { intake, received };
}

const peer = (intake: Pick<SmtpIntake, 'port'>) => smtpClient(intake.port());
const transportTo = (intake: SmtpIntake) =>
  createTransport({ host: '127.0.0.1', port: intake.port(), ignoreTLS: true, connectionTimeout: 5000 });
const message = (size = 10) => `Subject: Hi\r\n\r\n${'x'.repeat(size)}\r\n`;
const envelope = { from: 'anna@customer.example', to: ['support@desk.example'] };

describe('SMTP intake', () => {
  it('hands a message with its envelope on, byte for byte', async () => {
    const { intake, received } = await start();
    const raw = 'Subject: Hi\r\n\r\n.a line with a dot\r\nsecond\r\n';
    const sent = await transportTo(intake).sendMail({ envelope, raw });
    expect(sent.response).toBe('250 2.0.0 Accepted');
    expect(received).toEqual([
      {
        raw,
        mailboxIds: ['support'],
        envelopeFrom: 'anna@customer.example',
        recipients: ['support@desk.example'],
        remote: '127.0.0.1',
      },
    ]);
  });

  it('takes the null reverse-path of bounces', async () => {
    const { intake, received } = await start();
    await transportTo(intake).sendMail({ envelope: { from: '', to: envelope.to }, raw: message() });
    expect(received[0]?.envelopeFrom).toBeNull();
  });

  it('refuses a sender that no event could hold', async () => {
    const { intake } = await start();
    const client = await peer(intake);
    await client.say('EHLO peer');
    expect(await client.say('MAIL FROM:<a\u0000b@customer.example>')).toMatch(/^553 5\.1\.7 /);
    expect(await client.say('MAIL FROM:<anna@customer.example>')).toMatch(/^250 /);
    client.socket.destroy();
  });

  it('gives one message for several mailboxes, each mailbox once', async () => {
    const { intake, received } = await start();
    const to = ['support@desk.example', 'support-vip@desk.example', 'support@other.example'];
    await transportTo(intake).sendMail({ envelope: { from: 'a@b.example', to }, raw: message() });
    expect(received).toHaveLength(1);
    expect(received[0]?.mailboxIds).toEqual(['support', 'support-vip']);
    expect(received[0]?.recipients).toEqual(to);
  });

  it('announces itself without anything about the machine', async () => {
    const { intake } = await start();
    const { greeting, say } = await peer(intake);
    expect(greeting).toBe('220 deskledger ESMTP');
    const features = await say('EHLO client.example');
    expect(features).toContain('SIZE');
    expect(features).toContain('8BITMIME');
    expect(features).not.toMatch(/AUTH|STARTTLS/);
    expect(await say('AUTH PLAIN AAAA')).toMatch(/^500/);
    expect(await say('STARTTLS')).toMatch(/^500/);
  });

  it('refuses an unknown recipient and takes the known one beside it', async () => {
    const { intake, received } = await start();
    const { open, say } = await peer(intake);
    expect(await open('nobody@desk.example')).toBe('550 5.1.1 No such mailbox here');
    expect(await say('RCPT TO:<support@desk.example>')).toMatch(/^250/);
    await say('DATA');
    expect(await say('Subject: x\r\n\r\nbody\r\n.')).toMatch(/^250/);
    expect(received[0]?.recipients).toEqual(['support@desk.example']);
  });

  it('refuses more recipients than allowed for now, not for good', async () => {
    const { intake } = await start({ limits: { maxRecipients: 1 } });
    const { open, say } = await peer(intake);
    await open();
    expect(await say('RCPT TO:<support-vip@desk.example>')).toMatch(/^452 4\.5\.3/);
  });

  it('refuses a message that is declared too large before it is sent', async () => {
    const { intake } = await start();
    const { say } = await peer(intake);
    await say('EHLO client.example');
    expect(await say(`MAIL FROM:<a@b.example> SIZE=${maxBytes + 1}`)).toMatch(/^552 5\.3\.4/);
    expect(await say(`MAIL FROM:<a@b.example> SIZE=${maxBytes}`)).toMatch(/^250/);
  });

  it('refuses a message that turns out too large, after its end, and keeps the connection usable', async () => {
    const { intake, received } = await start();
    const { open, say } = await peer(intake);
    await open();
    await say('DATA');
    expect(await say(`${message(maxBytes + 1)}.`)).toMatch(/^552 5\.3\.4/);
    expect(received).toEqual([]);
    await open();
    await say('DATA');
    expect(await say(`${message()}.`)).toMatch(/^250/);
    expect(received).toHaveLength(1);
  });

  it('does not read on for ever: a peer that never ends its message is told and cut off', async () => {
    const { intake, received } = await start();
    const { answer, open, say, socket } = await peer(intake);
    await open();
    await say('DATA');
    const chunk = `${'x'.repeat(9_998)}\r\n`;
    const flood = setInterval(() => socket.write(chunk.repeat(10)), 1);
    expect(await answer()).toMatch(/^552 5\.3\.4/);
    expect(await answer()).toBe('closed');
    clearInterval(flood);
    expect(received).toEqual([]);
  });

  it.each([
    ['the store is away', new AppError('BLOB_STORE_UNAVAILABLE', { cause: new Error('disk at /var/secret') })],
    ['something unforeseen happens', new TypeError('secret is undefined')],
  ])('leaves a message with its sender when %s, and says nothing of the reason', async (_, error) => {
    const { intake } = await start({
      onMessage: async () => {
        throw error;
      },
    });
    const { open, say } = await peer(intake);
    await open();
    await say('DATA');
    const answer = await say(`${message(50_000)}.`);
    expect(answer).toMatch(/^451 4\.3\.0/);
    expect(answer).not.toMatch(/secret|disk|undefined/);
  });

  it('answers a mailbox look-up that fails as temporary', async () => {
    const { intake } = await start({ accepts: () => Promise.reject(new AppError('READ_MODEL_UNAVAILABLE')) });
    const { open } = await peer(intake);
    expect(await open()).toMatch(/^451 4\.3\.0/);
  });

  it('says 250 only after the message was stored', async () => {
    let stored = () => {};
    const storing = new Promise<void>((resolve) => {
      stored = resolve;
    });
    const { intake } = await start({
      onMessage: async ({ stream }) => {
        await buffer(stream);
        await storing;
      },
    });
    const { open, say } = await peer(intake);
    await open();
    await say('DATA');
    let answered = false;
    const answer = say(`${message()}.`).then((line) => {
      answered = true;
      return line;
    });
    await sleep(100);
    expect(answered).toBe(false);
    stored();
    expect(await answer).toMatch(/^250/);
  });

  it('drops half a message when the peer goes away', async () => {
    const outcome = Promise.withResolvers<string>();
    const { intake } = await start({
      onMessage: async ({ stream }) => {
        await buffer(stream).then(
          () => outcome.resolve('whole'),
          () => outcome.resolve('broken off'),
        );
      },
    });
    const { open, say, socket } = await peer(intake);
    await open();
    await say('DATA');
    socket.end('Subject: half\r\n\r\nthe beginning of\r\n');
    expect(await outcome.promise).toBe('broken off');
  });

  it('gives up on a peer that takes too long over a message', async () => {
    const { intake } = await start({ limits: { messageMs: 100 } });
    const { answer, open, say, socket } = await peer(intake);
    await open();
    await say('DATA');
    socket.write('Subject: slow\r\n');
    expect(await answer()).toMatch(/^421 4\.4\.2/);
  });

  it('refuses more connections than allowed', async () => {
    const { intake } = await start({ limits: { maxClients: 1 } });
    await peer(intake);
    const second = await peer(intake);
    expect(second.greeting).toMatch(/^421/);
  });

  it('lets no single address take all connections', async () => {
    const { intake, received } = await start({ limits: { maxPerAddress: 3 } });
    const idle = [await peer(intake), await peer(intake), await peer(intake)];
    const refused = await peer(intake);
    expect(refused.greeting).toMatch(/^421 4\.7\.0 /);
    const elsewhere = await smtpClient(intake.port(), '127.0.0.2');
    await elsewhere.open();
    await elsewhere.say('DATA');
    expect(await elsewhere.say(`${message()}.`)).toMatch(/^250/);
    expect(received[0]?.remote).toBe('127.0.0.2');
    idle[0]?.socket.destroy();
    await expect.poll(async () => (await peer(intake)).greeting).toMatch(/^220/);
  });

  it('cuts off who keeps a connection busy without ever sending a message', async () => {
    const { intake } = await start({ limits: { transactionMs: 300 } });
    const { answer, say } = await peer(intake);
    expect(await say('EHLO client.example')).toMatch(/^250/);
    let last = '';
    for (let n = 0; n < 50 && !/421|closed/.test(last); n += 1) {
      last = await say('MAIL FROM:<a@b.example>');
      if (last.startsWith('250')) last = await say('RSET');
      await sleep(20);
    }
    expect(last).toMatch(/421 4\.4\.2|closed/);
    expect(await answer()).toBe('closed');
  });

  it('lets who sends one message after the other go on', async () => {
    const { intake, received } = await start({ limits: { transactionMs: 400 } });
    const { open, say } = await peer(intake);
    for (let n = 0; n < 4; n += 1) {
      await sleep(150);
      await open();
      await say('DATA');
      expect(await say(`${message()}.`)).toMatch(/^250/);
    }
    expect(received).toHaveLength(4);
  });

  it('gives up on a message that trickles in', async () => {
    const { intake, received } = await start({ limits: { slow: { afterMs: 100, bytesPerSecond: 1_000 } } });
    const { answer, open, say, socket } = await peer(intake);
    await open();
    await say('DATA');
    const drip = setInterval(() => socket.write('x'), 10);
    expect(await answer()).toMatch(/^421 4\.4\.2/);
    clearInterval(drip);
    expect(received).toEqual([]);
  });

  it('offers STARTTLS when it has a certificate', async () => {
    const { cert, key } = await testCertificate();
    const { intake, received } = await start({ tls: { key, cert } });
    const sender = createTransport({ host: '127.0.0.1', port: intake.port(), requireTLS: true, tls: { ca: cert } });
    await sender.sendMail({ envelope, raw: message() });
    expect(received).toHaveLength(1);
    await transportTo(intake).sendMail({ envelope, raw: message() });
    expect(received).toHaveLength(2);
  });

  it('knows how to say no to what is no SMTP', async () => {
    const { intake } = await start();
    const web = await peer(intake);
    expect(await web.say('GET / HTTP/1.1')).toMatch(/^421/);
    const out = await peer(intake);
    await out.say('EHLO x');
    expect(await out.say('RCPT TO:<support@desk.example>')).toMatch(/^503/);
    expect(await out.say('MAIL FROM:not-an-address')).toMatch(/^501/);
    expect(await out.say('BDAT 10')).toMatch(/^500/);
    expect(await out.say('x'.repeat(9000))).toMatch(/^(421|500)/);
  });

  it('lets a message under way end when it is closed, and keeps nobody waiting who is idle', async () => {
    const begun = Promise.withResolvers<void>();
    const { intake, received } = await start({
      onMessage: async ({ stream, ...rest }) => {
        begun.resolve();
        received.push({ ...rest, raw: (await buffer(stream)).toString() });
      },
    });
    await peer(intake);
    const busy = await peer(intake);
    await busy.open();
    await busy.say('DATA');
    busy.socket.write('Subject: last one\r\n\r\n');
    await begun.promise;
    const closing = intake.close();
    expect(await busy.say('the end\r\n.')).toMatch(/^250/);
    await closing;
    expect(received).toHaveLength(1);
    await expect(peerRefused(intake)).resolves.toBe(true);
  });

  it('cuts a message that does not end when it is closed', async () => {
    const { intake } = await start({ limits: { closeMs: 100 } });
    const { answer, open, say } = await peer(intake);
    await open();
    await say('DATA');
    await intake.close();
    expect(await answer()).toMatch(/closed|421|451/);
  });

  it('tells its caller that the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
  });
});

const peerRefused = (intake: SmtpIntake): Promise<boolean> =>
  peer(intake).then(
    ({ greeting }) => greeting === 'closed',
    () => true,
  );
