import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutbox } from '#packages/mail/outbox.ts';

let dir: string;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'desk-outbox-')), 'outbox');
});
afterEach(() => rm(join(dir, '..'), { recursive: true, force: true }));

const uuid = (n: number) => `0190a5c8-0000-7000-8000-${String(n).padStart(12, '0')}`;
const clockFrom = (start: string) => {
  let now = Temporal.Instant.from(start);
  return {
    now: () => {
      now = now.add({ seconds: 1 });
      return now;
    },
  };
};
const clock = () => clockFrom('2026-01-31T11:59:59.500Z');

describe('outbox', () => {
  it('keeps mails as files, newest first', async () => {
    const outbox = await createOutbox({ dir, clock: clock() });
    for (const n of [1, 2, 3]) {
      const result = await outbox.deliver({ id: uuid(n), raw: Buffer.from(`mail ${n}`) });
      expect(result).toMatchObject({ delivered: true, refused: [] });
    }
    expect(await outbox.list(2)).toEqual([
      { id: uuid(3), sentAt: '2026-01-31T12:00:02.500Z', size: 6 },
      { id: uuid(2), sentAt: '2026-01-31T12:00:01.500Z', size: 6 },
    ]);
    expect((await outbox.read(uuid(1))).toString()).toBe('mail 1');
    expect(await readdir(dir)).toContain(`20260131T120000.500Z_${uuid(1)}.eml`);
  });

  it('keeps a mail that is delivered again as it was', async () => {
    const outbox = await createOutbox({ dir, clock: clock() });
    await outbox.deliver({ id: uuid(1), raw: Buffer.from('first') });
    expect(await outbox.deliver({ id: uuid(1), raw: Buffer.from('again') })).toMatchObject({ delivered: true });
    const reopened = await createOutbox({ dir, clock: clock() });
    expect(await reopened.list()).toHaveLength(1);
    expect((await reopened.read(uuid(1))).toString()).toBe('first');
  });

  it('reads nothing but its mails', async () => {
    const outbox = await createOutbox({ dir });
    await writeFile(join(dir, '..', 'secret.eml'), 'secret');
    await writeFile(join(dir, 'note.txt'), 'x');
    for (const id of ['../secret', '../secret.eml', 'note.txt', '', uuid(9), `../outbox/${uuid(9)}`]) {
      await expect(outbox.read(id)).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
    }
    expect(await outbox.list()).toEqual([]);
    expect(await outbox.deliver({ id: '../x', raw: Buffer.from('x') })).toMatchObject({ kind: 'permanent' });
  });

  it('says that it cannot write for now when its folder is gone', async () => {
    const outbox = await createOutbox({ dir });
    await rename(dir, `${dir}-away`);
    const result = await outbox.deliver({ id: uuid(1), raw: Buffer.from('x') });
    expect(result).toMatchObject({ delivered: false, kind: 'temporary' });
    expect(JSON.stringify(result)).not.toContain(dir);
    await expect(outbox.list()).rejects.toMatchObject({ code: 'BLOB_STORE_UNAVAILABLE' });
  });
});
