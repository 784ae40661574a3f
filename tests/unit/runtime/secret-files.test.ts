import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSecretFiles } from '#packages/runtime/secret-files.ts';

describe('variables from files', () => {
  let dir: string;
  const file = (name: string) => join(dir, name);
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'deskledger-secret-files-'));
    await writeFile(file('url'), 'postgres://desk@db/desk\n');
    await writeFile(file('spaces'), ' a secret with spaces at its ends \r\n');
    await writeFile(file('large'), 'x'.repeat(70_000));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('are read, less the line break at the end, and leave the others alone', () => {
    const env = { DATABASE_URL_FILE: file('url'), DESK_SECRET_FILE: file('spaces'), LOG_LEVEL: 'warn' };
    const filled = withSecretFiles(['DATABASE_URL', 'DESK_SECRET', 'LOG_LEVEL', 'SMTP_URL'], env);
    expect(filled['DATABASE_URL']).toBe('postgres://desk@db/desk');
    expect(filled['DESK_SECRET']).toBe(' a secret with spaces at its ends ');
    expect(filled['LOG_LEVEL']).toBe('warn');
    expect(filled['SMTP_URL']).toBeUndefined();
  });

  it('count for the variables of the process only, and an empty name as not set', () => {
    expect(
      withSecretFiles(['DESK_SECRET'], { DATABASE_URL_FILE: file('absent'), DESK_SECRET_FILE: '' }),
    ).not.toHaveProperty('DESK_SECRET');
  });

  it.each([
    [
      'both ways at once',
      { DATABASE_URL: 'postgres://a/b', DATABASE_URL_FILE: 'url' },
      /^DATABASE_URL and DATABASE_URL_FILE are both set/,
    ],
    ['a file that is not there', { DATABASE_URL_FILE: 'absent' }, /^DATABASE_URL_FILE: ENOENT/],
    ['a file that is no secret', { DATABASE_URL_FILE: 'large' }, /^DATABASE_URL_FILE: .* is larger than 65536 bytes$/],
  ])('are refused: %s', (_what, env: Record<string, string>, message) => {
    const here = Object.entries(env).map(([name, value]) => [name, name.endsWith('_FILE') ? file(value) : value]);
    expect(() => withSecretFiles(['DATABASE_URL'], Object.fromEntries(here))).toThrow(message);
  });
});
