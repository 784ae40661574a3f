import { describe, expect, test } from 'vitest';
import type { CompanyEvent, PersonEvent } from '#contracts/events/directory.ts';
import { type CompanyCommand, company } from '#packages/domain/company/company.ts';
import { type PersonCommand, person } from '#packages/domain/person.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';

const [annaId, benId] = [idFrom('test', 'anna'), idFrom('test', 'ben')];
const mergeId = idFrom('test', 'merge');
const into = { mergeId, into: benId };
const from = { mergeId, from: annaId };

const registration = { name: 'Anna', emails: [], companyId: null, origin: 'api' as const };
const customer: PersonEvent = { type: 'PersonRegistered', data: { ...registration, roles: ['customer'] } };
const agent: PersonEvent = { type: 'PersonRegistered', data: { ...registration, roles: ['customer', 'agent'] } };

const prepare: PersonCommand = { type: 'PreparePersonMerge', data: { ...into, ownId: annaId } };
const offer: PersonCommand = { type: 'OfferPersonMerge', data: { ...from, ownId: benId } };
const settle: PersonCommand = { type: 'SettlePersonMerge', data: { ...into, refusal: null } };
const unmerge: PersonCommand = { type: 'UnmergePerson', data: {} };
const merged: PersonEvent = { type: 'PersonMerged', data: into };
const unmerged: PersonEvent = { type: 'PersonUnmerged', data: into };
const absorbed: PersonEvent = { type: 'PersonAbsorbed', data: from };
const declined = (reason: 'cycle' | 'merged' | 'roles'): PersonEvent => ({
  type: 'PersonMergeDeclined',
  data: { ...into, reason },
});
const release = (reason: 'declined' | 'unmerged'): PersonCommand => ({
  type: 'ReleasePersonMerge',
  data: { mergeId, reason },
});

describe('merging people', () => {
  test('is offered once, settled once, and taken back once', () => {
    given(person, customer).when(prepare).thenNothing();
    given(person, customer).when(offer).thenEvents(absorbed);
    given(person, customer, absorbed).when(offer).thenNothing();
    given(person, customer).when(settle).thenEvents(merged);
    given(person, customer, merged).when(settle).thenNothing();
    given(person, customer, merged, unmerged).when(settle).thenNothing();
    given(person, customer, merged).when(unmerge).thenEvents(unmerged);
    given(person, customer, merged, unmerged).when(unmerge).thenRejects('NOT_MERGED');
    const released: PersonEvent = { type: 'PersonReleased', data: { ...from, reason: 'unmerged' } };
    given(person, customer, absorbed).when(release('unmerged')).thenEvents(released);
    given(person, customer, absorbed, released).when(release('unmerged')).thenNothing();
    expect(given(person, customer, absorbed, released).state.merging.absorbed).toEqual([]);
    // An offer that was taken back does not come again.
    given(person, customer, absorbed, released).when(offer).thenNothing();
  });

  test('is declined when they lead round, work here by now, or are merged by now', () => {
    given(person, customer)
      .when({ type: 'SettlePersonMerge', data: { ...into, refusal: 'cycle' } })
      .thenEvents(declined('cycle'));
    given(person, agent).when(settle).thenEvents(declined('roles'));
    const other: PersonEvent = { type: 'PersonMerged', data: { mergeId: idFrom('test', 'other'), into: benId } };
    given(person, customer, other).when(settle).thenEvents(declined('merged'));
    given(person, customer, declined('cycle')).when(settle).thenNothing();
  });

  test('is refused with a reason', () => {
    given(person, agent).when(prepare).thenRejects('PERSON_HAS_ROLES');
    given(person, customer, merged)
      .when({ type: 'PreparePersonMerge', data: { ...into, mergeId: idFrom('test', 'new'), ownId: annaId } })
      .thenRejects('PERSON_MERGED', { extra: { into: benId } });
    given(person, customer)
      .when({ type: 'PreparePersonMerge', data: { ...into, ownId: benId } })
      .thenRejects('RELATION_TO_ITSELF', { pointers: ['/into'] });
    given(person, customer, { type: 'PersonMerged', data: { mergeId: idFrom('test', 'x'), into: annaId } })
      .when(offer)
      .thenRejects('PERSON_MERGED');
    const many = Array.from({ length: 50 }, (_, n): PersonEvent => {
      return { type: 'PersonAbsorbed', data: { mergeId: idFrom('m', n), from: idFrom('p', n) } };
    });
    given(person, customer, ...many)
      .when(offer)
      .thenRejects('RELATION_LIMIT', { extra: { max: 50 } });
  });

  test.each([
    { type: 'RenamePerson', data: { name: 'X' } },
    { type: 'ChangePersonCompany', data: { companyId: benId } },
    { type: 'ChangeRoles', data: { roles: ['agent'] } },
    { type: 'ChangeEmails', data: { personId: annaId, add: ['x@x.example'], remove: [] } },
    { type: 'ChangePersonNotes', data: { notes: 'X' } },
    { type: 'ChangeLogin', data: { login: 'x' } },
    {
      type: 'IssueToken',
      data: { tokenId: annaId, hash: 'a'.repeat(64), role: 'customer', label: 'x', expiresAt: null },
    },
  ] satisfies PersonCommand[])('keeps the merged one as they are: $type', (command) => {
    given(person, customer, merged)
      .when(command)
      .thenRejects('PERSON_MERGED', { extra: { into: benId } });
    expect(given(person, customer, merged, unmerged).when(command).events()).toHaveLength(1);
  });

  test('lets the tokens of the merged one be revoked', () => {
    const token = { tokenId: annaId, hash: 'a'.repeat(64), role: 'customer' as const, label: 'x', expiresAt: null };
    given(person, customer, { type: 'ApiTokenIssued', data: token }, merged)
      .when({ type: 'RevokeToken', data: { tokenId: annaId } })
      .thenEvents({ type: 'ApiTokenRevoked', data: { tokenId: annaId } });
  });
});

