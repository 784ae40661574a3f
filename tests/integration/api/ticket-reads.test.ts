import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let auditor: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  auditor = await desk.person('auditor');
});
afterAll(() => desk?.stop());

type Made = { id: string; number: number; position: string };

async function newTicket(changes: object = {}): Promise<Made> {
  const payload = { subject: 'Printer', text: 'It is on fire', ...changes };
  return (await desk.as(agent, { method: 'POST', url: '/v1/tickets', payload })).json();
}

const change = (id: string, path: string, payload: object) =>
  desk.as(agent, { method: 'PUT', url: `/v1/tickets/${id}/${path}`, payload, headers: { 'if-match': '*' } });

const say = (id: string, text: string, visibility = 'public') =>
  desk.as(agent, {
    method: 'POST',
    url: `/v1/tickets/${id}/comments`,
    payload: { text, visibility },
    headers: { 'if-match': '*' },
  });

const read = async (url: string, person = agent) => (await desk.as(person, url)).json();
const numbersOf = (page: { items: { number: number }[] }) => page.items.map(({ number }) => number);

/** Follows `next` to the end. */
async function allPages(url: string): Promise<number[]> {
  const numbers: number[] = [];
  for (let next: string | null = url; next !== null; ) {
    const page: { items: { number: number }[]; next: string | null } = await read(next);
    numbers.push(...numbersOf(page));
    next = page.next;
  }
  return numbers;
}

