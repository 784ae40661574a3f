import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let admin: Person;
let auditor: Person;
let integrator: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  admin = await desk.person('admin');
  auditor = await desk.person('auditor');
  integrator = await desk.person('integrator');
});
afterAll(() => desk?.stop());

const body = { subject: 'Printer', text: 'It is on fire', requester: { email: 'anna@kunde.example', name: 'Anna' } };

async function newTicket(changes: object = {}): Promise<{ id: string; number: number }> {
  const answer = await desk.as(agent, { method: 'POST', url: '/v1/tickets', payload: { ...body, ...changes } });
  expect(answer.statusCode).toBe(201);
  return answer.json();
}

type Change = { method: 'POST' | 'PUT'; path: string; payload: object | (() => object) };
const changes: [string, Change][] = [
  ['comments', { method: 'POST', path: 'comments', payload: { visibility: 'public', text: 'We are coming' } }],
  ['assignment', { method: 'PUT', path: 'assignment', payload: () => ({ groupId: null, agentId: agent.id }) }],
  ['status', { method: 'PUT', path: 'status', payload: { status: 'pending' } }],
  ['priority', { method: 'PUT', path: 'priority', payload: { priority: 'urgent' } }],
];

const payloadOf = ({ payload }: Change): object => (typeof payload === 'function' ? payload() : payload);

const change = (person: Person, id: string, command: Change, headers: Record<string, string> = {}) =>
  desk.as(person, {
    method: command.method,
    url: `/v1/tickets/${id}/${command.path}`,
    payload: payloadOf(command),
    headers,
  });

describe('a change of a ticket named by its number', () => {
  it.each(changes)('is the same as one by id: %s', async (_name, command) => {
    const { number } = await newTicket();
    // At once: the number must be known before the read models have caught up.
    const answer = await change(agent, String(number), command, { 'if-match': '*' });
    expect(answer.statusCode).toBeLessThan(300);
  });

  it('is refused when there is no such number', async () => {
    const answer = await change(agent, '987654', changes[0]![1], { 'if-match': '*' });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'TICKET_NOT_FOUND']);
  });
});

