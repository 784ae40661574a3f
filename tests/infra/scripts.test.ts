import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { check, filesBelow, pathOf, toolMissing } from '#tests/support/infra.ts';

const missing = toolMissing('shellcheck');
const scripts = [...['infra', 'tests', 'services', 'packages', 'docs'].flatMap(filesBelow), '.ci/run'].filter(
  (path) => path.endsWith('.sh') || path === '.ci/run',
);

it.skipIf(missing !== null)('shellcheck finds no fault in any script', () => {
  expect(scripts.length).toBeGreaterThan(4);
  expect(check('shellcheck', scripts.map(pathOf))).toBe('');
});

it('secrets.sh makes random secrets once and leaves them alone ever after', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-secrets-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const secrets = async (folder: string): Promise<Map<string, string>> => {
    execFileSync(pathOf('infra/secrets.sh'), [join(dir, folder)]);
    const names = await readdir(join(dir, folder));
    return new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(dir, folder, name), 'utf8')] as const)),
    );
  };
  const [first, again, other] = [await secrets('a'), await secrets('a'), await secrets('b')];
  expect(again).toEqual(first);
  expect(new Set([...first.values(), ...other.values()]).size).toBe(first.size + other.size);
  expect((await stat(join(dir, 'a'))).mode & 0o077).toBe(0);
  for (const [name, value] of first)
    if (name.startsWith('database-url-'))
      expect(value).toMatch(/^postgres:\/\/desk_[a-z_]+:[\w-]{32}@postgres:5432\/desk\n$/);
  expect(first.get('desk-secret')).toMatch(/^[\w-]{32}/);
});
