import type { PersonEvent } from '#contracts/events/directory.ts';
import type { Phone } from '#contracts/events/person-details.ts';
import type { Role } from '#contracts/primitives.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Decider, Recorded } from './decider.ts';
import { phonesAfter, phonesChange } from './person/phones.ts';

type DataOf<T extends PersonEvent['type']> = Extract<PersonEvent, { type: T }>['data'];

export type PersonState = {
  readonly exists: boolean;
  readonly name: string;
  readonly emails: readonly string[];
  readonly phones: readonly Phone[];
  readonly companyId: string | null;
  readonly roles: readonly Role[];
  readonly tokens: readonly { readonly tokenId: string; readonly role: Role; readonly revoked: boolean }[];
};

export type PersonCommand =
  | { readonly type: 'RegisterPerson'; readonly data: DataOf<'PersonRegistered'> }
  | { readonly type: 'RenamePerson'; readonly data: DataOf<'PersonRenamed'> }
  | { readonly type: 'ChangePersonCompany'; readonly data: DataOf<'PersonCompanyChanged'> }
  | {
      readonly type: 'ChangePersonPhones';
      /** Numbers to remove as they are kept. */
      readonly data: { readonly add: readonly Phone[]; readonly remove: readonly string[] };
    }
  | { readonly type: 'ChangeRoles'; readonly data: DataOf<'PersonRolesChanged'> }
  | { readonly type: 'IssueToken'; readonly data: DataOf<'ApiTokenIssued'> }
  | { readonly type: 'RevokeToken'; readonly data: DataOf<'ApiTokenRevoked'> };

/**
 * One person. Registering somebody who exists changes nothing, since two mails of a new customer may race. Refuses with
 * UNKNOWN_PERSON, TOO_MANY_PHONES, ROLE_NOT_HELD and NOT_FOUND (a token that was never issued).
 */
export const person: Decider<PersonState, PersonCommand, PersonEvent, void> = {
  initial: () => ({ exists: false, name: '', emails: [], phones: [], companyId: null, roles: [], tokens: [] }),
  evolve,
  decide(command, state) {
    if (command.type === 'RegisterPerson')
      return state.exists ? [] : [{ type: 'PersonRegistered', data: command.data }];
    if (!state.exists) throw new AppError('UNKNOWN_PERSON');
    return change(command, state);
  },
};

function evolve(state: PersonState, event: Recorded<PersonEvent>): PersonState {
  switch (event.type) {
    case 'PersonRegistered': {
      const { name, emails, companyId, roles, phones = [] } = event.data;
      return { ...state, exists: true, name, emails, companyId, roles, phones };
    }
    case 'PersonRenamed':
      return { ...state, name: event.data.name };
    case 'PersonCompanyChanged':
      return { ...state, companyId: event.data.companyId };
    case 'PersonPhonesChanged':
      return { ...state, phones: phonesAfter(state.phones, event.data) };
    case 'PersonRolesChanged':
      return { ...state, roles: event.data.roles };
    case 'ApiTokenIssued': {
      const { tokenId, role } = event.data;
      return { ...state, tokens: [...state.tokens, { tokenId, role, revoked: false }] };
    }
    case 'ApiTokenRevoked': {
      const { tokenId } = event.data;
      return { ...state, tokens: state.tokens.map((it) => (it.tokenId === tokenId ? { ...it, revoked: true } : it)) };
    }
    default:
      return state;
  }
}

function change(command: Exclude<PersonCommand, { type: 'RegisterPerson' }>, state: PersonState): PersonEvent[] {
  switch (command.type) {
    case 'RenamePerson':
      return command.data.name === state.name ? [] : [{ type: 'PersonRenamed', data: command.data }];
    case 'ChangePersonCompany':
      return command.data.companyId === state.companyId ? [] : [{ type: 'PersonCompanyChanged', data: command.data }];
    case 'ChangePersonPhones': {
      const data = phonesChange(state.phones, command.data.add, command.data.remove);
      return data ? [{ type: 'PersonPhonesChanged', data }] : [];
    }
    case 'ChangeRoles':
      return changeRoles(command.data.roles, state);
    case 'IssueToken':
      return issueToken(command.data, state);
    case 'RevokeToken': {
      const token = state.tokens.find(({ tokenId }) => tokenId === command.data.tokenId);
      if (!token) throw new AppError('NOT_FOUND', { detail: 'This person has no such token.' });
      return token.revoked ? [] : [{ type: 'ApiTokenRevoked', data: command.data }];
    }
    default:
      return command satisfies never;
  }
}

/** Tokens for a role that is taken away are revoked with it: a token never grants more than its holder may do. */
function changeRoles(wanted: readonly Role[], state: PersonState): PersonEvent[] {
  const roles = [...new Set(wanted)];
  if (roles.length === state.roles.length && roles.every((role) => state.roles.includes(role))) return [];
  const lost = state.tokens.filter(({ role, revoked }) => !revoked && !roles.includes(role));
  return [
    { type: 'PersonRolesChanged', data: { roles } },
    ...lost.map(({ tokenId }): PersonEvent => ({ type: 'ApiTokenRevoked', data: { tokenId } })),
  ];
}

function issueToken(data: DataOf<'ApiTokenIssued'>, state: PersonState): PersonEvent[] {
  if (state.tokens.some(({ tokenId }) => tokenId === data.tokenId)) return [];
  if (!state.roles.includes(data.role))
    throw new AppError('ROLE_NOT_HELD', {
      detail: `The person does not hold the role ${data.role}.`,
      fields: [{ pointer: '/role', detail: `must be one of ${state.roles.join(', ')}` }],
    });
  return [{ type: 'ApiTokenIssued', data }];
}
