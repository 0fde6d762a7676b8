/** One process at a time may have a data folder: a lock file in it says which. */

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedError } from '../errors/catalogue.js';

interface Owner {
  pid: number;
  /** What tells a process from a later one with the same pid; unknown outside of Linux. */
  started: string | undefined;
}

const lockName = 'lock.json';
/** Locks of this process: they go when it exits, however it does so. */
const held = new Set<string>();

process.on('exit', () => {
  for (const file of held) rmSync(file, { force: true });
});

/** When a process was started, in ticks since a boot of the system. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The second field is the name of the program and may hold spaces; the 22nd is the start.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: Owner, file: string): boolean {
  if (pid === process.pid && !started) return held.has(file);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !started || started === startOf(pid);
}

function readOwner(text: string): Owner | undefined {
  try {
    const { pid, started } = JSON.parse(text) as Partial<Owner>;
    return typeof pid === 'number' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the folder for this process, or throws EMBEDDED_IN_USE. Returns what gives it back. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, lockName);
  const mine = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    writeFileSync(mine, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Owner));
    while (!tryLink(mine, file)) evictDead(folder, file);
  } finally {
    rmSync(mine, { force: true });
  }
  held.add(file);
  return () => {
    if (held.delete(file)) rmSync(file, { force: true });
  };
}

/** A link, unlike a write, either makes the whole file or fails because there is one. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Removes the lock of a process that is gone; throws when it is alive. */
function evictDead(folder: string, file: string): void {
  const text = readIfThere(file);
  if (text === undefined) return;
  const owner = readOwner(text);
  if (owner && isAlive(owner, file)) {
    throw new EmbeddedError(
      'EMBEDDED_IN_USE',
      `The embedded database in ${folder} is in use by process ${owner.pid}.`,
      owner.pid === process.pid
        ? 'This process has started it already: use the URL of that server, or stop it first.'
        : `Connect to the server of that process, stop it (kill ${owner.pid}), or choose another folder.`,
    );
  }
  // Of two processes that find the dead one's lock only one must remove it, and not the other's new one: move it away
  // and look at what was moved.
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return;
  }
  if (readIfThere(aside) !== text) tryLink(aside, file);
  rmSync(aside, { force: true });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
