import { expect, it } from 'vitest';
import { idOf, streams } from '#contracts/events/streams.ts';
import { companyIdOf, personIdOf } from '#packages/kernel/ids.ts';
import { testContext } from '#tests/support/desk.ts';
import { fixture, startMailDesk } from '#tests/support/mail-desk.ts';

it('turns a mail into a ticket with person, company, clean HTML and attachments', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  await desk.send(await fixture('new-request'), { to: 'Support+anything@Desk.Example' });
  await desk.quiet();

  const [created, ...others] = await desk.events('TicketCreated');
  expect(others).toEqual([]);
  expect(created?.data).toMatchObject({
    subject: 'Printer on 3rd floor prints blank pages – urgent',
    channel: 'email',
    mailboxId: 'support',
    requesterId: personIdOf('anna.berg@customer.example'),
    companyId: companyIdOf('customer.example'),
    message: {
      text: expect.stringContaining('Thé log is attached'),
      mail: {
        messageId: 'first.1@customer.example',
        from: 'anna.berg@customer.example',
        to: ['support@desk.example'],
        cc: ['ben.holm@customer.example'],
        automatic: false,
      },
    },
  });
  const { attachments, html } = created!.data.message;
  expect(html).toContain('<b>blank pages</b>');
  expect(html).not.toMatch(/script|onload|alert/);
  expect(attachments.map(({ name, inline, mediaType }) => ({ name, inline, mediaType }))).toEqual([
    { name: 'page.png', inline: true, mediaType: 'image/png' },
    { name: 'printer.log', inline: false, mediaType: 'text/plain' },
  ]);
  const content = await desk.desk.platform.blobs.read(attachments[1]!.blob);
  expect(content.toString()).toBe('08:01 job 1 blank\n08:02 job 2 blank\n');

  const [person] = await desk.events('PersonRegistered');
  expect(person?.data).toMatchObject({ name: 'Anna Berg', emails: ['anna.berg@customer.example'] });
  const [received] = await desk.events('InboundMailReceived');
  const raw = await desk.desk.platform.blobs.read(received!.data.blob);
  expect(raw.toString()).toContain('Message-ID: <first.1@customer.example>');
  const [processed] = await desk.events('InboundMailProcessed');
  expect(processed?.data).toMatchObject({
    outcome: 'ticket-created',
    ticketId: idOf(created!.stream),
    commentId: created!.data.commentId,
    matchedBy: 'none',
    classification: 'person',
    from: 'anna.berg@customer.example',
  });
  expect(created?.metadata).toMatchObject({ causationId: received?.id, correlationId: idOf(received!.stream) });
});

it('refuses unknown and inactive mailboxes, and mail that is too large, at the door', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const raw = await fixture('new-request');
  await expect(desk.send(raw, { to: 'nobody@desk.example' })).rejects.toMatchObject({ responseCode: 550 });
  const closed = { name: 'Billing', address: 'billing@desk.example', active: false };
  const saved = await desk.desk.platform.commands.settings.save('mailbox', 'billing', closed, testContext());
  await desk.desk.platform.settings.reached(saved.position, 5_000);
  await expect(desk.send(raw, { to: 'billing@desk.example' })).rejects.toMatchObject({ responseCode: 550 });
  const large = Buffer.concat([raw, Buffer.alloc(3 * 1024 * 1024, 'x\r\n')]);
  await expect(desk.send(large)).rejects.toMatchObject({ responseCode: 552 });
  expect(await desk.events('InboundMailReceived')).toEqual([]);
});

it('leaves a mail with the sender while the file store or the log is away, and takes it later', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const { blobs } = desk.deps;
  const put = blobs.put;
  Object.assign(blobs, { put: () => Promise.reject(new Error('disk on fire')) });
  await expect(desk.send(await fixture('new-request'))).rejects.toMatchObject({ responseCode: 451 });
  Object.assign(blobs, { put });
  await desk.send(await fixture('new-request'));
  await desk.quiet();
  expect(await desk.events('TicketCreated')).toHaveLength(1);
});

it('takes a mail that is sent again once, and two equal mails without Message-ID twice', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const raw = await fixture('new-request');
  await desk.send(raw);
  await desk.send(raw);
  await desk.quiet();
  await desk.send(raw);
  await desk.quiet();
  expect(await desk.events('InboundMailReceived')).toHaveLength(1);
  expect(await desk.events('TicketCreated')).toHaveLength(1);

  const anonymous = await fixture('plain', {
    from: 'sensor@plant.example',
    to: 'support@desk.example',
    subject: '',
    text: 'Too hot.',
  });
  await desk.send(anonymous);
  await desk.send(anonymous);
  await desk.quiet();
  const [, ...alerts] = await desk.events('TicketCreated');
  expect(alerts.map(({ data }) => data.subject)).toEqual(['(no subject)', '(no subject)']);
});

