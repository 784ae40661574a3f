import type { CommandSpec } from './cli.ts';
import { deadLetters } from './commands/dead-letters.ts';
import { demo } from './commands/demo.ts';
import { exportLog } from './commands/export.ts';
import { migrate } from './commands/migrate.ts';
import { rebuild } from './commands/rebuild.ts';
import { skip } from './commands/skip.ts';
import { start } from './commands/start.ts';
import { token } from './commands/token.ts';
import { verify } from './commands/verify.ts';

/** Every command of the desk, by the word that calls it. */
export const commands: Readonly<Record<string, CommandSpec>> = {
  start,
  demo,
  migrate,
  token,
  verify,
  rebuild,
  skip,
  'dead-letters': deadLetters,
  export: exportLog,
};
