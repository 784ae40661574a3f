/**
 * A process that consumes and is killed by what it handles: `node crashing-consumer.ts <log|nats>`, with DATABASE_URL and
 * NATS_URL. It says `ready` and `handled <name>`; a group of the name `poison` ends it as a fault of the machine would.
 */
import { pino } from 'pino';
import { createPostgresEventStore } from '#packages/event-store/postgres/store.ts';
import { createLogBus } from '#packages/message-bus/log-follower.ts';
import { openNats } from '#packages/message-bus/nats/open.ts';
import { createPool } from '#packages/postgres/pool.ts';

const connection = { connectionString: process.env['DATABASE_URL'] ?? '' };
const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }));
const pool = createPool({ connection, log, name: 'crashing', max: 4 });
const store = createPostgresEventStore({ connection, log });
const options = { connection, pool, store, log };
const bus =
  process.argv[2] === 'nats'
    ? openNats({ ...options, access: { url: process.env['NATS_URL'] ?? '' } }).bus
    : createLogBus(options);

await bus.consume({ name: 'clerk', types: ['GroupRegistered'] }, async ({ data }) => {
  if (!('name' in data)) return;
  if (data.name === 'poison') process.kill(process.pid, 'SIGKILL');
  process.stdout.write(`handled ${String(data.name)}\n`);
});
process.stdout.write('ready\n');
