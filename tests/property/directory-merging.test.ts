import fc from 'fast-check';
import { expect, test } from 'vitest';
import { company } from '#packages/domain/company/company.ts';
import { fold } from '#packages/domain/decider.ts';
import type { Merging } from '#packages/domain/directory/merging.ts';
import { person } from '#packages/domain/person.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { projections } from '#projections/all.ts';
import { type DirectoryStep, directoryHistory } from '#tests/support/directory-history.ts';

const step: fc.Arbitrary<DirectoryStep> = fc.record({
  action: fc.constantFrom('change', 'change', 'change', 'merge', 'merge', 'decline', 'unmerge', 'unmerge', 'ticket'),
  kind: fc.constantFrom('person', 'company'),
  who: fc.nat({ max: 3 }),
  other: fc.nat({ max: 3 }),
  pick: fc.nat({ max: 63 }),
});
const steps = fc.array(step, { minLength: 40, maxLength: 160, size: 'max' });

const ended = {
  PersonUnmerged: 'undone',
  CompanyUnmerged: 'undone',
  PersonMergeDeclined: 'declined',
  CompanyMergeDeclined: 'declined',
};

/** Positions of the events of merges that were taken back or declined, and how many of each. */
function takenBack(log: readonly StoredEvent[]) {
  const over = new Map<string, string>();
  for (const { data, type } of log)
    if (Object.hasOwn(ended, type) && 'mergeId' in data) over.set(data.mergeId, ended[type as keyof typeof ended]);
  const gone = log.filter(({ data }) => 'mergeId' in data && over.has(data.mergeId)).map(({ position }) => position);
  const counts = [...over.values()];
  const count = (how: string) => counts.filter((each) => each === how).length;
  return { gone: new Set(gone), undone: count('undone'), declined: count('declined') };
}

/** Which event touched a row last is not what the row says. */
const said = (row: Record<string, unknown>): string =>
  JSON.stringify(row, (name, value: unknown) =>
    name === 'version' || name === 'position' ? undefined : typeof value === 'bigint' ? String(value) : value,
  );

/** So that all that is decided later is decided alike. Ids of offers are kept, and do not come again. */
const decisive = <State extends { merging: Merging }>({ merging, ...state }: State) => ({
  ...state,
  mergedInto: merging.mergedInto,
  absorbed: merging.absorbed,
});

test('people and companies whose merge was taken back are in every read model as if it had never been', () => {
  const cases = { undone: 0, declined: 0, stillMerged: 0, histories: 0, rows: 0 };
  fc.assert(
    fc.property(steps, (history) => {
      const log = directoryHistory(history);
      const { gone, ...counts } = takenBack(log);
      const never = log.filter(({ position }) => !gone.has(position));
      for (const projection of projections) {
        const [was = {}, wasNot = {}] = [log, never].map(
          (events) => foldAlone(projection, events) as Readonly<Record<string, readonly Record<string, unknown>[]>>,
        );
        for (const table of Object.keys(projection.tables)) {
          const expected = (wasNot[table] ?? []).map(said).toSorted();
          expect((was[table] ?? []).map(said).toSorted(), table).toEqual(expected);
          cases.rows += expected.length;
        }
      }
      for (const stream of new Set(log.map((event) => event.stream))) {
        const [was = [], wasNot = []] = [log, never].map((events) => events.filter((event) => event.stream === stream));
        if (stream.startsWith('person-')) expect(decisive(fold(person, was))).toEqual(decisive(fold(person, wasNot)));
        if (stream.startsWith('company-'))
          expect(decisive(fold(company, was))).toEqual(decisive(fold(company, wasNot)));
      }
      cases.undone += counts.undone;
      cases.declined += counts.declined;
      cases.stillMerged += never.filter(({ type }) => type === 'PersonMerged' || type === 'CompanyMerged').length;
      cases.histories += 1;
    }),
    { numRuns: 300 },
  );
  process.stdout.write(`taken back exactly: ${JSON.stringify(cases)}\n`);
  for (const count of Object.values(cases)) expect(count).toBeGreaterThan(100);
}, 120_000);
