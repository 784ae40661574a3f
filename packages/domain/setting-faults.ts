import { Value } from 'typebox/value';
import { statuses } from '#contracts/primitives.ts';
import { Calendar, Mailbox, RoutingRule, type SettingKind, SlaPolicy } from '#contracts/settings.ts';
import { ArticleCategory, Service } from '#contracts/settings-catalogue.ts';
import { Field, Form } from '#contracts/settings-fields.ts';
import { CustomStatus, LifecyclePolicy } from '#contracts/settings-lifecycle.ts';
import { CannedReply, Macro } from '#contracts/settings-replies.ts';
import type { FieldError } from '#packages/kernel/errors.ts';
import { fieldFaults, formFaults, unknownIn } from './field-faults.ts';
import { cannedReplyFaults, macroFaults } from './reply-faults.ts';
import { treeFaults } from './service-faults.ts';
import type { SettingsLookup } from './settings.ts';
import { calendarFaults } from './sla/calendar-faults.ts';

export type Save = {
  readonly kind: SettingKind;
  readonly id: string;
  readonly value: unknown;
  /** The value it had last, also when it was removed since; null when it is new. */
  readonly before: unknown;
};

/** What is wrong with a value that has the form of its kind; pointers start with `/value`, or with `/id`. */
export function faultsOf({ kind, id, value, before }: Save, settings: SettingsLookup): FieldError[] {
  switch (kind) {
    case 'calendar':
      return calendarFaults(Value.Parse(Calendar, value));
    case 'sla-policy':
      return policyFaults(Value.Parse(SlaPolicy, value), settings);
    case 'routing-rule':
      return matchFaults(Value.Parse(RoutingRule, value).match, settings);
    case 'satisfaction':
      return id === 'default' ? [] : [{ pointer: '/id', detail: 'must be `default`: there is one' }];
    case 'mailbox':
      return mailboxFaults(id, Value.Parse(Mailbox, value), settings);
    case 'status':
      return statusFaults(id, Value.Parse(CustomStatus, value), before);
    case 'lifecycle-policy':
      return lifecycleFaults(Value.Parse(LifecyclePolicy, value), settings);
    case 'service':
      return treeFaults(kind, id, Value.Parse(Service, value), settings);
    case 'article-category':
      return treeFaults(kind, id, Value.Parse(ArticleCategory, value), settings);
    case 'field':
      return fieldFaults(Value.Parse(Field, value), settings);
    case 'form':
      return formFaults(Value.Parse(Form, value), settings);
    case 'priority-matrix':
      return id === 'default' ? [] : [{ pointer: '/id', detail: 'must be default: the desk has one matrix' }];
    case 'canned-reply':
      return cannedReplyFaults(Value.Parse(CannedReply, value), settings);
    case 'macro':
      return macroFaults(Value.Parse(Macro, value), settings);
    case 'ticket-type':
      return [];
    default:
      return kind satisfies never;
  }
}

function policyFaults({ match, calendarId }: SlaPolicy, settings: SettingsLookup): FieldError[] {
  const known = settings.current('calendar', calendarId) !== null;
  const faults = known ? [] : [{ pointer: '/value/calendarId', detail: 'names no calendar' }];
  return [...faults, ...matchFaults(match, settings)];
}

function lifecycleFaults(policy: LifecyclePolicy, settings: SettingsLookup): FieldError[] {
  const { match, pendingReminderDays: remind, pendingResolveDays: resolve } = policy;
  const never = remind !== undefined && resolve !== undefined && remind >= resolve;
  const detail = 'is never reached: the ticket is resolved before';
  return [...(never ? [{ pointer: '/value/pendingReminderDays', detail }] : []), ...matchFaults(match, settings)];
}

type Match = Readonly<Record<string, readonly unknown[] | undefined>> & {
  readonly services?: readonly string[];
  readonly mailboxes?: readonly string[];
};

const matchFaults = (match: Match, settings: SettingsLookup): FieldError[] => [
  ...emptyLists(match),
  ...unknownIn(match.services, 'match/services', 'service', settings),
  ...unknownIn(match.mailboxes, 'match/mailboxes', 'mailbox', settings),
];

/** An empty list would match nothing, while whoever sends one most often means anything. */
const emptyLists = (match: Readonly<Record<string, readonly unknown[] | undefined>>): FieldError[] =>
  Object.entries(match)
    .filter(([, list]) => list?.length === 0)
    .map(([name]) => ({ pointer: `/value/match/${name}`, detail: 'is empty; leave it out to match any' }));

function mailboxFaults(id: string, { address }: Mailbox, settings: SettingsLookup): FieldError[] {
  const pointer = '/value/address';
  if (address !== address.toLowerCase()) return [{ pointer, detail: 'must be in lower case' }];
  const other = settings.inForce('mailbox').find((mailbox) => mailbox.id !== id && mailbox.value.address === address);
  return other ? [{ pointer, detail: `is the address of mailbox ${other.id} already` }] : [];
}

/** Tickets keep the category they were given with a status, so a status must mean the same for good. */
function statusFaults(id: string, { category }: CustomStatus, before: unknown): FieldError[] {
  const taken = statuses.some((status) => status === id);
  const changed = Value.Check(CustomStatus, before) && before.category !== category;
  return [
    ...(taken ? [{ pointer: '/id', detail: 'is the name of a category' }] : []),
    ...(changed
      ? [{ pointer: '/value/category', detail: `was ${before.category} and stays so; make another status` }]
      : []),
  ];
}
