import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ConfigError } from '#packages/kernel/config.ts';
import { deskSecret } from '#packages/runtime/secret.ts';

async function dataDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-secret-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

it('is made once, the same for all who start at the same time, and readable by its owner alone', async () => {
  const DATA_DIR = await dataDir();
  const secrets = await Promise.all([1, 2, 3].map(() => deskSecret({ DATA_DIR })));
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]?.length).toBeGreaterThanOrEqual(32);
  expect((await stat(join(DATA_DIR, 'secret'))).mode & 0o777).toBe(0o600);
});

it.each(['', '\n', 'short\n'])('is not what a damaged file holds (%j), and the file stays as it is', async (text) => {
  const DATA_DIR = await dataDir();
  await writeFile(join(DATA_DIR, 'secret'), text);
  await expect(deskSecret({ DATA_DIR })).rejects.toThrow(ConfigError);
  await expect(deskSecret({ DATA_DIR })).rejects.toThrow(/^DATA_DIR: .*secret holds no secret of at least 32/);
  expect(await readFile(join(DATA_DIR, 'secret'), 'utf8')).toBe(text);
});

it('comes from the variable where there is one', async () => {
  const DESK_SECRET = 'x'.repeat(32);
  expect(await deskSecret({ DATA_DIR: '/nowhere', DESK_SECRET })).toBe(DESK_SECRET);
});
