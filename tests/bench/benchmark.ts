import type { Logger } from 'pino';
import type { SocketConnection } from '#packages/postgres-child/connection.ts';

/** What a benchmark may use: a real embedded PostgreSQL that syncs every commit to disk. */
export type BenchEnvironment = { readonly connection: SocketConnection; readonly log: Logger };

/** Ours and the baseline do the same work in turns; each run gives one figure in `unit`, more is better. */
export type Contest = {
  ours(): Promise<number>;
  baseline(): Promise<number>;
  close(): Promise<void>;
};

export type Benchmark = {
  readonly name: string;
  readonly unit: string;
  /** What exactly is compared, for the reader of the table. */
  readonly context: string;
  /** Fewer than usual where a round takes long. */
  readonly rounds?: number;
  prepare(environment: BenchEnvironment): Promise<Contest>;
};

/** Runs `work` in `clients` endless loops for a while; gives completions per second. */
export async function ratePerSecond(
  clients: number,
  ms: number,
  work: (client: number) => Promise<void>,
): Promise<number> {
  const start = performance.now();
  const end = start + ms;
  let completed = 0;
  const loop = async (client: number) => {
    while (performance.now() < end) {
      await work(client);
      completed += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => loop(client)));
  return (completed * 1_000) / (performance.now() - start);
}
