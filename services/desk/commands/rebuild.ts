import { createProjectorAdmin } from '#packages/projector/admin.ts';
import { projections } from '#projections/all.ts';
import { type CommandSpec, exitCode } from '../cli.ts';
import { projectionNames, withPlatform } from '../offline.ts';
import { chosenProjections, progressLine } from './projection-arguments.ts';

export const rebuild: CommandSpec = {
  usage: 'rebuild [projection …]',
  summary: 'build read models anew from the log, beside the live ones, and switch over',
  about: `Without names: all. Reads go on meanwhile. Projections: ${projectionNames.join(', ')}.`,
  logLevel: 'warn',
  async run(invocation) {
    const names = chosenProjections(invocation.positionals);
    return withPlatform(invocation, async ({ pool, store }, { log }) => {
      const admin = createProjectorAdmin({ projections, pool, store, log });
      for (const name of names) {
        await admin.rebuild(name, progressLine(invocation.stderr), invocation.signal);
        invocation.stdout.write(`${name} rebuilt\n`);
      }
      return exitCode.done;
    });
  },
};
