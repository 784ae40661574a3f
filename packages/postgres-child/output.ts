import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';

/** What a server says on stderr. */
export type Output = {
  /** Its last complaint, or its last line; undefined when it said nothing. */
  lastWords(): string | undefined;
  /** Resolves when it has said all. */
  readonly ended: Promise<unknown>;
  /** Quiet: everything is for debugging only. */
  quiet(value: boolean): void;
};

const keptLines = 20;
const troubles = /^(WARNING|ERROR|FATAL|PANIC):/;
const fatal = /^(FATAL|PANIC):/;

/**
 * Hands the server's messages to the desk's log. It begins quiet: while a server starts and stops it refuses sessions
 * with FATAL as a matter of course.
 */
export function followOutput(child: ChildProcess, log: Logger): Output {
  const lines: string[] = [];
  let quiet = true;
  if (!child.stderr) throw new Error('the server was started without a pipe for its messages');
  const reader = createInterface({ input: child.stderr });
  reader.on('line', (line) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    log[!quiet && troubles.test(line) ? 'warn' : 'debug']({ postgres: line }, 'postgres');
  });
  return {
    lastWords: () => lines.findLast((line) => fatal.test(line)) ?? lines.at(-1),
    ended: once(reader, 'close'),
    quiet(value) {
      quiet = value;
    },
  };
}
