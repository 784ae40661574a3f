import { describe, expect, it } from 'vitest';
import { type ClassifyOptions, classify } from '#packages/mail/classify.ts';
import { ownMessageId } from '#packages/mail/own-mail.ts';
import { readMail } from '#packages/mail/read-mail.ts';

const options: ClassifyOptions = {
  envelopeFrom: 'anna@customer.example',
  ownAddresses: new Set(['support@desk.example']),
  ownDomain: 'desk.example',
};
const from = 'From: Anna <anna@customer.example>\r\n';
const uuid = '0190a5c8-0000-7000-8000-000000000000';

const kindOf = async (header: string, body = 'Hello', changes: Partial<ClassifyOptions> = {}) =>
  classify(await readMail(Buffer.from(`${header}\r\n\r\n${body}`)), { ...options, ...changes });

const dsn = (action: string, status: string) =>
  `--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; who@gone.example\r\nAction: ${action}\r\nStatus: ${status}\r\n--b--`;
const report =
  'From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b';

describe('classification', () => {
  it.each<[string, string, string?]>([
    ['plain mail', 'Subject: Help'],
    [
      'a plain mail about bounces',
      'Subject: Undelivered Mail Returned to Sender',
      '550 5.1.1 user unknown is what I get. Please help!',
    ],
    ['a mail about being out of office', 'Subject: Out of office assistant does not work'],
    ['a mail that says it is not automatic', 'Auto-Submitted: no'],
    ['a mail that wants no receipts', 'X-Auto-Response-Suppress: DR, RN, NRN'],
    ['a postmaster who asks for help', 'Reply-To: postmaster@customer.example\r\nSubject: Printer'],
  ])('%s is from a person', async (_, header, body) => {
    expect(await kindOf(from + header, body)).toMatchObject({ classification: 'person', automatic: false });
  });

  it.each([
    ['Auto-Submitted: auto-replied (vacation)', 'Auto-Submitted'],
    ['Auto-Submitted: auto-generated\r\nIn-Reply-To: <a@desk.example>', 'program'],
    ['X-Autoreply: yes', 'x-autoreply'],
    ['X-Autorespond: Hi', 'x-autorespond'],
    ['Precedence: auto_reply', 'auto_reply'],
    ['X-Auto-Response-Suppress: All\r\nReferences: <a@desk.example>', 'program'],
    ['Subject: Automatic reply: Fire\r\nIn-Reply-To: <a@desk.example>', 'absence'],
    ['Subject: Abwesenheitsnotiz\r\nX-Auto-Response-Suppress: OOF', 'absence'],
    ['Content-Type: multipart/report; report-type=disposition-notification; boundary=b', 'disposition-notification'],
  ])('%j is an automatic answer', async (header, reason) => {
    const result = await kindOf(from + header);
    expect(result).toMatchObject({ classification: 'auto-reply', automatic: true });
    expect(result.reason).toContain(reason);
  });

  it('takes mail without a return address for automatic', async () => {
    expect((await kindOf(`${from}Subject: Thanks`, 'Thanks', { envelopeFrom: null })).classification).toBe(
      'auto-reply',
    );
    expect((await kindOf(`${from}Subject: Thanks`, 'Thanks', { envelopeFrom: undefined })).classification).toBe(
      'person',
    );
  });

  it.each([
    ['List-Id: <news.customer.example>'],
    ['List-Unsubscribe: <mailto:x@y.example>'],
    ['Precedence: bulk'],
    ['Precedence: list'],
    ['Auto-Submitted: auto-generated'],
    ['X-Auto-Response-Suppress: All'],
  ])('%j alone is mail of a program or to many, worth a ticket but no answer', async (header) => {
    expect(await kindOf(from + header)).toMatchObject({ classification: 'list', automatic: true });
  });

  it('does not answer addresses that nobody reads, unless a person is behind them', async () => {
    expect(await kindOf('From: no-reply@shop.example')).toMatchObject({ classification: 'list' });
    expect(await kindOf('From: noreply@site.example\r\nReply-To: visitor@home.example')).toMatchObject({
      classification: 'person',
    });
  });

  it('knows the desk’s own mail', async () => {
    expect(await kindOf(`${from}X-Deskledger-Loop: desk.example`)).toMatchObject({ classification: 'own' });
    expect(await kindOf(`${from}X-Deskledger-Loop: other.example`)).toMatchObject({ classification: 'person' });
    expect(await kindOf(`${from}Message-ID: <${ownMessageId(uuid, 'desk.example')}>`)).toMatchObject({
      classification: 'own',
    });
    expect(await kindOf(`${from}Message-ID: <desk-1@desk.example>`)).toMatchObject({ classification: 'person' });
    expect(await kindOf('From: support@desk.example')).toMatchObject({ classification: 'own' });
    expect(await kindOf('From: Support+t1-0123456789abcdef@Desk.Example')).toMatchObject({ classification: 'own' });
  });

  it('takes a web form of the own site for the person who filled it in', async () => {
    const form = 'From: support@desk.example\r\nReply-To: visitor@home.example';
    expect(await kindOf(form)).toMatchObject({ classification: 'person' });
    expect(await kindOf('From: support@desk.example\r\nReply-To: support@desk.example')).toMatchObject({
      classification: 'own',
    });
  });
});

