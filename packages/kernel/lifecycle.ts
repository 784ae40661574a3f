import type { Logger } from 'pino';
import { withTimeout } from './retry.ts';

type Stoppable = { readonly name: string; readonly stop: () => Promise<unknown>; readonly withinMs: number };

/**
 * Keeps what was started, in order, and stops it in reverse: what came last leans on what came first.
 * A part that fails or takes too long to stop is logged and does not keep the others from stopping.
 */
export function createLifecycle({ log, stopTimeoutMs }: { log: Logger; stopTimeoutMs: number }) {
  const parts: Stoppable[] = [];
  let stopping: Promise<boolean> | undefined;

  const stopAll = async (): Promise<boolean> => {
    let clean = true;
    for (const part of parts.toReversed()) {
      try {
        await withTimeout(part.stop(), part.withinMs, () => new Error(`no end within ${part.withinMs} ms`));
      } catch (error) {
        clean = false;
        log.error({ err: error, part: part.name }, 'part did not stop cleanly');
      }
    }
    return clean;
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
