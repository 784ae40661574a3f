import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { expectedVersion, isNotModified } from '#packages/http/etag.ts';
import { commandIdentity } from '#packages/http/idempotency.ts';
import { isAppError } from '#packages/kernel/errors.ts';

const request = (headers: Record<string, string>, more: object = {}) =>
  ({ headers, ...more }) as unknown as FastifyRequest;

const outcome = (act: () => unknown) => {
  try {
    return act();
  } catch (error) {
    return isAppError(error) ? error.code : error;
  }
};

describe('If-Match', () => {
  it.each([
    ['"7"', 7],
    [' "12" ', 12],
    ['*', undefined],
    ['', 'PRECONDITION_REQUIRED'],
    ['7', 'INVALID_REQUEST'],
    ['W/"7"', 'INVALID_REQUEST'],
    ['"7", "8"', 'INVALID_REQUEST'],
    ['"0"', 'INVALID_REQUEST'],
    ['"-1"', 'INVALID_REQUEST'],
    ['"abc"', 'INVALID_REQUEST'],
    ['"99999999999"', 'INVALID_REQUEST'],
  ])('%s means %s', (header, meaning) => {
    expect(outcome(() => expectedVersion(request({ 'if-match': header })))).toBe(meaning);
  });

  it('is required', () => {
    expect(outcome(() => expectedVersion(request({})))).toBe('PRECONDITION_REQUIRED');
  });
});

describe('If-None-Match', () => {
  it.each([
    ['"7"', true],
    ['W/"7"', true],
    ['"6", "7"', true],
    ['*', true],
    ['"70"', false],
    ['7', false],
  ])('%s names version 7: %s', (header, named) => {
    expect(isNotModified(request({ 'if-none-match': header }), '"7"')).toBe(named);
  });

  it('names nothing when it is missing', () => {
    expect(isNotModified(request({}), '"7"')).toBe(false);
  });
});

describe('Idempotency-Key', () => {
  const post = (key: string | undefined, changes: object = {}) =>
    request(key === undefined ? {} : { 'idempotency-key': key }, {
      method: 'POST',
      url: '/v1/tickets',
      body: { a: 1, b: [2] },
      ...changes,
    });
  const identity = (key: string | undefined, changes: object = {}, person = 'anna') =>
    commandIdentity(post(key, changes), person);

  it('gives the same command to the same person on the same resource only', () => {
    const { commandId } = identity('k');
    expect(identity('k').commandId).toBe(commandId);
    expect(identity('k', { url: '/v1/tickets?x=1' }).commandId).toBe(commandId);
    const others = [
      identity('other'),
      identity('k', {}, 'bert'),
      identity('k', { method: 'PUT' }),
      identity('k', { url: '/v1/groups' }),
      identity(undefined),
      identity(undefined),
    ].map((other) => other.commandId);
    expect(new Set([commandId, ...others]).size).toBe(7);
  });

  it('tells bodies apart by what they say, not by how they are written', () => {
    const { fingerprint } = identity('k');
    expect(identity('k', { body: { b: [2], a: 1 } }).fingerprint).toBe(fingerprint);
    expect(identity('k', { body: { b: [2], a: 2 } }).fingerprint).not.toBe(fingerprint);
  });

  it.each(['', 'with space', 'ü', 'x'.repeat(256), 'a\tb'])('%j is refused', (key) => {
    expect(outcome(() => identity(key))).toBe('INVALID_REQUEST');
  });
});
