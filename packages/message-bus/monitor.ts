import type pg from 'pg';
import type { EventStore } from '#packages/event-store/port.ts';
import { translatePostgresError } from '#packages/postgres/errors.ts';

/** How far one consumer is. */
export type ConsumerState = {
  readonly name: string;
  /** What it has still to look at: messages of the broker, or positions of the log. */
  readonly pending: number;
  /** Handed out by the broker and not acknowledged; 0 without a broker. */
  readonly inHand: number;
  /** Of those, delivered more than once. */
  readonly redelivered: number;
};

export type BusReport = {
  readonly consumers: readonly ConsumerState[];
  /** Dead letters by consumer. */
  readonly deadLetters: ReadonlyMap<string, number>;
  /** Positions between the end of the log and the place of the relay; null without a broker. */
  readonly relayLag: number | null;
  /** A line for each stream or consumer of the broker that is not as contracts/bus.ts declares it. */
  readonly drift: readonly string[];
};

/** What an operator is told about the bus. */
export type BusMonitor = {
  /** Whether messages flow, and a line about it; asks nobody. */
  connection(): { readonly connected: boolean; readonly detail: string };
  /** Rejects with READ_MODEL_UNAVAILABLE or STORE_UNAVAILABLE when a part of it cannot be told just now. */
  report(): Promise<BusReport>;
};

/** Name of the relay among the followers of the log. */
export const relayName = 'relay';

type Deps = { readonly pool: pg.Pool; readonly store: Pick<EventStore, 'head'> };

/** Places of all that follow the log, by name, and where it ends. */
export async function readPlaces({ pool, store }: Deps) {
  const head = await store.head();
  try {
    const { rows } = await pool.query<{ name: string; position: bigint }>('select name, position from desk.followers');
    const lag = (position: bigint) => Number(head > position ? head - position : 0n);
    return new Map(rows.map(({ name, position }) => [name, lag(position)]));
  } catch (error) {
    throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
  }
}

/** The monitor of the bus without a broker. */
export function createLogMonitor(deps: Deps): BusMonitor {
  return {
    connection: () => ({ connected: true, detail: 'each service follows the log' }),
    report: async () => {
      const places = await readPlaces(deps);
      places.delete(relayName);
      const { rows } = await deps.pool
        .query<{ consumer: string; count: number }>(
          'select consumer, count(*)::integer as count from desk.dead_letters group by consumer',
        )
        .catch((error: unknown) => {
          throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
        });
      const counts = new Map(rows.map(({ consumer, count }) => [consumer, count]));
      return {
        consumers: [...places].map(([name, pending]) => ({ name, pending, inHand: 0, redelivered: 0 })),
        deadLetters: new Map([...places.keys(), ...counts.keys()].map((name) => [name, counts.get(name) ?? 0])),
        relayLag: null,
        drift: [],
      };
    },
  };
}
