import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { RatingRow } from '#packages/read-db/tables.ts';
import { originColumns, originOf, timeOf } from './origin.ts';

const ratingRows: Table<RatingRow, 'ticket_id' | 'round'> = {
  key: ['ticket_id', 'round'],
  columns: {
    ticket_id: 'uuid not null',
    round: 'integer not null',
    score: 'integer not null',
    comment: 'text',
    rater_id: 'uuid not null',
    via: 'text not null',
    rated_at: 'timestamptz not null',
    solved_at: 'timestamptz not null',
    group_id: 'uuid',
    agent_id: 'uuid',
    ...originColumns,
  },
  indexes: ['(rated_at, ticket_id, round)', '(agent_id, rated_at)'],
};

/** What customers think of solutions: the newest rating of each. */
export const ratings = defineProjection({
  name: 'ratings',
  version: 1,
  tables: { ratings: ratingRows },
  handles: ['TicketRated'],
  fold: (event, rows) => {
    const { agentId, comment, groupId, raterId, round, score, solvedAt, via } = event.data;
    rows.ratings.put({
      ticket_id: idOf(event.stream),
      round,
      score,
      comment,
      rater_id: raterId,
      via,
      rated_at: timeOf(event),
      solved_at: new Date(solvedAt),
      group_id: groupId,
      agent_id: agentId,
      ...originOf(event),
    });
  },
});
