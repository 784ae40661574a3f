import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  documentsOf,
  environmentFaults,
  filesBelow,
  pathOf,
  serviceNames,
  textOf,
  usesBus,
  variableOf,
  type Yaml,
  yamlOf,
} from '#tests/support/infra.ts';

const folder = 'infra/kubernetes';
const files = filesBelow(folder).filter((path) => path.endsWith('.yaml'));
const kustomizations = [...files, ...filesBelow('infra/nats'), ...filesBelow('infra/postgres')].filter((path) =>
  path.endsWith('/kustomization.yaml'),
);
const manifests = files
  .filter((path) => !path.endsWith('/kustomization.yaml'))
  .flatMap((path) => documentsOf(path).map((document) => ({ path, document })));
const ofKind = (...kinds: string[]): Yaml[] =>
  manifests.map(({ document }) => document).filter(({ kind }) => kinds.includes(kind));
const nameOf = ({ kind, metadata }: Yaml): string => `${kind} ${metadata.name}`;
const named = (list: Yaml[]): [string, Yaml][] => list.map((each) => [nameOf(each), each]);

const workloads = ofKind('Deployment', 'StatefulSet', 'Job');
const podOf = (workload: Yaml): Yaml => workload.spec.template.spec;
const containersOf = (workload: Yaml): Yaml[] => [
  ...(podOf(workload).initContainers ?? []),
  ...podOf(workload).containers,
];
const labelsOf = (workload: Yaml): Yaml => workload.spec.template.metadata.labels;

/** Labels are enough for `matchLabels` and `matchExpressions` with In. */
const selects = ({ matchExpressions = [], matchLabels = {} }: Yaml, labels: Yaml): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(({ key, values }: Yaml) => values.includes(labels[key]));

const modules: Readonly<Record<string, string>> = {
  'apps/v1': 'apps/v1',
  'batch/v1': 'batch/v1',
  'networking.k8s.io/v1': 'networking/v1',
  'policy/v1': 'policy/v1',
  v1: 'core/v1',
};

