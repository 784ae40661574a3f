import type { Phone } from '#contracts/events/person-details.ts';
import type { Role } from '#contracts/primitives.ts';
import type { Claims } from '../directory/holding.ts';
import { type Merging, unmerged } from '../directory/merging.ts';

export type PersonState = {
  readonly exists: boolean;
  readonly name: string;
  /** The main one first. */
  readonly emails: readonly string[];
  readonly phones: readonly Phone[];
  readonly notes: string | null;
  readonly language: string | null;
  readonly login: string | null;
  readonly companyId: string | null;
  readonly roles: readonly Role[];
  readonly tokens: readonly { readonly tokenId: string; readonly role: Role; readonly revoked: boolean }[];
  /** Whom the address that leads to this stream was given to. */
  readonly claims: Claims;
  readonly merging: Merging;
};

export const nobody: PersonState = {
  exists: false,
  name: '',
  emails: [],
  phones: [],
  notes: null,
  language: null,
  login: null,
  companyId: null,
  roles: [],
  tokens: [],
  claims: {},
  merging: unmerged,
};
