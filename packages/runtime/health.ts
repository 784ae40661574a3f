import type { Logger } from 'pino';
import { type Check, registerHealth } from '#packages/http/health.ts';
import { createMetrics, type Metrics, registerMetrics } from '#packages/http/metrics.ts';
import { createHttpServer } from '#packages/http/server.ts';
import { AppError } from '#packages/kernel/errors.ts';

/** What a process tells the outside about itself: whether it is ready, and its figures. */
export type Health = {
  /** Grows with `add`; the first one tells whether the process has started and goes on. */
  readonly checks: readonly Check[];
  readonly metrics: Metrics;
  /** Things that must work for the service to be ready. */
  add(...checks: readonly Check[]): void;
};

export type ServiceHealth = Health & {
  /** Not ready, for this reason; null when the service is up. */
  phase(reason: string | null): void;
  /** Forgets the checks of a start that did not succeed. */
  reset(): void;
};

export function createHealth({ log }: { log: Logger }): ServiceHealth {
  let phase: string | null = 'has not started yet';
  const own: Check = {
    name: 'service',
    async run() {
      if (phase !== null) throw new AppError('STORE_UNAVAILABLE', { detail: phase });
      return undefined;
    },
  };
  const checks: Check[] = [own];
  return {
    checks,
    metrics: createMetrics({ log }),
    add: (...more) => void checks.push(...more),
    phase: (reason) => {
      phase = reason;
    },
    reset: () => {
      checks.length = 1;
    },
  };
}

/** Idle connections of probes need no longer than this to be closed. */
const closeTimeoutMs = 200;

/** Serves /healthz, /readyz and /metrics on a port of its own, whatever state the service is in. */
export async function openHealthPort(options: { health: Health; host: string; port: number; log: Logger }) {
  const { health, host, log, port } = options;
  const app = await createHttpServer({ log, authenticate: async () => null, closeTimeoutMs, reference: false });
  registerHealth(app, health.checks);
  registerMetrics(app, health.metrics);
  await app.listen({ host, port });
  return { close: () => app.close() };
}
