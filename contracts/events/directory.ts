import { Type } from 'typebox';
import { Address, Domain, Instant, Nullable, OneOf, Role, Sha256, Strict, SupportLine, Uuid } from '../primitives.ts';
import { companyDetailEvents, domainEvents, Tariff } from './company-details.ts';
import { companyMergeEvents, personMergeEvents } from './directory-merging.ts';
import type { EventOf } from './envelope.ts';
import { addressEvents, Notes, Phone, personDetailEvents } from './person-details.ts';

const Name = Type.String({ minLength: 1, maxLength: 200 });

export const personEvents = {
  PersonRegistered: Strict({
    name: Name,
    emails: Type.Array(Address),
    companyId: Nullable(Uuid),
    roles: Type.Array(Role),
    phones: Type.Optional(Type.Array(Phone)),
    origin: OneOf(['mail', 'api', 'cli', 'seed']),
  }),
  PersonRenamed: Strict({ name: Name }),
  PersonCompanyChanged: Strict({ companyId: Nullable(Uuid) }),
  PersonRolesChanged: Strict({ roles: Type.Array(Role) }),
  ApiTokenIssued: Strict({
    tokenId: Uuid,
    hash: Sha256,
    role: Role,
    label: Type.String({ maxLength: 200 }),
    expiresAt: Nullable(Instant),
  }),
  ApiTokenRevoked: Strict({ tokenId: Uuid }),
  ...personDetailEvents,
  ...addressEvents,
  ...personMergeEvents,
} as const;

export const companyEvents = {
  CompanyRegistered: Strict({
    name: Name,
    domains: Type.Array(Domain),
    tariff: Type.Optional(Tariff),
    notes: Type.Optional(Notes),
  }),
  ...companyDetailEvents,
  ...domainEvents,
  ...companyMergeEvents,
} as const;

export const groupEvents = {
  GroupRegistered: Strict({ name: Name }),
  GroupRenamed: Strict({ name: Name }),
  GroupLineChanged: Strict({
    line: Nullable({ ...SupportLine, description: 'null: of no line' }),
    escalatesTo: Nullable({ ...Uuid, description: 'the group that tickets are handed over to; null: to none' }),
  }),
  GroupMemberAdded: Strict({ personId: Uuid }),
  GroupMemberRemoved: Strict({ personId: Uuid }),
} as const;

export type PersonEvent = EventOf<typeof personEvents>;
export type CompanyEvent = EventOf<typeof companyEvents>;
export type GroupEvent = EventOf<typeof groupEvents>;
