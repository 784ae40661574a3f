import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type StoredOf, type Table } from '#packages/projector/projection.ts';
import { nameWordsOf, numberEndsOf } from '#packages/read-db/directory-words.ts';
import type { PersonEmailRow, PersonPhoneRow, PersonRow } from '#packages/read-db/tables.ts';
import { originColumns, originOf, timeOf } from './origin.ts';

const peopleRows: Table<PersonRow, 'id'> = {
  key: ['id'],
  columns: {
    id: 'uuid not null',
    name: 'text not null',
    company_id: 'uuid',
    roles: 'text[] not null',
    origin: 'text not null',
    registered_at: 'timestamptz not null',
    ...originColumns,
  },
  generated: { name_words: `tsvector generated always as (${nameWordsOf('name')}) stored` },
  indexes: ['(company_id)', 'using gin (roles)', 'using gin (name_words)'],
};

const emailRows: Table<PersonEmailRow, 'email' | 'person_id'> = {
  key: ['email', 'person_id'],
  columns: { email: 'text not null', person_id: 'uuid not null' },
  indexes: ['(person_id)', '(email text_pattern_ops)'],
};

const phoneRows: Table<PersonPhoneRow, 'person_id' | 'number'> = {
  key: ['person_id', 'number'],
  columns: { person_id: 'uuid not null', number: 'text not null', written: 'text not null' },
  generated: { ends: `tsvector generated always as (${numberEndsOf('number')}) stored` },
  indexes: ['using gin (ends)'],
};

const changeTypes = ['PersonRenamed', 'PersonCompanyChanged', 'PersonRolesChanged'] as const;

/** Customers and agents with their addresses. */
export const people = defineProjection({
  name: 'people',
  version: 3,
  tables: { people: peopleRows, person_emails: emailRows, person_phones: phoneRows },
  handles: ['PersonRegistered', 'PersonPhonesChanged', ...changeTypes],
  fold: (event, rows) => {
    const id = idOf(event.stream);
    if (event.type === 'PersonPhonesChanged') {
      const { added, removed } = event.data;
      for (const number of removed) rows.person_phones.delete({ person_id: id, number });
      for (const { number, written } of added) rows.person_phones.put({ person_id: id, number, written });
      return rows.people.patch({ id }, originOf(event));
    }
    if (event.type !== 'PersonRegistered') return rows.people.patch({ id }, { ...changes(event), ...originOf(event) });
    const { companyId, emails, name, origin, phones = [], roles } = event.data;
    const registered_at = timeOf(event);
    rows.people.put({ id, name, company_id: companyId, roles, origin, registered_at, ...originOf(event) });
    for (const { number, written } of phones) rows.person_phones.put({ person_id: id, number, written });
    for (const email of emails) rows.person_emails.put({ email, person_id: id });
  },
});

function changes(event: StoredOf<(typeof changeTypes)[number]>): Partial<PersonRow> {
  switch (event.type) {
    case 'PersonRenamed':
      return { name: event.data.name };
    case 'PersonCompanyChanged':
      return { company_id: event.data.companyId };
    case 'PersonRolesChanged':
      return { roles: event.data.roles };
  }
}
