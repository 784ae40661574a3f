import { Readable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { createMailParser } from '#packages/mail/parse.ts';
import type { ParsedMail } from '#packages/mail/parsed-mail.ts';

const log = pino({ level: 'silent' });
const parser = createMailParser({ log, workers: 2 });
afterAll(() => parser.close());

const crlf = (text: string) => text.replace(/\r?\n/g, '\r\n');

async function read(raw: string | Buffer): Promise<ParsedMail> {
  const outcome = await parser.parse(typeof raw === 'string' ? Buffer.from(crlf(raw)) : raw);
  if (!outcome.parsed) throw new Error(outcome.reason);
  return outcome.mail;
}

const latin1 = (text: string) => Buffer.from(crlf(text), 'latin1');

describe('parser', () => {
  it('reads the header', async () => {
    const mail = await read(`From: "Anna Kunde" <Anna.Kunde@Customer.Example>
To: support@desk.example, =?utf-8?B?SsO8cmdlbg==?= <j@desk.example>
Cc: Team: a@x.example, b@x.example;
Reply-To: anna@home.example
Message-ID: <one@customer.example>
In-Reply-To: <a@desk.example> (your message)
References: <z@desk.example> <a@desk.example>
Date: Mon, 2 Apr 2012 18:27:08 +0400 (MSD)
Subject: =?iso-8859-1?Q?Gr=FC=DFe?= and
 more

Hello
`);
    expect(mail).toMatchObject({
      from: { name: 'Anna Kunde', address: 'anna.kunde@customer.example' },
      to: [
        { name: '', address: 'support@desk.example' },
        { name: 'Jürgen', address: 'j@desk.example' },
      ],
      cc: [{ address: 'a@x.example' }, { address: 'b@x.example' }],
      replyTo: [{ address: 'anna@home.example' }],
      messageId: 'one@customer.example',
      inReplyTo: ['a@desk.example'],
      references: ['z@desk.example', 'a@desk.example'],
      date: '2012-04-02T14:27:08.000Z',
      subject: 'Grüße and more',
      full: { text: 'Hello', html: null },
      attachments: [],
      notes: [],
    });
    expect(mail.headers['references']).toEqual(['<z@desk.example> <a@desk.example>']);
  });

  it('takes a stream, and the file of an mbox', async () => {
    const raw = 'From anna@customer.example Mon Apr  2 18:27:08 2012\nFrom: anna@customer.example\n\nHi\n';
    const outcome = await parser.parse(Readable.from([Buffer.from(raw.slice(0, 20)), Buffer.from(raw.slice(20))]));
    expect(outcome).toMatchObject({
      parsed: true,
      mail: { from: { address: 'anna@customer.example' }, full: { text: 'Hi' } },
    });
  });

  it('passes on the error of its stream, and calls what is too large unreadable', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('disk gone'));
      },
    });
    await expect(parser.parse(broken)).rejects.toThrow('disk gone');
    const small = createMailParser({ log, maxBytes: 10 });
    expect(await small.parse(Buffer.alloc(11))).toMatchObject({
      parsed: false,
      reason: expect.stringContaining('10 bytes'),
    });
    await small.close();
  });

  it('prefers the plain form and keeps the HTML one sanitised beside it', async () => {
    const mail = await read(`Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

plain
--b
Content-Type: text/html

<p onclick="x()">rich<script>alert(1)</script></p>
--b--
`);
    expect(mail.full).toEqual({ text: 'plain', html: '<p>rich</p>' });
  });

  it('makes text of mail that is HTML only, and puts parts beside each other together', async () => {
    const html = await read('Content-Type: text/html\n\n<p>One</p><p>Two <a href="https://x.example/">link</a></p>');
    expect(html.full.text).toBe('One\n\nTwo link <https://x.example/>');
    const mixed = await read(`Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html

<p>before</p>
--b
Content-Type: text/plain

after <it>
--b--
`);
    expect(mixed.full.text).toBe('before\nafter <it>');
    expect(mixed.full.html).toContain('after &lt;it&gt;');
  });

  it('tells files, inline images and attached messages apart', async () => {
    const mail = await read(`Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html

<img src="cid:logo@x"> hi
--r
Content-Type: image/png; name=logo.png
Content-ID: <logo@x>
Content-Transfer-Encoding: base64

aGVsbG8=
--r--
--m
Content-Type: text/plain; name="../../etc/passwd"

a named text is a file
--m
Content-Type: message/rfc822

Subject: inner

inner body
--m
Content-Type: application/ms-tnef; name="winmail.dat"
Content-Transfer-Encoding: base64

eJ8+IgA=
--m--
`);
    expect(mail.full.text).toBe('hi');
    expect(mail.attachments.map(({ content, ...rest }) => ({ ...rest, size: content.length }))).toEqual([
      { name: 'logo.png', mediaType: 'image/png', contentId: 'logo@x', inline: true, size: 5 },
      { name: 'passwd', mediaType: 'text/plain', contentId: null, inline: false, size: 22 },
      { name: 'attachment-3.eml', mediaType: 'message/rfc822', contentId: null, inline: false, size: 28 },
      { name: 'winmail.dat', mediaType: 'application/ms-tnef', contentId: null, inline: false, size: 5 },
    ]);
    expect(Buffer.isBuffer(mail.attachments[0]?.content)).toBe(true);
  });

  it('allows blanks behind a delimiter, and knows the parts of a digest for messages', async () => {
    const padded = await read('Content-Type: multipart/mixed; boundary=b\n\n--b  \n\none\n--b \n\ntwo\n--b--  \n');
    expect(padded.full.text).toBe('one\ntwo');
    const digest = await read('Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n--b--\n');
    expect(digest.attachments).toMatchObject([{ mediaType: 'message/rfc822' }]);
  });

  it('unfolds flowed text without pulling an answer into the quote above it (RFC 3676)', async () => {
    const mail = await read(
      'Content-Type: text/plain; format=flowed\n\n> a quote \n> goes on \nand the \nanswer\n-- \nme\n',
    );
    expect(mail.full.text).toBe('> a quote goes on \nand the answer\n-- \nme');
  });

  it('reads a delivery status notification', async () => {
    const mail = await read(`Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; <who@gone.example>
Action: failed
Status: 5.1.1 (no such user)
--b--
`);
    expect(mail.reportType).toBe('delivery-status');
    expect(mail.reported).toEqual([{ address: 'who@gone.example', action: 'failed', status: '5.1.1' }]);
  });
});

