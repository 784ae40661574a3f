import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { sleep } from '#packages/kernel/retry.ts';
import { errnoOf } from './errors.ts';
import { instanceName } from './layout.ts';

const pollMs = 50;
const psTimeoutMs = 5_000;

/** True while some process has this id, be it the one that was meant or another one that got the id since. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Sends a signal; a process that is gone already is what the sender wants anyway. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/** Waits until none of the processes serves this cluster any more; false when that took longer than `timeoutMs`. */
export async function waitForEnd(pids: readonly number[], cluster: string, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const serving = await serversOf(cluster);
    if (!pids.some((pid) => serving.includes(pid))) return true;
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
}

/**
 * The server processes of a cluster, its postmaster among them. Process ids are used again, so a number in a file proves
 * nothing: every server process works in its cluster's directory, which is compared by inode, or says in its command
 * line where it belongs.
 */
export async function serversOf(cluster: string): Promise<readonly number[]> {
  if (process.platform !== 'linux') {
    return (await listByPs()).filter(({ command }) => tells(command, cluster)).map(({ pid }) => pid);
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const serving = await Promise.all(pids.map((pid) => servesByProc(pid, cluster)));
  return pids.filter((_, index) => serving[index]);
}

async function servesByProc(pid: number, cluster: string): Promise<boolean> {
  try {
    if ((await readFile(`/proc/${pid}/comm`, 'utf8')).trim() !== 'postgres') return false;
    const [works, wanted] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(cluster)]);
    return works.dev === wanted.dev && works.ino === wanted.ino;
  } catch (error) {
    // Root without CAP_SYS_PTRACE (a container) may not follow `cwd` of another user's process.
    if (errnoOf(error) === 'EACCES') return tells(await commandLine(pid), cluster);
    return false; // Ended meanwhile, or a zombie.
  }
}

async function commandLine(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error))) return '';
    throw error;
  }
}

async function listByPs(): Promise<readonly { pid: number; command: string }[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='], { timeout: psTimeoutMs });
  return stdout.split('\n').map((line) => {
    const [, pid, command = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), command };
  });
}

/** The postmaster shows its arguments, the processes that it started a title which begins with the cluster's name. */
const tells = (command: string, cluster: string): boolean =>
  command.includes(`/postgres -D ${cluster} `) || command.startsWith(`postgres: ${instanceName(cluster)}: `);
