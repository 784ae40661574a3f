import { type Static, Type } from 'typebox';
import { Instant, Nullable, OneOf, Strict, Uuid } from '../primitives.ts';
import { CompanyRef, outcome, PersonRef } from './common.ts';

const Minutes = Type.Integer({ minimum: 1, maximum: 14_400 });
const Specification = Type.String({ minLength: 1, maxLength: 2_000, pattern: '\\S' });

export const LogWorkBody = Strict(
  {
    minutes: Minutes,
    billable: Type.Boolean(),
    specification: Specification,
    startedAt: Type.Optional(Instant),
    personId: Type.Optional({ ...Uuid, description: 'who worked; left out: you. Others are for supervisors to name' }),
  },
  { title: 'LogWork' },
);
export const CorrectWorkBody = Strict(
  {
    minutes: Type.Optional(Minutes),
    billable: Type.Optional(Type.Boolean()),
    specification: Type.Optional(Specification),
    startedAt: Type.Optional(Nullable(Instant)),
  },
  { title: 'CorrectWork', description: 'what is left out stays as it is' },
);
export const WorkLoggedAnswer = Type.Object({ workId: Uuid, ...outcome }, { title: 'WorkLoggedAnswer' });

const totals = {
  minutes: Type.Integer(),
  billableMinutes: Type.Integer(),
};
export const WorkEntry = Type.Object(
  {
    id: Uuid,
    person: PersonRef,
    company: Nullable({ ...CompanyRef, description: 'company of the ticket when the work was logged' }),
    minutes: Type.Integer(),
    billable: Type.Boolean(),
    specification: Type.String(),
    startedAt: Nullable(Instant),
    loggedAt: Instant,
    correctedAt: Nullable(Instant),
  },
  { title: 'WorkEntry' },
);
export const WorkList = Type.Object(
  {
    items: Type.Array(WorkEntry, { description: 'in the order it was logged; removed work is in the history' }),
    ...totals,
  },
  { title: 'WorkList' },
);

export const workGroupings = ['person', 'company', 'ticket', 'day', 'month'] as const;
export type WorkGrouping = (typeof workGroupings)[number];
const Day = Type.String({ format: 'date', description: 'UTC day, inclusive' });

export const WorkReportQuery = Strict({
  from: Type.Optional({ ...Day, description: 'first UTC day; default: 29 days before `to`' }),
  to: Type.Optional({ ...Day, description: 'last UTC day, inclusive; default: today' }),
  by: Type.Optional(OneOf(workGroupings, { default: 'person' })),
  person: Type.Optional(Uuid),
  company: Type.Optional(Uuid),
  billable: Type.Optional(Type.Boolean()),
});
export type WorkReportQuery = Static<typeof WorkReportQuery>;

export const WorkReport = Type.Object(
  {
    from: Day,
    to: Day,
    by: OneOf(workGroupings),
    definition: Type.String({ description: 'what exactly is counted' }),
    rows: Type.Array(
      Type.Object(
        {
          key: Nullable(Type.String({ description: 'id, number of the ticket, day or month; null: no company' })),
          name: Type.String(),
          entries: Type.Integer(),
          ...totals,
        },
        { title: 'WorkReportRow' },
      ),
      { description: 'most minutes first; days and months in their order' },
    ),
    ...totals,
  },
  { title: 'WorkReport' },
);
export type WorkReport = Static<typeof WorkReport>;