describe('bounces', () => {
  it('reads reports, permanent and temporary', async () => {
    expect(await kindOf(report, dsn('failed', '5.1.1'))).toMatchObject({
      classification: 'bounce',
      automatic: true,
      permanent: true,
      failedRecipients: ['who@gone.example'],
      reason: 'Its delivery status report (RFC 3464) says that delivery failed for who@gone.example.',
    });
    expect(await kindOf(report, dsn('delayed', '4.4.1'))).toMatchObject({ classification: 'bounce', permanent: false });
    expect(await kindOf(report, dsn('nonsense', '4.2.2'))).toMatchObject({
      classification: 'bounce',
      permanent: false,
    });
  });

  it('does not take the report of a success for a bounce', async () => {
    expect(await kindOf(report, dsn('delivered', '2.0.0'))).toMatchObject({ classification: 'auto-reply' });
  });

  it.each([
    [
      'qmail',
      'From: MAILER-DAEMON@mx.example\r\nSubject: failure notice',
      "Hi. This is the qmail-send program. I'm afraid I wasn't able to deliver your message.",
      true,
    ],
    [
      'Exim',
      'From: Mail Delivery System <Mailer-Daemon@mx.example>\r\nX-Failed-Recipients: who@gone.example\r\nSubject: Mail delivery failed',
      'x',
      true,
    ],
    [
      'Exim, late',
      'From: Mail Delivery System <Mailer-Daemon@mx.example>\r\nSubject: Warning: message 1x delayed 24 hours',
      'has not yet been delivered',
      false,
    ],
    [
      'Exchange',
      'From: postmaster@customer.example\r\nSubject: Undeliverable: Fire',
      'Your message did not reach some or all of the recipients',
      true,
    ],
    ['a gateway', 'From: smtp-gateway@customer.example\r\nSubject: Delivery failure', 'could not be delivered', true],
    [
      'German',
      'From: mailer-daemon@gmx.example\r\nSubject: Unzustellbar',
      'Ihre Nachricht konnte nicht zugestellt werden',
      true,
    ],
  ])('knows those without a report: %s', async (_, header, body, permanent) => {
    expect(await kindOf(header, body, { envelopeFrom: null })).toMatchObject({ classification: 'bounce', permanent });
    expect(await kindOf(header, body)).toMatchObject({ classification: 'bounce', permanent });
  });

  it('gives a sentence for the person who asks why', async () => {
    const { reason } = await kindOf('From: MAILER-DAEMON@mx.example\r\nSubject: failure notice');
    expect(reason).toBe('Delivery report: a mail system sent it, and its subject says that a mail was not delivered.');
  });
});
