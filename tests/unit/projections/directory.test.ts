import { expect, test } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { apiTokens } from '#projections/api-tokens.ts';
import { companies } from '#projections/companies.ts';
import { groups } from '#projections/groups.ts';
import { people } from '#projections/people.ts';
import { settings } from '#projections/settings.ts';
import { createStory } from '#tests/support/story.ts';

const anna = idFrom('person', 'anna');
const acme = idFrom('company', 'acme');
const support = idFrom('group', 'support');
const later = { at: '2026-03-02T11:00:00.000Z' };

test('a person has a name, addresses, roles and a company, as changed last', () => {
  const story = createStory();
  const stream = streams.person(anna);
  const emails = ['anna@acme.example', 'a@home.example'];
  const data = { name: 'Anna', emails, companyId: null, roles: ['customer' as const], origin: 'mail' as const };
  story.add(stream, { type: 'PersonRegistered', data });
  story.add(stream, { type: 'PersonRenamed', data: { name: 'Anna A.' } }, later);
  story.add(stream, { type: 'PersonCompanyChanged', data: { companyId: acme } });
  story.add(stream, { type: 'PersonRolesChanged', data: { roles: ['agent', 'supervisor'] } });
  const rows = foldAlone(people, story.log);
  expect(rows.people).toEqual([
    {
      id: anna,
      name: 'Anna A.',
      company_id: acme,
      main_email: 'anna@acme.example',
      notes: null,
      language: null,
      login: null,
      merged_into: null,
      merge_id: null,
      merged_at: null,
      roles: ['agent', 'supervisor'],
      origin: 'mail',
      registered_at: new Date('2026-03-02T10:00:00Z'),
      version: 4,
      position: 4n,
    },
  ]);
  expect(rows.person_emails).toEqual(emails.map((email) => ({ email, person_id: anna })));
});

test('a company is found by its domains', () => {
  const story = createStory();
  story.add(streams.company(acme), {
    type: 'CompanyRegistered',
    data: { name: 'Acme', domains: ['acme.example', 'acme.test'] },
  });
  const rows = foldAlone(companies, story.log);
  expect(rows.companies).toMatchObject([{ id: acme, name: 'Acme' }]);
  expect(rows.company_domains.map(({ domain }) => domain)).toEqual(['acme.example', 'acme.test']);
});

test('members come and go', () => {
  const story = createStory();
  const stream = streams.group(support);
  story.add(stream, { type: 'GroupRegistered', data: { name: 'Support' } });
  story.add(stream, { type: 'GroupMemberAdded', data: { personId: anna } }, later);
  expect(foldAlone(groups, story.log)).toMatchObject({
    groups: [{ id: support, name: 'Support', version: 2 }],
    group_members: [{ group_id: support, person_id: anna, since: new Date(later.at) }],
  });
  story.add(stream, { type: 'GroupMemberRemoved', data: { personId: anna } });
  expect(foldAlone(groups, story.log)).toMatchObject({ groups: [{ version: 3 }], group_members: [] });
});

test('a token is known by its hash until it is revoked', () => {
  const story = createStory();
  const tokenId = idFrom('token');
  const data = { tokenId, hash: 'b'.repeat(64), role: 'agent' as const, label: 'laptop', expiresAt: later.at };
  story.add(streams.person(anna), { type: 'ApiTokenIssued', data });
  expect(foldAlone(apiTokens, story.log).api_tokens).toMatchObject([
    {
      id: tokenId,
      hash: 'b'.repeat(64),
      person_id: anna,
      role: 'agent',
      expires_at: new Date(later.at),
      revoked_at: null,
    },
  ]);
  story.add(streams.person(anna), { type: 'ApiTokenRevoked', data: { tokenId } }, later);
  expect(foldAlone(apiTokens, story.log).api_tokens).toMatchObject([{ revoked_at: new Date(later.at) }]);
});

test('a setting has the value saved last; removed, it is kept as removed, and may be saved again', () => {
  const story = createStory();
  const stream = streams.setting('mailbox', 'support');
  const save = (value: unknown) =>
    story.add(stream, { type: 'SettingSaved', data: { kind: 'mailbox', id: 'support', value } });
  const rows = () => foldAlone(settings, story.log).settings;
  save({ name: 'one' });
  save({ name: 'two' });
  expect(rows()).toMatchObject([
    { kind: 'mailbox', id: 'support', revision: 2, value: { name: 'two' }, removed: false },
  ]);
  story.add(stream, { type: 'SettingRemoved', data: { kind: 'mailbox', id: 'support' } });
  expect(rows()).toMatchObject([{ revision: 3, value: { name: 'two' }, removed: true }]);
  save({ name: 'three' });
  expect(rows()).toMatchObject([{ revision: 4, value: { name: 'three' }, removed: false }]);
});