describe('a company', () => {
  const registered: CompanyEvent = { type: 'CompanyRegistered', data: { name: 'Acme', domains: ['acme.example'] } };
  const acme = given(company, registered);
  const domains = (add: string[], remove: string[] = []): CompanyCommand => ({
    type: 'ChangeDomains',
    data: { companyId: annaId, add, remove },
  });

  test('changes only by what is different', () => {
    acme.when({ type: 'RenameCompany', data: { name: 'Acme' } }).thenNothing();
    acme
      .when({ type: 'RenameCompany', data: { name: 'B' } })
      .thenEvents({ type: 'CompanyRenamed', data: { name: 'B' } });
    acme.when({ type: 'ChangeTariff', data: { tariff: null } }).thenNothing();
    acme
      .when({ type: 'ChangeTariff', data: { tariff: 'gold' } })
      .thenEvents({ type: 'CompanyTariffChanged', data: { tariff: 'gold' } });
    acme.when({ type: 'ChangeCompanyNotes', data: { notes: ' ' } }).thenNothing();
    acme
      .when({ type: 'ChangeCompanyNotes', data: { notes: 'n ' } })
      .thenEvents({ type: 'CompanyNotesChanged', data: { notes: 'n' } });
    acme.when(domains(['acme.example'])).thenNothing();
    acme.when(domains(['b.example'], ['acme.example'])).thenEvents({
      type: 'CompanyDomainsChanged',
      data: { added: ['b.example'], removed: ['acme.example'] },
    });
    const many = Array.from({ length: 100 }, (_, n) => `n${n}.example`);
    acme.when(domains(many)).thenRejects('TOO_MANY_DOMAINS', { pointers: ['/add'] });
    given(company)
      .when({ type: 'RenameCompany', data: { name: 'B' } })
      .thenRejects('UNKNOWN_COMPANY');
  });

  test('has a domain alone', () => {
    const claim = { domain: 'acme.example', companyId: benId, ownId: annaId };
    const claimed: CompanyEvent = { type: 'CompanyDomainClaimed', data: { domain: 'acme.example', companyId: benId } };
    const released: CompanyEvent = { type: 'CompanyDomainReleased', data: claimed.data };
    acme.when({ type: 'ClaimDomain', data: claim }).thenRejects('DOMAIN_TAKEN', { extra: { id: annaId } });
    given(company).when({ type: 'ClaimDomain', data: claim }).thenEvents(claimed);
    given(company, claimed).when({ type: 'RegisterCompany', data: registered.data }).thenNothing();
    given(company, claimed).when({ type: 'ReleaseDomain', data: claim }).thenEvents(released);
    given(company, claimed, released).when({ type: 'RegisterCompany', data: registered.data }).thenEvents(registered);
  });

  test('is merged and comes back as people do', () => {
    const settled: CompanyEvent = { type: 'CompanyMerged', data: into };
    acme.when({ type: 'OfferCompanyMerge', data: { ...from, ownId: benId } }).thenEvents({
      type: 'CompanyAbsorbed',
      data: from,
    });
    acme.when({ type: 'SettleCompanyMerge', data: { ...into, refusal: null } }).thenEvents(settled);
    acme
      .when({ type: 'SettleCompanyMerge', data: { ...into, refusal: 'cycle' } })
      .thenEvents({ type: 'CompanyMergeDeclined', data: { ...into, reason: 'cycle' } });
    acme.when({ type: 'UnmergeCompany', data: {} }).thenRejects('NOT_MERGED');
    const gone = given(company, registered, settled);
    gone.when(domains(['b.example'])).thenRejects('COMPANY_MERGED', { extra: { into: benId } });
    gone.when({ type: 'UnmergeCompany', data: {} }).thenEvents({ type: 'CompanyUnmerged', data: into });
  });
});
