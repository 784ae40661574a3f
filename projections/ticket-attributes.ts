import type { EventType } from '#contracts/events/all.ts';
import type { FieldValue } from '#contracts/events/ticket-attributes.ts';
import { changed } from '#packages/domain/ticket/attributes-state.ts';
import type { StoredOf } from '#packages/projector/projection.ts';
import type { TicketRow } from '#packages/read-db/tables.ts';
import type { TicketAttributeColumns } from '#packages/read-db/tables-attributes.ts';

export const attributeColumns: { readonly [Column in keyof TicketAttributeColumns]: string } = {
  type_id: 'text',
  service_id: 'text',
  language: 'text',
  due_date: 'timestamptz',
  impact: 'text',
  urgency: 'text',
  tags: 'text[] not null',
  followers: 'uuid[] not null',
  fields: 'jsonb not null',
  field_revisions: 'jsonb not null',
  work_minutes: 'integer not null',
  work_billable_minutes: 'integer not null',
};

export const attributeIndexes = [
  '(service_id, updated_at, id) where service_id is not null',
  '(type_id, updated_at, id) where type_id is not null',
  '(language, updated_at, id) where language is not null',
  '(due_date, id) where due_date is not null',
  `using gin (tags) where tags <> '{}'`,
  `using gin (followers) where followers <> '{}'`,
  `using gin (fields jsonb_path_ops) where fields <> '{}'`,
] as const;

export const attributeEventTypes = [
  'TicketSubjectChanged',
  'TicketRequesterChanged',
  'TicketCompanyChanged',
  'TicketLanguageChanged',
  'TicketDueDateChanged',
  'TicketTypeChanged',
  'TicketServiceChanged',
  'TicketTagsChanged',
  'TicketFollowersChanged',
  'TicketFieldsChanged',
  'TicketWorkLogged',
  'TicketWorkCorrected',
  'TicketWorkRemoved',
] as const satisfies readonly EventType[];
export type AttributeEvent = StoredOf<(typeof attributeEventTypes)[number]>;

const dateOf = (instant: string | null | undefined): Date | null => (instant ? new Date(instant) : null);

/** The columns of a ticket as it was opened. */
export function firstColumns({ attributes = {} }: StoredOf<'TicketCreated'>['data']): TicketAttributeColumns {
  return {
    type_id: attributes.typeId ?? null,
    service_id: attributes.serviceId ?? null,
    language: attributes.language ?? null,
    due_date: dateOf(attributes.dueDate),
    impact: attributes.impact ?? null,
    urgency: attributes.urgency ?? null,
    tags: attributes.tags ?? [],
    followers: attributes.followers ?? [],
    ...fieldsAfter({}, {}, { fields: attributes.fields ?? {}, revisions: attributes.revisions ?? {} }),
    work_minutes: 0,
    work_billable_minutes: 0,
  };
}

/** The columns that an event about attributes changes. */
export function attributeChanges(row: TicketRow, event: AttributeEvent): Partial<TicketRow> {
  switch (event.type) {
    case 'TicketSubjectChanged':
      return { subject: event.data.to };
    case 'TicketRequesterChanged':
      return { requester_id: event.data.to };
    case 'TicketCompanyChanged':
      return { company_id: event.data.to };
    case 'TicketLanguageChanged':
      return { language: event.data.to };
    case 'TicketDueDateChanged':
      return { due_date: dateOf(event.data.to) };
    case 'TicketTypeChanged':
      return { type_id: event.data.to };
    case 'TicketServiceChanged':
      return { service_id: event.data.to };
    case 'TicketTagsChanged':
      return { tags: changed(row.tags, event.data.added, event.data.removed).sort() };
    case 'TicketFollowersChanged':
      return { followers: changed(row.followers, event.data.added, event.data.removed) };
    case 'TicketFieldsChanged':
      return fieldsAfter(row.fields, row.field_revisions, event.data);
    case 'TicketWorkLogged':
      return workAfter(row, event.data, 1);
    case 'TicketWorkCorrected':
      return workAfter({ ...row, ...workAfter(row, event.data.previous, -1) }, event.data, 1);
    case 'TicketWorkRemoved':
      return workAfter(row, event.data, -1);
  }
}

/** Impact and urgency of a priority; none when somebody chose it. */
export const assessmentOf = ({ data: { assessment } }: StoredOf<'TicketPriorityChanged'>) => ({
  impact: assessment?.impact ?? null,
  urgency: assessment?.urgency ?? null,
});

function fieldsAfter(
  values: TicketRow['fields'],
  revisions: TicketRow['field_revisions'],
  change: { fields: Readonly<Record<string, FieldValue | null>>; revisions: Readonly<Record<string, number>> },
): Pick<TicketRow, 'fields' | 'field_revisions'> {
  const given = Object.entries({ ...values, ...change.fields }).filter(
    (entry): entry is [string, FieldValue] => entry[1] !== null,
  );
  const known = { ...revisions, ...change.revisions };
  const kept = given.map(([id]): [string, number] => [id, known[id] ?? 1]);
  return { fields: Object.fromEntries(given), field_revisions: Object.fromEntries(kept) };
}

const workAfter = (
  row: Pick<TicketRow, 'work_minutes' | 'work_billable_minutes'>,
  { billable, minutes }: { billable: boolean; minutes: number },
  sign: 1 | -1,
): Pick<TicketRow, 'work_minutes' | 'work_billable_minutes'> => ({
  work_minutes: row.work_minutes + sign * minutes,
  work_billable_minutes: row.work_billable_minutes + (billable ? sign * minutes : 0),
});
