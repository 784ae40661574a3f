import { expect, it } from 'vitest';
import type { Attachment } from '#contracts/events/message.ts';
import { testContext } from '#tests/support/desk.ts';
import { startMailDesk } from '#tests/support/mail-desk.ts';

it('mails who is mentioned, clients without the words of a note, with images in their places', async () => {
  const desk = await startMailDesk();
  const { directory, tickets } = desk.deps;
  const register = async (name: string, role: 'agent' | 'customer') => {
    const emails = [`${name}@${role === 'agent' ? 'desk' : 'customer'}.example`];
    const person = { name, emails, roles: [role], companyId: null, origin: 'seed' } as const;
    return (await directory.registerPerson(person, testContext())).personId;
  };
  const [gina, hugo, dora, carl] = await Promise.all([
    register('gina', 'agent'),
    register('hugo', 'agent'),
    register('dora', 'customer'),
    register('carl', 'customer'),
  ]);
  const message = (text: string) => ({ text, html: null, attachments: [], mail: null });
  const { ticketId } = await tickets.create(
    {
      subject: 'Door',
      channel: 'phone',
      requesterId: dora,
      companyId: null,
      mailboxId: null,
      priority: 'normal',
      followUpOf: null,
      message: message('The door is stuck'),
    },
    testContext(),
  );
  const mentions = [hugo, dora, carl, gina].map((id) => ({ kind: 'person' as const, id }));
  const author = { authorId: gina, authorRole: 'agent', channel: 'api', mentions } as const;
  const note = { ...author, visibility: 'internal', message: message('only for us') } as const;
  await tickets.comment(ticketId, note, testContext());
  await desk.quiet();
  const told = new Map(desk.sent.map(({ envelope, mail }) => [envelope.to.join(), mail.full.text]));
  expect([...told.keys()].toSorted()).toEqual(['carl@customer.example', 'hugo@desk.example']);
  expect(told.get('hugo@desk.example')).toMatch(
    /gina mentioned you on ticket #\d+, in a note that stays[\s\S]*only for us/,
  );
  expect(told.get('carl@customer.example')).toMatch(
    /^gina mentioned you on ticket #\d+\.\s+You may read what is public/,
  );
  expect(told.get('carl@customer.example')).not.toContain('only for us');

  const { sha256: blob, size } = await desk.deps.blobs.put(Buffer.from('pixels'));
  const image: Attachment = { blob, size, name: 'a.png', mediaType: 'image/png', contentId: 'a@desk', inline: true };
  const html = '<p>look <img src="cid:a@desk"></p>';
  const answer = { ...message('look'), html, attachments: [image] };
  await tickets.comment(ticketId, { ...author, visibility: 'public', message: answer }, testContext());
  await desk.quiet();
  const mails = desk.sent.slice(2);
  const to = mails.flatMap(({ envelope }) => envelope.to).toSorted();
  expect(to).toEqual(['carl@customer.example', 'dora@customer.example', 'hugo@desk.example']);
  for (const { mail, raw } of mails) {
    expect(mail.attachments).toMatchObject([{ contentId: 'a@desk', mediaType: 'image/png' }]);
    expect(mail.full.html).toContain('src="cid:a@desk"');
    expect(raw.toString()).toMatch(/Content-Type: multipart\/related/);
  }
});
