/** Waits; resolves early (never rejects) when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** Full jitter over exponential growth: a random wait in (minMs, min(maxMs, minMs * 2^attempt)). */
export function backoffMs(attempt: number, { minMs, maxMs }: { minMs: number; maxMs: number }): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return minMs + Math.random() * Math.max(0, ceiling - minMs);
}

/**
 * Runs `work` until it succeeds, `retryable` says no, or the tries are used up; then the last error is thrown.
 * An aborted signal ends the waiting and throws the last error.
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  options: {
    attempts: number;
    minMs: number;
    maxMs: number;
    retryable: (error: unknown) => boolean;
    signal?: AbortSignal;
  },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= options.attempts || !options.retryable(error) || options.signal?.aborted) throw error;
      await sleep(backoffMs(attempt, options), options.signal);
    }
  }
}

/** Rejects with `onTimeout()` when the work takes longer; the work itself is not stopped, only no longer waited for. */
export async function withTimeout<T>(work: Promise<T>, ms: number, onTimeout: () => Error): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(onTimeout()), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
