import { type CommandSpec, exitCode, UsageError } from '../cli.ts';
import { withPlatform } from '../offline.ts';

export const migrate: CommandSpec = {
  usage: 'migrate',
  summary: 'bring the tables of the database up to date and do nothing else',
  about:
    'Every start does it too, where its database role may. Services with roles that may not (infra/postgres) need this\nrun before them, with the role that owns the tables.',
  logLevel: 'warn',
  async run(invocation) {
    if (invocation.positionals.length > 0) throw new UsageError('migrate takes no arguments');
    return withPlatform(invocation, async () => {
      invocation.stdout.write('the tables are up to date\n');
      return exitCode.done;
    });
  },
};
