import { once } from 'node:events';
import { ConfigError, readConfig } from '#packages/kernel/config.ts';
import { createStopRequest } from '#packages/kernel/stop-request.ts';
import { withSecretFiles } from '#packages/runtime/secret-files.ts';
import { surroundingsMessage } from '#packages/runtime/surroundings.ts';
import { exitCode, parseCommandLine, UsageError } from './cli.ts';
import { commands } from './commands.ts';
import { DeskConfig } from './config.ts';

const stopping = createStopRequest(() => process.exit(exitCode.failed));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.ask());

// A reader that went away (`… | head`) is no reason to crash: what is left to write has nobody to read it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stopping.ask());

async function main(): Promise<number> {
  try {
    const parsed = parseCommandLine(process.argv.slice(2), commands);
    if (parsed.kind === 'help') {
      process.stdout.write(parsed.text);
      return exitCode.done;
    }
    const { command, options, positionals } = parsed;
    const env = withSecretFiles(Object.keys(DeskConfig.properties), withoutEmpty(process.env));
    const config = readConfig(DeskConfig, { LOG_LEVEL: command.logLevel, ...env });
    const { stderr, stdout } = process;
    return await command.run({ config, stdout, stderr, signal: stopping.signal, positionals, options });
  } catch (error) {
    return explain(error);
  }
}

const withoutEmpty = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

function explain(error: unknown): number {
  const say = (message: string) => process.stderr.write(`desk: ${message}\n`);
  if (error instanceof UsageError) {
    say(error.message);
    return exitCode.usage;
  }
  if (error === stopping.signal.reason) {
    say('broken off');
    return exitCode.failed;
  }
  const message = error instanceof ConfigError ? error.message : surroundingsMessage(error);
  if (message !== null) {
    say(message);
    return exitCode.environment;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCode.failed;
}

const code = await main();
// Timers or sockets that something forgot must not keep an ended desk in the process table; output is flushed first.
for (const stream of [process.stdout, process.stderr])
  if (stream.writableLength > 0) await Promise.race([once(stream, 'drain'), once(stream, 'error')]);
process.exit(code);
