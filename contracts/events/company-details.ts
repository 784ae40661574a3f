import { Type } from 'typebox';
import { Domain, Nullable, Slug, Strict, Uuid } from '../primitives.ts';
import { Notes } from './person-details.ts';

/** Tariff or plan that a company has booked. */
export const Tariff = { ...Slug, description: 'tariff or plan, a slug of your own' };

/** What changes about a company. */
export const companyDetailEvents = {
  CompanyRenamed: Strict({ name: Type.String({ minLength: 1, maxLength: 200 }) }),
  CompanyDomainsChanged: Strict({ added: Type.Array(Domain), removed: Type.Array(Domain) }),
  CompanyTariffChanged: Strict({ tariff: Nullable(Tariff) }),
  CompanyNotesChanged: Strict({ notes: Nullable(Notes) }),
} as const;

/** Whose a mail domain is that is not the company's own whose id follows from it; on the stream of that id. */
export const domainEvents = {
  CompanyDomainClaimed: Strict({ domain: Domain, companyId: Uuid }),
  CompanyDomainReleased: Strict({ domain: Domain, companyId: Uuid }),
} as const;
