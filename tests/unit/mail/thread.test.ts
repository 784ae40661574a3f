import { describe, expect, it } from 'vitest';
import { baseAddress, createReplyAddresses } from '#packages/mail/reply-address.ts';
import { chooseThread, type ThreadCandidate, threadKeys } from '#packages/mail/thread.ts';

const anna = { name: 'Anna', address: 'anna@customer.example' };
const stranger = { name: 'Eve', address: 'eve@elsewhere.example' };

type Mail = Parameters<typeof threadKeys>[0] & Parameters<typeof chooseThread>[0]['mail'];
const mail = (changes: Partial<Mail> = {}): Mail => ({
  from: anna,
  inReplyTo: [],
  references: [],
  to: [],
  cc: [],
  subject: '',
  ...changes,
});
const ticket = (number: number, changes: Partial<ThreadCandidate> = {}): ThreadCandidate => ({
  ticketId: `ticket-${number}`,
  number,
  status: 'open',
  takesReplies: true,
  messageIds: [],
  lastActivityAt: '2026-01-01T00:00:00.000Z',
  participantAddresses: [anna.address],
  participantDomains: ['customer.example'],
  ...changes,
});
const choose = (about: Mail, candidates: ThreadCandidate[], isAgent = false) =>
  chooseThread({ mail: about, keys: threadKeys(about, { readReplyAddress: addresses.read }), candidates, isAgent });
const addresses = createReplyAddresses('secret');

describe('thread keys', () => {
  it('asks for the answered message first, then its ancestors from the newest, each once', () => {
    const { messageIds } = threadKeys(mail({ inReplyTo: ['c'], references: ['a', 'b', 'c'] }));
    expect(messageIds).toEqual([
      { id: 'c', header: 'in-reply-to' },
      { id: 'b', header: 'references' },
      { id: 'a', header: 'references' },
    ]);
    expect(threadKeys(mail({ references: Array.from({ length: 200 }, (_, i) => `${i}`) })).messageIds).toHaveLength(50);
  });

  it.each([
    ['Re: Fire [#1234]', [1234]],
    ['[#1] and [#2], [#1] again', [1, 2]],
    ['[#12][#x3] [#007] [#0]', [12]],
    ['([#5])', [5]],
    ['order[#1234]', []],
    ['[#1234]th', []],
    ['#1234 [1234] [# 1234] [#12a] [#-1]', []],
    ['Größe[#1] 日本[#2]', []],
    ['[#99999999999999999999]', []],
  ])('reads %j as %j', (subject, numbers) => {
    expect(threadKeys(mail({ subject })).subjectNumbers).toEqual(numbers);
  });

  it('reads signed reply addresses of the header and of the envelope', () => {
    const keys = threadKeys(mail({ to: [{ name: '', address: addresses.make('support@desk.example', 7) }] }), {
      readReplyAddress: addresses.read,
      recipients: [addresses.make('support@desk.example', 8), 'support@desk.example'],
    });
    expect(keys.replyAddressNumbers).toEqual([8, 7]);
  });
});

