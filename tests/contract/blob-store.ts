import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from '#packages/blob-store/port.ts';

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** What every adapter of the blob-store port must do; `open` gives a fresh store that takes up to 1 MiB a file. */
export function describeBlobStore(name: string, open: () => Promise<BlobStore>): void {
  describe(name, () => {
    it('gives back what was put, by the hash of its content', async () => {
      const store = await open();
      const content = randomBytes(100_000);
      const stored = await store.put(content);
      expect(stored).toEqual({ sha256: sha256(content), size: 100_000 });
      expect((await buffer(await store.get(stored.sha256))).equals(content)).toBe(true);
      expect((await store.read(stored.sha256)).equals(content)).toBe(true);
      expect(await store.has(stored.sha256)).toBe(true);
    });

    it('takes a stream, and the empty file', async () => {
      const store = await open();
      const chunks = [Buffer.from('one '), Buffer.from('two '), Buffer.from('three')];
      const stored = await store.put(Readable.from(chunks));
      expect((await store.read(stored.sha256)).toString()).toBe('one two three');
      const empty = await store.put(Buffer.alloc(0));
      expect(empty.size).toBe(0);
      expect((await store.read(empty.sha256)).length).toBe(0);
    });

    it('keeps one file for the same content, also when it is put many times at once', async () => {
      const store = await open();
      const content = randomBytes(10_000);
      const stored = await Promise.all(Array.from({ length: 20 }, () => store.put(Readable.from([content]))));
      expect(new Set(stored.map((blob) => blob.sha256)).size).toBe(1);
      expect((await store.read(sha256(content))).equals(content)).toBe(true);
    });

    it('refuses content over the limit of the call or of the store, and keeps nothing of it', async () => {
      const store = await open();
      const content = randomBytes(2000);
      await expect(store.put(content, { maxBytes: 1999 })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
      expect(await store.has(sha256(content))).toBe(false);
      const endless = Readable.from(
        (function* () {
          while (true) yield Buffer.alloc(65_536);
        })(),
      );
      await expect(store.put(endless)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
      await store.put(content, { maxBytes: 2000 });
      await expect(store.read(sha256(content), 1999)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    });

    it('passes on the error of the stream it was given, and keeps nothing of it', async () => {
      const store = await open();
      const broken = Readable.from(
        (function* () {
          yield Buffer.from('half');
          throw new Error('the peer went away');
        })(),
      );
      await expect(store.put(broken)).rejects.toThrow('the peer went away');
      expect(await store.has(sha256(Buffer.from('half')))).toBe(false);
    });

    it('says that it does not have a file, also for ids that are no hash', async () => {
      const store = await open();
      for (const id of ['0'.repeat(64), '', 'x', '../../etc/passwd', 'A'.repeat(64)]) {
        await expect(store.get(id)).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
        await expect(store.read(id)).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
        expect(await store.has(id)).toBe(false);
      }
    });
  });
}
