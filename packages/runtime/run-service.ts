import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Static } from 'typebox';
import { ConfigError, type ConfigSchema, readConfig } from '#packages/kernel/config.ts';
import { createLifecycle, type Lifecycle } from '#packages/kernel/lifecycle.ts';
import { createLogger } from '#packages/kernel/logging.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import { createStopRequest } from '#packages/kernel/stop-request.ts';
import { createHealth, type Health, openHealthPort, type ServiceHealth } from './health.ts';
import { withSecretFiles } from './secret-files.ts';
import { isAway, surroundingsMessage } from './surroundings.ts';

/** The part of Node's `process` that a service needs; handed in by its main.ts, the one place that may touch it. */
export type ServiceProcess = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: Writable;
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', handler: () => void): unknown;
  exit(code: number): never;
};

export type ServiceContext = { readonly log: Logger; readonly lifecycle: Lifecycle; readonly health: Health };

type Service<S extends ConfigSchema> = {
  readonly name: string;
  readonly config: S;
  /** Called again, with a new lifecycle, when something it needs was away. */
  readonly start: (config: Readonly<Static<S>>, context: ServiceContext) => Promise<void>;
};

/** From the signal to the exit a service has 10 s; the rest is for the way out. */
const deadlineMs = 9_500;
const backoff = { minMs: 250, maxMs: 5_000 };
/** Configuration or surroundings are at fault; the same code as of the command line. */
const environmentFault = 3;

/**
 * Runs one service as a process: reads its configuration, starts it, waits for SIGINT, SIGTERM or SIGHUP, stops what it
 * registered with the lifecycle in reverse order, and exits within 10 s: 0 after a clean stop, 3 when configuration or
 * surroundings are at fault (said in one line on stderr), 1 for anything else, also when a part did not stop in time
 * (named in the log). A database or event log that is away is waited for; with HEALTH_PORT /readyz says so meanwhile.
 */
export async function runService<S extends ConfigSchema>(host: ServiceProcess, service: Service<S>): Promise<never> {
  const stopping = createStopRequest(() => host.exit(1));
  const asked = once(stopping.signal, 'abort');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) host.on(signal, () => stopping.ask());

  const fail = (error: unknown): never => {
    const message = error instanceof ConfigError ? error.message : surroundingsMessage(error);
    host.stderr.write(`${service.name}: ${message ?? (error instanceof Error ? error.stack : String(error))}\n`);
    return host.exit(message === null ? 1 : environmentFault);
  };

  try {
    const names = Object.keys(service.config.properties);
    const config = readConfig(service.config, withSecretFiles(names, host.env));
    const common = commonOf(config);
    const log = createLogger({ name: service.name, level: common.LOG_LEVEL, destination: host.stderr });
    const health = createHealth({ log });
    const { HEALTH_PORT: port, HTTP_HOST } = common;
    const door = port === undefined ? null : await openHealthPort({ health, host: HTTP_HOST, port, log });
    const lifecycle = await startWhenPossible(service, config, { log, health, signal: stopping.signal });
    if (!stopping.signal.aborted) log.info('started');
    await asked;
    health.phase('is stopping');
    const clean = await lifecycle.stop();
    await door?.close();
    return host.exit(clean ? 0 : 1);
  } catch (error) {
    return fail(error);
  }
}

/** Resolves when the service has started, or to what has been started of it when the signal aborts before. */
async function startWhenPossible<S extends ConfigSchema>(
  service: Service<S>,
  config: Readonly<Static<S>>,
  { health, log, signal }: { health: ServiceHealth; log: Logger; signal: AbortSignal },
): Promise<Lifecycle> {
  const aborted = once(signal, 'abort');
  let told: string | undefined;
  for (let failures = 0; ; failures += 1) {
    const lifecycle = createLifecycle({ log, stopTimeoutMs: deadlineMs, deadlineMs });
    if (signal.aborted) return lifecycle;
    try {
      await Promise.race([service.start(config, { log, lifecycle, health }), aborted]);
      health.phase(null);
      return lifecycle;
    } catch (error) {
      await lifecycle.stop();
      health.reset();
      if (!isAway(error)) throw error;
      health.phase('has not started yet: the database or the event log is away');
      const reason = surroundingsMessage(error) ?? String(error);
      // The same reason once: an absent server is no news every few seconds.
      if (reason !== told) log.warn({ reason }, 'cannot start yet, trying again');
      told = reason;
      await sleep(backoffMs(failures, backoff), signal);
    }
  }
}

/** The variables that every service has. */
const commonOf = (config: object): { LOG_LEVEL: string; HTTP_HOST: string; HEALTH_PORT?: number } => ({
  LOG_LEVEL: 'info',
  HTTP_HOST: '127.0.0.1',
  ...config,
});
