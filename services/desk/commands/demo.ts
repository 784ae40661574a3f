import type { CommandSpec } from '../cli.ts';
import { playScenario } from '../demo/scenario.ts';
import { runDesk } from './start.ts';

export const demo: CommandSpec = {
  usage: 'demo',
  summary: 'run the desk and play a day of support mail on it',
  about:
    'Real mail over SMTP, real answers over REST, each step told with the address to look at. Stays up until Ctrl-C.',
  logLevel: 'warn',
  run: (invocation) =>
    runDesk(invocation, async (desk) => {
      await playScenario({
        desk,
        stdout: invocation.stdout,
        mailDomain: invocation.config.MAIL_DOMAIN,
        signal: invocation.signal,
      });
    }),
};
