import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
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

const open = async (who: Person, subject = 'Printer'): Promise<string> => {
  const payload = { subject, text: `${subject} is on fire` };
  return (await desk.as(who, { method: 'POST', url: '/v1/tickets', payload })).json().id;
};
const ask = (method: 'PUT' | 'DELETE' | 'POST', url: string, payload?: object, who = agent, headers = {}) =>
  desk.as(who, {
    method,
    url: `/v1/tickets/${url}`,
    headers: { 'if-match': '*', ...headers },
    ...(payload && { payload }),
  });
const read = async (id: string, who = agent, query = '') => (await desk.as(who, `/v1/tickets/${id}${query}`)).json();
const say = (who: Person, id: string, text: string, visibility = 'public') =>
  ask('POST', `${id}/comments`, { visibility, text }, who);
const texts = (ticket: { timeline: { items: { text: string | null }[] } }) =>
  ticket.timeline.items.flatMap(({ text }) => text ?? []);
const refused = (answer: Awaited<ReturnType<typeof ask>>) => [answer.statusCode, answer.json().code];
const listed = async (query: string, who = agent): Promise<string[]> =>
  (await desk.as(who, `/v1/tickets?limit=200${query}`)).json().items.map(({ id }: { id: string }) => id);

describe('merging', () => {
  it('sets one ticket aside, and the other goes on with the messages of both', async () => {
    const [a, b] = [await open(anna, 'First'), await open(bert, 'Second')];
    await say(anna, a, 'More about the first');
    expect((await ask('PUT', `${a}/merge`, { into: b })).statusCode).toBe(200);
    await say(agent, b, 'An answer');
    const [merged, survivor] = [await read(a), await read(b)];
    expect(merged).toMatchObject({ setAside: 'merged', relations: { mergedInto: { id: b }, survivor: { id: b } } });
    expect(survivor.relations.absorbed).toMatchObject([{ ticket: { id: a }, into: b }]);
    expect(texts(survivor)).toEqual(['First is on fire', 'Second is on fire', 'More about the first', 'An answer']);
    const origins = survivor.timeline.items.filter(({ origin }: { origin: unknown }) => origin !== null);
    expect(origins.map((entry: { origin: { id: string } }) => entry.origin.id)).toEqual([a, a]);
    expect(await listed('')).not.toContain(a);
    expect(await listed('&setAside=merged')).toContain(a);
    expect(await listed('', anna)).toContain(a);
  });

  it('pages through the messages of both in the order of the log', async () => {
    const [a, b] = [await open(anna, 'A'), await open(anna, 'B')];
    for (const n of [1, 2, 3]) for (const id of [a, b]) await say(agent, id, `${n}`);
    await ask('PUT', `${a}/merge`, { into: b });
    const seen: string[] = [];
    for (let url: string | null = `/v1/tickets/${b}/timeline?limit=3`; url; ) {
      const page: { items: { text: string | null }[]; next: string | null } = (await desk.as(agent, url)).json();
      seen.push(...texts({ timeline: page }));
      url = page.next;
    }
    expect(seen).toEqual(['A is on fire', 'B is on fire', '1', '1', '2', '2', '3', '3']);
  });

  it('takes what is said on the merged ticket to the one that goes on, along a chain', async () => {
    const [a, b, c] = [await open(anna, 'A'), await open(bert, 'B'), await open(bert, 'C')];
    await ask('PUT', `${a}/merge`, { into: b });
    await ask('PUT', `${b}/merge`, { into: c });
    const answer = await say(anna, a, 'Still there?');
    expect([answer.statusCode, answer.json().ticketId]).toEqual([201, c]);
    expect((await read(a)).relations).toMatchObject({ mergedInto: { id: b }, survivor: { id: c } });
    expect(texts(await read(c))).toEqual(['A is on fire', 'B is on fire', 'C is on fire', 'Still there?']);
    expect(refused(await ask('DELETE', `${a}/merge`))).toEqual([409, 'TICKET_MERGED']);
  });

  it('shows each customer no more than what is theirs', async () => {
    const [a, b] = [await open(anna, 'Secret of Anna'), await open(bert, 'Secret of Bert')];
    await say(bert, b, 'Bert before');
    await ask('PUT', `${a}/merge`, { into: b });
    await say(agent, b, 'To both');
    await say(agent, b, 'Between us', 'internal');
    await say(bert, b, 'Bert after');
    await say(anna, a, 'Anna after');
    const forAnna = await read(a, anna);
    expect(texts(forAnna)).toEqual(['Secret of Anna is on fire', 'To both', 'Anna after']);
    expect(forAnna.relations.survivor).toEqual({ id: b, number: expect.any(Number), subject: null, status: null });
    expect((await desk.as(anna, `/v1/tickets/${b}`)).statusCode).toBe(404);
    expect(texts(await read(b, bert))).toEqual(['Secret of Bert is on fire', 'Bert before', 'To both', 'Bert after']);
    expect((await read(b, bert)).relations.absorbed).toEqual([]);
    for (const who of [anna, bert]) expect((await ask('PUT', `${b}/merge`, { into: a }, who)).statusCode).toBe(403);
  });

  it('is taken back, and the past still shows it', async () => {
    const [a, b] = [await open(anna, 'A'), await open(bert, 'B')];
    const before = await read(a);
    const at = (await ask('PUT', `${a}/merge`, { into: b })).json().position;
    expect((await ask('DELETE', `${a}/merge`)).statusCode).toBe(200);
    const after = await read(a);
    const kept = ({ timeline: _, version: __, ...rest }: typeof after) => rest;
    expect(kept(after)).toEqual(kept(before));
    expect((await read(b)).relations.absorbed).toEqual([]);
    expect(texts(await read(b))).toEqual(['B is on fire']);
    expect(texts(await read(b, agent, `?asOf=${at}`))).toEqual(['A is on fire', 'B is on fire']);
    expect((await read(a, agent, `?asOf=${at}`)).relations.survivor).toMatchObject({ id: b });
    expect((await say(anna, a, 'Back')).json().ticketId).toBe(a);
    expect(refused(await ask('DELETE', `${a}/merge`))).toEqual([409, 'NOT_MERGED']);
  });

  it('is refused with a reason, and leaves nothing behind', async () => {
    const [a, b, c, closed, spam] = await Promise.all(['A', 'B', 'C', 'D', 'E'].map((subject) => open(anna, subject)));
    await ask('PUT', `${a}/merge`, { into: b });
    await ask('PUT', `${closed}/status`, { status: 'closed' });
    await ask('PUT', `${spam}/spam`, {});
    const nobody = '01a2b3c4-0000-4000-8000-000000000000';
    for (const [into, status, code] of [
      [c, 422, 'RELATION_TO_ITSELF'],
      [a, 409, 'TICKET_MERGED'],
      [closed, 409, 'TICKET_CLOSED'],
      [spam, 409, 'TICKET_IS_SPAM'],
      [nobody, 422, 'UNKNOWN_TICKET'],
      ['99999999', 422, 'UNKNOWN_TICKET'],
    ] as const) {
      const answer = await ask('PUT', `${c}/merge`, { into });
      expect(refused(answer)).toEqual([status, code]);
      expect(answer.json().errors[0].pointer).toBe('/into');
    }
    expect(refused(await ask('PUT', `${b}/merge`, { into: a }))).toEqual([409, 'TICKET_MERGED']);
    expect(refused(await ask('PUT', `${a}/merge`, { into: c }))).toEqual([409, 'TICKET_MERGED']);
    expect(refused(await ask('PUT', `${a}/status`, { status: 'open' }))).toEqual([409, 'TICKET_MERGED']);
    const stale = await ask('PUT', `${c}/merge`, { into: b }, agent, { 'if-match': '"99"' });
    expect(refused(stale)).toEqual([412, 'VERSION_CONFLICT']);
    expect((await desk.platform.store.readStream(streams.ticket(c!))).map(({ type }) => type)).toEqual([
      'TicketCreated',
    ]);
    expect((await read(b!)).relations.absorbed).toHaveLength(1);
  });

  it('the same request again is done once', async () => {
    const [a, b] = [await open(anna), await open(anna)];
    const headers = { 'idempotency-key': `merge-${a}` };
    const [first, again] = [
      await ask('PUT', `${a}/merge`, { into: b }, agent, headers),
      await ask('PUT', `${a}/merge`, { into: b }, agent, headers),
    ];
    expect([first.statusCode, again.statusCode, again.headers['idempotency-replayed']]).toEqual([200, 200, 'true']);
    expect(again.json()).toEqual(first.json());
  });

  it('of tickets that are merged into each other at once, some stay', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [a, b, c] = [await open(anna), await open(anna), await open(anna)];
      const pairs = [
        [a, b],
        [b, c],
        [c, a],
      ];
      const answers = await Promise.all(pairs.map(([from, into]) => ask('PUT', `${from}/merge`, { into })));
      const states = await Promise.all([a, b, c].map((id) => read(id)));
      const merged = states.filter(({ setAside }) => setAside === 'merged').length;
      expect(merged).toBe(answers.filter(({ statusCode }) => statusCode === 200).length);
      expect(merged).toBeLessThan(3);
      for (const answer of answers)
        if (answer.statusCode !== 200) expect(answer.json().code).toMatch(/^(RELATION_CYCLE|TICKET_MERGED)$/);
      const held = states.flatMap(({ relations }) => relations.absorbed);
      expect(held.length).toBeGreaterThanOrEqual(merged);
    }
  });
});

