import type { PersonEvent } from '#contracts/events/directory.ts';
import type { Phone } from '#contracts/events/person-details.ts';
import type { Recorded } from '../decider.ts';
import { canClaim, holderOf } from '../directory/holding.ts';
import { readLanguage } from '../ticket/attributes.ts';
import { type ChangeEmails, emailsAfter, emailsChange } from './emails.ts';
import { phonesAfter, phonesChange } from './phones.ts';
import type { PersonState } from './state.ts';

type Command<Type extends string, Data> = { readonly type: Type; readonly data: Readonly<Data> };
export type PersonDetailCommand =
  | Command<'ChangeEmails', ChangeEmails>
  /** Numbers to remove as they are kept. */
  | Command<'ChangePhones', { add: readonly Phone[]; remove: readonly string[] }>
  | Command<'ChangePersonNotes', { notes: string | null }>
  | Command<'ChangePersonLanguage', { language: string | null }>
  | Command<'ChangeLogin', { login: string | null }>;

/** An address and who is to have it, or to have it no more; `ownId` is the id that follows from the address. */
type Claim = { address: string; personId: string; ownId: string };
export type AddressCommand = Command<'ClaimAddress', Claim> | Command<'ReleaseAddress', Claim>;

const holding = ({ claims, emails: held }: PersonState) => ({ claims, held });

/**
 * Changes of one thing about a person. Refuses with TOO_MANY_EMAILS, EMAIL_NOT_HELD, EMAIL_TAKEN, TOO_MANY_PHONES and
 * LANGUAGE_INVALID.
 */
export function decideDetails(command: PersonDetailCommand, state: PersonState): PersonEvent[] {
  switch (command.type) {
    case 'ChangeEmails': {
      const data = emailsChange(command.data, holding(state));
      return data ? [{ type: 'PersonEmailsChanged', data }] : [];
    }
    case 'ChangePhones': {
      const data = phonesChange(state.phones, command.data.add, command.data.remove);
      return data ? [{ type: 'PersonPhonesChanged', data }] : [];
    }
    case 'ChangePersonNotes': {
      const notes = command.data.notes?.trim() || null;
      return notes === state.notes ? [] : [{ type: 'PersonNotesChanged', data: { notes } }];
    }
    case 'ChangePersonLanguage': {
      const language = command.data.language === null ? null : readLanguage(command.data.language, '/language');
      return language === state.language ? [] : [{ type: 'PersonLanguageChanged', data: { language } }];
    }
    case 'ChangeLogin': {
      const { login } = command.data;
      return login === state.login ? [] : [{ type: 'PersonLoginChanged', data: { login } }];
    }
    default:
      return command satisfies never;
  }
}

/** Who has the address that leads to this stream, whether somebody is registered there or not. Refuses with EMAIL_TAKEN. */
export function decideAddress({ data, type }: AddressCommand, state: PersonState): PersonEvent[] {
  const { address, ownId, personId } = data;
  switch (type) {
    case 'ClaimAddress':
      return canClaim({ name: address, holder: personId, ownId }, holding(state), 'EMAIL_TAKEN')
        ? [{ type: 'PersonAddressClaimed', data: { address, personId } }]
        : [];
    case 'ReleaseAddress':
      return holderOf(address, holding(state), ownId) === personId && personId !== ownId
        ? [{ type: 'PersonAddressReleased', data: { address, personId } }]
        : [];
    default:
      return type satisfies never;
  }
}

/** What is known of a person after an event; the same for events of another kind. */
export function detailsAfter(state: PersonState, event: Recorded<PersonEvent>): PersonState {
  switch (event.type) {
    case 'PersonEmailsChanged':
      return { ...state, emails: emailsAfter(state.emails, event.data) };
    case 'PersonPhonesChanged':
      return { ...state, phones: phonesAfter(state.phones, event.data) };
    case 'PersonNotesChanged':
      return { ...state, notes: event.data.notes };
    case 'PersonLanguageChanged':
      return { ...state, language: event.data.language };
    case 'PersonLoginChanged':
      return { ...state, login: event.data.login };
    case 'PersonAddressClaimed':
      return { ...state, claims: { ...state.claims, [event.data.address]: event.data.personId } };
    case 'PersonAddressReleased':
      return { ...state, claims: { ...state.claims, [event.data.address]: null } };
    default:
      return state;
  }
}
