import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let operator: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  operator = await desk.person('agent', 'olga');
});
afterAll(() => desk?.stop());

const call = async (caller: object) => {
  const payload = { caller, subject: 'Printer', text: 'It jams.' };
  return desk.as(operator, { method: 'POST', url: '/v1/calls', payload });
};

it('whoever was merged calls, is suggested and is a candidate as the one who goes on', async () => {
  const home = { name: 'Vera Home', phones: ['+1 555 0100'], emails: ['vera@home.example'] };
  const work = { name: 'Vera Work', phones: ['+1 555 0200'], emails: ['vera@work.example'] };
  const [gone, stays] = [(await call(home)).json(), (await call(work)).json()];
  const merged = await desk.as(operator, {
    ...{ method: 'PUT', url: `/v1/people/${gone.person.id}/merge`, payload: { into: stays.person.id } },
    headers: { 'if-match': '*' },
  });
  expect(merged.statusCode).toBe(200);

  const { company, person } = (await call({ personId: gone.person.id })).json();
  expect([person.id, person.name, company.id]).toEqual([stays.person.id, 'Vera Work', stays.company.id]);
  const candidate = (matched: string[]) => ({ id: stays.person.id, name: 'Vera Work', matched });
  const byNumber = (await call({ name: 'Vera', phones: ['555 0100'] })).json();
  expect([byNumber.code, byNumber.candidates]).toEqual(['CALLER_KNOWN', [candidate(['phone'])]]);
  const byAddress = (await call({ name: 'Vera', emails: ['vera@home.example'], confirmedNew: true })).json();
  expect([byAddress.code, byAddress.candidates]).toEqual(['CALLER_KNOWN', [candidate(['email'])]]);

  const { people, tickets } = (await desk.as(operator, '/v1/calls/suggestions?phone=0100&name=vera')).json();
  expect(people).toMatchObject([
    {
      ...{ id: stays.person.id, matched: ['name', 'phone'], emails: ['vera@work.example', 'vera@home.example'] },
      phones: [{ number: '+15550200' }, { number: '+15550100' }],
    },
  ]);
  expect(tickets).toHaveLength(3);
});
