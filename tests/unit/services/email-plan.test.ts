import { describe, expect, it } from 'vitest';
import type { Classification, Classified } from '#packages/mail/classify.ts';
import type { ThreadChoice } from '#packages/mail/thread.ts';
import { planFor } from '#services/email-ingest/plan.ts';

const classified = (classification: Classification): Classified => ({
  classification,
  automatic: classification !== 'person',
  reason: `It is ${classification}.`,
  permanent: true,
  failedRecipients: [],
});
const nowhere: ThreadChoice = { ticketId: null, matchedBy: 'none', reason: 'It refers to nothing.' };
const matched = (changes: Partial<Exclude<ThreadChoice, { ticketId: null }>> = {}): ThreadChoice => ({
  ticketId: 'ticket',
  number: 1001,
  status: 'open',
  takesReplies: true,
  matchedBy: 'in-reply-to',
  reason: 'It answers #1001.',
  ...changes,
});
const closed = matched({ status: 'closed', takesReplies: false });
const byNumber = matched({ matchedBy: 'subject-number' });
const plan = (kind: Classification, thread: ThreadChoice, isAgent = false) =>
  planFor({ classified: classified(kind), thread, isAgent });

const publicComment = { action: 'comment', ticketId: 'ticket', visibility: 'public' };
const note = { action: 'comment', ticketId: 'ticket', visibility: 'internal' };
const newTicket = { action: 'create', followUpOf: null };

describe('what becomes of a mail', () => {
  const cases: [string, ReturnType<typeof plan>, object][] = [
    ['a new request', plan('person', nowhere), newTicket],
    ['a reply', plan('person', matched()), publicComment],
    ['a reply that reopens', plan('person', matched({ status: 'resolved' })), publicComment],
    ['a reply to a closed ticket', plan('person', closed), { action: 'create', followUpOf: 'ticket' }],
    ['mail of a list', plan('list', nowhere), newTicket],
    ['mail of a list to a closed ticket', plan('list', closed), publicComment],
    ['an automatic reply', plan('auto-reply', matched()), publicComment],
    ['an automatic reply to a closed ticket', plan('auto-reply', closed), publicComment],
    ['an automatic reply to nothing', plan('auto-reply', nowhere), { action: 'ignore' }],
    ['an automatic reply of an agent', plan('auto-reply', matched(), true), note],
    ['a bounce', plan('bounce', matched()), note],
    ['a bounce of something else', plan('bounce', nowhere), { action: 'ignore' }],
    ['mail of the desk itself', plan('own', matched()), { action: 'ignore', reason: 'It is own.' }],
    ["an agent's answer, which anybody could have written", plan('person', matched(), true), note],
    ["an agent's mail that names the number", plan('person', byNumber, true), note],
    ["an agent's mail to a closed ticket", plan('person', closed, true), note],
    ["an agent's request", plan('person', nowhere, true), newTicket],
    ["a customer's mail that names the number", plan('person', byNumber), publicComment],
  ];
  it.each(cases)('%s', (_, actual, expected) => {
    expect(actual).toMatchObject(expected);
    expect(actual.reason).toMatch(/^It .*\.$/);
  });
});
