import { type Static, Type } from 'typebox';
import { Nullable, Priority, Slug, Strict, Uuid } from './primitives.ts';

const Name = Type.String({ minLength: 1, maxLength: 200 });
const Description = Type.Optional(Type.String({ maxLength: 2_000 }));
const Active = Type.Boolean({ description: 'false: stays on tickets that have it, and is given to no more' });

export const RequiredSkills = Type.Optional(
  Type.Array(Slug, {
    minItems: 1,
    maxItems: 10,
    uniqueItems: true,
    description: 'what an agent must have all of to be chosen',
  }),
);

/** What kind of matter a ticket is, such as incident or request. */
export const TicketType = Strict({ name: Name, description: Description, active: Active });
export type TicketType = Static<typeof TicketType>;

/** A service of the catalogue, or a category of them: a tree by `parentId`. SLA policies and routing rules match by id. */
export const Service = Strict({
  name: Name,
  description: Description,
  parentId: Nullable({ ...Slug, description: 'the service that this one is part of; null: at the top' }),
  active: Active,
  groupId: Type.Optional(
    Nullable({ ...Uuid, description: 'who gets its tickets; left out or null: as the service above it says' }),
  ),
  skills: RequiredSkills,
});
export type Service = Static<typeof Service>;

/** Where articles of the knowledge base are found: a tree by `parentId`. */
export const ArticleCategory = Strict({
  name: Name,
  description: Description,
  parentId: Nullable({ ...Slug, description: 'the category that this one is part of; null: at the top' }),
});
export type ArticleCategory = Static<typeof ArticleCategory>;

const ByUrgency = Strict({ low: Priority, medium: Priority, high: Priority });

/** Priority by impact, then by urgency. There is one, with the id `default`. */
export const PriorityMatrix = Strict({ low: ByUrgency, medium: ByUrgency, high: ByUrgency });
export type PriorityMatrix = Static<typeof PriorityMatrix>;
