import type { FieldValue } from '#contracts/events/ticket-attributes.ts';
import type { Field, FieldType } from '#contracts/settings-fields.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { fitsMask } from './field-mask.ts';

/** A value in the form that is stored, or why the field does not take it. */
export type Read = { readonly value: FieldValue } | { readonly fault: string };

const maxText: Readonly<Record<'text' | 'multiline' | 'url', number>> = { text: 1_000, multiline: 10_000, url: 2_000 };
const control = /(?![\t\n\r])\p{Cc}/u;

const fault = (detail: string): Read => ({ fault: detail });
const bounded = ({ max, min }: Field, size: number, unit: string): string | null => {
  if (min !== undefined && size < min) return `must be at least ${min}${unit}`;
  return max !== undefined && size > max ? `must be at most ${max}${unit}` : null;
};

/** Reads a value by the definition of its field. Takes anything; throws never. */
export const readFieldValue = (field: Field, given: unknown): Read => readers[field.type](field, given);

const readers: Readonly<Record<FieldType, (field: Field, given: unknown) => Read>> = {
  text: (field, given) =>
    isText(given) && /[\n\r]/.test(given) ? fault('must be one line') : text(field, given, 'text'),
  multiline: (field, given) => text(field, given, 'multiline'),
  url: (field, given) =>
    isText(given) && isWebAddress(given) ? text(field, given, 'url') : fault('must be a web address'),
  number: (field, given) => number(field, given, Number.isFinite(given), 'a number'),
  integer: (field, given) => number(field, given, Number.isSafeInteger(given), 'a whole number'),
  boolean: (_field, given) => (typeof given === 'boolean' ? { value: given } : fault('must be true or false')),
  date: (_field, given) =>
    when(given, /^\d{4}-\d\d-\d\d$/, 'must be a day, YYYY-MM-DD', Temporal.PlainDate.from, String),
  datetime: (_field, given) =>
    when(given, /^\d{4}-/, 'must be an instant of RFC 3339', Temporal.Instant.from, toTimestamp),
  choice: ({ options = [] }, given) => {
    const found = options.find(({ id }) => id === given);
    return found ? { value: found.id } : fault(`must be one of ${options.map(({ id }) => id).join(', ')}`);
  },
  'multi-choice': choices,
};

const isText = (given: unknown): given is string => typeof given === 'string';

function text(field: Field, given: unknown, type: keyof typeof maxText): Read {
  if (!isText(given) || given.trim() === '') return fault('must be text that says something');
  if (control.test(given)) return fault('must not hold control characters');
  const length = [...given].length;
  if (length > maxText[type]) return fault(`must be at most ${maxText[type]} characters`);
  const limit = bounded(field, length, ' characters');
  if (limit !== null) return fault(limit);
  return field.mask !== undefined && !fitsMask(given, field.mask)
    ? fault(`must look like ${field.mask} (# a digit, A a letter, * either)`)
    : { value: given };
}

function isWebAddress(given: string): boolean {
  const url = URL.parse(given);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '';
}

function number(field: Field, given: unknown, isOne: boolean, what: string): Read {
  if (typeof given !== 'number' || !isOne) return fault(`must be ${what}`);
  const limit = bounded(field, given, '');
  return limit === null ? { value: given } : fault(limit);
}

/** The form is checked before there is a look whether such a day exists: Temporal takes more than one way of writing. */
function when<T>(
  given: unknown,
  form: RegExp,
  detail: string,
  parse: (text: string) => T,
  write: (parsed: T) => string,
): Read {
  if (!isText(given) || !form.test(given) || given.length > 40) return fault(detail);
  try {
    const value = write(parse(given));
    // PostgreSQL and RFC 3339 know years of four digits from 0001 on.
    return /^(?!0000)\d{4}-/.test(value) ? { value } : fault(detail);
  } catch (error) {
    if (error instanceof RangeError) return fault(detail);
    throw error;
  }
}

function choices(field: Field, given: unknown): Read {
  const { options = [] } = field;
  const ids = options.map(({ id }) => id);
  if (!Array.isArray(given) || given.length === 0 || !given.every((each) => ids.includes(each)))
    return fault(`must be a list of some of ${ids.join(', ')}`);
  const limit = bounded(field, new Set(given).size, ' options');
  // In the order of the definition, so that the same choice is the same value.
  return limit === null ? { value: ids.filter((id) => given.includes(id)) } : fault(limit);
}
