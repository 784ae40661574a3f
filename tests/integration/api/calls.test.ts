import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCallCommands } from '#packages/commands/calls.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { companyIdOf, newId, personIdOf } from '#packages/kernel/ids.ts';
import { createFindCallers } from '#packages/read-db/find-callers.ts';
import { savedField, savedService } from '#tests/support/catalogue.ts';
import { type Person, startTestDesk, type TestDesk, testContext } from '#tests/support/desk.ts';

let desk: TestDesk;
let operator: Person;
let groupId: string;

beforeAll(async () => {
  desk = await startTestDesk();
  operator = await desk.person('agent', 'olga');
  const { directory, settings } = desk.platform.commands;
  groupId = (await directory.registerGroup({ name: 'Second line' }, testContext())).groupId;
  const { id, kind, value } = savedService('printers');
  await settings.save(kind, id, value, testContext());
});
afterAll(() => desk?.stop());

const call = (caller: object, more: object = {}, headers = {}, person = operator) =>
  desk.as(person, {
    method: 'POST',
    url: '/v1/calls',
    headers,
    payload: { caller, subject: 'The printer jams', text: 'It jams on page two.', ...more },
  });
const read = async (url: string) => (await desk.as(operator, url)).json();
const headBefore = async <T>(act: () => Promise<T>): Promise<readonly [T, boolean]> => {
  const before = await desk.platform.store.head();
  const result = await act();
  return [result, (await desk.platform.store.head()) === before];
};

/** An address and a domain that others had and have let go again. */
async function hadBefore(email: string, domain: string): Promise<void> {
  const { companies, people } = desk.platform.commands.directory;
  const first = { name: 'First', domains: [], tariff: null, notes: null };
  const { companyId } = await companies.registerCompany(first, testContext());
  await people.changeEmails(operator.id, { add: [email], remove: [] }, testContext());
  await people.changeEmails(operator.id, { add: [], remove: [email] }, testContext());
  await companies.changeDomains(companyId, { add: [domain], remove: [] }, testContext());
  await companies.changeDomains(companyId, { add: [], remove: [domain] }, testContext());
}

