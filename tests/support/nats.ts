import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, NatsError } from 'nats';
import { deadLetterStream, eventStream } from '#contracts/bus.ts';
import { freePort } from './free-port.ts';

/** A server to use instead of one of each test's own: make test-containers. Nothing else may use it meanwhile. */
const externalUrl = process.env['NATS_TEST_URL'];

/** Why suites that need a real nats-server cannot run here; null when they can. With CI=true that is a failure. */
export function natsMissing(): string | null {
  if (externalUrl) return null;
  try {
    execFileSync('nats-server', ['--version']);
    return null;
  } catch (error) {
    if (process.env['CI'] === 'true') throw new Error('CI runs need nats-server (tests/support/install-servers.sh)');
    const reason = `skipped: nats-server does not run here (${error instanceof Error ? error.message : String(error)})`;
    console.warn(reason);
    return reason;
  }
}

/** The server of NATS_TEST_URL, as empty as a new one. It cannot be killed: suites that do so run on their own. */
async function emptyExternal(url: string) {
  const client = () => connect({ servers: url });
  const refuse = async () => {
    throw new Error('the server of NATS_TEST_URL is not this test’s to stop');
  };
  const connection = await client();
  const jsm = await connection.jetstreamManager();
  for (const { name } of [eventStream, deadLetterStream])
    await jsm.streams.delete(name).catch((error: unknown) => {
      if (!(error instanceof NatsError) || error.api_error?.code !== 404) throw error;
    });
  await connection.close();
  return {
    url,
    port: Number(new URL(url).port || 4222),
    kill: refuse,
    start: refuse,
    client,
    stop: async () => undefined,
  };
}

/**
 * A nats-server with JetStream of one test's own: loopback, free port, its files below the temporary directory. With
 * NATS_TEST_URL the server of that, unless the test has arguments for its own.
 */
export async function startNats(args: readonly string[] = []) {
  if (externalUrl && args.length === 0) return emptyExternal(externalUrl);
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-nats-'));
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  let output = '';

  const start = async (): Promise<void> => {
    const started = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', dir, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    started.stderr?.setEncoding('utf8');
    const ready = new Promise<void>((resolve, reject) => {
      started.stderr?.on('data', (text: string) => {
        output += text;
        if (text.includes('Server is ready')) resolve();
      });
      started.once('exit', (code) => reject(new Error(`nats-server ended with ${code}:\n${output.slice(-2_000)}`)));
      started.once('error', reject);
    });
    child = started;
    await ready;
  };
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };

  await start();
  return {
    url,
    port,
    /** As a crash: SIGKILL. */
    kill,
    /** Again on the same port and files. */
    start,
    /** A client of its own, to look or meddle; its caller closes it. */
    client: (options: ConnectionOptions = {}) => connect({ servers: `127.0.0.1:${port}`, ...options }),
    async stop(): Promise<void> {
      await kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type TestNats = Awaited<ReturnType<typeof startNats>>;
