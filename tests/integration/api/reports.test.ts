import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';
import { aroundTheClock, savedPolicy } from '#tests/support/settings.ts';

const hour = 3_600_000;
let desk: TestDesk;
let agent: Person;
let admin: Person;
let group: string;
const ids: string[] = [];

const send = (person: Person, method: 'POST' | 'PUT', url: string, payload?: object) =>
  desk.as(person, { method, url, headers: { 'if-match': '*' }, ...(payload && { payload }) });
const read = async (url: string) => (await desk.as(agent, url)).json();

/**
 * Three tickets on Monday 2 March: #0 answered after 1 h and resolved after 3 h, #1 answered after 5 h and left open in
 * a group, #2 never answered and resolved after 10 h, reopened. A policy of 2 h and 8 h, by the clock.
 */
beforeAll(async () => {
  desk = await startTestDesk();
  admin = await desk.person('admin');
  agent = await desk.person('agent');
  await send(admin, 'PUT', '/v1/settings/calendar/office', aroundTheClock());
  const policy = savedPolicy('standard', {
    firstResponseMinutes: 120,
    resolutionMinutes: 480,
    nextResponseMinutes: null,
  });
  const saved = await send(admin, 'PUT', '/v1/settings/sla-policy/standard', policy.value);
  await desk.platform.settings.reached(BigInt(saved.json().position), 5_000);
  group = (await send(admin, 'POST', '/v1/groups', { name: 'First line' })).json().id;
  await send(admin, 'PUT', `/v1/groups/${group}/members/${agent.id}`);

  const anna = await desk.person('customer', 'anna');
  for (const subject of ['Zero', 'One', 'Two'])
    ids.push((await send(anna, 'POST', '/v1/tickets', { subject, text: 'x' })).json().id);
  const [zero, one, two] = ids;
  const reply = (id = '') => send(agent, 'POST', `/v1/tickets/${id}/comments`, { visibility: 'public', text: 'Done' });
  const status = (id = '', to = '') => send(agent, 'PUT', `/v1/tickets/${id}/status`, { status: to });

  await send(agent, 'PUT', `/v1/tickets/${one}/assignment`, { groupId: group, agentId: agent.id });
  desk.clock.forward({ hours: 1 });
  await reply(zero);
  desk.clock.forward({ hours: 2 });
  await status(zero, 'resolved');
  desk.clock.forward({ hours: 2 });
  await reply(one);
  desk.clock.forward({ hours: 5 });
  await status(two, 'resolved');
  await status(two, 'open');
});
afterAll(() => desk?.stop());

const day = 'from=2026-03-02&to=2026-03-02';
const behind = async (metric: string, more = day) => {
  const { items } = await read(`/v1/reports/kpi/tickets?metric=${metric}&${more}`);
  return items.map(({ ticket, figureMs }: { ticket: { id: string }; figureMs: number | null }) => [
    ids.indexOf(ticket.id),
    figureMs,
  ]);
};

