import { type Static, Type } from 'typebox';
import { Nullable, Priority, Slug, Strict, Uuid } from './primitives.ts';

export const maxBulkTickets = 1_000;

const Do = <const T extends string>(name: T) => ({ do: Type.Literal(name) });
const Tags = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 50 }));

/** What can be done to many tickets at once. */
const plainActions = [
  Strict({ ...Do('assign'), groupId: Nullable(Uuid), agentId: Nullable(Uuid) }),
  Strict({ ...Do('status'), to: { ...Slug, description: 'a category or a custom status' } }),
  Strict({ ...Do('priority'), to: Priority }),
  Strict({ ...Do('tags'), add: Tags, remove: Tags }),
  Strict({ ...Do('fields'), fields: Type.Record(Slug, Type.Unknown(), { description: 'values by id; null empties' }) }),
  Strict({ ...Do('spam'), reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) }),
] as const;

/** As it is asked for. */
export const BulkRequest = Type.Union([...plainActions, Strict({ ...Do('macro'), macroId: Slug })]);
export type BulkRequest = Static<typeof BulkRequest>;

/** As it is done: of a macro the revision that was in force, and the undoing of a bulk action, which is one itself. */
export const BulkAction = Type.Union([
  ...plainActions,
  Strict({ ...Do('macro'), macroId: Slug, macroVersion: Type.Integer({ minimum: 1 }) }),
  Strict({ ...Do('undo'), bulkId: Uuid }),
]);
export type BulkAction = Static<typeof BulkAction>;
