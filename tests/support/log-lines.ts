import { Writable } from 'node:stream';
import { pino } from 'pino';

export type LogLine = { readonly level: number; readonly msg: string; readonly err?: { readonly message: string } };

/** A logger that keeps what is logged, for tests of what an operator is told. */
export function keepLog(level = 'info') {
  const lines: LogLine[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as LogLine);
      done();
    },
  });
  return { log: pino({ level }, destination), lines };
}
