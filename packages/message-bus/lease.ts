import pg from 'pg';
import type { Logger } from 'pino';
import { sleep } from '#packages/kernel/retry.ts';
import { clientConfig, type PostgresConnection } from '#packages/postgres/pool.ts';

/** How often one who waits asks whether the lease is free. */
const retryMs = 500;
/** A connection behind half-open TCP looks alive (node-postgres #967): it must answer this often, this soon. */
const heartbeatMs = 5_000;
const heartbeatTimeoutMs = 5_000;
/** Without a heartbeat for so long the server ends the session, so that another process can take over. */
const sessionTimeoutMs = 20_000;

/**
 * Runs `work` while this process alone holds the lease of that name, waiting for it as long as it takes. The lease is
 * an advisory lock on a connection of its own: it ends with the process, whatever ends that. `work` gets a signal that
 * aborts when the lease is lost or `signal` aborts, and the lease is given up when it has ended. Rejects when the
 * connection fails.
 */
export async function withLease(
  options: {
    connection: PostgresConnection;
    name: string;
    log: Logger;
    signal: AbortSignal;
    /** Called while another process holds it. */
    waiting?: () => void;
  },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { connection, log, name, signal } = options;
  const lost = new AbortController();
  const client = new pg.Client(
    clientConfig({ connection, name: `lease ${name}`, statementTimeoutMs: heartbeatTimeoutMs }),
  );
  const lose = (reason?: Error) => lost.abort(reason ?? new Error(`connection of lease ${name} ended`));
  client.on('error', lose);
  client.on('end', () => lose());
  const held = AbortSignal.any([signal, lost.signal]);
  try {
    await client.connect();
    await client.query(`set idle_session_timeout = ${sessionTimeoutMs}`);
    for (let free = false; !free; ) {
      const { rows } = await client.query<{ free: boolean }>(
        `select pg_try_advisory_lock(hashtextextended('follower ' || $1, 0)) as free`,
        [name],
      );
      free = rows[0]?.free ?? false;
      if (!free) {
        options.waiting?.();
        await sleep(retryMs, held);
      }
      if (held.aborted) return;
    }
    log.debug({ lease: name }, 'lease held');
    const done = new AbortController();
    const watching = watch(client, AbortSignal.any([held, done.signal])).catch(lose);
    try {
      await work(held);
    } finally {
      done.abort();
      await watching;
    }
  } finally {
    client.removeAllListeners('end');
    await Promise.race([client.end().catch(() => undefined), sleep(1_000)]);
    // The connection of this process is the one in doubt, so those who wait get the first chance.
    if (lost.signal.aborted) await sleep(2 * retryMs, signal);
  }
}

async function watch(client: pg.Client, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(heartbeatMs, signal);
    if (!signal.aborted) await client.query('select 1');
  }
}
