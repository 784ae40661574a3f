import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let second: Person;
let anna: Person;
let id: string;

const open = async () =>
  (await desk.as(anna, { method: 'POST', url: '/v1/tickets', payload: { subject: 'x', text: 'y' } })).json().id;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  second = await desk.person('agent', 'second');
  anna = await desk.person('customer', 'anna');
  id = await open();
});
afterAll(() => desk?.stop());

const url = (ticket = id) => `/v1/tickets/${ticket}/draft`;
const keep = (payload: object, { person = agent, ticket = id } = {}) =>
  desk.as(person, {
    method: 'PUT',
    url: url(ticket),
    payload: { visibility: 'public', text: 'Dear Anna', ...payload },
  });
const kept = async (person = agent, ticket = id) => (await desk.as(person, url(ticket))).json();
const change = (path: string, payload: object, { method = 'POST', person = agent, ticket = id, ...headers } = {}) =>
  desk.as(person, {
    method: method as 'POST' | 'PUT',
    url: `/v1/tickets/${ticket}/${path}`,
    payload,
    headers: { 'if-match': '*', ...headers },
  });
const say = (payload: object = {}, options: object = {}) =>
  change('comments', { visibility: 'public', text: 'said', ...payload }, options);

describe('an unfinished reply', () => {
  it('is kept for who wrote it, one on each ticket, by id and number; no event comes of it', async () => {
    const head = await desk.platform.store.head();
    expect((await keep({ text: 'Dear' })).statusCode).toBe(204);
    await keep({ html: '<p>Dear <b>Anna</b></p>', visibility: 'internal' });
    await keep({ text: 'Hello' }, { person: second });
    await keep({ text: 'It still' }, { person: anna });
    const { number } = (await desk.as(agent, `/v1/tickets/${id}`)).json();
    const draft = await kept(agent, number);
    expect(draft).toMatchObject({ visibility: 'internal', text: 'Dear Anna', html: '<p>Dear <b>Anna</b></p>' });
    expect(draft).toMatchObject({ version: null, moved: false, keptAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect([(await kept(second)).text, (await kept(anna)).text]).toEqual(['Hello', 'It still']);
    expect(await desk.platform.store.head()).toBe(head);
    expect(await kept(agent, await open())).toMatchObject({ code: 'DRAFT_NOT_FOUND' });
  });

  it('is thrown away by its writer, also when there is none, and by nobody else', async () => {
    for (const person of [second, second]) {
      expect((await desk.as(person, { method: 'DELETE', url: url() })).statusCode).toBe(204);
    }
    expect(await kept(second)).toMatchObject({ code: 'DRAFT_NOT_FOUND' });
    expect(await kept(agent)).toMatchObject({ text: 'Dear Anna' });
  });

  it('is forgotten after 30 days', async () => {
    await keep({}, { person: second });
    const age = (days: number) =>
      desk.platform.pool.query(`update desk.reply_drafts set kept_at = now() - make_interval(hours => $1)`, [
        days * 24 + 1,
      ]);
    await age(29);
    expect(await kept(second)).toMatchObject({ text: 'Dear Anna' });
    await age(30);
    expect(await kept(second)).toMatchObject({ code: 'DRAFT_NOT_FOUND' });
    await keep({});
    const { rows } = await desk.platform.pool.query('select person_id from desk.reply_drafts');
    expect(rows).toEqual([{ person_id: agent.id }]);
  });
});

describe('the ticket of a draft', () => {
  it('has moved by what would have a reply refused, for customers by what they can see', async () => {
    const ticket = await open();
    const { version } = (await desk.as(agent, `/v1/tickets/${ticket}`)).json();
    await keep({ version }, { ticket });
    await keep({ version }, { ticket, person: anna });
    await change('tags', { add: ['printer'] }, { ticket });
    expect(await kept(agent, ticket)).toMatchObject({ version, ticketVersion: version + 1, moved: false });
    await say({ visibility: 'internal' }, { ticket, person: second });
    expect(await kept(agent, ticket)).toMatchObject({ version, moved: true });
    expect((await say({}, { ticket, 'if-match': `"${version}"` })).statusCode).toBe(412);
    expect(await kept(anna, ticket)).toMatchObject({ version, ticketVersion: version, moved: false });
    await say({}, { ticket, person: second });
    expect(await kept(anna, ticket)).toMatchObject({ version, moved: true });
  });

  it('may be closed or merged: what was written is kept, read and thrown away all the same', async () => {
    const [closed, merged, survivor] = [await open(), await open(), await open()];
    for (const ticket of [closed, merged]) await keep({ text: 'before' }, { ticket });
    await change('status', { status: 'closed' }, { method: 'PUT', ticket: closed });
    expect((await change('merge', { into: survivor }, { method: 'PUT', ticket: merged })).statusCode).toBe(200);
    for (const ticket of [closed, merged]) {
      expect(await kept(agent, ticket)).toMatchObject({ text: 'before' });
      expect((await keep({ text: 'after' }, { ticket })).statusCode).toBe(204);
      expect(await kept(agent, ticket)).toMatchObject({ text: 'after' });
    }
    expect((await say({}, { ticket: closed })).json().code).toBe('TICKET_CLOSED');
    expect(await kept(agent, closed)).toMatchObject({ text: 'after' });
    expect((await desk.as(agent, { method: 'DELETE', url: url(closed) })).statusCode).toBe(204);
    expect(await kept(agent, closed)).toMatchObject({ code: 'DRAFT_NOT_FOUND' });
    // It goes to the ticket that goes on.
    expect((await say({}, { ticket: merged })).json().ticketId).toBe(survivor);
    expect(await kept(agent, merged)).toMatchObject({ code: 'DRAFT_NOT_FOUND' });
  });
});

describe('a reply that was said', () => {
  it('ends the draft of its author, once, and of nobody else', async () => {
    await keep({});
    await keep({}, { person: second });
    expect((await say({}, { 'idempotency-key': 'said' })).statusCode).toBe(201);
    expect(await kept(agent)).toMatchObject({ code: 'DRAFT_NOT_FOUND' });
    expect(await kept(second)).toMatchObject({ text: 'Dear Anna' });
    await keep({ text: 'the next one' });
    expect((await say({}, { 'idempotency-key': 'said' })).headers['idempotency-replayed']).toBe('true');
    expect(await kept(agent)).toMatchObject({ text: 'the next one' });
  });

  it('is said though drafts cannot be reached', async () => {
    await desk.platform.pool.query('alter table desk.reply_drafts rename to away');
    const said = await say();
    await desk.platform.pool.query('alter table desk.away rename to reply_drafts');
    expect(said.statusCode).toBe(201);
    expect(await kept(agent)).toMatchObject({ text: 'the next one' });
  });
});

describe('what cannot be kept', () => {
  it.each([
    ['/text', { text: 'x'.repeat(500_001) }],
    ['/html', { html: 'x'.repeat(500_001) }],
    ['/text', { text: 'a\0b' }],
    ['/html', { html: 'half \ud83d' }],
    ['/version', { version: 0 }],
    ['/version', { version: 2 ** 31 }],
    ['/visibility', { visibility: 'secret' }],
  ])('is refused at %s', async (pointer, payload) => {
    const answer = await keep(payload);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST']);
    expect(answer.json().errors).toMatchObject([{ pointer }]);
  });

  it('is as long as a draft may be, in any script', async () => {
    expect((await keep({ text: '好'.repeat(500_000), html: '好'.repeat(500_000) })).statusCode).toBe(204);
    expect((await kept()).html).toHaveLength(500_000);
  });

  it('a note of a customer, on somebody else’s ticket, on none, and by whoever only reads', async () => {
    const carl = await desk.person('customer', 'carl');
    const [auditor, integrator] = [await desk.person('auditor'), await desk.person('integrator')];
    const none = '00000000-0000-4000-8000-000000000000';
    const statuses = await Promise.all([
      keep({ visibility: 'internal' }, { person: anna }),
      keep({}, { person: carl }),
      desk.as(carl, url()),
      keep({}, { ticket: none }),
      desk.as(agent, url(none)),
      desk.as(agent, { method: 'DELETE', url: url(none) }),
      keep({}, { person: auditor }),
      keep({}, { person: integrator }),
      desk.as(auditor, url()),
    ]);
    expect(statuses.map(({ statusCode }) => statusCode)).toEqual([403, 404, 404, 404, 404, 404, 403, 403, 403]);
  });
});
