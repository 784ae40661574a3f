import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import { inboundMail } from '#packages/domain/mail/inbound.ts';
import { outboundMail } from '#packages/domain/mail/outbound.ts';
import { newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk, testContext } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let auditor: Person;
let ticketId: string;
const raw = Buffer.from('From: anna@kunde.example\r\nSubject: Printer\r\n\r\nIt is on fire\r\n');
const outbound: string[] = [];
let inbound: string;
let undecided: string;

const facts = () => undefined;

async function receive(): Promise<string> {
  const id = newId();
  const { sha256: blob, size } = await desk.platform.blobs.put(raw);
  const data = {
    mailboxId: 'support',
    transport: 'smtp' as const,
    envelopeFrom: 'anna@kunde.example',
    recipients: ['support@desk.example'],
    remote: '127.0.0.1',
    blob,
    size,
  };
  const stream = streams.inboundMail(id);
  await desk.platform.handle({
    ...testContext(),
    stream,
    decider: inboundMail,
    command: { type: 'ReceiveMail', data },
    facts,
  });
  return id;
}

async function decide(id: string): Promise<void> {
  const data = {
    outcome: 'ticket-created' as const,
    ticketId,
    commentId: newId(),
    matchedBy: 'none' as const,
    classification: 'person' as const,
    reason: 'It answers no known mail.',
    messageId: 'a@kunde.example',
    subject: 'Printer',
    from: 'anna@kunde.example',
  };
  const stream = streams.inboundMail(id);
  await desk.platform.handle({
    ...testContext(),
    stream,
    decider: inboundMail,
    command: { type: 'ProcessMail', data },
    facts,
  });
}

async function queue(subject: string): Promise<string> {
  const id = newId();
  desk.clock.forward({ minutes: 1 });
  const data = {
    ticketId,
    causeEventId: newId(),
    template: 'reply' as const,
    from: { name: 'Support', address: 'support@desk.example' },
    to: ['anna@kunde.example'],
    cc: [],
    replyTo: null,
    subject,
    messageId: `${id}@desk.example`,
    inReplyTo: 'a@kunde.example',
    references: ['a@kunde.example'],
    automatic: false,
    text: 'We are coming',
    html: '<p>We are <b>coming</b></p>',
    attachments: [],
  };
  const stream = streams.outboundMail(id);
  await desk.platform.handle({
    ...testContext(),
    stream,
    decider: outboundMail,
    command: { type: 'QueueMail', data },
    facts,
  });
  return id;
}

async function sent(id: string): Promise<void> {
  const data = { transport: 'outbox' as const, response: 'written', attempt: 1 };
  const stream = streams.outboundMail(id);
  await desk.platform.handle({
    ...testContext(),
    stream,
    decider: outboundMail,
    command: { type: 'MarkSent', data },
    facts,
  });
}

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  auditor = await desk.person('auditor');
  const payload = { subject: 'Printer', text: 'On fire' };
  ticketId = (await desk.as(agent, { method: 'POST', url: '/v1/tickets', payload })).json().id;
  for (const subject of ['First', 'Second', 'Third']) outbound.push(await queue(subject));
  await sent(outbound[0] ?? '');
  inbound = await receive();
  await decide(inbound);
  desk.clock.forward({ minutes: 1 });
  undecided = await receive();
});
afterAll(() => desk?.stop());

const read = async (url: string) => (await desk.as(agent, url)).json();
const subjects = (page: { items: { subject: string }[] }) => page.items.map(({ subject }) => subject);

describe('the outbox', () => {
  it('lists what goes out, newest first, by state and ticket, page by page', async () => {
    expect(subjects(await read('/v1/outbox'))).toEqual(['Third', 'Second', 'First']);
    expect(subjects(await read('/v1/outbox?state=sent'))).toEqual(['First']);
    expect(subjects(await read(`/v1/outbox?ticket=${newId()}`))).toEqual([]);
    const first = await read('/v1/outbox?limit=2');
    const second = await read(first.next);
    expect([...subjects(first), ...subjects(second)]).toEqual(['Third', 'Second', 'First']);
    const cursor = new URL(first.next, 'http://x').searchParams.get('cursor');
    expect((await read(`/v1/outbox?state=queued&cursor=${cursor}`)).code).toBe('INVALID_CURSOR');
  });

  it('shows one mail with its threading', async () => {
    expect(await read(`/v1/outbox/${outbound[0]}`)).toMatchObject({
      subject: 'First',
      state: 'sent',
      transport: 'outbox',
      attempts: 1,
      inReplyTo: 'a@kunde.example',
      references: ['a@kunde.example'],
      text: 'We are coming',
    });
    expect((await read(`/v1/outbox/${newId()}`)).code).toBe('MAIL_NOT_FOUND');
  });
});

describe('the inbox', () => {
  it('tells what was decided about each mail and why', async () => {
    const { items } = await read('/v1/inbox');
    expect(items.map(({ id }: { id: string }) => id)).toEqual([undecided, inbound]);
    expect((await read('/v1/inbox?outcome=undecided')).items).toHaveLength(1);
    expect((await read('/v1/inbox?outcome=ticket-created')).items).toHaveLength(1);
    expect(await read(`/v1/inbox/${inbound}`)).toMatchObject({
      outcome: 'ticket-created',
      ticketId,
      reason: 'It answers no known mail.',
      from: 'anna@kunde.example',
    });
  });

  it('keeps the raw mail for auditors, byte by byte', async () => {
    const answer = await desk.as(auditor, `/v1/inbox/${inbound}/raw`);
    expect(answer.rawPayload.equals(raw)).toBe(true);
    expect(answer.headers['content-disposition']).toContain(`${inbound}.eml`);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect((await desk.as(agent, `/v1/inbox/${inbound}/raw`)).statusCode).toBe(403);
    expect((await desk.as(auditor, `/v1/inbox/${newId()}/raw`)).json().code).toBe('MAIL_NOT_FOUND');
  });
});

describe('the outbox pages', () => {
  it('list mails and show one, its HTML in a frame that can do nothing', async () => {
    const list = await desk.as(agent, '/outbox');
    for (const subject of ['First', 'Second', 'Third']) expect(list.body).toContain(subject);
    const page = await desk.as(agent, `/outbox/${outbound[0]}`);
    expect(page.body).toContain('<iframe sandbox=""');
    expect(page.body).toContain('srcdoc="&lt;p&gt;We are &lt;b&gt;coming');
  });
});
