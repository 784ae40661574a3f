import { type Static, type TSchema, Type } from 'typebox';

/** Object schema that refuses unknown members: a misspelt field is an error, never silently dropped. */
export const Strict = <P extends Record<string, TSchema>>(properties: P, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A union of string literals as a JSON Schema `enum`, which validators report better than `anyOf`. */
export const OneOf = <const V extends readonly string[]>(values: V, options: object = {}) =>
  Type.Unsafe<V[number]>(Type.String({ enum: values as unknown as string[], ...options }));

export const Uuid = Type.String({ format: 'uuid', description: 'UUID, RFC 9562' });
export const Instant = Type.String({ format: 'date-time', description: 'RFC 3339, UTC, milliseconds' });
export const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hex' });
export const Address = Type.String({ format: 'email', maxLength: 320, description: 'RFC 5321 mailbox, lower case' });
export const Slug = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' });
export const Domain = Type.String({
  pattern: '^[a-z0-9.-]+\\.[a-z0-9-]{2,}$',
  maxLength: 253,
  description: 'DNS name',
});
/** A log position on the wire: bigint does not survive JSON, so it travels as decimal digits. */
export const PositionText = Type.String({ pattern: '^[0-9]{1,19}$', description: 'Log position, opaque and ordered' });

export const Language = Type.String({ minLength: 2, maxLength: 35, description: 'language tag, BCP 47 (RFC 5646)' });

export const roles = ['customer', 'agent', 'supervisor', 'admin', 'auditor', 'integrator'] as const;
export const Role = OneOf(roles);
export type Role = Static<typeof Role>;

export const channels = ['email', 'api', 'form', 'chat', 'phone'] as const;
export const Channel = OneOf(channels);
export type Channel = Static<typeof Channel>;

export const statuses = ['new', 'open', 'pending', 'on-hold', 'resolved', 'closed'] as const;
export const Status = OneOf(statuses);
export type Status = Static<typeof Status>;

export const priorities = ['low', 'normal', 'high', 'urgent'] as const;
export const Priority = OneOf(priorities);
export type Priority = Static<typeof Priority>;

/** Satisfaction of a customer, 1 (bad) to 5 (very good). */
export const Score = Type.Integer({ minimum: 1, maximum: 5, description: '1 (bad) to 5 (very good)' });
export type Score = Static<typeof Score>;
/** How far something reaches (impact), and how soon it hurts (urgency). */
export const levels = ['low', 'medium', 'high'] as const;
export const Level = OneOf(levels);
export type Level = Static<typeof Level>;

export const SupportLine = Type.Integer({ minimum: 1, maximum: 3, description: 'support line: 1 is the first' });
export type SupportLine = Static<typeof SupportLine>;

export const slaClocks = ['first-response', 'next-response', 'resolution'] as const;
export const SlaClock = OneOf(slaClocks);
export type SlaClock = Static<typeof SlaClock>;
