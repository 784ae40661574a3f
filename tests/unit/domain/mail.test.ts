import { describe, expect, test } from 'vitest';
import type { InboundMailEvent, OutboundMailEvent } from '#contracts/events/mail.ts';
import { inboundMail } from '#packages/domain/mail/inbound.ts';
import { type OutboundMailCommand, outboundMail } from '#packages/domain/mail/outbound.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';

describe('a mail that came in', () => {
  const data = {
    mailboxId: 'support',
    transport: 'smtp' as const,
    envelopeFrom: 'anna@customer.example',
    recipients: ['help@desk.example'],
    remote: '192.0.2.1',
    blob: 'b'.repeat(64),
    size: 1200,
  };
  const received: InboundMailEvent = { type: 'InboundMailReceived', data };
  const decided = (outcome: 'ticket-created' | 'quarantined' | 'ignored') => ({
    outcome,
    ticketId: null,
    commentId: null,
    matchedBy: 'none' as const,
    classification: 'person' as const,
    reason: 'test',
    messageId: null,
    subject: null,
    from: null,
  });
  const process = (outcome: 'ticket-created' | 'quarantined' | 'ignored') =>
    ({ type: 'ProcessMail', data: decided(outcome) }) as const;
  const processed = (outcome: 'ticket-created' | 'quarantined' | 'ignored'): InboundMailEvent => ({
    type: 'InboundMailProcessed',
    data: decided(outcome),
  });

  test('is received once, however often it is delivered', () => {
    given(inboundMail).when({ type: 'ReceiveMail', data }).thenEvents(received);
    given(inboundMail, received)
      .when({ type: 'ReceiveMail', data: { ...data, remote: '192.0.2.2' } })
      .thenNothing();
  });

  test('is decided once', () => {
    given(inboundMail, received).when(process('ticket-created')).thenEvents(processed('ticket-created'));
    given(inboundMail, received, processed('ticket-created')).when(process('ignored')).thenNothing();
  });

  test('can be released from quarantine', () => {
    const held = given(inboundMail, received, processed('quarantined'));
    held.when(process('quarantined')).thenNothing();
    held.when(process('ticket-created')).thenEvents(processed('ticket-created'));
  });

  test('must have been received to be decided', () => {
    given(inboundMail).when(process('ignored')).thenRejects('MAIL_NOT_FOUND');
  });
});

describe('a mail that goes out', () => {
  const data = {
    ticketId: idFrom('test', 'ticket'),
    causeEventId: idFrom('test', 'event'),
    template: 'reply' as const,
    from: { name: 'Help desk', address: 'help@desk.example' },
    to: ['anna@customer.example'],
    cc: [],
    replyTo: null,
    subject: 'Re: Printer',
    messageId: 'one@desk.example',
    inReplyTo: null,
    references: [],
    automatic: false,
    text: 'Hello',
    html: null,
    attachments: [],
  };
  const queued: OutboundMailEvent = { type: 'OutboundMailQueued', data };
  const deferral = (attempt: number) => ({ attempt, reason: '451 later', nextAttemptAt: '2026-03-02T10:05:00.000Z' });
  const deferred = (attempt: number): OutboundMailEvent => ({ type: 'OutboundMailDeferred', data: deferral(attempt) });
  const success = { transport: 'smtp' as const, response: '250 ok', attempt: 1 };
  const sent: OutboundMailEvent = { type: 'OutboundMailSent', data: success };
  const failure = { attempt: 2, reason: '550 unknown' };
  const failed: OutboundMailEvent = { type: 'OutboundMailFailed', data: failure };
  const markSent: OutboundMailCommand = { type: 'MarkSent', data: success };
  const defer = (attempt: number): OutboundMailCommand => ({ type: 'DeferMail', data: deferral(attempt) });
  const fail: OutboundMailCommand = { type: 'FailMail', data: failure };

  test('is queued once', () => {
    given(outboundMail).when({ type: 'QueueMail', data }).thenEvents(queued);
    given(outboundMail, queued).when({ type: 'QueueMail', data }).thenNothing();
  });

  test('is sent, deferred or given up', () => {
    given(outboundMail, queued).when(markSent).thenEvents(sent);
    given(outboundMail, queued).when(defer(1)).thenEvents(deferred(1));
    given(outboundMail, queued, deferred(1)).when(fail).thenEvents(failed);
    expect(given(outboundMail, queued, deferred(1)).state).toMatchObject({
      status: 'queued',
      attempts: 1,
      nextAttemptAt: '2026-03-02T10:05:00.000Z',
    });
  });

  test('an attempt fails once, but a success counts even of an attempt taken for a failure', () => {
    given(outboundMail, queued, deferred(2)).when(defer(2)).thenNothing();
    given(outboundMail, queued, deferred(2)).when(fail).thenNothing();
    given(outboundMail, queued, deferred(2)).when(markSent).thenEvents(sent);
  });

  test.each([
    { final: 'sent', past: [queued, sent] },
    { final: 'failed', past: [queued, failed] },
  ])('nothing follows on $final', ({ past }) => {
    for (const command of [markSent, defer(9), fail, { type: 'QueueMail', data } as const])
      given(outboundMail, ...past)
        .when(command)
        .thenNothing();
  });

  test('must have been queued', () => {
    for (const command of [markSent, defer(1), fail]) given(outboundMail).when(command).thenRejects('MAIL_NOT_FOUND');
  });
});
