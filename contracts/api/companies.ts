import { Type } from 'typebox';
import { Tariff } from '../events/company-details.ts';
import { Notes } from '../events/person-details.ts';
import { Instant, Nullable, Strict, Uuid } from '../primitives.ts';
import { CompanyRef, outcome, pageOf, paging } from './common.ts';

const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' });
const Domains = Type.Array(Type.String({ minLength: 3, maxLength: 253 }), { maxItems: 100 });

export const RegisterCompany = Strict(
  {
    name: Name,
    domains: Type.Optional({ ...Domains, description: 'mail domains: who writes from there is theirs' }),
    tariff: Type.Optional(Tariff),
    notes: Type.Optional(Notes),
  },
  { title: 'RegisterCompany' },
);
export const CompanyRegistered = Type.Object({ id: Uuid, ...outcome }, { title: 'CompanyRegistered' });
export const CompanyParams = Strict({ company: Uuid });

/** Bodies of the changes of a company; null takes away. */
export const RenameCompanyBody = Strict({ name: Name });
export const ChangeDomainsBody = Strict({ add: Type.Optional(Domains), remove: Type.Optional(Domains) });
export const TariffBody = Strict({ tariff: Nullable(Tariff) });

export const Company = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    domains: Type.Array(Type.String(), { description: 'with those of companies merged into it' }),
    tariff: Nullable(Tariff),
    notes: Nullable(Type.String()),
    registeredAt: Instant,
    merged: Type.Array(CompanyRef, { description: 'companies that were merged into it' }),
    mergedInto: Nullable(CompanyRef),
    version: Type.Integer({ description: 'its ETag is this in quotes' }),
  },
  { title: 'Company' },
);
export const CompanyPage = pageOf('CompanyPage', Company);
export const CompanyQuery = Strict({
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'start of the name, or of a mail domain' }),
  ),
  tariff: Type.Optional(Tariff),
  ...paging,
});
