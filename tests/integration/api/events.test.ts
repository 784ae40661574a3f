import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let reader: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  reader = await desk.person('integrator');
  for (let count = 1; count <= 5; count += 1) await open(`Matter ${count}`);
});
afterAll(() => desk?.stop());

type FeedEvent = { position: string; type: string; data: { subject?: string } };
type Feed = { events: FeedEvent[]; next: string; position: string; atEnd: boolean };

const open = (subject: string) =>
  desk.as(agent, { method: 'POST', url: '/v1/tickets', payload: { subject, text: 'x' } });
const read = async (url: string): Promise<Feed> => (await desk.as(reader, url)).json();

describe('the event feed', () => {
  it('gives the log in order, page after page, without gaps or repeats', async () => {
    const positions: bigint[] = [];
    let feed = await read('/v1/events?limit=3');
    for (; feed.events.length > 0; feed = await read(feed.next)) {
      expect(feed.events.length).toBeLessThanOrEqual(3);
      positions.push(...feed.events.map(({ position }) => BigInt(position)));
    }
    const head = await desk.platform.store.head();
    expect(positions).toEqual(Array.from({ length: Number(head) }, (_, index) => BigInt(index + 1)));
    expect(feed).toMatchObject({ atEnd: true, position: String(head) });
  });

  it('gives the types that were asked for and tells how far it has looked', async () => {
    const feed = await read('/v1/events?types=TicketCreated&types=TicketCommented,TicketAssigned');
    expect(feed.events.map(({ data }) => data.subject)).toEqual([
      'Matter 1',
      'Matter 2',
      'Matter 3',
      'Matter 4',
      'Matter 5',
    ]);
    expect(BigInt(feed.position)).toBe(await desk.platform.store.head());
    const none = await desk.as(reader, '/v1/events?types=TicketCreated,Nothing');
    expect([none.statusCode, none.json().errors[0].pointer]).toEqual([400, 'types']);
  });

  it('is one event per line when asked for so', async () => {
    const headers = { accept: 'application/x-ndjson' };
    const answer = await desk.as(reader, { url: '/v1/events?types=TicketCreated&limit=2', headers });
    expect(answer.headers['content-type']).toContain('application/x-ndjson');
    const events = answer.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { events: same, position } = await read('/v1/events?types=TicketCreated&limit=2');
    expect(events).toEqual(same);
    expect(answer.headers['desk-position']).toBe(position);
  });

  it('waits for an event that is still to come', async () => {
    const head = await desk.platform.store.head();
    const waiting = read(`/v1/events?after=${head}&wait=20`);
    await open('Awaited');
    const feed = await waiting;
    expect(feed.events[0]).toMatchObject({ type: 'TicketCreated', data: { subject: 'Awaited' } });
  });

  it('waits past events that were not asked for, and comes back empty in time', async () => {
    const head = await desk.platform.store.head();
    const waiting = read(`/v1/events?after=${head}&types=TicketAssigned&wait=1`);
    await open('Not asked for');
    const feed = await waiting;
    expect(feed.events).toEqual([]);
    expect(feed.atEnd).toBe(true);
    expect(BigInt(feed.position)).toBeGreaterThan(head);
  });

  it('is also found at /events', async () => {
    expect((await read('/events?limit=2')).events).toEqual((await read('/v1/events?limit=2')).events);
  });

  it.each(['after=-1', 'after=x', 'after=99999999999999999999', 'limit=0', 'limit=1001', 'wait=26', 'from=1'])(
    'refuses %s by name',
    async (query) => {
      const answer = await desk.as(reader, `/v1/events?${query}`);
      expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, query.split('=')[0]]);
    },
  );

  it('tells nothing that belongs to the desk alone', async () => {
    const answer = await desk.as(reader, '/v1/events?limit=1000');
    for (const secret of ['fingerprint', '"hash"', agent.token]) expect(answer.body).not.toContain(secret);
  });

  it('is not for agents', async () => {
    expect((await desk.as(agent, '/v1/events')).statusCode).toBe(403);
  });
});
