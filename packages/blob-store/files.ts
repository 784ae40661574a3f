import { createHash } from 'node:crypto';
import { access, constants, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Clock, systemClock } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { newId } from '#packages/kernel/ids.ts';
import { moveDurably, writeSynced } from './durable-file.ts';
import type { BlobStore, PutOptions, StoredBlob } from './port.ts';

type Options = {
  /** Folder of the store; created when missing. Files are `<dir>/ab/cd/<sha256>`. */
  readonly dir: string;
  /** Upper bound of one file in bytes. */
  readonly maxBytes?: number;
  /** Compute the hash again on every read; a damaged file then ends its stream with an error. */
  readonly verify?: boolean;
  readonly clock?: Clock;
};

const defaultMaxBytes = 64 * 1024 * 1024;
/** A temporary file this old belongs to nobody: several processes share the folder, and no put takes an hour. */
const abandonedAfter = { hours: 1 };
const sha256Pattern = /^[0-9a-f]{64}$/;

/**
 * A blob store in a folder of the local file system, which several processes may share.
 * @throws AppError BLOB_STORE_UNAVAILABLE when the folder cannot be created or written
 */
export async function createFileBlobStore(options: Options): Promise<BlobStore> {
  const { maxBytes: storeLimit = defaultMaxBytes, verify = false, clock = systemClock } = options;
  const dir = resolve(options.dir);
  const tempDir = join(dir, 'tmp');
  const pathOf = (sha256: string) => join(dir, sha256.slice(0, 2), sha256.slice(2, 4), sha256);

  await translated(async () => {
    await mkdir(tempDir, { recursive: true, mode: 0o700 });
    await removeAbandoned(tempDir, clock);
  });

  async function put(
    content: Buffer | AsyncIterable<Uint8Array>,
    { maxBytes = storeLimit }: PutOptions = {},
  ): Promise<StoredBlob> {
    const temp = join(tempDir, newId());
    const measured = measure(content instanceof Uint8Array ? [content] : content, Math.min(maxBytes, storeLimit));
    try {
      await writeSynced(temp, measured.content);
      const blob = measured.result();
      await translated(async () => {
        await mkdir(dirname(pathOf(blob.sha256)), { recursive: true, mode: 0o700 });
        await moveDurably(temp, pathOf(blob.sha256), dir);
      });
      return blob;
    } catch (error) {
      throw error === measured.failure() ? error : unavailable(error);
    } finally {
      await translated(() => rm(temp, { force: true }));
    }
  }

  async function openFile(sha256: string) {
    if (!sha256Pattern.test(sha256)) throw new AppError('BLOB_NOT_FOUND');
    return translated(async () => {
      try {
        return await open(pathOf(sha256));
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
        // A missing file in a missing store is an unmounted volume, which may come back; a missing file alone will not.
        await stat(tempDir);
        throw new AppError('BLOB_NOT_FOUND', { cause: error });
      }
    });
  }

  async function get(sha256: string): Promise<Readable> {
    const file = (await openFile(sha256)).createReadStream();
    const content = Readable.from(checked(file, verify ? sha256 : null), { objectMode: false });
    // A reader that gives up before its first byte never starts the generator, which would leave the file open.
    return content.once('close', () => file.destroy());
  }

  async function read(sha256: string, maxBytes = storeLimit): Promise<Buffer> {
    const file = await openFile(sha256);
    try {
      const { size } = await translated(() => file.stat());
      if (size > maxBytes) throw new AppError('PAYLOAD_TOO_LARGE');
      return await buffer(checked(file.createReadStream({ autoClose: false }), verify ? sha256 : null));
    } finally {
      await translated(() => file.close());
    }
  }

  async function has(sha256: string): Promise<boolean> {
    try {
      await (await openFile(sha256)).close();
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'BLOB_NOT_FOUND') return false;
      throw error;
    }
  }

  return { put, get, read, has, check: () => translated(() => access(tempDir, constants.W_OK)) };
}

/** Passes content through, hashing and counting it, and remembers whether it was the content that failed. */
function measure(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, maxBytes: number) {
  const hash = createHash('sha256');
  let size = 0;
  let failure: unknown;
  async function* content(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of source) {
        size += chunk.byteLength;
        if (size > maxBytes) throw new AppError('PAYLOAD_TOO_LARGE', { detail: `The limit is ${maxBytes} bytes` });
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  const result = (): StoredBlob => ({ sha256: hash.digest('hex'), size });
  return { content: content(), result, failure: () => failure };
}

async function removeAbandoned(tempDir: string, clock: Clock): Promise<void> {
  const oldest = clock.now().subtract(abandonedAfter).epochMilliseconds;
  for (const name of await readdir(tempDir)) {
    const path = join(tempDir, name);
    const info = await stat(path).catch(ignoreMissing);
    if (info && info.mtimeMs < oldest) await rm(path, { force: true });
  }
}

/** Bytes of a file with its errors translated, and compared with the hash it is named by when one is given. */
async function* checked(content: AsyncIterable<Buffer>, sha256: string | null): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of content) {
      if (sha256) hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw unavailable(error);
  }
  if (sha256 && hash.digest('hex') !== sha256) throw new AppError('INTERNAL', { detail: 'A stored file is damaged' });
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

function ignoreMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

const unavailable = (error: unknown): AppError =>
  error instanceof AppError ? error : new AppError('BLOB_STORE_UNAVAILABLE', { cause: error });

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(error);
  }
}
