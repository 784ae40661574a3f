import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { createBareApp, openapiText } from '#tests/support/openapi.ts';

type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  security: object[];
  parameters?: { in: string; name: string }[];
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
};
type Document = { openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: object } };

let text: string;
let document: Document;
let operations: [string, Operation][];

beforeAll(async () => {
  text = await openapiText();
  document = JSON.parse(text);
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
});

describe('the OpenAPI description', () => {
  it('is committed as the routes make it (npm run generate)', async () => {
    const committed = await readFile(new URL('../../contracts/openapi.json', import.meta.url), 'utf8');
    expect(committed).toBe(text);
  });

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(document.openapi).toBe('3.1.0');
  });

  it('leads every reference somewhere', () => {
    const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => !Object.hasOwn(document.components.schemas, name ?? ''))).toEqual([]);
  });

  it('says of every operation what it is for, who may use it and what it answers', () => {
    expect(operations.length).toBeGreaterThan(30);
    for (const [name, { summary, tags, security, responses, operationId }] of operations) {
      expect([name, typeof summary, tags.length, Array.isArray(security)]).toEqual([name, 'string', 1, true]);
      expect(operationId).toMatch(/^(get|post|put|delete)[A-Z]\w+$/);
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      expect([name, good.length]).toEqual([name, 1]);
      for (const [, { content, description }] of good) {
        expect(description).not.toBe('');
        expect([name, Object.values(content ?? {}).every(({ schema }) => Object.keys(schema).length > 0)]).toEqual([
          name,
          true,
        ]);
      }
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['4XX', '5XX']));
    }
    expect(new Set(operations.map(([, { operationId }]) => operationId)).size).toBe(operations.length);
  });

  it('asks for a token everywhere but where operators look, and where articles are published', () => {
    const open = operations.filter(([, { security }]) => security.length === 0).map(([name]) => name);
    const published = open.filter((name) => name.startsWith('get /v1/kb/'));
    expect(published).toHaveLength(4);
    expect(open.filter((name) => !published.includes(name)).toSorted()).toEqual([
      'get /healthz',
      'get /metrics',
      'get /readyz',
    ]);
  });

  it('names If-Match and Idempotency-Key where tickets are changed', () => {
    // Neither presence nor an unfinished reply changes a ticket, nor does the filling in of a canned reply.
    const changes = operations.filter(([name]) =>
      /^(put|post) \/v1\/tickets\/\{ticket\}(?!\/(presence|draft|canned-replies))/.test(name),
    );
    expect(changes.length).toBeGreaterThan(25);
    for (const [, { parameters = [], responses }] of changes) {
      const headers = parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name);
      expect(headers).toEqual(expect.arrayContaining(['if-match', 'idempotency-key']));
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['412', '428']));
    }
  });

  it('is served, and so is the reference, to everybody', async () => {
    const app = await createBareApp();
    const served = await app.inject('/openapi.json');
    expect(served.json()).toEqual(document);
    const reference = await app.inject('/docs/');
    expect(reference.statusCode).toBe(200);
    expect(reference.headers['content-type']).toContain('text/html');
    expect(reference.body).not.toMatch(/(src|href)="https?:/);
    await app.close();
  });
});
