import { createProjectorAdmin } from '#packages/projector/admin.ts';
import { projections } from '#projections/all.ts';
import { type CommandSpec, exitCode, UsageError } from '../cli.ts';
import { withPlatform } from '../offline.ts';
import { chosenProjections } from './projection-arguments.ts';

export const skip: CommandSpec = {
  usage: 'skip <projection> <position>',
  summary: 'let a failed projection go on past the event it failed at',
  about:
    'The skip is recorded. The front page names the projection, the position and the error; /readyz the first two.',
  logLevel: 'warn',
  async run(invocation) {
    const [name, position, ...rest] = invocation.positionals;
    if (name === undefined || position === undefined || rest.length > 0 || !/^\d{1,19}$/.test(position))
      throw new UsageError('skip needs a projection and the log position it failed at');
    chosenProjections([name]);
    return withPlatform(invocation, async ({ pool, store }, { log }) => {
      await createProjectorAdmin({ projections, pool, store, log }).skip(name, BigInt(position));
      invocation.stdout.write(`${name} goes on after ${position}\n`);
      return exitCode.done;
    });
  },
};
