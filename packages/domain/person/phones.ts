import type { Phone } from '#contracts/events/person-details.ts';
import { AppError } from '#packages/kernel/errors.ts';

export const maxPhones = 20;

/** Numbers after a change, in the order in which they were given. */
export const phonesAfter = (
  held: readonly Phone[],
  { added, removed }: { readonly added: readonly Phone[]; readonly removed: readonly string[] },
): readonly Phone[] => [...held.filter(({ number }) => !removed.includes(number)), ...added];

/**
 * What really comes and goes; null when nothing does. A number that is to come and to go at once, comes. Throws
 * TOO_MANY_PHONES.
 */
export function phonesChange(held: readonly Phone[], add: readonly Phone[], remove: readonly string[]) {
  const wanted = new Map(add.map((phone) => [phone.number, phone]));
  const has = (number: string) => held.some((phone) => phone.number === number);
  const added = [...wanted.values()].filter(({ number }) => !has(number));
  const removed = [...new Set(remove)].filter((number) => has(number) && !wanted.has(number));
  if (added.length + removed.length === 0) return null;
  if (held.length + added.length - removed.length > maxPhones)
    throw new AppError('TOO_MANY_PHONES', {
      fields: [{ pointer: '/add', detail: `must leave at most ${maxPhones}` }],
      extra: { limit: maxPhones },
    });
  return { added, removed };
}
