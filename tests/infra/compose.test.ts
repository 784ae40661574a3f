import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  check,
  environmentFaults,
  pathOf,
  serviceNames,
  textOf,
  toolMissing,
  usesBus,
  type Yaml,
  yamlOf,
} from '#tests/support/infra.ts';

const path = 'infra/compose.yaml';
const compose = yamlOf(path);
const services: [string, Yaml][] = Object.entries(compose.services);
const own = services.filter(([name]) => serviceNames.includes(name));
const once = ['migrate', 'grants'];

/** `{ name: …}` or `name`, of volumes, secrets and the like. */
const sourcesOf = (list: Yaml[] = []): string[] =>
  list.map((entry) => (typeof entry === 'string' ? entry.split(':')[0]! : entry.source));

describe(path, () => {
  const missing = toolMissing('docker-compose', ['version']);
  it.skipIf(missing !== null)('is one that docker-compose takes', () => {
    expect(check('docker-compose', ['--file', pathOf(path), 'config', '--quiet'])).toBe('');
  });

  it('has every service of the desk', () => {
    expect(own.map(([name]) => name).sort()).toEqual(serviceNames);
    for (const [name, { command }] of own) expect(command).toEqual([`services/${name}/main.ts`]);
  });

  it('gives each service the variables that it reads and needs, and no other', () => {
    const faults = own.flatMap(([name, { environment }]) => environmentFaults(name, Object.keys(environment)));
    expect(faults).toEqual([]);
  });

  it('gives NATS to those that have to do with the bus, and to no other', () => {
    const given = own.filter(([, { environment }]) => environment.NATS_URL_FILE).map(([name]) => name);
    expect(given.toSorted()).toEqual(serviceNames.filter(usesBus));
    expect(given.length).toBeGreaterThan(5);
  });

  it.each(services)('%s: a pinned image, limits, a bounded log and a check of its health', (name, service) => {
    expect(service.image).toMatch(/^[a-z0-9/]+:v?\d+\.\d+[\w.-]*$/);
    expect(service.deploy.resources.limits).toEqual({ cpus: expect.any(String), memory: expect.any(String) });
    expect(service.logging.options).toEqual({ 'max-size': expect.any(String), 'max-file': expect.any(String) });
    // Those of the desk have theirs in the image; what runs once is judged by its exit code.
    if (once.includes(name)) expect(service.healthcheck).toEqual({ disable: true });
    else if (!serviceNames.includes(name)) expect(service.healthcheck.test[0]).toBe('CMD');
    expect(service.restart).toBe(once.includes(name) ? 'no' : 'unless-stopped');
  });

  it.each([...own, ['migrate', compose.services.migrate] as [string, Yaml]])(
    '%s: may nothing that it need not, writes to its volumes alone',
    (_name, service) => {
      expect(service.read_only).toBe(true);
      expect(service.cap_drop).toEqual(['ALL']);
      expect(service.security_opt).toEqual(['no-new-privileges:true']);
      expect(service.privileged).toBeUndefined();
      const writes = [...service.tmpfs, ...(service.volumes ?? []).map((volume: string) => volume.split(':')[1])];
      expect(writes.toSorted()).toEqual(['/data', '/tmp']);
    },
  );

  it('names only volumes, networks and secrets that there are, and all of them are used', () => {
    const named = (of: (service: Yaml) => string[]) => [...new Set(services.flatMap(([, it]) => of(it)))].sort();
    const volumes = named(({ volumes }) => sourcesOf(volumes).filter((name) => !name.startsWith('.')));
    expect(volumes).toEqual(Object.keys(compose.volumes).sort());
    expect(named(({ networks }) => networks)).toEqual(Object.keys(compose.networks).sort());
    expect(named(({ secrets }) => sourcesOf(secrets))).toEqual(Object.keys(compose.secrets).sort());
    for (const [, { volumes = [] }] of services)
      for (const file of sourcesOf(volumes).filter((name) => name.startsWith('.')))
        expect(existsSync(pathOf(`infra/${file}`)), file).toBe(true);
  });

  it('waits for what there is: once for what runs once, healthy for what stays', () => {
    for (const [, { depends_on = {} }] of services)
      for (const [name, { condition }] of Object.entries<Yaml>(depends_on)) {
        expect(Object.keys(compose.services)).toContain(name);
        expect(condition).toBe(once.includes(name) ? 'service_completed_successfully' : 'service_healthy');
      }
  });

  it('keeps secrets in files: none is in the environment, and each that is used is mounted', () => {
    for (const [, { environment = {}, secrets }] of services)
      for (const [name, value] of Object.entries(environment)) {
        expect(String(value)).not.toMatch(/:\/\/[^/\s]*:[^/\s]*@/);
        if (/(SECRET|PASSWORD|DATABASE_URL)/.test(name)) expect(name).toMatch(/_FILE$/);
        const mounted = /^\/run\/secrets\/(.*)$/.exec(String(value))?.[1];
        if (name.endsWith('_FILE')) expect(sourcesOf(secrets)).toContain(mounted);
      }
    // Each service its own role.
    const urls = own.map(([name, { environment }]) => [name, environment.DATABASE_URL_FILE]);
    expect(urls).toEqual(own.map(([name]) => [name, `/run/secrets/database-url-${name}`]));
  });

  it('has the secrets that secrets.sh makes', () => {
    const script = textOf('infra/secrets.sh');
    const roles = /for role in ([a-z -]+);/.exec(script)?.[1]?.split(' ') ?? [];
    const users = /^users='([a-z -]+)'$/m.exec(script)?.[1]?.split(' ') ?? [];
    const plain = [...script.matchAll(/\| keep ([a-z.-]+)(?: >|$)/gm)].map(([, name]) => name);
    const made = [...plain, ...roles.map((role) => `database-url-${role}`), ...users.map((user) => `nats-url-${user}`)];
    // Of people, not of services: for the operator to use, and to hand on to somebody else.
    const handed: (string | undefined)[] = ['nats-url-operator', 'nats-url-integrator'];
    expect(Object.keys(compose.secrets).sort()).toEqual(made.filter((name) => !handed.includes(name)).sort());
    for (const name of handed) expect(made).toContain(name);
  });

  it('opens ports of APIs, pages and mail alone, and to this host unless told otherwise', () => {
    const open = services.flatMap(([name, { ports = [] }]) => ports.map((port: string) => `${name} ${port}`));
    for (const port of open) expect(port).toMatch(/ \$\{BIND:-127\.0\.0\.1\}:\d+:\d+$/);
    expect(open.map((port) => port.split(' ')[0]).sort()).toEqual([
      'command-api',
      'email-ingest',
      'grafana',
      'mailpit',
      'prometheus',
      'query-api',
    ]);
    for (const store of ['postgres', 'eventstore', 'nats'])
      expect(compose.services[store].networks, store).toEqual(['stores']);
    expect(compose.networks.stores).toEqual({ internal: true });
  });
});
