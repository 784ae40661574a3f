import type { AttributeDetails } from '#contracts/api/ticket-attributes.ts';
import type { SettingKind } from '#contracts/settings.ts';
import { servicePath } from '#packages/domain/service-tree.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { TicketRow } from '#packages/read-db/tables.ts';
import type { Names } from '../reads/names.ts';

/** A ticket's attributes as lists show them. Tags, due date and work are the desk's own business. */
export const attributeSummaryOf = (row: TicketRow, forCustomer: boolean) => ({
  typeId: row.type_id,
  serviceId: row.service_id,
  language: row.language,
  dueDate: forCustomer ? null : (row.due_date?.toISOString() ?? null),
  tags: forCustomer ? [] : [...row.tags],
  work: forCustomer ? null : { minutes: row.work_minutes, billableMinutes: row.work_billable_minutes },
});

/** The rest of them, named by the settings of today. */
export function attributeDetailsOf(
  row: TicketRow,
  { forCustomer, names, settings }: { names: Names; settings: SettingsLookup; forCustomer: boolean },
): AttributeDetails {
  const named = (kind: Extract<SettingKind, 'service' | 'ticket-type'>, id: string) => ({
    id,
    name: settings.current(kind, id)?.value.name ?? id,
  });
  const path = servicePath(row.service_id, settings)
    .map((id) => named('service', id))
    .reverse();
  return {
    type: row.type_id === null ? null : named('ticket-type', row.type_id),
    service: row.service_id === null ? null : { ...named('service', row.service_id), path },
    impact: forCustomer ? null : row.impact,
    urgency: forCustomer ? null : row.urgency,
    followers: forCustomer ? [] : followersOf(row, names),
    fields: fieldsOf(row, settings, forCustomer),
  };
}

/** Two who follow are one where they were merged. */
const followersOf = ({ followers }: TicketRow, names: Names) => [
  ...new Map(followers.map((id) => [names.person(id).id, names.person(id)])).values(),
];

/** Values with the definition they were checked by. What customers may see is decided by the definition of today. */
function fieldsOf(row: TicketRow, settings: SettingsLookup, forCustomer: boolean): AttributeDetails['fields'] {
  const inOrder = Object.entries(row.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.flatMap(([id, value]) => {
    if (forCustomer && !settings.current('field', id)?.value.visibleToCustomer) return [];
    const revision = row.field_revisions[id] ?? 1;
    const definition = (settings.revision('field', id, revision) ?? settings.current('field', id))?.value;
    return [{ id, name: definition?.name ?? id, type: definition?.type ?? 'text', revision, value }];
  });
}
