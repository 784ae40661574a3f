import { Type } from 'typebox';
import { Login, Notes } from '../events/person-details.ts';
import { Address, Language, Nullable, Strict, Uuid } from '../primitives.ts';

export const PersonName = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' });
export const WrittenPhones = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 20 });
const Addresses = Type.Array(Address, { maxItems: 50 });

/** Bodies of the changes of a person; null takes away. */
export const RenamePersonBody = Strict({ name: PersonName });
export const PersonCompanyBody = Strict({ companyId: Nullable(Uuid) });
export const NotesBody = Strict({ notes: Nullable(Notes) });
export const PersonLanguageBody = Strict({ language: Nullable(Language) });
export const LoginBody = Strict({ login: Nullable(Login) });
export const ChangeEmailsBody = Strict({
  add: Type.Optional(Addresses),
  remove: Type.Optional(Addresses),
  main: Type.Optional({ ...Address, description: 'the main one from then on, which answers go to' }),
});
export const ChangePhonesBody = Strict({ add: Type.Optional(WrittenPhones), remove: Type.Optional(WrittenPhones) });
export const DirectoryMergeBody = Strict({ into: { ...Uuid, description: 'who goes on in their place' } });
