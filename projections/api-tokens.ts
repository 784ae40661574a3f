import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { ApiTokenRow } from '#packages/read-db/tables.ts';
import { timeOf } from './origin.ts';

const tokenRows: Table<ApiTokenRow, 'id'> = {
  key: ['id'],
  columns: {
    id: 'uuid not null',
    hash: 'text not null',
    person_id: 'uuid not null',
    role: 'text not null',
    label: 'text not null',
    issued_at: 'timestamptz not null',
    expires_at: 'timestamptz',
    revoked_at: 'timestamptz',
    position: 'bigint not null',
  },
  indexes: ['(hash)', '(person_id)'],
};

/** Who may call the API, looked up by the hash of the token. */
export const apiTokens = defineProjection({
  name: 'api-tokens',
  version: 1,
  tables: { api_tokens: tokenRows },
  handles: ['ApiTokenIssued', 'ApiTokenRevoked'],
  fold: (event, rows) => {
    const id = event.data.tokenId;
    const { position } = event;
    if (event.type === 'ApiTokenRevoked') return rows.api_tokens.patch({ id }, { revoked_at: timeOf(event), position });
    const { expiresAt, hash, label, role } = event.data;
    rows.api_tokens.put({
      id,
      hash,
      person_id: idOf(event.stream),
      role,
      label,
      issued_at: timeOf(event),
      expires_at: expiresAt === null ? null : new Date(expiresAt),
      revoked_at: null,
      position,
    });
  },
});
