import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The part of a stored event that its hash covers, as it is stored (not upcast). */
export type ChainedEvent = {
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: { readonly hash?: string };
};

/**
 * The hash that links an event to the one before it in its stream: SHA-256 (hex) of the RFC 8785 text of
 * `[previous hash or null, stream, version, id, type, data, metadata without hash]`. Throws for data that is not JSON
 * (NaN, lone surrogates).
 */
export function hashEvent(previousHash: string | null, event: ChainedEvent): string {
  const { hash: _, ...metadata } = event.metadata;
  const link = [previousHash, event.stream, event.version, event.id, event.type, event.data, metadata];
  return createHash('sha256')
    .update(canonicalize(link) ?? '')
    .digest('hex');
}

export type ChainFault = {
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  /** `gap`: not the version after the one before; `unhashed`: it has no hash; `changed`: its hash is another. */
  readonly reason: 'gap' | 'unhashed' | 'changed';
};

/**
 * Checks the hash chains of any number of streams at once, each from its first event and in order, as the log gives
 * them. `check` names what is wrong with the next event, null when nothing is; past a fault its stream goes on from
 * what is stored, so that one changed event is one fault.
 */
export function createChainVerifier(): { check(event: ChainedEvent): ChainFault | null } {
  const last = new Map<string, { version: number; hash: string | null }>();
  return {
    check(event) {
      const { stream, version, id } = event;
      const { version: previous, hash: previousHash } = last.get(stream) ?? { version: 0, hash: null };
      const hash = event.metadata.hash ?? null;
      last.set(stream, { version, hash });
      if (version !== previous + 1) return { stream, version, id, reason: 'gap' };
      if (hash === null) return { stream, version, id, reason: 'unhashed' };
      return hash === hashEvent(previousHash, event) ? null : { stream, version, id, reason: 'changed' };
    },
  };
}

/** The first fault in events of the log, null when every chain holds. Pages can be checked with `createChainVerifier`. */
export function verifyChain(events: Iterable<ChainedEvent>): ChainFault | null {
  const verifier = createChainVerifier();
  for (const event of events) {
    const fault = verifier.check(event);
    if (fault) return fault;
  }
  return null;
}
