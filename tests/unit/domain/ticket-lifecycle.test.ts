import { describe, expect, test } from 'vitest';
import type { LifecyclePolicy } from '#contracts/settings-lifecycle.ts';
import type { ChangeStatus, FireTimer } from '#packages/domain/ticket/commands.ts';
import { allowedFrom } from '#packages/domain/ticket/custom-status.ts';
import { automaticTransitions } from '#packages/domain/ticket/lifecycle.ts';
import { transitions } from '#packages/domain/ticket/status.ts';
import type { TimerKind } from '#packages/domain/ticket/timers.ts';
import { savedLifecycle, savedStatus, settingsOf } from '#tests/support/settings.ts';
import { story } from '#tests/support/sla-story.ts';
import { agentSays, automaticMessage, createTicket, customerSays } from '#tests/support/tickets.ts';

const parts = savedStatus('waiting-parts', { category: 'on-hold', name: 'Waiting for parts' });
const vendor = savedStatus('with-vendor', { category: 'on-hold', name: 'With the vendor' });
const question = savedStatus('question', { category: 'pending', name: 'Question asked' });
const duplicate = savedStatus('duplicate', { category: 'closed', name: 'Duplicate' });

const go = (to: string, resumeAt?: string | null): ChangeStatus => ({
  type: 'ChangeStatus',
  data: { to, ...(resumeAt !== undefined && { resumeAt }) },
});
const fire = (timer: TimerKind, dueAt: string): FireTimer => ({ type: 'FireTimer', data: { timer, dueAt } });

