import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess, type TestProcess } from './process.ts';

const main = 'services/desk/main.ts';

/** A data directory for desks of one test, and the desks and commands that run on it, all with these variables. */
export async function deskHome(variables: Record<string, string> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'deskledger-e2e-'));
  const running = new Set<TestProcess>();
  const env = (more: Record<string, string> = {}) => ({
    DATA_DIR: dataDir,
    HTTP_PORT: '0',
    SMTP_PORT: '0',
    ...variables,
    ...more,
  });

  const start = (command: 'start' | 'demo', more?: Record<string, string>): TestProcess => {
    const desk = startProcess([main, command], env(more));
    running.add(desk);
    void desk.ended.then(() => running.delete(desk));
    return desk;
  };

  return {
    dataDir,
    start,
    /** Starts a desk and waits until it is ready. */
    async up(command: 'start' | 'demo' = 'start', more?: Record<string, string>) {
      const desk = start(command, more);
      const [, url] = await desk.printed(/Front page\s+(http\S+?)\/\n/);
      const [, smtp] = await desk.printed(/smtp:\/\/(\S+)/);
      return { desk, url: String(url), smtp: String(smtp) };
    },
    /** Runs a short command to its end. */
    async run(args: readonly string[], more?: Record<string, string>) {
      const command = startProcess([main, ...args], env(more));
      const code = await command.ended;
      return { code, stdout: command.stdout(), stderr: command.stderr() };
    },
    async remove(): Promise<void> {
      for (const desk of running) desk.signal('SIGKILL');
      await Promise.all([...running].map(({ ended }) => ended));
      await serversGone(dataDir);
      await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** Processes whose command line names the directory: the desk's database server among them. Linux only. */
export async function processesOn(dataDir: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(dataDir)) found.push(`${pid} ${line.replaceAll('\0', ' ')}`);
  }
  return found;
}

async function serversGone(dataDir: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await processesOn(dataDir)).length > 0 && Date.now() < deadline)
    await new Promise((done) => setTimeout(done, 100));
}
