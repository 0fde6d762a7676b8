/** The files of an empty database, which every database begins with. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../disk/durable.js';
import { compileEngine, engineVersion } from './pglite.js';
import { checkTar } from './tar.js';
import { EngineThread } from './thread.js';

/** To be raised when snapshots are made in another way. */
export const snapshotFormat = 3;

/** The files, from a cache or new. */
export async function blankArchive(cacheDir?: string): Promise<Buffer> {
  return cacheDir === undefined ? createArchive() : readFile(await blankSnapshot(cacheDir));
}

/** Makes the files in a thread of its own, whose memory is free again afterwards. */
async function createArchive(): Promise<Buffer> {
  const worker = new EngineThread({ job: 'create', engine: await compileEngine('create') });
  const { archive } = await worker.next('created');
  return Buffer.from(archive.buffer, archive.byteOffset, archive.length);
}

/** A snapshot of an empty database, which takes longer to make than most migrations take to run. */
export async function blankSnapshot(cacheDir: string): Promise<string> {
  const key = createHash('sha1').update(JSON.stringify([snapshotFormat, await engineVersion()])).digest('hex');
  const file = join(cacheDir, `blank-${key}.tar`);
  if (!isWhole(file)) {
    mkdirSync(cacheDir, { recursive: true });
    replaceFile(file, await createArchive());
  }
  return file;
}

/** Whether there is a snapshot that can be read: a damaged one is made again. */
export function isWhole(snapshot: string): boolean {
  try {
    checkTar(readFileSync(snapshot));
    return true;
  } catch {
    return false;
  }
}
