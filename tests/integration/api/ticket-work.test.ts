import { afterAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { startAttributeDesk } from '#tests/support/attribute-desk.ts';
import type { Person } from '#tests/support/desk.ts';

const { desk, agent, supervisor, auditor, anna, opened, put, post, remove, read, refused } = await startAttributeDesk();
afterAll(() => desk.stop());

describe('work', () => {
  it('is logged, corrected and removed; totals and report follow', async () => {
    const id = await opened({ requester: { email: 'x@kunde.example' } });
    const company = (await read(agent, id)).company;
    const log = (person: Person, minutes: number, billable: boolean, startedAt?: string) =>
      post(person, id, 'work', { minutes, billable, specification: 'New drum', ...(startedAt && { startedAt }) });
    const first = (await log(agent, 90, true, '2026-01-15T23:30:00Z')).json();
    await log(supervisor, 30, false, '2026-01-16T08:00:00Z');
    const third = (await log(agent, 5, false, '2026-01-16T09:00:00Z')).json();
    expect(await read(agent, id)).toMatchObject({ work: { minutes: 125, billableMinutes: 90 } });
    expect((await put(agent, id, `work/${first.workId}`, { minutes: 60 })).statusCode).toBe(200);
    expect((await remove(agent, id, `work/${third.workId}`)).statusCode).toBe(200);
    expect((await desk.as(auditor, `/v1/tickets/${id}/work`)).json()).toMatchObject({
      minutes: 90,
      billableMinutes: 60,
      items: [
        {
          id: first.workId,
          person: { name: 'agent' },
          company,
          minutes: 60,
          billable: true,
          correctedAt: expect.any(String),
        },
        { person: { name: 'supervisor' }, minutes: 30, correctedAt: null },
      ],
    });
    const report = async (query: string) =>
      (await desk.as(auditor, `/v1/reports/work?from=2026-01-01&to=2026-01-31&${query}`)).json();
    expect(await report('by=person')).toMatchObject({
      minutes: 90,
      billableMinutes: 60,
      rows: [
        { name: 'agent', entries: 1, minutes: 60, billableMinutes: 60 },
        { name: 'supervisor', entries: 1, minutes: 30, billableMinutes: 0 },
      ],
    });
    expect(
      (await report('by=day')).rows.map((row: { key: string; minutes: number }) => [row.key, row.minutes]),
    ).toEqual([
      ['2026-01-15', 60],
      ['2026-01-16', 30],
    ]);
    expect((await report('by=company&billable=true')).rows).toMatchObject([
      { key: company.id, name: 'kunde.example', minutes: 60 },
    ]);
    expect((await report(`by=month&person=${supervisor.id}`)).rows).toMatchObject([{ key: '2026-01', minutes: 30 }]);
    const { number } = await read(agent, id);
    expect((await report(`by=ticket&company=${company.id}`)).rows).toMatchObject([
      { key: String(number), minutes: 90 },
    ]);
    expect((await desk.as(auditor, '/v1/reports/work?from=2026-01-15&to=2026-01-15')).json().minutes).toBe(60);
    // The bill of a company does not change with where the ticket goes.
    await put(agent, id, 'company', { companyId: null });
    expect((await report('by=company')).rows).toMatchObject([{ key: company.id, minutes: 90 }]);
  });

  it('is for agents to log as theirs, and for supervisors to set right', async () => {
    const id = await opened();
    const work = { minutes: 10, billable: true, specification: 'Looked at it' };
    expect(await refused(post(agent, id, 'work', { ...work, personId: supervisor.id }))).toEqual([
      403,
      'FORBIDDEN',
      '/personId',
    ]);
    expect(await refused(post(supervisor, id, 'work', { ...work, personId: anna.id }))).toEqual([
      422,
      'UNKNOWN_AGENT',
      '/personId',
    ]);
    const { workId } = (await post(supervisor, id, 'work', work)).json();
    expect(await refused(put(agent, id, `work/${workId}`, { minutes: 1 }))).toEqual([403, 'FORBIDDEN']);
    expect(await refused(remove(agent, id, `work/${newId()}`))).toEqual([404, 'WORK_NOT_FOUND']);
    for (const minutes of [0, 14_401, 1.5])
      expect(await refused(post(agent, id, 'work', { ...work, minutes }))).toEqual([
        400,
        'INVALID_REQUEST',
        '/minutes',
      ]);
    const own = (await post(agent, id, 'work', work)).json();
    await put(agent, id, 'status', { status: 'closed' });
    expect((await put(supervisor, id, `work/${own.workId}`, { billable: false })).statusCode).toBe(200);
  });

  it('is logged once however often it is sent', async () => {
    const id = await opened();
    const request = () =>
      desk.as(agent, {
        method: 'POST',
        url: `/v1/tickets/${id}/work`,
        headers: { 'if-match': '*', 'idempotency-key': 'one-and-the-same-work' },
        payload: { minutes: 10, billable: true, specification: 'Once' },
      });
    expect((await request()).json()).toEqual((await request()).json());
    expect((await read(agent, id)).work).toEqual({ minutes: 10, billableMinutes: 10 });
  });
});
