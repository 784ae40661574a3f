import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import { nameWordsOf } from '#packages/read-db/directory-words.ts';
import type { CompanyDomainRow, CompanyRow } from '#packages/read-db/tables.ts';
import { originColumns, originOf, timeOf } from './origin.ts';

const companyRows: Table<CompanyRow, 'id'> = {
  key: ['id'],
  columns: { id: 'uuid not null', name: 'text not null', registered_at: 'timestamptz not null', ...originColumns },
  generated: { name_words: `tsvector generated always as (${nameWordsOf('name')}) stored` },
  indexes: ['using gin (name_words)'],
};

const domainRows: Table<CompanyDomainRow, 'domain' | 'company_id'> = {
  key: ['domain', 'company_id'],
  columns: { domain: 'text not null', company_id: 'uuid not null' },
  indexes: ['(company_id)', '(domain text_pattern_ops)'],
};

/** Companies and the mail domains their people write from. */
export const companies = defineProjection({
  name: 'companies',
  version: 2,
  tables: { companies: companyRows, company_domains: domainRows },
  handles: ['CompanyRegistered'],
  fold: (event, rows) => {
    const id = idOf(event.stream);
    rows.companies.put({ id, name: event.data.name, registered_at: timeOf(event), ...originOf(event) });
    for (const domain of event.data.domains) rows.company_domains.put({ domain, company_id: id });
  },
});
