import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, NatsError } from 'nats';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deadLetterStream, eventStream } from '#contracts/bus.ts';
import { openNats } from '#packages/message-bus/nats/open.ts';
import { startRelay } from '#services/relay/service.ts';
import { keepLog } from '#tests/support/log-lines.ts';
import { natsMissing, startNats, type TestNats } from '#tests/support/nats.ts';
import { log, openDesk } from '#tests/support/read-models.ts';
import { appendAll, createStory } from '#tests/support/story.ts';

const source = new URL('../../infra/nats/', import.meta.url).pathname;
const passwords = {
  relay: 'relay-password',
  services: 'services-password',
  operator: 'operator-password',
  integrator: 'integrator-password',
};
const missing = natsMissing();

/** The folders of the container, with everything the configuration names, below a temporary directory. */
async function layOut(dir: string): Promise<void> {
  const lines = Object.entries(passwords).map(([user, password]) => `${user.toUpperCase()}_PASSWORD: "${password}"\n`);
  await cp(source, join(dir, 'etc/nats'), { recursive: true });
  for (const folder of ['run/secrets', 'etc/nats-certs']) await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, 'run/secrets/nats-passwords.conf'), lines.join(''));
}

describe.skipIf(missing !== null)('infra/nats', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'deskledger-nats-conf-'));
    await layOut(dir);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const check = (name: string) =>
    execFileSync('nats-server', ['-t', '-c', join(dir, 'etc/nats', name)], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, POD_NAME: 'nats-0' },
    });

  it('nats.conf is one that nats-server takes', () => {
    expect(() => check('nats.conf')).not.toThrow();
  });

  it('cluster.conf is one that nats-server takes, with certificates of certificates.sh', async () => {
    const certificates = new URL('../../infra/certificates.sh', import.meta.url).pathname;
    execFileSync(certificates, [join(dir, 'certs'), 'nats', 'nats.example', '*.nats-headless.example']);
    for (const [from, to] of [
      ['nats.crt', 'tls.crt'],
      ['nats.key', 'tls.key'],
      ['ca.crt', 'ca.crt'],
    ] as const)
      await cp(join(dir, 'certs', from), join(dir, 'etc/nats-certs', to));
    const path = join(dir, 'etc/nats/cluster.conf');
    const text = await readFile(path, 'utf8');
    expect(() => check('cluster.conf')).toThrow(/nats-certs/);
    await writeFile(path, text.replaceAll('/etc/nats-certs/', `${dir}/etc/nats-certs/`));
    expect(() => check('cluster.conf')).not.toThrow();
  });

  describe('its users', () => {
    let nats: TestNats;
    beforeAll(async () => {
      nats = await startNats(['-c', join(dir, 'etc/nats/accounts.conf')]);
    });
    afterAll(() => nats.stop());
    const urlOf = (user: keyof typeof passwords) => `nats://${user}:${passwords[user]}@127.0.0.1:${nats.port}`;
    const client = async (user: keyof typeof passwords, options: { inboxPrefix?: string } = {}) => {
      const servers = `127.0.0.1:${nats.port}`;
      const connection = await connect({ servers, user, pass: passwords[user], ...options });
      onTestFinished(() => connection.close());
      return connection;
    };

    it('relay and services are enough for events to be published, consumed, given up on and replayed', async () => {
      const { connection, pool, store } = await openDesk();
      const open = (user: 'relay' | 'services') => {
        const opened = openNats({ access: { url: urlOf(user) }, connection, pool, store, log });
        onTestFinished(() => opened.close());
        return opened;
      };
      const story = createStory();
      const registered = { type: 'GroupRegistered', data: { name: 'Support' } } as const;
      const groups = [1, 2].map((n) => `group-${`${n}`.padStart(8, '0')}-0000-4000-8000-000000000000`);
      await appendAll(
        store,
        groups.map((stream) => story.add(stream, registered)),
      );
      const relay = await startRelay({ connection, pool, store, publisher: open('relay').publisher, log });
      onTestFinished(() => relay.stop());
      // A consumer that begins on a stream with messages reads the last of them, one that begins on an empty one does not.
      await expect.poll(() => relay.status().position, { timeout: 20_000 }).toBe(await store.head());

      const services = open('services');
      const seen: string[] = [];
      let refuse = true;
      const spec = { name: 'accounts-test', types: ['GroupRegistered'], concurrency: 1, maxAttempts: 1 } as const;
      const consume = async () => {
        const consumption = await services.bus.consume(spec, async (event) => {
          if (refuse && event.stream === groups[0]) throw new TypeError('not today');
          seen.push(event.stream);
        });
        onTestFinished(() => consumption.stop());
        return consumption;
      };
      const first = await consume();
      await expect.poll(() => seen, { timeout: 20_000 }).toEqual([groups[1]]);
      const letters = await services.deadLetters.list({ consumer: spec.name });
      expect(letters.map(({ stream }) => stream)).toEqual([groups[0]]);
      expect(await services.monitor.report()).toEqual({
        consumers: [{ name: spec.name, pending: 0, inHand: 0, redelivered: 0 }],
        deadLetters: new Map([[spec.name, 1]]),
        relayLag: 0,
        drift: [],
      });

      await first.stop();
      refuse = false;
      await services.deadLetters.replay(spec.name, letters[0]!.eventId);
      await consume();
      await expect.poll(() => seen, { timeout: 20_000 }).toEqual([groups[1], groups[0]]);
      await expect.poll(() => services.deadLetters.list(), { timeout: 20_000 }).toEqual([]);
      await expect.poll(services.monitor.report, { timeout: 20_000 }).toMatchObject({
        deadLetters: new Map([[spec.name, 0]]),
      });
    }, 60_000);

    it('who may not do what the desk asks for is told once, and what it was', async () => {
      const { connection, pool, store } = await openDesk();
      const { lines, log: kept } = keepLog('error');
      const opened = openNats({ access: { url: urlOf('relay') }, connection, pool, store, log: kept });
      onTestFinished(() => opened.close());
      const consumption = await opened.bus.consume({ name: 'accounts-test', types: [] }, async () => undefined);
      onTestFinished(() => consumption.stop());
      const subject = `$JS.API.CONSUMER.INFO.${eventStream.name}.accounts-test`;
      const said = (text: RegExp) => lines.filter(({ msg }) => text.test(msg));
      await expect
        .poll(() => said(/accounts-test cannot go on.*Permissions Violation/), { timeout: 20_000 })
        .toHaveLength(1);
      await new Promise((done) => setTimeout(done, 2_000));
      expect(said(/NATS reports an error/)).toEqual([
        expect.objectContaining({ error: 'PERMISSIONS_VIOLATION', subject }),
      ]);
      expect(said(/accounts-test cannot go on/)).toHaveLength(1);
    }, 40_000);

    it('an integrator can consume under its own name', async () => {
      const integrator = await client('integrator', { inboxPrefix: '_INBOX_integrator' });
      const jsm = await integrator.jetstreamManager();
      await jsm.consumers.add(eventStream.name, { durable_name: 'integrator', ack_policy: 'explicit' as never });
      const consumer = await integrator.jetstream().consumers.get(eventStream.name, 'integrator');
      const message = await consumer.next({ expires: 5_000 });
      expect(message?.subject).toBe('desk.group.registered');
      expect(await message?.ackAck()).toBe(true);
    });

    it('an operator can change limits and remove what is not as declared', async () => {
      const operator = await client('operator');
      const jsm = await operator.jetstreamManager();
      const { config } = await jsm.streams.update(eventStream.name, { max_bytes: 1_000_000 });
      expect(config.max_bytes).toBe(1_000_000);
      await jsm.streams.update(eventStream.name, { max_bytes: -1 });
      await jsm.consumers.add(eventStream.name, { durable_name: 'stray', ack_policy: 'none' as never });
      expect(await jsm.consumers.delete(eventStream.name, 'stray')).toBe(true);
    });

    it.each([
      ['publish an event', 'integrator', 'desk.ticket.created'],
      ['remove the stream', 'integrator', `$JS.API.STREAM.DELETE.${eventStream.name}`],
      ['purge the stream', 'integrator', `$JS.API.STREAM.PURGE.${eventStream.name}`],
      ["remove the services' consumer", 'integrator', `$JS.API.CONSUMER.DELETE.${eventStream.name}.accounts-test`],
      ["take from the services' consumer", 'integrator', `$JS.API.CONSUMER.MSG.NEXT.${eventStream.name}.accounts-test`],
      ['read dead letters', 'integrator', `$JS.API.STREAM.MSG.GET.${deadLetterStream.name}`],
      ['publish an event', 'operator', 'desk.ticket.created'],
      ['publish an event', 'services', 'desk.ticket.created'],
      ['remove the stream', 'services', `$JS.API.STREAM.DELETE.${eventStream.name}`],
      ['remove an event', 'services', `$JS.API.STREAM.MSG.DELETE.${eventStream.name}`],
      ['make a stream of its own', 'services', '$JS.API.STREAM.CREATE.OTHER'],
      ['change the stream', 'services', `$JS.API.STREAM.UPDATE.${eventStream.name}`],
      ['make a consumer', 'relay', `$JS.API.CONSUMER.DURABLE.CREATE.${eventStream.name}.x`],
      ['purge the stream', 'relay', `$JS.API.STREAM.PURGE.${eventStream.name}`],
      ['write a dead letter', 'relay', 'desk-dead.routing.x'],
    ] as const)('nobody can %s as %s', async (_what, user, subject) => {
      const connection = await client(user, user === 'integrator' ? { inboxPrefix: '_INBOX_integrator' } : {});
      const refused = connection.request(subject, '', { timeout: 5_000 });
      await expect(refused).rejects.toThrow(NatsError);
      await expect(refused).rejects.toMatchObject({ code: 'PERMISSIONS_VIOLATION' });
    });

    it('an integrator cannot overhear what others are answered', async () => {
      const integrator = await client('integrator', { inboxPrefix: '_INBOX_integrator' });
      const refused = new Promise<Error>((resolve) => {
        integrator.subscribe('_INBOX.>', { callback: (error) => error && resolve(error) });
      });
      expect(await refused).toMatchObject({ code: 'PERMISSIONS_VIOLATION' });
    });

    it('nobody gets in without a password', async () => {
      await expect(connect({ servers: `127.0.0.1:${nats.port}` })).rejects.toThrow(/Authorization Violation/i);
    });
  });
});
