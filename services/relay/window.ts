import { sleep } from '#packages/kernel/retry.ts';

type Sent = { readonly position: bigint; acknowledged: boolean };

/** Publishes that are under way, at most `size`, and how far all of them are acknowledged without a gap. */
export function createAckWindow({ size, start }: { size: number; start: bigint }) {
  const sent: Sent[] = [];
  const failure = Promise.withResolvers<never>();
  // Somebody asks for it, or `room` does: a failure between the two is not unhandled.
  failure.promise.catch(() => undefined);
  let reached = start;
  let broken = false;
  let change = Promise.withResolvers<void>();

  const tellChange = (): void => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const advance = (): void => {
    let first = sent[0];
    while (first?.acknowledged) {
      reached = first.position;
      sent.shift();
      first = sent[0];
    }
    tellChange();
  };
  const fail = (error: unknown): void => {
    broken = true;
    failure.reject(error);
    tellChange();
  };

  return {
    /** Takes note of a publish. There must be room. */
    add(position: bigint, publishing: Promise<void>): void {
      const entry: Sent = { position, acknowledged: false };
      sent.push(entry);
      void publishing.then(() => {
        entry.acknowledged = true;
        advance();
      }, fail);
    },
    isFull: (): boolean => broken || sent.length >= size,
    /** Resolves when there is room for another publish, rejects once any has failed. */
    async room(): Promise<void> {
      // No race with `failed`, which lives as long as the relay: each would leave something behind on it.
      while (sent.length >= size && !broken) await change.promise;
      if (broken) await failure.promise;
    },
    /** The contiguous acknowledged prefix ends here. */
    reached: () => reached,
    /** Resolves when nothing is under way, or after `ms`, or when a publish has failed: later ones fail with it. */
    async drained(ms: number): Promise<void> {
      const empty = new AbortController();
      const over = Promise.race([sleep(ms, empty.signal), failure.promise.catch(() => undefined)]).then(() => true);
      while (sent.length > 0) if (await Promise.race([change.promise, over])) break;
      empty.abort();
    },
    /** There is nothing to publish up to this position. */
    skipTo(position: bigint): void {
      if (sent.length === 0) reached = position;
    },
    /** Rejects when a publish has failed. */
    failed: failure.promise,
  };
}