describe('charsets', () => {
  const cases: [string, string, Buffer][] = [
    [
      'windows-1251 without a label',
      'Не работает принтер',
      Buffer.from([
        0xcd, 0xe5, 0x20, 0xf0, 0xe0, 0xe1, 0xee, 0xf2, 0xe0, 0xe5, 0xf2, 0x20, 0xef, 0xf0, 0xe8, 0xed, 0xf2, 0xe5,
        0xf0,
      ]),
    ],
    ['windows-1252 without a label', 'Schöne Grüße aus München', Buffer.from('Schöne Grüße aus München', 'latin1')],
    ['UTF-8 without a label', 'żółć 漢字', Buffer.from('żółć 漢字')],
    ['ISO-2022-JP without a label', 'こんにちは', Buffer.from('\x1b$B$3$s$K$A$O\x1b(B', 'latin1')],
  ];
  it.each(cases)('%s', async (_, text, bytes) => {
    const raw = (type: string) => Buffer.concat([Buffer.from(`${type}\r\n\r\n`), bytes]);
    expect((await read(raw('X-None: 1'))).full.text).toBe(text);
    expect((await read(raw('Content-Type: text/plain; charset=us-ascii'))).full.text).toBe(text);
    expect((await read(Buffer.concat([Buffer.from('Subject: '), bytes, Buffer.from('\r\n\r\nx')]))).subject).toBe(text);
  });

  it.each([
    ['iso-2022-jp', '\x1b$B$3$s$K$A$O\x1b(B', 'こんにちは'],
    ['gb2312', '\xc4\xfa\xba\xc3', '您好'],
    ['ks_c_5601-1987', '\xbe\xc8\xb3\xe7', '안녕'],
    ['iso-8859-1', 'caf\xe9 \x80', 'café €'],
    ['utf-7', 'Hi Mom +Jjo-!', 'Hi Mom ☺!'],
    ['x-no-such-charset', 'M\xfcnchen', 'München'],
  ])('labelled %s', async (charset, bytes, text) => {
    expect((await read(latin1(`Content-Type: text/plain; charset="${charset}"\n\n${bytes}`))).full.text).toBe(text);
  });
});

