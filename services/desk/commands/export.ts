import { once } from 'node:events';
import { type CommandSpec, exitCode, UsageError } from '../cli.ts';
import { withPlatform } from '../offline.ts';
import { wholeLog } from '../whole-log.ts';

export const exportLog: CommandSpec = {
  usage: 'export',
  summary: 'write the event log to stdout as JSON Lines, oldest first',
  about: 'One event a line, as it is stored: id, type, data, metadata, stream, version, position.',
  options: { after: { type: 'string', description: 'only events after this log position' } },
  logLevel: 'warn',
  async run(invocation) {
    const { options, signal, stdout } = invocation;
    const after = String(options['after'] ?? '0');
    if (!/^\d{1,18}$/.test(after)) throw new UsageError('--after needs a log position, a whole number');
    return withPlatform(invocation, async ({ logAddress }, { log }) => {
      for await (const events of wholeLog(logAddress, { after: BigInt(after), log, signal })) {
        const lines = events.map((event) => `${JSON.stringify({ ...event, position: String(event.position) })}\n`);
        if (!stdout.write(lines.join(''))) await once(stdout, 'drain', { signal }).catch(ignoreAbort);
      }
      return signal.aborted ? exitCode.failed : exitCode.done;
    });
  },
};

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}
