import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ChainedEvent, createChainVerifier, hashEvent, verifyChain } from '#packages/ledger/chain.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const event = (version: number, changes: Partial<ChainedEvent> = {}): ChainedEvent => ({
  stream: 'ticket-1',
  version,
  id: `id-${version}`,
  type: 'TicketCommented',
  data: { b: 'é', a: [1, null] },
  metadata: { at: 'now', actor: { kind: 'service', id: 'x' } } as object,
  ...changes,
});

/** Events with the hashes they should have. */
function chained(...events: readonly ChainedEvent[]): ChainedEvent[] {
  const last = new Map<string, string>();
  return events.map((link) => {
    const hash = hashEvent(last.get(link.stream) ?? null, link);
    last.set(link.stream, hash);
    return { ...link, metadata: { ...link.metadata, hash } };
  });
}
const change = (events: readonly ChainedEvent[], index: number, changes: Partial<ChainedEvent>) =>
  events.map((link, place) => (place === index ? { ...link, ...changes } : link));

describe('the hash of an event', () => {
  test('is SHA-256 of the canonical JSON of the previous hash and the event', () => {
    const text =
      '["previous","ticket-1",2,"id-2","TicketCommented",{"a":[1,null],"b":"é"},{"actor":{"id":"x","kind":"service"},"at":"now"}]';
    expect(hashEvent('previous', event(2))).toBe(sha256(text));
    expect(hashEvent(null, event(1))).toBe(sha256(text.replace('"previous"', 'null').replace('2,"id-2"', '1,"id-1"')));
  });

  test('does not depend on the order of keys, nor on the hash it is stored in', () => {
    const reordered = event(1, { data: { a: [1, null], b: 'é' }, metadata: { ...event(1).metadata, hash: 'x' } });
    expect(hashEvent(null, reordered)).toBe(hashEvent(null, event(1)));
  });

  test('survives a round trip through JSON', () => {
    const given = event(1, { data: { gone: undefined, number: 1e21, minus: -0, nested: { text: '\u2028"' } } });
    expect(hashEvent(null, JSON.parse(JSON.stringify(given)))).toBe(hashEvent(null, given));
  });
});

describe('verification', () => {
  const other = { stream: 'ticket-2' };
  const events = chained(event(1), event(1, other), event(2), event(3), event(2, other));

  test('finds nothing wrong with streams as they were written', () => {
    expect(verifyChain(events)).toBeNull();
    expect(verifyChain([])).toBeNull();
  });

  test.each([
    { what: 'data', changes: { data: { b: 'e', a: [1, null] } } },
    { what: 'type', changes: { type: 'TicketCreated' } },
    { what: 'id', changes: { id: 'id-9' } },
    { what: 'time', changes: { metadata: { ...events[2]?.metadata, at: 'then' } } },
  ])('names the event whose $what was changed', ({ changes }) => {
    expect(verifyChain(change(events, 2, changes))).toEqual(
      expect.objectContaining({ stream: 'ticket-1', version: 2, reason: 'changed' }),
    );
  });

  test('names the event after one that was changed together with its hash', () => {
    const forged = event(2, { data: 'forged' });
    const hash = hashEvent(events[0]?.metadata.hash ?? null, forged);
    const fault = verifyChain(change(events, 2, { ...forged, metadata: { ...forged.metadata, hash } }));
    expect(fault).toEqual({ stream: 'ticket-1', version: 3, id: 'id-3', reason: 'changed' });
  });

  test('names the event after one that was taken out, and one without a hash', () => {
    expect(verifyChain(events.toSpliced(2, 1))).toMatchObject({ version: 3, reason: 'gap' });
    expect(verifyChain(events.slice(1))).toMatchObject({ stream: 'ticket-1', version: 2, reason: 'gap' });
    expect(verifyChain(change(events, 3, { metadata: {} }))).toMatchObject({ version: 3, reason: 'unhashed' });
  });

  test('goes on after a fault, stream by stream', () => {
    const verifier = createChainVerifier();
    const faults = change(events, 2, { data: 'changed' }).map((link) => verifier.check(link)?.reason ?? null);
    expect(faults).toEqual([null, null, 'changed', null, null]);
  });
});
