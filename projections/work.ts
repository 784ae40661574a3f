import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { WorkRow } from '#packages/read-db/tables-attributes.ts';
import { timeOf } from './origin.ts';

const workRows: Table<WorkRow, 'work_id'> = {
  key: ['work_id'],
  columns: {
    work_id: 'uuid not null',
    ticket_id: 'uuid not null',
    person_id: 'uuid not null',
    company_id: 'uuid',
    minutes: 'integer not null',
    billable: 'boolean not null',
    worked_at: 'timestamptz not null',
    started_at: 'timestamptz',
    specification: 'text not null',
    logged_at: 'timestamptz not null',
    corrected_at: 'timestamptz',
    position: 'bigint not null',
  },
  indexes: ['(ticket_id, position)', '(worked_at)', '(person_id, worked_at)', '(company_id, worked_at)'],
};

/** Work on record, one row per piece: what a ticket took, and what goes on whose bill. */
export const work = defineProjection({
  name: 'work',
  version: 1,
  tables: { work: workRows },
  handles: ['TicketWorkLogged', 'TicketWorkCorrected', 'TicketWorkRemoved'],
  fold: (event, rows) => {
    const key = { work_id: event.data.workId };
    if (event.type === 'TicketWorkRemoved') return rows.work.delete(key);
    const { billable, minutes, personId, specification, startedAt } = event.data;
    const said = { person_id: personId, minutes, billable, specification };
    const started_at = startedAt === null ? null : new Date(startedAt);
    const at = timeOf(event);
    if (event.type === 'TicketWorkLogged') {
      const { companyId: company_id } = event.data;
      const logged = { logged_at: at, worked_at: started_at ?? at, corrected_at: null, position: event.position };
      return rows.work.put({ ...key, ...said, ticket_id: idOf(event.stream), company_id, started_at, ...logged });
    }
    const row = rows.work.get(key);
    if (row) rows.work.put({ ...row, ...said, started_at, worked_at: started_at ?? row.logged_at, corrected_at: at });
  },
});
