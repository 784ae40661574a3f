import fc from 'fast-check';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { type TicketEvent, ticketEvents } from '#contracts/events/ticket.ts';
import { priorities, type SlaClock, slaClocks, statuses } from '#contracts/primitives.ts';
import type { Recorded } from '#packages/domain/decider.ts';
import type { TicketCommand } from '#packages/domain/ticket/commands.ts';
import type { ConversationState } from '#packages/domain/ticket/conversation-state.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { type ClockExplanation, explainSla } from '#packages/domain/ticket/sla-explanation.ts';
import type { TicketState } from '#packages/domain/ticket/state.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import { type TimerKind, timerKinds } from '#packages/domain/ticket/timers.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { attributeActions, attributeCommand, attributeSettings } from '#tests/support/attribute-history.ts';
import { play } from '#tests/support/given.ts';
import {
  aroundTheClock,
  calendarOf,
  savedCalendar,
  savedLifecycle,
  savedPolicy,
  savedStatus,
  settingsOf,
} from '#tests/support/settings.ts';
import { agentSays, automaticMessage, createTicket, customerSays, message } from '#tests/support/tickets.ts';

/** Whatever people do to a ticket, in whatever order, its clocks stay true to the log. */
const settings = settingsOf(
  savedCalendar(),
  savedCalendar('berlin', calendarOf({ timeZone: 'Europe/Berlin', holidays: ['2026-03-30'] })),
  savedCalendar('always', aroundTheClock('America/New_York')),
  savedPolicy('urgent', {
    order: 1,
    match: { priorities: ['urgent'] },
    calendarId: 'always',
    firstResponseMinutes: 30,
  }),
  savedPolicy('high', { order: 2, match: { priorities: ['high'] }, calendarId: 'berlin', nextResponseMinutes: null }),
  savedPolicy('hardware', { order: 0, match: { services: ['hardware'] }, calendarId: 'berlin', resolutionMinutes: 90 }),
  savedPolicy('normal', { order: 3, match: { priorities: ['normal'] } }),
  ...attributeSettings,
  ...(['open', 'pending', 'on-hold', 'resolved', 'closed'] as const).map((category) =>
    savedStatus(`own-${category}`, { category }),
  ),
  savedLifecycle('all', { reopenDays: 3, autoCloseDays: 2, pendingReminderDays: 1, pendingResolveDays: 4 }),
);

type Stored = Recorded<TicketEvent> & { readonly id: string };
type Step = {
  readonly minutes: number;
  readonly command: (ticket: TicketState, now: Temporal.Instant) => TicketCommand | null;
};

const visibility = fc.constantFrom('public', 'internal');
const status = fc.constantFrom<string>(...statuses, ...statuses.map((category) => `own-${category}`));
const wish = fc.record({ to: status, days: fc.option(fc.integer({ min: -1, max: 5 })) });
const say = fc
  .record({ visibility, who: fc.constantFrom(agentSays, customerSays), to: fc.option(status), automatic: fc.boolean() })
  .map(({ visibility, who, to, automatic }) => () => {
    const said = automatic ? { message: automaticMessage() } : {};
    return who({ visibility, ...said, ...(to ? { status: to } : {}) });
  });
const always =
  (command: TicketCommand): Step['command'] =>
  () =>
    command;
const fire =
  (clock: SlaClock): Step['command'] =>
  ({ sla }) => {
    const state = sla[clock];
    return state?.phase === 'running' ? { type: 'BreachSla', data: { clock, dueAt: state.dueAt } } : null;
  };
const retouch = fc
  .record({ pick: fc.nat(), from: fc.nat({ max: 30 }), length: fc.nat({ max: 30 }), edits: fc.boolean() })
  .map(({ edits, from, length, pick }): Step['command'] => ({ conversation }) => {
    const comment = conversation[pick % conversation.length];
    if (!comment) return null;
    const { authorId: by, commentId } = comment;
    if (edits)
      return { type: 'EditComment', data: { commentId, by, message: message({ text: `😀 ${pick}` }), keep: null } };
    const parts = length === 0 ? [{ kind: 'whole' } as const] : [{ kind: 'text', from, to: from + length } as const];
    return { type: 'RedactComment', data: { commentId, by, eventId: commentId, parts, reason: 'private' } };
  });
const fireTimer =
  (timer: TimerKind): Step['command'] =>
  ({ lifecycle }) => {
    const dueAt = lifecycle.timers[timer];
    return dueAt === undefined ? null : { type: 'FireTimer', data: { timer, dueAt } };
  };
const changeTo =
  ({ days, to }: { days: number | null; to: string }): Step['command'] =>
  (_ticket, now) => {
    const resumeAt = days === null ? {} : { resumeAt: now.add({ hours: 24 * days }).toString() };
    return { type: 'ChangeStatus', data: { to, ...resumeAt } };
  };
