import type { Logger } from 'pino';
import { backoffMs, sleep } from './retry.ts';

/** How long a failing turn is left alone, in milliseconds: soon enough for a hiccup, seldom enough for an outage. */
const afterFailure = { minMs: 500, maxMs: 30_000 };

export type Loop = {
  /** Ends the pause between two turns; a turn that runs is followed by another one at once. */
  wake(): void;
  /** Lets the running turn end, then resolves. Idempotent. */
  stop(): Promise<void>;
  /** What the last turn failed with; null when it did not. */
  failure(): string | null;
};

/**
 * Runs `turn` again and again until stopped, each time after the pause in milliseconds that the last turn asked for.
 * A turn that throws is tried again with growing pauses; an outage is logged when it begins, when its error changes
 * and when it is over, not once a turn. `turn` gets a signal that aborts when the loop is to end.
 */
export function startLoop(options: {
  name: string;
  log: Logger;
  turn: (signal: AbortSignal) => Promise<number>;
  /** Pauses of a failing loop, when the usual ones would be a burden to whom it asks. */
  backoff?: { readonly minMs: number; readonly maxMs: number };
}): Loop {
  const { backoff = afterFailure, log, name, turn } = options;
  const stopping = new AbortController();
  let pause = new AbortController();
  let failure: string | null = null;

  const rest = async (ms: number): Promise<void> => {
    await sleep(ms, pause.signal);
    pause = new AbortController();
  };

  const succeeded = (): void => {
    if (failure !== null) log.info({ loop: name }, 'works again');
    failure = null;
  };

  const failed = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    if (failure !== message) log.warn({ err: error, loop: name }, 'does not work; trying again');
    failure = message;
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        const ms = await turn(stopping.signal);
        failures = 0;
        succeeded();
        if (!stopping.signal.aborted) await rest(ms);
      } catch (error) {
        failures += 1;
        failed(error);
        // Not to be woken: what wakes it may well be what cannot be done just now.
        await sleep(backoffMs(failures, backoff), stopping.signal);
      }
    }
  };

  const done = run();
  return {
    wake: () => pause.abort(),
    failure: () => failure,
    async stop() {
      stopping.abort();
      pause.abort();
      await done;
    },
  };
}
