import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { SettingRow } from '#packages/read-db/tables.ts';
import { timeOf } from './origin.ts';

const settingRows: Table<SettingRow, 'kind' | 'id'> = {
  key: ['kind', 'id'],
  columns: {
    kind: 'text not null',
    id: 'text not null',
    revision: 'integer not null',
    value: 'jsonb',
    removed: 'boolean not null',
    saved_at: 'timestamptz not null',
    position: 'bigint not null',
  },
  indexes: [],
};

/** The newest revision of each setting. */
export const settings = defineProjection({
  name: 'settings',
  version: 1,
  tables: { settings: settingRows },
  handles: ['SettingSaved', 'SettingRemoved'],
  fold: (event, rows) => {
    const { id, kind } = event.data;
    const saved = { revision: event.version, saved_at: timeOf(event), position: event.position };
    if (event.type === 'SettingSaved')
      rows.settings.put({ kind, id, value: event.data.value, removed: false, ...saved });
    else rows.settings.patch({ kind, id }, { removed: true, ...saved });
  },
});
