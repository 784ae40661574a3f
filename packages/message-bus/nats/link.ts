import { type ConnectionOptions, connect, Events, type NatsConnection } from 'nats';
import { AppError } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { backoffMs, sleep, withTimeout } from '#packages/kernel/retry.ts';
import { type NatsAccess, readAccess } from './access.ts';

const connectTimeoutMs = 5_000;
/** A connection that answers nothing for three of these is given up and made anew. */
const pingMs = 10_000;
const backoff = { minMs: 250, maxMs: 10_000 };
const drainMs = 2_000;

/** No connection to NATS within the time that a caller has. */
export class BusUnreachableError extends Error {
  override readonly name = 'BusUnreachableError';
}

export type NatsLink = {
  /** The connection, as soon as there is one; rejects when the signal aborts before. */
  ready(signal: AbortSignal): Promise<NatsConnection>;
  /** The same for callers that cannot wait long. Rejects with STORE_UNAVAILABLE. */
  soon(): Promise<NatsConnection>;
  connected(): boolean;
  /** For operators: `connected to …` or why not. */
  status(): string;
  /** Sends what is under way, then ends the connection. */
  close(): Promise<void>;
};

/**
 * Keeps a connection to NATS for as long as the process wants one: the server may be absent at first, refuse, restart or
 * move. Credentials are read from their files for every new connection, so that they can be exchanged without a restart.
 */
export function openNatsLink({ access, log }: { access: NatsAccess; log: Logger }): NatsLink {
  const closing = new AbortController();
  let connected = Promise.withResolvers<NatsConnection>();
  let current: NatsConnection | null = null;
  let state = 'not connected yet';
  let flowing = false;
  const ended = Promise.withResolvers<void>();

  const serve = async (connection: NatsConnection): Promise<void> => {
    const server = connection.getServer();
    state = `connected to ${server}`;
    log.info({ server }, 'connected to NATS');
    current = connection;
    flowing = true;
    connected.resolve(connection);
    // The client leaves the iterator of states open when the connection ends.
    void watch(connection);
    const error = await Promise.race([connection.closed(), ended.promise]);
    current = null;
    flowing = false;
    connected = Promise.withResolvers();
    if (error) throw error;
  };

  const watch = async (connection: NatsConnection): Promise<void> => {
    let said = '';
    for await (const { data, permissionContext, type } of connection.status()) {
      if (type === Events.Disconnect) {
        state = 'reconnecting';
        flowing = false;
        log.warn('connection to NATS lost, reconnecting');
      } else if (type === Events.Reconnect) {
        state = `connected to ${connection.getServer()}`;
        flowing = true;
        log.info({ server: connection.getServer() }, 'connected to NATS again');
      } else if (type === Events.Error) {
        const subject = permissionContext?.subject;
        const error = [String(data), subject].join(' ');
        // The same one once: what a user may not do is asked for again and again.
        if (error !== said) log.error({ error: String(data), subject }, 'NATS reports an error');
        said = error;
      }
    }
  };

  const keep = async (): Promise<void> => {
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      try {
        const options = { ...settings, name: 'deskledger', ...(await readAccess(access)) };
        const connection = await connect(options);
        failures = 0;
        if (closing.signal.aborted) await connection.close();
        else await serve(connection);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        // The same reason once: an absent server is no news every few seconds.
        if (state !== reason)
          log.error({ err: error }, 'NATS cannot be used, trying again; check NATS_URL and its credentials');
        state = reason;
      }
      await sleep(backoffMs(failures, backoff), closing.signal);
    }
  };
  const kept = keep();

  const end = async (connection: NatsConnection): Promise<void> => {
    const late = () => new Error(`NATS connection not ended within ${drainMs} ms`);
    const wait = (work: Promise<void>) => withTimeout(work, drainMs, late);
    try {
      if (flowing) await wait(connection.drain());
      // While it is reconnecting the client may never come back from it.
      else await wait(connection.close());
    } catch (error) {
      log.warn({ err: error }, 'NATS connection given up without draining');
      if (flowing) await wait(connection.close()).catch(() => log.warn('NATS connection does not close'));
    }
  };

  return {
    ready: (signal) => {
      const aborted = Promise.withResolvers<never>();
      const end = () => aborted.reject(new Error('stopped before NATS was there'));
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      return Promise.race([connected.promise, aborted.promise]).finally(() => signal.removeEventListener('abort', end));
    },
    soon: () =>
      withTimeout(connected.promise, connectTimeoutMs, () => {
        const cause = new BusUnreachableError(`NATS cannot be used: ${state}`);
        return new AppError('STORE_UNAVAILABLE', { detail: 'The message bus cannot be reached just now.', cause });
      }),
    connected: () => flowing,
    status: () => state,
    close: async () => {
      closing.abort();
      if (current && !current.isClosed()) await end(current);
      ended.resolve();
      await kept;
    },
  };
}

const settings: ConnectionOptions = {
  // Once connected, for ever: the client's default gives up after ten tries.
  maxReconnectAttempts: -1,
  // A first connection is tried by `keep`, which says why it fails.
  waitOnFirstConnect: false,
  reconnectTimeWait: 250,
  reconnectJitter: 250,
  timeout: connectTimeoutMs,
  pingInterval: pingMs,
  maxPingOut: 2,
  // A stack trace per request costs more than the request; our own errors say where they come from.
  noAsyncTraces: true,
};