it('is not held up by a header of nothing but folded blanks', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const blanks = `Message-ID:${'\r\n   '.repeat(1_000)}\r\n`;
  const raw = `From: anna@customer.example\r\n${blanks}Subject: Blanks\r\n\r\nHelp\r\n`;
  await desk.send(Buffer.from(raw));
  await desk.quiet();
  expect((await desk.events('TicketCreated')).map(({ data }) => data.subject)).toEqual(['Blanks']);
});

it('makes one ticket of a mail that comes in by two mailboxes, or by two ways', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const raw = await fixture('new-request');
  await desk.send(raw, { to: ['support@desk.example', 'billing@desk.example'] });
  await desk.quiet();
  await desk.send(Buffer.concat([Buffer.from('X-Forwarded: yes\r\n'), raw]));
  await desk.quiet();
  expect(await desk.events('TicketCreated')).toHaveLength(1);
  const processed = await desk.events('InboundMailProcessed');
  expect(processed.map(({ data }) => data.outcome)).toEqual(['ticket-created', 'ignored', 'ignored']);
  expect(processed[1]?.data.reason).toMatch(/another copy/i);
});

it('takes the visitor, not the program, as the author of a web form', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  await desk.send(await fixture('web-form'));
  await desk.quiet();
  const [created] = await desk.events('TicketCreated');
  expect(created?.data.requesterId).toBe(personIdOf('carl@visitor.example'));
});

it('sets aside what it cannot read, says why, and goes on', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  await desk.send(Buffer.from('Subject: nobody\r\nMessage-ID: <x@y.example>\r\n\r\nhello\r\n'), { from: '' });
  await desk.send(await fixture('new-request'));
  await desk.quiet();
  const [aside, fine] = await desk.events('InboundMailProcessed');
  expect(aside?.data).toMatchObject({ outcome: 'quarantined', reason: 'It names no sender that could be answered.' });
  expect(fine?.data.outcome).toBe('ticket-created');
});

it('says what of a mail is only in the original', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const file = '--b\r\nContent-Type: text/csv; name=x.csv\r\n\r\n1,2\r\n';
  const head = 'From: anna@customer.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n';
  await desk.send(Buffer.from(`${head}--b\r\n\r\nAll of them\r\n${file.repeat(102)}--b--\r\n`));
  await desk.quiet();
  const [decided] = await desk.events('InboundMailProcessed');
  expect(decided?.data.outcome).toBe('ticket-created');
  expect(decided?.data.reason).toContain('2 attachments over the limit of 100 are only in the original.');
});

it('stops a sender who opens ticket after ticket', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  for (let n = 1; n <= 22; n += 1) {
    const headers = `Message-ID: <flood.${n}@loop.example>\r\n`;
    const values = {
      from: 'robot@loop.example',
      to: 'support@desk.example',
      subject: `Alarm ${n}`,
      text: 'x',
      headers,
    };
    await desk.send(await fixture('plain', values));
  }
  // Another author's is worked on beside them, so before them if it is there already.
  await desk.quiet();
  await desk.send(await fixture('new-request'));
  await desk.quiet();
  const processed = await desk.events('InboundMailProcessed');
  const outcomes = processed.map(({ data }) => data.outcome);
  expect(outcomes.slice(0, 20)).toEqual(Array(20).fill('ticket-created'));
  expect(outcomes.slice(20)).toEqual(['quarantined', 'quarantined', 'ticket-created']);
  expect(processed[20]?.data.reason).toMatch(/robot@loop.example opened 20 tickets within 60 minutes/);
});

it('keeps what is too long for an event as files', async () => {
  const desk = await startMailDesk({ services: ['email-ingest'] });
  const text = `${'Ünïcödé '.repeat(8)}\r\n`.repeat(9_000);
  const headers = 'Message-ID: <long@customer.example>\r\n';
  const values = { from: 'anna@customer.example', to: 'support@desk.example', subject: 'long', text, headers };
  await desk.send(await fixture('plain', values));
  await desk.quiet();
  const [created] = await desk.events('TicketCreated');
  const [file] = created?.data.message.attachments ?? [];
  expect(created?.data.message.text).toContain('Cut here');
  expect(file?.name).toBe('message.txt');
  expect((await desk.desk.platform.blobs.read(file!.blob)).length).toBeGreaterThan(500_000);
  expect(await desk.desk.platform.store.readStream(streams.ticket(idOf(created!.stream)))).not.toEqual([]);
});
