import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { moveDurably, writeSynced } from '#packages/blob-store/durable-file.ts';
import { type Clock, systemClock, toTimestamp } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { newId } from '#packages/kernel/ids.ts';
import type { DeliveryResult } from './delivery.ts';

/** One `.eml` file. Entries sort by time of sending. */
export type OutboxEntry = { readonly id: string; readonly sentAt: string; readonly size: number };

/** In place of a mail server: outgoing mail as files to look at. */
export type Outbox = {
  /** Writes the message durably; the same id again leaves the first file as it is. @param id uuid of the mail */
  deliver(message: { readonly id: string; readonly raw: Buffer }): Promise<DeliveryResult>;
  /** Newest first. @throws AppError BLOB_STORE_UNAVAILABLE */
  list(limit?: number): Promise<OutboxEntry[]>;
  /** The raw message. @throws AppError BLOB_NOT_FOUND, BLOB_STORE_UNAVAILABLE */
  read(id: string): Promise<Buffer>;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** `20260131T120000.123Z_<uuid>.eml`: sorts by time and is a file name everywhere. */
const fileName = /^(\d{8}T\d{6}\.\d{3}Z)_([0-9a-f-]{36})\.eml$/;
const maxList = 500;

/** @throws AppError BLOB_STORE_UNAVAILABLE when the folder cannot be created */
export async function createOutbox({ dir, clock = systemClock }: { dir: string; clock?: Clock }): Promise<Outbox> {
  const folder = resolve(dir);
  await translated(() => mkdir(folder, { recursive: true, mode: 0o700 }));

  async function files(): Promise<{ name: string; id: string; time: string }[]> {
    const names = await translated(() => readdir(folder));
    return names.flatMap((name) => {
      const match = fileName.exec(name);
      return match?.[1] && match[2] ? [{ name, time: match[1], id: match[2] }] : [];
    });
  }

  async function write(name: string, raw: Buffer): Promise<void> {
    const temp = join(folder, `${name}.${newId()}.tmp`);
    try {
      await writeSynced(temp, [raw]);
      await moveDurably(temp, join(folder, name), folder);
    } finally {
      await rm(temp, { force: true });
    }
  }

  return {
    async deliver({ id, raw }) {
      if (!uuid.test(id)) return { delivered: false, kind: 'permanent', reason: 'The mail has no valid id' };
      try {
        const known = (await files()).find((file) => file.id === id);
        const name = known?.name ?? `${toTimestamp(clock.now()).replace(/[-:]/g, '')}_${id}.eml`;
        if (!known) await translated(() => write(name, raw));
        return { delivered: true, response: `written to the outbox as ${name}`, refused: [] };
      } catch (error) {
        return { delivered: false, kind: 'temporary', reason: error instanceof Error ? error.message : String(error) };
      }
    },
    async list(limit = 100) {
      const newest = (await files()).toSorted((a, b) => (a.name < b.name ? 1 : -1)).slice(0, Math.min(limit, maxList));
      return Promise.all(
        newest.map(async ({ name, id, time }) => {
          const { size } = await translated(() => stat(join(folder, name)));
          return { id, sentAt: withSeparators(time), size };
        }),
      );
    },
    async read(id) {
      const found = (await files()).find((file) => file.id === id);
      if (!found) throw new AppError('BLOB_NOT_FOUND');
      return translated(() => readFile(join(folder, found.name)));
    },
  };
}

const withSeparators = (time: string): string =>
  time.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})/, '$1-$2-$3T$4:$5:$6');

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new AppError('BLOB_STORE_UNAVAILABLE', { cause: error });
  }
}
