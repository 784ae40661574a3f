import type { FieldValue } from '#contracts/events/ticket-attributes.ts';
import type { Field } from '#contracts/settings-fields.ts';
import { readFieldValue } from '#packages/domain/field-values.ts';
import { servicePath } from '#packages/domain/service-tree.ts';
import type { Revision, SettingsLookup } from '#packages/domain/settings.ts';
import { AppError, type FieldError } from '#packages/kernel/errors.ts';
import type { ChangeFields } from './attribute-commands.ts';
import type { HeldField } from './attributes-state.ts';
import type { Handlers } from './handlers.ts';
import type { Ticket } from './state.ts';
import { refuseClosed } from './status.ts';

/** More than any form has; a change is one event. */
export const maxFields = 100;

/** What decides which fields a ticket has. */
export type Setting = {
  readonly mailboxId: string | null;
  readonly typeId: string | null;
  readonly serviceId: string | null;
};
type Given = Readonly<Record<string, unknown>>;
type Held = Readonly<Record<string, HeldField>>;
type Rights = { readonly byCustomer: boolean; readonly settings: SettingsLookup };
export type FieldChange = { fields: Record<string, FieldValue | null>; revisions: Record<string, number> };

/** Custom fields. Refuses with TICKET_CLOSED, FIELD_INVALID and FORBIDDEN. */
export const customFields: Handlers<ChangeFields> = {
  ChangeFields({ data }, ticket, { settings }) {
    const change = readFields(data.fields, settingOf(ticket), ticket.attributes.fields, {
      byCustomer: data.byCustomer,
      settings,
    });
    if (Object.keys(change.fields).length === 0) return [];
    refuseClosed(ticket);
    return [{ type: 'TicketFieldsChanged', data: change }];
  },
};

export const settingOf = ({ attributes, mailboxId }: Ticket): Setting => ({ ...attributes, mailboxId });

/** True when a field is one of a ticket like this. */
export function applies({ mailboxes, services, types }: Field, ticket: Setting, settings: SettingsLookup): boolean {
  const path = servicePath(ticket.serviceId, settings);
  return (
    (mailboxes === undefined || (ticket.mailboxId !== null && mailboxes.includes(ticket.mailboxId))) &&
    (types === undefined || (ticket.typeId !== null && types.includes(ticket.typeId))) &&
    (services === undefined || path.some((id) => services.includes(id)))
  );
}

const fault = (id: string, detail: string): FieldError => ({ pointer: `/fields/${id}`, detail });

/**
 * The change that values make, in the form that is stored, with the revisions they were checked by; what stays as it is
 * is left out. Throws FIELD_INVALID with a pointer for each that a field does not take, FORBIDDEN for those that are
 * not for customers to change. A field that customers may not see is to them one that the desk does not have.
 */
export function readFields(given: Given, ticket: Setting, held: Held, { byCustomer, settings }: Rights): FieldChange {
  const change: FieldChange = { fields: {}, revisions: {} };
  const faults: FieldError[] = [];
  const forbidden: FieldError[] = [];
  if (Object.keys(given).length > maxFields) faults.push(fault('', `must be at most ${maxFields} at once`));
  else
    for (const [id, value] of Object.entries(given)) {
      const field = settings.current('field', id);
      if (byCustomer && !field?.value.visibleToCustomer) faults.push(fault(id, 'is no field of the desk'));
      else if (byCustomer && !field?.value.editableByCustomer) forbidden.push(fault(id, 'is for agents'));
      else if (value === null) empty(id, field, held, { change, faults });
      else put(id, value, field, { ticket, held, settings, change, faults });
    }
  if (faults.length > 0)
    throw new AppError('FIELD_INVALID', { detail: `${faults[0]?.pointer} ${faults[0]?.detail}.`, fields: faults });
  if (forbidden.length > 0) throw new AppError('FORBIDDEN', { detail: 'Only agents may say that.', fields: forbidden });
  return change;
}

type Into = { readonly change: FieldChange; readonly faults: FieldError[] };

/** A value can go when its field has gone. */
function empty(id: string, field: Revision<'field'> | null, held: Held, { change, faults }: Into): void {
  if (held[id] !== undefined) change.fields[id] = null;
  else if (!field) faults.push(fault(id, 'is no field of the desk'));
}

function put(
  id: string,
  given: unknown,
  field: Revision<'field'> | null,
  { change, faults, held, settings, ticket }: Into & { ticket: Setting; held: Held; settings: SettingsLookup },
): void {
  if (!field) return void faults.push(fault(id, 'is no field of the desk'));
  if (!applies(field.value, ticket, settings))
    return void faults.push(fault(id, 'is no field of a ticket of this service, type and mailbox'));
  const read = readFieldValue(field.value, given);
  if ('fault' in read) return void faults.push(fault(id, read.fault));
  const before = held[id];
  if (before?.revision === field.version && same(before.value, read.value)) return;
  change.fields[id] = read.value;
  change.revisions[id] = field.version;
}

const same = (a: FieldValue, b: FieldValue): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Throws FIELDS_REQUIRED pointing at the fields of a ticket that must have a value and have none. */
export function refuseIncomplete(ticket: Ticket, settings: SettingsLookup): void {
  const missing = settings
    .inForce('field')
    .filter(
      ({ id, value }) =>
        value.required && !Object.hasOwn(ticket.attributes.fields, id) && applies(value, settingOf(ticket), settings),
    );
  if (missing.length === 0) return;
  throw new AppError('FIELDS_REQUIRED', {
    detail: `Before the ticket is resolved it needs: ${missing.map(({ value }) => value.name).join(', ')}.`,
    fields: missing.map(({ id }) => fault(id, 'is required')),
  });
}
