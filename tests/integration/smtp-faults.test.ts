import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testCertificate } from '#tests/support/certificate.ts';
import { deliveryBy, smtpPassword, startSmtpPeer } from '#tests/support/smtp-peer.ts';
import { smtpPhases, startScriptedSmtp } from '#tests/support/smtp-script.ts';

const raw = Buffer.from('Message-ID: <1@desk.example>\r\nSubject: Hi\r\n\r\nHello\r\n');
const envelope = { from: 'support@desk.example', to: ['anna@customer.example'] };
const user = 'desk@corp.example';
const withLogin = (port: number, scheme = 'smtp', query = '') =>
  `${scheme}://${encodeURIComponent(user)}:${encodeURIComponent(smtpPassword)}@localhost:${port}${query}`;
const secured = { disabledCommands: [], authMethods: ['PLAIN', 'LOGIN', 'XOAUTH2'] };

describe('TLS and login', () => {
  it.each(['PLAIN', 'LOGIN'])('sends by STARTTLS, checked with a CA file, after a login by %s', async (method) => {
    const { cert, files, key } = await testCertificate();
    const peer = await startSmtpPeer({ ...secured, authMethods: [method], authOptional: false, key, cert });
    const delivery = deliveryBy({ SMTP_URL: withLogin(peer.port), SMTP_CA_FILE: files.cert });
    expect(await delivery.deliver({ envelope, raw })).toMatchObject({ delivered: true });
    expect(peer.logins).toEqual([`${method} ${user} true`]);
    expect(peer.accepted[0]?.raw).toBe(raw.toString());
  });

  it('sends by TLS from the first byte, with a password from a file that is read anew for each mail', async () => {
    const { cert, dir, files, key } = await testCertificate();
    const peer = await startSmtpPeer({ ...secured, authOptional: false, secure: true, key, cert });
    const passwordFile = join(dir, 'password');
    const variables = { SMTP_URL: `smtps://desk@localhost:${peer.port}`, SMTP_PASSWORD_FILE: passwordFile };
    const delivery = deliveryBy({ ...variables, SMTP_CA_FILE: files.cert });
    expect(await delivery.deliver({ envelope, raw })).toMatchObject({
      kind: 'temporary',
      reason: `The mail cannot be handed over: the password in ${passwordFile} cannot be read: ENOENT.`,
    });
    await writeFile(passwordFile, 'wrong');
    const refused = await delivery.deliver({ envelope, raw });
    expect(refused).toMatchObject({ delivered: false, kind: 'temporary' });
    expect(JSON.stringify(refused)).toMatch(/The login is refused by the mail server localhost:\d+: 535/);
    await writeFile(passwordFile, `${smtpPassword}\n`);
    expect(await delivery.deliver({ envelope, raw })).toMatchObject({ delivered: true });
  });

  it('logs in with an access token', async () => {
    const { cert, dir, files, key } = await testCertificate();
    const peer = await startSmtpPeer({ ...secured, authOptional: false, key, cert });
    const tokenFile = join(dir, 'token');
    await writeFile(tokenFile, 'token-1\n');
    const variables = { SMTP_URL: `smtp://desk@localhost:${peer.port}`, SMTP_TOKEN_FILE: tokenFile };
    const delivery = deliveryBy({ ...variables, SMTP_CA_FILE: files.cert });
    expect(await delivery.deliver({ envelope, raw })).toMatchObject({ delivered: true });
    await writeFile(tokenFile, 'token-2');
    expect(await delivery.deliver({ envelope, raw })).toMatchObject({ delivered: false, kind: 'temporary' });
    expect(peer.logins).toEqual(['XOAUTH2 desk true', 'XOAUTH2 desk false']);
  });

  it('trusts no certificate that nobody vouches for, and none of another name', async () => {
    const own = await testCertificate();
    const other = await testCertificate('DNS:elsewhere.example');
    const strange = await startSmtpPeer({ ...secured, key: own.key, cert: own.cert });
    const misnamed = await startSmtpPeer({ ...secured, key: other.key, cert: other.cert });
    const plain = `smtp://localhost:${strange.port}`;
    const untrusted = /^The certificate of the mail server localhost:\d+ is not trusted: /;
    for (const delivery of [
      deliveryBy({ SMTP_URL: plain }),
      deliveryBy({ SMTP_URL: withLogin(strange.port) }),
      deliveryBy({ SMTP_URL: `smtp://localhost:${misnamed.port}`, SMTP_CA_FILE: other.files.cert }),
    ])
      expect(await delivery.deliver({ envelope, raw })).toMatchObject({
        delivered: false,
        kind: 'temporary',
        reason: expect.stringMatching(untrusted),
      });
    expect([...strange.accepted, ...misnamed.accepted, ...strange.logins]).toEqual([]);
  });

  it('gives no password and no mail away when a server that should have STARTTLS has not', async () => {
    const peer = await startSmtpPeer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    for (const url of [withLogin(peer.port), `smtp://localhost:${peer.port}?tls=required`])
      expect(await deliveryBy({ SMTP_URL: url }).deliver({ envelope, raw })).toMatchObject({
        delivered: false,
        kind: 'temporary',
        reason: expect.stringMatching(/^STARTTLS is required and not to be had from the mail server localhost:\d+: 5/),
      });
    expect([...peer.accepted, ...peer.logins]).toEqual([]);
    const delivery = deliveryBy({ SMTP_URL: withLogin(peer.port, 'smtp', '?tls=none') });
    expect(await delivery.deliver({ envelope, raw })).toMatchObject({ delivered: true });
    expect(peer.logins).toEqual([`PLAIN ${user} true`]);
  });

  it('takes a demand for a login for a fault of the configuration, not of the mail', async () => {
    const peer = await startSmtpPeer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true, authOptional: false });
    const delivery = deliveryBy({ SMTP_URL: peer.url });
    expect(await delivery.deliver({ envelope, raw })).toMatchObject({ delivered: false, kind: 'temporary' });
    expect(peer.accepted).toEqual([]);
  });
});

