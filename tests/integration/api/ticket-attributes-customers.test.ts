import { afterAll, describe, expect, it } from 'vitest';
import { startAttributeDesk } from '#tests/support/attribute-desk.ts';

const { desk, agent, anna, bert, open, opened, put, post, read, listed, refused } = await startAttributeDesk();
afterAll(() => desk.stop());

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
      expect(body).not.toContain(bert.id);
      // Ids may hold any digits by chance.
      const said = body.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '');
      for (const word of ['secret', '4711', '4712', '987', '2031', '"impact":"high"']) expect(said).not.toContain(word);
    }
    expect((await desk.as(anna, `/v1/tickets/${id}`)).body).toContain('shown');
    for (const query of [
      'tag=secret-tag',
      `follower=${bert.id}`,
      'dueFrom=2030-01-01T00:00:00Z',
      'dueTo=2040-01-01T00:00:00Z',
      'group=none',
      'breached=true',
      'sort=due',
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
