import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { idOf } from '#contracts/events/streams.ts';
import { createReception } from '#services/email-ingest/receive.ts';
import { fixture, type MailDesk, replyAddresses, startMailDesk, until } from '#tests/support/mail-desk.ts';

/** Keeps a mail as the SMTP intake does, whether anybody works on mail or not. */
const receiver = (desk: MailDesk) => {
  const { onMessage } = createReception({ ...desk.deps, maxBytes: 1_000_000 });
  return async (raw: Buffer, recipient = 'support@desk.example'): Promise<void> =>
    onMessage({
      mailboxIds: ['support'],
      envelopeFrom: 'x@customer.example',
      recipients: [recipient],
      remote: '192.0.2.1',
      stream: Readable.from([raw]),
    });
};

const threads = 5;
const perThread = 8;
const author = (thread: number) => `customer${thread}@company${thread % 2}.example`;
const messageId = (thread: number, n: number) => `${thread}.${n}@customer.example`;
const colleague = (thread: number, n: number) => `colleague${n}@company${thread % 2}.example`;

/** The n-th mail of a thread: the first opens it, each further one names the one before it and comes from somebody else. */
const chained = (thread: number, n: number) =>
  fixture('plain', {
    from: n === 0 ? author(thread) : colleague(thread, n),
    to: 'support@desk.example',
    subject: `Thread ${thread}`,
    text: `mail ${n}`,
    headers: `Message-ID: <${messageId(thread, n)}>\r\n${n === 0 ? '' : `In-Reply-To: <${messageId(thread, n - 1)}>\r\n`}`,
  });

/** What was written on each ticket, in the order of its stream, by the subject of the ticket. */
async function storiesOf(desk: MailDesk) {
  const stories = new Map<string, { subject: string; texts: string[] }>();
  for (const { data, stream } of await desk.events('TicketCreated'))
    stories.set(idOf(stream), { subject: data.subject, texts: [data.message.text] });
  for (const { data, stream } of await desk.events('TicketCommented'))
    stories.get(idOf(stream))?.texts.push(data.message.text);
  return [...stories.values()].toSorted((a, b) => a.subject.localeCompare(b.subject));
}

it('makes one ticket of each thread, its mails in their order, while threads are worked on side by side', async () => {
  const desk = await startMailDesk({ services: [] });
  const receive = receiver(desk);
  for (let n = 0; n < perThread; n += 1)
    for (let thread = 0; thread < threads; thread += 1) await receive(await chained(thread, n));
  await desk.start('email-ingest');
  await until('some work done', async () => (await desk.events('InboundMailProcessed')).length > 3);
  // Broken off in the middle, and taken up again from where the consumer stored that it was.
  await desk.stop('email-ingest');
  await desk.start('email-ingest');
  await desk.quiet();
  const texts = Array.from({ length: perThread }, (_, n) => `mail ${n}`);
  const expected = Array.from({ length: threads }, (_, thread) => ({ subject: `Thread ${thread}`, texts }));
  expect(await storiesOf(desk)).toEqual(expected);
  expect(await desk.events('InboundMailProcessed')).toHaveLength(threads * perThread);
});

it('keeps the order on a ticket whichever way each mail leads to it', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const receive = receiver(desk);
  await receive(await chained(0, 0));
  await desk.quiet();
  const [created] = await desk.events('TicketCreated');
  const { number } = created!.data;
  await desk.stop('email-ingest');
  const count = 15;
  for (let n = 1; n <= count; n += 1) {
    const way = ['answer', 'address', 'subject'][n % 3];
    const raw = await fixture('plain', {
      from: colleague(0, n),
      to: 'support@desk.example',
      subject: way === 'subject' ? `Something else [#${number}]` : 'Something else',
      // What takes longer to read must not be overtaken.
      text: `mail ${n}\r\n${'word '.repeat(n % 2 === 0 ? 20_000 : 1)}`,
      headers:
        `Message-ID: <other.${n}@customer.example>\r\n` +
        (way === 'answer' ? `In-Reply-To: <${messageId(0, 0)}>\r\n` : ''),
    });
    await receive(raw, way === 'address' ? replyAddresses.make('support@desk.example', number) : undefined);
  }
  await desk.start('email-ingest');
  await desk.quiet();
  const [story, ...others] = await storiesOf(desk);
  expect(others).toEqual([]);
  const order = story?.texts.map((text) => text.split('\n')[0]);
  expect(order).toEqual(Array.from({ length: count + 1 }, (_, n) => `mail ${n}`));
});

it('still sees a loop when its mails come all at once', async () => {
  const desk = await startMailDesk({ services: [] });
  const receive = receiver(desk);
  for (let n = 0; n < 25; n += 1)
    await receive(
      await fixture('plain', {
        from: 'robot@customer.example',
        to: 'support@desk.example',
        subject: `Alarm ${n}`,
        text: 'Hot',
        headers: `Message-ID: <alarm.${n}@customer.example>\r\n`,
      }),
    );
  await desk.start('email-ingest');
  await desk.quiet();
  const outcomes = (await desk.events('InboundMailProcessed')).map(({ data }) => data.outcome);
  expect(outcomes.filter((outcome) => outcome === 'ticket-created')).toHaveLength(20);
  expect(outcomes.filter((outcome) => outcome === 'quarantined')).toHaveLength(5);
});
