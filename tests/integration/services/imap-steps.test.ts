import { describe, expect, it } from 'vitest';
import type { ImapAccount } from '#packages/mail/imap-account.ts';
import { takeMail } from '#services/email-ingest/imap-message.ts';
import { noDovecot, startDovecot } from '#tests/support/dovecot.ts';
import { createFaults } from '#tests/support/faults.ts';
import { accountOn, maxBytes, withFolder } from '#tests/support/imap-desk.ts';
import { fixture, startMailDesk } from '#tests/support/mail-desk.ts';

/** With a Message-ID, without one, and too large. */
const kinds = ['named', 'anonymous', 'large'] as const;

async function mailOf(kind: (typeof kinds)[number], n: string): Promise<Buffer> {
  const headers = kind === 'anonymous' ? '' : `Message-ID: <${n}@customer.example>\r\n`;
  const from = 'anna.berg@customer.example';
  const raw = await fixture('plain', { from, to: 'support@desk.example', subject: n, text: 'Hello', headers });
  return kind === 'large' ? Buffer.concat([raw, Buffer.alloc(maxBytes, 'x\r\n')]) : raw;
}

const modes: readonly ImapAccount['afterwards'][] = ['flag', { moveTo: 'Taken' }];

describe.skipIf(noDovecot !== null).each(modes)('taking a mail in, afterwards %j', (afterwards) => {
  it.each(kinds)('neither loses nor doubles it when it breaks off before or after any step: %s', async (kind) => {
    const [server, desk] = [await startDovecot(), await startMailDesk({ services: ['email-ingest'] })];
    const account = accountOn(server, { afterwards });
    const take = (faults: ReturnType<typeof createFaults>) =>
      withFolder(account, async (folder) => {
        const { blobs, handle } = desk.deps;
        // Reading a file changes nothing, so there is nothing to break off.
        const deps = {
          blobs: { ...faults.wrap({ put: blobs.put }), get: blobs.get },
          handle: faults.wrap(handle),
          maxBytes,
        };
        for (const uid of await folder.waiting()) await takeMail(deps, { account, folder: faults.wrap(folder), uid });
      });
    const safe = createFaults();

    let broken = 0;
    for (let call = 1, more = true; more; call += 1)
      for (const when of ['before', 'after'] as const) {
        await server.deliver(await mailOf(kind, `${call} ${when}`.replace(' ', '-')));
        const faults = createFaults();
        faults.arm(call, when);
        const failed = await take(faults).then(
          () => false,
          () => true,
        );
        more = faults.disarm() >= call;
        expect(failed).toBe(more);
        const flagged = (await server.flags()).filter((flags) => flags.length > 0).length;
        const recorded = (await desk.events('InboundMailReceived')).length;
        expect(recorded).toBeGreaterThanOrEqual(flagged);
        broken += failed ? 1 : 0;
        await take(safe);
      }
    await desk.quiet();

    const mails = await desk.events('InboundMailReceived');
    // Every fault and the two runs in which the armed call never came.
    expect(mails).toHaveLength(broken + 2);
    expect(broken).toBeGreaterThanOrEqual(8);
    expect(new Set(mails.map(({ data }) => data.blob)).size).toBe(mails.length);
    const tickets = await desk.events('TicketCreated');
    expect(tickets).toHaveLength(kind === 'large' ? 0 : mails.length);
    const folder = afterwards === 'flag' ? 'INBOX' : 'Taken';
    expect(await server.flags(folder)).toEqual(mails.map(() => ['$Deskledger']));
    if (afterwards !== 'flag') expect(await server.flags()).toEqual([]);
  });
});
