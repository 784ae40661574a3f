import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

/** Macros, canned replies and undo over HTTP. */

let desk: TestDesk;
let admin: Person;
let agent: Person;
let anna: Person;

const save = (kind: string, id: string, payload: object) =>
  desk.as(admin, { method: 'PUT', url: `/v1/settings/${kind}/${id}`, payload });
const on = (who: Person, id: string, path: string, payload?: object, version = '*') =>
  desk.as(who, {
    method: 'POST',
    url: `/v1/tickets/${id}/${path}`,
    headers: { 'if-match': version === '*' ? '*' : `"${version}"` },
    ...(payload && { payload }),
  });
const ticketOf = async (id: string) => (await desk.as(agent, `/v1/tickets/${id}`)).json();
const open = async (subject: string): Promise<string> =>
  (await desk.as(anna, { method: 'POST', url: '/v1/tickets', payload: { subject, text: 'Help' } })).json().id;

beforeAll(async () => {
  desk = await startTestDesk();
  admin = await desk.person('admin');
  agent = await desk.person('agent');
  anna = await desk.person('customer', 'Anna <i>');
});
afterAll(() => desk?.stop());

describe('canned replies', () => {
  it('are filled in with the values of the ticket, escaped in HTML, and change nothing', async () => {
    const text = 'Hi {{requester.name | there}}, {{company.name | your firm}}: #{{ticket.number}} – {{agent.name}}';
    const html = '<p onclick="x()">Hi {{requester.name}}</p><a href="{{ticket.subject}}">see</a>';
    expect((await save('canned-reply', 'hello', { name: 'Hello', text, html })).statusCode).toBe(200);
    const id = await open('javascript:alert(1)');
    const { number, version } = await ticketOf(id);
    const answer = (await on(agent, id, 'canned-replies/hello')).json();
    expect(answer.text).toBe(`Hi Anna <i>, your firm: #${number} – agent`);
    expect(answer.html).toContain('<p>Hi Anna &lt;i&gt;</p>');
    expect(answer.html).not.toContain('javascript');
    expect((await ticketOf(id)).version).toBe(version);
    expect((await on(agent, id, 'canned-replies/none')).json().code).toBe('CANNED_REPLY_NOT_FOUND');
    expect((await on(anna, id, 'canned-replies/hello')).json().code).toBe('FORBIDDEN');
  });

  it('with an unknown variable are not saved', async () => {
    const answer = await save('canned-reply', 'bad', { name: 'Bad', text: 'Hi {{requester.salary}}' });
    expect(answer.json()).toMatchObject({ code: 'SETTING_INVALID', errors: [{ pointer: '/text' }] });
  });
});

describe('macros', () => {
  it('change the ticket in one step and show as what they are', async () => {
    const actions = [
      { do: 'reply', text: 'Dear {{requester.name}}, done.' },
      { do: 'tags', add: ['Solved'] },
      { do: 'priority', to: 'low' },
      { do: 'assign', groupId: null, agentId: 'me' },
      { do: 'status', to: 'resolved' },
    ];
    await save('macro', 'solve', { name: 'Solve it', actions });
    const id = await open('Printer');
    const answer = await on(agent, id, 'macros/solve');
    expect(answer.statusCode).toBe(200);
    const ticket = await ticketOf(id);
    expect(ticket).toMatchObject({ status: 'resolved', priority: 'low', agent: { id: agent.id } });
    const items = ticket.timeline.items as { kind: string; text: string | null; detail: object; version: number }[];
    expect(items.find(({ kind }) => kind === 'macro')?.detail).toMatchObject({ name: 'Solve it', macroVersion: 1 });
    expect(items.find(({ kind }) => kind === 'comment')?.text).toBe('Dear Anna <i>, done.');
    expect((await on(agent, id, 'macros/none')).json().code).toBe('MACRO_NOT_FOUND');
    expect((await on(anna, id, 'macros/solve')).json().code).toBe('FORBIDDEN');
    expect((await on(agent, id, 'macros/solve', undefined, '1')).json().code).toBe('VERSION_CONFLICT');
    const kinds = (await desk.as(anna, `/v1/tickets/${id}`))
      .json()
      .timeline.items.map((it: { kind: string }) => it.kind);
    expect(kinds).toContain('comment');
    for (const hidden of ['macro', 'assignment', 'priority']) expect(kinds).not.toContain(hidden);
  });

  it('leave no trace when one of their steps is refused', async () => {
    const actions = [
      { do: 'tags', add: ['x'] },
      { do: 'assign', groupId: anna.id, agentId: null },
    ];
    await save('macro', 'broken', { name: 'Broken', actions });
    const id = await open('Screen');
    const { version } = await ticketOf(id);
    expect((await on(agent, id, 'macros/broken')).json()).toMatchObject({ code: 'UNKNOWN_GROUP', step: 1 });
    expect((await ticketOf(id)).version).toBe(version);
  });
});

