import { type Status, statuses } from '#contracts/primitives.ts';
import { byOrder } from '#packages/domain/matching.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { transitions } from './status.ts';

/** A status to be in: one of the six categories, or a custom status of it, named with its revision. */
export type StatusTarget = {
  readonly category: Status;
  readonly custom: { readonly id: string; readonly version: number } | null;
};

export const plain = (category: Status): StatusTarget => ({ category, custom: null });

const isCategory = (name: string): name is Status => statuses.some((status) => status === name);

/** What somebody means who names a status: a category or a custom status in force. Throws UNKNOWN_STATUS. */
export function targetOf(name: string, settings: SettingsLookup): StatusTarget {
  if (isCategory(name)) return plain(name);
  const found = settings.current('status', name);
  if (found) return { category: found.value.category, custom: { id: found.id, version: found.version } };
  throw new AppError('UNKNOWN_STATUS', {
    detail: `There is no status ${name} in force.`,
    fields: [{ pointer: '/status', detail: 'names no category and no custom status in force' }],
  });
}

/** Where a ticket may go: categories by name, then the custom statuses of those and of its own category by id. */
export function allowedFrom(from: Status, settings: SettingsLookup): readonly string[] {
  const custom = byOrder(settings.inForce('status')).filter(
    ({ value: { category } }) => category === from || transitions[from].includes(category),
  );
  return [...transitions[from], ...custom.map(({ id }) => id)];
}

/** Throws ILLEGAL_TRANSITION (extra: from, to, allowed) unless the category of `to` is that of `from` or may follow it. */
export function checkTransition(from: Status, to: StatusTarget, settings: SettingsLookup): void {
  if (from === to.category || transitions[from].includes(to.category)) return;
  const name = to.custom?.id ?? to.category;
  const allowed = allowedFrom(from, settings);
  throw new AppError('ILLEGAL_TRANSITION', {
    detail: `A ticket that is ${from} cannot become ${name}; it can become ${allowed.join(', ')}.`,
    fields: [{ pointer: '/status', detail: `must be one of ${allowed.join(', ')}` }],
    extra: { from, to: name, allowed },
  });
}
