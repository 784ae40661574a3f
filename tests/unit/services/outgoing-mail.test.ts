import { describe, expect, it } from 'vitest';
import type { MailHeaders } from '#contracts/events/message.ts';
import { maxAttempts, nextAttemptAt } from '#services/notification/attempts.ts';
import { fitEvent } from '#services/notification/fit-event.ts';
import { recipientsOf } from '#services/notification/recipients.ts';

const headers = (changes: Partial<MailHeaders>): MailHeaders => ({
  inboundMailId: '0190b5a0-0000-7000-8000-000000000000',
  messageId: 'x@customer.example',
  inReplyTo: [],
  references: [],
  from: 'anna@customer.example',
  to: ['support@desk.example'],
  cc: [],
  automatic: false,
  ...changes,
});

describe('recipients of an answer', () => {
  const ownAddresses = new Set(['support@desk.example']);
  const of = (requester: string | null, customerMail: MailHeaders | null) =>
    recipientsOf({ requester, customerMail, ownAddresses });

  it('are the requester and everybody on the newest mail but the desk', () => {
    const mail = headers({ to: ['support+t1-0@desk.example', 'ben@customer.example'], cc: ['cleo@customer.example'] });
    expect(of('anna@customer.example', mail)).toEqual({
      to: ['anna@customer.example'],
      cc: ['ben@customer.example', 'cleo@customer.example'],
    });
  });
  it('include a colleague who wrote last', () => {
    expect(of('anna@customer.example', headers({ from: 'ben@customer.example' }))).toEqual({
      to: ['anna@customer.example'],
      cc: ['ben@customer.example'],
    });
  });
  it('are nobody when nobody has an address', () => {
    expect(of(null, null)).toBeNull();
    expect(of('support@desk.example', null)).toBeNull();
  });
});

describe('attempts', () => {
  it('come ever later, for about two days, and end', () => {
    const start = Temporal.Instant.from('2026-03-02T09:00:00Z');
    const waits: number[] = [];
    for (let attempt = 1; ; attempt += 1) {
      const next = nextAttemptAt(attempt, start);
      if (next === null) break;
      waits.push((Date.parse(next) - start.epochMilliseconds) / 60_000);
    }
    expect(waits).toHaveLength(maxAttempts - 1);
    expect(waits.slice(0, 4)).toEqual([1, 5, 15, 60]);
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
    const hours = waits.reduce((sum, wait) => sum + wait, 0) / 60;
    expect(hours).toBeGreaterThan(48);
  });
});

describe('the body of a queued mail', () => {
  const bytes = (body: object) => Buffer.byteLength(JSON.stringify(body));
  it('is kept as it is when it fits', () => {
    expect(fitEvent({ text: 'hello', html: '<p>hello</p>' })).toEqual({ text: 'hello', html: '<p>hello</p>' });
  });
  it('loses its HTML form first, then its end', () => {
    const text = '€'.repeat(200_000);
    expect(fitEvent({ text, html: text })).toEqual({ text, html: null });
    const cut = fitEvent({ text: '€\n'.repeat(250_000), html: null });
    expect(cut.text).toContain('Cut here');
    expect(bytes(cut)).toBeLessThan(1_000_000);
  });
});
