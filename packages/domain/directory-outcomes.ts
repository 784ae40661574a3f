import type { CompanyEvent, PersonEvent } from '#contracts/events/directory.ts';
import type { CompanyCommand } from './company/company.ts';
import type { PersonCommand } from './person.ts';

type Outcomes<Command extends { readonly type: string }, Event extends { readonly type: string }> = {
  readonly [C in Command['type']]: readonly Event['type'][];
};

/** The events that the commands on people may lead to. */
export const personOutcomes: Outcomes<PersonCommand, PersonEvent> = {
  RegisterPerson: ['PersonRegistered'],
  RenamePerson: ['PersonRenamed'],
  ChangePersonCompany: ['PersonCompanyChanged'],
  ChangeEmails: ['PersonEmailsChanged'],
  ChangePhones: ['PersonPhonesChanged'],
  ChangePersonNotes: ['PersonNotesChanged'],
  ChangePersonLanguage: ['PersonLanguageChanged'],
  ChangeLogin: ['PersonLoginChanged'],
  ClaimAddress: ['PersonAddressClaimed'],
  ReleaseAddress: ['PersonAddressReleased'],
  ChangeRoles: ['PersonRolesChanged', 'ApiTokenRevoked'],
  IssueToken: ['ApiTokenIssued'],
  RevokeToken: ['ApiTokenRevoked'],
  PreparePersonMerge: [],
  OfferPersonMerge: ['PersonAbsorbed'],
  SettlePersonMerge: ['PersonMerged', 'PersonMergeDeclined'],
  ReleasePersonMerge: ['PersonReleased'],
  UnmergePerson: ['PersonUnmerged'],
};

/** The same for companies. */
export const companyOutcomes: Outcomes<CompanyCommand, CompanyEvent> = {
  RegisterCompany: ['CompanyRegistered'],
  RenameCompany: ['CompanyRenamed'],
  ChangeDomains: ['CompanyDomainsChanged'],
  ChangeTariff: ['CompanyTariffChanged'],
  ChangeCompanyNotes: ['CompanyNotesChanged'],
  ClaimDomain: ['CompanyDomainClaimed'],
  ReleaseDomain: ['CompanyDomainReleased'],
  PrepareCompanyMerge: [],
  OfferCompanyMerge: ['CompanyAbsorbed'],
  SettleCompanyMerge: ['CompanyMerged', 'CompanyMergeDeclined'],
  ReleaseCompanyMerge: ['CompanyReleased'],
  UnmergeCompany: ['CompanyUnmerged'],
};
