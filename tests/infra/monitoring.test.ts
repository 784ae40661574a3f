import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientConfig } from '#packages/postgres/pool.ts';
import { runningConnection } from '#packages/postgres-child/connection.ts';
import { deskHome } from '#tests/support/desk-process.ts';
import { check, pathOf, serviceNames, textOf, toolMissing, type Yaml, yamlOf } from '#tests/support/infra.ts';

const rules: Yaml[] = yamlOf('infra/prometheus/alerts.yaml').groups.flatMap((group: Yaml) => group.rules);
const dashboards: [string, Yaml][] = ['services', 'desk'].map((name) => [
  name,
  JSON.parse(textOf(`infra/grafana/dashboards/${name}.json`)),
]);
const targets = dashboards.flatMap(([, { panels }]) => panels.flatMap((panel: Yaml) => panel.targets));

describe('infra/prometheus', () => {
  const missing = toolMissing('promtool');
  it.skipIf(missing !== null)('is a configuration that Prometheus takes', () => {
    expect(check('promtool', ['check', 'config', pathOf('infra/prometheus/prometheus.yaml')])).toMatch(/SUCCESS/);
  });

  it.skipIf(missing !== null)('has alerts that fire when they should and not before', () => {
    expect(check('promtool', ['test', 'rules', pathOf('infra/prometheus/alerts.test.yaml')])).toMatch(/SUCCESS/);
  });

  it('asks every service of compose.yaml, at the port where it answers', () => {
    const job = yamlOf('infra/prometheus/prometheus.yaml').scrape_configs.find(
      (each: Yaml) => each.job_name === 'deskledger',
    );
    const asked: string[] = job.static_configs[0].targets;
    expect(asked.toSorted()).toEqual(serviceNames.map((name) => `${name}:9090`));
    expect(textOf('infra/Dockerfile')).toMatch(/^ENV .*HEALTH_PORT=9090/m);
  });

  it('sends whoever reads an alert to places that there are', () => {
    for (const { annotations } of rules)
      for (const [, heading] of (annotations.description ?? '').matchAll(/operations\.md, "([^"]+)"/g))
        expect(textOf('docs/operations.md')).toContain(`## ${heading}\n`);
  });
});

describe('infra/grafana', () => {
  it('has dashboards whose panels do not overlap and whose sources there are', () => {
    const sources: string[] = yamlOf('infra/grafana/provisioning/datasources/desk.yaml').datasources.map(
      ({ uid }: Yaml) => uid,
    );
    for (const [name, { panels, schemaVersion, title, uid }] of dashboards) {
      expect({ schemaVersion, title, uid }).toEqual({
        schemaVersion: 39,
        title: expect.any(String),
        uid: `deskledger-${name}`,
      });
      expect(new Set(panels.map(({ id }: Yaml) => id)).size).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { h, w, x, y } }: Yaml) => {
        expect(x + w).toBeLessThanOrEqual(24);
        return Array.from({ length: h * w }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
      });
      expect(new Set(cells).size).toBe(cells.length);
      for (const { datasource, targets: list } of panels)
        for (const { uid: source } of [datasource, ...list.map((target: Yaml) => target.datasource)])
          expect(sources).toContain(source);
    }
  });
});

describe('figures of a running desk', () => {
  let home: Awaited<ReturnType<typeof deskHome>>;
  let metrics: string;
  let client: pg.Client;
  beforeAll(async () => {
    home = await deskHome();
    const { desk, url } = await home.up('demo');
    await desk.printed(/stays up until Ctrl-C/);
    metrics = await (await fetch(`${url}/metrics`)).text();
    const connection = await runningConnection(home.dataDir);
    if (!connection) throw new Error('the desk runs without a database');
    client = new pg.Client(clientConfig({ connection, name: 'tests' }));
    await client.connect();
  }, 120_000);
  afterAll(async () => {
    await client?.end();
    await home?.remove();
  });

  it('have the names that alerts and dashboards ask for', () => {
    const served = new Set([...metrics.matchAll(/^([a-z_0-9]+)(?:\{|\s)/gm)].map(([, name]) => name));
    const labels = new Set([...metrics.matchAll(/[{,]([a-z_]+)="/g)].map(([, name]) => name));
    // What Prometheus itself adds.
    for (const name of ['up']) served.add(name);
    for (const name of ['job', 'service', 'instance']) labels.add(name);
    const expressions: string[] = [...rules.map(({ expr }) => expr), ...targets.flatMap(({ expr }) => expr ?? [])];
    expect(expressions.length).toBeGreaterThan(15);
    for (const expr of expressions) {
      const names = [...expr.matchAll(/\b(?:up|(?:desk|process|nodejs|http)_[a-z0-9_]+)\b/g)].map(([name]) => name);
      expect(names.length, expr).toBeGreaterThan(0);
      expect(
        names.filter((name) => !served.has(name)),
        expr,
      ).toEqual([]);
      const asked = [...expr.matchAll(/([a-z_]+)(?:=~|!~|!=|=)"/g)].map(([, name]) => name);
      expect(
        asked.filter((name) => !labels.has(name)),
        expr,
      ).toEqual([]);
    }
  });

  it.each(targets.filter(({ rawSql }) => rawSql).map(({ rawSql }): [string] => [rawSql]))('answer %s', async (sql) => {
    // Grafana's macro, as it writes it out.
    const text = sql.replaceAll(
      /\$__timeFilter\(((?:[^()]|\([^()]*\))*)\)/g,
      "$1 between now() - interval '30 days' and now()",
    );
    expect(text).not.toContain('$__');
    const { fields, rows } = await client.query(text);
    const names = fields.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    if (/group by|as open /.test(sql)) expect(rows.length, 'the demo leaves something to show').toBeGreaterThan(0);
  });
});

describe('promtool on expressions of dashboards', () => {
  it.skipIf(toolMissing('promtool') !== null)('finds them well formed', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'deskledger-rules-'));
    const file = join(dir, 'rules.yaml');
    const list = targets.flatMap(({ expr }, index) => (expr ? [{ record: `panel:${index}`, expr }] : []));
    await writeFile(file, JSON.stringify({ groups: [{ name: 'panels', rules: list }] }));
    try {
      expect(check('promtool', ['check', 'rules', file])).toMatch(new RegExp(`SUCCESS: ${list.length} rules found`));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
