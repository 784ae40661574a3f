import { type Static, Type } from 'typebox';
import { Instant, Language, Nullable, Priority, Slug, Strict, Uuid } from './primitives.ts';

const Name = Type.String({ minLength: 1, maxLength: 200 });
const Groups = Type.Optional(
  Type.Array(Uuid, { maxItems: 100, description: 'the groups it is offered to; left out: to all' }),
);
const text = Type.String({
  minLength: 1,
  maxLength: 50_000,
  description: 'with variables such as {{ticket.number}} or {{requester.name | there}}',
});
const html = Type.Optional(
  Type.String({ maxLength: 100_000, description: 'the same as HTML; values of variables are escaped in it' }),
);

/** A text that agents answer with again and again. */
export const CannedReply = Strict({ name: Name, text, html, language: Type.Optional(Language), groups: Groups });
export type CannedReply = Static<typeof CannedReply>;

const Do = <const T extends string>(name: T) => ({ do: Type.Literal(name) });
const Tags = Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 50 }));

/** One thing that a macro does. */
export const MacroAction = Type.Union([
  Strict({ ...Do('reply'), text, html }),
  Strict({ ...Do('note'), text, html }),
  Strict({ ...Do('status'), to: { ...Slug, description: 'a category or a custom status' } }),
  Strict({ ...Do('priority'), to: Priority }),
  Strict({
    ...Do('assign'),
    groupId: Nullable(Uuid),
    agentId: Nullable(Type.Union([Uuid, Type.Literal('me', { description: 'whoever applies the macro' })])),
  }),
  Strict({ ...Do('tags'), add: Tags, remove: Tags }),
  Strict({ ...Do('fields'), fields: Type.Record(Slug, Type.Unknown(), { description: 'values by id; null empties' }) }),
  Strict({ ...Do('type'), to: Nullable(Slug) }),
  Strict({ ...Do('service'), to: Nullable(Slug) }),
  Strict({ ...Do('due-date'), to: Nullable(Instant) }),
]);
export type MacroAction = Static<typeof MacroAction>;

/** Several changes of a ticket in one step: all of them come about, or none. */
export const Macro = Strict({
  name: Name,
  actions: Type.Array(MacroAction, { minItems: 1, maxItems: 20 }),
  groups: Groups,
});
export type Macro = Static<typeof Macro>;
