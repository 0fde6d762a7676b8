/** Small file systems that fill up, where this machine lets us mount one. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command for `spawn` that sees a file system of its own in an empty folder. */
export const onSmallDisk = (folder: string, size: string, ...command: string[]): [string, string[]] =>
  ['unshare', ['-rm', 'sh', '-c', `mount -t tmpfs -o size=${size} tmpfs '${folder}' && exec "$@"`, 'sh', ...command]];

export const canMount = spawnSync(...onSmallDisk(tmpdir(), '1m', 'true')).status === 0;

/** Runs `work` with a folder on a small file system, and with what runs commands of a shell as its root. */
export async function withSmallDisk(size: string, work: (folder: string, run: (command: string) => void) => Promise<void>): Promise<void> {
  const mounted = mkdtempSync(join(tmpdir(), 'btcdb-small-'));
  const holder = spawn(...onSmallDisk(mounted, size, 'sh', '-c', 'echo ready; exec cat'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const run = (command: string): void => {
    const { status, stderr } = spawnSync('nsenter', ['-t', String(holder.pid), '-U', '-m', '--preserve-credentials', 'sh', '-c', command], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  try {
    await new Promise<void>((ready, fail) => {
      holder.stdout.once('data', () => ready());
      holder.once('exit', () => fail(new Error('the small disk was not mounted')));
    });
    // Others see it through the process that does.
    await work(join(`/proc/${holder.pid}/root`, mounted), run);
  } finally {
    holder.stdin.end();
    rmSync(mounted, { recursive: true, force: true });
  }
}
