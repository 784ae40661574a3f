import type { Phone } from '#contracts/events/person-details.ts';
import { AppError } from '#packages/kernel/errors.ts';

/** What people put between the digits. */
const separators = /[\s().\-/\u00a0\u2010-\u2015]/g;

/**
 * The digits of a number as they are kept: `+` and country code for one that is written so that it may be dialled from
 * anywhere (+49 or 0049), else the digits as they are dialled. The 0 in brackets of `+49 (0)30` is left out. Null for what
 * is no number: letters, or fewer than 3 or more than the 15 digits that E.164 allows.
 */
export function phoneNumber(written: string): string | null {
  const international = written.trim().replace(/^00(?=[1-9])/, '+');
  const digits = (international.startsWith('+') ? international.replace(/\(0\)/, '') : international).replace(
    separators,
    '',
  );
  return /^\+?[0-9]{3,15}$/.test(digits) ? digits : null;
}

/** A number with the way it was written. Throws PHONE_INVALID at `pointer` for what is none. */
export function phoneOf(text: string, pointer: string): Phone {
  const written = text.trim().replace(/\s+/g, ' ');
  const number = phoneNumber(written);
  if (number !== null && written.length <= 50) return { number, written };
  const detail = 'must be a telephone number: 3 to 15 digits, with a + and country code where there is one';
  throw new AppError('PHONE_INVALID', { fields: [{ pointer, detail }] });
}
