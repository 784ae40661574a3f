import type { PersonEvent } from '#contracts/events/directory.ts';
import type { Role } from '#contracts/primitives.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Decider, Recorded } from './decider.ts';
import { refuseMerged } from './directory/merging.ts';
import {
  type AddressCommand,
  decideAddress,
  decideDetails,
  detailsAfter,
  type PersonDetailCommand,
} from './person/details.ts';
import { decidePersonMerge, type PersonMergeCommand, personMergingAfter } from './person/merging.ts';
import { nobody, type PersonState } from './person/state.ts';

type DataOf<T extends PersonEvent['type']> = Extract<PersonEvent, { type: T }>['data'];

export type PersonCommand =
  | PersonDetailCommand
  | AddressCommand
  | PersonMergeCommand
  | { readonly type: 'RegisterPerson'; readonly data: DataOf<'PersonRegistered'> }
  | { readonly type: 'RenamePerson'; readonly data: DataOf<'PersonRenamed'> }
  | { readonly type: 'ChangePersonCompany'; readonly data: DataOf<'PersonCompanyChanged'> }
  | { readonly type: 'ChangeRoles'; readonly data: DataOf<'PersonRolesChanged'> }
  | { readonly type: 'IssueToken'; readonly data: DataOf<'ApiTokenIssued'> }
  | { readonly type: 'RevokeToken'; readonly data: DataOf<'ApiTokenRevoked'> };

/**
 * One person. Registering somebody who exists changes nothing, since two mails of a new customer may race; nor does it where
 * the address that leads to the stream is somebody else's by now. Whoever is merged into another one stays as they are
 * until that is taken back; their tokens can be revoked. Refuses with UNKNOWN_PERSON, PERSON_MERGED, ROLE_NOT_HELD and NOT_FOUND
 * (a token that was never issued), and as details and merging do.
 */
export const person: Decider<PersonState, PersonCommand, PersonEvent, void> = {
  initial: () => nobody,
  evolve,
  decide(command, state) {
    if (command.type === 'RegisterPerson') return register(command.data, state);
    if (command.type === 'ClaimAddress' || command.type === 'ReleaseAddress') return decideAddress(command, state);
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
      return { ...detailsAfter(state, event), merging: personMergingAfter(state.merging, event) };
  }
}

type ChangeCommand = Exclude<PersonCommand, AddressCommand | { type: 'RegisterPerson' }>;

function change(command: ChangeCommand, state: PersonState): PersonEvent[] {
  switch (command.type) {
    case 'PreparePersonMerge':
    case 'OfferPersonMerge':
    case 'SettlePersonMerge':
    case 'ReleasePersonMerge':
    case 'UnmergePerson':
      return decidePersonMerge(command, state);
    case 'RevokeToken':
      return revokeToken(command.data, state);
    default:
      refuseMerged(state.merging, 'PERSON');
      return changeOfOwn(command, state);
  }
}

type OwnCommand = Exclude<ChangeCommand, PersonMergeCommand | { type: 'RevokeToken' }>;

function changeOfOwn(command: OwnCommand, state: PersonState): PersonEvent[] {
  switch (command.type) {
    case 'RenamePerson':
      return command.data.name === state.name ? [] : [{ type: 'PersonRenamed', data: command.data }];
    case 'ChangePersonCompany':
      return command.data.companyId === state.companyId ? [] : [{ type: 'PersonCompanyChanged', data: command.data }];
    case 'ChangeRoles':
      return changeRoles(command.data.roles, state);
    case 'IssueToken':
      return issueToken(command.data, state);
    case 'ChangeEmails':
    case 'ChangePhones':
    case 'ChangePersonNotes':
    case 'ChangePersonLanguage':
    case 'ChangeLogin':
      return decideDetails(command, state);
    default:
      return command satisfies never;
  }
}

const register = (data: DataOf<'PersonRegistered'>, { claims, exists }: PersonState): PersonEvent[] =>
  exists || data.emails.some((email) => typeof claims[email] === 'string') ? [] : [{ type: 'PersonRegistered', data }];

function revokeToken(data: DataOf<'ApiTokenRevoked'>, state: PersonState): PersonEvent[] {
  const token = state.tokens.find(({ tokenId }) => tokenId === data.tokenId);
  if (!token) throw new AppError('NOT_FOUND', { detail: 'This person has no such token.' });
  return token.revoked ? [] : [{ type: 'ApiTokenRevoked', data }];
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
