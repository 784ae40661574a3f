import { type RawBuilder, sql } from 'kysely';
import type { TicketQuery } from '#contracts/api/tickets.ts';
import type { FieldValue } from '#contracts/events/ticket-attributes.ts';
import type { Field } from '#contracts/settings-fields.ts';
import { readFieldValue } from '#packages/domain/field-values.ts';
import { servicesBelow } from '#packages/domain/service-tree.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { readLanguage } from '#packages/domain/ticket/attributes.ts';
import { normaliseTag } from '#packages/domain/ticket/labels.ts';
import type { Principal } from '#packages/http/auth.ts';
import { readInstant } from '#packages/http/moments.ts';
import { AppError } from '#packages/kernel/errors.ts';

type Condition = RawBuilder<boolean>;
const forAgents = ['tag', 'follower', 'dueFrom', 'dueTo', 'group', 'breached'] as const;

/** An answer that is never empty or never full would tell a customer what the ticket does not. */
function refuseInternal(filter: TicketQuery, { role }: Principal): void {
  if (role !== 'customer') return;
  const named = forAgents.filter((name) => filter[name] !== undefined);
  const asked = filter.sort === 'due' ? [...named, 'sort'] : named;
  if (asked.length === 0) return;
  const fields = asked.map((pointer) => ({ pointer, detail: 'is for agents' }));
  throw new AppError('FORBIDDEN', { detail: 'Only agents may filter by that.', fields });
}

/**
 * Conditions on rows of `tickets` that the filters by attributes mean. Each is one that an index of the table serves.
 * Throws FORBIDDEN for what customers may not filter by, INVALID_REQUEST for values that are none.
 */
export function attributeConditions(filter: TicketQuery, principal: Principal, settings: SettingsLookup): Condition[] {
  refuseInternal(filter, principal);
  const { dueFrom, dueTo, field = [], language, service, tag = [], type } = filter;
  const conditions: Condition[] = field.map((each) => fieldCondition(each, principal, settings));
  if (type !== undefined) conditions.push(sql`type_id = ${type}`);
  if (service !== undefined) conditions.push(sql`service_id = any(${[...servicesBelow(service, settings)]}::text[])`);
  if (tag.length > 0)
    conditions.push(sql`tags <> '{}' and tags @> ${tag.map((each) => normaliseTag(each) ?? each)}::text[]`);
  if (language !== undefined) conditions.push(sql`language = ${readLanguage(language, 'language')}`);
  if (dueFrom !== undefined) conditions.push(sql`due_date >= ${dateOf(dueFrom, 'dueFrom')}`);
  if (dueTo !== undefined) conditions.push(sql`due_date < ${dateOf(dueTo, 'dueTo')}`);
  return conditions;
}

const dateOf = (instant: string, name: string): Date => new Date(readInstant(instant, name).epochMilliseconds);

/** A field that customers may not see is to them one that there is not. */
function fieldCondition(text: string, { role }: Principal, settings: SettingsLookup): Condition {
  const colon = text.indexOf(':');
  const [id, value] = [text.slice(0, colon), text.slice(colon + 1)];
  const definition = settings.current('field', id)?.value;
  if (!definition || (role === 'customer' && !definition.visibleToCustomer))
    throw wrong(`${id} is no field of the desk`);
  const read = readFieldValue(unbounded(definition), given(definition, value));
  if ('fault' in read) throw wrong(`${id} ${read.fault}`);
  const holds: Record<string, FieldValue> = { [id]: read.value };
  return sql`fields <> '{}' and fields @> ${JSON.stringify(holds)}::jsonb`;
}

/** What was allowed once may still be on tickets. */
const unbounded = ({ mask: _mask, max: _max, min: _min, ...field }: Field): Field => field;

function given({ type }: Field, text: string): unknown {
  switch (type) {
    case 'number':
    case 'integer':
      return Number(text);
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'multi-choice':
      return [text];
    default:
      return text;
  }
}

const wrong = (detail: string): AppError =>
  new AppError('INVALID_REQUEST', {
    detail: 'A query parameter is not right.',
    fields: [{ pointer: 'field', detail }],
  });