/** Each manifest as a value of the type that Kubernetes' own OpenAPI gives its kind: unknown fields are errors too. */
function typeFaults(): string[] {
  const lines = manifests.map(({ document }, index) => {
    const { apiVersion, kind } = document;
    const module = modules[apiVersion];
    if (!module) throw new Error(`${nameOf(document)}: apiVersion ${apiVersion} is not one that is checked`);
    return `export const m${index}: import('kubernetes-types/${module}').${kind} = ${JSON.stringify(document)};`;
  });
  const virtual = pathOf('tests/infra/manifests.generated.ts');
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => path === virtual || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === virtual
      ? ts.createSourceFile(path, lines.join('\n'), ts.ScriptTarget.ESNext)
      : getSourceFile(path, ...rest);
  const program = ts.createProgram([virtual], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText, start = 0 }) => {
    const index = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    const { document, path } = manifests[index] ?? {};
    return `${path}, ${document && nameOf(document)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

describe(folder, () => {
  it('holds resources as Kubernetes defines them, without fields it does not know', () => {
    expect(manifests.length).toBeGreaterThan(30);
    expect(typeFaults()).toEqual([]);
  }, 120_000);

  it('has a deployment of every service', () => {
    const deployed = ofKind('Deployment').map(({ metadata, spec }) => [
      metadata.name,
      spec.template.spec.containers[0].args,
    ]);
    expect(deployed.sort()).toEqual(serviceNames.map((name) => [name, [`services/${name}/main.ts`]]));
  });

  it('leads the links that customers get to the service that has those pages', () => {
    const [{ data: settings }] = ofKind('ConfigMap').filter(({ metadata }) => metadata.name === 'desk-config');
    const [{ spec }] = ofKind('Ingress');
    const rule = spec.rules.find(({ host }: Yaml) => host === new URL(settings.PUBLIC_URL).host);
    const found = rule?.http.paths.find(({ path }: Yaml) => '/rate/a-link'.startsWith(path));
    expect(found?.backend.service.name).toBe('command-api');
  });

  it('gives each service the variables that it reads and needs, and no other', () => {
    const [{ data: settings }] = ofKind('ConfigMap').filter(({ metadata }) => metadata.name === 'desk-config');
    const faults = ofKind('Deployment').flatMap((deployment) => {
      const { env, envFrom } = podOf(deployment).containers[0];
      expect(envFrom).toEqual([{ configMapRef: { name: 'desk-config' } }]);
      const own = env.map(({ name }: Yaml) => variableOf(name));
      // Settings are the same for all; a service takes of them what it reads.
      return [
        ...environmentFaults(deployment.metadata.name, own).filter(
          (fault) => !Object.keys(settings).some((name) => fault.endsWith(` no ${name}`)),
        ),
      ];
    });
    expect(faults).toEqual([]);
    const read = serviceNames.flatMap((name) => environmentFaults(name, Object.keys(settings)));
    for (const name of Object.keys(settings))
      expect(read.filter((fault) => fault.endsWith(` reads no ${name}`)).length, name).toBeLessThan(
        serviceNames.length,
      );
  });

  it('holds no secret: whatever carries one is a reference, and README.md names it', () => {
    const readme = textOf(`${folder}/README.md`);
    for (const workload of workloads) {
      const references: [string, string?][] = [];
      for (const { env = [] } of containersOf(workload))
        for (const { name, value, valueFrom } of env) {
          if (/(SECRET|PASSWORD|TOKEN|_URL$)/.test(name)) expect(value, `${nameOf(workload)} ${name}`).toBeUndefined();
          if (valueFrom?.secretKeyRef) references.push([valueFrom.secretKeyRef.name, valueFrom.secretKeyRef.key]);
        }
      for (const { secret } of podOf(workload).volumes ?? []) if (secret) references.push([secret.secretName]);
      for (const [name, key] of references) {
        const row = readme.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${name}\``));
        expect(row, name).toBeDefined();
        if (key) expect(row).toContain(`\`${key}\``);
      }
    }
    expect(ofKind('Secret')).toEqual([]);
  });

  it.each(named(workloads))('%s runs without rights that it need not have', (_name, workload) => {
    const pod = podOf(workload);
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
    for (const container of containersOf(workload)) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources).toEqual({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { cpu: expect.any(String), memory: expect.any(String) },
      });
    }
  });

  it.each(named(ofKind('Deployment', 'StatefulSet')))(
    '%s has probes on ports that it has, a budget, and time to end',
    (_name, workload) => {
      const pod = podOf(workload);
      for (const { livenessProbe, ports, readinessProbe, startupProbe } of pod.containers) {
        const names = ports.map(({ name }: Yaml) => name);
        for (const probe of [livenessProbe, readinessProbe, startupProbe]) expect(names).toContain(probe.httpGet.port);
        if (workload.kind === 'Deployment') {
          expect([livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path)).toEqual(['/healthz', '/readyz']);
          expect(ports).toContainEqual({ name: 'health', containerPort: 9090 });
        }
      }
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(30);
      expect(selects(workload.spec.selector, labelsOf(workload))).toBe(true);
      const budgets = ofKind('PodDisruptionBudget').filter(({ spec }) => selects(spec.selector, labelsOf(workload)));
      expect(budgets).toHaveLength(1);
    },
  );

  it('mounts volumes, configuration and accounts that there are', () => {
    const known = (kind: string) => ofKind(kind).map(({ metadata }) => metadata.name);
    const generated = kustomizations.flatMap((path) =>
      (yamlOf(path).configMapGenerator ?? []).map(({ name }: Yaml) => name),
    );
    for (const workload of workloads) {
      const { serviceAccountName, volumes = [] } = podOf(workload);
      if (serviceAccountName) expect(known('ServiceAccount')).toContain(serviceAccountName);
      const claims = (workload.spec.volumeClaimTemplates ?? []).map(({ metadata }: Yaml) => metadata.name);
      for (const container of containersOf(workload))
        for (const { name } of container.volumeMounts)
          expect([...claims, ...volumes.map((volume: Yaml) => volume.name)], nameOf(workload)).toContain(name);
      for (const { configMap, persistentVolumeClaim } of volumes) {
        if (configMap && !configMap.optional) expect([...known('ConfigMap'), ...generated]).toContain(configMap.name);
        if (persistentVolumeClaim) expect(known('PersistentVolumeClaim')).toContain(persistentVolumeClaim.claimName);
      }
    }
  });

  it('leads to pods and ports that there are: services, network policies, the ingress', () => {
    const selected = (selector: Yaml) => workloads.filter((workload) => selects(selector, labelsOf(workload)));
    const portsOf = (list: Yaml[]) =>
      list.flatMap(containersOf).flatMap(({ ports = [] }) => ports.map(({ name }: Yaml) => name));
    for (const service of ofKind('Service')) {
      const targets = selected({ matchLabels: service.spec.selector });
      expect(targets, nameOf(service)).toHaveLength(1);
      for (const { name, targetPort = name } of service.spec.ports) expect(portsOf(targets)).toContain(targetPort);
    }
    for (const policy of ofKind('NetworkPolicy')) {
      const targets = selected(policy.spec.podSelector);
      expect(targets.length, nameOf(policy)).toBeGreaterThan(0);
      for (const { ports } of policy.spec.ingress ?? [])
        for (const { port } of ports) expect(portsOf(targets), nameOf(policy)).toContain(port);
    }
    // Nobody is reachable who has no policy.
    for (const workload of workloads)
      expect(
        ofKind('NetworkPolicy').some(({ spec }) => selects(spec.podSelector, labelsOf(workload))),
        nameOf(workload),
      ).toBe(true);
    for (const { spec } of ofKind('Ingress'))
      for (const { http } of spec.rules)
        for (const { backend } of http.paths) {
          const service = ofKind('Service').find(({ metadata }) => metadata.name === backend.service.name);
          expect(service?.spec.ports.map(({ name }: Yaml) => name)).toContain(backend.service.port.name);
        }
  });

  it('tells the nodes of a cluster names that their pods have', () => {
    const hosts = [
      ...(textOf(`${folder}/eventstoredb/eventstoredb.yaml`) + textOf('infra/nats/cluster.conf')).matchAll(
        /\b([a-z-]+)-(\d)\.([a-z-]+)\.deskledger\.svc\.cluster\.local/g,
      ),
    ].map(([, set, ordinal, service]) => ({ set, ordinal: Number(ordinal), service }));
    for (const { metadata, spec } of ofKind('StatefulSet')) {
      const own = hosts.filter(({ set }) => set === metadata.name);
      expect(own.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
      expect(spec.replicas).toBe(3);
      expect(new Set(own.map(({ service }) => service))).toEqual(new Set([spec.serviceName]));
      const [headless] = ofKind('Service').filter((service) => service.metadata.name === spec.serviceName);
      expect(headless.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    }
  });
});

