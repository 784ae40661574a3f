import { type Static, Type } from 'typebox';
import { Instant, Nullable, OneOf, PositionText, SlaClock, Strict, Uuid } from '../primitives.ts';
import { ActorRef, pageOf, paging } from './common.ts';

/** An event as it is told to people and programs: what happened, who did it, and what led to it. */
const event = {
  id: Uuid,
  position: PositionText,
  stream: Type.String(),
  version: Type.Integer({ description: 'place in its stream, from 1' }),
  type: Type.String(),
  at: Instant,
  source: Type.String({ description: 'the way in: api, smtp, routing, …' }),
  correlationId: Type.String({ description: 'the same for all that one request or mail brought about' }),
  causationId: Nullable(Type.String({ description: 'id of the event that led to it; null: somebody outside did' })),
  commandId: Uuid,
  data: Type.Record(Type.String(), Type.Unknown()),
};

export const HistoryEntry = Type.Object({ ...event, actor: ActorRef }, { title: 'HistoryEntry' });
export type HistoryEntry = Static<typeof HistoryEntry>;
export const HistoryPage = pageOf('HistoryPage', HistoryEntry);
export const HistoryQuery = Strict(paging);

export const FeedEvent = Type.Object(
  {
    ...event,
    schema: Type.Integer({ description: 'version of the shape of data' }),
    actor: Type.Object({ kind: OneOf(['person', 'service']), id: Type.String() }, { title: 'Actor' }),
  },
  { title: 'Event' },
);
export type FeedEvent = Static<typeof FeedEvent>;

export const EventFeed = Type.Object(
  {
    events: Type.Array(FeedEvent, { description: 'in the order of the log, none left out' }),
    next: Type.String({ description: 'path to go on with; to be kept by the reader as its place' }),
    position: { ...PositionText, description: 'everything up to here has been looked at: `after` of the next request' },
    atEnd: Type.Boolean({ description: 'there was nothing more at that moment' }),
  },
  { title: 'EventFeed' },
);

export const EventFeedQuery = Strict({
  after: Type.Optional({
    ...PositionText,
    default: '0',
    description: 'position to go on after; 0: from the first event',
  }),
  types: Type.Optional(
    Type.Array(Type.String({ pattern: '^[A-Za-z,]{1,500}$' }), {
      maxItems: 50,
      description: 'only these types; repeat it or separate by commas',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 25,
      default: 0,
      description: 'seconds to wait for an event when there is none',
    }),
  ),
});

const Phase = OneOf(['running', 'paused', 'stopped']);

const SlaInterval = Type.Object(
  {
    state: Phase,
    openedBy: Type.String({ description: 'id of the event that began it' }),
    closedBy: Nullable(Type.String({ description: 'id of the event that ended it; null: it goes on' })),
    from: Instant,
    to: Instant,
    businessMs: Type.Integer({ description: 'business milliseconds counted; 0 while paused or stopped' }),
    calendarId: Type.String(),
    calendarVersion: Type.Integer(),
  },
  { title: 'SlaInterval' },
);

const SlaRun = Type.Object(
  {
    clock: SlaClock,
    cycle: Type.Integer({ description: '1 for the first clock of its kind on the ticket' }),
    phase: Phase,
    policyId: Type.String(),
    policyVersion: Type.Integer(),
    calendarId: Type.String(),
    calendarVersion: Type.Integer(),
    targetMinutes: Type.Integer({ description: 'business minutes of that calendar' }),
    startedAt: Instant,
    dueAt: Nullable({ ...Instant, description: 'null while the clock does not run' }),
    breached: Type.Boolean(),
    outcome: Nullable(OneOf(['met', 'late', 'cancelled'])),
    elapsedMs: Type.Integer({ description: 'sum of businessMs of the intervals' }),
    intervals: Type.Array(SlaInterval),
  },
  {
    title: 'SlaRun',
    description: 'one run of a clock; every millisecond is accounted for by two events and a calendar',
  },
);

export const SlaReport = Type.Object({ at: Instant, runs: Type.Array(SlaRun) }, { title: 'SlaReport' });
export type SlaReport = Static<typeof SlaReport>;
