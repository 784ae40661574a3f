import { type Static, Type } from 'typebox';
import { Address, Language, Nullable, Strict, Uuid } from '../primitives.ts';

/** A telephone number as it was written, and as it is found: digits alone, behind a + where the country is known (E.164). */
export const Phone = Strict({
  number: Type.String({ pattern: '^\\+?[0-9]{3,15}$', description: 'E.164 as far as the country is known' }),
  written: Type.String({ minLength: 3, maxLength: 50 }),
});
export type Phone = Static<typeof Phone>;

export const Notes = Type.String({ minLength: 1, maxLength: 20_000, description: 'plain text, for agents' });
export const Login = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,62}$', description: 'lower case' });

/** What changes about a person besides name, company and roles. */
export const personDetailEvents = {
  PersonEmailsChanged: Strict({
    added: Type.Array(Address),
    removed: Type.Array(Address),
    main: { ...Nullable(Address), description: 'the main one from then on; null: none is left' },
  }),
  PersonPhonesChanged: Strict({
    added: Type.Array(Phone),
    removed: Type.Array(Phone.properties.number),
  }),
  PersonNotesChanged: Strict({ notes: Nullable(Notes) }),
  PersonLanguageChanged: Strict({ language: Nullable(Language) }),
  PersonLoginChanged: Strict({ login: Nullable(Login) }),
} as const;

/**
 * Who has an address that is not the person's own whose id follows from it. On the stream of that id, where mail from the
 * address looks: it holds one answer at a time, whoever asks or writes at once.
 */
export const addressEvents = {
  PersonAddressClaimed: Strict({ address: Address, personId: Uuid }),
  PersonAddressReleased: Strict({ address: Address, personId: Uuid }),
} as const;
