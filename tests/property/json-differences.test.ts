import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Difference, differences } from '#packages/domain/json-differences.ts';

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, 0, 1, '', 'a'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'a/b', '~1', '', '0'), tie('value'), { maxKeys: 4 }),
  ),
})).value;

const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Makes the changes by their pointers (RFC 6901); members of a list that are left out go from its end. */
function applied(before: unknown, changes: readonly Difference[]): unknown {
  const root = { whole: structuredClone(before) };
  for (const { pointer, after } of changes.toReversed()) {
    const [last = '', ...above] = ['whole', ...stepsOf(pointer)].toReversed();
    const parent = above.toReversed().reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], root);
    if (after !== undefined) (parent as Record<string, unknown>)[last] = structuredClone(after);
    else if (Array.isArray(parent)) parent.length = Math.min(parent.length, Number(last));
    else delete (parent as Record<string, unknown>)[last];
  }
  return root.whole;
}

test('the differences of two values lead from one to the other, and there are none of a value to itself', () => {
  fc.assert(
    fc.property(values, values, (before, after) => {
      const changes = differences(before, after);
      expect(applied(before, changes)).toEqual(after);
      expect(differences(before, structuredClone(before))).toEqual([]);
      const back = differences(after, before);
      expect(back.map(({ pointer }) => pointer).toSorted()).toEqual(changes.map(({ pointer }) => pointer).toSorted());
    }),
    { numRuns: 1_000 },
  );
});
