import { type Static, type TSchema, Type } from 'typebox';
import { Nullable, PositionText, Uuid } from '../primitives.ts';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** A filter by id, or by one of some words. */
export const IdOr = (...words: readonly string[]) =>
  Type.String({ pattern: `^(${[...words, uuid].join('|')})$`, description: `id, or ${words.join(', ')}` });

/** Query parameters of a paged list. */
export const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'most items of one page' })),
  cursor: Type.Optional(
    Type.String({
      maxLength: 1_000,
      description: 'opaque; comes in `next` of the page before and fits that query only',
    }),
  ),
};

/** One page of a list. Rows that arrive between two pages neither repeat nor hide others. */
export const pageOf = <T extends TSchema>(title: string, item: T) =>
  Type.Object(
    {
      items: Type.Array(item),
      next: Nullable(Type.String({ description: 'path of the next page; null: this is the last' })),
    },
    { title },
  );

export const PersonRef = Type.Object({ id: Uuid, name: Type.String() }, { title: 'PersonRef' });
export type PersonRef = Static<typeof PersonRef>;

export const CompanyRef = Type.Object({ id: Uuid, name: Type.String() }, { title: 'CompanyRef' });
export const GroupRef = Type.Object({ id: Uuid, name: Type.String() }, { title: 'GroupRef' });

export const ActorRef = Type.Object(
  { kind: Type.String({ enum: ['person', 'service'] }), id: Type.String(), name: Type.String() },
  { title: 'ActorRef', description: 'who did it: a person, or a service of the desk acting by a rule' },
);
export type ActorRef = Static<typeof ActorRef>;

/** What every change answers with. */
export const outcome = {
  version: Type.Integer({ minimum: 0, description: 'version of the resource now; its ETag is this in quotes' }),
  position: PositionText,
};
export const Changed = Type.Object(outcome, { title: 'Changed', description: 'The change is in the log.' });

/** Headers of a change, for the reference: they are checked where they are used, with better words than a schema has. */
export const changeHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description: 'Any text of your own. The same key with the same body is done once and answered alike.',
    }),
  ),
});
export const ticketChangeHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'Needed: ETag of what is changed as you saw it, e.g. "7", or * for any version.' }),
  ),
  ...changeHeaders.properties,
});
export const readHeaders = Type.Object({
  'desk-min-position': Type.Optional(
    Type.String({ description: 'Desk-Position of a change of yours that the answer should reflect.' }),
  ),
});
