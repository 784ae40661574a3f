import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let other: Person;
let auditor: Person;
let integrator: Person;
let anna: Person;
let carl: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  other = await desk.person('agent', 'other');
  auditor = await desk.person('auditor');
  integrator = await desk.person('integrator');
  anna = await desk.person('customer', 'anna');
  carl = await desk.person('customer', 'carl');
});
afterAll(() => desk?.stop());

const send = (person: Person, method: 'POST' | 'PUT', url: string, payload: object, ifMatch = '*') =>
  desk.as(person, { method, url, payload, headers: { 'if-match': ifMatch } });
const open = async (text = 'It burns'): Promise<string> =>
  (await desk.as(anna, { method: 'POST', url: '/v1/tickets', payload: { subject: 'Printer', text } })).json().id;
const comment = (id: string, payload: object, person = agent, ifMatch = '*') =>
  send(person, 'POST', `/v1/tickets/${id}/comments`, { visibility: 'internal', ...payload }, ifMatch);
const read = async (person: Person, id: string, query = '') =>
  (await desk.as(person, `/v1/tickets/${id}${query}`)).json();
const items = async (person: Person, id: string, query = '') => (await read(person, id, query)).timeline.items;
const idsOf = async (person: Person, url: string): Promise<string[]> =>
  (await desk.as(person, url)).json().items.map(({ id }: { id: string }) => id);

describe('a mention', () => {
  const mention = ({ id }: Person) => [{ kind: 'person', id }];

  it('lets a client read what is public, in lists too, and nothing else', async () => {
    const id = await open();
    await comment(id, { text: 'secret note' });
    expect((await desk.as(carl, `/v1/tickets/${id}`)).statusCode).toBe(404);
    await comment(id, { text: 'Carl has to know', mentions: mention(carl) });
    await comment(id, { visibility: 'public', text: 'We are on it' });
    const seen = await read(carl, id);
    expect(seen.timeline.items.map(({ text }: { text: string }) => text)).toEqual(['It burns', 'We are on it', null]);
    expect(JSON.stringify(seen)).not.toContain('Carl has to know');
    expect(seen.timeline.items.every(({ mentions }: { mentions: unknown[] }) => mentions.length === 0)).toBe(true);
    expect(await idsOf(carl, '/v1/tickets')).toContain(id);
    const attempt = await comment(id, { visibility: 'public', text: 'Me too' }, carl);
    expect([attempt.statusCode, attempt.json().code]).toEqual([403, 'FORBIDDEN']);
  });

  it('shows on the timeline and in the list of tickets that mention me, by group too; nobody becomes responsible', async () => {
    const id = await open();
    const groupId = (
      await desk.as(await desk.person('admin'), { method: 'POST', url: '/v1/groups', payload: { name: 'Second line' } })
    ).json().id;
    await send(await desk.person('admin', 'boss'), 'PUT', `/v1/groups/${groupId}/members/${other.id}`, {});
    await comment(id, { text: 'look', mentions: [{ kind: 'group', id: groupId }, ...mention(auditor)] });
    const [, note] = await items(agent, id);
    expect(note.mentions).toEqual([
      { kind: 'group', id: groupId, name: 'Second line' },
      { kind: 'person', id: auditor.id, name: 'auditor' },
    ]);
    expect(await idsOf(other, '/v1/tickets?mentioned=me')).toEqual([id]);
    expect(await idsOf(auditor, '/v1/tickets?mentioned=me')).toEqual([id]);
    expect(await idsOf(agent, '/v1/tickets?mentioned=me')).toEqual([]);
    expect(await read(agent, id)).toMatchObject({ agent: null, group: null });
  });

  it('of a stranger is refused, and is not for customers', async () => {
    const id = await open();
    const mentions = [...mention(other), { kind: 'person', id: newId() }, { kind: 'group', id: newId() }];
    const answer = await comment(id, { text: 'x', mentions });
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'UNKNOWN_MENTION']);
    expect(answer.json().errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/mentions/1/id',
      '/mentions/2/id',
    ]);
    const customer = await comment(id, { visibility: 'public', text: 'x', mentions: mention(other) }, anna);
    expect([customer.statusCode, customer.json().errors[0].pointer]).toEqual([403, '/mentions']);
    expect((await read(agent, id)).commentCount).toBe(0);
  });

  it('that is taken out takes the right to read along', async () => {
    const id = await open();
    const { commentId } = (await comment(id, { text: 'wrong Carl', mentions: mention(carl) })).json();
    expect((await desk.as(carl, `/v1/tickets/${id}`)).statusCode).toBe(200);
    const parts = [{ kind: 'whole' }];
    await send(agent, 'POST', `/v1/tickets/${id}/comments/${commentId}/redactions`, { parts, reason: 'wrong person' });
    expect((await desk.as(carl, `/v1/tickets/${id}`)).statusCode).toBe(404);
  });
});

