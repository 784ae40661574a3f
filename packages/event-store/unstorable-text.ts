import { AppError } from '#packages/kernel/errors.ts';
import { pointerStep } from '#packages/kernel/json-pointer.ts';

/**
 * Refuses text that cannot travel everywhere an event goes: U+0000 (PostgreSQL text cannot hold it, so one such event
 * would stop every projection) and lone surrogates (they have no UTF-8, so no hash either). Walks a JSON value.
 * Throws `INVALID_REQUEST` with the pointer of the first such text; `pointer` is that of the value itself.
 */
export function refuseUnstorableText(value: unknown, pointer: string): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw unstorable(pointer, 'holds the character U+0000');
    if (!value.isWellFormed()) throw unstorable(pointer, 'holds half of a surrogate pair');
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) refuseUnstorableText(item, `${pointer}/${index}`);
  } else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) {
      refuseUnstorableText(key, pointer);
      refuseUnstorableText(member, pointer + pointerStep(key));
    }
  }
}

const unstorable = (pointer: string, detail: string) =>
  new AppError('INVALID_REQUEST', { detail: `The text at ${pointer} ${detail}.`, fields: [{ pointer, detail }] });
