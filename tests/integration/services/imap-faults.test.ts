import { describe, expect, it } from 'vitest';
import { sleep } from '#packages/kernel/retry.ts';
import { noDovecot, startDovecot } from '#tests/support/dovecot.ts';
import { accountOn, never, received, startIntake } from '#tests/support/imap-desk.ts';
import { fixture, startMailDesk, until } from '#tests/support/mail-desk.ts';
import { startTcpProxy } from '#tests/support/tcp-proxy.ts';

const mail = (n: number) =>
  fixture('plain', {
    from: 'anna.berg@customer.example',
    to: 'support@desk.example',
    subject: `Question ${n}`,
    text: 'Hello',
    headers: `Message-ID: <question.${n}@customer.example>\r\n`,
  });

describe.skipIf(noDovecot !== null)('a mail account that is in trouble', () => {
  it('is found dead when its connection falls silent in IDLE, and is read over another one', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const proxy = await startTcpProxy(server.ports.plain);
    const account = accountOn(server, { port: proxy.port });
    startIntake(desk, { accounts: [account], pollMs: 1_000, commandMs: 1_000 });
    await server.deliver(await mail(1));
    await received(desk, 1);
    await sleep(700); // imapflow idles half a second after the last command.
    proxy.silence();
    await server.deliver(await mail(2));
    expect(await received(desk, 2)).toHaveLength(2);
    expect(proxy.connections()).toBeGreaterThanOrEqual(2);
  });

  it('is not stormed when it lets us in only to throw us out', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const proxy = await startTcpProxy(server.ports.plain);
    const account = accountOn(server, { port: proxy.port });
    startIntake(desk, { accounts: [account], pollMs: never, backoff: { minMs: 300, maxMs: 3_000 } });
    const end = Date.now() + 4_000;
    while (Date.now() < end) {
      await sleep(150);
      proxy.hangUp();
    }
    expect(proxy.connections()).toBeGreaterThanOrEqual(2);
    // Without a pause it would be about one every 150 ms, 26 of them.
    expect(proxy.connections()).toBeLessThanOrEqual(13);
  });

  it('is said to be absent at the start, and is read once it is there', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    await server.deliver(await mail(1));
    await server.stop();
    const intake = startIntake(desk, { accounts: [accountOn(server)] });
    await until('a reason', async () => intake.status()[0]?.includes('ECONNREFUSED') === true);
    await server.start();
    expect(await received(desk, 1)).toHaveLength(1);
  });

  it('is refused with a reason when its folder is missing, and read when somebody makes it', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const intake = startIntake(desk, { accounts: [accountOn(server, { folder: 'Requests' })] });
    await until('a reason', async () => /Requests|exist/i.test(intake.status()[0]?.split(': ')[1] ?? ''));
    await server.session('support', async (client) => {
      await client.mailboxCreate('Requests');
      await client.append('Requests', await mail(1));
    });
    expect(await received(desk, 1)).toHaveLength(1);
  });

  it('is not read with moveTo when it cannot MOVE: copying and deleting is not moving', async () => {
    const [server, desk] = [await startDovecot({ without: ['MOVE'] }), await startMailDesk({ services: [] })];
    await server.deliver(await mail(1));
    const moving = accountOn(server, { afterwards: { moveTo: 'Taken' } });
    const intake = startIntake(desk, { accounts: [moving] });
    await until('a reason', async () => intake.status()[0]?.includes('the server cannot MOVE (RFC 6851)') === true);
    expect(await desk.events('InboundMailReceived')).toEqual([]);
    expect(await server.flags()).toEqual([[]]);
  });

  it('is not read with flag when it keeps no keywords, and with moveTo it is', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const proxy = await startTcpProxy(server.ports.plain, (text) =>
      text.replace(/\[PERMANENTFLAGS \([^)]*\)\]/g, '[PERMANENTFLAGS (\\Answered \\Seen)]'),
    );
    await server.deliver(await mail(1));
    const flagging = startIntake(desk, { accounts: [accountOn(server, { port: proxy.port })] });
    await until('a reason', async () => flagging.status()[0]?.includes('keeps no keywords') === true);
    await flagging.stop();
    startIntake(desk, { accounts: [accountOn(server, { port: proxy.port, afterwards: { moveTo: 'Taken' } })] });
    expect(await received(desk, 1)).toHaveLength(1);
    await until('moved', async () => (await server.flags()).length === 0);
    expect(await server.flags('Taken')).toEqual([[]]);
  });

  it('leaves mail alone that came before its date', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    await server.session('support', async (client) =>
      client.append('INBOX', await mail(1), [], new Date('2026-01-05T12:00:00Z')),
    );
    await server.deliver(await mail(2));
    startIntake(desk, { accounts: [accountOn(server, { since: '2026-02-01' })], pollMs: 100 });
    expect(await received(desk, 1)).toHaveLength(1);
    expect(await server.flags()).toEqual([[], ['$Deskledger']]);
  });

  it('is not asked for the same mail every minute when it forgets what it was told to keep', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const proxy = await startTcpProxy(
      server.ports.plain,
      (text) => text,
      (text) => text.replace(/( STORE [^\r\n]*)\$Deskledger/, '$1$$Elsewhere'),
    );
    await server.deliver(await mail(1));
    const intake = startIntake(desk, { accounts: [accountOn(server, { port: proxy.port })], pollMs: 100 });
    await until('put off', async () => intake.status()[0]?.includes('cannot be taken in: 1') === true);
    expect(await desk.events('InboundMailReceived')).toHaveLength(1);
  });

  it('may hold a great many mails: they are taken one by one, and how far it is shows', {
    timeout: 120_000,
  }, async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const count = 300;
    await server.session('support', async (client) => {
      for (let n = 1; n <= count; n += 1) await client.append('INBOX', await mail(n));
    });
    const intake = startIntake(desk, { accounts: [accountOn(server)], pollMs: never });
    await until('progress', async () => /taking in \d+ of \d+/.test(intake.status()[0] ?? ''));
    await expect.poll(async () => (await server.flags()).flat().length, { timeout: 90_000 }).toBe(count);
    expect(await desk.events('InboundMailReceived')).toHaveLength(count);
  });
});
