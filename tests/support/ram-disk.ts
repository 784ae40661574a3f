import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type RamDisk = {
  readonly dir: string;
  /** Makes it read-only, or writable again. */
  readOnly(on: boolean): void;
  remove(): Promise<void>;
};

/** A small file system of its own; throws where that is not allowed. */
export function mountRamDisk(megabytes: number): RamDisk {
  const dir = mkdtempSync(join(tmpdir(), 'deskledger-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', dir], { stdio: 'pipe' });
  return {
    dir,
    readOnly: (on) => void execFileSync('mount', ['-o', `remount,${on ? 'ro' : 'rw'}`, dir], { stdio: 'pipe' }),
    async remove() {
      execFileSync('umount', ['-l', dir], { stdio: 'pipe' });
      await rm(dir, { recursive: true });
    },
  };
}

/** Why a test cannot mount a file system here, printed; null when it can. */
export function noRamDisk(): string | null {
  try {
    const disk = mountRamDisk(1);
    execFileSync('umount', [disk.dir]);
    return null;
  } catch (error) {
    const reason = `skipped: no file system can be mounted here (${error instanceof Error ? error.message : String(error)})`;
    console.warn(reason);
    return reason;
  }
}