describe('a server that does not do its part', () => {
  it.each(smtpPhases)('is waited for so long and no longer when it falls silent at: %s', async (phase) => {
    const server = await startScriptedSmtp(phase, 'silence');
    const result = await deliveryBy({ SMTP_URL: server.url }, { silenceMs: 200 }).deliver({ envelope, raw });
    expect(result).toMatchObject({
      delivered: false,
      kind: 'temporary',
      reason: expect.stringMatching(/^No answer in time from the mail server 127\.0\.0\.1:\d+\.$/),
    });
    await expect.poll(server.closed).toBe(1);
  });

  it.each(smtpPhases)('is tried again when it hangs up at: %s', async (phase) => {
    const server = await startScriptedSmtp(phase, 'hang-up');
    expect(await deliveryBy({ SMTP_URL: server.url }).deliver({ envelope, raw })).toMatchObject({
      delivered: false,
      kind: 'temporary',
      reason: expect.stringMatching(/ended before it said that it has the mail\.$|ECONNRESET/),
    });
  });

  it('is cut off when it talks without end', async () => {
    const server = await startScriptedSmtp('rcpt', 'chatter');
    const result = await deliveryBy({ SMTP_URL: server.url }, { deliveryMs: 300 }).deliver({ envelope, raw });
    const reason = 'The hand-over was not over within 0.3 seconds.';
    expect(result).toEqual({ delivered: false, kind: 'temporary', reason });
    await expect.poll(server.closed).toBe(1);
  });

  it('is given up soon when the desk stops', async () => {
    const server = await startScriptedSmtp('final-dot', 'silence');
    const stopping = new AbortController();
    const delivering = deliveryBy({ SMTP_URL: server.url }, { stopMs: 50 }).deliver({
      envelope,
      raw,
      signal: stopping.signal,
    });
    stopping.abort();
    expect(await delivering).toMatchObject({ kind: 'temporary', reason: expect.stringContaining('desk is stopping') });
    await expect.poll(server.closed).toBe(1);
  });

  it('says that it takes no mail of that size, and is not sent it', async () => {
    const peer = await startSmtpPeer({ size: 1_000 });
    const large = Buffer.concat([raw, Buffer.alloc(2_000, 'x\r\n')]);
    expect(await deliveryBy({ SMTP_URL: peer.url }).deliver({ envelope, raw: large })).toMatchObject({
      delivered: false,
      kind: 'permanent',
      reason: expect.stringMatching(/larger than allowed 1000/),
    });
  });

  it('is asked again later when it limits the rate', async () => {
    const peer = await startSmtpPeer();
    peer.answers.push({ code: 421, text: '4.7.0 too many mails, slow down' });
    expect(await deliveryBy({ SMTP_URL: peer.url }).deliver({ envelope, raw })).toMatchObject({
      delivered: false,
      kind: 'temporary',
      reason: expect.stringContaining('slow down'),
    });
  });

  it('tells for each recipient whether to try again', async () => {
    const peer = await startSmtpPeer();
    peer.recipients.set('ben@customer.example', [{ code: 450, text: '4.2.0 greylisted' }]);
    peer.recipients.set('cleo@customer.example', [{ code: 550, text: '5.1.1 unknown' }]);
    const to = ['anna@customer.example', 'ben@customer.example', 'cleo@customer.example'];
    expect(await deliveryBy({ SMTP_URL: peer.url }).deliver({ envelope: { ...envelope, to }, raw })).toEqual({
      delivered: true,
      response: expect.stringMatching(/^250/),
      refused: [
        { address: 'ben@customer.example', kind: 'temporary', reason: '450 4.2.0 greylisted' },
        { address: 'cleo@customer.example', kind: 'permanent', reason: '550 5.1.1 unknown' },
      ],
    });
    expect(peer.accepted[0]?.to).toEqual(['anna@customer.example']);
  });
});
