import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { FirstAttributes } from '#contracts/events/ticket-attributes.ts';
import type { Form } from '#contracts/settings-fields.ts';
import type { Revision, SettingsLookup } from '#packages/domain/settings.ts';
import { AppError, type FieldError } from '#packages/kernel/errors.ts';
import type { CreateTicket, NewAttributes } from './attribute-commands.ts';
import { checkService, checkType, priorityOf, readLanguage } from './attributes.ts';
import { applies, readFields } from './fields.ts';
import { maxFollowers, maxTags, readTags, refuseTooMany } from './labels.ts';

type Created = Extract<TicketEvent, { type: 'TicketCreated' }>;

/**
 * The event that opens a ticket, its attributes checked and in the form that is stored. With a form, the ticket is of
 * the form's service and type unless told otherwise, only fields of the form are taken and its required ones must be
 * there. Without one, required fields may wait until the ticket is resolved. Refuses as the changes of each attribute
 * do, and with UNKNOWN_FORM.
 */
export function createTicket({ data: { attributes, ...data } }: CreateTicket, settings: SettingsLookup): Created {
  if (attributes === undefined) return { type: 'TicketCreated', data };
  const form = formOf(attributes, settings);
  const typeId = attributes.typeId ?? form?.value.typeId ?? null;
  const serviceId = attributes.serviceId ?? form?.value.serviceId ?? null;
  checkType(typeId, '/typeId', settings);
  checkService(serviceId, '/serviceId', settings);
  const assessed = assessment(attributes, settings);
  const first: FirstAttributes = {
    ...(form && { form: { id: form.id, version: form.version } }),
    ...(typeId !== null && { typeId }),
    ...(serviceId !== null && { serviceId }),
    ...(attributes.language !== undefined && { language: readLanguage(attributes.language, '/language') }),
    ...(attributes.dueDate !== undefined && { dueDate: attributes.dueDate }),
    ...assessed?.stored,
    ...lists(attributes),
    ...fieldsOf(attributes, { mailboxId: data.mailboxId, typeId, serviceId }, form, settings),
  };
  const priority = assessed?.priority ?? data.priority;
  return {
    type: 'TicketCreated',
    data: { ...data, priority, ...(Object.keys(first).length > 0 && { attributes: first }) },
  };
}

function formOf({ formId }: NewAttributes, settings: SettingsLookup): Revision<'form'> | null {
  if (formId === undefined) return null;
  const form = settings.current('form', formId);
  if (form?.value.active) return form;
  throw new AppError('UNKNOWN_FORM', { fields: [{ pointer: '/formId', detail: 'names no form in use' }] });
}

function assessment({ impact, urgency }: NewAttributes, settings: SettingsLookup) {
  if (impact === undefined && urgency === undefined) return null;
  if (impact === undefined || urgency === undefined) {
    const fields = [{ pointer: impact === undefined ? '/impact' : '/urgency', detail: 'is needed with the other' }];
    throw new AppError('INVALID_REQUEST', { detail: 'Impact and urgency go together.', fields });
  }
  const { matrixVersion, priority } = priorityOf(impact, urgency, settings);
  return { priority, stored: { impact, urgency, matrixVersion } };
}

function lists({ followers, tags }: NewAttributes): Pick<FirstAttributes, 'tags' | 'followers'> {
  const readable = [...new Set(readTags(tags ?? [], '/tags'))].toSorted();
  const people = [...new Set(followers)];
  refuseTooMany('TOO_MANY_TAGS', readable.length, maxTags, '/tags');
  refuseTooMany('TOO_MANY_FOLLOWERS', people.length, maxFollowers, '/followers');
  return { ...(readable.length > 0 && { tags: readable }), ...(people.length > 0 && { followers: people }) };
}

type Ticket = Parameters<typeof applies>[1];

function fieldsOf(
  { byCustomer = false, fields = {} }: NewAttributes,
  ticket: Ticket,
  form: Revision<'form'> | null,
  settings: SettingsLookup,
): Pick<FirstAttributes, 'fields' | 'revisions'> {
  if (form) refuseOffForm(fields, ticket, form.value, { byCustomer, settings });
  const change = readFields(fields, ticket, {}, { byCustomer, settings });
  return Object.keys(change.fields).length > 0 ? change : {};
}

/** Customers are asked what is theirs to say: of the rest of a form they neither hear nor does it hold them up. */
function refuseOffForm(
  fields: Readonly<Record<string, unknown>>,
  ticket: Ticket,
  form: Form,
  { byCustomer, settings }: { byCustomer: boolean; settings: SettingsLookup },
): void {
  const given = new Map(Object.entries(fields));
  const definitionOf = (id: string) => settings.current('field', id)?.value;
  const shown = form.fields.filter((id) => !byCustomer || definitionOf(id)?.visibleToCustomer);
  const strange = Object.keys(fields).filter((id) => !shown.includes(id));
  const missing = shown.filter((id) => {
    const field = definitionOf(id);
    const asked = field?.required && (field.editableByCustomer || !byCustomer);
    return asked && applies(field, ticket, settings) && (given.get(id) ?? null) === null;
  });
  const faults: FieldError[] = [
    ...strange.map((id) => ({ pointer: `/fields/${id}`, detail: 'is not asked by this form' })),
    ...missing.map((id) => ({ pointer: `/fields/${id}`, detail: 'is required by this form' })),
  ];
  if (faults.length === 0) return;
  throw new AppError('FIELD_INVALID', { detail: `${faults[0]?.pointer} ${faults[0]?.detail}.`, fields: faults });
}
