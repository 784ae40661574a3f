import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type TestProcess = {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves to the match once stdout holds it; rejects, with what was printed, when the process ends first. */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Resolves to the exit code, or to the name of the signal that ended the process. */
  ended: Promise<number | string>;
  signal(name: NodeJS.Signals): void;
};

/** Starts a program of this project, e.g. `services/desk/main.ts start`, as a process of its own, without a terminal. */
export function startProcess(args: readonly string[], env: Readonly<Record<string, string>>): TestProcess {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
    });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const all = () => `stdout:\n${texts.stdout}\nstderr:\n${texts.stderr.slice(-4_000)}`;

  return {
    child,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    ended,
    signal: (name) => child.kill(name),
    printed: (pattern, timeoutMs = 60_000) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(texts.stdout);
          if (match) finish(() => resolve(match));
        };
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          child.stdout?.off('data', look);
          settle();
        };
        const timer = setTimeout(() => finish(() => reject(new Error(`no ${pattern} in time\n${all()}`))), timeoutMs);
        child.stdout?.on('data', look);
        void ended.then((code) => {
          look();
          finish(() => reject(new Error(`ended with ${code} before it printed ${pattern}\n${all()}`)));
        });
        look();
      }),
  };
}
