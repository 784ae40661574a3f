import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk, testContext } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let anna: Person;
let id: string;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  anna = await desk.person('customer', 'anna');
  id = (await desk.as(anna, { method: 'POST', url: '/v1/tickets', payload: { subject: 'x', text: 'y' } })).json().id;
});
afterAll(() => desk?.stop());

const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.from('pixels')]);
const pasted = `data:image/png;base64,${png.toString('base64')}`;

const comment = (payload: object) =>
  desk.as(agent, {
    method: 'POST',
    url: `/v1/tickets/${id}/comments`,
    payload: { visibility: 'public', text: 'see', ...payload },
    headers: { 'if-match': '*' },
  });
const newest = async () =>
  (await desk.as(agent, `/v1/tickets/${id}`))
    .json()
    .timeline.items.findLast(({ kind }: { kind: string }) => kind === 'comment');

type Part = { name: string; content: string | Buffer; file?: string; type?: string };
function form(parts: readonly Part[], { end = '--boundary--\r\n' } = {}) {
  const chunks = parts.flatMap(({ content, file, name, type }) => [
    `--boundary\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n`,
    `${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`,
    content,
    '\r\n',
  ]);
  return Buffer.concat([...chunks, end].map((chunk) => Buffer.from(chunk)));
}
const post = (
  payload: Buffer,
  { key, person = agent, url = `/v1/tickets/${id}/comments` }: { key?: string; person?: Person; url?: string } = {},
) =>
  desk.as(person, {
    method: 'POST',
    url,
    payload,
    headers: {
      'content-type': 'multipart/form-data; boundary=boundary',
      'if-match': '*',
      ...(key !== undefined && { 'idempotency-key': key }),
    },
  });

describe('an image in the text', () => {
  it('that was pasted becomes a file, which the reader fetches by the path in the HTML; tables stay', async () => {
    const html = `<table><tr><td>1</td></tr></table><p><img src="${pasted}" onerror="alert(1)"><img src="${pasted}"></p>`;
    expect((await comment({ html })).statusCode).toBe(201);
    const said = await newest();
    expect(said.attachments).toMatchObject([{ name: 'image-1.png', mediaType: 'image/png', inline: true, size: 14 }]);
    expect(said.html).toContain('<td>1</td>');
    expect(said.html).not.toMatch(/data:|cid:|onerror/);
    const [, path = ''] = /src="([^"]+)"/.exec(said.html) ?? [];
    const image = await desk.as(anna, path);
    expect(image.rawPayload.equals(png)).toBe(true);
    expect(image.headers['content-type']).toBe('image/png');
    const history = (await desk.as(agent, `/v1/tickets/${id}/history`)).body;
    expect(history).toContain(`cid:${said.attachments[0].contentId}`);
  });

  it('may have been uploaded before', async () => {
    const upload = await desk.as(agent, {
      method: 'POST',
      url: '/v1/attachments?name=shot.png',
      payload: png,
      headers: { 'content-type': 'image/png' },
    });
    await comment({ html: `<img src="upload:${upload.json().reference}">` });
    const said = await newest();
    expect(said.attachments).toMatchObject([{ name: 'shot.png', inline: true }]);
    expect(said.html).toContain(`src="${said.attachments[0].href}"`);
  });

  it.each([
    'data:image/svg+xml;base64,PHN2Zz4=',
    'data:image/png;base64,PHN2Zz4=',
    'data:text/html,<b>',
    'upload:made.up',
  ])('is refused as %s', async (source) => {
    const answer = await comment({ html: `<img src="${source}">` });
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, '/html']);
  });
});

describe('rich text without a plain one', () => {
  const rich = async (html: string) => [await comment({ text: undefined, html }), await newest()] as const;

  it('gets its twin from the HTML, tables row by row, and from the names of images when it says nothing', async () => {
    const [said, message] = await rich('<p>Look:</p><table><tr><td>a</td><td>b</td></tr></table><script>x</script>');
    expect([said.statusCode, message.text]).toEqual([201, expect.stringMatching(/^Look:\s+a\s*b$/)]);
    const [shown, image] = await rich(`<img src="${pasted}">`);
    expect([shown.statusCode, image.text]).toEqual([201, '[image-1.png]']);
  });

  it('is refused when it says nothing at all', async () => {
    for (const html of ['', '<p> </p>', '<script>x</script>']) {
      const [refused] = await rich(html);
      expect([refused.statusCode, refused.json().errors]).toEqual([
        400,
        [{ pointer: '/text', detail: expect.any(String) }],
      ]);
    }
  });
});

