import { type DestinationStream, type Logger, pino } from 'pino';

/** The log that parts of the desk are handed; services know it by this name only. */
export type { Logger };

export type LogOptions = {
  readonly name: string;
  readonly level: string;
  /** Where lines go; stderr by default, so that stdout stays free for what a command answers. */
  readonly destination?: DestinationStream;
};

/** Structured log of one process. Secrets that objects carry by habit are cut before they are written. */
export function createLogger({
  name,
  level,
  destination = pino.destination({ dest: 2, sync: false }),
}: LogOptions): Logger {
  return pino(
    {
      name,
      level,
      base: { pid: process.pid },
      redact: {
        paths: [
          '*.password',
          '*.authorization',
          '*.cookie',
          '*.token',
          'req.headers.authorization',
          'req.headers.cookie',
        ],
        censor: '[redacted]',
      },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    destination,
  );
}
