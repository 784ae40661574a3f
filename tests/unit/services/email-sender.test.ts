import { describe, expect, it } from 'vitest';
import { returnedMessageIds } from '#services/email-ingest/returned.ts';
import { senderOf } from '#services/email-ingest/sender.ts';

const own = new Set(['support@desk.example']);
const person = (address: string) => ({ name: '', address });
const mail = (from: string | null, replyTo: string[] = [], sender: string | null = null) => ({
  from: from === null ? null : person(from),
  replyTo: replyTo.map(person),
  sender: sender === null ? null : person(sender),
});

describe('who wrote a mail', () => {
  it.each([
    ['a person', mail('anna@customer.example'), 'anna@customer.example'],
    [
      'a person who wants answers elsewhere',
      mail('anna@customer.example', ['office@customer.example']),
      'anna@customer.example',
    ],
    ['a form that sends as nobody', mail('no-reply@site.example', ['carl@visitor.example']), 'carl@visitor.example'],
    [
      'a form that sends as WordPress',
      mail('wordpress@site.example', ['carl@visitor.example']),
      'carl@visitor.example',
    ],
    ['a form that sends as the desk', mail('support@desk.example', ['carl@visitor.example']), 'carl@visitor.example'],
    [
      'a form that sends as the desk with a tag',
      mail('support+form@desk.example', ['carl@visitor.example']),
      'carl@visitor.example',
    ],
    [
      'a program that wants answers to many',
      mail('noreply@site.example', ['a@x.example', 'b@x.example']),
      'noreply@site.example',
    ],
    [
      'a program that wants answers to the desk',
      mail('noreply@site.example', ['support@desk.example']),
      'noreply@site.example',
    ],
    [
      'somebody whose name begins like that of a program',
      mail('noreen@customer.example', ['x@y.example']),
      'noreen@customer.example',
    ],
    ['only a Sender', mail(null, [], 'secretary@customer.example'), 'secretary@customer.example'],
    ['only a Reply-To', mail(null, ['anna@customer.example']), 'anna@customer.example'],
    ['only an envelope', mail(null), 'bounce@customer.example'],
  ])('%s', (_, given, expected) => {
    expect(senderOf(given, 'Bounce@Customer.example', own)?.address).toBe(expected);
  });

  it('nobody', () => {
    expect(senderOf(mail(null), null, own)).toBeNull();
    expect(senderOf(mail(null), 'not an address', own)).toBeNull();
  });
});

describe('the mail that a bounce returns', () => {
  const part = (mediaType: string, text: string) => ({
    name: 'x',
    mediaType,
    contentId: null,
    inline: false,
    content: Buffer.from(text),
  });
  it('is found in a returned message, a returned header, or the text', () => {
    const header = 'Subject: x\r\nMessage-Id: <desk-1@desk.example>\r\n\r\nMessage-ID: <in.the.body@x>';
    const parts = [part('message/rfc822', header), part('text/rfc822-headers', 'message-id: <desk-2@desk.example>')];
    const full = { text: 'It said:\n> Message-ID:  <desk-3@desk.example>\n', html: null };
    expect(returnedMessageIds({ attachments: parts, full })).toEqual(
      expect.arrayContaining(['desk-1@desk.example', 'desk-2@desk.example', 'desk-3@desk.example']),
    );
  });
  it('is not looked for in other files', () => {
    const attachments = [part('text/plain', 'Message-ID: <a@b.example>')];
    expect(returnedMessageIds({ attachments, full: { text: 'see Message-ID: <c@d.example>', html: null } })).toEqual(
      [],
    );
  });
});
