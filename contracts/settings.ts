import { type Static, Type } from 'typebox';
import { Address, Nullable, OneOf, Priority, Slug, Strict, Uuid } from './primitives.ts';
import { ArticleCategory, PriorityMatrix, RequiredSkills, Service, TicketType } from './settings-catalogue.ts';
import { Field, Form } from './settings-fields.ts';
import { CustomStatus, LifecyclePolicy } from './settings-lifecycle.ts';
import { CannedReply, Macro } from './settings-replies.ts';

const Clock = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$', description: 'local wall-clock time' });
const LocalDate = Type.String({ format: 'date' });
const Hours = Type.Array(Strict({ from: Clock, to: Clock }), {
  maxItems: 12,
  description: 'half-open intervals [from, to)',
});

/** Business hours of one IANA time zone. An interval with to <= from runs past midnight into the next day. */
export const Calendar = Strict({
  name: Type.String(),
  timeZone: Type.String({ description: 'IANA name' }),
  week: Strict({
    monday: Hours,
    tuesday: Hours,
    wednesday: Hours,
    thursday: Hours,
    friday: Hours,
    saturday: Hours,
    sunday: Hours,
  }),
  holidays: Type.Array(LocalDate),
  exceptions: Type.Array(Strict({ date: LocalDate, hours: Hours }), {
    description: 'hours of one date, in place of the week and of holidays',
  }),
});
export type Calendar = Static<typeof Calendar>;

const Services = Type.Optional(Type.Array(Slug, { description: 'with every service that is part of one of these' }));
const Minutes = Nullable(Type.Integer({ minimum: 1, description: 'business minutes; null: no such target' }));
export const SlaPolicy = Strict({
  name: Type.String(),
  order: Type.Integer({ description: 'the first match by ascending order wins' }),
  match: Strict({
    priorities: Type.Optional(Type.Array(Priority)),
    companies: Type.Optional(Type.Array(Uuid)),
    mailboxes: Type.Optional(Type.Array(Slug)),
    services: Services,
  }),
  calendarId: Slug,
  firstResponseMinutes: Minutes,
  nextResponseMinutes: Minutes,
  resolutionMinutes: Minutes,
});
export type SlaPolicy = Static<typeof SlaPolicy>;

export const RoutingRule = Strict({
  name: Type.String(),
  order: Type.Integer({ description: 'the first match by ascending order wins' }),
  match: Strict({
    mailboxes: Type.Optional(Type.Array(Slug)),
    priorities: Type.Optional(Type.Array(Priority)),
    services: Services,
  }),
  groupId: Uuid,
  strategy: OneOf(['least-loaded', 'group-only']),
  skills: RequiredSkills,
});
export type RoutingRule = Static<typeof RoutingRule>;

export const Mailbox = Strict({ name: Type.String(), address: Address, active: Type.Boolean() });
export type Mailbox = Static<typeof Mailbox>;

/** Asking customers how satisfied they are; there is one, `default`. */
export const Satisfaction = Strict({
  active: Type.Boolean({ description: 'whether requesters are asked by mail when their ticket is resolved' }),
  question: Type.String({ minLength: 1, maxLength: 300 }),
  openDays: Type.Integer({
    minimum: 1,
    maximum: 365,
    description: 'how long a solution can be rated, days of 24 hours',
  }),
});
export type Satisfaction = Static<typeof Satisfaction>;

/** One schema per kind of setting: each is a stream of revisions `setting-<kind>-<id>`. */
export const settingKinds = {
  calendar: Calendar,
  'sla-policy': SlaPolicy,
  'routing-rule': RoutingRule,
  mailbox: Mailbox,
  status: CustomStatus,
  'lifecycle-policy': LifecyclePolicy,
  satisfaction: Satisfaction,
  'ticket-type': TicketType,
  service: Service,
  'priority-matrix': PriorityMatrix,
  field: Field,
  form: Form,
  'canned-reply': CannedReply,
  macro: Macro,
  'article-category': ArticleCategory,
} as const;
export type SettingKind = keyof typeof settingKinds;
export type SettingValue<K extends SettingKind> = Static<(typeof settingKinds)[K]>;
