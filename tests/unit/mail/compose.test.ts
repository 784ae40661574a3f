import { describe, expect, it } from 'vitest';
import { classify } from '#packages/mail/classify.ts';
import { composeMail, threadHeaders } from '#packages/mail/compose.ts';
import { ownMessageId } from '#packages/mail/own-mail.ts';
import { readMail } from '#packages/mail/read-mail.ts';
import { acknowledgement, reply, replySubject } from '#packages/mail/templates.ts';

const id = '0190a5c8-0000-7000-8000-000000000000';
const queued: Parameters<typeof composeMail>[0] = {
  ticketId: id,
  causeEventId: id,
  template: 'acknowledgement',
  from: { name: 'Müller & Söhne, Support', address: 'support@desk.example' },
  to: ['anna@customer.example'],
  cc: ['bob@customer.example'],
  replyTo: 'support+t1234-0123456789abcdef@desk.example',
  subject: 'Re: Feuer im Büro [#1234]',
  messageId: ownMessageId(id, 'desk.example'),
  inReplyTo: 'one@customer.example',
  references: ['zero@customer.example', 'one@customer.example'],
  automatic: true,
  text: 'Hello\n.\nFrom here on',
  html: '<p>Hello</p>',
  attachments: [],
};
const options = { date: '2026-01-02T03:04:05.678Z', ownDomain: 'desk.example', attachments: [] };
const headerOf = (raw: Buffer) => raw.toString().split('\r\n\r\n')[0]!;

describe('composing', () => {
  it('makes a message that reads back as what was queued', async () => {
    const raw = await composeMail(queued, options);
    expect(raw.toString()).not.toMatch(/[^\r]\n/);
    expect(await readMail(raw)).toMatchObject({
      from: { name: 'Müller & Söhne, Support', address: 'support@desk.example' },
      to: [{ address: 'anna@customer.example' }],
      cc: [{ address: 'bob@customer.example' }],
      replyTo: [{ address: 'support+t1234-0123456789abcdef@desk.example' }],
      subject: 'Re: Feuer im Büro [#1234]',
      messageId: `desk-${id}@desk.example`,
      inReplyTo: ['one@customer.example'],
      references: ['zero@customer.example', 'one@customer.example'],
      date: '2026-01-02T03:04:05.000Z',
      full: { text: 'Hello\n.\nFrom here on', html: '<p>Hello</p>' },
    });
  });

  it('marks automatic mail so that programs do not answer it, and other mail not', async () => {
    const automatic = await readMail(await composeMail(queued, options));
    expect(automatic.headers).toMatchObject({
      'auto-submitted': ['auto-replied'],
      'x-auto-response-suppress': ['All'],
    });
    const byHand = await readMail(await composeMail({ ...queued, automatic: false }, options));
    expect(Object.keys(byHand.headers)).not.toContain('auto-submitted');
  });

  it('is known as our own when it comes back', async () => {
    const back = await readMail(await composeMail({ ...queued, from: { name: '', address: 'x@y.example' } }, options));
    const known = classify(back, { envelopeFrom: 'x@y.example', ownAddresses: new Set(), ownDomain: 'desk.example' });
    expect(known.classification).toBe('own');
  });

  it('lets nothing in a value begin a header or a body of its own', async () => {
    const evil = 'x\r\nBcc: eve@evil.example\r\n\r\n<script>';
    const raw = await composeMail(
      {
        ...queued,
        subject: evil,
        from: { ...queued.from, name: evil },
        inReplyTo: `a>\r\nBcc: eve@evil.example`,
        references: [evil],
        messageId: `${queued.messageId}\r\nBcc: eve@evil.example`,
      },
      {
        ...options,
        attachments: [
          { name: evil, mediaType: 'text/plain', contentId: evil, inline: false, content: Buffer.from('x') },
        ],
      },
    );
    expect(raw.toString()).not.toMatch(/^Bcc:/m);
    expect((await readMail(raw)).to).toHaveLength(1);
  });

  it('sends files along', async () => {
    const content = Buffer.from([0, 1, 2, 255]);
    const file = { name: 'Übersicht.pdf', mediaType: 'application/pdf', contentId: null, inline: false, content };
    const { attachments } = await readMail(await composeMail(queued, { ...options, attachments: [file] }));
    expect(attachments).toMatchObject([{ name: 'Übersicht.pdf', mediaType: 'application/pdf' }]);
    expect(attachments[0]?.content.equals(content)).toBe(true);
  });

  it('neither reads files nor fetches addresses that a text names', async () => {
    const raw = await composeMail({ ...queued, html: '<img src="file:///etc/passwd">', text: '/etc/passwd' }, options);
    expect(raw.toString()).not.toContain('root:');
    expect(headerOf(raw)).toContain('X-Deskledger-Loop: desk.example');
  });
});

