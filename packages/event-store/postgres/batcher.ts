import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, isTransient } from '#packages/kernel/errors.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';

export type Batched = {
  /** Two requests of one stream never share a batch, and keep their order. */
  readonly stream: string;
  readonly bytes: number;
};

type Entry<Request, Reply> = {
  readonly request: Request;
  readonly deadline: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
};

export type Batcher<Request, Reply> = {
  /** Resolves with the request's own reply; rejects as `execute` does, or with STORE_UNAVAILABLE when the queue is full. */
  submit(request: Request): Promise<Reply>;
  /** Takes nothing more and waits for what was taken. */
  close(): Promise<void>;
};

/** Beyond these a batch gains nothing from growing. */
const maxBatchRequests = 512;
const maxBatchBytes = 2 * 1024 * 1024;
/** What may wait while the database is away: beyond it callers are told so instead of eating the memory. */
const maxQueuedRequests = 10_000;
const maxQueuedBytes = 64 * 1024 * 1024;

/**
 * Group commit in the process: one batch is under way at a time, and what is submitted meanwhile leaves together in the
 * next one, so that batches grow with the load. (Two under way gained nothing: they split the load into smaller ones.)
 *
 * `execute` must be idempotent and give one reply per request, in order. A batch that fails for a transient reason is
 * tried again until `deadlineMs` after submission; one that fails for another reason is tried request by request, so
 * that only the one at fault fails.
 */
export function createBatcher<Request extends Batched, Reply>(options: {
  execute: (batch: readonly Request[]) => Promise<readonly Reply[]>;
  deadlineMs: number;
}): Batcher<Request, Reply> {
  const { deadlineMs, execute } = options;
  let queue: Entry<Request, Reply>[] = [];
  let queuedBytes = 0;
  let running = false;
  let closing = false;
  const drained = Promise.withResolvers<void>();

  /** The next batch, oldest first: one request per stream, within the limits, and never empty. */
  const take = (): Entry<Request, Reply>[] => {
    const batch: Entry<Request, Reply>[] = [];
    const left: Entry<Request, Reply>[] = [];
    const streams = new Set<string>();
    let bytes = 0;
    for (const entry of queue) {
      const { stream, bytes: size } = entry.request;
      const full = batch.length === maxBatchRequests || (batch.length > 0 && bytes + size > maxBatchBytes);
      const waits = full || streams.has(stream);
      streams.add(stream);
      (waits ? left : batch).push(entry);
      if (!waits) bytes += size;
    }
    queue = left;
    queuedBytes -= bytes;
    return batch;
  };

  const commit = async (batch: readonly Entry<Request, Reply>[]): Promise<void> => {
    let pending = batch;
    for (let attempt = 0; pending.length > 0; attempt += 1) {
      try {
        const replies = await execute(pending.map(({ request }) => request));
        for (const [index, entry] of pending.entries()) entry.resolve(replies[index] as Reply);
        return;
      } catch (error) {
        if (!isTransient(error)) return commitApart(pending, error);
        const wait = backoffMs(attempt, { minMs: 20, maxMs: 500 });
        const { late = [], inTime = [] } = Object.groupBy(pending, ({ deadline }) =>
          deadline < performance.now() + wait ? 'late' : 'inTime',
        );
        for (const entry of late) entry.reject(error);
        pending = inTime;
        if (pending.length > 0) await sleep(wait);
      }
    }
  };

  const commitApart = async (batch: readonly Entry<Request, Reply>[], error: unknown): Promise<void> => {
    const [first, ...others] = batch;
    if (others.length === 0) return first?.reject(error);
    for (const entry of batch) await commit([entry]);
  };

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      await nextTurn(); // What the same turn of the event loop still submits joins the batch.
      await commit(take());
    }
    running = false;
    if (closing) drained.resolve();
  };

  return {
    submit(request) {
      const full = queue.length >= maxQueuedRequests || queuedBytes + request.bytes > maxQueuedBytes;
      const detail = full ? { detail: 'Too many changes are waiting for the event log just now.' } : {};
      if (closing || full) return Promise.reject(new AppError('STORE_UNAVAILABLE', detail));
      const { promise, resolve, reject } = Promise.withResolvers<Reply>();
      queue.push({ request, deadline: performance.now() + deadlineMs, resolve, reject });
      queuedBytes += request.bytes;
      if (!running) {
        running = true;
        void run();
      }
      return promise;
    },
    async close() {
      closing = true;
      if (running) await drained.promise;
    },
  };
}
