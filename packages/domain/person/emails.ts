import { AppError } from '#packages/kernel/errors.ts';
import { canClaim, type Holding, namesAfter, namesChange } from '../directory/holding.ts';

export const maxEmails = 50;

export type ChangeEmails = {
  /** Id of the person. */
  readonly personId: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** The main one from then on; left out: as before, or the first that is left. */
  readonly main?: string;
};
type Changed = { added: string[]; removed: string[]; main: string | null };

/** Addresses after a change, the main one first. */
export function emailsAfter(held: readonly string[], { main, ...change }: Changed): readonly string[] {
  const all = namesAfter(held, change);
  return main === null ? all : [main, ...all.filter((email) => email !== main)];
}

/**
 * What really changes about the addresses of a person; null when nothing does. Refuses with TOO_MANY_EMAILS,
 * EMAIL_NOT_HELD (the main one is none of them) and EMAIL_TAKEN (the stream has given an address to somebody else).
 */
export function emailsChange({ add, main, personId, remove }: ChangeEmails, holding: Holding): Changed | null {
  const { held } = holding;
  const { added, removed } = namesChange(held, { add, remove }) ?? { added: [], removed: [] };
  for (const name of added) canClaim({ name, holder: personId, ownId: personId }, holding, 'EMAIL_TAKEN');
  const all = namesAfter(held, { added, removed });
  if (all.length > maxEmails && added.length > 0)
    throw new AppError('TOO_MANY_EMAILS', {
      fields: [{ pointer: '/add', detail: `must leave at most ${maxEmails}` }],
      extra: { limit: maxEmails },
    });
  if (main !== undefined && !all.includes(main))
    throw new AppError('EMAIL_NOT_HELD', { fields: [{ pointer: '/main', detail: 'is no address of the person' }] });
  const first = main ?? all[0] ?? null;
  if (added.length + removed.length === 0 && first === (held[0] ?? null)) return null;
  return { added: [...added], removed: [...removed], main: first };
}
