import type { Check } from '#packages/http/health.ts';
import type { Metrics } from '#packages/http/metrics.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { BusMonitor, BusReport, ConsumerState } from '#packages/message-bus/monitor.ts';

/** All gauges of one scrape are of one report. */
const sharedMs = 1_000;

/** Adds what an operator watches of the bus: connection, drift, lag of consumers and relay, dead letters. */
export function addBusMetrics(metrics: Pick<Metrics, 'gauge'>, monitor: BusMonitor): void {
  let shared: { readonly at: number; readonly report: Promise<BusReport> } | undefined;
  const report = (): Promise<BusReport> => {
    const now = performance.now();
    if (!shared || now - shared.at > sharedMs) shared = { at: now, report: monitor.report() };
    return shared.report;
  };
  const byConsumer = (figure: (consumer: ConsumerState) => number) => async () =>
    new Map((await report()).consumers.map((consumer) => [consumer.name, figure(consumer)]));

  metrics.gauge({
    name: 'desk_bus_connected',
    help: '1 while messages flow: the broker is connected, or there is none',
    read: async () => Number(monitor.connection().connected),
  });
  metrics.gauge({
    name: 'desk_bus_drift',
    help: 'Streams and consumers of the broker that are not as declared',
    read: async () => (await report()).drift.length,
  });
  metrics.gauge({
    name: 'desk_consumer_pending',
    help: 'Messages, or without a broker positions of the log, that a consumer has still to look at',
    label: 'consumer',
    read: byConsumer(({ pending }) => pending),
  });
  metrics.gauge({
    name: 'desk_consumer_ack_pending',
    help: 'Messages that a consumer was given and has not acknowledged',
    label: 'consumer',
    read: byConsumer(({ inHand }) => inHand),
  });
  metrics.gauge({
    name: 'desk_consumer_redelivered',
    help: 'Of those not acknowledged, messages that were delivered more than once',
    label: 'consumer',
    read: byConsumer(({ redelivered }) => redelivered),
  });
  metrics.gauge({
    name: 'desk_dead_letters',
    help: 'Events that a consumer gave up on and nobody has had replayed',
    label: 'consumer',
    read: async () => (await report()).deadLetters,
  });
  metrics.gauge({
    name: 'desk_relay_lag',
    help: 'Positions of the log that the relay has still to copy; 0 without a broker',
    read: async () => (await report()).relayLag ?? 0,
  });
}

/**
 * The line of the bus in /readyz. With `needed` the process is not ready while it is cut off from the broker, as it has
 * nothing else to do; without, that is only said: requests are taken all the same, and reactions to them wait.
 */
export const busCheck = (monitor: Pick<BusMonitor, 'connection'>, { needed }: { needed: boolean }): Check => ({
  name: 'message bus',
  run: async () => {
    if (monitor.connection().connected) return 'ok';
    if (needed) throw new AppError('STORE_UNAVAILABLE', { detail: 'not connected to the broker' });
    return 'not connected to the broker; reactions to events wait';
  },
});