const elsewhere = { into: idFrom('test', 'survivor'), number: 2_002 };
/** Set aside and taken back: its clocks go on as if it had not been. */
const asides: readonly TicketCommand[] = [
  { type: 'MarkSpam', data: { reason: null } },
  { type: 'RestoreTicket', data: { reason: null } },
  { type: 'RestoreTicket', data: { reason: null } },
  { type: 'SettleMerge', data: { mergeId: idFrom('test', 'merge'), ...elsewhere, refusal: null } },
  { type: 'Unmerge', data: {} },
  { type: 'Unmerge', data: {} },
];
const command: fc.Arbitrary<Step['command']> = fc.oneof(
  { weight: 4, arbitrary: say },
  { weight: 2, arbitrary: retouch },
  { weight: 3, arbitrary: wish.map(changeTo) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...priorities).map((to) => always({ type: 'ChangePriority', data: { to } })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...attributeActions), fc.nat({ max: 63 }))
      .map(([action, pick]) => always(attributeCommand[action](pick, '2026-04-01T00:00:00.000Z'))),
  },
  { weight: 2, arbitrary: fc.constantFrom(...slaClocks).map(fire) },
  { weight: 2, arbitrary: fc.constantFrom(...asides).map(always) },
  { weight: 3, arbitrary: fc.constantFrom(...timerKinds).map(fireTimer) },
);
const step: fc.Arbitrary<Step> = fc.record({ minutes: fc.nat({ max: 36 * 60 }), command });

/** By a mail, or by a call that was answered: the ticket is then in whatever status that led to. */
const beginning = fc
  .record({ priority: fc.constantFrom(...priorities), call: fc.constantFrom('none', 'open', 'pending', 'resolved') })
  .map(({ call, priority }): TicketCommand => {
    const opened = createTicket({ priority });
    if (call === 'none') return opened;
    const answer = agentSays({ status: call, channel: 'phone' });
    return { type: 'RegisterCall', data: { ticket: opened.data, assignment: null, answer } };
  });

test('elapsed time is explained to the millisecond, lateness is on record, and events fit their schemas', () => {
  let clocksSeen = 0;
  let timersSeen = 0;
  fc.assert(
    fc.property(beginning, fc.array(step, { maxLength: 25 }), (first, steps) => {
      const desk = play(ticket, (now) => ({ now, settings, directory: noDirectory }));
      let now = Temporal.Instant.from('2026-03-25T13:07:00Z');
      desk.at(now.toString(), first);
      for (const { minutes, command } of steps) {
        now = now.add({ minutes });
        const chosen = command(desk.state(), now);
        if (chosen) attempt(() => desk.at(now.toString(), chosen));
        timersSeen += Object.keys(desk.state().lifecycle.timers).length;
        checkTimers(desk.state());
      }
      check(desk.events, now);
      checkRedactions(desk.state().conversation, desk.events);
      clocksSeen += explainSla(desk.events, settings, now).length;
    }),
    { numRuns: 300 },
  );
  expect(clocksSeen).toBeGreaterThan(100);
  expect(timersSeen).toBeGreaterThan(100);
});

/** Refusals are part of the story; anything else is a fault. */
function attempt(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!isAppError(error)) throw error;
  }
}

/** Only what waits or is resolved does something by itself, and every timer of it is one that its status can have. */
function checkTimers({ lifecycle, status }: TicketState): void {
  const possible: readonly TimerKind[] =
    status === 'pending'
      ? ['resume', 'remind', 'auto-resolve']
      : status === 'on-hold'
        ? ['resume']
        : status === 'resolved'
          ? ['auto-close']
          : [];
  for (const timer of Object.keys(lifecycle.timers)) expect(possible).toContain(timer);
  expect(lifecycle.pendingSince !== null).toBe(status === 'pending');
  expect(lifecycle.doneSince !== null).toBe(status === 'resolved' || status === 'closed');
}

function check(events: readonly Stored[], now: Temporal.Instant): void {
  const breached = new Set<string>();
  events.forEach((event, index) => {
    expect(Value.Errors(ticketEvents[event.type], event.data)).toEqual([]);
    switch (event.type) {
      case 'TicketSlaStarted':
        breached.delete(event.data.clock);
        break;
      case 'TicketSlaBreached':
        breached.add(event.data.clock);
        break;
      case 'TicketSlaStopped':
        if (event.data.outcome === 'late') expect(breached).toContain(event.data.clock);
        expect(explained(events.slice(0, index + 1), event.data.clock)).toBe(event.data.elapsedMs);
        break;
      case 'TicketSlaPaused':
      case 'TicketSlaRetargeted':
        expect(explained(events.slice(0, index + 1), event.data.clock)).toBe(event.data.elapsedMs);
        break;
      default:
    }
  });
  for (const run of explainSla(events, settings, now)) {
    expect(sumOf(run)).toBe(run.elapsedMs);
    const empty = run.intervals.filter(({ closedBy, from, to }) => closedBy !== null && from >= to);
    expect(empty).toEqual([]);
  }
}

/** What was taken out stays out, whatever is said and written anew after it; and all text is text that can be stored. */
function checkRedactions(conversation: ConversationState, events: readonly Stored[]): void {
  for (const { commentId, message: now, redacted } of conversation) {
    expect(now.text.isWellFormed()).toBe(true);
    const taken = events.filter((it) => it.type === 'TicketCommentRedacted' && it.data.commentId === commentId);
    expect(redacted === 'no').toBe(taken.length === 0);
    for (const { data } of taken) {
      const parts = 'parts' in data ? data.parts : [];
      for (const part of parts) {
        if (part.kind === 'whole') expect(now).toMatchObject({ text: '', html: null, attachments: [] });
        if (part.kind === 'text') expect(now.text.slice(part.from, part.to)).toMatch(/^█*$/);
      }
    }
  }
}

/** What the stretches of the newest run of a clock add up to at the last of some events. */
function explained(events: readonly Stored[], clock: string): number | undefined {
  const now = Temporal.Instant.from(events.at(-1)!.metadata.at);
  const run = explainSla(events, settings, now).findLast(({ state }) => state.clock === clock);
  return run && sumOf(run);
}

const sumOf = ({ intervals }: ClockExplanation): number => intervals.reduce((sum, it) => sum + it.businessMs, 0);
