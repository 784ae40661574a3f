import type { Logger } from 'pino';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { Type } from 'typebox';
import type { HttpServer } from './instance.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** A registry of one process, with the figures of Node itself. */
export function createMetrics({ log }: { log: Logger }) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer, by route pattern',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });

  return {
    registry,
    observeRequest(method: string, route: string, status: number, seconds: number): void {
      requests.observe({ method, route, status: String(status) }, seconds);
    },
    /**
     * Adds a gauge that is read on each scrape: one number, or one per value of the label. When reading fails, the gauge
     * has no value (NaN) in that scrape and the others are served all the same. One of the same name is replaced.
     */
    gauge(options: {
      name: string;
      help: string;
      label?: string;
      read: () => Promise<number | ReadonlyMap<string, number>>;
    }): void {
      const { label, read } = options;
      registry.removeSingleMetric(options.name);
      new Gauge({
        name: options.name,
        help: options.help,
        labelNames: label === undefined ? [] : [label],
        registers: [registry],
        async collect() {
          this.reset();
          try {
            const value = await read();
            if (typeof value === 'number') this.set(value);
            else for (const [name, number] of value) this.set({ [label ?? 'name']: name }, number);
          } catch (error) {
            // Not 0, which would tell of a lag that all is well.
            if (label === undefined) this.set(Number.NaN);
            log.warn({ err: error, gauge: options.name }, 'gauge could not be read');
          }
        },
      });
    },
  };
}

/** Counts every answer and serves GET /metrics in the Prometheus text format. It holds no personal data. */
export function registerMetrics(app: HttpServer, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
  });

  app.get(
    '/metrics',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Metrics of this process',
        description: 'Prometheus text format.',
        tags: ['operation'],
        response: { 200: { description: 'Figures', content: { 'text/plain': { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => {
      const text = await metrics.registry.metrics();
      return reply.type(metrics.registry.contentType).send(text);
    },
  );
}
