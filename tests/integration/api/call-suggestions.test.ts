import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallSuggestionQuery } from '#contracts/api/calls.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let operator: Person;
const numbers: Record<string, number> = {};

const call = async (name: string, caller: object, subject = 'Call') => {
  desk.clock.forward({ seconds: 1 });
  const payload = { caller: { name, ...caller }, subject, text: 'x' };
  const answer = await desk.as(operator, { method: 'POST', url: '/v1/calls', payload });
  expect(answer.statusCode).toBe(201);
  const { ticket } = answer.json();
  numbers[subject] = ticket.number;
  return { ticketId: ticket.id as string };
};
const move = (ticketId: string, path: string, payload: object) =>
  desk.as(operator, {
    ...{ method: 'PUT', url: `/v1/tickets/${ticketId}/${path}`, payload },
    headers: { 'if-match': '*' },
  });

beforeAll(async () => {
  desk = await startTestDesk();
  operator = await desk.person('agent', 'olga');
  await call('José Müller-Lüdenscheidt', { phones: ['+49 (0)171 55 66 77'], emails: ['jose@globex.example'] }, 'Toner');
  await call('Josefine Klein', { phones: ['030 / 1234567'], emails: ['klein@initech.example'] }, 'Printer is loud');
  await call('Žofia O’Neill', { company: { name: 'Société Générale du Café' } }, 'Printer jams on page two');
  const spam = await call('Spam Caller', {}, 'Printer jams on all pages');
  await move(spam.ticketId, 'spam', {});
  const solved = await call('Solved', {}, 'Printer jams sometimes');
  await move(solved.ticketId, 'status', { status: 'resolved' });
  await move((await call('Josefa Closed', {}, 'Old matter')).ticketId, 'status', { status: 'closed' });
});
afterAll(() => desk?.stop());

type Suggested = {
  people: { name: string; matched: string[] }[];
  companies: { name: string }[];
  tickets: { number: number; subject: string }[];
  similar: { number: number; subject: string }[];
};
const suggest = async (query: CallSuggestionQuery): Promise<Suggested> => {
  const answer = await desk.as(
    operator,
    `/v1/calls/suggestions?${new URLSearchParams(query as Record<string, string>)}`,
  );
  expect(answer.statusCode).toBe(200);
  return answer.json();
};
const namesFor = async (query: CallSuggestionQuery) => (await suggest(query)).people.map(({ name }) => name);
const jose = 'José Müller-Lüdenscheidt';

describe('who may be calling', () => {
  it.each([
    ['the whole number', '+49 171 556677'],
    ['its first digits', '+49171'],
    ['another way to write it', '0049 (0) 171-55.66.77'],
    ['as it is dialled at home', '0171 55'],
    ['its last digits', '6677'],
    ['digits within', '71 55 6'],
  ])('is found by %s', async (_how, phone) => {
    expect(await namesFor({ phone })).toEqual([jose]);
  });

  it.each(['+49 30 1234567', '+4930 12345', '4930123456', '30 123', '234567'])(
    'is found though the number was noted without its country: %s',
    async (phone) => {
      expect(await namesFor({ phone })).toEqual(['Josefine Klein']);
    },
  );

  it.each([
    ['jos', ['Josefa Closed', 'Josefine Klein', jose]],
    ['JOSÉ', ['Josefa Closed', 'Josefine Klein', jose]],
    ['muller', [jose]],
    ['Lüd jo', [jose]],
    ['klein josef', ['Josefine Klein']],
    ['zof', ['Žofia O’Neill']],
    ['neil', ['Žofia O’Neill']],
    ['ose', []],
    ['müller klein', []],
    ["'; drop", []],
    ['%', []],
    ['& | !', []],
  ])('is found by the first letters of words of the name: %s', async (name, expected) => {
    expect(await namesFor({ name })).toEqual(expected);
  });

  it.each([
    [{ email: 'KLEIN@' }, ['Josefine Klein']],
    [{ email: 'klein@initech.example' }, ['Josefine Klein']],
    [{ email: 'lein' }, []],
    [{ email: '_lein%' }, []],
    [{ phone: '55' }, []],
    [{ phone: 'call me' }, []],
    [{ phone: '9'.repeat(100) }, []],
    [{}, []],
  ])('is found by an address, and not by what tells nothing: %j', async (query, expected) => {
    expect(await namesFor(query)).toEqual(expected);
  });

  it('is first who matches in most, with all that is known', async () => {
    const { companies, people, tickets } = await suggest({ name: 'jos', phone: '1234567', email: 'klein' });
    expect(people[0]).toMatchObject({
      name: 'Josefine Klein',
      matched: ['email', 'name', 'phone'],
      phones: [{ written: '030 / 1234567' }],
      emails: ['klein@initech.example'],
      company: { name: 'initech.example' },
    });
    expect(people.slice(1).map(({ matched, name }) => [name, matched])).toEqual([
      ['Josefa Closed', ['name']],
      [jose, ['name']],
    ]);
    // Open ones alone, the newest first.
    expect(tickets.map(({ subject }) => subject)).toEqual(['Printer is loud', 'Toner']);
    expect(companies).toEqual([]);
  });

  it('is at most ten', async () => {
    for (let index = 0; index < 12; index += 1)
      await call(`Many ${String.fromCharCode(97 + index)}`, {}, `Many ${index}`);
    const { people, similar, tickets } = await suggest({ name: 'many', subject: 'many' });
    expect([people.length, tickets.length, similar.length]).toEqual([10, 10, 10]);
    expect(people[0]?.name).toBe('Many a');
  });
});

describe('the company', () => {
  it.each([
    [{ company: 'societe' }, ['Société Générale du Café']],
    [{ company: 'cafe gen' }, ['Société Générale du Café']],
    [{ company: 'globex.ex' }, ['globex.example']],
    [{ email: 'somebody.new@globex' }, ['globex.example']],
    [{ email: 'somebody.new@' }, []],
    [{ company: 'xyz' }, []],
  ])('is found by its name or domain: %j', async (query, expected) => {
    expect((await suggest(query)).companies.map(({ name }) => name)).toEqual(expected);
  });
});

describe('what it may be about', () => {
  it.each([
    ['printer ja', ['Printer jams on page two']],
    ['My PRINTER is jammed: page', ['Printer jams on page two']],
    ['print', ['Printer is loud', 'Printer jams on page two']],
    ['no', []],
    ['zzz printer', []],
  ])('is an open ticket with such a subject, neither solved nor spam: %s', async (subject, expected) => {
    const { similar } = await suggest({ subject });
    expect(similar.map((ticket) => ticket.subject).toSorted()).toEqual(expected);
    for (const ticket of similar) expect(ticket.number).toBe(numbers[ticket.subject]);
  });
});

it('suggestions are for those who answer the telephone, and refuse what they do not know', async () => {
  expect((await desk.as(await desk.person('customer'), '/v1/calls/suggestions?phone=123')).statusCode).toBe(403);
  for (const query of ['fax=1', 'phone=', `phone=${'1'.repeat(10_000)}`, `subject=${'x'.repeat(999)}`])
    expect((await desk.as(operator, `/v1/calls/suggestions?${query}`)).statusCode).toBe(400);
});
