import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import { createBulkCommands } from '#packages/commands/bulk.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { startBulk } from '#services/bulk/service.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

/** Bulk actions over HTTP, done by their service. */

let desk: TestDesk;
let admin: Person;
let agent: Person;
let anna: Person;

const post = (who: Person, path: string, payload?: object) =>
  desk.as(who, { method: 'POST', url: `/v1/bulk-actions${path}`, ...(payload && { payload }) });
const get = async (path: string) => (await desk.as(agent, `/v1/bulk-actions/${path}`)).json();
const open = async (subject = 'Printer'): Promise<string> =>
  (await desk.as(anna, { method: 'POST', url: '/v1/tickets', payload: { subject, text: 'Help' } })).json().id;
const several = (count: number) => Promise.all(Array.from({ length: count }, () => open()));
const change = (id: string, path: string, payload: object) =>
  desk.as(agent, { method: 'PUT', url: `/v1/tickets/${id}/${path}`, headers: { 'if-match': '*' }, payload });
const service = () => startBulk({ bus: desk.platform.bus, bulk: desk.platform.commands.bulk, log: desk.platform.log });
const ended = (id: string) =>
  vi.waitFor(
    async () => {
      const job = await get(id);
      if (job.status === 'running') throw new Error(`${job.remaining} tickets remain`);
      return job;
    },
    { timeout: 30_000, interval: 50 },
  );
const typesOf = async (id: string) =>
  (await desk.platform.store.readStream(streams.ticket(id))).map(({ type }) => type as string);

beforeAll(async () => {
  desk = await startTestDesk();
  admin = await desk.person('admin');
  agent = await desk.person('agent');
  anna = await desk.person('customer', 'anna');
});
afterAll(() => desk?.stop());

