import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { catalogue, savedField, savedForm, savedMatrix } from '#tests/support/catalogue.ts';
import { type Person, startTestDesk, type TestDesk, testContext } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let supervisor: Person;
let auditor: Person;
let anna: Person;
let bert: Person;
const options = [
  { id: 'red', name: 'Red' },
  { id: 'blue', name: 'Blue' },
];

beforeAll(async () => {
  desk = await startTestDesk();
  for (const { kind, id, value } of [
    ...catalogue,
    savedMatrix(),
    savedField('room'),
    savedField('colours', { type: 'multi-choice', options, editableByCustomer: false }),
    savedField('cost', { type: 'number', visibleToCustomer: false, editableByCustomer: false }),
    savedField('cartridge', { services: ['printers'], required: true }),
    savedForm('printer', { fields: ['cartridge', 'room'], serviceId: 'toner', typeId: 'incident' }),
  ])
    await desk.platform.commands.settings.save(kind, id, value, testContext());
  agent = await desk.person('agent');
  supervisor = await desk.person('supervisor');
  auditor = await desk.person('auditor');
  anna = await desk.person('customer', 'anna');
  bert = await desk.person('customer', 'bert');
});
afterAll(() => desk?.stop());

const open = async (person: Person, changes: object = {}) =>
  desk.as(person, { method: 'POST', url: '/v1/tickets', payload: { subject: 'Printer', text: 'On fire', ...changes } });

async function opened(changes: object = {}, person = agent): Promise<string> {
  const answer = await open(person, changes);
  expect(answer.json()).toMatchObject({ id: expect.any(String) });
  return answer.json().id;
}

const send =
  (method: 'PUT' | 'POST' | 'DELETE') =>
  (person: Person, id: string, path: string, payload?: object, version = '*') =>
    desk.as(person, {
      method,
      url: `/v1/tickets/${id}/${path}`,
      headers: { 'if-match': version },
      ...(payload && { payload }),
    });
const put = send('PUT');
const post = send('POST');
const remove = send('DELETE');

const read = async (person: Person, id: string, query = '') =>
  (await desk.as(person, `/v1/tickets/${id}${query}`)).json();
const listed = async (person: Person, query: string): Promise<string[]> => {
  const answer = await desk.as(person, `/v1/tickets?limit=200&${query}`);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items.map(({ id }: { id: string }) => id);
};
const refused = async (answer: ReturnType<typeof put>) => {
  const { statusCode } = await answer;
  const { code, errors = [] } = (await answer).json();
  return [statusCode, code, ...errors.map(({ pointer }: { pointer: string }) => pointer)];
};

