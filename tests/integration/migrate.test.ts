import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { migrate } from '#packages/postgres/migrate.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { createTestDatabase } from '#tests/support/postgres.ts';

const log = pino({ level: 'silent' });

/** Migrations of a folder on a new database, through pools whose statements may take no longer than this. */
async function given(statementTimeoutMs: number, files: Record<string, string>) {
  const database = await createTestDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-migrations-'));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(dir, name), sql);
  const { connection } = database;
  const [first, second] = ['first', 'second'].map((name) => createPool({ connection, log, name, statementTimeoutMs }));
  onTestFinished(async () => {
    await Promise.all([first?.end(), second?.end()]);
    await database.drop();
    await rm(dir, { recursive: true });
  });
  if (!first || !second) throw new Error('two pools');
  return { first, second, folder: pathToFileURL(`${dir}/`) };
}

it('lets a migration run longer than a statement may, and whoever comes meanwhile waits for it', async () => {
  const slow = `create table slow (id integer); select pg_sleep(1.5);`;
  const { first, folder, second } = await given(500, { '000001-slow.sql': slow });
  await Promise.all([migrate(first, 'tests', folder), migrate(second, 'tests', folder)]);
  const { rows } = await second.query(`select number from desk.migrations where part = 'tests'`);
  expect(rows).toEqual([{ number: 1 }]);
  // The limit of statements holds for everything after the migrations.
  await expect(first.query('select pg_sleep(5)')).rejects.toThrow(/statement timeout/);
});

it('leaves nothing of a file that fails, and lets the next one try', async () => {
  const { first, folder, second } = await given(5_000, {
    '000001-half.sql': 'create table half (id integer); select 1 / 0;',
  });
  await expect(migrate(first, 'tests', folder)).rejects.toThrow(/division by zero/);
  await writeFile(new URL('000001-half.sql', folder), 'create table half (id integer);');
  await migrate(second, 'tests', folder);
  expect((await first.query('select * from half')).rows).toEqual([]);
});