describe('kustomizations', () => {
  it.each(kustomizations)('%s names files that there are', (path) => {
    const { configMapGenerator = [], resources = [] } = yamlOf(path);
    const generated = configMapGenerator.flatMap(({ files: list }: Yaml) => list);
    for (const name of [...resources, ...generated]) {
      const target = join(dirname(path), name);
      expect(existsSync(pathOf(target)), target).toBe(true);
      if (!name.endsWith('.yaml') && !generated.includes(name))
        expect(kustomizations).toContain(`${target}/kustomization.yaml`);
    }
  });

  it('leave no manifest out', () => {
    const used = kustomizations.flatMap((path) =>
      (yamlOf(path).resources ?? []).map((name: string) => join(dirname(path), name)),
    );
    expect(new Set(manifests.map(({ path }) => path)).difference(new Set(used))).toEqual(new Set());
  });

  it('give every image a version', () => {
    const tags = new Map<string, string>(
      kustomizations.flatMap((path) =>
        (yamlOf(path).images ?? []).map(({ name, newTag }: Yaml) => [name, newTag] as const),
      ),
    );
    for (const image of workloads.flatMap(containersOf).map((container) => container.image))
      expect(tags.get(image), image).toMatch(/^\d+\.\d+[\w.-]*$/);
  });

  it('change only what there is', () => {
    for (const path of kustomizations) {
      const { patches = [], replicas = [] } = yamlOf(path);
      for (const { name } of replicas)
        expect(ofKind('Deployment').map(({ metadata }) => metadata.name)).toContain(name);
      for (const { patch, target } of patches) {
        const names: string[] = target.name.split('|');
        const resources = ofKind(target.kind).filter(({ metadata }) => names.includes(metadata.name));
        expect(resources.map(({ metadata }) => metadata.name).sort()).toEqual(names.toSorted());
        for (const { op, path: pointer } of parse(patch) as Yaml[]) {
          const steps = pointer.split('/').slice(1, op === 'add' ? -1 : undefined);
          for (const resource of resources)
            expect(
              steps.reduce((value: Yaml, step: string) => value?.[step], resource),
              pointer,
            ).toBeDefined();
        }
      }
    }
  });

  it('give NATS and its certificates to those that have to do with the bus, and to no other', () => {
    const wanted = serviceNames.filter(usesBus);
    const given = ofKind('Deployment').filter((deployment) =>
      podOf(deployment).containers[0].env.some(({ name }: Yaml) => name === 'NATS_URL'),
    );
    expect(given.map(({ metadata }) => metadata.name).sort()).toEqual(wanted);
    const patches: Yaml[] = yamlOf(`${folder}/overlays/large/kustomization.yaml`).patches;
    const trusting = patches.filter(({ patch }) => patch.includes('NATS_TLS_CA'));
    expect(trusting.map(({ target }) => [target.kind, target.name])).toEqual([['Deployment', wanted.join('|')]]);
  });

  it('make the image, PostgreSQL and all stores the versions of compose.yaml', () => {
    const composed = Object.values<Yaml>(yamlOf('infra/compose.yaml').services).map(({ image }) => image);
    for (const path of kustomizations)
      for (const { name, newTag } of yamlOf(path).images ?? []) expect(composed).toContain(`${name}:${newTag}`);
  });
});
