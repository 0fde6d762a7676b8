/** What has to be on the disk, and not only on its way there. */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { link, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { codeOf } from '../errors/catalogue.js';

/** Ends the name of what is not whole yet. */
const unfinished = '.btcdb-partial';
const day = 86_400_000;

/** Waits until the names of the files in a folder are on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder);
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/**
 * Writes a file for its owner alone, which is there when all of it is on the disk, and not before.
 *
 * @throws {Error} EEXIST: it is there already, and stays as it is
 */
export async function writeWhole(path: string, content: AsyncIterable<Buffer | string> | Iterable<string>): Promise<void> {
  const folder = dirname(path);
  await sweep(folder);
  const beside = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}${unfinished}`);
  const file = await open(beside, 'wx', 0o600);
  try {
    try {
      for await (const part of content) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await nameFinally(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
  await syncFolder(folder);
}

/** Unlike a renaming a link replaces nothing. */
async function nameFinally(beside: string, path: string): Promise<void> {
  try {
    await link(beside, path);
  } catch (error) {
    // Some shares and sticks have no links.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error)) || existsSync(path)) throw error;
    await rename(beside, path);
  }
}

/** Removes what processes that were killed a day ago or longer have left. */
async function sweep(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith(unfinished))) {
    const left = join(folder, name);
    // Another process may be quicker, or have the right to it alone.
    const modified = await stat(left).then(({ mtimeMs }) => mtimeMs, () => Infinity);
    if (modified < Date.now() - day) await rm(left, { force: true }).catch(() => undefined);
  }
}

/** Replaces a file in one step: who reads it finds all of the old one or of the new, whoever writes it at the same time. */
export function replaceFile(path: string, content: Uint8Array | string): void {
  const beside = `${path}.${process.pid}.${threadId}.tmp`;
  try {
    writeFileSync(beside, content);
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
}