describe('what is wrong with mail', () => {
  it.each([
    ['nothing at all', ''],
    ['no header', '\nonly a body'],
    ['no body', 'Subject: x'],
    ['binary', Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256))],
    ['a boundary that never comes', 'Content-Type: multipart/mixed; boundary=b\n\nlost?'],
    ['a multipart without a boundary', 'Content-Type: multipart/mixed\n\n--b\n\nlost?'],
    ['a part that never ends', 'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\nlost?'],
    ['broken base64', 'Content-Transfer-Encoding: base64\n\n!!!aGVsbG8*=Z'],
    [
      'broken encoded words',
      'Subject: =?utf-8?B?w?= =?x?Q?=ZZ?= =?utf-8?X?a?=\nFrom: =?utf-8?Q?=?= <a@b.example>\n\nx',
    ],
    ['prototype games', '__proto__: x\nconstructor: y\nList-__proto__: <z>\n\nx'],
    ['an address that is none', 'From: nobody\nTo: <>, @x, a@, ;;\n\nx'],
  ])('%s', async (_, raw) => {
    const mail = await read(raw);
    expect(mail.full.text).toBeTypeOf('string');
    if (String(raw).includes('lost?')) expect(mail.full.text).toContain('lost?');
  });

  it('cannot pass on what a store cannot hold', async () => {
    const mail = await read('Subject: a\u0000b\u0007\nFrom: "x\u0000y" <a@b.example>\n\none\u0000two\u001b\n');
    expect(mail.subject).toBe('ab');
    expect(mail.from?.name).toBe('xy');
    expect(mail.full.text).toBe('onetwo');
    const lone = await read('Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\nPdg=\n');
    expect(lone.full.text.isWellFormed()).toBe(true);
  });

  it('cuts bodies that are too long, visibly', async () => {
    const mail = await read(
      `Content-Type: multipart/alternative; boundary=b\n\n--b\n\n${'word '.repeat(200_000)}\n--b\nContent-Type: text/html\n\n<table><tr><td>${'<b>word</b> '.repeat(80_000)}\n--b--\n`,
    );
    expect(mail.full.text.length).toBeLessThanOrEqual(500_000);
    expect(mail.full.text).toMatch(/The original holds all of it\.\]$/);
    expect(mail.full.html?.length).toBeLessThanOrEqual(500_000);
    expect(mail.full.html).toMatch(/<\/table>.*The original holds all of it\.\]<\/p>$/s);
  });

  it('lists a hundred attachments and notes the rest', async () => {
    const part = '--b\nContent-Type: application/pdf; name=x.pdf\n\nx\n';
    const mail = await read(`Content-Type: multipart/mixed; boundary=b\n\n${part.repeat(130)}--b--\n`);
    expect(mail.attachments).toHaveLength(100);
    expect(mail.notes).toEqual([expect.stringContaining('30 attachments')]);
  });

  it('reads what it can of a message of thousands of parts', async () => {
    const mail = await read(`Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n${'--b\n\n'.repeat(3000)}`);
    expect(mail.full.text).toContain('hello');
    expect(mail.notes[0]).toContain('broken');
  });

  it('reads a header of a megabyte', async () => {
    const fold = `X-Long: ${'y\n '.repeat(350_000)}z`;
    const mail = await read(`${fold}\nSubject: found\nTo: ${'a@b.example, '.repeat(20_000)}\n\nbody`);
    expect(mail).toMatchObject({ subject: 'found', full: { text: 'body' } });
  });

  it.each([
    ['nested elements', '<div>'.repeat(400_000)],
    ['unclosed links', '<a href="x">'.repeat(100_000)],
    ['nothing but <', '<'.repeat(900_000)],
    ['a style without end', `<p style="${'color:red;'.repeat(100_000)}">x</p>`],
  ])('is not held up by %s', async (_, html) => {
    const outcome = await parser.parse(Buffer.from(`Content-Type: text/html\r\n\r\n${html}`));
    expect(outcome.parsed).toBe(true);
  });
});

describe('worker', () => {
  const hostile = Buffer.from(`Content-Type: text/html\r\n\r\n${'<p>x</p>'.repeat(100_000)}`);

  it('gives up on mail that takes too long, and reads the next one', async () => {
    const impatient = createMailParser({ log, timeoutMs: 1 });
    expect(await impatient.parse(hostile)).toEqual({
      parsed: false,
      reason: 'The message could not be read within 0.001 seconds',
    });
    await impatient.close();
    expect((await read('Subject: next\n\nx')).subject).toBe('next');
  });

  it('gives up on mail that takes too much memory, and reads the next one', async () => {
    const small = createMailParser({ log, heapMb: 40, timeoutMs: 60_000 });
    const greedy = Buffer.from(`Subject: ${'x'.repeat(10)}\r\n${'To: a@b.example\r\n'.repeat(200_000)}\r\n`);
    expect(await small.parse(greedy)).toEqual({
      parsed: false,
      reason: 'Reading the message takes more memory than is allowed',
    });
    expect(await small.parse(Buffer.from('Subject: next\r\n\r\nx'))).toMatchObject({
      parsed: true,
      mail: { subject: 'next' },
    });
    await small.close();
  });

  it('reads many mails at once with few threads', async () => {
    const mails = await Promise.all(Array.from({ length: 30 }, (_, index) => read(`Subject: ${index}\n\nx`)));
    expect(mails.map((mail) => mail.subject)).toEqual(Array.from({ length: 30 }, (_, index) => String(index)));
  });

  it('condemns no mail for being closed', async () => {
    const closing = createMailParser({ log });
    const reading = closing.parse(hostile);
    const waiting = closing.parse(hostile);
    await closing.close();
    await expect(reading).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(waiting).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(closing.parse(hostile)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
