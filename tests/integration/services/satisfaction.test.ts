import { beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '#contracts/primitives.ts';
import type { CommandContext } from '#packages/commands/context.ts';
import { idFrom, personIdOf } from '#packages/kernel/ids.ts';
import { createRatingLinks } from '#packages/mail/rating-link.ts';
import { createSatisfactionQuestion } from '#services/notification/satisfaction.ts';
import { testContext } from '#tests/support/desk.ts';
import { type MailDesk, startMailDesk } from '#tests/support/mail-desk.ts';

const gina = personIdOf('gina@desk.example');
const byGina = (): CommandContext => ({ ...testContext(), actor: { kind: 'person', id: gina }, source: 'api' });

let desk: MailDesk;

const setting = (active: boolean) =>
  desk.desk.platform.commands.settings.save(
    'satisfaction',
    'default',
    { active, question: 'Are you <happy>?', openDays: 14 },
    testContext(),
  );

async function ticketOf(name: string, address: string | null = `${name}@customer.example`): Promise<string> {
  const { directory, tickets } = desk.deps;
  const registered = {
    name,
    emails: address ? [address] : [],
    roles: ['customer'],
    companyId: null,
    origin: 'api',
  } as const;
  const id = idFrom('satisfaction-test', name);
  const { personId } = await directory.registerPerson(registered, testContext(id));
  const { ticketId } = await tickets.create(
    {
      subject: 'Door',
      channel: 'phone',
      requesterId: personId,
      companyId: null,
      mailboxId: null,
      priority: 'normal',
      followUpOf: null,
      message: { text: 'It is stuck', html: null, attachments: [], mail: null },
    },
    testContext(),
  );
  return ticketId;
}

const say = (
  ticketId: string,
  visibility: 'public' | 'internal' = 'public',
  authorRole: 'agent' | 'customer' = 'agent',
) =>
  desk.deps.tickets.comment(
    ticketId,
    {
      visibility,
      authorId: gina,
      authorRole,
      channel: 'api',
      message: { text: 'Oil it', html: null, attachments: [], mail: null },
    },
    byGina(),
  );
const become = (ticketId: string, to: Status, context = byGina()) =>
  desk.deps.tickets.change(ticketId, { type: 'ChangeStatus', data: { to } }, context);
const asked = async () => {
  await desk.quiet();
  return (await desk.events('OutboundMailQueued')).filter(({ data }) => data.template === 'satisfaction');
};

async function solved(name: string, address?: string | null): Promise<string> {
  const ticketId = await ticketOf(name, address);
  await say(ticketId);
  await become(ticketId, 'resolved');
  return ticketId;
}

beforeEach(async () => {
  desk = await startMailDesk({ services: ['notification'] });
  await desk.deps.directory.registerPerson(
    { name: 'Gina', emails: ['gina@desk.example'], roles: ['agent'], companyId: null, origin: 'seed' },
    testContext(),
  );
  await setting(true);
});

describe('who had a ticket solved', () => {
  it('is asked by mail, in the thread, with a signed link for each score', async () => {
    const ticketId = await solved('dora');
    const [queued, ...others] = await asked();
    expect(others).toEqual([]);
    const { envelope, mail } = desk.sent.find(({ mail: { messageId } }) => messageId === queued?.data.messageId)!;
    const answer = desk.sent[0]!.mail;
    expect(envelope.to).toEqual(['dora@customer.example']);
    expect(mail.headers['auto-submitted']).toEqual(['auto-replied']);
    expect(mail.subject).toBe(answer.subject);
    expect(mail.references).toContain(answer.messageId);
    const token = createRatingLinks('a secret of the tests').make({
      ticketId,
      round: 1,
      requesterId: personIdOf('dora@customer.example'),
    });
    for (const score of [1, 2, 3, 4, 5]) {
      expect(mail.full.text).toContain(`https://desk.example/rate/${token}?score=${score}\n`);
      expect(mail.full.html).toContain(`href="https://desk.example/rate/${token}?score=${score}"`);
    }
    expect(mail.full.text).toContain('Are you <happy>?');
    expect(mail.full.html).toContain('Are you &lt;happy&gt;?');
    expect(mail.full.text).toContain('for 14 days');
    const { readDb } = desk.desk.platform;
    const row = await readDb.selectFrom('outbound_mail').selectAll().where('template', '=', 'satisfaction').execute();
    expect(row).toMatchObject([{ ticket_id: ticketId, state: 'sent', automatic: true }]);
  });

  it('is asked once in seven days, also when several tickets are solved at one time', async () => {
    const tickets = [await ticketOf('dora'), await ticketOf('dora'), await ticketOf('dora')];
    for (const ticketId of tickets) await say(ticketId);
    await Promise.all(tickets.map((ticketId) => become(ticketId, 'resolved')));
    expect(await asked()).toHaveLength(1);
    await solved('emil');
    expect(await asked()).toHaveLength(2);
    desk.desk.clock.forward({ hours: 7 * 24 + 1 });
    await solved('dora');
    expect(await asked()).toHaveLength(3);
  });

  it('is asked again for a later solution, by a link for that one', async () => {
    const ticketId = await solved('dora');
    await asked();
    desk.desk.clock.forward({ hours: 8 * 24 });
    await become(ticketId, 'open');
    await become(ticketId, 'closed');
    const [, second] = await asked();
    expect(second?.data.text).toContain(
      createRatingLinks('a secret of the tests').make({
        ticketId,
        round: 2,
        requesterId: personIdOf('dora@customer.example'),
      }),
    );
    await become(ticketId, 'open');
    await become(ticketId, 'resolved');
    await become(ticketId, 'closed');
    expect(await asked()).toHaveLength(2);
  });
});

describe('nobody is asked', () => {
  it('while the setting is not active', async () => {
    await setting(false);
    await solved('dora');
    expect(await asked()).toEqual([]);
  });

  it('who has no address, got no answer in public, or whose ticket a rule of the desk closed', async () => {
    await solved('mute', null);
    const noted = await ticketOf('noted');
    await say(noted, 'internal');
    await say(noted, 'public', 'customer');
    await become(noted, 'resolved');
    const silent = await ticketOf('silent');
    await say(silent);
    await become(silent, 'closed', testContext());
    expect(await asked()).toEqual([]);
  });

  it('when the solution was taken back, the ticket set aside, or it all is long past', async () => {
    await desk.stop('notification');
    const reopened = await solved('reopened');
    await become(reopened, 'open');
    const spam = await solved('spam');
    await desk.deps.tickets.change(spam, { type: 'MarkSpam', data: { reason: null } }, byGina());
    await desk.start('notification');
    expect(await asked()).toEqual([]);
    await desk.stop('notification');
    await solved('late');
    desk.desk.clock.forward({ hours: 25 });
    await desk.start('notification');
    expect(await asked()).toEqual([]);
  });

  it('while the desk does not know its own address', async () => {
    await desk.stop('notification');
    const ticketId = await solved('dora');
    const event = (await desk.events('TicketStatusChanged')).findLast(({ stream }) => stream.endsWith(ticketId))!;
    const { waitFor } = desk.deps.watch;
    await createSatisfactionQuestion({ ...desk.deps, watch: { waitFor }, ratingUrl: null })(event);
    expect(await desk.events('OutboundMailQueued')).toEqual([]);
    await createSatisfactionQuestion({ ...desk.deps, watch: { waitFor } })(event);
    await createSatisfactionQuestion({ ...desk.deps, watch: { waitFor } })(event);
    expect(await desk.events('OutboundMailQueued')).toHaveLength(1);
  });
});