describe('spam', () => {
  it('leaves lists, queues and figures until it is restored', async () => {
    const id = await open(anna, 'Lottery');
    const backlog = async () => (await desk.as(agent, '/v1/queues')).json().total.total;
    const figures = async () => {
      const { backlogNow, days } = (await desk.as(agent, '/v1/reports/kpi?to=2026-03-02')).json();
      return [backlogNow.tickets, days.at(-1).backlog];
    };
    const counted = await figures();
    const before = [await backlog(), await read(id)];
    expect((await ask('PUT', `${id}/spam`, { reason: 'a prize' })).statusCode).toBe(200);
    expect(await backlog()).toBe((before[0] as number) - 1);
    expect(await figures()).toEqual(counted.map((count: number) => count - 1));
    expect(await listed('&setAside=spam')).toContain(id);
    expect(await listed('')).not.toContain(id);
    expect(refused(await say(agent, id, 'Hello'))).toEqual([409, 'TICKET_IS_SPAM']);
    // The customer is not told what it was taken for.
    expect(refused(await say(anna, id, 'Hello?'))).toEqual([409, 'TICKET_CLOSED']);
    expect((await read(id, anna)).setAside).toBeNull();
    expect((await desk.as(anna, `/v1/tickets/${id}`)).body).not.toContain('a prize');
    expect((await ask('DELETE', `${id}/spam`)).statusCode).toBe(200);
    expect(await backlog()).toBe(before[0]);
    expect(await figures()).toEqual(counted);
    const kept = ({ timeline: _, version: __, ...rest }: Record<string, unknown>) => rest;
    expect(kept(await read(id))).toEqual(kept(before[1] as Record<string, unknown>));
    expect((await ask('PUT', `${id}/spam`, {}, anna)).statusCode).toBe(403);
  });
});

