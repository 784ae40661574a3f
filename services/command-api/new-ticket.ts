import type { CreateTicket } from '#contracts/api/tickets.ts';
import type { attributesOnCreation } from '#contracts/commands/ticket-attributes.ts';
import type { ProblemCode } from '#contracts/problems.ts';
import type { NewAttributes } from '#packages/domain/ticket/attribute-commands.ts';
import type { Principal } from '#packages/http/auth.ts';
import { readInstant } from '#packages/http/moments.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';

type Asked = Pick<CreateTicket, keyof typeof attributesOnCreation>;

/** What the attributes of a new ticket may be refused with. */
export const attributeRefusals = [
  'UNKNOWN_FORM',
  'UNKNOWN_TYPE',
  'UNKNOWN_SERVICE',
  'LANGUAGE_INVALID',
  'FIELD_INVALID',
  'TAG_INVALID',
  'TOO_MANY_TAGS',
  'TOO_MANY_FOLLOWERS',
  'NO_PRIORITY_MATRIX',
] as const satisfies readonly ProblemCode[];

/** Attributes of a new ticket as they were asked for. Throws INVALID_REQUEST for a due date that there is not. */
export function attributesOf(body: Asked, { role }: Principal): NewAttributes {
  const { dueDate, fields, followers, formId, impact, language, serviceId, tags, typeId, urgency } = body;
  const given = { fields, followers, formId, impact, language, serviceId, tags, typeId, urgency };
  const due = dueDate === undefined ? undefined : toTimestamp(readInstant(dueDate, '/dueDate'));
  const said = Object.entries({ ...given, dueDate: due }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(said), byCustomer: role === 'customer' };
}
