import type { EventStore } from '#packages/event-store/port.ts';
import type { Metrics } from '#packages/http/metrics.ts';
import type { Projector } from '#packages/projector/projector.ts';

/** Figures of a process that keeps read models up to date: the end of the log, and how far each of them is from it. */
export function addProjectionGauges(
  metrics: Metrics,
  { projector, store }: { projector: Pick<Projector, 'health'>; store: Pick<EventStore, 'head'> },
): void {
  metrics.gauge({
    name: 'desk_log_position',
    help: 'Position of the newest event in the log',
    read: async () => Number(await store.head()),
  });
  metrics.gauge({
    name: 'desk_projection_lag_events',
    help: 'Events that a live projection has still to take in',
    label: 'projection',
    read: async () =>
      new Map(
        (await projector.health()).filter(({ stage }) => stage === 'live').map(({ lag, name }) => [name, Number(lag)]),
      ),
  });
}
