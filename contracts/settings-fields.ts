import { type Static, Type } from 'typebox';
import { Nullable, OneOf, Slug, Strict } from './primitives.ts';

const Name = Type.String({ minLength: 1, maxLength: 200 });
const Description = Type.Optional(Type.String({ maxLength: 2_000 }));
const Slugs = Type.Optional(Type.Array(Slug, { minItems: 1, maxItems: 200, uniqueItems: true }));

export const fieldTypes = [
  'text',
  'multiline',
  'number',
  'integer',
  'boolean',
  'date',
  'datetime',
  'choice',
  'multi-choice',
  'url',
] as const;
export type FieldType = (typeof fieldTypes)[number];

/**
 * A field of the desk's own. Text has no regular expressions, since those of administrators could take for ever on the
 * text of strangers: a mask says what an inventory number looks like, and is read in one pass.
 */
export const Field = Strict({
  name: Name,
  description: Description,
  type: OneOf(fieldTypes),
  required: Type.Optional(
    Type.Boolean({ description: 'needed to resolve a ticket that it applies to, and in every form that asks for it' }),
  ),
  options: Type.Optional(
    Type.Array(Strict({ id: Slug, name: Name }), {
      minItems: 1,
      maxItems: 200,
      description: 'of choice, multi-choice',
    }),
  ),
  min: Type.Optional(
    Type.Number({ description: 'least number; of text: least length in characters; of multi-choice: fewest options' }),
  ),
  max: Type.Optional(Type.Number({ description: 'the same at the other end' })),
  mask: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description:
        'of text: # stands for a digit, A for a letter, * for either, a backslash takes the next as it is, the rest for itself',
    }),
  ),
  visibleToCustomer: Type.Boolean(),
  editableByCustomer: Type.Boolean({ description: 'on their own tickets' }),
  services: Slugs,
  types: Slugs,
  mailboxes: Slugs,
});
export type Field = Static<typeof Field>;

/** Which fields are asked when a ticket is opened by this form, and what the ticket then is. */
export const Form = Strict({
  name: Name,
  description: Description,
  active: Type.Boolean(),
  fields: Type.Array(Slug, {
    maxItems: 100,
    uniqueItems: true,
    description: 'ids of fields, in the order they are asked',
  }),
  serviceId: Nullable(Slug),
  typeId: Nullable(Slug),
});
export type Form = Static<typeof Form>;
