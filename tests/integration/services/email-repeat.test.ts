import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { idOf } from '#contracts/events/streams.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { createMailParser } from '#packages/mail/parse.ts';
import { createAuthors } from '#services/email-ingest/authors.ts';
import { createCandidateSearch } from '#services/email-ingest/candidates.ts';
import { createDecision } from '#services/email-ingest/decide.ts';
import { createProcessing, maxAttempts } from '#services/email-ingest/process.ts';
import { createReception } from '#services/email-ingest/receive.ts';
import { testContext } from '#tests/support/desk.ts';
import { createFaults } from '#tests/support/faults.ts';
import { fixture, type MailDesk, replyAddresses, startMailDesk } from '#tests/support/mail-desk.ts';
import { log } from '#tests/support/read-models.ts';

/** The processing of mail alone, called by the test in place of the bus. */
function processingOf(deps: MailDesk['deps']) {
  const parser = createMailParser({ log });
  onTestFinished(() => parser.close());
  const [authors, search] = [createAuthors(deps), createCandidateSearch(deps)];
  const decide = createDecision({ ...deps, parser, authors, search, readReplyAddress: replyAddresses.read });
  return createProcessing({ ...deps, decide });
}

/** Keeps a mail as the SMTP intake does, without anybody working on it; resolves to the event. */
async function receive({ deps, events }: MailDesk, raw: Buffer): Promise<StoredEvent> {
  await createReception({ ...deps, maxBytes: 1_000_000 }).onMessage({
    mailboxIds: ['support'],
    envelopeFrom: 'anna.berg@customer.example',
    recipients: ['support@desk.example'],
    remote: '192.0.2.1',
    stream: Readable.from([raw]),
  });
  const received = (await events('InboundMailReceived')).at(-1);
  if (!received) throw new Error('not received');
  return received;
}

const request = (name: string) =>
  fixture('plain', {
    from: `${name}@customer.example`,
    to: 'support@desk.example',
    subject: name,
    text: 'help',
    headers: `Message-ID: <${name}@customer.example>\r\n`,
  });
const reply = (name: string) =>
  fixture('plain', {
    from: 'root@customer.example',
    to: 'support@desk.example',
    subject: 'Re: root',
    text: name,
    headers: `Message-ID: <${name}@customer.example>\r\nIn-Reply-To: <root@customer.example>\r\n`,
  });

/**
 * Lets every step of the processing fail in turn, before and after it has its effect; each time the event is delivered
 * again, twice. Resolves to the number of mails this took.
 */
async function failEverywhere(desk: MailDesk, mail: (name: string) => Promise<Buffer>): Promise<number> {
  const faults = createFaults();
  const { blobs, directory, handle, store, tickets } = desk.deps;
  const process = processingOf({
    ...desk.deps,
    store: faults.wrap(store),
    handle: faults.wrap(handle),
    blobs: faults.wrap(blobs),
    tickets: faults.wrap(tickets),
    directory: faults.wrap(directory),
  });
  let mails = 0;
  for (const when of ['before', 'after'] as const) {
    for (let step = 1, failed = true; failed; step += 1) {
      const event = await receive(desk, await mail(`${when}-${step}`));
      faults.arm(step, when);
      failed = await process(event, { attempt: 1 }).then(
        () => false,
        () => true,
      );
      faults.disarm();
      await process(event, { attempt: 2 });
      await process(event, { attempt: 3 });
      mails += 1;
    }
  }
  return mails;
}

it('opens one ticket, whatever step it broke off at', async () => {
  const desk = await startMailDesk({ services: [] });
  const mails = await failEverywhere(desk, request);
  expect(mails).toBeGreaterThan(15);
  const created = await desk.events('TicketCreated');
  expect(created).toHaveLength(mails);
  expect(new Set(created.map(({ data }) => data.message.mail?.messageId)).size).toBe(mails);
  const processed = await desk.events('InboundMailProcessed');
  expect(processed.map(({ data }) => data.outcome)).toEqual(Array(mails).fill('ticket-created'));
  expect(processed.map(({ data }) => data.ticketId)).toEqual(created.map(({ stream }) => idOf(stream)));
});

it('adds one comment, whatever step it broke off at', async () => {
  const desk = await startMailDesk({ services: [] });
  await processingOf(desk.deps)(await receive(desk, await request('root')), { attempt: 1 });
  const mails = await failEverywhere(desk, reply);
  expect(mails).toBeGreaterThan(15);
  const comments = await desk.events('TicketCommented');
  expect(new Set(comments.map(({ data }) => data.message.text)).size).toBe(mails);
  expect(comments).toHaveLength(mails);
  const [root, ...processed] = await desk.events('InboundMailProcessed');
  expect(root?.data.outcome).toBe('ticket-created');
  expect(processed.map(({ data }) => data.commentId)).toEqual(comments.map(({ data }) => data.commentId));
  expect(new Set(processed.map(({ data }) => data.matchedBy))).toEqual(new Set(['in-reply-to']));
});

it('knows its own comment again when the ticket was closed before the decision was on record', async () => {
  const desk = await startMailDesk({ services: [] });
  const { tickets } = desk.deps;
  await processingOf(desk.deps)(await receive(desk, await request('root')), { attempt: 1 });
  const [created] = await desk.events('TicketCreated');
  const event = await receive(desk, await reply('last words'));
  const dying: typeof tickets.comment = async (...args) => {
    await tickets.comment(...args);
    throw new Error('the process died here');
  };
  const interrupted = processingOf({ ...desk.deps, tickets: { ...tickets, comment: dying } });
  await expect(interrupted(event, { attempt: 1 })).rejects.toThrow('died here');
  await tickets.change(idOf(created!.stream), { type: 'ChangeStatus', data: { to: 'closed' } }, testContext());
  await processingOf(desk.deps)(event, { attempt: 2 });
  expect(await desk.events('TicketCreated')).toHaveLength(1);
  const [comment] = await desk.events('TicketCommented');
  const decision = (await desk.events('InboundMailProcessed')).at(-1)?.data;
  expect(decision).toMatchObject({ outcome: 'comment-added', commentId: comment?.data.commentId });
});

it('sets a mail aside after several tries that fail for no outage', async () => {
  const desk = await startMailDesk({ services: [] });
  const event = await receive(desk, await request('poison'));
  const create = () => Promise.reject(new Error('a bug'));
  const process = processingOf({ ...desk.deps, tickets: { ...desk.deps.tickets, create } });
  await expect(process(event, { attempt: 1 })).rejects.toThrow('a bug');
  await process(event, { attempt: maxAttempts });
  const [processed] = await desk.events('InboundMailProcessed');
  expect(processed?.data).toMatchObject({ outcome: 'quarantined', classification: 'unparseable' });
  expect(processed?.data.reason).not.toContain('a bug');
});
