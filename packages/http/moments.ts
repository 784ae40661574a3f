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
  parsed(() => Temporal.Instant.from(text), pointer, 'must be an instant of RFC 3339');

/** A calendar day of a request. Throws INVALID_REQUEST pointing at its field or parameter. */
export const readDay = (text: string, pointer: string): Temporal.PlainDate =>
  parsed(() => Temporal.PlainDate.from(text), pointer, 'must be a day, YYYY-MM-DD');
