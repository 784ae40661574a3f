import type { Catalogue } from '#contracts/api/catalogue.ts';
import type { Revision, SettingsLookup } from '#packages/domain/settings.ts';

type Described = { readonly id: string; readonly value: { readonly name: string; readonly description?: string } };

const text = ({ id, value }: Described) => ({ id, name: value.name, description: value.description ?? null });
const byName = (a: { name: string; id: string }, b: { name: string; id: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;

/** A service is offered when it and all that it is part of are in use. */
function offeredServices(settings: SettingsLookup): readonly Revision<'service'>[] {
  const active = settings.inForce('service').filter(({ value }) => value.active);
  const ids = new Set<string>();
  // Parents come to be known before their parts, level by level.
  for (let before = -1; before < ids.size; ) {
    before = ids.size;
    for (const { id, value } of active) if (value.parentId === null || ids.has(value.parentId)) ids.add(id);
  }
  return active.filter(({ id }) => ids.has(id));
}

/** What tickets can be opened with, by the settings in force. */
export function catalogueOf(settings: SettingsLookup, forCustomer: boolean): Catalogue {
  const fields = settings.inForce('field').filter(({ value }) => value.visibleToCustomer || !forCustomer);
  const seen = new Set(fields.map(({ id }) => id));
  return {
    types: settings
      .inForce('ticket-type')
      .filter(({ value }) => value.active)
      .map(text)
      .sort(byName),
    services: offeredServices(settings)
      .map((service) => ({ ...text(service), parentId: service.value.parentId }))
      .sort(byName),
    fields: fields.map(({ id, value }) => ({
      ...text({ id, value }),
      type: value.type,
      required: value.required ?? false,
      editable: value.editableByCustomer || !forCustomer,
      options: value.options ?? null,
      min: value.min ?? null,
      max: value.max ?? null,
      mask: value.mask ?? null,
      services: value.services ?? null,
      types: value.types ?? null,
      mailboxes: value.mailboxes ?? null,
    })),
    forms: settings
      .inForce('form')
      .filter(({ value }) => value.active)
      .map((form) => ({
        ...text(form),
        fields: form.value.fields.filter((id) => seen.has(id)),
        serviceId: form.value.serviceId,
        typeId: form.value.typeId,
      }))
      .sort(byName),
  };
}
