import { expect, it } from 'vitest';
import { idOf } from '#contracts/events/streams.ts';
import { personIdOf } from '#packages/kernel/ids.ts';
import { testContext } from '#tests/support/desk.ts';
import { type MailDesk, startMailDesk } from '#tests/support/mail-desk.ts';

const [home, work] = ['anna@home.example', 'anna@work.example'];
const message = (text: string) => ({ text, html: null, attachments: [], mail: null });

const register = async ({ deps }: MailDesk, name: string, emails: string[], role: 'agent' | 'customer' = 'customer') =>
  (await deps.directory.registerPerson({ name, emails, roles: [role], companyId: null, origin: 'seed' }, testContext()))
    .personId;

/** To whom an agent's answer on a ticket is mailed. */
async function answered(desk: MailDesk, ticketId: string): Promise<readonly string[]> {
  const authorId = await register(desk, 'Gina', ['gina@desk.example'], 'agent');
  const said = {
    visibility: 'public',
    authorId,
    authorRole: 'agent',
    channel: 'api',
    message: message('Done'),
  } as const;
  const before = desk.sent.length;
  await desk.deps.tickets.comment(ticketId, said, testContext());
  await desk.quiet();
  return desk.sent.slice(before).flatMap(({ envelope }) => envelope.to);
}

/** A mail, and the ticket that it opened or was added to. */
async function mailed(desk: MailDesk, from: string, subject = 'Door', answers?: string): Promise<string> {
  const id = `${from.replace('@', '.')}.${desk.sent.length}@customer.example`;
  const thread = answers === undefined ? '' : `In-Reply-To: <${answers}>\r\n`;
  const head = `From: ${from}\r\nTo: support@desk.example\r\nSubject: ${subject}\r\nMessage-ID: <${id}>\r\n${thread}`;
  await desk.send(Buffer.from(`${head}\r\nThe door is stuck.\r\n`), { from });
  await desk.quiet();
  const [created, commented] = [await desk.events('TicketCreated'), await desk.events('TicketCommented')];
  return idOf((answers === undefined ? created : commented).at(-1)?.stream ?? '');
}

it('somebody who has only called is written to at the address of who goes on for them', async () => {
  const desk = await startMailDesk();
  const caller = await register(desk, 'Dora', []);
  const { ticketId } = await desk.deps.tickets.create(
    {
      ...{ subject: 'Door', channel: 'phone', requesterId: caller, companyId: null, mailboxId: null },
      ...{ priority: 'normal', followUpOf: null, message: message('The door is stuck') },
    },
    testContext(),
  );
  expect(await answered(desk, ticketId)).toEqual([]);
  const known = await register(desk, 'Dora', ['dora@customer.example']);
  await desk.deps.directory.people.merging.merge(caller, known, testContext());
  expect(await answered(desk, ticketId)).toEqual(['dora@customer.example']);
});

it('somebody merged is answered where they wrote from last, as whoever that was', async () => {
  const desk = await startMailDesk();
  const ticketId = await mailed(desk, home);
  await mailed(desk, work);
  const { merging } = desk.deps.directory.people;
  await merging.merge(personIdOf(home), personIdOf(work), testContext());
  expect(await answered(desk, ticketId)).toEqual([home]);
  const answers = desk.sent.at(-1)?.mail.messageId ?? '';
  expect(await mailed(desk, work, 'Re: Door', answers)).toBe(ticketId);
  expect((await answered(desk, ticketId))[0]).toBe(work);
  await merging.unmerge(personIdOf(home), testContext());
  expect((await answered(desk, ticketId))[0]).toBe(home);
});

it('an address that was taken from its writer gets no more of their ticket', async () => {
  const desk = await startMailDesk();
  const ticketId = await mailed(desk, home);
  const anna = personIdOf(home);
  await desk.deps.directory.people.changeEmails(anna, { add: [work], remove: [home] }, testContext());
  await mailed(desk, home);
  expect(await answered(desk, ticketId)).toEqual([work]);
});
