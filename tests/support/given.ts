import { expect } from 'vitest';
import type { ProblemCode } from '#contracts/problems.ts';
import { type Decider, fold, type Recorded } from '#packages/domain/decider.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { checkOutcome } from './outcome-check.ts';

type AnyEvent = { readonly type: string; readonly data: unknown };
/** An event of the past: with the time it happened where that matters. */
export type Past<Event> = Event & { readonly at?: string };

const someTimeAgo = '2026-01-01T00:00:00.000Z';

/** Gives past events the place and time that the store would have given them. */
export const recorded = <Event>(events: readonly Past<Event>[]): Recorded<Event>[] =>
  events.map((event, index) => ({ ...event, version: index + 1, metadata: { at: event.at ?? someTimeAgo } }));

/**
 * Behaviour of a decider in terms of events alone:
 * `given(ticket, ...past).when(command, facts).thenEvents(...events)` or `.thenRejects(code, extra)`.
 */
export function given<State, Command, Event extends AnyEvent, Facts>(
  decider: Decider<State, Command, Event, Facts>,
  ...past: readonly Past<Event>[]
) {
  const state = fold(decider, recorded(past));
  return {
    state,
    when(command: Command, facts: Facts) {
      const decide = () => {
        const events = decider.decide(command, state, facts);
        checkOutcome(command, events);
        return events;
      };
      return {
        events: decide,
        thenEvents: (...events: readonly Event[]) => expect(decide()).toEqual(events),
        thenNothing: () => expect(decide()).toEqual([]),
        thenRejects(code: ProblemCode, problem: { extra?: object; pointers?: readonly string[] } = {}) {
          const error = thrownBy(decide);
          if (!isAppError(error, code)) throw new Error(`expected ${code}, got ${String(error)}`);
          if (problem.extra) expect(error.extra).toEqual(problem.extra);
          if (problem.pointers) expect(error.fields.map(({ pointer }) => pointer)).toEqual(problem.pointers);
        },
      };
    },
  };
}

function thrownBy(act: () => unknown): unknown {
  try {
    return `the events ${JSON.stringify(act())}`;
  } catch (error) {
    return error;
  }
}

/**
 * Plays commands against a decider as the desk does: each is decided on all events so far and its events are stored
 * with the time of the decision.
 */
export function play<State, Command, Event extends AnyEvent, Facts extends { now: Temporal.Instant }>(
  decider: Decider<State, Command, Event, Facts>,
  factsAt: (now: Temporal.Instant) => Facts,
) {
  const events: (Recorded<Event> & { readonly id: string })[] = [];
  let state = decider.initial();
  return {
    events,
    state: () => state,
    /** Decides one command at an instant (RFC 3339) and returns its events. */
    at(time: string, command: Command): readonly Event[] {
      const now = Temporal.Instant.from(time);
      const decided = decider.decide(command, state, factsAt(now));
      checkOutcome(command, decided);
      for (const event of decided) {
        const version = events.length + 1;
        const stored = { ...event, id: `event-${version}`, version, metadata: { at: toTimestamp(now) } };
        events.push(stored);
        state = decider.evolve(state, stored);
      }
      return decided;
    },
  };
}
