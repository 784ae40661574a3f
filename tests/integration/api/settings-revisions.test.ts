import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SettingKind } from '#contracts/settings.ts';
import { newId } from '#packages/kernel/ids.ts';
import { savedService } from '#tests/support/catalogue.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';
import { twoValues } from '#tests/support/setting-values.ts';
import { savedPolicy } from '#tests/support/settings.ts';

let desk: TestDesk;
let admin: Person;
let agent: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  admin = await desk.person('admin');
  agent = await desk.person('agent');
});
afterAll(() => desk?.stop());

const read = async (url: string) => (await desk.as(admin, url)).json();
const save = (url: string, payload: object) => desk.as(admin, { method: 'PUT', url, payload });
const remove = (url: string) => desk.as(admin, { method: 'DELETE', url });
const restoreBy = (person: Person, url: string, payload: object, headers = {}) =>
  desk.as(person, { method: 'POST', url: `${url}/restore`, payload, headers });
const restore = (url: string, revision: number, version?: number, headers = {}) =>
  restoreBy(admin, url, { revision }, { 'if-match': version === undefined ? '*' : `"${version}"`, ...headers });

describe.each(Object.keys(twoValues) as SettingKind[])('the revisions of a %s', (kind) => {
  const { first, id, second } = twoValues[kind];
  const url = `/v1/settings/${kind}/${id}`;

  it('are compared, and an older one is restored as a new one that says so', async () => {
    for (const value of [first, second]) expect((await save(url, value)).statusCode).toBe(200);
    const diff = await read(`${url}/diff`);
    expect(diff).toMatchObject({ kind, id, from: { revision: 1 }, to: { revision: 2, by: { id: admin.id } } });
    expect(diff.changes.length).toBeGreaterThan(0);
    for (const { pointer, ...change } of diff.changes) {
      expect(change.before).toEqual(at(first, pointer));
      expect(change.after).toEqual(at(second, pointer));
      expect(change.before).not.toEqual(change.after);
    }

    const restored = await restore(url, 1, 2);
    expect([restored.statusCode, restored.json().version]).toEqual([200, 3]);
    expect(await read(url)).toMatchObject({ revision: 3, removed: false, value: first });
    expect((await read(`${url}/diff?from=1`)).changes).toEqual([]);
    const { items } = await read(`${url}/revisions`);
    expect(items.map((it: { restoredFrom: number | null }) => it.restoredFrom)).toEqual([null, null, 1]);
  });
});

/** What a pointer leads to; undefined where it leads nowhere. */
const at = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce((found, step) => (found as Record<string, unknown> | undefined)?.[step], value);

describe('a diff', () => {
  const url = '/v1/settings/ticket-type/question';

  it('has no value where the setting was not there yet, or no more', async () => {
    await save(url, { name: 'Question', active: true });
    await remove(url);
    const value = { name: 'Question', active: true };
    expect(await read(`${url}/diff?from=0&to=1`)).toMatchObject({
      from: { revision: 0, removed: true, savedAt: null, by: null },
      changes: [{ pointer: '', after: value }],
    });
    const gone = await read(`${url}/diff`);
    expect(gone).toMatchObject({ from: { revision: 1 }, to: { revision: 2, removed: true } });
    expect(gone.changes).toEqual([{ pointer: '', before: value }]);
    expect((await read(`${url}/diff?from=0&to=2`)).changes).toEqual([]);
    expect((await read(`${url}/diff?from=2&to=1`)).changes).toEqual([{ pointer: '', after: value }]);
  });

  it.each([
    ['from=9', 404, 'from'],
    ['to=9', 404, 'from'],
    ['from=1&to=9', 404, 'to'],
    ['from=-1', 400, 'from'],
    ['to=0', 400, 'to'],
    ['to=last', 400, 'to'],
    ['since=1', 400, 'since'],
  ])('by %s is refused', async (query, status, pointer) => {
    const answer = await desk.as(admin, `${url}/diff?${query}`);
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([status, pointer]);
  });

  it('is not for agents, and is of a setting that was saved once', async () => {
    expect((await desk.as(agent, `${url}/diff`)).statusCode).toBe(403);
    expect((await desk.as(admin, '/v1/settings/macro/never/diff')).statusCode).toBe(404);
  });
});