describe('POST /v1/tickets', () => {
  it('opens a ticket for somebody new, and answers with all that callers go on with', async () => {
    const answer = await desk.as(agent, { method: 'POST', url: '/v1/tickets', payload: body });
    expect(answer.statusCode).toBe(201);
    const { id, number, version, position } = answer.json();
    expect(answer.headers).toMatchObject({
      location: `/v1/tickets/${id}`,
      etag: `"${version}"`,
      'desk-position': position,
      'cache-control': 'no-store',
    });
    const ticket = (await desk.as(agent, `/v1/tickets/${number}`)).json();
    expect(ticket).toMatchObject({
      id,
      requester: { name: 'Anna' },
      company: { name: 'kunde.example' },
      channel: 'api',
      status: 'new',
      priority: 'normal',
    });
  });

  it('opens it for the holder of the token, or for somebody known', async () => {
    const own = await newTicket({ requester: undefined });
    expect((await desk.as(agent, `/v1/tickets/${own.id}`)).json().requester.id).toBe(agent.id);
    const forOther = await newTicket({ requester: { id: auditor.id } });
    expect((await desk.as(agent, `/v1/tickets/${forOther.id}`)).json().requester.id).toBe(auditor.id);
    const stranger = { ...body, requester: { id: newId() } };
    const refused = await desk.as(agent, { method: 'POST', url: '/v1/tickets', payload: stranger });
    expect([refused.statusCode, refused.json().code]).toEqual([422, 'UNKNOWN_PERSON']);
  });

  it('makes one person of one address, however it is written', async () => {
    const [first, second] = [await newTicket(), await newTicket({ requester: { email: 'ANNA@Kunde.example' } })];
    const requesters = await Promise.all(
      [first, second].map(async ({ id }) => (await desk.as(agent, `/v1/tickets/${id}`)).json().requester),
    );
    expect(requesters[1]).toEqual(requesters[0]);
  });

  it('keeps scripts out of the log', async () => {
    const html = '<p onclick="x()">Hi<script>alert(1)</script><img src="javascript:x"></p>';
    const { id } = await newTicket({ html });
    const history = await desk.as(auditor, `/v1/tickets/${id}/history`);
    expect(history.json().items[0].data.message.html).toBe('<p>Hi</p>');
  });

  it('does the same key once, and tells a reused key', async () => {
    const headers = { 'idempotency-key': newId() };
    const send = (payload: object, person = agent) =>
      desk.as(person, { method: 'POST', url: '/v1/tickets', payload, headers });
    const [first, second] = [await send(body), await send(body)];
    expect(second.json()).toEqual(first.json());
    expect(second.statusCode).toBe(201);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    const other = await send({ ...body, subject: 'Other' });
    expect([other.statusCode, other.json().code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const otherPerson = await send(body, admin);
    expect(otherPerson.json().id).not.toBe(first.json().id);
  });

  it('does a request that was sent twice at once one time', async () => {
    const headers = { 'idempotency-key': newId() };
    const send = () => desk.as(agent, { method: 'POST', url: '/v1/tickets', payload: body, headers });
    const answers = await Promise.all([send(), send(), send()]);
    expect(new Set(answers.map((answer) => answer.json().id)).size).toBe(1);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201]);
  });

  it.each([
    ['an unknown field', { ...body, titel: 'x' }, '/titel'],
    ['a wrong type', { ...body, subject: 7 }, '/subject'],
    ['a missing field', { subject: 'x' }, '/text'],
    ['an empty subject', { ...body, subject: '  ' }, '/subject'],
    ['a priority that is none', { ...body, priority: 'asap' }, '/priority'],
    ['an attachment that is none', { ...body, attachments: ['abc'] }, '/attachments/0'],
    ['a mailbox that is none', { ...body, mailboxId: 'nowhere' }, '/mailboxId'],
  ])('refuses %s', async (_what, payload, pointer) => {
    const answer = await desk.as(agent, { method: 'POST', url: '/v1/tickets', payload });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST']);
    expect(answer.json().errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('refuses a follow-up of a ticket that is not there', async () => {
    const answer = await desk.as(agent, {
      method: 'POST',
      url: '/v1/tickets',
      payload: { ...body, followUpOf: newId() },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'TICKET_NOT_FOUND']);
  });

  it('is not for auditors and integrators', async () => {
    for (const person of [auditor, integrator]) {
      const answer = await desk.as(person, { method: 'POST', url: '/v1/tickets', payload: body });
      expect(answer.statusCode).toBe(403);
    }
  });
});

describe.each(changes)('the change of %s', (_name, command) => {
  it('is done when the caller saw the newest version', async () => {
    const { id } = await newTicket({ priority: 'low' });
    const answer = await change(agent, id, command, { 'if-match': '"1"' });
    expect([200, 201]).toContain(answer.statusCode);
    const { version, position } = answer.json();
    expect(answer.headers).toMatchObject({ etag: `"${version}"`, 'desk-position': position });
    expect((await desk.as(agent, `/v1/tickets/${id}`)).headers['etag']).toBe(`"${version}"`);
  });

  it('needs If-Match', async () => {
    const { id } = await newTicket();
    const answer = await change(agent, id, command);
    expect([answer.statusCode, answer.json().code]).toEqual([428, 'PRECONDITION_REQUIRED']);
    expect(answer.json().errors[0].pointer).toBe('If-Match');
    const weak = await change(agent, id, command, { 'if-match': 'W/"1"' });
    expect(weak.statusCode).toBe(400);
  });

  it('is refused when somebody was faster, with what happened in between', async () => {
    const { id } = await newTicket({ priority: 'low' });
    await change(admin, id, { method: 'PUT', path: 'status', payload: { status: 'open' } }, { 'if-match': '"1"' });
    const answer = await change(agent, id, command, { 'if-match': '"1"' });
    expect([answer.statusCode, answer.json().code]).toEqual([412, 'VERSION_CONFLICT']);
    expect(answer.json()).toMatchObject({
      expected: 1,
      actual: 2,
      events: [{ version: 2, type: 'TicketStatusChanged' }],
    });
    expect(answer.headers['etag']).toBe('"2"');
    const anyVersion = await change(agent, id, command, { 'if-match': '*' });
    expect([200, 201]).toContain(anyVersion.statusCode);
  });

  it('is done once for one key, also when the version has moved on', async () => {
    const { id } = await newTicket({ priority: 'low' });
    const headers = { 'if-match': '"1"', 'idempotency-key': newId() };
    const first = await change(agent, id, command, headers);
    await change(
      admin,
      id,
      { method: 'POST', path: 'comments', payload: { visibility: 'internal', text: 'x' } },
      { 'if-match': '*' },
    );
    const second = await change(agent, id, command, headers);
    expect(second.json()).toEqual(first.json());
    const other = await change(
      agent,
      id,
      { ...command, payload: { ...payloadOf(command), ...otherValue[command.path] } },
      headers,
    );
    if (command.path !== 'assignment')
      expect([other.statusCode, other.json().code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('is not for auditors, and only for tickets that exist', async () => {
    const { id } = await newTicket();
    expect((await change(auditor, id, command, { 'if-match': '"1"' })).statusCode).toBe(403);
    const nowhere = await change(agent, newId(), command, { 'if-match': '"1"' });
    expect([nowhere.statusCode, nowhere.json().code]).toEqual([404, 'TICKET_NOT_FOUND']);
    const noId = await change(agent, 'abc', command, { 'if-match': '"1"' });
    expect([noId.statusCode, noId.json().errors[0].pointer]).toEqual([400, 'ticket']);
  });

  it('refuses fields that are unknown or of a wrong type', async () => {
    const { id } = await newTicket();
    const headers = { 'if-match': '"1"' };
    const unknown = await change(agent, id, { ...command, payload: { ...payloadOf(command), extra: 1 } }, headers);
    expect([unknown.statusCode, unknown.json().errors[0].pointer]).toEqual([400, '/extra']);
    const [field = ''] = Object.keys(payloadOf(command));
    const wrong = await change(agent, id, { ...command, payload: { ...payloadOf(command), [field]: 7 } }, headers);
    expect([wrong.statusCode, wrong.json().errors[0].pointer]).toEqual([400, `/${field}`]);
  });
});

const otherValue: Record<string, object> = {
  assignment: { agentId: null },
  comments: { text: 'Something else' },
  status: { status: 'resolved' },
  priority: { priority: 'high' },
};

describe('what the desk refuses', () => {
  it('a transition that is not possible, with those that are', async () => {
    const { id } = await newTicket();
    const to = (status: string) =>
      change(agent, id, { method: 'PUT', path: 'status', payload: { status } }, { 'if-match': '*' });
    await to('closed');
    const answer = await to('pending');
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'ILLEGAL_TRANSITION']);
    expect(answer.json()).toMatchObject({ from: 'closed', to: 'pending', allowed: ['open'] });
    const comment = await change(agent, id, changes[0]?.[1] as Change, { 'if-match': '*' });
    expect([comment.statusCode, comment.json().code]).toEqual([409, 'TICKET_CLOSED']);
  });

  it('groups and agents that are none', async () => {
    const { id } = await newTicket();
    const assign = async (payload: object) => {
      const answer = await change(agent, id, { method: 'PUT', path: 'assignment', payload }, { 'if-match': '*' });
      return [answer.statusCode, answer.json().code];
    };
    expect(await assign({ groupId: newId(), agentId: null })).toEqual([422, 'UNKNOWN_GROUP']);
    expect(await assign({ groupId: null, agentId: auditor.id })).toEqual([422, 'UNKNOWN_AGENT']);
    const made = await desk.as(admin, { method: 'POST', url: '/v1/groups', payload: { name: 'Second line' } });
    expect(await assign({ groupId: made.json().id, agentId: agent.id })).toEqual([422, 'AGENT_NOT_IN_GROUP']);
    await desk.as(admin, { method: 'PUT', url: `/v1/groups/${made.json().id}/members/${agent.id}` });
    expect((await assign({ groupId: made.json().id, agentId: agent.id }))[0]).toBe(200);
    const ticket = (await desk.as(agent, `/v1/tickets/${id}`)).json();
    expect(ticket).toMatchObject({ group: { name: 'Second line' }, agent: { id: agent.id } });
  });

  it('a comment that moves the ticket does both or neither', async () => {
    const { id } = await newTicket();
    const comment = (status: string, ifMatch: string) =>
      change(
        agent,
        id,
        { method: 'POST', path: 'comments', payload: { visibility: 'public', text: 'Done', status } },
        { 'if-match': ifMatch },
      );
    expect((await comment('resolved', '"1"')).statusCode).toBe(201);
    const ticket = (await desk.as(agent, `/v1/tickets/${id}`)).json();
    expect(ticket).toMatchObject({ status: 'resolved', commentCount: 1 });
    expect((await comment('new', '*')).statusCode).toBe(409);
    expect((await desk.as(agent, `/v1/tickets/${id}`)).json().commentCount).toBe(1);
  });
});
