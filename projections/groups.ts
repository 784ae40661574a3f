import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { GroupMemberRow, GroupRow } from '#packages/read-db/tables-agents.ts';
import { originColumns, originOf, timeOf } from './origin.ts';

const groupRows: Table<GroupRow, 'id'> = {
  key: ['id'],
  columns: {
    id: 'uuid not null',
    name: 'text not null',
    line: 'integer',
    escalates_to: 'uuid',
    registered_at: 'timestamptz not null',
    ...originColumns,
  },
  indexes: [],
};

const memberRows: Table<GroupMemberRow, 'group_id' | 'person_id'> = {
  key: ['group_id', 'person_id'],
  columns: { group_id: 'uuid not null', person_id: 'uuid not null', since: 'timestamptz not null' },
  indexes: ['(person_id)'],
};

/** Groups of agents, who is in them, and to whom they hand over. */
export const groups = defineProjection({
  name: 'groups',
  version: 2,
  tables: { groups: groupRows, group_members: memberRows },
  handles: ['GroupRegistered', 'GroupRenamed', 'GroupLineChanged', 'GroupMemberAdded', 'GroupMemberRemoved'],
  fold: (event, rows) => {
    const id = idOf(event.stream);
    switch (event.type) {
      case 'GroupRegistered':
        return rows.groups.put({
          id,
          name: event.data.name,
          line: null,
          escalates_to: null,
          registered_at: timeOf(event),
          ...originOf(event),
        });
      case 'GroupRenamed':
        return rows.groups.patch({ id }, { name: event.data.name, ...originOf(event) });
      case 'GroupLineChanged': {
        const { escalatesTo: escalates_to, line } = event.data;
        return rows.groups.patch({ id }, { line, escalates_to, ...originOf(event) });
      }
      case 'GroupMemberAdded':
        rows.group_members.put({ group_id: id, person_id: event.data.personId, since: timeOf(event) });
        return rows.groups.patch({ id }, originOf(event));
      case 'GroupMemberRemoved':
        rows.group_members.delete({ group_id: id, person_id: event.data.personId });
        return rows.groups.patch({ id }, originOf(event));
    }
  },
});
