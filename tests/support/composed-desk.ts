import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { pathOf, serviceNames, textOf, type Yaml, yamlOf } from './infra.ts';
import { grantRoles, leadSecrets, makeRoles, makeSecrets } from './infra-secrets.ts';
import { startNats } from './nats.ts';
import { preparePostgresServer } from './postgres-server.ts';
import { startProcess } from './process.ts';
import { type ServiceName, type ServiceProcess, startService, untilReady } from './service-process.ts';

type Variables = Readonly<Record<string, string>>;

const compose: Readonly<Record<string, Yaml>> = yamlOf('infra/compose.yaml').services;

/** `${NAME:-otherwise}` as docker compose fills it in. */
const filledIn = (text: string, settings: Variables): string =>
  text.replaceAll(/\$\{(\w+):-([^}]*)\}/g, (_, name, otherwise) => settings[name] ?? otherwise);

/** What the image sets for every service. */
const imageVariables: readonly (readonly [string, string])[] = (
  /^ENV (.*)$/m.exec(textOf('infra/Dockerfile'))?.[1] ?? ''
)
  .split(' ')
  .map((pair) => pair.split('='))
  .map(([name = '', value = '']) => [name, value]);

/** A server with nats.conf and accounts.conf, and the passwords that are in `run/secrets` of the folder. */
async function startComposedNats(dir: string) {
  await cp(pathOf('infra/nats'), join(dir, 'etc/nats'), { recursive: true });
  const path = join(dir, 'etc/nats/nats.conf');
  const text = (await readFile(path, 'utf8')).replace('http: 0.0.0.0:8222', `http: 127.0.0.1:${await freePort()}`);
  // The test server has a place of its own for its files.
  await writeFile(path, text.replace(/^ *store_dir: .*\n/m, ''));
  return startNats(['-c', path]);
}

async function startComposedPostgres(secrets: string) {
  const server = await preparePostgresServer();
  await server.start();
  await server.query('create database desk');
  const { port, username } = new URL(server.url());
  await leadSecrets(secrets, 'postgres:5432/desk', `127.0.0.1:${port}/desk`);
  makeRoles(secrets, { PGHOST: '127.0.0.1', PGPORT: port, POSTGRES_USER: username, POSTGRES_DB: 'desk' });
  return server;
}

/**
 * The desk of infra/compose.yaml with a process in place of each container: the variables that file and image give it,
 * secrets made by secrets.sh, in files; its own database role and the NATS user of its kind. `settings` is what an operator
 * sets before `docker compose up`. Other than there the log is in PostgreSQL, and addresses and folders are of the test.
 */
export async function startComposedDesk(settings: Variables = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-composed-'));
  const secrets = join(dir, 'run/secrets');
  await mkdir(secrets, { recursive: true });
  makeSecrets(secrets);
  const server = await startComposedPostgres(secrets);
  const nats = await startComposedNats(dir);
  await leadSecrets(secrets, 'nats:4222', `127.0.0.1:${nats.port}`);

  const environmentOf = (name: string): Variables => {
    const { environment, volumes = [] } = compose[name];
    // Those that share files have a volume at /data, the others a place of their own that is empty at each start.
    const dataDir = join(dir, volumes.length > 0 ? 'files' : `data-${name}`);
    const own = Object.entries<string>(environment).map(([key, value]) => [
      key,
      filledIn(value, settings).replace('/run/secrets', secrets),
    ]);
    const { EVENTSTORE_URL: _, ...variables } = Object.fromEntries([...imageVariables, ...own]);
    const cache = { NODE_COMPILE_CACHE: join(tmpdir(), 'deskledger-compile-cache') };
    return { ...variables, ...cache, DATA_DIR: dataDir, HTTP_HOST: '127.0.0.1', SMTP_HOST: '127.0.0.1' };
  };
  /** As `docker compose run --rm <service> <command>`. */
  const run = async (name: string, command: readonly string[], more: Variables = {}) => {
    const { HEALTH_PORT: _, ...variables } = environmentOf(name);
    const process = startProcess(command, { ...variables, ...more });
    return { code: await process.ended, stdout: process.stdout(), stderr: process.stderr() };
  };
  const migrated = await run('migrate', compose['migrate'].command);
  if (migrated.code !== 0) throw new Error(migrated.stderr);
  await grantRoles(secrets);

  const live = new Map<string, ServiceProcess>();
  const said: string[] = [];
  const start = async (name: string): Promise<void> => {
    const { HEALTH_PORT: _, ...variables } = environmentOf(name);
    live.set(name, await startService(name as ServiceName, variables));
  };
  const service = (name: string): ServiceProcess => {
    const found = live.get(name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  const stop = async (name: string): Promise<number | string> => {
    const ending = service(name);
    ending.signal('SIGTERM');
    const code = await ending.ended;
    said.push(ending.stderr());
    return code;
  };
  await Promise.all(serviceNames.map(start));
  await Promise.all(serviceNames.map((name) => untilReady(service(name))));

  return {
    names: serviceNames,
    nats,
    files: join(dir, 'files'),
    service,
    run,
    /** Ends a service in order and starts it again; resolves to its exit code when the new one is ready. */
    async restart(name: string): Promise<number | string> {
      const code = await stop(name);
      await start(name);
      await untilReady(service(name));
      return code;
    },
    /** Everything that processes have said, those that have ended included. */
    said: (): string => [...said, ...[...live.values()].map((each) => each.stderr())].join(''),
    metrics: async (name: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${service(name).healthPort}/metrics`)).text(),
    async remove(): Promise<void> {
      for (const each of live.values()) each.signal('SIGKILL');
      await Promise.all([...live.values()].map(({ ended }) => ended));
      await server.remove();
      await nats.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type ComposedDesk = Awaited<ReturnType<typeof startComposedDesk>>;
