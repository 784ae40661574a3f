import { afterAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { startAttributeDesk } from '#tests/support/attribute-desk.ts';

const { desk, agent, auditor, anna, bert, open, opened, put, post, read, listed, refused } = await startAttributeDesk();
afterAll(() => desk.stop());

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
