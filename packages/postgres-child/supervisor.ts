import type { Logger } from 'pino';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import type { Server, ServerExit } from './server.ts';

/** `failed`: gave up restarting; `stopped`: was asked to. */
export type ChildStatus = 'running' | 'restarting' | 'failed' | 'stopped';

/** `unexpected`: nobody asked for it. */
export type ChildExit = ServerExit & { readonly unexpected: boolean };

const backoff = { minMs: 100, maxMs: 5_000 };
/** A server that ran this long has recovered; failures before it no longer count. */
const stableMs = 60_000;
const mostFailures = 6;

/**
 * Starts a server and starts it again whenever it ends by itself, until stopped or until it has failed `mostFailures`
 * times in a row. Clients see lost and refused connections meanwhile. A first start that fails is thrown, not repeated.
 */
export async function supervise(options: {
  start: (signal: AbortSignal) => Promise<Server>;
  log: Logger;
  signal: AbortSignal;
  onStatus?: ((status: ChildStatus) => void) | undefined;
  /** Called when the server is gone and none will be started; the end waits for it. */
  onEnd: () => Promise<void>;
}) {
  const { log, onEnd, onStatus, start } = options;
  const stopping = new AbortController();
  let server: Server | undefined = await start(options.signal);
  let status: ChildStatus = 'running';
  let restarts = 0;

  const become = (next: ChildStatus) => {
    status = next;
    onStatus?.(next);
  };

  const restart = async (): Promise<Server | undefined> => {
    try {
      return await start(stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) log.error({ err: error }, 'postgres could not be restarted');
      return undefined;
    }
  };

  const watch = async (first: Server): Promise<ChildExit> => {
    let exit: ServerExit = { code: null, signal: null };
    let current: Server | undefined = first;
    let failures = 0;
    while (!stopping.signal.aborted) {
      if (current) {
        const since = performance.now();
        exit = await current.exited;
        server = undefined;
        if (stopping.signal.aborted) break;
        if (performance.now() - since > stableMs) failures = 0;
        log.error(exit, 'postgres ended unexpectedly');
        become('restarting');
      }
      failures += 1;
      if (failures > mostFailures) {
        log.fatal({ failures: mostFailures }, 'postgres fails again and again: giving up');
        become('failed');
        return { ...exit, unexpected: true };
      }
      await sleep(backoffMs(failures, backoff), stopping.signal);
      if (stopping.signal.aborted) break;
      current = await restart();
      if (current) {
        server = current;
        restarts += 1;
        log.warn({ postgresPid: current.pid, restarts }, 'postgres was restarted');
        if (!stopping.signal.aborted) become('running');
      }
    }
    await current?.stop();
    become('stopped');
    return { ...exit, unexpected: false };
  };

  const exited = watch(server).finally(onEnd);

  return {
    status: () => status,
    pid: () => server?.pid,
    restarts: () => restarts,
    exited,
    async stop(): Promise<void> {
      stopping.abort();
      await server?.stop();
      await exited;
    },
  };
}
