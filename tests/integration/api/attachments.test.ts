import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let anna: Person;
let bert: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  anna = await desk.person('customer', 'anna');
  bert = await desk.person('customer', 'bert');
});
afterAll(() => desk?.stop());

const upload = (person: Person, content: Buffer | string, { name = 'photo.png', type = 'image/png' } = {}) =>
  desk.as(person, {
    method: 'POST',
    url: `/v1/attachments?name=${encodeURIComponent(name)}`,
    payload: content,
    headers: { 'content-type': type },
  });

const open = (person: Person, attachments: string[]) =>
  desk.as(person, { method: 'POST', url: '/v1/tickets', payload: { subject: 'x', text: 'see there', attachments } });

const attach = (person: Person, id: string, reference: string, visibility: string) =>
  desk.as(person, {
    method: 'POST',
    url: `/v1/tickets/${id}/comments`,
    payload: { visibility, text: 'see there', attachments: [reference] },
    headers: { 'if-match': '*' },
  });

describe('an upload', () => {
  it('becomes a file of a ticket and comes back byte by byte', async () => {
    const content = Buffer.from([0, 1, 2, 255, 13, 10, 0]);
    const uploaded = await upload(anna, content);
    expect(uploaded.statusCode).toBe(201);
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(uploaded.json()).toMatchObject({ name: 'photo.png', mediaType: 'image/png', size: 7, sha256 });
    const { id } = (await open(anna, [uploaded.json().reference])).json();
    const [attachment] = (await desk.as(anna, `/v1/tickets/${id}`)).json().timeline.items[0].attachments;
    expect(attachment).toMatchObject({ name: 'photo.png', size: 7, sha256 });
    const download = await desk.as(anna, attachment.href);
    expect(download.rawPayload.equals(content)).toBe(true);
    expect(download.headers).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': `attachment; filename="photo.png"; filename*=UTF-8''photo.png`,
      'x-content-type-options': 'nosniff',
    });
    expect(download.headers['content-security-policy']).toContain('sandbox');
  });

  it('may be JSON, or of no type at all', async () => {
    const json = await upload(anna, '{"broken":', { name: 'data.json', type: 'application/json' });
    expect(json.json()).toMatchObject({ mediaType: 'application/json', size: 10 });
    const untyped = await desk.as(anna, {
      method: 'POST',
      url: '/v1/attachments?name=x.bin',
      payload: Buffer.from('abc'),
    });
    expect(untyped.json()).toMatchObject({ mediaType: 'application/octet-stream', size: 3 });
    const odd = await upload(anna, 'x', { type: 'text/html"><script>' });
    expect([odd.statusCode, odd.json().code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('that could run in a browser is given out as bytes', async () => {
    const { reference } = (
      await upload(anna, '<script>alert(1)</script>', { name: 'a.html', type: 'text/html' })
    ).json();
    const { id } = (await open(anna, [reference])).json();
    const [{ href }] = (await desk.as(anna, `/v1/tickets/${id}`)).json().timeline.items[0].attachments;
    const { headers } = await desk.as(anna, href);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toMatch(/^attachment;/);
  });

  it('gets a name that is safe to save under', async () => {
    const { name, reference } = (await upload(anna, 'x', { name: '../../etc/pass"wd\r\nü.txt' })).json();
    expect(name).not.toMatch(/[/\\\r\n"]/);
    const { id } = (await open(anna, [reference])).json();
    const [{ href }] = (await desk.as(anna, `/v1/tickets/${id}`)).json().timeline.items[0].attachments;
    const disposition = String((await desk.as(anna, href)).headers['content-disposition']);
    expect(disposition).toMatch(/^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[\w%.!~-]*$/);
    expect(disposition).toContain('%C3%BC.txt');
  });

  it('larger than allowed is refused and leaves nothing', async () => {
    const answer = await upload(anna, Buffer.alloc(25 * 1_048_576 + 1, 7));
    expect([answer.statusCode, answer.json().code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(answer.headers['connection']).toBe('close');
  });

  it('needs a name and a token', async () => {
    const nameless = await desk.as(anna, { method: 'POST', url: '/v1/attachments', payload: 'x' });
    expect([nameless.statusCode, nameless.json().errors[0].pointer]).toEqual([400, 'name']);
    expect((await desk.app.inject({ method: 'POST', url: '/v1/attachments?name=x', payload: 'x' })).statusCode).toBe(
      401,
    );
  });
});

describe('a reference', () => {
  it('is good for the one who uploaded', async () => {
    const { reference } = (await upload(anna, 'private')).json();
    const answer = await open(bert, [reference]);
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, '/attachments/0']);
  });

  it('cannot be made up or changed', async () => {
    const { reference } = (await upload(anna, 'mine')).json();
    const [text = '', signature = ''] = reference.split('.');
    const file = JSON.parse(Buffer.from(text, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...file, blob: '0'.repeat(64) })).toString('base64url');
    for (const attempt of [`${forged}.${signature}`, `${text}.`, text, `${text}.AAAA`, '']) {
      expect((await open(anna, [attempt])).statusCode).toBe(400);
    }
  });
});

describe('a file', () => {
  it('of a note is not for customers, and one of another ticket is not there', async () => {
    const { id } = (await open(anna, [])).json();
    const secret = (await upload(agent, 'evidence')).json();
    await attach(agent, id, secret.reference, 'internal');
    const path = `/v1/tickets/${id}/attachments/${secret.sha256}`;
    expect((await desk.as(agent, path)).body).toBe('evidence');
    const hidden = await desk.as(anna, path);
    expect([hidden.statusCode, hidden.json().code]).toEqual([404, 'BLOB_NOT_FOUND']);
    const other = (await open(anna, [])).json();
    expect((await desk.as(agent, `/v1/tickets/${other.id}/attachments/${secret.sha256}`)).statusCode).toBe(404);
    await attach(agent, id, secret.reference, 'public');
    expect((await desk.as(anna, path)).body).toBe('evidence');
  });
});
