import { type Static, Type } from 'typebox';
import { Phone } from '../events/person-details.ts';
import { Address, Instant, Nullable, Role, Strict, SupportLine, Uuid } from '../primitives.ts';
import { CompanyRef, GroupRef, outcome, PersonRef, pageOf, paging } from './common.ts';
import { PersonName as Name, WrittenPhones } from './people.ts';

const Roles = Type.Array(Role, { minItems: 1, maxItems: 6 });

export const RegisterPerson = Strict(
  {
    name: Name,
    emails: Type.Array(Address, { maxItems: 20, description: 'the first one makes the id' }),
    phones: Type.Optional({ ...WrittenPhones, description: 'as they are written, +49 30 1234 say' }),
    roles: Roles,
    companyId: Type.Optional(Nullable(Uuid)),
  },
  { title: 'RegisterPerson' },
);
export const ChangeRoles = Strict({ roles: Roles }, { title: 'ChangeRoles' });
export const PersonRegistered = Type.Object({ id: Uuid, ...outcome }, { title: 'PersonRegistered' });
export const PersonParams = Strict({ person: Uuid });

export const Person = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    emails: Type.Array(Type.String(), { description: 'the main one first' }),
    phones: Type.Array(Phone),
    company: Nullable(CompanyRef),
    roles: Type.Array(Role),
    login: Nullable(Type.String()),
    language: Nullable(Type.String()),
    notes: Nullable(Type.String({ description: 'for agents' })),
    registeredAt: Instant,
    merged: Type.Array(PersonRef, {
      description: 'people who were merged into this one; their addresses are here too',
    }),
    mergedInto: Nullable(PersonRef),
    version: Type.Integer({ description: 'the ETag is this in quotes' }),
  },
  { title: 'Person' },
);
export type Person = Static<typeof Person>;
export const PersonPage = pageOf('PersonPage', Person);
export const PersonQuery = Strict({
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'start of the name, login or address, or digits of a number',
    }),
  ),
  role: Type.Optional(Role),
  company: Type.Optional(Uuid),
  ...paging,
});

export const IssueToken = Strict(
  {
    role: Role,
    label: Type.String({ minLength: 1, maxLength: 200 }),
    expiresAt: Type.Optional(Nullable(Instant)),
  },
  { title: 'IssueToken' },
);
export const TokenIssued = Type.Object(
  { id: Uuid, token: Type.String({ description: 'shown this once' }), ...outcome },
  { title: 'TokenIssued' },
);
export const TokenParams = Strict({ person: Uuid, token: Uuid });
export const Token = Type.Object(
  {
    id: Uuid,
    role: Role,
    label: Type.String(),
    issuedAt: Instant,
    expiresAt: Nullable(Instant),
    revokedAt: Nullable(Instant),
  },
  { title: 'Token' },
);
export const TokenList = Type.Object({ items: Type.Array(Token) }, { title: 'TokenList' });

export const RegisterGroup = Strict({ name: Name }, { title: 'RegisterGroup' });
export const GroupRegistered = Type.Object({ id: Uuid, ...outcome }, { title: 'GroupRegistered' });
export const GroupParams = Strict({ group: Uuid });
export const MemberParams = Strict({ group: Uuid, person: Uuid });
export const Group = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    line: Nullable(SupportLine),
    escalatesTo: Nullable(GroupRef),
    members: Type.Array(PersonRef),
    registeredAt: Instant,
    version: Type.Integer({ description: 'for If-Match of a change of the group' }),
  },
  { title: 'Group' },
);
export const GroupList = Type.Object({ items: Type.Array(Group) }, { title: 'GroupList' });

export const Me = Type.Object(
  { id: Uuid, name: Type.String(), role: Role, roles: Type.Array(Role), tokenId: Uuid },
  { title: 'Me', description: 'who you are to the desk; `role` is that of the token, `roles` are all you hold' },
);