describe('links', () => {
  it('are shown from both sides, now and as of a moment', async () => {
    const [a, b] = [await open(anna, 'Cause'), await open(bert, 'Effect')];
    const at = (await ask('PUT', `${a}/links/blocks/${b}`)).json().position;
    expect((await read(a)).relations.links).toMatchObject([{ kind: 'blocks', ticket: { id: b } }]);
    expect((await read(b)).relations.links).toMatchObject([{ kind: 'blocked-by', ticket: { id: a } }]);
    expect((await ask('DELETE', `${b}/links/blocked-by/${a}`)).statusCode).toBe(200);
    expect((await read(a)).relations.links).toEqual([]);
    expect((await read(b, agent, `?asOf=${at}`)).relations.links).toMatchObject([{ kind: 'blocked-by' }]);
    expect((await read(b, bert)).relations.links).toEqual([]);
  });

  it('two tickets have one of a kind', async () => {
    const [a, b] = [await open(anna), await open(anna)];
    expect((await ask('PUT', `${a}/links/related/${b}`)).statusCode).toBe(200);
    expect(refused(await ask('PUT', `${b}/links/related/${a}`))).toEqual([409, 'LINK_EXISTS']);
    await ask('PUT', `${a}/links/caused-by/${b}`);
    expect(refused(await ask('PUT', `${b}/links/caused-by/${a}`))).toEqual([409, 'LINK_EXISTS']);
    expect(refused(await ask('PUT', `${b}/links/causes/${a}`))).toEqual([409, 'LINK_EXISTS']);
    expect(refused(await ask('PUT', `${a}/links/blocks/${a}`))).toEqual([422, 'RELATION_TO_ITSELF']);
    expect(refused(await ask('PUT', `${a}/links/blocks/99999999`))).toEqual([422, 'UNKNOWN_TICKET']);
    expect(refused(await ask('DELETE', `${a}/links/duplicate/${b}`))).toEqual([404, 'LINK_NOT_FOUND']);
    expect((await ask('PUT', `${a}/links/likes/${b}`)).statusCode).toBe(400);
    const [c, d] = [await open(anna, 'C'), await open(anna, 'D')];
    const crossing = [ask('PUT', `${c}/links/blocks/${d}`), ask('PUT', `${d}/links/blocks/${c}`)];
    expect((await Promise.all(crossing)).map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 409]);
    expect((await read(c)).relations.links).toHaveLength(1);
  });
});

