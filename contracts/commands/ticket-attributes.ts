import { Type } from 'typebox';
import { Instant, Language, Level, Nullable, Slug, Strict, Uuid } from '../primitives.ts';
import { Subject } from './ticket.ts';

const Tags = Type.Array(Type.String({ maxLength: 200 }), { maxItems: 200 });
/** No bound: a request with ten thousand of them is told that a ticket has no room for so many. */
const People = Type.Array(Uuid);
const Fields = Type.Record(Slug, Type.Unknown(), {
  additionalProperties: false,
  description: 'by id of the field; null empties it',
});

/** Bodies of the REST commands on attributes; null takes away. */
export const ChangeSubjectBody = Strict({ subject: Subject });
export const ChangeRequesterBody = Strict({ personId: Uuid });
export const ChangeCompanyBody = Strict({ companyId: Nullable(Uuid) });
export const ChangeLanguageBody = Strict({ language: Nullable(Language) });
export const ChangeDueDateBody = Strict({ dueDate: Nullable(Instant) });
export const ChangeTypeBody = Strict({ typeId: Nullable(Slug) });
export const ChangeServiceBody = Strict({ serviceId: Nullable(Slug) });
export const AssessPriorityBody = Strict({ impact: Level, urgency: Level });
export const ChangeTagsBody = Strict({ add: Type.Optional(Tags), remove: Type.Optional(Tags) });
export const ChangeFollowersBody = Strict({ add: Type.Optional(People), remove: Type.Optional(People) });
export const ChangeFieldsBody = Strict({ fields: Fields });

/** What a ticket may be opened with besides its message. */
export const attributesOnCreation = {
  formId: Type.Optional({ ...Slug, description: 'says which fields are asked, and may give service and type' }),
  typeId: Type.Optional(Slug),
  serviceId: Type.Optional(Slug),
  language: Type.Optional(Language),
  fields: Type.Optional(Fields),
  dueDate: Type.Optional(Instant),
  impact: Type.Optional({ ...Level, description: 'with urgency, in place of a priority' }),
  urgency: Type.Optional(Level),
  tags: Type.Optional(Tags),
  followers: Type.Optional(People),
};
