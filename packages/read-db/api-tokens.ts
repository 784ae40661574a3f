import type { Kysely } from 'kysely';
import type { FindToken } from '#packages/http/auth.ts';
import { idsOfOne } from './identities.ts';
import { onReadDb } from './query.ts';
import type { ReadDatabase } from './tables.ts';

/**
 * Looks API tokens up by their hash, for authentication. Expired and revoked ones are found too: judging is the caller's. A
 * token of somebody who was merged acts for who goes on.
 */
export const findApiToken =
  (db: Kysely<ReadDatabase>): FindToken =>
  async (hash) => {
    const row = await onReadDb(() =>
      db
        .selectFrom('api_tokens')
        .select(['id', 'person_id', 'role', 'expires_at', 'revoked_at'])
        .where('hash', '=', hash)
        .executeTakeFirst(),
    );
    if (!row) return null;
    const { id: tokenId, role, expires_at: expiresAt, revoked_at: revokedAt } = row;
    const [personId = row.person_id, ...formerIds] = await idsOfOne(db, 'people', row.person_id);
    return { tokenId, personId, role, expiresAt, revokedAt, ...(formerIds.length > 0 && { formerIds }) };
  };