describe('a bulk action', () => {
  it('changes each ticket once and says what became of each, page by page; undo takes back what it can', async () => {
    const running = await service();
    const ids = await several(3);
    const [first = '', second = '', third = ''] = ids;
    await change(second, 'priority', { priority: 'high' });
    await change(third, 'status', { status: 'closed' });
    const nobody = idFrom('no ticket');
    const answer = await post(agent, '', { action: { do: 'priority', to: 'high' }, ticketIds: [...ids, nobody] });
    expect(answer.statusCode).toBe(202);
    const { id, tickets } = answer.json();
    expect([tickets, answer.headers.location]).toEqual([4, `/v1/bulk-actions/${id}`]);
    expect(await ended(id)).toMatchObject({
      ...{ status: 'completed', tickets: 4, done: 1, unchanged: 1, failed: 2, remaining: 0 },
      startedBy: { id: agent.id },
    });
    const page = await get(`${id}/results?limit=3`);
    const rest = (await desk.as(agent, page.next)).json();
    expect(rest.next).toBe(null);
    const results = [...page.items, ...rest.items].map(({ outcome, problem, ticketId }) => [
      ticketId,
      outcome,
      problem?.code,
    ]);
    expect(results).toEqual([
      [first, 'done', undefined],
      [second, 'unchanged', undefined],
      [third, 'failed', 'TICKET_CLOSED'],
      [nobody, 'failed', 'TICKET_NOT_FOUND'],
    ]);
    const [last] = (await desk.platform.store.readStream(streams.ticket(first))).slice(-1);
    expect(last?.metadata).toMatchObject({ actor: { id: agent.id }, source: 'bulk' });

    const undo = (await post(agent, `/${id}/undo`)).json();
    expect(await ended(undo.id)).toMatchObject({ tickets: 1, done: 1, action: { do: 'undo', bulkId: id } });
    expect((await desk.as(agent, `/v1/tickets/${first}`)).json().priority).toBe('normal');
    const again = (await post(agent, `/${id}/undo`)).json();
    expect(await ended(again.id)).toMatchObject({ failed: 1 });
    expect((await get(`${again.id}/results`)).items[0].problem).toMatchObject({
      code: 'UNDO_REFUSED',
      extra: { reasons: [{ reason: 'already-undone' }] },
    });
    expect((await post(agent, `/${undo.id}/undo`)).json().code).toBe('BULK_NOT_UNDOABLE');
    expect((await post(agent, `/${id}/cancel`)).json().code).toBe('BULK_ENDED');
    await running.stop();
  });

  /** Begins to tag tickets with a worker that dies with the 40th: after 25 on record, and 14 that are done and not on record. */
  async function brokenOff(ids: readonly string[]): Promise<string> {
    const { commands, handle, log, store } = desk.platform;
    let calls = 0;
    const crashed = new AbortController();
    const dying = createBulkCommands({
      ...{ handle, store, log, macros: commands.macros },
      tickets: {
        ...commands.tickets,
        change(...given) {
          calls += 1;
          if (calls === 40) {
            crashed.abort();
            return new Promise(() => undefined);
          }
          return commands.tickets.change(...given);
        },
      },
    });
    const { id } = (await post(agent, '', { action: { do: 'tags', add: ['bulk'] }, ticketIds: ids })).json();
    const events = async () => store.readStream(streams.bulk(id));
    const [begun] = await events();
    if (!begun) throw new Error('nothing has begun');
    const alive = new AbortController();
    await dying.proceed(begun, alive.signal);
    const batch = (await events()).at(-1);
    if (!batch) throw new Error('nothing is on record');
    void dying.proceed(batch, alive.signal);
    await vi.waitFor(() => expect(crashed.signal.aborted).toBe(true), { timeout: 20_000 });
    expect(await get(id)).toMatchObject({ status: 'running', done: 25, remaining: 35 });
    return id;
  }

  it('goes on after its worker broke off in the middle, and does nothing twice', async () => {
    const ids = await several(60);
    const id = await brokenOff(ids);
    const running = await service();
    expect(await ended(id)).toMatchObject({ status: 'completed', done: 60, failed: 0 });
    await running.stop();
    for (const each of ids)
      expect((await typesOf(each)).filter((type) => type === 'TicketTagsChanged')).toHaveLength(1);
  });

  it('cancelled after its worker broke off, tells and undoes what was done and not on record', async () => {
    const ids = await several(60);
    const id = await brokenOff(ids);
    expect((await post(agent, `/${id}/cancel`)).statusCode).toBe(200);
    expect(await get(id)).toMatchObject({ status: 'cancelled', done: 39, remaining: 21 });
    const running = await service();
    const undo = (await post(agent, `/${id}/undo`)).json();
    expect(await ended(undo.id)).toMatchObject({ tickets: 39, done: 39 });
    await running.stop();
    for (const each of ids) expect((await desk.as(agent, `/v1/tickets/${each}`)).json().tags).toEqual([]);
  });

  it('stops when it is cancelled', async () => {
    const ids = await several(30);
    const { id } = (await post(agent, '', { action: { do: 'spam' }, ticketIds: ids })).json();
    expect((await post(agent, `/${id}/undo`)).json().code).toBe('BULK_RUNNING');
    const [begun] = await desk.platform.store.readStream(streams.bulk(id));
    if (!begun) throw new Error('nothing has begun');
    await desk.platform.commands.bulk.proceed(begun, new AbortController().signal);
    expect((await post(agent, `/${id}/cancel`)).statusCode).toBe(200);
    const running = await service();
    const next = (await post(agent, '', { action: { do: 'spam' }, ticketIds: [ids[0]] })).json();
    await ended(next.id);
    expect(await get(id)).toMatchObject({ status: 'cancelled', done: 25, remaining: 5 });
    const undo = (await post(agent, `/${id}/undo`)).json();
    expect(await ended(undo.id)).toMatchObject({ tickets: 25, done: 25 });
    await running.stop();
  });

  it('applies macros as its starter, to the tickets that fit a filter', async () => {
    const running = await service();
    const value = { name: 'Take', actions: [{ do: 'assign', groupId: null, agentId: 'me' }] };
    await desk.as(admin, { method: 'PUT', url: '/v1/settings/macro/take', payload: value });
    const ids = await several(2);
    for (const id of ids) await change(id, 'priority', { priority: 'urgent' });
    const filter = { priority: ['urgent'], agent: null };
    const { id, tickets } = (await post(agent, '', { action: { do: 'macro', macroId: 'take' }, filter })).json();
    expect(tickets).toBe(2);
    await ended(id);
    for (const each of ids) expect((await desk.as(agent, `/v1/tickets/${each}`)).json().agent.id).toBe(agent.id);
    expect((await post(agent, '', { action: { do: 'spam' }, filter })).json().code).toBe('BULK_EMPTY');
    await running.stop();
  });

  it('is refused for bad requests and to customers', async () => {
    const action = { do: 'priority', to: 'high' };
    const ticketIds = [idFrom('x')];
    for (const body of [
      {},
      { action },
      { action, ticketIds, filter: { agent: null } },
      { action, ticketIds: [] },
      { action, filter: {} },
      { action: { do: 'delete' }, ticketIds },
      { action: { do: 'undo', bulkId: idFrom('x') }, ticketIds },
      { action, ticketIds: Array.from({ length: 1_001 }, (_, n) => idFrom('many', n)) },
    ])
      expect([body, (await post(agent, '', body)).json().code]).toEqual([body, 'INVALID_REQUEST']);
    const macro = { action: { do: 'macro', macroId: 'none' }, ticketIds };
    expect((await post(agent, '', macro)).json().code).toBe('MACRO_NOT_FOUND');
    expect((await post(anna, '', { action, ticketIds })).json().code).toBe('FORBIDDEN');
    for (const path of ['cancel', 'undo'])
      expect((await post(agent, `/${idFrom('x')}/${path}`)).json().code).toBe('BULK_NOT_FOUND');
    expect((await get(idFrom('x'))).code).toBe('BULK_NOT_FOUND');
    expect((await get(`${idFrom('x')}/results`)).code).toBe('BULK_NOT_FOUND');
  });
});