describe('parents', () => {
  const setParent = (child: string, parent: string | null) => ask('PUT', `${child}/parent`, { parent });

  it('show the progress of their children and can be resolved before them', async () => {
    const [parent, one, two] = [await open(anna, 'Move house'), await open(anna, 'Desk'), await open(anna, 'Phone')];
    for (const child of [one, two]) expect((await setParent(child, parent)).statusCode).toBe(200);
    await ask('PUT', `${one}/status`, { status: 'resolved' });
    expect((await read(parent)).relations.children).toMatchObject({
      open: 1,
      done: 1,
      items: [{ id: one }, { id: two }],
    });
    expect((await read(one)).relations.parent).toMatchObject({ id: parent });
    expect((await ask('PUT', `${parent}/status`, { status: 'resolved' })).statusCode).toBe(200);
    const at = (await read(parent)).version;
    await setParent(two, null);
    expect((await read(parent)).relations.children).toMatchObject({ open: 0, done: 1 });
    expect((await desk.platform.store.readStream(streams.ticket(parent))).slice(at).map(({ type }) => type)).toEqual([
      'TicketChildRemoved',
    ]);
  });

  it('do not lie below their own children, nor more levels deep than five', async () => {
    const ids: string[] = [];
    for (let level = 0; level < 6; level += 1) ids.push(await open(anna, `Level ${level}`));
    const [top = '', , , , fifth = '', sixth = ''] = ids;
    for (let level = 1; level < 5; level += 1)
      expect((await setParent(ids[level]!, ids[level - 1]!)).statusCode).toBe(200);
    expect(refused(await setParent(sixth, fifth))).toEqual([409, 'RELATION_LIMIT']);
    expect(refused(await setParent(top, fifth))).toEqual([409, 'RELATION_CYCLE']);
    expect(refused(await setParent(top, top))).toEqual([422, 'RELATION_TO_ITSELF']);
    expect((await read(fifth)).relations.children.items).toEqual([]);
    expect(refused(await setParent(top, '99999999'))).toEqual([422, 'UNKNOWN_TICKET']);
  });
});

