import type pg from 'pg';
import { translatePostgresError } from '#packages/postgres/errors.ts';

export type Checkpoint = {
  /** Everything up to here has been handled. */
  readonly position: bigint;
  /** Stores progress; false when another process consumes by now. Rejects with READ_MODEL_UNAVAILABLE. */
  store(position: bigint): Promise<boolean>;
};

/** Where a consumer is, at 0 when it is new. From now on only the caller can move it. */
export async function openCheckpoint(pool: pg.Pool, name: string): Promise<Checkpoint> {
  const { rows } = await pool.query<{ position: bigint; epoch: bigint }>(
    `insert into desk.followers (name) values ($1)
     on conflict (name) do update set epoch = followers.epoch + 1 returning position, epoch`,
    [name],
  );
  const { epoch, position } = rows[0] ?? { epoch: 0n, position: 0n };
  return {
    position,
    store: async (to) => {
      try {
        const { rowCount } = await pool.query({
          name: 'move-follower',
          text: `update desk.followers set position = greatest(position, $3), updated_at = now() where name = $1 and epoch = $2`,
          values: [name, epoch, to],
        });
        return rowCount === 1;
      } catch (error) {
        throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
      }
    },
  };
}