describe('the KPI report', () => {
  it('computes what the definitions say, by hand', async () => {
    const report = await read(`/v1/reports/kpi?${day}`);
    expect(report).toMatchObject({
      from: '2026-03-02',
      to: '2026-03-02',
      group: null,
      firstResponse: { tickets: 2, averageMs: 3 * hour, medianMs: 3 * hour, p90Ms: 276 * 60_000 },
      resolution: { tickets: 1, averageMs: 3 * hour },
      breaches: {
        firstResponse: { tickets: 2, ratio: 2 / 3 },
        nextResponse: { tickets: 0, ratio: 0 },
        resolution: { tickets: 1, ratio: 1 / 3 },
      },
      backlogNow: { tickets: 2 },
      days: [{ day: '2026-03-02', created: 3, resolved: 2, backlog: 2 }],
    });
    expect(report.firstResponse.definition).toContain('AFRT');
  });

  it('leads from each figure to exactly the tickets it counts', async () => {
    expect(await behind('first-response-time')).toEqual([
      [0, hour],
      [1, 5 * hour],
    ]);
    expect(await behind('resolution-time')).toEqual([[0, 3 * hour]]);
    expect((await behind('first-response-breaches')).map(([id]: [number]) => id)).toEqual([1, 2]);
    expect((await behind('resolution-breaches')).map(([id]: [number]) => id)).toEqual([2]);
    expect(await behind('next-response-breaches')).toEqual([]);
    expect((await behind('created')).map(([id]: [number]) => id)).toEqual([0, 1, 2]);
    expect((await behind('backlog')).map(([id]: [number]) => id)).toEqual([1, 2]);
    const report = await read(`/v1/reports/kpi?${day}`);
    for (const figure of [
      report.firstResponse,
      report.resolution,
      report.backlogNow,
      report.overdueNow,
      report.breaches.firstResponse,
    ]) {
      expect((await read(figure.href)).items).toHaveLength(figure.tickets);
    }
  });

  it('can be asked for one group, or for tickets of none', async () => {
    const ofGroup = await read(`/v1/reports/kpi?${day}&group=${group}`);
    expect(ofGroup).toMatchObject({
      group: { name: 'First line' },
      firstResponse: { tickets: 1, averageMs: 5 * hour },
    });
    expect(ofGroup).toMatchObject({ backlogNow: { tickets: 1 }, days: [{ backlog: 1 }] });
    const ofNone = await read(`/v1/reports/kpi?${day}&group=none`);
    expect(ofNone).toMatchObject({
      firstResponse: { tickets: 1 },
      backlogNow: { tickets: 1 },
      days: [{ created: 2, backlog: 1 }],
    });
  });

  it('counts a created ticket for the group that it reached first', async () => {
    expect((await behind('created', `${day}&group=${group}`)).map(([id]: [number]) => id)).toEqual([1]);
    expect((await behind('created', `${day}&group=none`)).map(([id]: [number]) => id)).toEqual([0, 2]);
  });

  it('is empty where nothing happened, and says so', async () => {
    const report = await read('/v1/reports/kpi?from=2026-02-01&to=2026-02-02');
    expect(report.firstResponse).toMatchObject({ tickets: 0, averageMs: null });
    expect(report.breaches.firstResponse).toMatchObject({ tickets: 0, ratio: null });
    expect(report.days).toEqual([
      { day: '2026-02-01', created: 0, resolved: 0, backlog: 0 },
      { day: '2026-02-02', created: 0, resolved: 0, backlog: 0 },
    ]);
  });

  it('is of the last 30 days by default', async () => {
    const { from, to, days } = await read('/v1/reports/kpi');
    expect([from, to, days.length]).toEqual(['2026-02-01', '2026-03-02', 30]);
  });

  it.each([
    ['from=2026-03-02&to=2026-03-01', 'from'],
    ['from=2020-01-01&to=2026-01-01', 'from'],
    ['to=2026-02-30', 'to'],
    ['from=yesterday', 'from'],
    ['group=first', 'group'],
    ['agent=x', 'agent'],
  ])('refuses %s', async (query, pointer) => {
    const answer = await desk.as(agent, `/v1/reports/kpi?${query}`);
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, pointer]);
  });

  it('pages through the tickets behind a figure', async () => {
    const first = await read(`/v1/reports/kpi/tickets?metric=created&${day}&limit=2`);
    const second = await read(first.next);
    expect([first.items.length, second.items.length, second.next]).toEqual([2, 1, null]);
    const cursor = new URL(first.next, 'http://x').searchParams.get('cursor');
    const foreign = await read(`/v1/reports/kpi/tickets?metric=backlog&${day}&cursor=${cursor}`);
    expect(foreign.code).toBe('INVALID_CURSOR');
  });
});

describe('queues', () => {
  it('count open tickets by group and state', async () => {
    const { queues, total } = await read('/v1/queues');
    expect(queues).toMatchObject([
      { group: { name: 'First line' }, counts: { total: 1, open: 1, new: 0, unassigned: 0, mine: 1, breached: 0 } },
      { group: null, counts: { total: 1, open: 1, unassigned: 1, mine: 0, breached: 1 } },
    ]);
    expect(total).toMatchObject({ total: 2, open: 2, unassigned: 1, mine: 1 });
    for (const { href, counts } of queues) expect((await read(href)).items).toHaveLength(counts.total);
  });
});

describe('the SLA report of a ticket', () => {
  it('accounts for the time of every clock', async () => {
    const { runs } = await read(`/v1/tickets/${ids[1]}/sla`);
    const first = runs.find(({ clock }: { clock: string }) => clock === 'first-response');
    expect(first).toMatchObject({
      phase: 'stopped',
      outcome: 'late',
      breached: true,
      policyId: 'standard',
      targetMinutes: 120,
      elapsedMs: 5 * hour,
    });
    for (const run of runs) {
      const sum = run.intervals.reduce((ms: number, interval: { businessMs: number }) => ms + interval.businessMs, 0);
      expect(sum).toBe(run.elapsedMs);
    }
  });
});
