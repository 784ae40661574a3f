import { statuses } from '#contracts/primitives.ts';
import type { Principal } from '#packages/http/auth.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from './deps.ts';
import { readerOf } from './views/reader.ts';

/**
 * Throws INVALID_REQUEST for a status to filter by that is neither a category nor a custom status the desk has, or had:
 * tickets may still be in one that was removed. To customers those without a public name do not exist.
 */
export function checkStatusFilter(
  deps: Pick<QueryApiDeps, 'settings'>,
  names: readonly string[] = [],
  principal: Principal,
): void {
  const lookup = deps.settings.current();
  const reader = readerOf(deps, principal);
  const isKnown = (name: string): boolean =>
    statuses.some((status) => status === name) ||
    (lookup.revision('status', name, 1) !== null && reader.statusNow(name, 1) !== null);
  const unknown = names.find((name) => !isKnown(name));
  if (unknown === undefined) return;
  throw new AppError('INVALID_REQUEST', {
    detail: `There is no status ${unknown}.`,
    fields: [{ pointer: 'status', detail: 'names no category and no custom status' }],
  });
}