describe('a call', () => {
  it('registers person, company and ticket, and answers with all of them', async () => {
    const caller = { name: ' Petra Kowalski ', phones: ['0171 / 55 66 77'], emails: ['Petra@Initech.example'] };
    const answer = await call(caller, { priority: 'high', tags: ['Printer'], serviceId: 'printers' });
    expect(answer.statusCode).toBe(201);
    const { company, person, position, ticket, version } = answer.json();
    expect(person).toEqual({ id: personIdOf('petra@initech.example'), name: 'Petra Kowalski', registered: true });
    expect(company).toEqual({ id: companyIdOf('initech.example'), name: 'initech.example', registered: true });
    expect(answer.headers).toMatchObject({
      location: `/v1/tickets/${ticket.id}`,
      etag: `"${version}"`,
      'desk-position': position,
    });
    expect(answer.headers['server-timing']).toMatch(/^total;dur=\d+\.\d$/);
    expect(await read(`/v1/tickets/${ticket.number}`)).toMatchObject({
      channel: 'phone',
      status: 'new',
      priority: 'high',
      tags: ['printer'],
      requester: { id: person.id },
      company: { id: company.id },
      group: null,
      agent: null,
      version,
      timeline: { items: [{ kind: 'created', text: 'It jams on page two.', actor: { id: operator.id } }] },
    });
    expect(await read(`/v1/people/${person.id}`)).toMatchObject({
      roles: ['customer'],
      emails: ['petra@initech.example'],
      phones: [{ number: '0171556677', written: '0171 / 55 66 77' }],
    });
  });

  it('may be noted as rich text alone', async () => {
    const html = '<p>It <b>jams</b>.</p>';
    const { ticket } = (await call({ name: 'Rich' }, { text: undefined, html, answer: { html } })).json();
    const { timeline } = await read(`/v1/tickets/${ticket.id}`);
    expect(timeline.items).toMatchObject([
      { kind: 'created', text: 'It jams.', html },
      { kind: 'comment', text: 'It jams.', html },
      { kind: 'status' },
    ]);
    const silent = await call({ name: 'Rich' }, { answer: {} });
    expect([silent.statusCode, silent.json().errors[0].pointer]).toEqual([400, '/answer/text']);
  });

  it('of somebody known is their ticket, and their company’s', async () => {
    const personId = personIdOf('petra@initech.example');
    const { company, person } = (await call({ personId })).json();
    expect(person).toEqual({ id: personId, name: 'Petra Kowalski', registered: false });
    expect(company).toEqual({ id: companyIdOf('initech.example'), name: 'initech.example', registered: false });
  });

  it('of somebody without an address is registered all the same, with no company', async () => {
    const { company, person } = (await call({ name: 'Rosa', phones: ['+49 30 111222'] })).json();
    expect([person.registered, company]).toEqual([true, null]);
    const { person: other } = (await call({ name: 'Anonymous' })).json();
    expect(other.registered).toBe(true);
    expect((await call({ name: 'Gustl', emails: ['gustl@gmail.com'] })).json().company).toBeNull();
  });

  it('takes a new company by name with the mail domain, or without when that is somebody’s', async () => {
    const caller = { name: 'Ada', emails: ['ada@hooli.example'], company: { name: 'Hooli GmbH' } };
    const { company } = (await call(caller)).json();
    expect(company).toEqual({ id: companyIdOf('hooli.example'), name: 'Hooli GmbH', registered: true });
    const branch = { name: 'Bob', emails: ['bob@hooli.example'], company: { name: 'Hooli Labs' } };
    const labs = (await call(branch)).json().company;
    expect(labs).toMatchObject({ name: 'Hooli Labs', registered: true });
    const companies: { id: string; domains: string[] }[] = (await read('/v1/companies?q=Hooli')).items;
    const domains = new Map(companies.map((each) => [each.id, each.domains]));
    expect([domains.get(company.id), domains.get(labs.id)]).toEqual([['hooli.example'], []]);
    const joined = (await call({ name: 'Cid', company: { id: labs.id } })).json();
    expect(joined.company).toEqual({ ...labs, registered: false });
  });

  it('is handed to a group or an agent', async () => {
    const { ticket } = (await call({ name: 'Handed on' }, { groupId })).json();
    expect(await read(`/v1/tickets/${ticket.id}`)).toMatchObject({ group: { id: groupId }, agent: null });
    const { ticket: own } = (await call({ name: 'Kept' }, { agentId: operator.id })).json();
    expect(await read(`/v1/tickets/${own.id}`)).toMatchObject({ group: null, agent: { id: operator.id } });
  });

  it('that was dealt with at once is resolved, by the operator, with what the caller was told', async () => {
    const answer = { text: 'Switch it off and on.', html: '<p>Switch it <b>off</b> and on.</p><script>x</script>' };
    const { ticket, version } = (await call({ name: 'Quick' }, { answer, solved: true })).json();
    const now = await read(`/v1/tickets/${ticket.id}`);
    expect(now).toMatchObject({ status: 'resolved', agent: { id: operator.id }, version });
    expect(now.timeline.items).toMatchObject([
      { kind: 'created' },
      { kind: 'assignment' },
      {
        kind: 'comment',
        visibility: 'public',
        channel: 'phone',
        author: { id: operator.id, role: 'agent' },
        html: '<p>Switch it <b>off</b> and on.</p>',
      },
      { kind: 'status', detail: { to: 'resolved' } },
    ]);
    const { ticket: told } = (await call({ name: 'Told' }, { answer: { text: 'We call back.' } })).json();
    expect(await read(`/v1/tickets/${told.id}`)).toMatchObject({ status: 'open', agent: null });
  });
});

