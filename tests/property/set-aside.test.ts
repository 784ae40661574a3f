import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold } from '#packages/domain/decider.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { projections } from '#projections/all.ts';
import { type HistoryStep, historyActions, historyOf } from '#tests/support/history.ts';

/** Merges and spam come often, and are taken back often, between everything else that happens to tickets. */
const action = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<HistoryStep['action'][]>('merge', 'unmerge', 'spam', 'restore') },
  { weight: 4, arbitrary: fc.constantFrom(...historyActions) },
);
const step: fc.Arbitrary<HistoryStep> = fc.record({
  action,
  ticket: fc.nat({ max: 4 }),
  pick: fc.nat({ max: 63 }),
  minutes: fc.nat({ max: 600 }),
});
const steps = fc.array(step, { minLength: 60, maxLength: 160, size: 'max' });

/**
 * Positions of the events of merges that were taken back or declined, and of spam that was restored. What a ticket
 * still is set aside by stays.
 */
function takenBack(log: readonly StoredEvent[]) {
  const gone = new Set<bigint>();
  const over = { merges: 0, declined: 0, spam: 0 };
  const ended = new Map<string, 'merges' | 'declined'>();
  const marked = new Map<string, StoredEvent>();
  for (const event of log) {
    if (event.type === 'TicketUnmerged') ended.set(event.data.mergeId, 'merges');
    if (event.type === 'TicketMergeDeclined') ended.set(event.data.mergeId, 'declined');
    if (event.type === 'TicketMarkedSpam') marked.set(event.stream, event);
    const mark = event.type === 'TicketRestored' ? marked.get(event.stream) : undefined;
    if (!mark) continue;
    gone.add(mark.position).add(event.position);
    over.spam += 1;
  }
  for (const event of log) {
    const mergeId = 'mergeId' in event.data ? event.data.mergeId : undefined;
    if (mergeId !== undefined && ended.has(mergeId)) gone.add(event.position);
  }
  for (const how of ended.values()) over[how] += 1;
  return { gone, over };
}

/** Which event touched a row last, and when a customer was last shown one, is not what the row says. */
const bookkeeping: ReadonlySet<string> = new Set(['version', 'position', 'public_version', 'public_at']);
const said = (row: Record<string, unknown>): string =>
  JSON.stringify(row, (name, value: unknown) =>
    bookkeeping.has(name) ? undefined : typeof value === 'bigint' ? String(value) : value,
  );

test('what was merged or spam and is no more leaves every read model as if it had never been', () => {
  const cases = { merges: 0, declined: 0, spam: 0, histories: 0, rows: 0 };
  fc.assert(
    fc.property(steps, (history) => {
      const log = historyOf(history);
      const { gone, over } = takenBack(log);
      const never = log.filter(({ position }) => !gone.has(position));
      const traces = new Set(log.filter(({ position }) => gone.has(position)).map(({ id }) => id));
      for (const projection of projections) {
        const [was = {}, wasNot = {}] = [log, never].map(
          (events) => foldAlone(projection, events) as Readonly<Record<string, readonly Record<string, unknown>[]>>,
        );
        for (const table of Object.keys(projection.tables)) {
          const rows = (was[table] ?? []).filter(({ event_id }) => !traces.has(String(event_id)));
          const expected = (wasNot[table] ?? []).map(said).toSorted();
          expect(rows.map(said).toSorted(), table).toEqual(expected);
          cases.rows += expected.length;
        }
      }
      for (const stream of new Set(log.map((event) => event.stream)).values()) {
        if (!stream.startsWith('ticket-')) continue;
        // So that all that is decided later is decided alike. Ids of offers are kept, and do not come again.
        const [was, wasNot] = [log, never].map((events) => {
          const {
            length: _,
            relations,
            ...rest
          } = fold(
            ticket,
            events.filter((event) => event.stream === stream),
          );
          const { settled: _settled, taken: _taken, ...bound } = relations;
          return { ...rest, ...bound };
        });
        expect(was).toEqual(wasNot);
      }
      for (const [name, count] of Object.entries(over)) cases[name as keyof typeof over] += count;
      cases.histories += 1;
    }),
    { numRuns: 300 },
  );
  process.stdout.write(`taken back exactly: ${JSON.stringify(cases)}\n`);
  for (const count of Object.values(cases)) expect(count).toBeGreaterThan(100);
}, 120_000);