describe('attributes', () => {
  it('are all there from the first event on, when a ticket is opened with them', async () => {
    const id = await opened({
      requester: { id: anna.id },
      formId: 'printer',
      language: 'DE-at',
      dueDate: '2026-05-01T12:00:00+02:00',
      impact: 'high',
      urgency: 'high',
      tags: ['VIP', 'Third  Floor'],
      followers: [bert.id],
      fields: { cartridge: 'black', room: '3.14' },
    });
    expect(await read(agent, id)).toMatchObject({
      version: 1,
      priority: 'urgent',
      impact: 'high',
      type: { id: 'incident' },
      service: { id: 'toner', path: [{ id: 'hardware' }, { id: 'printers' }, { id: 'toner' }] },
      language: 'de-AT',
      dueDate: '2026-05-01T10:00:00.000Z',
      tags: ['third-floor', 'vip'],
      followers: [{ id: bert.id, name: 'bert' }],
      fields: [
        { id: 'cartridge', type: 'text', revision: 1, value: 'black' },
        { id: 'room', type: 'text', revision: 1, value: '3.14' },
      ],
    });
  });

  it('change one by one, and the course of the ticket says so now and as of then', async () => {
    const id = await opened();
    const steps: [() => ReturnType<typeof put>, object][] = [
      [() => put(agent, id, 'subject', { subject: 'Printer 5' }), { subject: 'Printer 5' }],
      [() => put(agent, id, 'requester', { personId: anna.id }), { requester: { id: anna.id, name: 'anna' } }],
      [() => put(agent, id, 'language', { language: 'fr' }), { language: 'fr' }],
      [() => put(agent, id, 'due-date', { dueDate: '2026-05-01T10:00:00Z' }), { dueDate: '2026-05-01T10:00:00.000Z' }],
      [() => put(agent, id, 'type', { typeId: 'request' }), { type: { id: 'request' } }],
      [() => put(agent, id, 'service', { serviceId: 'software' }), { service: { id: 'software' } }],
      [() => put(agent, id, 'assessment', { impact: 'low', urgency: 'low' }), { priority: 'low', urgency: 'low' }],
      [() => post(agent, id, 'tags', { add: ['A', 'B'] }), { tags: ['a', 'b'] }],
      [() => post(agent, id, 'tags', { add: ['c'], remove: ['a'] }), { tags: ['b', 'c'] }],
      [() => post(agent, id, 'followers', { add: [bert.id] }), { followers: [{ id: bert.id }] }],
      [
        () => post(agent, id, 'fields', { fields: { cost: 5, colours: ['blue', 'red'] } }),
        {
          fields: [
            { id: 'colours', value: ['red', 'blue'] },
            { id: 'cost', value: 5 },
          ],
        },
      ],
      [() => post(agent, id, 'fields', { fields: { cost: null } }), { fields: [{ id: 'colours' }] }],
    ];
    const moments: [string, object][] = [];
    for (const [change, shown] of steps) {
      const answer = await change();
      expect(answer.statusCode, answer.body).toBe(200);
      const { position, version } = answer.json();
      expect(await read(agent, id)).toMatchObject({ ...shown, version });
      moments.push([position, { ...shown, version }]);
    }
    for (const [position, shown] of moments) expect(await read(agent, id, `?asOf=${position}`)).toMatchObject(shown);
    const { timeline } = await read(agent, id);
    const kinds = timeline.items.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toEqual([
      'created',
      'subject',
      'requester',
      'language',
      'due-date',
      'type',
      'service',
      'priority',
      'tags',
      'tags',
      'followers',
      'fields',
      'fields',
    ]);
    const page = await desk.as(agent, `/tickets/${id}`);
    for (const text of ['subject Printer → Printer 5', 'service – → software', '+c −a', 'colours = red,blue'])
      expect(page.body).toContain(text);
    const replay = await desk.as(auditor, `/tickets/${id}/replay?step=9`);
    expect(replay.body).toContain('a, b');
  });

  it('are refused with code and pointer', async () => {
    const id = await opened();
    expect(await refused(put(agent, id, 'requester', { personId: newId() }))).toEqual([
      422,
      'UNKNOWN_PERSON',
      '/personId',
    ]);
    expect(await refused(put(agent, id, 'company', { companyId: newId() }))).toEqual([
      422,
      'UNKNOWN_COMPANY',
      '/companyId',
    ]);
    expect(await refused(put(agent, id, 'language', { language: 'so so' }))).toEqual([
      422,
      'LANGUAGE_INVALID',
      '/language',
    ]);
    expect(await refused(put(agent, id, 'type', { typeId: 'alarm' }))).toEqual([422, 'UNKNOWN_TYPE', '/typeId']);
    expect(await refused(put(agent, id, 'service', { serviceId: 'fax' }))).toEqual([
      422,
      'UNKNOWN_SERVICE',
      '/serviceId',
    ]);
    expect(await refused(put(agent, id, 'due-date', { dueDate: '2026-02-30T10:00:00Z' }))).toEqual([
      400,
      'INVALID_REQUEST',
      '/dueDate',
    ]);
    expect(await refused(put(agent, id, 'subject', { subject: 'two\nlines' }))).toEqual([
      400,
      'INVALID_REQUEST',
      '/subject',
    ]);
    expect(await refused(post(agent, id, 'tags', { add: ['fine', 'a,b'] }))).toEqual([422, 'TAG_INVALID', '/add/1']);
    const fifty = Array.from({ length: 51 }, (_, n) => `t${n}`);
    expect(await refused(post(agent, id, 'tags', { add: fifty }))).toEqual([422, 'TOO_MANY_TAGS', '/add']);
    expect(await refused(post(agent, id, 'followers', { add: [bert.id, newId()] }))).toEqual([
      422,
      'UNKNOWN_PERSON',
      '/add/1',
    ]);
    const crowd = Array.from({ length: 10_000 }, newId);
    expect(await refused(post(agent, id, 'followers', { add: crowd }))).toEqual([422, 'TOO_MANY_FOLLOWERS', '/add']);
    expect(await refused(open(agent, { followers: crowd }))).toEqual([422, 'TOO_MANY_FOLLOWERS', '/followers']);
    expect(await refused(post(agent, id, 'fields', { fields: { cost: 'x', room: 'r' } }))).toEqual([
      422,
      'FIELD_INVALID',
      '/fields/cost',
    ]);
    expect(await refused(open(agent, { formId: 'printer' }))).toEqual([422, 'FIELD_INVALID', '/fields/cartridge']);
    expect(await refused(open(agent, { formId: 'none' }))).toEqual([422, 'UNKNOWN_FORM', '/formId']);
    expect((await read(agent, id)).version).toBe(1);
    await put(agent, id, 'service', { serviceId: 'toner' });
    expect(await refused(put(agent, id, 'status', { status: 'resolved' }))).toEqual([
      422,
      'FIELDS_REQUIRED',
      '/fields/cartridge',
    ]);
  });

  it('filter the list, each by what it means', async () => {
    const a = await opened({
      serviceId: 'toner',
      typeId: 'incident',
      tags: ['f-one', 'f-two'],
      language: 'is',
      followers: [bert.id],
      dueDate: '2027-01-01T00:00:00Z',
      fields: { cartridge: 'cyan', colours: ['red', 'blue'], cost: 77 },
    });
    const b = await opened({ serviceId: 'hardware', typeId: 'request', tags: ['f-one'] });
    const both = [b, a].sort();
    expect((await listed(agent, 'service=hardware')).filter((id) => both.includes(id)).sort()).toEqual(both);
    expect(await listed(agent, 'service=printers')).toContain(a);
    expect(await listed(agent, 'service=printers')).not.toContain(b);
    expect((await listed(agent, 'tag=F-One')).sort()).toEqual(both);
    expect(await listed(agent, 'tag=f-one&tag=f-two')).toEqual([a]);
    expect(await listed(agent, 'type=request&tag=f-one')).toEqual([b]);
    expect(await listed(agent, 'language=IS')).toEqual([a]);
    expect(await listed(agent, `follower=${bert.id}&tag=f-one`)).toEqual([a]);
    expect(await listed(agent, 'dueFrom=2027-01-01T00:00:00Z')).toEqual([a]);
    expect(await listed(agent, 'dueTo=2027-01-01T00:00:00Z&tag=f-one')).toEqual([]);
    expect(await listed(agent, 'field=cost:77')).toEqual([a]);
    expect(await listed(agent, 'field=colours:blue&field=cartridge:cyan')).toEqual([a]);
    const first = (await desk.as(agent, '/v1/tickets?limit=1&tag=f-one')).json();
    const second = (await desk.as(agent, first.next)).json();
    expect([first.items[0].id, second.items[0].id].sort()).toEqual(both);
    expect(second.next).toBeNull();
    for (const query of ['field=nothing:1', 'field=cost:much', 'dueFrom=2027-02-30T00:00:00Z'])
      expect((await desk.as(agent, `/v1/tickets?${query}`)).json().code).toBe('INVALID_REQUEST');
    const tags = (await desk.as(agent, '/v1/tags?prefix=f-')).json().items;
    expect(tags).toEqual([
      { tag: 'f-one', tickets: 2 },
      { tag: 'f-two', tickets: 1 },
    ]);
  });
});

