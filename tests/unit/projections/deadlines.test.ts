import { expect, test } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import { newId } from '#packages/kernel/ids.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { deadlines } from '#projections/deadlines.ts';
import { createStory } from '#tests/support/story.ts';

const noon = '2026-03-02T12:00:00.000Z';
const one = '2026-03-02T13:00:00.000Z';
const clock = 'resolution' as const;
const terms = { clock, policyId: 'p', policyVersion: 1, calendarId: 'c', calendarVersion: 1, targetMinutes: 60 };

const started: TicketEvent = { type: 'TicketSlaStarted', data: { ...terms, startedAt: noon, dueAt: noon } };
const paused: TicketEvent = { type: 'TicketSlaPaused', data: { clock, elapsedMs: 1 } };
const resumed: TicketEvent = { type: 'TicketSlaResumed', data: { clock, dueAt: one } };
const breached: TicketEvent = {
  type: 'TicketSlaBreached',
  data: { clock, dueAt: noon, policyId: 'p', policyVersion: 1 },
};
const stopped: TicketEvent = { type: 'TicketSlaStopped', data: { clock, outcome: 'met', elapsedMs: 1 } };
const retargeted = (dueAt: string): TicketEvent => ({
  type: 'TicketSlaRetargeted',
  data: { ...terms, dueAt, elapsedMs: 1 },
});

/** The deadline after these events, all of them at half past twelve. */
function deadlineAfter(...events: TicketEvent[]) {
  const story = createStory();
  const stream = streams.ticket(newId());
  for (const event of events) story.add(stream, event, { at: '2026-03-02T12:30:00.000Z' });
  return foldAlone(deadlines, story.log).deadlines.map(({ due_at, state }) => `${state} ${due_at.toISOString()}`);
}

test.each([
  ['a clock that was started is armed', [started], `armed ${noon}`],
  ['a paused one does not fire', [started, paused], `paused ${noon}`],
  ['a resumed one is armed for its new time', [started, paused, resumed], `armed ${one}`],
  ['a breach fires once', [started, breached], `breached ${noon}`],
  ['pausing does not forget the breach', [started, breached, paused, resumed], `breached ${one}`],
  ['a later due time forgets it', [started, breached, retargeted(one)], `armed ${one}`],
  ['a due time that has passed as well does not', [started, breached, retargeted(noon)], `breached ${noon}`],
  ['new terms leave a paused clock paused', [started, paused, retargeted(one)], `paused ${one}`],
  ['a stopped one does not fire', [started, stopped], `stopped ${noon}`],
  ['a stopped one may run again', [started, stopped, resumed], `armed ${one}`],
  ['a clock started anew begins from nothing', [started, breached, stopped, started], `armed ${noon}`],
])('%s', (_rule, events, expected) => {
  expect(deadlineAfter(...events)).toEqual([expected]);
});

test('what happens to a clock that nobody knows is left out', () => {
  expect(deadlineAfter(resumed)).toEqual([]);
});

test('clocks of a ticket are kept apart', () => {
  const other: TicketEvent = { ...started, data: { ...started.data, clock: 'next-response', dueAt: one } };
  expect(deadlineAfter(started, other, stopped)).toEqual([`stopped ${noon}`, `armed ${one}`]);
});