describe('choice of the ticket', () => {
  it('follows the answered message, whatever the subject says', () => {
    const choice = choose(mail({ inReplyTo: ['m1'], subject: 'New subject [#2]' }), [
      ticket(1, { messageIds: ['m1'] }),
      ticket(2),
    ]);
    expect(choice).toEqual({
      ticketId: 'ticket-1',
      number: 1,
      status: 'open',
      takesReplies: true,
      matchedBy: 'in-reply-to',
      reason: 'Its in-reply-to header names a message of #1.',
    });
  });

  it('follows older references when the answered message is unknown', () => {
    const about = mail({ inReplyTo: ['unknown'], references: ['m1', 'm2', 'unknown'] });
    expect(choose(about, [ticket(1, { messageIds: ['m1'] }), ticket(2, { messageIds: ['m2'] })])).toMatchObject({
      number: 2,
      matchedBy: 'references',
    });
  });

  it('lets the company of the requester, people in copy and agents take part, and nobody else', () => {
    const candidates = [
      ticket(1, { messageIds: ['m1'], participantAddresses: ['copy@partner.example', anna.address] }),
    ];
    const colleague = { name: '', address: 'bob@customer.example' };
    const copied = { name: '', address: 'copy@partner.example' };
    expect(choose(mail({ from: colleague, inReplyTo: ['m1'] }), candidates)).toMatchObject({ number: 1 });
    expect(choose(mail({ from: copied, inReplyTo: ['m1'] }), candidates)).toMatchObject({ number: 1 });
    expect(choose(mail({ from: stranger, inReplyTo: ['m1'] }), candidates, true)).toMatchObject({ number: 1 });
    expect(choose(mail({ from: stranger, inReplyTo: ['m1'] }), candidates)).toEqual({
      ticketId: null,
      matchedBy: 'none',
      reason: 'It refers to #1, but the sender takes no part there.',
    });
    expect(choose(mail({ from: null, inReplyTo: ['m1'] }), candidates)).toMatchObject({ ticketId: null });
  });

  it('does not let a domain be taken for another that ends alike', () => {
    const lookalike = { name: '', address: 'eve@evil-customer.example' };
    const sub = { name: '', address: 'eve@customer.example.evil.example' };
    const candidates = [ticket(1, { messageIds: ['m1'] })];
    expect(choose(mail({ from: lookalike, inReplyTo: ['m1'] }), candidates).ticketId).toBeNull();
    expect(choose(mail({ from: sub, inReplyTo: ['m1'] }), candidates).ticketId).toBeNull();
  });

  it('takes the ticket last active when a message is known in two, and says so', () => {
    const candidates = [
      ticket(1, { messageIds: ['m1'], lastActivityAt: '2026-01-02T00:00:00.000Z' }),
      ticket(2, { messageIds: ['m1'], lastActivityAt: '2026-01-01T23:59:59.999Z' }),
    ];
    const choice = choose(mail({ inReplyTo: ['m1'] }), candidates);
    expect(choice).toMatchObject({ number: 1, reason: expect.stringContaining('#1 and #2') });
    const foreign = candidates.map((each) =>
      each.number === 1 ? { ...each, participantAddresses: [], participantDomains: [] } : each,
    );
    expect(choose(mail({ inReplyTo: ['m1'] }), foreign)).toMatchObject({ number: 2 });
  });

  it('believes a signed reply address whoever writes to it, and no other', () => {
    const to = (address: string) => [{ name: '', address }];
    const signed = addresses.make('support@desk.example', 3);
    expect(choose(mail({ from: stranger, to: to(signed) }), [ticket(3)])).toMatchObject({
      number: 3,
      matchedBy: 'reply-address',
    });
    const other = createReplyAddresses('other').make('support@desk.example', 3);
    expect(choose(mail({ from: stranger, to: to(other) }), [ticket(3)])).toMatchObject({ ticketId: null });
  });

  it('believes a number in the subject only of those who take part', () => {
    expect(choose(mail({ subject: 'x [#4]' }), [ticket(4)])).toMatchObject({ number: 4, matchedBy: 'subject-number' });
    expect(choose(mail({ subject: 'x [#9] [#4]' }), [ticket(4)])).toMatchObject({ number: 4 });
    expect(choose(mail({ from: stranger, subject: 'x [#4]' }), [ticket(4)])).toMatchObject({ ticketId: null });
  });

  it('hands on that the ticket is closed: what follows from that is not its business', () => {
    expect(choose(mail({ subject: '[#4]' }), [ticket(4, { status: 'closed' })])).toMatchObject({ status: 'closed' });
  });

  it('tells mail that refers to nothing from mail that refers to something unknown', () => {
    expect(choose(mail(), []).reason).toBe('It refers to no earlier message or ticket.');
    expect(choose(mail({ inReplyTo: ['x'] }), []).reason).toBe('It refers to no message or ticket that is known here.');
  });
});

describe('reply addresses', () => {
  it('are read back, whatever their case', () => {
    const address = addresses.make('support@desk.example', 1234);
    expect(address).toMatch(/^support\+t1234-[0-9a-f]{16}@desk\.example$/);
    expect(addresses.read(address.toUpperCase())).toBe(1234);
    expect(addresses.read(address.replace('t1234', 't1235'))).toBeNull();
    expect(addresses.read('support@desk.example')).toBeNull();
    expect(addresses.read('support+t1-0000000000000000@desk.example')).toBeNull();
  });

  it('do without a tag where it does not fit', () => {
    const long = `${'x'.repeat(60)}@desk.example`;
    expect(addresses.make(long, 1)).toBe(long);
  });

  it('lead to their mailbox', () => {
    expect(baseAddress('support+t1-x@desk.example')).toBe('support@desk.example');
    expect(baseAddress('support@desk.example')).toBe('support@desk.example');
    expect(baseAddress('"a+b"@desk.example')).toBe('"a+b"@desk.example');
    expect(baseAddress('+x@desk.example')).toBe('+x@desk.example');
  });
});
