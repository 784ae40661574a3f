import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileBlobStore } from '#packages/blob-store/files.ts';
import { describeBlobStore } from './blob-store.ts';

let root: string;
let dir: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'desk-blobs-'));
  dir = join(root, 'blobs');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const open = () => createFileBlobStore({ dir, maxBytes: 1024 * 1024 });

describeBlobStore('files in a folder', open);

describe('files in a folder, beyond the port,', () => {
  it('leaves no temporary file behind, whether a put worked or not', async () => {
    const store = await open();
    await store.put(randomBytes(10));
    await store.put(randomBytes(20), { maxBytes: 5 }).catch((error: unknown) => error);
    expect(await readdir(join(dir, 'tmp'))).toEqual([]);
  });

  it('removes what a crash left behind, and nothing that another process may be writing', async () => {
    await open();
    await writeFile(join(dir, 'tmp', 'old'), 'x');
    await writeFile(join(dir, 'tmp', 'fresh'), 'x');
    const twoHoursAgo = Date.now() / 1000 - 7200;
    await utimes(join(dir, 'tmp', 'old'), twoHoursAgo, twoHoursAgo);
    await open();
    expect(await readdir(join(dir, 'tmp'))).toEqual(['fresh']);
  });

  it('finds everything again after a restart', async () => {
    const { sha256 } = await (await open()).put(Buffer.from('durable'));
    expect((await (await open()).read(sha256)).toString()).toBe('durable');
  });

  it('notices a damaged file when asked to verify', async () => {
    const { sha256 } = await (await open()).put(Buffer.from('as it was'));
    await writeFile(join(dir, sha256.slice(0, 2), sha256.slice(2, 4), sha256), 'as it is');
    const store = await createFileBlobStore({ dir, verify: true });
    await expect(store.read(sha256)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(buffer(await store.get(sha256))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('calls a store that went away unavailable, not its files missing', async () => {
    const store = await open();
    const { sha256 } = await store.put(Buffer.from('here'));
    await rename(dir, `${dir}-unmounted`);
    await expect(store.get(sha256)).rejects.toMatchObject({ code: 'BLOB_STORE_UNAVAILABLE' });
    await expect(store.has(sha256)).rejects.toMatchObject({ code: 'BLOB_STORE_UNAVAILABLE' });
    await expect(store.put(Buffer.from('there'))).rejects.toMatchObject({ code: 'BLOB_STORE_UNAVAILABLE' });
    await rename(`${dir}-unmounted`, dir);
    expect((await store.read(sha256)).toString()).toBe('here');
  });

  it('refuses a folder that is a file', async () => {
    await writeFile(dir, '');
    await expect(open()).rejects.toMatchObject({ code: 'BLOB_STORE_UNAVAILABLE' });
  });
});