/** A desk with the statuses above and, if given, a policy; the ticket was created on Monday 2026-03-02 at 9. */
function deskWith(policy?: Partial<LifecyclePolicy>) {
  const saved = policy ? [savedLifecycle('default', policy)] : [];
  const it = story(settingsOf(parts, vendor, question, duplicate, ...saved));
  it.at('2026-03-02T09:00:00Z', createTicket());
  return it;
}
/** What the refusal of a command says. */
function refusal(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('custom statuses', () => {
  test('a ticket goes to one by its id; the event tells category, id and revision', () => {
    expect(deskWith().at('2026-03-02T10:00:00Z', go('waiting-parts'))).toEqual([
      {
        type: 'TicketStatusChanged',
        data: { from: 'new', to: 'on-hold', reason: 'manual', statusId: 'waiting-parts', statusVersion: 1 },
      },
    ]);
  });

  test('from one to another of the same category, and to the category itself, is a change; to the same is none', () => {
    const it = deskWith();
    it.at('2026-03-02T10:00:00Z', go('waiting-parts'));
    expect(it.at('2026-03-02T11:00:00Z', go('waiting-parts'))).toEqual([]);
    expect(it.at('2026-03-02T11:00:00Z', go('with-vendor'))).toMatchObject([
      { data: { from: 'on-hold', to: 'on-hold', statusId: 'with-vendor' } },
    ]);
    expect(it.at('2026-03-02T12:00:00Z', go('on-hold'))).toEqual([
      { type: 'TicketStatusChanged', data: { from: 'on-hold', to: 'on-hold', reason: 'manual' } },
    ]);
    expect(it.state().lifecycle.custom).toBe(null);
  });

  test('a closed ticket may get another label, which does not reopen it', () => {
    const it = deskWith();
    it.at('2026-03-02T10:00:00Z', go('closed'));
    it.at('2026-03-03T10:00:00Z', go('duplicate'));
    expect(it.state()).toMatchObject({ status: 'closed', lifecycle: { doneSince: '2026-03-02T10:00:00.000Z' } });
  });

  test('an unknown one is refused', () => {
    const it = deskWith();
    const error = refusal(() => it.at('2026-03-02T10:00:00Z', go('no-such')));
    expect(error).toMatchObject({ code: 'UNKNOWN_STATUS', fields: [{ pointer: '/status' }] });
  });

  test('an illegal one is refused with all that are allowed, custom ones among them', () => {
    const it = deskWith();
    it.at('2026-03-02T10:00:00Z', go('closed'));
    const error = refusal(() => it.at('2026-03-02T11:00:00Z', go('waiting-parts')));
    const extra = { from: 'closed', to: 'waiting-parts', allowed: ['open', 'duplicate'] };
    expect(error).toMatchObject({ code: 'ILLEGAL_TRANSITION', extra });
  });

  test('the table of transitions holds those of the categories a ticket may go to, and of its own', () => {
    const settings = settingsOf(parts, vendor, question, duplicate);
    expect(allowedFrom('on-hold', settings)).toEqual([
      ...transitions['on-hold'],
      'duplicate',
      'question',
      'waiting-parts',
      'with-vendor',
    ]);
  });

  test('a reply takes a ticket up from a custom status as from its category', () => {
    const it = deskWith();
    it.at('2026-03-02T10:00:00Z', agentSays({ status: 'question' }));
    expect(it.at('2026-03-02T11:00:00Z', customerSays())).toMatchObject([
      { type: 'TicketCommented' },
      { data: { from: 'pending', to: 'open', reason: 'customer-replied' } },
    ]);
    expect(it.state().lifecycle.custom).toBe(null);
  });

  test('what happens by itself is legal by the table', () => {
    for (const { from, to } of automaticTransitions) for (const each of from) expect(transitions[each]).toContain(to);
  });
});

describe('postponed tickets', () => {
  const until = '2026-03-05T08:00:00.000Z';

  test.each(['on-hold', 'pending', 'waiting-parts'])('%s with resumeAt opens when that comes, and not before', (to) => {
    const it = deskWith();
    expect(it.at('2026-03-02T10:00:00Z', go(to, '2026-03-05T09:00:00+01:00'))).toMatchObject([
      { data: { resumeAt: until } },
    ]);
    expect(it.at('2026-03-05T07:59:59.999Z', fire('resume', until))).toEqual([]);
    expect(it.at('2026-03-05T08:00:00Z', fire('resume', until))).toMatchObject([
      { type: 'TicketStatusChanged', data: { to: 'open', reason: 'resumed' } },
    ]);
    expect(it.at('2026-03-05T08:00:01Z', fire('resume', until))).toEqual([]);
    expect(it.state().lifecycle.timers).toEqual({});
  });

  test('the instant is changed and taken away without leaving the status; a firing of the old one does nothing', () => {
    const it = deskWith();
    it.at('2026-03-02T10:00:00Z', go('on-hold', until));
    const later = '2026-03-06T08:00:00.000Z';
    expect(it.at('2026-03-02T11:00:00Z', go('on-hold'))).toEqual([]);
    expect(it.at('2026-03-02T11:00:00Z', go('on-hold', until))).toEqual([]);
    expect(it.at('2026-03-02T11:00:00Z', go('on-hold', later))).toEqual([
      { type: 'TicketPostponed', data: { resumeAt: later, resolveAt: null } },
    ]);
    expect(it.at('2026-03-05T09:00:00Z', fire('resume', until))).toEqual([]);
    expect(it.at('2026-03-05T10:00:00Z', go('on-hold', null))).toEqual([
      { type: 'TicketPostponed', data: { resumeAt: null, resolveAt: null } },
    ]);
    expect(it.at('2026-03-06T09:00:00Z', fire('resume', later))).toEqual([]);
  });

  test('another custom status of the category keeps the instant; leaving the category forgets it', () => {
    const it = deskWith();
    it.at('2026-03-02T10:00:00Z', go('on-hold', until));
    expect(it.at('2026-03-02T11:00:00Z', go('with-vendor'))).toMatchObject([{ data: { resumeAt: until } }]);
    expect(it.at('2026-03-02T12:00:00Z', go('pending'))).toEqual([
      { type: 'TicketStatusChanged', data: { from: 'on-hold', to: 'pending', reason: 'manual' } },
    ]);
    expect(it.at('2026-03-05T09:00:00Z', fire('resume', until))).toEqual([]);
  });

  test('a comment postpones in the same append, with a status or within the present one', () => {
    const it = deskWith();
    expect(it.at('2026-03-02T10:00:00Z', agentSays({ status: 'pending', resumeAt: until }))).toMatchObject([
      { type: 'TicketCommented' },
      { type: 'TicketStatusChanged', data: { to: 'pending', resumeAt: until } },
    ]);
    expect(it.at('2026-03-02T11:00:00Z', agentSays({ visibility: 'internal', resumeAt: null }))).toMatchObject([
      { type: 'TicketCommented' },
      { type: 'TicketPostponed', data: { resumeAt: null } },
    ]);
  });

  test.each([
    ['in the past', 'on-hold', '2026-03-02T09:59:59Z'],
    ['now', 'on-hold', '2026-03-02T10:00:00Z'],
    ['in more than a year', 'pending', '2027-03-04T10:00:00Z'],
    ['on a day that is none', 'pending', '2026-02-30T10:00:00Z'],
    ['in a status that nobody waits in', 'open', '2026-03-05T10:00:00Z'],
  ])('%s is no time to return', (_why, to, resumeAt) => {
    const it = deskWith();
    const error = refusal(() => it.at('2026-03-02T10:00:00Z', go(to, resumeAt)));
    expect(error).toMatchObject({ code: 'POSTPONEMENT_INVALID', fields: [{ pointer: '/resumeAt' }] });
    expect(it.state().length).toBe(1);
  });
});

describe('closing and reopening by policy', () => {
  const policy = { reopenDays: 14, autoCloseDays: 7 };
  const closesAt = '2026-03-09T10:00:00.000Z';

  test('what the policy gives is in the event, with its revision', () => {
    expect(deskWith(policy).at('2026-03-02T10:00:00Z', go('resolved'))).toMatchObject([
      {
        data: {
          terms: {
            policyId: 'default',
            policyVersion: 1,
            closesAt,
            reopenUntil: '2026-03-16T10:00:00.000Z',
            remindAt: null,
            resolveAt: null,
          },
        },
      },
    ]);
  });

  test('a resolved ticket is closed when its days are over, and its customer may still reopen it for a while', () => {
    const it = deskWith(policy);
    it.at('2026-03-02T10:00:00Z', go('resolved'));
    expect(it.at('2026-03-09T09:59:59Z', fire('auto-close', closesAt))).toEqual([]);
    expect(it.at('2026-03-09T10:00:00Z', fire('auto-close', closesAt))).toMatchObject([
      {
        data: {
          from: 'resolved',
          to: 'closed',
          reason: 'auto-closed',
          terms: { closesAt: null, reopenUntil: '2026-03-16T10:00:00.000Z' },
        },
      },
    ]);
    expect(it.at('2026-03-16T09:59:59.999Z', customerSays())).toMatchObject([
      { type: 'TicketCommented' },
      { data: { from: 'closed', to: 'open', reason: 'customer-replied' } },
    ]);
    expect(it.state().lifecycle).toMatchObject({ doneSince: null, terms: null, timers: {} });
  });

  test.each([['resolved'], ['closed']])('a reply after the days is refused to a customer when %s', (to) => {
    const it = deskWith({ reopenDays: 3, autoCloseDays: null });
    it.at('2026-03-02T10:00:00Z', go(to));
    const error = refusal(() => it.at('2026-03-05T10:00:00Z', customerSays()));
    expect(error).toMatchObject({
      code: 'TICKET_CLOSED',
      extra: {
        number: 1001,
        status: to,
        doneSince: '2026-03-02T10:00:00.000Z',
        reopenUntil: '2026-03-05T10:00:00.000Z',
      },
    });
    expect(it.at('2026-03-05T10:00:00Z', customerSays({ message: automaticMessage() }))).toHaveLength(1);
  });

  test('closing by hand does not prolong the days; reopened and resolved again they count anew', () => {
    const it = deskWith(policy);
    it.at('2026-03-02T10:00:00Z', go('resolved'));
    it.at('2026-03-04T10:00:00Z', go('closed'));
    expect(it.state().lifecycle.terms?.reopenUntil).toBe('2026-03-16T10:00:00.000Z');
    expect(it.at('2026-03-09T10:00:00Z', fire('auto-close', closesAt))).toEqual([]);
    it.at('2026-03-10T10:00:00Z', go('open'));
    it.at('2026-03-11T10:00:00Z', go('resolved'));
    expect(it.state().lifecycle.terms?.closesAt).toBe('2026-03-18T10:00:00.000Z');
  });

  test('null days: reopened at any time, never closed by itself', () => {
    const it = deskWith({ reopenDays: null, autoCloseDays: null });
    it.at('2026-03-02T10:00:00Z', go('closed'));
    expect(it.state().lifecycle.timers).toEqual({});
    it.at('2029-03-02T10:00:00Z', customerSays());
    expect(it.state().status).toBe('open');
  });

  test('without a policy a resolved ticket takes every reply and a closed one none', () => {
    const it = deskWith();
    it.at('2026-03-02T10:00:00Z', go('resolved'));
    it.at('2028-03-02T10:00:00Z', customerSays());
    expect(it.state().status).toBe('open');
    it.at('2028-03-02T11:00:00Z', go('closed'));
    const error = refusal(() => it.at('2028-03-02T11:00:01Z', customerSays()));
    expect(error).toMatchObject({ code: 'TICKET_CLOSED', extra: { reopenUntil: null } });
  });

  test('the first policy that matches wins, and one saved later changes nothing that was decided', () => {
    const urgent = savedLifecycle('urgent', { order: 1, match: { priorities: ['urgent'] }, autoCloseDays: 1 });
    const rest = savedLifecycle('rest', { order: 2, autoCloseDays: 2 });
    let settings = settingsOf(urgent, rest);
    const it = story(() => settings);
    it.at('2026-03-02T09:00:00Z', createTicket());
    it.at('2026-03-02T10:00:00Z', go('resolved'));
    settings = settingsOf(urgent, rest, savedLifecycle('rest', { order: 2, autoCloseDays: 30 }));
    const terms = { policyId: 'rest', policyVersion: 1, closesAt: '2026-03-04T10:00:00.000Z' };
    expect(it.state().lifecycle.terms).toMatchObject(terms);
    expect(it.at('2026-03-04T10:00:00Z', fire('auto-close', terms.closesAt))).toHaveLength(1);
  });
});

describe('a customer who is silent', () => {
  const policy = { pendingReminderDays: 2, pendingResolveDays: 10 };

  test('is reminded three times, then the ticket is resolved, and later closed', () => {
    const it = deskWith({ ...policy, autoCloseDays: 7 });
    it.at('2026-03-02T10:00:00Z', go('pending'));
    expect(it.state().lifecycle.timers).toEqual({
      remind: '2026-03-04T10:00:00.000Z',
      'auto-resolve': '2026-03-12T10:00:00.000Z',
    });
    expect(it.at('2026-03-04T10:00:00Z', fire('remind', '2026-03-04T10:00:00.000Z'))).toEqual([
      { type: 'TicketReminded', data: { count: 1, nextAt: '2026-03-06T10:00:00.000Z' } },
    ]);
    expect(it.at('2026-03-04T10:00:01Z', fire('remind', '2026-03-04T10:00:00.000Z'))).toEqual([]);
    it.at('2026-03-06T10:00:00Z', fire('remind', '2026-03-06T10:00:00.000Z'));
    expect(it.at('2026-03-08T10:00:00Z', fire('remind', '2026-03-08T10:00:00.000Z'))).toEqual([
      { type: 'TicketReminded', data: { count: 3, nextAt: null } },
    ]);
    expect(it.at('2026-03-12T10:00:00Z', fire('auto-resolve', '2026-03-12T10:00:00.000Z'))).toMatchObject([
      {
        data: {
          from: 'pending',
          to: 'resolved',
          reason: 'customer-silent',
          terms: { closesAt: '2026-03-19T10:00:00.000Z' },
        },
      },
    ]);
  });

  test('an answer ends the waiting, and the next waiting begins at none', () => {
    const it = deskWith(policy);
    it.at('2026-03-02T10:00:00Z', go('pending'));
    it.at('2026-03-04T10:00:00Z', fire('remind', '2026-03-04T10:00:00.000Z'));
    it.at('2026-03-05T10:00:00Z', customerSays());
    expect(it.at('2026-03-06T10:00:00Z', fire('remind', '2026-03-06T10:00:00.000Z'))).toEqual([]);
    it.at('2026-03-07T10:00:00Z', go('pending'));
    expect(it.state().lifecycle).toMatchObject({ pendingSince: '2026-03-07T10:00:00.000Z', reminders: 0 });
  });

  test('another custom status goes on with the same waiting', () => {
    const it = deskWith(policy);
    it.at('2026-03-02T10:00:00Z', go('pending'));
    it.at('2026-03-04T10:00:00Z', fire('remind', '2026-03-04T10:00:00.000Z'));
    it.at('2026-03-05T10:00:00Z', go('question'));
    expect(it.state().lifecycle).toMatchObject({
      pendingSince: '2026-03-02T10:00:00.000Z',
      reminders: 1,
      timers: { remind: '2026-03-06T10:00:00.000Z', 'auto-resolve': '2026-03-12T10:00:00.000Z' },
    });
  });

  test('a ticket that returns by itself is not resolved before; taken back, the silence counts from then', () => {
    const it = deskWith(policy);
    it.at('2026-03-02T10:00:00Z', go('pending', '2026-03-20T10:00:00Z'));
    expect(it.state().lifecycle.timers).toEqual({
      resume: '2026-03-20T10:00:00.000Z',
      remind: '2026-03-04T10:00:00.000Z',
    });
    expect(it.at('2026-03-15T10:00:00Z', go('pending', null))).toEqual([
      { type: 'TicketPostponed', data: { resumeAt: null, resolveAt: '2026-03-25T10:00:00.000Z' } },
    ]);
    it.at('2026-03-16T10:00:00Z', go('pending', '2026-03-20T10:00:00Z'));
    expect(it.state().lifecycle.timers['auto-resolve']).toBeUndefined();
  });
});
