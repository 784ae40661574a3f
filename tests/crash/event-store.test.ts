import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { createPool, type PostgresConnection } from '#packages/postgres/pool.ts';
import { startPostgresChild } from '#packages/postgres-child/child.ts';
import { temporaryDirectory } from '#tests/support/postgres-desk.ts';

const log = pino({ level: 'silent' });
const script = fileURLToPath(new URL('../support/log-writer.ts', import.meta.url));

type Writer = { readonly process: ChildProcess; readonly closed: Promise<unknown> };

/** Starts `log-writer.ts`; every line that it prints goes to `acknowledge`. */
function startWriter(connection: PostgresConnection, acknowledge: (line: string) => void): Writer {
  const child = spawn(process.execPath, [script, JSON.stringify(connection)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    // A line that the kill cut off acknowledges nothing.
    if (line.split(' ')[2]?.length === 36) acknowledge(line);
  });
  return { process: child, closed: once(lines, 'close') };
}

/** Waits until it is so; throws when it takes a minute. */
async function until(what: string, so: () => boolean): Promise<void> {
  for (let waited = 0; !so(); waited += 10) {
    if (waited > 60_000) throw new Error(`waited a minute: ${what}`);
    await sleep(10);
  }
}

test('what was acknowledged is in the log once and in order after kill -9 of server and writer', async () => {
  const server = await startPostgresChild({ dataDir: await temporaryDirectory(), log });
  onTestFinished(() => server.stop());
  const { connection } = server;
  const pool = createPool({ connection, log, name: 'test' });
  await migrateEventLog(pool);
  await pool.end();

  const acknowledged: string[] = [];
  let kills = 0;
  for (let lives = 0; lives < 2; lives += 1) {
    const writer = startWriter(connection, (line) => acknowledged.push(line));
    const progress = async (events: number) => {
      const goal = acknowledged.length + events;
      await until(
        `${events} more acknowledgements`,
        () => acknowledged.length >= goal || writer.process.exitCode !== null,
      );
      expect(writer.process.exitCode).toBeNull();
    };
    for (const events of [200, 277]) {
      await progress(events);
      process.kill(server.pid() ?? Number.NaN, 'SIGKILL');
      kills += 1;
      await until('restart of the server', () => server.restarts() === kills && server.pid() !== undefined);
    }
    await progress(200);
    writer.process.kill('SIGKILL');
    await writer.closed;
  }

  const store = createPostgresEventStore({ connection, log });
  const events = [];
  for await (const page of store.subscribe(0n, { signal: AbortSignal.timeout(20_000) })) {
    events.push(...page.events);
    if (page.atEnd) break;
  }
  await store.close();

  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => BigInt(index + 1)));
  const stored = events.map(({ stream, version, id }) => `${stream} ${version} ${id}`);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  for (const versions of Map.groupBy(events, ({ stream }) => stream).values())
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1));
  const places = new Map(stored.map((line, index) => [line, index]));
  expect(acknowledged.filter((line) => !places.has(line))).toEqual([]);
  // Of each writer's stream at most the last append can be in the log without having been acknowledged.
  expect(stored.length - acknowledged.length).toBeLessThanOrEqual(2 * 16 * 3);
}, 180_000);
