import { pointerStep } from '#packages/kernel/json-pointer.ts';

/** A place where two JSON values differ. A side without a value there has no member for it: null is a value. */
export type Difference = { readonly pointer: string; readonly before?: unknown; readonly after?: unknown };

/**
 * What two JSON values differ in, at the deepest places they do, in the order of the first one's members; undefined stands
 * for no value at all. Lists are compared place by place, so that each pointer (RFC 6901) leads somewhere in one of the two.
 */
export function differences(before: unknown, after: unknown, pointer = ''): readonly Difference[] {
  if (before === after) return [];
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ pointer, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    differences(memberOf(before, name), memberOf(after, name), pointer + pointerStep(name)),
  );
}

type Container = Readonly<Record<string, unknown>>;

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

const memberOf = (container: Container, name: string): unknown =>
  Object.hasOwn(container, name) ? container[name] : undefined;
