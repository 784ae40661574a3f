import { type Static, type TSchema, Type } from 'typebox';
import { Instant, Nullable, OneOf, Sha256, Strict, Uuid } from '../primitives.ts';

/** Who caused an event: a person (agent, customer, token holder) or a service of the desk acting by a rule. */
export const Actor = Strict({
  kind: OneOf(['person', 'service']),
  id: Type.String({ minLength: 1, maxLength: 100, description: 'person id, or the name of the service' }),
});
export type Actor = Static<typeof Actor>;

export const Metadata = Strict({
  schema: Type.Integer({ minimum: 1, description: 'version of the shape of data; upcasters lift older ones' }),
  at: Instant,
  commandId: Uuid,
  correlationId: Type.String({ description: 'one per conversation of causes: the request or mail that began it' }),
  causationId: Nullable(
    Type.String({ description: 'id of the event that led to the command, null for an outside cause' }),
  ),
  actor: Actor,
  source: Type.String({ description: 'the way in: api, smtp, imap, routing, sla-timer, cli, …' }),
  fingerprint: Type.Optional(Sha256),
  hash: Type.Optional(Sha256),
});
export type Metadata = Static<typeof Metadata>;

/** Turns a table of event schemas into the union `{type, data}` of its events. */
export type EventOf<Schemas extends Record<string, TSchema>> = {
  [T in keyof Schemas & string]: { readonly type: T; readonly data: Static<Schemas[T]> };
}[keyof Schemas & string];