describe('a call of somebody who may be known', () => {
  const phones = ['+49 171 9988776'];
  let known: string;
  beforeAll(async () => {
    known = (await call({ name: 'Nora Vance', phones: ['0171 99 88 77 6'], emails: ['nora@vance.example'] })).json()
      .person.id;
  });

  it('is answered with whoever has the number, however it was noted; the operator says who it is', async () => {
    const [refused, isUntouched] = await headBefore(() => call({ name: 'N. Vance', phones }));
    const { candidates, code, errors } = refused.json();
    expect([refused.statusCode, code, isUntouched]).toEqual([409, 'CALLER_KNOWN', true]);
    expect(candidates).toEqual([{ id: known, name: 'Nora Vance', matched: ['phone'] }]);
    expect(errors[0].pointer).toBe('/caller/phones');
    const sister = (await call({ name: 'Iris Vance', phones, confirmedNew: true })).json().person;
    expect(sister).toMatchObject({ name: 'Iris Vance', registered: true });
    const both = (await call({ name: 'Anybody', phones })).json().candidates;
    expect(both.map(({ name }: { name: string }) => name)).toEqual(['Iris Vance', 'Nora Vance']);
  });

  it('has no address of theirs, even when confirmed: mail to it would go to one of them', async () => {
    const caller = { name: 'Somebody', emails: ['new@vance.example', 'NORA@vance.example'], confirmedNew: true };
    const refused = await call(caller);
    expect([refused.statusCode, refused.json().candidates]).toEqual([
      409,
      [{ id: known, name: 'Nora Vance', matched: ['email'] }],
    ]);
    expect(refused.json().errors[0].pointer).toBe('/caller/emails');
    const first = await call({ name: 'Somebody', emails: ['nora@vance.example'], phones });
    expect(first.json().candidates).toContainEqual({ id: known, name: 'Nora Vance', matched: ['phone', 'email'] });
  });
});