describe('threading headers', () => {
  it('continue the chain of the answered message', () => {
    expect(threadHeaders({ messageId: 'c', references: ['a', 'b'] })).toEqual({
      inReplyTo: 'c',
      references: ['a', 'b', 'c'],
    });
    expect(threadHeaders({ messageId: null, references: ['a'] })).toEqual({ inReplyTo: null, references: ['a'] });
    expect(threadHeaders(null)).toEqual({ inReplyTo: null, references: [] });
  });

  it('keep the first and the last of a long chain', () => {
    const references = Array.from({ length: 50 }, (_, index) => `r${index}`);
    const { references: kept } = threadHeaders({ messageId: 'last', references });
    expect(kept).toHaveLength(20);
    expect([kept[0], kept[1], kept.at(-1)]).toEqual(['r0', 'r32', 'last']);
  });
});

describe('templates', () => {
  it.each([
    ['Fire', 'Re: Fire [#7]'],
    ['Re: AW: RE: Fire [#3] [#7]', 'Re: Fire [#7]'],
    ['Re[2]: Fire', 'Re: Fire [#7]'],
    ['Fwd: Fire', 'Re: Fwd: Fire [#7]'],
    ['', 'Re:  [#7]'],
  ])('subject %j becomes %j', (subject, expected) => {
    expect(replySubject(subject, 7)).toBe(expected);
  });

  it('keep a subject short enough for a header', () => {
    expect(replySubject('x'.repeat(998), 7)).toMatch(/^Re: x{200} \[#7\]$/);
  });

  it('acknowledge with number and subject, and escape what the customer wrote', () => {
    const mail = acknowledgement({
      ticketNumber: 7,
      subject: '<b>Fire</b>\n\nnow',
      deskName: 'Support',
      requesterName: 'Anna',
    });
    expect(mail.subject).toBe('Re: <b>Fire</b> now [#7]');
    expect(mail.text).toContain('Hello Anna,');
    expect(mail.text).toContain('“<b>Fire</b> now”');
    expect(mail.text).toContain('#7');
    expect(mail.html).toContain('“&lt;b&gt;Fire&lt;/b&gt; now”');
  });

  it('answer in the agent’s words, signed, with the number', () => {
    const mail = reply({
      ticketNumber: 7,
      subject: 'Fire',
      deskName: 'Support',
      agentName: 'Bea <3',
      text: 'Use\nwater & sand',
      html: null,
    });
    expect(mail.text).toBe(
      'Use\nwater & sand\n\nBea <3\nSupport\n\nTicket #7. To go on with it, just answer this mail.',
    );
    expect(mail.html).toContain('<p>Use<br>water &amp; sand</p>\n<p>Bea &lt;3<br>Support</p>');
    const rich = reply({
      ticketNumber: 7,
      subject: 'Fire',
      deskName: '',
      agentName: 'Bea',
      text: '',
      html: '<p><b>Use</b> water</p>',
    });
    expect(rich.html).toContain('<p><b>Use</b> water</p>');
    expect(rich.text).toMatch(/^Use water\n\nBea\n\n/);
  });
});