describe('a note written anew', () => {
  it('shows the new words, that and by whom it was changed, and its earlier words in the history', async () => {
    const id = await open();
    const { commentId } = (await comment(id, { text: 'frist' })).json();
    const path = `/v1/tickets/${id}/comments/${commentId}`;
    expect((await send(agent, 'PUT', path, { text: 'first' })).statusCode).toBe(200);
    const [, note, change] = await items(agent, id);
    expect(note).toMatchObject({ text: 'first', edited: { by: { id: agent.id } }, redacted: null });
    expect(change).toMatchObject({ kind: 'comment-edited', visibility: 'internal', text: null });
    expect((await desk.as(agent, `/v1/tickets/${id}/history`)).body).toContain('frist');
    expect(await items(anna, id)).toHaveLength(1);
    const stranger = await send(other, 'PUT', path, { text: 'mine' });
    expect([stranger.statusCode, stranger.json().code]).toEqual([409, 'COMMENT_NOT_EDITABLE']);
    const gone = await send(agent, 'PUT', `/v1/tickets/${id}/comments/${newId()}`, { text: 'x' });
    expect([gone.statusCode, gone.json().code]).toEqual([404, 'COMMENT_NOT_FOUND']);
    expect((await send(anna, 'PUT', path, { text: 'x' })).statusCode).toBe(403);
  });
});

