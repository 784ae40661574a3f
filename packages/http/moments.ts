import { toTimestamp } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';

/** Schemas check the form of a date, not that there is one: 30 February is left to Temporal, whose refusal is put into our words. */
function parsed<T>(parse: () => T, pointer: string, detail: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AppError('INVALID_REQUEST', {
      detail: 'There is no such time.',
      fields: [{ pointer, detail }],
      cause: error,
    });
  }
}

/** An instant of a request. Throws INVALID_REQUEST pointing at its field or parameter. */
export const readInstant = (text: string, pointer: string): Temporal.Instant =>
  parsed(() => fourDigitYear(Temporal.Instant.from(text)), pointer, 'must be an instant of RFC 3339');

/** An offset may lead out of the years that RFC 3339 has; written down such an instant would not be in order as text. */
function fourDigitYear(instant: Temporal.Instant): Temporal.Instant {
  if (!/^[0-9]/.test(toTimestamp(instant))) throw new RangeError('the year has more than four digits');
  return instant;
}

/** A calendar day of a request. Throws INVALID_REQUEST pointing at its field or parameter. */
export const readDay = (text: string, pointer: string): Temporal.PlainDate =>
  parsed(() => Temporal.PlainDate.from(text), pointer, 'must be a day, YYYY-MM-DD');
