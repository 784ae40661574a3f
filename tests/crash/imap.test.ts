import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deskHome } from '#tests/support/desk-process.ts';
import { noDovecot, startDovecot } from '#tests/support/dovecot.ts';
import { accountOn } from '#tests/support/imap-desk.ts';
import { fixture, until } from '#tests/support/mail-desk.ts';

const count = 60;
const kills = 3;

/** Without a Message-ID every third: then the number on the server has to tell that it is the same mail. */
const mail = (n: number) =>
  fixture('plain', {
    from: `c${n}@customer.example`,
    to: 'support@desk.example',
    subject: `Mail ${n}`,
    text: `It is broken, for the time ${n}.`,
    headers: n % 3 === 0 ? '' : `Message-ID: <mail.${n}@customer.example>\r\n`,
  });

type Stored = { type: string; data: { subject?: string } };

describe.skipIf(noDovecot !== null)('a desk that reads a mail account', () => {
  it('is killed in the middle again and again, and makes one ticket of each mail', { timeout: 180_000 }, async () => {
    const server = await startDovecot();
    const home = await deskHome();
    onTestFinished(() => home.remove());
    for (let n = 1; n <= count; n += 1) await server.deliver(await mail(n));
    const accounts = join(home.dataDir, 'accounts.json');
    await writeFile(accounts, JSON.stringify([accountOn(server, { afterwards: { moveTo: 'Taken' } })]));
    const left = async () => (await server.flags()).length;

    for (let kill = 1; kill <= kills; kill += 1) {
      const before = await left();
      const { desk } = await home.up('start', { IMAP_ACCOUNTS: accounts });
      await until('some mail taken', async () => (await left()) < before);
      desk.signal('SIGKILL');
      await desk.ended;
      expect(await left(), 'nothing left for the kill to fall into').toBeGreaterThan(0);
    }
    const { desk } = await home.up('start', { IMAP_ACCOUNTS: accounts });
    await until('all mail taken', async () => (await left()) === 0);
    let log: Stored[] = [];
    await until('all mail processed', async () => {
      const { stdout } = await home.run(['export']);
      log = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Stored);
      return log.filter(({ type }) => type === 'InboundMailProcessed').length >= count;
    });
    desk.signal('SIGTERM');
    expect(await desk.ended).toBe(0);

    expect(log.filter(({ type }) => type === 'InboundMailReceived')).toHaveLength(count);
    const subjects = log.filter(({ type }) => type === 'TicketCreated').map(({ data }) => data.subject);
    expect(subjects.sort()).toEqual(Array.from({ length: count }, (_, index) => `Mail ${index + 1}`).sort());
    expect(await server.flags('Taken')).toHaveLength(count);
  });
});