describe('what was taken out', () => {
  const secret = '4711-0815';

  /** A ticket whose second message held the secret: in its text, its HTML and a file. */
  async function redactedTicket() {
    const id = await open();
    const upload = await desk.as(anna, {
      method: 'POST',
      url: '/v1/attachments?name=card.png',
      payload: Buffer.from(`image of ${secret}`),
      headers: { 'content-type': 'image/png' },
    });
    const { reference, sha256 } = upload.json();
    const text = `My card is ${secret}.`;
    const said = await comment(
      id,
      { visibility: 'public', text, html: `<b>${text}</b>`, attachments: [reference] },
      anna,
    );
    const before = String((await read(agent, id)).version);
    const { commentId, position } = said.json();
    const parts = [
      { kind: 'text', from: 11, to: 11 + secret.length },
      { kind: 'attachment', blob: sha256 },
    ];
    const path = `/v1/tickets/${id}/comments/${commentId}/redactions`;
    const answer = await send(agent, 'POST', path, { parts, reason: 'card number' });
    expect(answer.statusCode).toBe(200);
    return { id, sha256, before, position, commentId, path };
  }

  it('is gone for readers now, in the past, in the history and in replay; the file too', async () => {
    const { id, position, sha256 } = await redactedTicket();
    for (const person of [agent, anna, auditor]) {
      const [, message] = await items(person, id);
      expect(message).toMatchObject({ text: 'My card is █████████.', html: null, attachments: [] });
      expect(message.redacted).toMatchObject({ whole: false, by: person === anna ? null : { id: agent.id } });
      const [, then] = await items(person, id, `?asOf=${position}`);
      expect(then.text).toBe('My card is █████████.');
    }
    for (const path of ['history', 'timeline'])
      expect((await desk.as(agent, `/v1/tickets/${id}/${path}`)).body).not.toContain(secret);
    for (const page of [`/tickets/${id}`, `/tickets/${id}/replay?step=2`, `/tickets/${id}/replay?step=99`])
      expect((await desk.as(agent, page)).body).not.toContain(secret);
    const file = await desk.as(agent, `/v1/tickets/${id}/attachments/${sha256}`);
    expect([file.statusCode, file.json().code]).toEqual([404, 'BLOB_NOT_FOUND']);
  });

  it('is still in the feed of events, for auditors and not for integrators', async () => {
    const { position } = await redactedTicket();
    const url = `/v1/events?types=TicketCommented&after=${BigInt(position) - 1n}&limit=1`;
    const [full] = (await desk.as(auditor, url)).json().events;
    expect(full.data.message.text).toContain(secret);
    const [told] = (await desk.as(integrator, url)).json().events;
    expect(told.data.message).toMatchObject({ text: 'My card is █████████.', html: null, attachments: [] });
  });

  it('stays out when the message is moved', async () => {
    const { commentId, id } = await redactedTicket();
    const target = await open('Another');
    const moved = await send(agent, 'POST', `/v1/tickets/${id}/comments/${commentId}/move`, { to: target });
    expect(moved.statusCode).toBe(200);
    for (const query of ['', '?asOf=2999-01-01T00:00:00Z']) {
      const [, message] = await items(agent, target, query);
      expect(message).toMatchObject({ text: 'My card is █████████.', html: null, attachments: [] });
    }
    expect((await desk.as(agent, `/v1/tickets/${target}/history`)).body).not.toContain(secret);
  });

  it('takes earlier words of a note along', async () => {
    const id = await open();
    const { commentId, position } = (await comment(id, { text: `call ${secret}` })).json();
    await send(agent, 'PUT', `/v1/tickets/${id}/comments/${commentId}`, { text: 'call me' });
    const parts = [{ kind: 'text', from: 5, to: 7 }];
    await send(agent, 'POST', `/v1/tickets/${id}/comments/${commentId}/redactions`, { parts, reason: 'private' });
    expect((await items(agent, id))[1].text).toBe('call ██');
    expect((await items(agent, id, `?asOf=${position}`))[1].text).toBe('');
    expect((await desk.as(agent, `/v1/tickets/${id}/history`)).body).not.toContain(secret);
  });

  it('has to be there, needs a reason, and is not for customers to take', async () => {
    const { path } = await redactedTicket();
    const beyond = await send(agent, 'POST', path, { parts: [{ kind: 'text', from: 0, to: 500 }], reason: 'x' });
    expect([beyond.statusCode, beyond.json().code]).toEqual([422, 'REDACTION_INVALID']);
    expect((await send(agent, 'POST', path, { parts: [{ kind: 'whole' }] })).statusCode).toBe(400);
    expect((await send(anna, 'POST', path, { parts: [{ kind: 'whole' }], reason: 'x' })).statusCode).toBe(403);
  });
});

describe('a reply on a stale view', () => {
  it('is refused with what came between, and confirmed by naming it', async () => {
    const id = await open();
    const { version } = await read(agent, id);
    await comment(id, { visibility: 'public', text: `I know more. ${'x'.repeat(300)}` }, anna);
    const stale = await comment(id, { text: 'Never mind' }, agent, `"${version}"`);
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'VERSION_CONFLICT']);
    const { actual, events } = stale.json();
    expect(events[0]).toMatchObject({ type: 'TicketCommented', authorId: anna.id, visibility: 'public' });
    expect(events[0].excerpt).toMatch(/^I know more\. x{187}$/);
    expect((await comment(id, { text: 'All the same' }, agent, `"${actual}"`)).statusCode).toBe(201);
    expect((await comment(id, { text: 'Whatever' }, agent, `"${actual + 100}"`)).statusCode).toBe(412);
  });

  it('of a customer is not refused for what they cannot see, and tells nothing of it', async () => {
    const id = await open();
    const before = await read(anna, id);
    await comment(id, { text: 'internal' });
    const after = await read(anna, id);
    expect([after.version, after.commentCount, after.updatedAt]).toEqual([before.version, 0, before.updatedAt]);
    expect((await read(agent, id)).commentCount).toBe(1);
    const said = await comment(id, { visibility: 'public', text: 'Hello?' }, anna, `"${after.version}"`);
    expect(said.statusCode).toBe(201);
    await comment(id, { visibility: 'public', text: 'Hello!' });
    const stale = await comment(id, { visibility: 'public', text: 'Still?' }, anna, `"${after.version}"`);
    expect([stale.statusCode, stale.json().events]).toEqual([412, undefined]);
    expect((await read(anna, id)).commentCount).toBe(2);
  });
});
