import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that Linux gives to connections and to those who ask for any port (32768 and up): one of those may be
 * taken by whoever connects somewhere before the server of the test listens on it.
 */
const lowest = 10_000;
const perWorker = 2_000;
const workers = 11;

const worker = Number(process.env['VITEST_POOL_ID'] ?? 1) % workers;
let next = Math.floor(Math.random() * perWorker);

/** A port of the loopback that nobody listens on, and that no test gets that runs at the same time. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < perWorker; tries += 1) {
    next = (next + 1) % perWorker;
    const port = lowest + worker * perWorker + next;
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
