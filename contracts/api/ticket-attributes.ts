import { type Static, Type } from 'typebox';
import { FieldValue } from '../events/ticket-attributes.ts';
import { Instant, Language, Level, Nullable, OneOf, Slug, Uuid } from '../primitives.ts';
import { fieldTypes } from '../settings-fields.ts';
import { PersonRef } from './common.ts';

/** Kinds of entries in the course of a ticket that tell of a changed attribute. */
export const attributeKinds = [
  'subject',
  'requester',
  'company',
  'language',
  'due-date',
  'type',
  'service',
  'tags',
  'followers',
  'fields',
  'work',
] as const;
export type AttributeKind = (typeof attributeKinds)[number];

const Named = Type.Object({ id: Slug, name: Type.String() }, { title: 'Named' });

/** What lists show of the attributes of a ticket. Customers are not told of tags, due date and work. */
export const attributeSummary = {
  typeId: Nullable(Slug),
  serviceId: Nullable(Slug),
  language: Nullable(Language),
  dueDate: Nullable({ ...Instant, description: 'set by hand; `due` is the SLA’s' }),
  tags: Type.Array(Type.String()),
  work: Nullable(
    Type.Object(
      { minutes: Type.Integer(), billableMinutes: Type.Integer() },
      { title: 'WorkTotals', description: 'work on record; null: not for you' },
    ),
  ),
};

export const HeldField = Type.Object(
  {
    id: Slug,
    name: Type.String(),
    type: OneOf(fieldTypes),
    revision: Type.Integer({ description: 'of the definition that the value was checked by' }),
    value: FieldValue,
  },
  { title: 'FieldValue' },
);

/** What a ticket itself shows besides. Names are those of today. */
export const attributeDetails = {
  type: Nullable(Named),
  service: Nullable(
    Type.Object(
      { ...Named.properties, path: Type.Array(Named, { description: 'from the top of the catalogue to the service' }) },
      { title: 'ServiceRef' },
    ),
  ),
  impact: Nullable(Level),
  urgency: Nullable(Level),
  followers: Type.Array(PersonRef),
  fields: Type.Array(HeldField, { description: 'custom fields that have a value; customers see those open to them' }),
};
const Details = Type.Object(attributeDetails);
export type AttributeDetails = Static<typeof Details>;

/** Filters of the list of tickets. */
export const attributeFilters = {
  type: Type.Optional(Slug),
  service: Type.Optional({ ...Slug, description: 'with everything that is part of it' }),
  tag: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      maxItems: 10,
      description: 'agents only; repeat it for tickets that have all of them',
    }),
  ),
  field: Type.Optional(
    Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}:[^]+$', maxLength: 1_100 }), {
      maxItems: 10,
      description: 'custom field that has a value, `<id>:<value>`; of several options one; repeat it for all of them',
    }),
  ),
  language: Type.Optional(Language),
  follower: Type.Optional({ ...Uuid, description: 'agents only' }),
  dueFrom: Type.Optional({ ...Instant, description: 'agents only: due date at or after' }),
  dueTo: Type.Optional({ ...Instant, description: 'agents only: due date before' }),
};

const tag = { tag: Type.String(), tickets: Type.Integer({ description: 'tickets that have it' }) };
export const TagList = Type.Object({ items: Type.Array(Type.Object(tag, { title: 'Tag' })) }, { title: 'TagList' });
