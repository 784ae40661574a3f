import pg from 'pg';
import type { Logger } from 'pino';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import { clientConfig, type PostgresConnection } from './pool.ts';

/** A LISTEN connection dies silently behind half-open TCP (node-postgres #967, #1656), so it is asked to answer this often. */
const heartbeatMs = 10_000;
const heartbeatTimeoutMs = 5_000;

export type Listener = { close(): Promise<void> };

/**
 * Calls `wake` on every notification of a channel, and once after each (re)connect, for what was missed meanwhile.
 * It is a hint that saves latency, never the truth: callers poll as well. Reconnects for ever until closed.
 */
export function listen(options: {
  connection: PostgresConnection;
  channel: string;
  log: Logger;
  wake: () => void;
}): Listener {
  const { channel, connection, log, wake } = options;
  const stopping = new AbortController();

  const session = async (onUp: () => void): Promise<void> => {
    const client = new pg.Client(
      clientConfig({ connection, name: `listen ${channel}`, statementTimeoutMs: heartbeatTimeoutMs }),
    );
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => undefined); // Handled by the race below; before it starts, an early loss must not crash.
    client.on('error', lost.reject);
    client.on('end', () => lost.reject(new Error('connection ended')));
    client.on('notification', wake);
    try {
      await Promise.race([client.connect(), lost.promise]);
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      onUp();
      wake();
      while (!stopping.signal.aborted) {
        await Promise.race([sleep(heartbeatMs, stopping.signal), lost.promise]);
        if (!stopping.signal.aborted) await Promise.race([client.query('select 1'), lost.promise]);
      }
    } finally {
      client.removeAllListeners('end');
      await Promise.race([client.end().catch(() => undefined), sleep(1_000)]);
    }
  };

  const run = async () => {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        await session(() => {
          failures = 0;
        });
      } catch (error) {
        log.debug({ err: error, channel }, 'notification listener lost; polling goes on');
      }
      await sleep(backoffMs(failures, { minMs: 100, maxMs: 5_000 }), stopping.signal);
    }
  };

  const done = run();
  return {
    close: async () => {
      stopping.abort();
      await done;
    },
  };
}
