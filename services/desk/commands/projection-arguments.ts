import type { Writable } from 'node:stream';
import { UsageError } from '../cli.ts';
import { projectionNames } from '../offline.ts';

/** The projections named on the command line, all of them when none is. Throws UsageError on a name there is not. */
export function chosenProjections(positionals: readonly string[]): readonly string[] {
  const stranger = positionals.find((name) => !projectionNames.includes(name));
  if (stranger !== undefined)
    throw new UsageError(`there is no projection "${stranger}"; there are ${projectionNames.join(', ')}`);
  return positionals.length > 0 ? positionals : projectionNames;
}

/** Reports how far a long pass over the log is, at most twice a second. */
export function progressLine(stderr: Writable) {
  let next = 0;
  return ({ events, head, name, position }: { name: string; position: bigint; head: bigint; events: number }): void => {
    const now = performance.now();
    if (now < next) return;
    next = now + 500;
    stderr.write(`${name}: position ${position} of ${head}, ${events} events\n`);
  };
}
