import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * The nodes of the server at `EVENTSTORE_TEST_URL`, for tests that kill them: `EVENTSTORE_TEST_NODES` is a JSON array
 * with one command per node, each an array of its words. A command runs its node in the foreground and keeps its data
 * where the next start finds them. Null without that variable.
 */
export function eventStoreDbNodes() {
  const given = process.env['EVENTSTORE_TEST_NODES'];
  if (!given) return null;
  const commands = JSON.parse(given) as string[][];
  // The server takes every variable that begins with its name for one of its options, and refuses those it does not know.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('EVENTSTORE_TEST_')));
  const running: (ChildProcess | undefined)[] = commands.map(() => undefined);

  const start = (index: number): void => {
    const [program = '', ...args] = commands[index] ?? [];
    // A group of its own: a command may be a script that starts the server as its child.
    running[index] = spawn(program, args, { stdio: 'ignore', detached: true, env });
  };
  const kill = async (index: number): Promise<void> => {
    const child = running[index];
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  return {
    count: commands.length,
    start,
    kill,
    startAll: () => {
      for (const index of commands.keys()) start(index);
    },
    killAll: async () => void (await Promise.all(commands.map((_, index) => kill(index)))),
  };
}
