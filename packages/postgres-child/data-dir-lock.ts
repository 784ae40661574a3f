import { lchownSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PostgresChildError } from './errors.ts';

export type DataDirLock = { release(): void };

const sqliteBusy = 5; // SQLITE_BUSY, https://sqlite.org/rescode.html

/**
 * Makes this process the only desk on a data directory (which must exist), or throws DATA_DIR_IN_USE.
 *
 * Node has no file locks of its own, SQLite has: an open exclusive transaction on `desk.lock` is a lock of the operating
 * system. The kernel frees it when the process ends however it ends, so there is no stale lock to judge, no process id
 * that was used again, and no moment at which two desks could both take over. The file stays empty.
 * `desk.pid` only serves the message. Nothing else in this process may open `desk.lock`: closing it would free the lock.
 */
export function lockDataDir(dataDir: string): DataDirLock {
  const lockFile = join(dataDir, 'desk.lock');
  const pidFile = join(dataDir, 'desk.pid');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(lockFile);
    database.exec('pragma locking_mode = exclusive; begin exclusive');
    writeFileSync(pidFile, `${process.pid}\n`);
    leaveToOwner(dataDir, [lockFile, pidFile]);
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) {
      throw new PostgresChildError(
        'DATA_DIR_IN_USE',
        `Another desk (${holder(pidFile)}) is running on ${dataDir}: stop it, or set DATA_DIR to another directory.`,
      );
    }
    throw new PostgresChildError(
      'DATA_DIR_UNUSABLE',
      `The data directory ${dataDir} is not writable for this user: change its owner, or set DATA_DIR to another one.`,
      error,
    );
  }
  const held = database;
  return {
    release() {
      if (!held.isOpen) return;
      rmSync(pidFile, { force: true });
      held.close();
    },
  };
}

/** What root made here once must not lock out the directory's owner later. By path: opening the lock would free it. */
function leaveToOwner(dataDir: string, files: readonly string[]): void {
  if (process.getuid?.() !== 0) return;
  const { gid, uid } = statSync(dataDir);
  for (const file of files) lchownSync(file, uid, gid);
}

function holder(pidFile: string): string {
  try {
    return `process ${readFileSync(pidFile, 'utf8').trim()}`;
  } catch {
    return 'process unknown'; // It has the lock but has not written its number yet, or it belongs to somebody else.
  }
}
