import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runningConnection } from '#packages/postgres-child/connection.ts';
import { deskHome, processesOn } from '#tests/support/desk-process.ts';

type Home = Awaited<ReturnType<typeof deskHome>>;
type Ticket = { subject: string };

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Sends mail as fast as the desk takes it, until told to stop; a mail counts as accepted when 250 came back. */
function sendMail(smtp: () => string, prefix: string) {
  const accepted: string[] = [];
  const refused: string[] = [];
  let running = true;
  const sender = async (lane: number) => {
    for (let n = 1; running; n += 1) {
      const subject = `${prefix}-${lane}-${n}`;
      const [host, port] = smtp().split(':');
      const transport = createTransport({
        host: String(host),
        port: Number(port),
        connectionTimeout: 2_000,
        greetingTimeout: 2_000,
        socketTimeout: 5_000,
      });
      try {
        // Each mail from an address of its own: the desk breaks loops per sender.
        await transport.sendMail({
          from: `c${lane}-${n}-${prefix}@customer.example`,
          to: 'support@desk.example',
          subject,
          text: 'It is broken.',
        });
        accepted.push(subject);
      } catch (error) {
        refused.push(error instanceof Error && 'responseCode' in error ? String(error.responseCode) : 'no connection');
        await sleep(50);
      } finally {
        transport.close();
      }
    }
  };
  const done = Promise.all([1, 2, 3, 4].map(sender));
  return {
    accepted,
    refused,
    async stop() {
      running = false;
      await done;
    },
  };
}

/**
 * Subjects of all tickets, once those expected are there or the desk has had its time. There may be more: of a mail that
 * was stored right before a kill, the sender never heard.
 */
async function subjects(url: string, token: string, expected: readonly string[]): Promise<string[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found: string[] = [];
    for (let next: string | null = '/v1/tickets?limit=200'; next !== null; ) {
      const response: Response = await fetch(url + next, { headers: { authorization: `Bearer ${token}` } });
      const page = (await response.json()) as { items: Ticket[]; next: string | null };
      found.push(...page.items.map(({ subject }) => subject));
      next = page.next;
    }
    if (expected.every((subject) => found.includes(subject)) || Date.now() > deadline) return found.sort();
    await sleep(200);
  }
}

describe('a desk under load', () => {
  let home: Home;
  beforeEach(async () => {
    home = await deskHome();
  });
  afterEach(() => home.remove());

  it('loses and doubles no accepted mail when it is killed with SIGKILL, twice', async () => {
    let smtp = '';
    let up = await home.up();
    smtp = up.smtp;
    const load = sendMail(() => smtp, 'kill');
    for (let kill = 0; kill < 2; kill += 1) {
      const before = load.accepted.length;
      while (load.accepted.length < before + 10) await sleep(20);
      up.desk.signal('SIGKILL');
      await up.desk.ended;
      up = await home.up();
      smtp = up.smtp;
    }
    const before = load.accepted.length;
    while (load.accepted.length < before + 5) await sleep(20);
    await load.stop();

    const token = (await home.run(['token', 'admin'])).stdout.trim();
    const found = await subjects(up.url, token, load.accepted);
    expect(load.accepted.filter((subject) => !found.includes(subject))).toEqual([]);
    expect(found).toEqual([...new Set(found)]);
    const verified = await home.run(['verify']);
    expect(verified.stdout).toMatch(/every hash chain holds/);
    expect(verified.code).toBe(0);
  }, 240_000);

  it('answers 4xx while its database is away and goes on by itself when PostgreSQL is killed', async () => {
    const { desk, smtp, url } = await home.up();
    const token = (await home.run(['token', 'admin'])).stdout.trim();
    const load = sendMail(() => smtp, 'pg');
    while (load.accepted.length < 10) await sleep(20);
    const [server] = (await processesOn(home.dataDir)).filter((line) => line.includes('postgres'));
    process.kill(Number.parseInt(String(server), 10), 'SIGKILL');
    const during = await fetch(`${url}/v1/tickets`, { headers: { authorization: `Bearer ${token}` } });
    if (!during.ok)
      expect(((await during.json()) as { code: string }).code).toMatch(
        /^(READ_MODEL_UNAVAILABLE|STORE_UNAVAILABLE|TIMEOUT)$/,
      );
    const before = load.accepted.length;
    while (load.accepted.length < before + 10) await sleep(20);
    await load.stop();
    expect(load.refused.filter((code) => !/^(451|no connection)$/.test(code))).toEqual([]);
    expect(await runningConnection(home.dataDir)).toBeDefined();

    const found = await subjects(url, token, load.accepted);
    expect(load.accepted.filter((subject) => !found.includes(subject))).toEqual([]);
    expect(found).toEqual([...new Set(found)]);
    desk.signal('SIGTERM');
    expect(await desk.ended).toBe(0);
    expect(await processesOn(home.dataDir)).toEqual([]);
  }, 240_000);
});
