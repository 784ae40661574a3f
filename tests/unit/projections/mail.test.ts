import { expect, test } from 'vitest';
import type { DeskEvent } from '#contracts/events/all.ts';
import { streams } from '#contracts/events/streams.ts';
import { idFrom, newId } from '#packages/kernel/ids.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { inboundMail } from '#projections/inbound-mail.ts';
import { messageIds } from '#projections/message-ids.ts';
import { outboundMail } from '#projections/outbound-mail.ts';
import { mailProcessed, mailQueued, mailReceived } from '#tests/support/mails.ts';
import { createStory } from '#tests/support/story.ts';
import { automaticMessage, customerSays, message } from '#tests/support/tickets.ts';

const minute = (n: number) => `2026-03-02T10:${String(n).padStart(2, '0')}:00.000Z`;

function outboxAfter(...events: DeskEvent[]) {
  const story = createStory();
  const stream = streams.outboundMail(newId());
  for (const [n, event] of events.entries()) story.add(stream, event, { at: minute(n) });
  return foldAlone(outboundMail, story.log).outbound_mail;
}
const deferred = (attempt: number, nextAttemptAt: string): DeskEvent => ({
  type: 'OutboundMailDeferred',
  data: { attempt, reason: '451 later', nextAttemptAt },
});

test('a mail to be sent is due at once, with all that the sender needs', () => {
  expect(outboxAfter(mailQueued({ references: ['a@x', 'b@x'] }))).toMatchObject([
    {
      state: 'queued',
      attempts: 0,
      next_attempt_at: new Date(minute(0)),
      from_address: 'help@desk.example',
      recipients: ['anna@customer.example'],
      reference_ids: ['a@x', 'b@x'],
      text: 'Water it.',
    },
  ]);
});

test('a deferred mail is due later, with the reason', () => {
  expect(outboxAfter(mailQueued(), deferred(1, minute(5)), deferred(2, minute(15)))).toMatchObject([
    { state: 'deferred', attempts: 2, next_attempt_at: new Date(minute(15)), response: '451 later' },
  ]);
});

test.each([
  ['sent', { type: 'OutboundMailSent', data: { transport: 'smtp', response: '250 ok', attempt: 2 } }, '250 ok'],
  ['failed', { type: 'OutboundMailFailed', data: { attempt: 2, reason: '550 never' } }, '550 never'],
] as [string, DeskEvent, string][])('a mail that is %s is never due again', (state, event, response) => {
  expect(outboxAfter(mailQueued(), deferred(1, minute(5)), event)).toMatchObject([
    { state, attempts: 2, next_attempt_at: null, finished_at: new Date(minute(2)), response },
  ]);
});

test('what came in waits for a decision, then shows it with the reason', () => {
  const story = createStory();
  const stream = streams.inboundMail(newId());
  story.add(stream, mailReceived({ envelopeFrom: null }), { at: minute(0) });
  expect(foldAlone(inboundMail, story.log).inbound_mail).toMatchObject([
    { outcome: null, envelope_from: null, received_at: new Date(minute(0)), processed_at: null },
  ]);
  story.add(stream, mailProcessed({ outcome: 'quarantined', ticketId: null }), { at: minute(1) });
  expect(foldAlone(inboundMail, story.log).inbound_mail).toMatchObject([
    { outcome: 'quarantined', ticket_id: null, sender: 'anna@customer.example', processed_at: new Date(minute(1)) },
  ]);
});

test('ids of mails that came in and went out lead to their tickets, all of them', () => {
  const story = createStory();
  const from = (messageId: string) => message({ mail: { ...automaticMessage().mail!, messageId } });
  const one = story.ticket(newId(), { message: from('first@x') });
  const two = story.ticket(newId(), { message: from('first@x') });
  story.play(two, customerSays({ message: from('second@x') }));
  story.play(two, customerSays());
  story.add(streams.outboundMail(newId()), mailQueued({ ticketId: one, messageId: 'reply@desk' }));
  const known = foldAlone(messageIds, story.log).message_ids;
  expect(known.map(({ direction, message_id, ticket_id }) => [message_id, ticket_id, direction])).toEqual([
    ['first@x', one, 'inbound'],
    ['first@x', two, 'inbound'],
    ['second@x', two, 'inbound'],
    ['reply@desk', one, 'outbound'],
  ]);
});

test('an id longer than a line of mail is left out: it would not fit into the index', () => {
  const story = createStory();
  for (const messageId of ['x'.repeat(998), 'ü'.repeat(500)])
    story.add(streams.outboundMail(newId()), mailQueued({ ticketId: idFrom('t'), messageId }));
  expect(foldAlone(messageIds, story.log).message_ids.map(({ message_id }) => message_id)).toEqual(['x'.repeat(998)]);
});
