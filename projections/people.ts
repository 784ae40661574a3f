import { type AgentEvent, agentEvents } from '#contracts/events/agent.ts';
import { type PersonEvent, personEvents } from '#contracts/events/directory.ts';
import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type RowsOf, type StoredOf, type Table } from '#packages/projector/projection.ts';
import { nameWordsOf, numberEndsOf } from '#packages/read-db/directory-words.ts';
import type { PersonEmailRow, PersonPhoneRow, PersonRow } from '#packages/read-db/tables-directory.ts';
import { mergeColumns, mergedBy, notMerged } from './merge-columns.ts';
import { originColumns, originOf, timeOf } from './origin.ts';

const peopleRows: Table<PersonRow, 'id'> = {
  key: ['id'],
  columns: {
    id: 'uuid not null',
    name: 'text not null',
    company_id: 'uuid',
    roles: 'text[] not null',
    notes: 'text',
    language: 'text',
    login: 'text',
    main_email: 'text',
    origin: 'text not null',
    registered_at: 'timestamptz not null',
    ...mergeColumns,
    ...originColumns,
  },
  generated: { name_words: `tsvector generated always as (${nameWordsOf('name')}) stored` },
  indexes: [
    '(company_id)',
    'using gin (roles)',
    'using gin (name_words)',
    '(login) where login is not null',
    '(merged_into) where merged_into is not null',
  ],
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

const tables = { people: peopleRows, person_emails: emailRows, person_phones: phoneRows };
type Rows = RowsOf<typeof tables>;
type Type = PersonEvent['type'] | AgentEvent['type'];
type Event = StoredOf<Type>;

/** Customers and agents with their addresses and numbers. All events of a person move the version that changes name. */
export const people = defineProjection({
  name: 'people',
  version: 4,
  tables,
  handles: Object.keys({ ...personEvents, ...agentEvents }) as Type[],
  fold: (event, rows) => {
    const id = idOf(event.stream);
    if (event.type !== 'PersonRegistered') {
      foldLists(id, event, rows);
      return rows.people.patch({ id }, { ...changes(event), ...originOf(event) });
    }
    const { companyId, emails, name, origin, phones = [], roles } = event.data;
    rows.people.put({
      id,
      name,
      company_id: companyId,
      roles,
      notes: null,
      language: null,
      login: null,
      main_email: emails[0] ?? null,
      origin,
      registered_at: timeOf(event),
      ...notMerged,
      ...originOf(event),
    });
    for (const { number, written } of phones) rows.person_phones.put({ person_id: id, number, written });
    for (const email of emails) rows.person_emails.put({ email, person_id: id });
  },
});

function foldLists(person_id: string, event: Event, { person_emails, person_phones }: Rows): void {
  if (event.type === 'PersonPhonesChanged') {
    for (const number of event.data.removed) person_phones.delete({ person_id, number });
    for (const { number, written } of event.data.added) person_phones.put({ person_id, number, written });
  }
  if (event.type === 'PersonEmailsChanged') {
    const { added, removed } = event.data;
    for (const email of removed) person_emails.delete({ email, person_id });
    for (const email of added) person_emails.put({ email, person_id });
  }
}

function changes(event: Event): Partial<PersonRow> {
  switch (event.type) {
    case 'PersonRenamed':
      return { name: event.data.name };
    case 'PersonCompanyChanged':
      return { company_id: event.data.companyId };
    case 'PersonRolesChanged':
      return { roles: event.data.roles };
    case 'PersonEmailsChanged':
      return { main_email: event.data.main };
    case 'PersonNotesChanged':
      return { notes: event.data.notes };
    case 'PersonLanguageChanged':
      return { language: event.data.language };
    case 'PersonLoginChanged':
      return { login: event.data.login };
    case 'PersonMerged':
      return mergedBy(event);
    case 'PersonUnmerged':
      return notMerged;
    default:
      return {};
  }
}