describe('a form', () => {
  const texts = [
    { name: 'visibility', content: 'public' },
    { name: 'text', content: 'two files' },
  ];

  it('brings texts and several files, one of them in its place', async () => {
    const answer = await post(
      form([
        ...texts,
        { name: 'html', content: '<p>see <img src="cid:shot"></p>' },
        { name: 'shot', content: png, file: 'shot.png', type: 'image/png' },
        { name: 'files', content: 'log', file: '../a.txt', type: 'text/plain' },
        { name: 'files', content: 'more', file: 'b.txt', type: 'text/plain' },
      ]),
    );
    expect(answer.statusCode).toBe(201);
    const said = await newest();
    expect(said.text).toBe('two files');
    const names = said.attachments.map(({ inline, name }: { inline: boolean; name: string }) => [name, inline]);
    expect(names).toEqual([
      ['a.txt', false],
      ['b.txt', false],
      ['shot.png', true],
    ]);
    expect(said.html).toContain(`src="${said.attachments[2].href}"`);
    expect((await desk.as(anna, said.attachments[0].href)).body).toBe('log');
  });

  it('may hold JSON, opens tickets too, and is one command with its key', async () => {
    const body = JSON.stringify({ subject: 'By form', text: 'z' });
    const parts = [
      { name: 'body', content: body, type: 'application/json' },
      { name: 'file', content: 'x', file: 'x.txt', type: 'text/plain' },
    ];
    const once = await post(form(parts), { url: '/v1/tickets', person: anna, key: 'form-1' });
    const twice = await post(form(parts), { url: '/v1/tickets', person: anna, key: 'form-1' });
    expect([once.statusCode, twice.json().id]).toEqual([201, once.json().id]);
    const other = await post(form([parts[0]!]), { url: '/v1/tickets', person: anna, key: 'form-1' });
    expect([other.statusCode, other.json().code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it.each([
    ['breaks off', form([...texts, { name: 'f', content: 'x', file: 'x.txt' }], { end: '' })],
    ['has a part twice', form([...texts, texts[0]!])],
    ['has too many parts', form(Array.from({ length: 120 }, (_, n) => ({ name: `n${n}`, content: 'x' })))],
    ['has broken JSON', form([{ name: 'body', content: '{' }])],
    ['is of another schema', form([...texts, { name: 'nonsense', content: 'x' }])],
  ])('that %s is refused', async (_what, payload) => {
    const answer = await post(payload);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST']);
  });

  it('with a file that is too large is refused', async () => {
    const large = { name: 'f', content: Buffer.alloc(25 * 1_048_576 + 1, 7), file: 'large.bin' };
    const answer = await post(form([...texts, large]));
    expect([answer.statusCode, answer.json().code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });
});

describe('presence', () => {
  const say = (person: Person, state: string) =>
    desk.as(person, { method: 'PUT', url: `/v1/tickets/${id}/presence`, payload: { state } });
  const present = async () => (await desk.as(agent, `/v1/tickets/${id}/presence`)).json().items;

  it('tells who looks and who writes, until they leave or fall silent; no event comes of it', async () => {
    const second = await desk.person('agent', 'second');
    const head = await desk.platform.store.head();
    expect((await say(agent, 'viewing')).statusCode).toBe(204);
    await say(second, 'viewing');
    await say(second, 'typing');
    const states = (await present()).map(({ person, state }: { person: { name: string }; state: string }) => [
      person.name,
      state,
    ]);
    expect(states.toSorted()).toEqual([
      ['agent', 'viewing'],
      ['second', 'typing'],
    ]);
    await say(agent, 'away');
    expect(await present()).toHaveLength(1);
    await desk.platform.pool.query(`update desk.presence set until = now() - interval '1 second'`);
    expect(await present()).toEqual([]);
    expect(await desk.platform.store.head()).toBe(head);
    expect((await say(anna, 'viewing')).statusCode).toBe(403);
    expect((await desk.as(anna, `/v1/tickets/${id}/presence`)).statusCode).toBe(403);
    expect((await say(agent, 'asleep')).statusCode).toBe(400);
  });
});

describe('somebody to mention', () => {
  const find = async (q: string) =>
    (await desk.as(agent, `/v1/mentions?q=${encodeURIComponent(q)}`))
      .json()
      .items.map(({ name }: { name: string }) => name);

  it('is found by part of a name, of an address and by domain, what begins so first; not by customers', async () => {
    await desk.person('customer', 'joanna');
    expect(await find('anna')).toEqual(['anna', 'joanna']);
    expect(await find('@ann')).toEqual(['anna', 'joanna']);
    expect(await find('oanna@desk')).toEqual(['joanna']);
    expect(await find('desk.example')).toEqual(expect.arrayContaining(['agent', 'anna', 'joanna']));
    expect(await find('100%')).toEqual([]);
    const { directory } = desk.platform.commands;
    const named = { name: 'Karl Konrad Kontakt', address: 'k@client.example', origin: 'api' } as const;
    const { companyId } = await directory.ensurePerson(named, testContext());
    const private_ = { name: 'Petra Privat', emails: ['petra@mail.example'], roles: ['customer'] as const };
    await directory.registerPerson({ ...private_, companyId, origin: 'api' }, testContext());
    expect(await find('kontakt karl')).toEqual(['Karl Konrad Kontakt']);
    expect(await find('client.example')).toEqual(['Karl Konrad Kontakt', 'Petra Privat']);
    expect((await desk.as(anna, '/v1/mentions?q=a')).statusCode).toBe(403);
  });
});
