import { afterAll, beforeAll, expect, it } from 'vitest';
import { companyIdOf, newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk, testContext } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
});
afterAll(() => desk?.stop());

const send = (method: 'POST' | 'PUT', url: string, payload: object, headers: object = { 'if-match': '*' }) =>
  desk.as(agent, { method, url, headers: { ...headers }, payload });
const read = async (url: string) => (await desk.as(agent, url)).json();
const register = (body: object) => send('POST', '/v1/companies', body, {});
const companyOf = async (address: string): Promise<string | null> =>
  (await desk.platform.commands.directory.ensurePerson({ address, name: null, origin: 'mail' }, testContext()))
    .companyId;

it('a company is registered with its domains, read, changed and found', async () => {
  const body = { name: 'Acme', domains: ['Acme.example', '@acme.test'], tariff: 'gold', notes: 'Pays late.' };
  const made = await register(body);
  const { id } = made.json();
  expect([made.statusCode, made.headers['location']]).toEqual([201, `/v1/companies/${id}`]);
  const answer = await desk.as(agent, `/v1/companies/${id}`);
  expect(answer.json()).toMatchObject({ ...body, id, domains: ['acme.example', 'acme.test'], mergedInto: null });
  for (const [path, change] of [
    ['name', { name: 'Acme Ltd' }],
    ['tariff', { tariff: null }],
    ['notes', { notes: null }],
  ] as const)
    expect((await send('PUT', `/v1/companies/${id}/${path}`, change)).statusCode).toBe(200);
  const stale = await send('PUT', `/v1/companies/${id}/name`, { name: 'x' }, { 'if-match': answer.headers.etag });
  expect(stale.statusCode).toBe(412);
  const company = await read(`/v1/companies/${id}`);
  expect(company).toMatchObject({ name: 'Acme Ltd', tariff: null, notes: null, version: 4 });
  for (const q of ['acme l', 'acme.t']) expect((await read(`/v1/companies?q=${q}`)).items).toEqual([company]);
  expect((await read('/v1/companies?tariff=gold')).items).toEqual([]);
  const { items } = await read(`/v1/companies/${id}/history`);
  expect(items.map(({ type }: { type: string }) => type)).toEqual([
    'CompanyRegistered',
    'CompanyRenamed',
    'CompanyTariffChanged',
    'CompanyNotesChanged',
  ]);
  expect((await desk.as(agent, `/v1/companies/${newId()}`)).statusCode).toBe(404);
});

it('who writes from a domain of a company is theirs', async () => {
  const { id } = (await register({ name: 'Globex', domains: ['globex.example'] })).json();
  expect(await companyOf('a@globex.example')).toBe(id);
  await send('POST', `/v1/companies/${id}/domains`, { add: ['globex.test'] });
  expect(await companyOf('a@globex.test')).toBe(id);
  await send('POST', `/v1/companies/${id}/domains`, { remove: ['globex.test'] });
  expect(await companyOf('b@globex.test')).toBe(companyIdOf('globex.test'));
  expect(await companyOf('a@globex.test')).toBe(id);
});

it('a domain is one company’s, and one that was let go is made a company of anew', async () => {
  const first = await companyOf('a@initech.example');
  const taken = await register({ name: 'Initech', domains: ['initech.test', 'initech.example'] });
  expect([taken.statusCode, taken.json().code, taken.json().id, taken.json().errors[0].pointer]).toEqual([
    409,
    'DOMAIN_TAKEN',
    first,
    '/domains/1',
  ]);
  await send('POST', `/v1/companies/${first}/domains`, { remove: ['initech.example'] });
  const second = await companyOf('b@initech.example');
  expect(second).not.toBe(first);
  expect(await companyOf('c@initech.example')).toBe(second);
  const back = await send('POST', `/v1/companies/${first}/domains`, { add: ['initech.example'] });
  expect([back.statusCode, back.json().code, back.json().id]).toEqual([409, 'DOMAIN_TAKEN', second]);
});

it.each([
  ['gmail.com', 'DOMAIN_INVALID'],
  ['localhost', 'DOMAIN_INVALID'],
  ['a b.example', 'DOMAIN_INVALID'],
])('%s is no domain of a company', async (domain, code) => {
  const refused = await register({ name: 'x', domains: [domain] });
  expect([refused.statusCode, refused.json().code, refused.json().errors[0].pointer]).toEqual([
    422,
    code,
    '/domains/0',
  ]);
});
