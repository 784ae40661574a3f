import { createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '#packages/kernel/errors.ts';
import { createSmtpIntake, type IncomingMessage } from '#packages/mail/smtp-intake.ts';
import { deliveryBy } from '#tests/support/smtp-peer.ts';

const log = pino({ level: 'silent' });
const maxBytes = 100_000;
const message = (size = 10) => `Subject: Hi\r\n\r\n${'x'.repeat(size)}\r\n`;
const envelope = { from: 'anna@customer.example', to: ['support@desk.example'] };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0)) await part.close();
});

/** A server that takes mail for support@ only. */
async function server(onMessage: (message: IncomingMessage) => Promise<void>) {
  const accepts = async (recipient: string) => (recipient.startsWith('support@') ? 'support' : null);
  const intake = await createSmtpIntake({ port: 0, maxBytes, accepts, onMessage, log });
  open.push(intake);
  return intake.port();
}

async function start() {
  const received: string[] = [];
  const port = await server(async ({ stream }) => {
    received.push((await buffer(stream)).toString());
  });
  return { port, received };
}

describe('SMTP delivery', () => {
  const deliveryTo = (port: number, silenceMs = 2000) =>
    deliveryBy({ SMTP_URL: `smtp://127.0.0.1:${port}` }, { silenceMs });
  const raw = Buffer.from(message());

  it('hands a message over as it is', async () => {
    const { port, received } = await start();
    const result = await deliveryTo(port).deliver({ envelope, raw });
    expect(result).toEqual({ delivered: true, response: '250 2.0.0 Accepted', refused: [] });
    expect(received[0]).toBe(message());
  });

  it('keeps addresses out of the log', async () => {
    const lines: string[] = [];
    const heard = pino({}, { write: (line: string) => void lines.push(line) });
    const { port } = await start();
    const delivery = deliveryBy({ SMTP_URL: `smtp://127.0.0.1:${port}` }, {}, heard);
    await delivery.deliver({ envelope: { ...envelope, to: ['bert@customer.example'] }, raw });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"responseCode":550');
    expect(lines[0]).not.toContain('bert@');
  });

  it('names the recipients that were refused while others were not', async () => {
    const { port } = await start();
    const to = ['nobody@desk.example', 'support@desk.example'];
    const result = await deliveryTo(port).deliver({ envelope: { ...envelope, to }, raw });
    expect(result).toMatchObject({
      delivered: true,
      refused: [{ address: 'nobody@desk.example', kind: 'permanent', reason: '550 5.1.1 No such mailbox here' }],
    });
  });

  it('calls a refusal of the message permanent', async () => {
    const { port } = await start();
    const delivery = deliveryTo(port);
    expect(await delivery.deliver({ envelope: { ...envelope, to: ['nobody@desk.example'] }, raw })).toMatchObject({
      delivered: false,
      kind: 'permanent',
      reason: expect.stringContaining('5.1.1'),
    });
    const large = Buffer.from(message(maxBytes + 1));
    expect(await delivery.deliver({ envelope, raw: large })).toMatchObject({ delivered: false, kind: 'permanent' });
  });

  it('calls everything that may pass temporary: a busy server, none, or a silent one', async () => {
    const busy = await server(() => Promise.reject(new AppError('STORE_UNAVAILABLE')));
    expect(await deliveryTo(busy).deliver({ envelope, raw })).toMatchObject({
      delivered: false,
      kind: 'temporary',
      reason: expect.stringContaining('451'),
    });
    expect(await deliveryTo(1).deliver({ envelope, raw })).toMatchObject({ delivered: false, kind: 'temporary' });
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    expect(await deliveryTo(port, 200).deliver({ envelope, raw })).toMatchObject({
      delivered: false,
      kind: 'temporary',
    });
    silent.close();
  });

  it('does not pass a password on in its reasons', async () => {
    const delivery = deliveryBy({ SMTP_URL: 'smtp://desk:s3cret@127.0.0.1:1' }, { silenceMs: 500 });
    const result = await delivery.deliver({ envelope, raw });
    expect(JSON.stringify(result)).not.toContain('s3cret');
  });
});
