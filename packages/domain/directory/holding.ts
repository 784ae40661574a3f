import { AppError } from '#packages/kernel/errors.ts';

/**
 * Who has a name that only one may have: a mail address, a mail domain. The answer is kept on the stream whose id follows
 * from the name, so that whoever asks or claims at once meets there. Null: it was let go again.
 */
export type Claims = Readonly<Record<string, string | null>>;

/** What a stream tells of names: those that whoever it is about holds, and whom it has given its own name to. */
export type Holding = { readonly held: readonly string[]; readonly claims: Claims };

/**
 * The holder of a name, by the stream with the id `ownId` that follows from the name; null when nobody has it. Whoever the
 * stream is about has the name without claiming it.
 */
export const holderOf = (name: string, { claims, held }: Holding, ownId: string): string | null =>
  claims[name] ?? (held.includes(name) ? ownId : null);

type Claim = { readonly name: string; readonly holder: string; readonly ownId: string };

/** True when there is something to claim. Throws the code, with the id of who has the name, when that is somebody else. */
export function canClaim(
  { holder, name, ownId }: Claim,
  holding: Holding,
  taken: 'EMAIL_TAKEN' | 'DOMAIN_TAKEN',
): boolean {
  const present = holderOf(name, holding, ownId);
  if (present === holder) return false;
  if (present === null) return true;
  throw new AppError(taken, { extra: { id: present } });
}

type Change = { readonly added: readonly string[]; readonly removed: readonly string[] };

/** What really comes and goes of a list of names; null when nothing does. What is to come and to go at once, comes. */
export function namesChange(
  held: readonly string[],
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Change | null {
  const added = [...new Set(add)].filter((name) => !held.includes(name));
  const removed = [...new Set(remove)].filter((name) => held.includes(name) && !add.includes(name));
  return added.length + removed.length === 0 ? null : { added, removed };
}

export const namesAfter = (held: readonly string[], { added, removed }: Change): readonly string[] => [
  ...held.filter((name) => !removed.includes(name)),
  ...added,
];
