import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let anna: Person;
let bert: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  anna = await desk.person('customer', 'anna');
  bert = await desk.person('customer', 'bert');
});
afterAll(() => desk?.stop());

const open = async (who: Person, subject: string): Promise<string> =>
  (await desk.as(who, { method: 'POST', url: '/v1/tickets', payload: { subject, text: subject } })).json().id;
const ask = (method: 'PUT' | 'DELETE' | 'POST', url: string, payload?: object, who = agent) =>
  desk.as(who, {
    method,
    url: `/v1/tickets/${url}`,
    headers: { 'if-match': '*' },
    ...(payload && { payload }),
  });
const read = async (id: string, who = agent, query = '') => (await desk.as(who, `/v1/tickets/${id}${query}`)).json();
const say = (who: Person, id: string, text: string, more = {}) =>
  ask('POST', `${id}/comments`, { visibility: 'public', text, ...more }, who);
const texts = (ticket: { timeline: { items: { text: string | null }[] } }) =>
  ticket.timeline.items.flatMap(({ text }) => text ?? []);

/** Anna's ticket in one of Bert's, by way of a third, and what she writes to hers after that, with a file. */
async function annaWritesOn() {
  const [a, b, c] = [await open(anna, 'Anna asks'), await open(bert, 'Bert between'), await open(bert, 'Bert asks')];
  await ask('PUT', `${a}/merge`, { into: b });
  await ask('PUT', `${b}/merge`, { into: c });
  const before = await read(c, bert);
  const uploaded = await desk.as(anna, {
    method: 'POST',
    url: '/v1/attachments?name=secret.txt',
    headers: { 'content-type': 'text/plain' },
    payload: 'of Anna',
  });
  const { reference, sha256 } = uploaded.json();
  const said = await say(anna, a, 'Anna after', { attachments: [reference] });
  expect(said.json().ticketId).toBe(c);
  return { a, b, c, before, commentId: said.json().commentId, position: said.json().position, sha256 };
}

it('what the customer of a merged ticket writes is told with its origin to agents, and not to the other customer', async () => {
  const { a, c, before, position, sha256 } = await annaWritesOn();
  const { number } = await read(a);
  const told = (await read(c)).timeline.items.find(({ text }: { text: string }) => text === 'Anna after');
  expect(told.origin).toEqual({ id: a, number, saidAt: null });
  expect(texts(await read(a, anna))).toEqual(['Anna asks', 'Anna after']);
  expect(texts(await read(c, bert))).toEqual(['Bert between', 'Bert asks']);
  expect(texts(await read(c, bert, `?asOf=${position}`))).toEqual(['Bert between', 'Bert asks']);
  expect((await read(c, bert)).commentCount).toBe(before.commentCount);
  const file = (id: string, who: Person) => desk.as(who, `/v1/tickets/${id}/attachments/${sha256}`);
  expect((await file(a, anna)).body).toBe('of Anna');
  expect((await file(c, agent)).statusCode).toBe(200);
  expect((await file(c, bert)).json().code).toBe('BLOB_NOT_FOUND');
});

it('goes back with its files to the ticket it was written to when the merge is taken back', async () => {
  const { a, b, c, before, sha256 } = await annaWritesOn();
  const undone = await ask('DELETE', `${b}/merge`);
  expect(undone.headers.etag).toBe((await desk.as(agent, `/v1/tickets/${b}`)).headers.etag);
  expect(texts(await read(c))).toEqual(['Bert asks']);
  expect((await read(c, bert)).commentCount).toBe(before.commentCount);
  expect(texts(await read(b, bert))).toEqual(['Bert between']);
  expect(texts(await read(a, anna))).toEqual(['Anna asks', 'Anna after']);
  const again = await ask('DELETE', `${a}/merge`);
  expect(again.statusCode).toBe(200);
  expect(texts(await read(a, anna))).toEqual(['Anna asks', 'Anna after']);
  expect((await desk.as(anna, `/v1/tickets/${a}/attachments/${sha256}`)).body).toBe('of Anna');
  expect((await desk.as(bert, `/v1/tickets/${b}/attachments/${sha256}`)).json().code).toBe('BLOB_NOT_FOUND');
});

it('stays where an agent has moved it', async () => {
  const { a, b, c, commentId } = await annaWritesOn();
  const other = await open(bert, 'Another');
  await ask('POST', `${c}/comments/${commentId}/move`, { to: other });
  await ask('DELETE', `${b}/merge`);
  expect(texts(await read(a, anna))).toEqual(['Anna asks']);
  expect(texts(await read(other))).toEqual(['Another', 'Anna after']);
});

it('goes back to a ticket that was closed before', async () => {
  const [a, b] = [await open(anna, 'Anna asks'), await open(bert, 'Bert asks')];
  await ask('PUT', `${a}/status`, { status: 'closed' });
  await ask('PUT', `${a}/merge`, { into: b });
  await say(anna, a, 'Anna after');
  expect((await ask('DELETE', `${a}/merge`)).statusCode).toBe(200);
  expect(texts(await read(a, anna))).toEqual(['Anna asks', 'Anna after']);
});

it('who is mentioned on a merged ticket may read that one, and not what is said on the one that goes on', async () => {
  const carl = await desk.person('customer', 'carl');
  const [a, b] = [await open(anna, 'Anna asks'), await open(bert, 'Bert asks')];
  await say(agent, a, 'Carl knows', { mentions: [{ kind: 'person', id: carl.id }] });
  await ask('PUT', `${a}/merge`, { into: b });
  await say(agent, b, 'To both');
  await say(anna, a, 'Anna after');
  expect(texts(await read(a, carl))).toEqual(['Anna asks', 'Carl knows']);
  expect(texts(await read(a, anna))).toEqual(['Anna asks', 'Carl knows', 'To both', 'Anna after']);
  expect((await desk.as(carl, `/v1/tickets/${b}`)).statusCode).toBe(404);
});

it('what people say on their own ticket has no other origin', async () => {
  const { c } = await annaWritesOn();
  await say(bert, c, 'Bert after');
  const told = (await read(c)).timeline.items.find(({ text }: { text: string }) => text === 'Bert after');
  expect(told.origin).toBeNull();
  expect(texts(await read(c, bert))).toContain('Bert after');
});

it('is not told to the other customer either when its writer was merged into somebody since', async () => {
  const [dora, same] = [await desk.person('customer', 'dora'), await desk.person('customer', 'dora-at-work')];
  const [a, b] = [await open(dora, 'Dora asks'), await open(bert, 'Bert asks')];
  await ask('PUT', `${a}/merge`, { into: b });
  const url = `/v1/people/${dora.id}/merge`;
  const merge = { method: 'PUT', url, headers: { 'if-match': '*' }, payload: { into: same.id } } as const;
  expect((await desk.as(agent, merge)).statusCode).toBe(200);
  await say(same, a, 'Dora after');
  expect(texts(await read(b, bert))).toEqual(['Bert asks']);
  expect(texts(await read(a, same))).toEqual(['Dora asks', 'Dora after']);
  expect((await ask('DELETE', `${a}/merge`)).statusCode).toBe(200);
  expect(texts(await read(a, same))).toEqual(['Dora asks', 'Dora after']);
});
