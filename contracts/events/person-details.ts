import { type Static, Type } from 'typebox';
import { Strict } from '../primitives.ts';

/** A telephone number as it was written, and as it is found: digits alone, behind a + where the country is known (E.164). */
export const Phone = Strict({
  number: Type.String({ pattern: '^\\+?[0-9]{3,15}$', description: 'E.164 as far as the country is known' }),
  written: Type.String({ minLength: 3, maxLength: 50 }),
});
export type Phone = Static<typeof Phone>;

/** What changes about a person besides name, company and roles. */
export const personDetailEvents = {
  PersonPhonesChanged: Strict({
    added: Type.Array(Phone),
    removed: Type.Array(Phone.properties.number),
  }),
} as const;