describe('undo', () => {
  const put = (id: string, path: string, payload: object) =>
    desk.as(agent, { method: 'PUT', url: `/v1/tickets/${id}/${path}`, headers: { 'if-match': '*' }, payload });

  it('takes back a command by its id or by one of its events, once', async () => {
    const id = await open('Mouse');
    await put(id, 'priority', { priority: 'urgent' });
    await put(id, 'assignment', { groupId: null, agentId: agent.id });
    const history = (await desk.as(agent, `/v1/tickets/${id}/history`)).json().items as {
      type: string;
      id: string;
      commandId: string;
    }[];
    const raised = history.find(({ type }) => type === 'TicketPriorityChanged');
    const assigned = history.find(({ type }) => type === 'TicketAssigned');
    expect((await on(agent, id, 'undo', { commandId: raised?.commandId })).statusCode).toBe(200);
    expect((await on(agent, id, 'undo', { eventId: assigned?.id })).statusCode).toBe(200);
    const ticket = await ticketOf(id);
    expect(ticket).toMatchObject({ priority: 'normal', agent: null });
    expect(ticket.timeline.items.map(({ kind }: { kind: string }) => kind)).toContain('undone');
    const again = (await on(agent, id, 'undo', { commandId: raised?.commandId })).json();
    expect(again).toMatchObject({ code: 'UNDO_REFUSED', reasons: [{ reason: 'already-undone' }] });
  });

  it('is refused with what is in the way, for bad bodies and for customers', async () => {
    const id = await open('Desk');
    const { timeline } = await ticketOf(id);
    const eventId = timeline.items[0].id;
    const refused = (await on(agent, id, 'undo', { eventId })).json();
    expect(refused).toMatchObject({ code: 'UNDO_REFUSED', reasons: [{ reason: 'said', type: 'TicketCreated' }] });
    for (const body of [{}, { eventId, commandId: eventId }, { eventId: 'x' }, { eventId, force: true }])
      expect((await on(agent, id, 'undo', body)).json().code).toBe('INVALID_REQUEST');
    expect((await on(agent, id, 'undo', { commandId: agent.id })).json().code).toBe('COMMAND_NOT_FOUND');
    expect((await on(anna, id, 'undo', { eventId })).json().code).toBe('FORBIDDEN');
  });
});

it('macros, undo and articles move the version that agents send back, and not the one of customers', async () => {
  await save('macro', 'tag', { name: 'Tag', actions: [{ do: 'tags', add: ['seen'] }] });
  const article = (
    await desk.as(agent, {
      method: 'POST',
      url: '/v1/articles',
      payload: { language: 'en', title: 'Toner', text: 'Turn it' },
    })
  ).json();
  await desk.as(admin, {
    method: 'PUT',
    url: `/v1/articles/${article.id}/translations/en/publication`,
    headers: { 'if-match': '*' },
  });
  const id = await open('Toner');
  const etag = async (who: Person) => String((await desk.as(who, `/v1/tickets/${id}`)).headers.etag);
  const forAnna = await etag(anna);
  const send = (method: 'POST' | 'PUT', path: string, ifMatch: string, payload?: object) =>
    desk.as(agent, {
      method,
      url: `/v1/tickets/${id}/${path}`,
      headers: { 'if-match': ifMatch },
      ...(payload && { payload }),
    });
  const applied = await send('POST', 'macros/tag', await etag(agent));
  const history = (await desk.as(agent, `/v1/tickets/${id}/history`)).json().items;
  const { commandId } = history.find(({ type }: { type: string }) => type === 'TicketMacroApplied');
  const undone = await send('POST', 'undo', await etag(agent), { commandId });
  const attached = await send('PUT', `articles/${article.id}`, await etag(agent), {});
  const tagged = await send('POST', 'tags', await etag(agent), { add: ['last'] });
  expect([applied, undone, attached, tagged].map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  expect(await etag(anna)).toBe(forAnna);
});
