import { describe, expect, test } from 'vitest';
import type { CompanyEvent, GroupEvent, PersonEvent } from '#contracts/events/directory.ts';
import { company } from '#packages/domain/company/company.ts';
import { group, noGroupFacts } from '#packages/domain/group.ts';
import { type PersonCommand, person } from '#packages/domain/person.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';

const anna = {
  name: 'Anna',
  emails: ['anna@customer.example'],
  companyId: null,
  roles: ['customer' as const, 'agent' as const],
  origin: 'mail' as const,
};
const registered: PersonEvent = { type: 'PersonRegistered', data: anna };
const token = {
  tokenId: idFrom('test', 'token'),
  hash: 'a'.repeat(64),
  role: 'agent' as const,
  label: 'laptop',
  expiresAt: null,
};
const issued: PersonEvent = { type: 'ApiTokenIssued', data: token };
const revoked: PersonEvent = { type: 'ApiTokenRevoked', data: { tokenId: token.tokenId } };

describe('a person', () => {
  const register: PersonCommand = { type: 'RegisterPerson', data: anna };

  test('is registered once, whoever comes second', () => {
    given(person).when(register).thenEvents(registered);
    given(person, registered)
      .when({ ...register, data: { ...anna, name: 'Another' } })
      .thenNothing();
  });

  test('changes only by what is different', () => {
    const companyId = idFrom('test', 'company');
    const them = given(person, registered);
    them
      .when({ type: 'RenamePerson', data: { name: 'Ann' } })
      .thenEvents({ type: 'PersonRenamed', data: { name: 'Ann' } });
    them.when({ type: 'RenamePerson', data: { name: 'Anna' } }).thenNothing();
    them
      .when({ type: 'ChangePersonCompany', data: { companyId } })
      .thenEvents({ type: 'PersonCompanyChanged', data: { companyId } });
    them.when({ type: 'ChangePersonCompany', data: { companyId: null } }).thenNothing();
    them
      .when({ type: 'ChangeRoles', data: { roles: ['admin', 'admin'] } })
      .thenEvents({ type: 'PersonRolesChanged', data: { roles: ['admin'] } });
    them.when({ type: 'ChangeRoles', data: { roles: ['agent', 'customer'] } }).thenNothing();
  });

  test('holds tokens for the roles held', () => {
    given(person, registered).when({ type: 'IssueToken', data: token }).thenEvents(issued);
    given(person, registered, issued).when({ type: 'IssueToken', data: token }).thenNothing();
    given(person, registered)
      .when({ type: 'IssueToken', data: { ...token, role: 'admin' } })
      .thenRejects('ROLE_NOT_HELD', { pointers: ['/role'] });
  });

  test('loses a token once, and those of a role with the role', () => {
    const revoke: PersonCommand = { type: 'RevokeToken', data: { tokenId: token.tokenId } };
    given(person, registered, issued).when(revoke).thenEvents(revoked);
    given(person, registered, issued, revoked).when(revoke).thenNothing();
    given(person, registered).when(revoke).thenRejects('NOT_FOUND');
    const demote: PersonCommand = { type: 'ChangeRoles', data: { roles: ['customer'] } };
    const demoted: PersonEvent = { type: 'PersonRolesChanged', data: { roles: ['customer'] } };
    given(person, registered, issued).when(demote).thenEvents(demoted, revoked);
    given(person, registered, issued, revoked).when(demote).thenEvents(demoted);
  });

  test.each([
    { type: 'RenamePerson', data: { name: 'Ann' } },
    { type: 'ChangePersonCompany', data: { companyId: null } },
    { type: 'ChangeRoles', data: { roles: [] } },
    { type: 'IssueToken', data: token },
    { type: 'RevokeToken', data: { tokenId: token.tokenId } },
  ] satisfies PersonCommand[])('$type needs somebody', (command) => {
    given(person).when(command).thenRejects('UNKNOWN_PERSON');
  });
});

test('a company is registered once', () => {
  const data = { name: 'customer.example', domains: ['customer.example'] };
  const event: CompanyEvent = { type: 'CompanyRegistered', data };
  given(company).when({ type: 'RegisterCompany', data }).thenEvents(event);
  given(company, event).when({ type: 'RegisterCompany', data }).thenNothing();
  expect(given(company, event).state).toMatchObject({ exists: true, ...data, tariff: null, notes: null });
});

describe('a group', () => {
  const named: GroupEvent = { type: 'GroupRegistered', data: { name: 'Support' } };
  const personId = idFrom('test', 'agent');
  const joined: GroupEvent = { type: 'GroupMemberAdded', data: { personId } };
  const left: GroupEvent = { type: 'GroupMemberRemoved', data: { personId } };
  const add = { type: 'AddMember', data: { personId } } as const;
  const remove = { type: 'RemoveMember', data: { personId } } as const;
  const facts = { ...noGroupFacts, isAgent: (id: string) => id === personId };

  test('is registered once', () => {
    given(group)
      .when({ type: 'RegisterGroup', data: { name: 'Support' } }, facts)
      .thenEvents(named);
    given(group, named)
      .when({ type: 'RegisterGroup', data: { name: 'Sales' } }, facts)
      .thenNothing();
  });

  test('takes agents in and lets them go, once each', () => {
    given(group, named).when(add, facts).thenEvents(joined);
    given(group, named, joined).when(add, facts).thenNothing();
    given(group, named, joined).when(remove, facts).thenEvents(left);
    given(group, named, joined, left).when(remove, facts).thenNothing();
    given(group, named, joined, left).when(add, facts).thenEvents(joined);
  });

  test('is renamed, when the name is another', () => {
    const renamed: GroupEvent = { type: 'GroupRenamed', data: { name: 'First line' } };
    given(group, named)
      .when({ type: 'RenameGroup', data: { name: 'First line' } }, facts)
      .thenEvents(renamed);
    given(group, named)
      .when({ type: 'RenameGroup', data: { name: 'Support' } }, facts)
      .thenNothing();
    given(group)
      .when({ type: 'RenameGroup', data: { name: 'Support' } }, facts)
      .thenRejects('UNKNOWN_GROUP');
  });

  test('hands over to a group above, never in a circle', () => {
    const [own, second, third] = ['own', 'second', 'third'];
    const line = (escalatesTo: string | null) => ({ line: 1, escalatesTo });
    const change = (escalatesTo: string | null) => ({ type: 'ChangeLine', data: line(escalatesTo) }) as const;
    const above = (...groups: string[]) => ({ ...facts, groupId: own, lineOf: () => groups });
    const changed: GroupEvent = { type: 'GroupLineChanged', data: line(second) };
    given(group, named).when(change(second), above(second, third)).thenEvents(changed);
    given(group, named, changed).when(change(second), above(second, third)).thenNothing();
    given(group, named, changed)
      .when(change(null), facts)
      .thenEvents({ type: 'GroupLineChanged', data: line(null) });
    for (const circle of [[own], [second, own], [second, third, own]])
      given(group, named)
        .when(change(circle[0] ?? null), above(...circle))
        .thenRejects('ESCALATION_CYCLE', { pointers: ['/escalatesTo'] });
    given(group, named)
      .when(change(third), facts)
      .thenRejects('UNKNOWN_GROUP', { pointers: ['/escalatesTo'] });
  });

  test('takes nobody else, and must exist', () => {
    given(group, named)
      .when(add, noGroupFacts)
      .thenRejects('UNKNOWN_AGENT', { pointers: ['/personId'] });
    given(group).when(add, facts).thenRejects('UNKNOWN_GROUP');
    given(group).when(remove, facts).thenRejects('UNKNOWN_GROUP');
  });
});
