import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Static } from 'typebox';
import { ConfigError, type ConfigSchema, readConfig } from '#packages/kernel/config.ts';
import { createLifecycle, type Lifecycle } from '#packages/kernel/lifecycle.ts';
import { createLogger } from '#packages/kernel/logging.ts';
import { createStopRequest } from '#packages/kernel/stop-request.ts';
import { withSecretFiles } from './secret-files.ts';
import { surroundingsMessage } from './surroundings.ts';

/** The part of Node's `process` that a service needs; handed in by its main.ts, the one place that may touch it. */
export type ServiceProcess = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: Writable;
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', handler: () => void): unknown;
  exit(code: number): never;
};

/** A part that cannot stop within this time is left behind. The slowest takes 9 s: intake 3 s, handlers in hand twice 3 s. */
const stopTimeoutMs = 10_000;
/** Configuration or surroundings are at fault; the same code as of the command line. */
const environmentFault = 3;

/**
 * Runs one service as a process: reads its configuration, starts it, waits for SIGINT, SIGTERM or SIGHUP, stops what it
 * registered with the lifecycle in reverse order, and exits: 0 after a clean stop, 3 when configuration or surroundings
 * are at fault (said in one line on stderr), 1 for anything else.
 */
export async function runService<S extends ConfigSchema>(
  host: ServiceProcess,
  service: {
    name: string;
    config: S;
    start: (config: Readonly<Static<S>>, context: { log: Logger; lifecycle: Lifecycle }) => Promise<void>;
  },
): Promise<never> {
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
    const log = createLogger({ name: service.name, level: logLevelOf(config), destination: host.stderr });
    const lifecycle = createLifecycle({ log, stopTimeoutMs });
    try {
      await service.start(config, { log, lifecycle });
    } catch (error) {
      await lifecycle.stop();
      throw error;
    }
    log.info('started');
    await asked;
    return host.exit((await lifecycle.stop()) ? 0 : 1);
  } catch (error) {
    return fail(error);
  }
}

const logLevelOf = (config: object): string => ('LOG_LEVEL' in config ? String(config.LOG_LEVEL) : 'info');