describe('a message', () => {
  const lastComment = async (id: string): Promise<string> =>
    (await read(id)).timeline.items.findLast((entry: { commentId: string | null }) => entry.commentId).commentId;

  it('goes to another ticket with all it has, and back', async () => {
    const [a, b] = [await open(anna, 'A'), await open(anna, 'B')];
    await say(anna, a, 'This is about B');
    const comment = await lastComment(a);
    const then = `?asOf=${(await ask('PUT', `${a}/priority`, { priority: 'high' })).json().position}`;
    expect((await ask('POST', `${a}/comments/${comment}/move`, { to: b })).statusCode).toBe(200);
    expect(texts(await read(a))).toEqual(['A is on fire']);
    expect(texts(await read(a, agent, then))).toEqual(['A is on fire', 'This is about B']);
    for (const path of [then, `/timeline${then}`])
      expect((await desk.as(anna, `/v1/tickets/${a}${path}`)).body).not.toContain('This is about B');
    const moved = (await read(b)).timeline.items.at(-1);
    expect(moved).toMatchObject({
      text: 'This is about B',
      author: { id: anna.id },
      origin: { id: a },
      commentId: comment,
    });
    expect([(await read(a)).commentCount, (await read(b)).commentCount]).toEqual([0, 1]);
    expect((await desk.as(anna, `/v1/tickets/${a}`)).body).not.toContain('This is about B');
    expect(refused(await ask('POST', `${a}/comments/${comment}/move`, { to: b }))).toEqual([404, 'COMMENT_NOT_FOUND']);
    expect((await ask('POST', `${b}/comments/${comment}/move`, { to: a })).statusCode).toBe(200);
    expect(texts(await read(a))).toEqual(['A is on fire', 'This is about B']);
    expect([(await read(a)).commentCount, (await read(b)).commentCount]).toEqual([1, 0]);
  });

  it('from elsewhere is not told to the customer of a merged ticket, whom it does not answer', async () => {
    const [a, b, c] = [await open(anna, 'A'), await open(bert, 'B'), await open(bert, 'C')];
    await ask('PUT', `${a}/merge`, { into: b });
    await say(agent, c, 'Only about C');
    const comment = await lastComment(c);
    expect((await ask('POST', `${c}/comments/${comment}/move`, { to: b })).statusCode).toBe(200);
    await say(agent, b, 'About both');
    const at = (await ask('PUT', `${b}/priority`, { priority: 'high' })).json().position;
    expect(texts(await read(b, bert))).toEqual(['B is on fire', 'Only about C', 'About both']);
    for (const query of ['', `?asOf=${at}`])
      expect(texts(await read(a, anna, query))).toEqual(['A is on fire', 'About both']);
  });

  it('becomes a ticket of its own', async () => {
    const a = await open(anna, 'A');
    await say(anna, a, 'By the way, my phone');
    const comment = await lastComment(a);
    const done = await ask('POST', `${a}/comments/${comment}/split`, { subject: 'Phone' });
    expect(done.statusCode).toBe(201);
    const split = await read(done.json().id);
    expect(split).toMatchObject({ subject: 'Phone', requester: { id: anna.id }, number: done.json().number });
    expect(split.timeline.items[0]).toMatchObject({ text: 'By the way, my phone', origin: { id: a } });
    expect(texts(await read(a))).toEqual(['A is on fire']);
  });

  it('stays where it has to', async () => {
    const [a, closed] = [await open(anna, 'A'), await open(anna, 'B')];
    const first = (await read(a)).timeline.items[0].commentId;
    await say(agent, a, 'An answer');
    const answer = await lastComment(a);
    await ask('PUT', `${closed}/status`, { status: 'closed' });
    expect(refused(await ask('POST', `${a}/comments/${first}/move`, { to: closed }))).toEqual([409, 'TICKET_CLOSED']);
    const other = await open(anna);
    expect(refused(await ask('POST', `${a}/comments/${first}/move`, { to: other }))).toEqual([
      409,
      'COMMENT_NOT_MOVABLE',
    ]);
    expect(refused(await ask('POST', `${a}/comments/${answer}/move`, { to: a }))).toEqual([422, 'RELATION_TO_ITSELF']);
    expect(refused(await ask('POST', `${a}/comments/${answer}/split`, {}))).toEqual([409, 'COMMENT_NOT_MOVABLE']);
    expect(refused(await ask('POST', `${a}/comments/${first}/split`, {}))).toEqual([409, 'COMMENT_NOT_MOVABLE']);
    expect(refused(await ask('POST', `${a}/comments/${other}/split`, {}))).toEqual([404, 'COMMENT_NOT_FOUND']);
    expect((await ask('POST', `${a}/comments/${answer}/move`, { to: other }, anna)).statusCode).toBe(403);
  });
});
