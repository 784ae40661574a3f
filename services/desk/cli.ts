import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { DeskConfig } from './config.ts';

/** Exit codes, also in `desk --help`. */
export const exitCode = { done: 0, failed: 1, usage: 2, environment: 3, different: 4 } as const;

/** Wrong words on the command line; the message is one line for the person who typed them. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Invocation = {
  readonly config: DeskConfig;
  /** What the command answers; nothing else is ever written there. */
  readonly stdout: Writable;
  /** Progress and log. */
  readonly stderr: Writable;
  /** Aborts when the operator asks the command to end. */
  readonly signal: AbortSignal;
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
};

export type CommandSpec = {
  readonly usage: string;
  readonly summary: string;
  /** Shown by `desk <command> --help` below the summary. */
  readonly about?: string;
  readonly options?: Readonly<Record<string, { type: 'string' | 'boolean'; description: string }>>;
  /** Log level unless LOG_LEVEL is set. */
  readonly logLevel: 'info' | 'warn';
  /** Resolves to the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>;
};

export type Parsed =
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly command: CommandSpec;
      readonly positionals: readonly string[];
      readonly options: Invocation['options'];
    };

/** Reads the command line against the table of commands. Throws UsageError. */
export function parseCommandLine(args: readonly string[], commands: Readonly<Record<string, CommandSpec>>): Parsed {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help')
    return { kind: 'help', text: overview(commands) };
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`there is no command "${name}"; see desk --help`);
  const types = Object.fromEntries(Object.entries(command.options ?? {}).map(([key, { type }]) => [key, { type }]));
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: { ...types, help: { type: 'boolean', short: 'h' } },
    });
    const { help, ...options } = values as Record<string, string | boolean | undefined>;
    if (help) return { kind: 'help', text: details(command) };
    return { kind: 'command', command, positionals, options };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}; see desk ${name} --help`);
  }
}

function overview(commands: Readonly<Record<string, CommandSpec>>): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length)) + 2;
  const lines = Object.values(commands).map(({ summary, usage }) => `  ${usage.padEnd(width)}${summary}`);
  return `Deskledger, an event-sourced help desk.

npm run --silent desk -- <command> [options]

${lines.join('\n')}

"desk <command> --help" tells more. Configuration comes from the environment: docs/operations.md.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 configuration or surroundings (variable, port, data directory,
database), 4 verify found a difference.
`;
}

function details({ about, options = {}, summary, usage }: CommandSpec): string {
  const rows = Object.entries(options).map(
    ([name, { description, type }]) => `  --${`${name}${type === 'string' ? ' …' : ''}`.padEnd(16)}${description}`,
  );
  return [
    `desk ${usage}`,
    '',
    summary,
    ...(about ? ['', about] : []),
    ...(rows.length > 0 ? ['', ...rows] : []),
    '',
  ].join('\n');
}