describe('the list of tickets', () => {
  const priorities = ['low', 'urgent', 'normal', 'high', 'urgent'];
  let tickets: Made[];

  beforeAll(async () => {
    tickets = [];
    for (const priority of priorities) {
      desk.clock.forward({ minutes: 1 });
      tickets.push(await newTicket({ subject: `A ${priority} matter, 100% of it`, priority }));
    }
    desk.clock.forward({ minutes: 1 });
    await change(tickets[0]?.id ?? '', 'status', { status: 'pending' });
    desk.clock.forward({ minutes: 1 });
    await change(tickets[4]?.id ?? '', 'status', { status: 'resolved' });
  });

  const places = (page: { items: { number: number }[] }) =>
    numbersOf(page).map((number) => tickets.findIndex((ticket) => ticket.number === number));

  it.each([
    ['', [4, 0, 3, 2, 1]],
    ['sort=created', [4, 3, 2, 1, 0]],
    ['sort=priority', [1, 3, 2, 0]],
    ['sort=due', []],
    ['status=pending', [0]],
    ['status=pending&status=resolved', [4, 0]],
    ['open=true', [0, 3, 2, 1]],
    ['open=false', [4]],
    ['priority=urgent', [4, 1]],
    ['channel=email', []],
    ['group=none', [4, 0, 3, 2, 1]],
    ['agent=none&status=new', [3, 2, 1]],
    ['agent=me', []],
    ['breached=false&priority=low', [0]],
    ['breached=true', []],
    ['q=HIGH%20matter', [3]],
    ['q=100%25', [4, 0, 3, 2, 1]],
    ['q=_high', []],
    ['q=nothing', []],
  ])('by %s', async (query, expected) => {
    expect(places(await read(`/v1/tickets?${query}`))).toEqual(expected);
  });

  it('finds a ticket by its number', async () => {
    expect(places(await read(`/v1/tickets?q=${tickets[2]?.number}`))).toEqual([2]);
  });

  it.each(['updated', 'created', 'priority'])('is paged without gaps or repeats, sorted by %s', async (sort) => {
    const whole = numbersOf(await read(`/v1/tickets?sort=${sort}`));
    expect(await allPages(`/v1/tickets?sort=${sort}&limit=2`)).toEqual(whole);
  });

  it('neither repeats nor hides rows when others arrive between two pages', async () => {
    const first = await read('/v1/tickets?sort=created&limit=2');
    desk.clock.forward({ minutes: 1 });
    const late = await newTicket();
    const rest = await allPages(first.next);
    expect([...numbersOf(first), ...rest]).toEqual(tickets.map(({ number }) => number).reverse());
    await change(late.id, 'status', { status: 'closed' });
  });

  it('refuses the cursor of another query, and what is none', async () => {
    const { next } = await read('/v1/tickets?sort=created&limit=2');
    const cursor = new URL(next, 'http://x').searchParams.get('cursor');
    for (const query of ['sort=updated', 'sort=created&status=new', 'sort=created&agent=me']) {
      const answer = await desk.as(agent, `/v1/tickets?${query}&cursor=${cursor}`);
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_CURSOR']);
    }
    expect((await desk.as(agent, '/v1/tickets?cursor=abc')).json().code).toBe('INVALID_CURSOR');
    expect((await desk.as(agent, `/v1/tickets?sort=created&limit=3&cursor=${cursor}`)).statusCode).toBe(200);
  });

  it.each(['limit=0', 'limit=201', 'sort=number', 'group=x', 'agent=you', 'status=done', 'offset=1'])(
    'refuses %s by name',
    async (query) => {
      const answer = await desk.as(agent, `/v1/tickets?${query}`);
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST']);
      expect(answer.json().errors[0].pointer).toMatch(new RegExp(`^${query.split('=')[0]}`));
    },
  );

  it('is for those who bring a token', async () => {
    const answer = await desk.app.inject('/v1/tickets');
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('one ticket', () => {
  it('is found by id and by number', async () => {
    const { id, number } = await newTicket();
    expect((await read(`/v1/tickets/${number}`)).id).toBe(id);
    expect((await read(`/v1/tickets/${id}`)).number).toBe(number);
    for (const name of [newId(), '999999']) {
      expect((await read(`/v1/tickets/${name}`)).code).toBe('TICKET_NOT_FOUND');
    }
    expect((await read('/v1/tickets/abc')).errors[0].pointer).toBe('ticket');
  });

  it('is not sent again while it has not changed', async () => {
    const { id } = await newTicket();
    const first = await desk.as(agent, `/v1/tickets/${id}`);
    const headers = { 'if-none-match': String(first.headers['etag']) };
    const same = await desk.as(agent, { url: `/v1/tickets/${id}`, headers });
    expect([same.statusCode, same.body]).toEqual([304, '']);
    await change(id, 'priority', { priority: 'high' });
    expect((await desk.as(agent, { url: `/v1/tickets/${id}`, headers })).statusCode).toBe(200);
  });

  it('shows its course page by page', async () => {
    const { id } = await newTicket();
    for (let count = 1; count <= 60; count += 1) await say(id, `Word ${count}`);
    const ticket = await read(`/v1/tickets/${id}`);
    expect(ticket.timeline.items).toHaveLength(50);
    const rest = await read(ticket.timeline.next);
    const texts = [...ticket.timeline.items, ...rest.items].map(({ text }) => text).filter((text) => text !== null);
    expect(texts).toEqual(['It is on fire', ...Array.from({ length: 60 }, (_, index) => `Word ${index + 1}`)]);
    expect(rest.next).toBeNull();
    const small = await read(`/v1/tickets/${id}/timeline?limit=3`);
    expect(small.items.map((item: { version: number }) => item.version)).toEqual([1, 2, 3]);
    const foreign = new URL(small.next, 'http://x').searchParams.get('cursor');
    const other = await newTicket();
    expect((await read(`/v1/tickets/${other.id}/timeline?cursor=${foreign}`)).code).toBe('INVALID_CURSOR');
  });
});

describe('a ticket as of a moment', () => {
  it('is what it was then, by position and by instant, and now is what the read models say', async () => {
    const { id, position } = await newTicket({ priority: 'low' });
    const created = desk.clock.now().toString();
    desk.clock.forward({ hours: 1 });
    await say(id, 'A note', 'internal');
    await change(id, 'priority', { priority: 'urgent' });
    desk.clock.forward({ hours: 1 });
    await change(id, 'status', { status: 'resolved' });

    for (const asOf of [position, created]) {
      const then = await read(`/v1/tickets/${id}?asOf=${encodeURIComponent(asOf)}`);
      expect(then).toMatchObject({ status: 'new', priority: 'low', commentCount: 0, version: 1, asOf: { position } });
      expect(then.timeline.items).toHaveLength(1);
    }
    const later = await read(`/v1/tickets/${id}?asOf=${encodeURIComponent(desk.clock.now().toString())}`);
    const now = await read(`/v1/tickets/${id}`);
    expect(later.asOf).not.toBeNull();
    expect({ ...later, asOf: null }).toEqual(now);
  });

  it('pages through the course as it was', async () => {
    const { id } = await newTicket();
    for (let count = 1; count <= 5; count += 1) await say(id, `Word ${count}`);
    const { position } = (await say(id, 'Last')).json();
    await say(id, 'Too late');
    const first = await read(`/v1/tickets/${id}/timeline?asOf=${position}&limit=4`);
    const second = await read(first.next);
    const texts = [...first.items, ...second.items].flatMap(({ text }) => text ?? []);
    expect(texts).toEqual(['It is on fire', 'Word 1', 'Word 2', 'Word 3', 'Word 4', 'Word 5', 'Last']);
  });

  it('is not there before it was created, and needs a moment', async () => {
    const { id } = await newTicket();
    expect((await read(`/v1/tickets/${id}?asOf=2020-01-01T00:00:00Z`)).code).toBe('TICKET_NOT_FOUND');
    for (const asOf of ['yesterday', '2026-01-01', '-1', '99999999999999999999']) {
      const answer = await desk.as(agent, `/v1/tickets/${id}?asOf=${asOf}`);
      expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, 'asOf']);
    }
  });
});

describe('history', () => {
  it('tells every event with who did it, and pages', async () => {
    const { id } = await newTicket();
    await say(id, 'Hello');
    await change(id, 'status', { status: 'pending' });
    const history = await read(`/v1/tickets/${id}/history`, auditor);
    expect(history.items.map(({ type }: { type: string }) => type)).toEqual([
      'TicketCreated',
      'TicketCommented',
      'TicketStatusChanged',
      'TicketStatusChanged',
    ]);
    expect(history.items[1]).toMatchObject({
      version: 2,
      source: 'api',
      causationId: null,
      actor: { kind: 'person', id: agent.id, name: 'agent' },
      data: { visibility: 'public' },
    });
    expect(Object.keys(history.items[0])).not.toEqual(expect.arrayContaining(['hash', 'fingerprint']));
    const first = await read(`/v1/tickets/${id}/history?limit=3`, auditor);
    const second = await read(first.next, auditor);
    expect([...first.items, ...second.items]).toEqual(history.items);
    expect(second.next).toBeNull();
  });
});

describe('reading your writes', () => {
  it('waits for the position of the write', async () => {
    const { position, id } = await newTicket();
    const answer = await desk.app.inject({
      url: `/v1/tickets/${id}`,
      headers: { authorization: `Bearer ${agent.token}`, 'desk-min-position': position },
    });
    expect(answer.statusCode).toBe(200);
    expect(BigInt(String(answer.headers['desk-position']))).toBeGreaterThanOrEqual(BigInt(position));
    expect(answer.headers['desk-stale']).toBeUndefined();
  });

  it('answers with what there is when the position is far away', async () => {
    const answer = await desk.as(agent, { url: '/v1/queues', headers: { 'desk-min-position': '1000000' } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['desk-stale']).toBe('true');
  });
});
