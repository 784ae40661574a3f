import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noDovecot, password, startDovecot } from '#tests/support/dovecot.ts';
import { sha256Hex } from '#tests/support/hash.ts';
import { accountOn, maxBytes, never, received, startIngest, startIntake } from '#tests/support/imap-desk.ts';
import { fixture, startMailDesk, until } from '#tests/support/mail-desk.ts';

const mail = (n: number) =>
  fixture('plain', {
    from: 'anna.berg@customer.example',
    to: 'support@desk.example',
    subject: `Question ${n}`,
    text: 'Line one\r\nline two',
    headers: `Message-ID: <question.${n}@customer.example>\r\n`,
  });

describe.skipIf(noDovecot !== null)('mail accounts', () => {
  it('makes a ticket of what IDLE tells of, keeps it byte by byte, flags it and leaves the rest to its readers', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    await startIngest(desk, { accounts: [accountOn(server)], pollMs: never });
    await server.deliver(await mail(1));
    await received(desk, 1);
    await server.deliver(await mail(2));
    await received(desk, 2);
    await desk.quiet();

    const [first] = await desk.events('InboundMailReceived');
    expect(first?.data).toMatchObject({
      mailboxId: 'support',
      transport: 'imap',
      envelopeFrom: null,
      remote: 'imap://support@127.0.0.1/INBOX',
      blob: sha256Hex(await mail(1)),
      size: (await mail(1)).length,
    });
    const tickets = await desk.events('TicketCreated');
    expect(tickets.map(({ data }) => data.subject)).toEqual(['Question 1', 'Question 2']);
    const [processed] = await desk.events('InboundMailProcessed');
    expect(processed?.data.classification).toBe('person');
    expect(await server.flags()).toEqual([['$Deskledger'], ['$Deskledger']]);
  });

  it('finds mail by looking when the server tells nothing', async () => {
    const [server, desk] = [await startDovecot({ without: ['IDLE'] }), await startMailDesk({ services: [] })];
    startIntake(desk, { accounts: [accountOn(server)], pollMs: 100 });
    await until('flagging', async () => {
      await server.deliver(await mail(1));
      return (await server.flags()).flat().length > 0;
    });
    expect(await received(desk, 1)).toHaveLength(1);
  });

  it('comes back by itself when the server was killed, and takes what came meanwhile', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const intake = startIntake(desk, { accounts: [accountOn(server)], pollMs: 500 });
    await server.deliver(await mail(1));
    await received(desk, 1);
    await server.stop('SIGKILL');
    await until('a failure to see', async () => /ECONNREFUSED|closed|connect/i.test(intake.status()[0] ?? ''));
    await server.start();
    await server.deliver(await mail(2));
    expect(await received(desk, 2)).toHaveLength(2);
    await until('connected', async () => intake.status()[0]?.includes('connected') === true);
  });

  it('takes nothing twice when the server numbers its mail anew and has lost the keywords', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const intake = startIntake(desk, { accounts: [accountOn(server)], pollMs: 200 });
    await server.deliver(await mail(1));
    await server.deliver(await mail(2));
    await received(desk, 2);
    const validity = () => server.session('support', async (it) => (await it.mailboxOpen('INBOX')).uidValidity);
    const before = await validity();
    await server.stop();
    await server.forgetNumbers();
    await new Promise((done) => setTimeout(done, 1_100)); // UIDVALIDITY is the time in seconds.
    await server.start();
    await server.deliver(await mail(3));
    await until('all flagged', async () => (await server.flags()).filter((it) => it.length > 0).length === 3);
    expect(await validity()).not.toBe(before);
    expect(await desk.events('InboundMailReceived')).toHaveLength(3);
    expect(intake.status()[0]).toContain('connected');
  });

  it('reads two accounts at once, one by TLS with its own authority, and is not held up by a third that refuses', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const tls = { port: server.ports.tls, security: 'tls', caFile: server.certificate } as const;
    const billing = accountOn(server, { ...tls, mailboxId: 'billing', user: 'billing' });
    const stranger = accountOn(server, { user: 'stranger', login: { password: 'wrong secret' } });
    const starttls = accountOn(server, { security: 'starttls', caFile: server.certificate });
    const intake = startIntake(desk, { accounts: [stranger, starttls, billing], pollMs: never });
    await server.deliver(await mail(1), 'support');
    await server.deliver(await mail(2), 'billing');
    const mails = await received(desk, 2);
    expect(mails.map(({ data }) => data.mailboxId).sort()).toEqual(['billing', 'support']);
    await until('a refusal', async () => intake.status()[0]?.includes('refuses the login') === true);
    expect(intake.status().join()).not.toContain('wrong secret');
  });

  it('goes on trying with a refused login, reading its file anew, and works once that is mended', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const passwordFile = join(server.dir, 'password');
    await writeFile(passwordFile, 'wrong secret');
    const intake = startIntake(desk, { accounts: [accountOn(server, { login: { passwordFile } })] });
    await until('a refusal', async () => intake.status()[0]?.includes('the server refuses the login') === true);
    expect(intake.status()[0]).not.toContain('wrong secret');
    await server.deliver(await mail(1));
    await writeFile(passwordFile, `${password}\n`);
    expect(await received(desk, 1)).toHaveLength(1);
  });

  it('trusts no certificate that nobody vouches for', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const account = accountOn(server, { port: server.ports.tls, security: 'tls' });
    const intake = startIntake(desk, { accounts: [account] });
    await until('a refusal', async () => /self-signed certificate/.test(intake.status()[0] ?? ''));
  });

  it('holds what is too large in quarantine, once, and goes on', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    await startIngest(desk, { accounts: [accountOn(server)], pollMs: 200 });
    await server.deliver(Buffer.concat([await mail(1), Buffer.alloc(maxBytes, 'x\r\n')]));
    await server.deliver(await mail(2));
    await received(desk, 2);
    await desk.quiet();
    const [large] = await desk.events('InboundMailReceived');
    expect(large?.data.size).toBeGreaterThan(maxBytes);
    expect((await desk.desk.platform.blobs.read(large!.data.blob)).length).toBe(64 * 1024);
    const processed = await desk.events('InboundMailProcessed');
    expect(processed.map(({ data }) => data.outcome)).toEqual(['quarantined', 'ticket-created']);
    expect(processed[0]?.data.reason).toMatch(/larger than 2097152 bytes/);
    expect(await server.flags()).toEqual([['$Deskledger'], ['$Deskledger']]);
  });

  it('moves what it has taken when asked to, also what was only flagged before', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const flagging = startIntake(desk, { accounts: [accountOn(server)], pollMs: never });
    await server.deliver(await mail(1));
    await received(desk, 1);
    await flagging.stop();
    startIntake(desk, { accounts: [accountOn(server, { afterwards: { moveTo: 'Taken' } })], pollMs: never });
    await server.deliver(await mail(2));
    await until('both moved', async () => (await server.flags('Taken').catch(() => [])).length === 2);
    expect(await server.flags()).toEqual([]);
    expect(await server.flags('Taken')).toEqual([['$Deskledger'], ['$Deskledger']]);
    expect(await desk.events('InboundMailReceived')).toHaveLength(2);
  });

  it('is not stopped by a mail that cannot be read, shows it, and takes it once it can', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    await server.deliver(await mail(1));
    await server.deliver(await mail(2));
    // Opening the folder gives the files the names they keep.
    await server.session('support', (client) => client.mailboxOpen('INBOX'));
    const cur = join(server.maildir('support'), 'cur');
    const [unreadable] = (await readdir(cur)).sort().map((name) => join(cur, name));
    await chmod(unreadable!, 0);
    const intake = startIntake(desk, { accounts: [accountOn(server)], pollMs: 200 });
    const [taken] = await received(desk, 1);
    expect(taken?.data.blob).toBe(sha256Hex(await mail(2)));
    await until(
      'the failure to show',
      async () => intake.status()[0]?.includes('mails that cannot be taken in: 1') === true,
    );
    await chmod(unreadable!, 0o600);
    desk.desk.clock.forward({ hours: 1 });
    expect(await received(desk, 2)).toHaveLength(2);
  });

  it('takes two equal mails without Message-ID twice, and mail for no mailbox of the desk not at all', async () => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: [] })];
    const alarm = await fixture('plain', {
      from: 'a@b.example',
      to: 'support@desk.example',
      subject: 'x',
      text: 'Hot.',
    });
    await server.deliver(alarm);
    await server.deliver(alarm);
    await server.deliver(alarm, 'billing');
    const lost = accountOn(server, { mailboxId: 'nobody', user: 'billing' });
    const intake = startIntake(desk, { accounts: [accountOn(server), lost], pollMs: 100 });
    expect(await received(desk, 2)).toHaveLength(2);
    expect(intake.status()[1]).toContain('the desk has no active mailbox nobody');
    expect(await server.flags('INBOX', 'billing')).toEqual([[]]);
  });
});
