import { type CompanyEvent, companyEvents } from '#contracts/events/directory.ts';
import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type StoredOf, type Table } from '#packages/projector/projection.ts';
import { nameWordsOf } from '#packages/read-db/directory-words.ts';
import type { CompanyDomainRow, CompanyRow } from '#packages/read-db/tables-directory.ts';
import { mergeColumns, mergedBy, notMerged } from './merge-columns.ts';
import { originColumns, originOf, timeOf } from './origin.ts';

const companyRows: Table<CompanyRow, 'id'> = {
  key: ['id'],
  columns: {
    id: 'uuid not null',
    name: 'text not null',
    tariff: 'text',
    notes: 'text',
    registered_at: 'timestamptz not null',
    ...mergeColumns,
    ...originColumns,
  },
  generated: { name_words: `tsvector generated always as (${nameWordsOf('name')}) stored` },
  indexes: ['using gin (name_words)', '(merged_into) where merged_into is not null'],
};

const domainRows: Table<CompanyDomainRow, 'domain' | 'company_id'> = {
  key: ['domain', 'company_id'],
  columns: { domain: 'text not null', company_id: 'uuid not null' },
  indexes: ['(company_id)', '(domain text_pattern_ops)'],
};

/** Companies and the mail domains their people write from. All events of a company move its version. */
export const companies = defineProjection({
  name: 'companies',
  version: 3,
  tables: { companies: companyRows, company_domains: domainRows },
  handles: Object.keys(companyEvents) as CompanyEvent['type'][],
  fold: (event, rows) => {
    const id = idOf(event.stream);
    if (event.type === 'CompanyRegistered') {
      const { domains, name, notes = null, tariff = null } = event.data;
      const registered_at = timeOf(event);
      rows.companies.put({ id, name, tariff, notes, registered_at, ...notMerged, ...originOf(event) });
      for (const domain of domains) rows.company_domains.put({ domain, company_id: id });
      return;
    }
    if (event.type === 'CompanyDomainsChanged') {
      for (const domain of event.data.removed) rows.company_domains.delete({ domain, company_id: id });
      for (const domain of event.data.added) rows.company_domains.put({ domain, company_id: id });
    }
    rows.companies.patch({ id }, { ...changes(event), ...originOf(event) });
  },
});

function changes(event: StoredOf<CompanyEvent['type']>): Partial<CompanyRow> {
  switch (event.type) {
    case 'CompanyRenamed':
      return { name: event.data.name };
    case 'CompanyTariffChanged':
      return { tariff: event.data.tariff };
    case 'CompanyNotesChanged':
      return { notes: event.data.notes };
    case 'CompanyMerged':
      return mergedBy(event);
    case 'CompanyUnmerged':
      return notMerged;
    default:
      return {};
  }
}
