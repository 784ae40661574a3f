import { type Static, Type } from 'typebox';
import { Instant, Nullable, OneOf, Strict } from '../primitives.ts';
import { GroupRef, IdOr, pageOf, paging } from './common.ts';
import { TicketSummary } from './tickets.ts';

export const metrics = [
  'first-response-time',
  'resolution-time',
  'first-response-breaches',
  'next-response-breaches',
  'resolution-breaches',
  'overdue',
  'backlog',
  'created',
] as const;
export type Metric = (typeof metrics)[number];

const Day = Type.String({ format: 'date', description: 'UTC day, inclusive' });
const Ms = Nullable(Type.Integer({ description: 'milliseconds; null when no ticket counts' }));
const told = {
  definition: Type.String({ description: 'what exactly is counted' }),
  href: Type.String({ description: 'the tickets behind the figure' }),
};

export const Durations = Type.Object(
  {
    tickets: Type.Integer({ description: 'how many tickets the figures are computed from' }),
    averageMs: Ms,
    medianMs: Ms,
    p90Ms: Ms,
    averageBusinessMs: Nullable(Type.Integer({ description: 'the same in business time, where an SLA clock ran' })),
    ...told,
  },
  { title: 'Durations' },
);
export type Durations = Static<typeof Durations>;

export const TicketCount = Type.Object({ tickets: Type.Integer(), ...told }, { title: 'TicketCount' });
export const BreachCount = Type.Object(
  {
    tickets: Type.Integer(),
    ratio: Nullable(Type.Number({ description: 'of all tickets created in the period; null when there are none' })),
    ...told,
  },
  { title: 'BreachCount' },
);

export const KpiReport = Type.Object(
  {
    from: Day,
    to: Day,
    group: Nullable(GroupRef),
    computedAt: Instant,
    firstResponse: { ...Durations, description: 'AFRT' },
    resolution: Durations,
    breaches: Type.Object(
      {
        firstResponse: { ...BreachCount, description: 'FRTR' },
        nextResponse: BreachCount,
        resolution: { ...BreachCount, description: 'ARTR' },
      },
      { title: 'Breaches' },
    ),
    overdueNow: { ...TicketCount, description: 'NTB' },
    backlogNow: TicketCount,
    days: Type.Array(
      Type.Object(
        { day: Day, created: Type.Integer(), resolved: Type.Integer(), backlog: Type.Integer() },
        { title: 'KpiDay' },
      ),
    ),
    daysDefinition: Type.String(),
  },
  { title: 'KpiReport' },
);
export type KpiReport = Static<typeof KpiReport>;

const period = {
  from: Type.Optional({ ...Day, description: 'first UTC day; default: 29 days before `to`' }),
  to: Type.Optional({ ...Day, description: 'last UTC day, inclusive; default: today' }),
  group: Type.Optional(IdOr('none')),
};
export const KpiQuery = Strict(period);
export type KpiQuery = Static<typeof KpiQuery>;

export const KpiTicketsQuery = Strict({ metric: OneOf(metrics), ...period, ...paging });
export type KpiTicketsQuery = Static<typeof KpiTicketsQuery>;
export const KpiTicket = Type.Object(
  {
    ticket: TicketSummary,
    figureMs: Nullable(Type.Integer({ description: 'what the ticket brings to the figure, milliseconds' })),
  },
  { title: 'KpiTicket' },
);
export const KpiTicketPage = pageOf('KpiTicketPage', KpiTicket);