describe('a customer', () => {
  it('opens a ticket by a form with fields that are theirs, and nothing that is not', async () => {
    const id = await opened({ formId: 'printer', fields: { cartridge: 'black' } }, anna);
    expect(await read(anna, id)).toMatchObject({ service: { id: 'toner' }, fields: [{ id: 'cartridge' }] });
    for (const [field, value] of Object.entries({
      tags: ['x'],
      followers: [bert.id],
      dueDate: '2026-05-01T10:00:00Z',
      impact: 'low',
      urgency: 'low',
    }))
      expect(await refused(open(anna, { [field]: value }))).toEqual([403, 'FORBIDDEN', `/${field}`]);
    expect(await refused(open(anna, { fields: { colours: ['red'] } }))).toEqual([403, 'FORBIDDEN', '/fields/colours']);
    expect(await refused(open(anna, { fields: { cost: 1 } }))).toEqual([422, 'FIELD_INVALID', '/fields/cost']);
  });

  it('changes open fields of their own tickets only', async () => {
    const id = await opened({ requester: { id: anna.id } });
    expect((await post(anna, id, 'fields', { fields: { room: '3.14' } })).statusCode).toBe(200);
    expect(await refused(post(bert, id, 'fields', { fields: { room: '3.15' } }))).toEqual([404, 'TICKET_NOT_FOUND']);
    expect(await refused(post(anna, id, 'fields', { fields: { colours: ['red'] } }))).toEqual([
      403,
      'FORBIDDEN',
      '/fields/colours',
    ]);
    expect(await refused(post(anna, id, 'fields', { fields: { cost: 1 } }))).toEqual([
      422,
      'FIELD_INVALID',
      '/fields/cost',
    ]);
    const stale = await post(anna, id, 'fields', { fields: { room: '4' } }, '"1"');
    expect(stale.json()).toMatchObject({ code: 'VERSION_CONFLICT' });
    expect(stale.json()).not.toHaveProperty('events');
    for (const path of ['subject', 'requester', 'company', 'language', 'due-date', 'type', 'service', 'assessment'])
      expect(await refused(put(anna, id, path, {}))).toEqual([403, 'FORBIDDEN']);
    for (const path of ['tags', 'followers', 'work'])
      expect(await refused(post(anna, id, path, {}))).toEqual([403, 'FORBIDDEN']);
  });

  it('loses sight of a ticket that goes to somebody else, who gains it', async () => {
    const id = await opened({ requester: { id: anna.id } });
    await put(agent, id, 'requester', { personId: bert.id });
    expect(await refused(post(anna, id, 'fields', { fields: { room: '1' } }))).toEqual([404, 'TICKET_NOT_FOUND']);
    expect((await read(anna, id)).code).toBe('TICKET_NOT_FOUND');
    expect((await post(bert, id, 'fields', { fields: { room: '1' } })).statusCode).toBe(200);
    expect((await read(bert, id)).fields).toMatchObject([{ id: 'room', value: '1' }]);
  });

  it('sees neither tags nor work nor hidden fields, now, then, in lists or by filters', async () => {
    const id = await opened({
      requester: { id: anna.id },
      tags: ['secret-tag'],
      followers: [bert.id],
      dueDate: '2031-01-01T00:00:00Z',
      impact: 'high',
      urgency: 'low',
      fields: { cost: 4711, room: 'shown' },
    });
    await post(agent, id, 'fields', { fields: { cost: 4712 } });
    await post(agent, id, 'work', { minutes: 987, billable: true, specification: 'secret-work' });
    const { position } = (await post(agent, id, 'tags', { add: ['secret-two'] })).json();
    for (const url of [
      `/v1/tickets/${id}`,
      `/v1/tickets/${id}?asOf=${position}`,
      `/v1/tickets/${id}/timeline`,
      '/v1/tickets',
      `/tickets/${id}`,
    ]) {
      const { body, statusCode } = await desk.as(anna, url);
      expect(statusCode).toBe(200);
      for (const word of ['secret', '4711', '4712', '987', '2031', '"impact":"high"', bert.id])
        expect(body).not.toContain(word);
    }
    expect((await desk.as(anna, `/v1/tickets/${id}`)).body).toContain('shown');
    for (const query of [
      'tag=secret-tag',
      `follower=${bert.id}`,
      'dueFrom=2030-01-01T00:00:00Z',
      'dueTo=2040-01-01T00:00:00Z',
    ])
      expect((await desk.as(anna, `/v1/tickets?${query}`)).json().code).toBe('FORBIDDEN');
    expect((await desk.as(anna, '/v1/tickets?field=cost:4712')).json().code).toBe('INVALID_REQUEST');
    expect(await listed(anna, 'field=room:shown')).toEqual([id]);
    for (const url of ['/v1/tags', '/v1/reports/work', `/v1/tickets/${id}/work`])
      expect((await desk.as(anna, url)).json().code).toBe('FORBIDDEN');
    const seen = (await desk.as(anna, '/v1/catalogue')).json();
    expect(seen.fields.map((field: { id: string; editable: boolean }) => [field.id, field.editable])).toEqual([
      ['cartridge', true],
      ['colours', false],
      ['room', true],
    ]);
    expect(seen.services.map((service: { id: string }) => service.id)).toEqual([
      'hardware',
      'printers',
      'software',
      'toner',
    ]);
    expect((await desk.as(agent, '/v1/catalogue')).json().fields).toHaveLength(4);
  });
});

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
