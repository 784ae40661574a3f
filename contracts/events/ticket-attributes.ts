import { type Static, Type } from 'typebox';
import { Instant, Language, Level, Nullable, Slug, Strict, Uuid } from '../primitives.ts';

const Tag = Type.String({ minLength: 1, maxLength: 50, description: 'lower case, without white space' });
const Version = Type.Integer({ minimum: 1 });

/** What a field may hold: text (also dates, instants, options and addresses), a number, yes or no, or several options. */
export const FieldValue = Type.Union([
  Type.String({ maxLength: 10_000 }),
  Type.Number(),
  Type.Boolean(),
  Type.Array(Slug, { maxItems: 200 }),
]);
export type FieldValue = Static<typeof FieldValue>;

const fields = {
  fields: Type.Record(Slug, Nullable(FieldValue), {
    additionalProperties: false,
    description: 'by id of the field; null: emptied',
  }),
  revisions: Type.Record(Slug, Version, {
    additionalProperties: false,
    description: 'revision of each field definition that the value was checked by; none for a value that was emptied',
  }),
};

/** What a ticket was given when it was opened, besides what every ticket has. A member left out: the ticket has none. */
export const FirstAttributes = Strict({
  form: Type.Optional(Strict({ id: Slug, version: Version })),
  typeId: Type.Optional(Slug),
  serviceId: Type.Optional(Slug),
  language: Type.Optional(Language),
  dueDate: Type.Optional(Instant),
  impact: Type.Optional(Level),
  urgency: Type.Optional(Level),
  matrixVersion: Type.Optional(Version),
  tags: Type.Optional(Type.Array(Tag)),
  followers: Type.Optional(Type.Array(Uuid)),
  fields: Type.Optional(fields.fields),
  revisions: Type.Optional(fields.revisions),
});
export type FirstAttributes = Static<typeof FirstAttributes>;

const change = <S extends Parameters<typeof Nullable>[0]>(schema: S) =>
  Strict({ from: Nullable(schema), to: Nullable(schema) });

const work = {
  workId: Uuid,
  personId: { ...Uuid, description: 'who worked' },
  minutes: Type.Integer({ minimum: 1, maximum: 14_400 }),
  billable: Type.Boolean(),
  startedAt: Nullable({ ...Instant, description: 'null: not said; the time of the event counts' }),
  specification: Type.String({ maxLength: 2_000, description: 'what was done' }),
};

export const attributeEvents = {
  TicketSubjectChanged: Strict({ from: Type.String(), to: Type.String({ minLength: 1, maxLength: 998 }) }),
  TicketRequesterChanged: Strict({ from: Uuid, to: Uuid }),
  TicketCompanyChanged: change(Uuid),
  TicketLanguageChanged: change(Language),
  TicketDueDateChanged: change(Instant),
  TicketTypeChanged: change(Slug),
  TicketServiceChanged: change(Slug),
  TicketTagsChanged: Strict({ added: Type.Array(Tag), removed: Type.Array(Tag) }),
  TicketFollowersChanged: Strict({ added: Type.Array(Uuid), removed: Type.Array(Uuid) }),
  TicketFieldsChanged: Strict(fields),
  TicketWorkLogged: Strict({
    ...work,
    companyId: { ...Nullable(Uuid), description: 'company of the ticket at that time: the work is on its bill' },
  }),
  TicketWorkCorrected: Strict({ ...work, previous: Strict({ minutes: work.minutes, billable: work.billable }) }),
  TicketWorkRemoved: Strict({ workId: Uuid, minutes: work.minutes, billable: work.billable }),
} as const;