describe('a call that is sent again', () => {
  const caller = { name: 'Twice', phones: ['+1 555 0100'], emails: ['twice@acme.example'] };

  it('with its key is the same call', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await call(caller, {}, headers);
    const [again, isUntouched] = await headBefore(() => call(caller, {}, headers));
    expect([again.statusCode, again.json(), isUntouched]).toEqual([201, first.json(), true]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const other = await call(caller, { subject: 'Something else' }, headers);
    expect([other.statusCode, other.json().code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('at the same moment is one call too, and of two with one address both are that person’s', async () => {
    const headers = { 'idempotency-key': newId() };
    const twin = { name: 'Twin', emails: ['twin@acme.example'], phones: ['+1 555 0177'] };
    const answers = await Promise.all([1, 2, 3].map(() => call(twin, {}, headers)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201]);
    expect(new Set(answers.map((answer) => answer.json().ticket.number)).size).toBe(1);
    const racers = await Promise.all([1, 2].map(() => call({ name: 'Racer', emails: ['racer@acme.example'] })));
    const through = racers.filter(({ statusCode }) => statusCode === 201).map((answer) => answer.json().person.id);
    expect(new Set(through)).toEqual(new Set([personIdOf('racer@acme.example')]));
    for (const { statusCode } of racers) expect([201, 409]).toContain(statusCode);
  });

  it.each([
    ['half.example', false],
    ['half.test', true],
  ])('goes on where the first try ended, though the caller is known by then (%s, had before: %s)', async (at, had) => {
    const { commands, readDb: db, store, watch } = desk.platform;
    const [email, number] = [`dana@${at}`, had ? '+15550199' : '+15550188'];
    if (had) await hadBefore(email, at);
    const context = testContext();
    const message = { text: 'x', html: null, attachments: [], mail: null };
    const half = {
      caller: {
        ...{ name: 'Dana', emails: [email], confirmedNew: false, company: { name: 'Half Ltd' } },
        phones: [{ number, written: number }],
      },
      ...{ operatorId: operator.id, groupId: null, agentId: null, answer: null, solved: false },
      ...{ subject: 'Half done', priority: 'normal' as const, followUpOf: null, message },
    };
    const { tickets } = commands;
    const dying = createCallCommands({
      ...{ store, directory: commands.directory, findCallers: createFindCallers({ db, store, watch }) },
      tickets: {
        registerCall: async (...[ticket, step]: Parameters<typeof tickets.registerCall>) => {
          if (!step.dryRun) throw new AppError('STORE_UNAVAILABLE');
          return tickets.registerCall(ticket, step);
        },
      },
    });
    await expect(dying.register(half, context)).rejects.toThrow();
    await desk.settled();
    const done = await commands.calls.register(half, context);
    expect(done).toMatchObject({
      person: { id: personIdOf(email), registered: true },
      company: { id: companyIdOf(at), name: 'Half Ltd', registered: true },
    });
    expect(await commands.calls.register(half, context)).toEqual({ ...done, duplicate: true });
    await expect(commands.calls.register(half, testContext())).rejects.toMatchObject({ code: 'CALLER_KNOWN' });
  });
});

describe('a call is refused, and nothing is registered,', () => {
  const digits = '1'.repeat(10_000);
  const caller = { name: 'Nobody' };
  it.each([
    ['for somebody unknown', { personId: newId() }, {}, 422, 'UNKNOWN_PERSON', '/caller/personId'],
    ['without a caller', {}, {}, 400, 'INVALID_REQUEST', '/caller'],
    ['for two callers', { personId: newId(), name: 'x' }, {}, 400, 'INVALID_REQUEST', '/caller/name'],
    ['with an empty name', { name: ' ' }, {}, 400, 'INVALID_REQUEST', '/caller/name'],
    ['with an empty number', { ...caller, phones: [''] }, {}, 400, 'INVALID_REQUEST', '/caller/phones/0'],
    ['with a number of blanks', { ...caller, phones: ['   '] }, {}, 422, 'PHONE_INVALID', '/caller/phones/0'],
    ['with an endless number', { ...caller, phones: [digits] }, {}, 400, 'INVALID_REQUEST', '/caller/phones/0'],
    [
      'with letters for a number',
      { ...caller, phones: ['0800-FLOWERS'] },
      {},
      422,
      'PHONE_INVALID',
      '/caller/phones/0',
    ],
    ['with a bad address', { ...caller, emails: ['nobody'] }, {}, 400, 'INVALID_REQUEST', '/caller/emails/0'],
    [
      'for an unknown company',
      { ...caller, company: { id: newId() } },
      {},
      422,
      'UNKNOWN_COMPANY',
      '/caller/company/id',
    ],
    ['for no company', { ...caller, company: {} }, {}, 400, 'INVALID_REQUEST', '/caller/company'],
    ['without a subject', caller, { subject: '' }, 400, 'INVALID_REQUEST', '/subject'],
    ['with a subject of two lines', caller, { subject: 'a\nb' }, 400, 'INVALID_REQUEST', '/subject'],
    ['without words', caller, { text: ' ' }, 400, 'INVALID_REQUEST', '/text'],
    ['solved without an answer', caller, { solved: true }, 400, 'INVALID_REQUEST', '/answer'],
    [
      'with an image that is none',
      caller,
      { answer: { text: 'x', html: '<img src="data:text/plain,x">' } },
      400,
      'INVALID_REQUEST',
      '/answer/html',
    ],
    ['for an unknown service', caller, { serviceId: 'none' }, 422, 'UNKNOWN_SERVICE', '/serviceId'],
    ['for an unknown field', caller, { fields: { none: 1 } }, 422, 'FIELD_INVALID', '/fields/none'],
    ['for an unknown agent', caller, { agentId: newId() }, 422, 'UNKNOWN_AGENT', '/agentId'],
    ['for an unknown group', caller, { groupId: newId() }, 422, 'UNKNOWN_GROUP', '/groupId'],
    ['for a follower unknown', caller, { followers: [newId()] }, 422, 'UNKNOWN_PERSON', '/followers/0'],
    ['with what is not known here', caller, { mailboxId: 'support' }, 400, 'INVALID_REQUEST', '/mailboxId'],
  ] as const)('%s', async (_why, who, more, status, code, pointer) => {
    const [refused, isUntouched] = await headBefore(() => call(who, more));
    const problem = refused.json();
    expect([refused.statusCode, problem.code, problem.errors[0].pointer]).toEqual([status, code, pointer]);
    expect(isUntouched).toBe(true);
  });

  it('when it is larger than the log takes', async () => {
    const text = 'ä'.repeat(350_000);
    const [refused, isUntouched] = await headBefore(() => call(caller, { text, html: '&'.repeat(90_000) }));
    expect([refused.statusCode, refused.json().code, isUntouched]).toEqual([413, 'EVENT_TOO_LARGE', true]);
  });

  it('when a field that is needed to resolve it is missing', async () => {
    const { id, kind, value } = savedField('asset', { required: true, services: ['printers'] });
    await desk.platform.commands.settings.save(kind, id, value, testContext());
    const solved = { answer: { text: 'Done.' }, solved: true, serviceId: 'printers' };
    const [refused, isUntouched] = await headBefore(() => call(caller, solved));
    expect([refused.statusCode, refused.json().code, isUntouched]).toEqual([422, 'FIELDS_REQUIRED', true]);
    expect((await call(caller, { ...solved, fields: { asset: 'A1' } })).statusCode).toBe(201);
  });

  it('for those who do not answer the telephone', async () => {
    for (const role of ['customer', 'auditor', 'integrator'] as const)
      expect((await call(caller, {}, {}, await desk.person(role))).statusCode).toBe(403);
  });
});
