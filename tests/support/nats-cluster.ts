import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { pathOf } from './infra.ts';
import { makeSecrets } from './infra-secrets.ts';

const nodes = [0, 1, 2] as const;
export type NatsNode = (typeof nodes)[number];

/**
 * Three servers with infra/nats/cluster.conf and accounts.conf, passwords of secrets.sh and certificates of certificates.sh.
 * Other than there all are at `localhost`, on ports of their own. Its caller stops it.
 */
export async function startNatsCluster() {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-nats-cluster-'));
  const secrets = join(dir, 'run/secrets');
  await mkdir(secrets, { recursive: true });
  makeSecrets(secrets);
  execFileSync(pathOf('infra/certificates.sh'), [join(dir, 'certs'), 'tls', 'localhost']);
  const ports: { client: number; cluster: number; monitor: number }[] = [];
  for (const _ of nodes) ports.push({ client: await freePort(), cluster: await freePort(), monitor: await freePort() });

  const confOf = (node: NatsNode) => join(dir, 'etc', `nats-${node}`, 'cluster.conf');
  const layOut = async (node: NatsNode): Promise<void> => {
    await cp(pathOf('infra/nats'), join(dir, 'etc', `nats-${node}`), { recursive: true });
    const text = (await readFile(confOf(node), 'utf8'))
      .replace('listen: 0.0.0.0:4222', `listen: 127.0.0.1:${ports[node]?.client}`)
      .replace('listen: 0.0.0.0:6222', `listen: 127.0.0.1:${ports[node]?.cluster}`)
      .replace('http: 0.0.0.0:8222', `http: 127.0.0.1:${ports[node]?.monitor}`)
      .replace('store_dir: /data', `store_dir: ${join(dir, `data-${node}`)}`)
      .replaceAll('/etc/nats-certs/', `${dir}/certs/`)
      .replaceAll(/nats-(\d)\.nats-headless\.[\w.]+:6222/g, (_, other) => `localhost:${ports[Number(other)]?.cluster}`);
    await writeFile(confOf(node), text);
  };
  await Promise.all(nodes.map(layOut));

  const running = new Map<NatsNode, ChildProcess>();
  let output = '';
  const start = (node: NatsNode): void => {
    const env = { ...process.env, POD_NAME: `nats-${node}` };
    const child = spawn('nats-server', ['-c', confOf(node)], { stdio: ['ignore', 'ignore', 'pipe'], env });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    running.set(node, child);
  };
  const kill = async (node: NatsNode): Promise<void> => {
    const child = running.get(node);
    running.delete(node);
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  for (const node of nodes) start(node);

  const accessOf = async (user: 'relay' | 'services' | 'operator') => {
    const given = new URL((await readFile(join(secrets, `nats-url-${user}`), 'utf8')).trim());
    const hosts = ports.map(({ client }) => `tls://${user}:${given.password}@localhost:${client}`);
    return { url: hosts.join(','), tlsCaFile: join(dir, 'certs/ca.crt') };
  };

  return {
    accessOf,
    start,
    kill,
    said: () => output,
    async stop(): Promise<void> {
      await Promise.all(nodes.map(kill));
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
