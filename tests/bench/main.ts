/**
 * Compares the desk with a baseline on this machine: `node tests/bench/main.ts [name…]`, where a name selects the
 * benchmarks that start with it. Prints a table on stdout (progress on stderr) and writes tests/bench/results.json.
 * Ours and baseline alternate in the same run, and the ratio is the median of those of the rounds: on a busy machine
 * ratios hold, times do not.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startPostgresChild } from '#packages/postgres-child/child.ts';
import { appendBenchmarks } from './append.ts';
import { eventStoreDbBenchmarks } from './append-eventstoredb.ts';
import type { BenchEnvironment, Benchmark } from './benchmark.ts';
import { readBenchmarks } from './read.ts';
import { rebuildBenchmarks } from './rebuild.ts';
import { relayBenchmarks } from './relay.ts';
import { median, type Result, table, writeResults } from './report.ts';

const benchmarks: readonly Benchmark[] = [
  ...appendBenchmarks,
  ...eventStoreDbBenchmarks,
  ...readBenchmarks,
  ...rebuildBenchmarks,
  ...relayBenchmarks,
];
const defaultRounds = 11;

async function run(benchmark: Benchmark, environment: BenchEnvironment): Promise<Result> {
  const { name, unit, context, rounds = defaultRounds } = benchmark;
  const progress = (text: string) => process.stderr.write(`${name}: ${text}\n`);
  progress('preparing');
  const contest = await benchmark.prepare(environment);
  try {
    // The first run of each warms up: caches, prepared statements, the JIT of JavaScript.
    await contest.ours();
    await contest.baseline();
    const figures = { ours: [] as number[], baseline: [] as number[], ratio: [] as number[] };
    for (let round = 1; round <= rounds; round += 1) {
      // Who goes first changes, so that neither always inherits the other's checkpoint.
      const order = round % 2 ? (['ours', 'baseline'] as const) : (['baseline', 'ours'] as const);
      for (const side of order) figures[side].push(await contest[side]());
      const [ours, baseline] = [figures.ours.at(-1) ?? 0, figures.baseline.at(-1) ?? 0];
      figures.ratio.push(ours / baseline);
      progress(`round ${round} of ${rounds}: ${Math.round(ours)} / ${Math.round(baseline)} ${unit}`);
    }
    const { ours, baseline, ratio } = figures;
    return { name, unit, ours: median(ours), baseline: median(baseline), ratio: median(ratio), context };
  } finally {
    await contest.close();
  }
}

const wanted = process.argv.slice(2);
const chosen = benchmarks.filter(({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)));
if (chosen.length === 0) {
  process.stderr.write(`no such benchmark; there are ${benchmarks.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

const log = pino({ level: 'error' }, pino.destination({ dest: 2, sync: true }));
const dataDir = await mkdtemp(join(tmpdir(), 'deskledger-bench-'));
const stopping = new AbortController();
const server = await startPostgresChild({ dataDir, log });
const cleanUp = async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stopping.abort();
    void cleanUp().finally(() => process.exit(1));
  });
try {
  const results: Result[] = [];
  for (const benchmark of chosen) results.push(await run(benchmark, { connection: server.connection, log }));
  process.stdout.write(`${table(results)}\n`);
  await writeResults(new URL('results.json', import.meta.url), results);
} finally {
  if (!stopping.signal.aborted) await cleanUp();
}
