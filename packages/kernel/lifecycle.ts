import type { Logger } from 'pino';
import { withTimeout } from './retry.ts';

type Stoppable = { readonly name: string; readonly stop: () => Promise<unknown>; readonly withinMs: number };

export type LifecycleOptions = {
  readonly log: Logger;
  /** Time of one part to stop. */
  readonly stopTimeoutMs: number;
  /** Time of all parts together; what has not had its turn by then is left as it is. */
  readonly deadlineMs?: number;
};

/**
 * Keeps what was started, in order, and stops it in reverse: what came last leans on what came first.
 * A part that fails or takes too long to stop is logged and does not keep the others from stopping.
 */
export function createLifecycle({ deadlineMs = Number.POSITIVE_INFINITY, log, stopTimeoutMs }: LifecycleOptions) {
  const parts: Stoppable[] = [];
  let stopping: Promise<boolean> | undefined;

  const stopAll = async (): Promise<boolean> => {
    const deadline = performance.now() + deadlineMs;
    const left: string[] = [];
    let clean = true;
    for (const part of parts.toReversed()) {
      const ms = Math.min(part.withinMs, Math.ceil(deadline - performance.now()));
      if (ms <= 0) {
        left.push(part.name);
        continue;
      }
      try {
        await withTimeout(part.stop(), ms, () => new Error(`no end within ${ms} ms`));
      } catch (error) {
        clean = false;
        log.error({ err: error, part: part.name }, 'part did not stop cleanly');
      }
    }
    if (left.length > 0) log.error({ parts: left }, 'no time left to stop these parts');
    return clean && left.length === 0;
  };

  return {
    /** Registers a started part and hands it back. `withinMs`: its time to stop, when it needs more than the others. */
    add<T>(name: string, part: T, stop: (part: T) => Promise<unknown>, withinMs = stopTimeoutMs): T {
      parts.push({ name, stop: () => stop(part), withinMs });
      return part;
    },
    /** Stops everything once, however often it is called. Resolves to false when some part did not stop cleanly. */
    stop(): Promise<boolean> {
      stopping ??= stopAll();
      return stopping;
    },
  };
}

export type Lifecycle = ReturnType<typeof createLifecycle>;
