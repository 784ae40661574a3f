import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { variables } from '#packages/runtime/variables.ts';

const root = new URL('../../', import.meta.url);

export const pathOf = (path: string): string => new URL(path, root).pathname;
export const textOf = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Paths of all files below a folder of the repository. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(new URL(`${folder}/`, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.pathname.length).replace('//', '/'))
    .sort();

// biome-ignore lint/suspicious/noExplicitAny: what a file holds is what the test is about
export type Yaml = any;
/** The one document of a YAML file; keys given twice are an error. */
export const yamlOf = (path: string): Yaml => parse(textOf(path), { merge: true, uniqueKeys: true });
export const documentsOf = (path: string): Yaml[] =>
  parseAllDocuments(textOf(path)).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS();
  });

/** Why a program that checks files cannot be had here; null when it runs. With CI=true that is a failure. */
export function toolMissing(name: string, args: readonly string[] = ['--version']): string | null {
  if (spawnSync(name, args).status === 0) return null;
  if (process.env['CI'] === 'true') throw new Error(`CI runs need ${name} (tests/support/install-servers.sh)`);
  const reason = `skipped: ${name} does not run here (tests/support/install-servers.sh installs it on Debian)`;
  console.warn(reason);
  return reason;
}

/** Runs a checker; throws with everything it said when it finds a fault. */
export function check(name: string, args: readonly string[], env: Record<string, string> = {}): string {
  try {
    return execFileSync(name, args, { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, ...env } });
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${name} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

export const serviceNames = readdirSync(new URL('services/', root), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'desk')
  .map(({ name }) => name)
  .sort();

const shared = ['DATABASE_URL', 'EVENTSTORE_URL', 'DATA_DIR', 'LOG_LEVEL', 'HEALTH_PORT', 'HTTP_HOST'];
const everyVariable = Object.keys(variables);

/** Variables that a service reads: those of all services, and those that its main.ts names. */
export function variablesOf(service: string): ReadonlySet<string> {
  const source = textOf(`services/${service}/main.ts`);
  const platform = everyVariable.filter((name) => shared.includes(name) || name.startsWith('NATS_'));
  return new Set([...platform, ...everyVariable.filter((name) => new RegExp(`\\b${name}\\b`).test(source))]);
}

/** Whether a service has to do with the bus: what it is told there, or what is told of it. */
export const usesBus = (service: string): boolean =>
  filesBelow(`services/${service}`).some((path) => /\b(busCheck|addBusMetrics|bus\.consume)\(/.test(textOf(path)));

/** `DATABASE_URL` of `DATABASE_URL_FILE`: every variable can come from a file. */
export const variableOf = (name: string): string =>
  name.endsWith('_FILE') && everyVariable.includes(name.slice(0, -5)) ? name.slice(0, -5) : name;

/** Faults of what one service is given: unknown names, what it never reads, what it needs and does not get. */
export function environmentFaults(service: string, given: readonly string[]): string[] {
  const reads = variablesOf(service);
  const names = new Set(given.map(variableOf));
  const needed = [
    'DATABASE_URL',
    'DESK_SECRET',
    'MAIL_DOMAIN',
    'SMTP_URL',
    ...(service === 'relay' ? ['NATS_URL'] : []),
  ];
  return [
    ...[...names].filter((name) => !reads.has(name)).map((name) => `${service} reads no ${name}`),
    ...needed.filter((name) => reads.has(name) && !names.has(name)).map((name) => `${service} gets no ${name}`),
  ];
}
