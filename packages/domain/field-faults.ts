import type { Field, Form } from '#contracts/settings-fields.ts';
import type { FieldError } from '#packages/kernel/errors.ts';
import type { SettingsLookup } from './settings.ts';

const at = (member: string, detail: string): FieldError => ({ pointer: `/value/${member}`, detail });

const takesOptions = (type: Field['type']): boolean => type === 'choice' || type === 'multi-choice';
const takesBounds = (type: Field['type']): boolean =>
  type === 'text' || type === 'multiline' || type === 'number' || type === 'integer' || type === 'multi-choice';

/** What is wrong with the definition of a custom field. */
export function fieldFaults(field: Field, settings: SettingsLookup): FieldError[] {
  const { editableByCustomer, mask, max, min, options, type, visibleToCustomer } = field;
  const ids = options?.map(({ id }) => id) ?? [];
  const rules: readonly (readonly [boolean, FieldError])[] = [
    [takesOptions(type) && ids.length === 0, at('options', 'is needed for a choice')],
    [!takesOptions(type) && ids.length > 0, at('options', 'is for choices only')],
    [new Set(ids).size < ids.length, at('options', 'holds the same id twice')],
    [!takesBounds(type) && min !== undefined, at('min', `is nothing for the type ${type}`)],
    [!takesBounds(type) && max !== undefined, at('max', `is nothing for the type ${type}`)],
    [min !== undefined && max !== undefined && min > max, at('min', 'is more than max')],
    [type !== 'text' && mask !== undefined, at('mask', 'is for text of one line only')],
    [editableByCustomer && !visibleToCustomer, at('editableByCustomer', 'needs visibleToCustomer')],
  ];
  const wrong = rules.filter(([isWrong]) => isWrong).map(([, fault]) => fault);
  return [
    ...wrong,
    ...unknownIn(field.services, 'services', 'service', settings),
    ...unknownIn(field.types, 'types', 'ticket-type', settings),
    ...unknownIn(field.mailboxes, 'mailboxes', 'mailbox', settings),
  ];
}

/** What is wrong with a form. */
export const formFaults = ({ fields, serviceId, typeId }: Form, settings: SettingsLookup): FieldError[] => [
  ...unknownIn(fields, 'fields', 'field', settings),
  ...unknownOne(serviceId, 'serviceId', 'service', settings),
  ...unknownOne(typeId, 'typeId', 'ticket-type', settings),
];

type Named = 'service' | 'ticket-type' | 'mailbox' | 'field';

const unknownOne = (id: string | null, member: string, kind: Named, settings: SettingsLookup): FieldError[] =>
  id === null || settings.current(kind, id) ? [] : [at(member, `names no ${kind}`)];

/** A fault for each id of a list that no setting in force of a kind has. */
export const unknownIn = (
  ids: readonly string[] | undefined,
  member: string,
  kind: Named,
  settings: SettingsLookup,
): FieldError[] => (ids ?? []).flatMap((id, index) => unknownOne(id, `${member}/${index}`, kind, settings));
