/**
 * A writer in a process of its own, so that a test can kill it: appends to the event log at the connection of the first
 * argument (JSON) from 16 loops, each to a stream of its own and in turns of one to three events, until it is killed.
 * Prints `stream version id` for every event that was acknowledged.
 */
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { createPostgresEventStore } from '#packages/event-store/postgres/store.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { retry } from '#packages/kernel/retry.ts';
import { newTicketStream, notes } from './log-events.ts';

const connection = JSON.parse(process.argv[2] ?? '');
const log = pino({ level: 'fatal' }, pino.destination({ dest: 2, sync: true }));
const store = createPostgresEventStore({ connection, log, appendDeadlineMs: 2_000 });

const untilServerIsBack = { attempts: 100, minMs: 50, maxMs: 500, retryable: isTransient };

async function write(): Promise<never> {
  const stream = newTicketStream();
  for (let version = 0; ; ) {
    const events = notes(1 + (version % 3));
    const result = await retry(() => store.append(stream, version, events), untilServerIsBack);
    if (result.version !== version + events.length) throw new Error(`acknowledged version ${result.version}`);
    // Not process.stdout: what is acknowledged must be on its way when this process is killed.
    writeSync(1, events.map(({ id }, index) => `${stream} ${version + index + 1} ${id}\n`).join(''));
    version = result.version;
  }
}

await Promise.all(Array.from({ length: 16 }, write));