describe('restoring', () => {
  const url = '/v1/settings/ticket-type/change';
  const saved = (name: string) => save(url, { name, active: true });

  it('names the version that was seen', async () => {
    await saved('Change');
    await saved('Change request');
    const etag = (await desk.as(admin, url)).headers['etag'];
    expect(etag).toBe('"2"');
    const blind = await restoreBy(admin, url, { revision: 1 });
    expect([blind.statusCode, blind.json().code]).toEqual([428, 'PRECONDITION_REQUIRED']);
    const stale = await restore(url, 1, 1);
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'VERSION_CONFLICT']);
    expect(stale.json()).toMatchObject({ actual: 2, events: [{ version: 2, type: 'SettingSaved' }] });
  });

  it('is done once by a retry, and is nothing when the value is the same', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await restore(url, 1, 2, headers);
    const again = await restore(url, 1, 2, headers);
    expect(again.json()).toEqual(first.json());
    expect(again.headers['idempotency-replayed']).toBe('true');
    const other = await restore(url, 2, 2, headers);
    expect([other.statusCode, other.json().code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect((await restore(url, 1, 3)).json().version).toBe(3);
  });

  it('brings back what was removed', async () => {
    await remove(url);
    expect((await restore(url, 2, 4)).json().version).toBe(5);
    expect(await read(url)).toMatchObject({ removed: false, value: { name: 'Change request' } });
  });

  it('is refused for a value that fits no more, at the field at fault', async () => {
    const fax = savedService('fax');
    const policy = savedPolicy('fax', { match: { services: ['printers', 'fax'] } });
    for (const { id, kind, value } of [fax, policy])
      expect((await save(`/v1/settings/${kind}/${id}`, value)).statusCode).toBe(200);
    for (const path of ['sla-policy/fax', 'service/fax'])
      expect((await remove(`/v1/settings/${path}`)).statusCode).toBe(200);
    const refused = await restore('/v1/settings/sla-policy/fax', 1);
    expect([refused.statusCode, refused.json().code]).toEqual([422, 'SETTING_INVALID']);
    expect(refused.json().errors).toEqual([{ pointer: '/match/services/1', detail: 'names no service' }]);
    expect((await read('/v1/settings/sla-policy/fax/revisions')).items).toHaveLength(2);
  });

  it.each([
    [{ revision: 9 }, 404, 'REVISION_NOT_FOUND', '/revision'],
    [{ revision: 4 }, 404, 'REVISION_NOT_FOUND', '/revision'],
    [{ revision: 0 }, 400, 'INVALID_REQUEST', '/revision'],
    [{ revision: 1.5 }, 400, 'INVALID_REQUEST', '/revision'],
    [{ revision: '1' }, 400, 'INVALID_REQUEST', '/revision'],
    [{ revision: 1e20 }, 400, 'INVALID_REQUEST', '/revision'],
    [{}, 400, 'INVALID_REQUEST', '/revision'],
    [{ revision: 1, value: {} }, 400, 'INVALID_REQUEST', '/value'],
  ])('of %j is refused', async (body, status, code, pointer) => {
    const answer = await restoreBy(admin, url, body, { 'if-match': '*' });
    const problem = answer.json();
    expect([answer.statusCode, problem.code, problem.errors[0].pointer]).toEqual([status, code, pointer]);
  });

  it('is for admins, of a setting that was saved once', async () => {
    expect((await restoreBy(agent, url, { revision: 1 }, { 'if-match': '*' })).statusCode).toBe(403);
    expect((await restore('/v1/settings/macro/never', 1)).json().code).toBe('NOT_FOUND');
  });
});
