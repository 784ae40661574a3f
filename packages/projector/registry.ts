import type pg from 'pg';

const maxErrorLength = 2_000;

export type Stage = 'building' | 'live' | 'retired';

/** One generation of a read model: its tables and how far they are. */
export type Generation = {
  readonly name: string;
  readonly generation: number;
  readonly version: number;
  readonly schema: string;
  readonly stage: Stage;
  readonly position: bigint;
  readonly failure: { readonly position: bigint; readonly error: string } | null;
  /** Positions of events that an operator told this version to leave out. */
  readonly skipped: ReadonlySet<bigint>;
};

type Row = {
  name: string;
  generation: number;
  version: number;
  schema_name: string;
  stage: Stage;
  position: bigint;
  failed_position: bigint | null;
  error: string | null;
  skipped: string[];
};

const select = `select p.name, p.generation, p.version, p.schema_name, p.stage, p.position, p.failed_position, p.error,
  array(select s.position::text from desk.projection_skips s where s.name = p.name and s.version = p.version) as skipped
  from desk.projections p`;

const toGeneration = (row: Row): Generation => ({
  name: row.name,
  generation: row.generation,
  version: row.version,
  schema: row.schema_name,
  stage: row.stage,
  position: row.position,
  failure: row.failed_position === null ? null : { position: row.failed_position, error: row.error ?? '' },
  skipped: new Set(row.skipped.map(BigInt)),
});

/** All generations, of one projection or of all, oldest first. */
export async function listGenerations(db: pg.Pool | pg.ClientBase, name?: string): Promise<readonly Generation[]> {
  const { rows } = await db.query<Row>(
    `${select} where $1::text is null or p.name = $1 order by p.name, p.generation`,
    [name ?? null],
  );
  return rows.map(toGeneration);
}

/** Locks a generation for the rest of the transaction; null when it is gone or somebody else is at it. */
export async function lockGeneration(
  client: pg.ClientBase,
  { name, generation }: Pick<Generation, 'name' | 'generation'>,
): Promise<Generation | null> {
  const { rows } = await client.query<Row>({
    name: 'lock-generation',
    text: `${select} where p.name = $1 and p.generation = $2 for update of p skip locked`,
    values: [name, generation],
  });
  return rows[0] ? toGeneration(rows[0]) : null;
}

/**
 * Moves the checkpoint, provided that it is where the caller saw it and the stage is the same; false when not. The
 * commit does not wait for the disk: after a crash of PostgreSQL a read model may be behind, checkpoint and rows alike.
 */
export async function moveCheckpoint(
  db: pg.Pool | pg.ClientBase,
  { name, generation, position, stage }: Generation,
  to: bigint,
): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'move-checkpoint',
    text: `update desk.projections set position = $5, failed_position = null, error = null, failed_at = null
      where name = $1 and generation = $2 and position = $3 and stage = $4
        and (select set_config('synchronous_commit', 'off', true)) = 'off'`,
    values: [name, generation, position, stage, to],
  });
  return rowCount === 1;
}

export async function setStage(client: pg.ClientBase, { name, generation }: Generation, stage: Stage): Promise<void> {
  await client.query(`update desk.projections set stage = $3 where name = $1 and generation = $2`, [
    name,
    generation,
    stage,
  ]);
}

/** Parks a generation at the event after its checkpoint that it cannot apply, until the failure is cleared. */
export async function recordFailure(
  db: pg.Pool,
  { name, generation, position }: Generation,
  failed: { readonly position: bigint; readonly error: string },
): Promise<void> {
  await db.query(
    `update desk.projections set failed_position = $4, error = $5, failed_at = now()
     where name = $1 and generation = $2 and position = $3`,
    [name, generation, position, failed.position, failed.error.slice(0, maxErrorLength)],
  );
}

/** Lets the failed generations of a version try again. */
export async function clearFailures(db: pg.ClientBase, { name, version }: Pick<Generation, 'name' | 'version'>) {
  await db.query(
    `update desk.projections set failed_position = null, error = null, failed_at = null where name = $1 and version = $2`,
    [name, version],
  );
}

/** Records that a version leaves out the event it failed at, and lets it go on. False: it did not fail there. */
export async function recordSkip(db: pg.Pool, name: string, position: bigint): Promise<boolean> {
  const { rowCount } = await db.query(
    `with failed as (
       update desk.projections set failed_position = null, error = null, failed_at = null
       from desk.projections old
       where projections.name = $1 and projections.failed_position = $2
         and old.name = projections.name and old.generation = projections.generation
       returning old.version, old.error)
     insert into desk.projection_skips (name, version, position, error)
       select distinct on (version) $1, version, $2, error from failed
     on conflict do nothing`,
    [name, position],
  );
  return rowCount !== 0;
}
