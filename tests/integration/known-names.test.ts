import { expect, it } from 'vitest';
import { createPool } from '#packages/postgres/pool.ts';
import { createReadDb } from '#packages/read-db/database.ts';
import { createKnownNames } from '#packages/read-db/known-names.ts';
import { log, openDesk } from '#tests/support/read-models.ts';

it('nobody is known while there are no read models yet', async () => {
  const known = createKnownNames(createReadDb((await openDesk()).pool));
  expect(await known.people('lena@globex.example')).toEqual([]);
  expect(await known.logins('lena')).toEqual([]);
  expect(await known.companies('globex.example')).toEqual([]);
});

it('a read model that is away may know somebody, so that nobody is registered meanwhile', async () => {
  const connection = { connectionString: 'postgres://nobody@127.0.0.1:1/none' };
  const pool = createPool({ connection, log, name: 'test', max: 1 });
  const known = createKnownNames(createReadDb(pool));
  await expect(known.people('lena@globex.example')).rejects.toMatchObject({ code: 'READ_MODEL_UNAVAILABLE' });
  await pool.end();
});
