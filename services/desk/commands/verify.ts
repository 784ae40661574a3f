import type { Logger } from '#packages/kernel/logging.ts';
import { createChainVerifier } from '#packages/ledger/chain.ts';
import { createProjectorAdmin } from '#packages/projector/admin.ts';
import type { Platform } from '#packages/runtime/platform.ts';
import { projections } from '#projections/all.ts';
import { type CommandSpec, exitCode, type Invocation } from '../cli.ts';
import { projectionNames, withPlatform } from '../offline.ts';
import { wholeLog } from '../whole-log.ts';
import { chosenProjections, progressLine } from './projection-arguments.ts';

/** Faults of the hash chain that are written out; the rest is counted. */
const listedFaults = 20;

export const verify: CommandSpec = {
  usage: 'verify [projection …]',
  summary: 'check that nobody changed the log and that the read models are what it says',
  about: `Recomputes the hash chain of every stream, then compares each live read model with a fresh fold of the log.\nWithout names: all. Projections: ${projectionNames.join(', ')}.`,
  logLevel: 'warn',
  async run(invocation) {
    const names = chosenProjections(invocation.positionals);
    return withPlatform(invocation, async (platform, { log }) => {
      const faults = await verifyLog(invocation, platform, log);
      const differences = await verifyReadModels(invocation, platform, log, names);
      if (invocation.signal.aborted) return exitCode.failed;
      return faults + differences === 0 ? exitCode.done : exitCode.different;
    });
  },
};

async function verifyLog({ signal, stdout }: Invocation, { logAddress }: Platform, log: Logger): Promise<number> {
  const verifier = createChainVerifier();
  let events = 0;
  let faults = 0;
  for await (const page of wholeLog(logAddress, { log, signal })) {
    for (const event of page) {
      events += 1;
      const fault = verifier.check(event);
      if (!fault) continue;
      faults += 1;
      if (faults <= listedFaults)
        stdout.write(`log: event ${fault.version} of ${fault.stream} (${fault.id}): ${fault.reason}\n`);
    }
  }
  stdout.write(`log: ${events} events, ${faults === 0 ? 'every hash chain holds' : `${faults} faults`}\n`);
  return faults;
}

async function verifyReadModels(
  { signal, stderr, stdout }: Invocation,
  { pool, store }: Platform,
  log: Logger,
  names: readonly string[],
): Promise<number> {
  const admin = createProjectorAdmin({ projections, pool, store, log });
  let found = 0;
  for (const name of names) {
    if (signal.aborted) break;
    const { differences, events, position } = await admin.verify(name, progressLine(stderr), signal);
    found += differences.length;
    for (const { row, side, table } of differences)
      stdout.write(`${table}: ${side} row ${JSON.stringify(row, bigintAsText)}\n`);
    const verdict = differences.length === 0 ? 'as the log says' : `${differences.length} differences`;
    stdout.write(`${name}: ${verdict} (${events} events up to position ${position})\n`);
  }
  return found;
}

const bigintAsText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
