/** Which backups a place keeps, and what the database knows of them. */
import * as backups from '../../queries/backups.queries.js';
import type { Database } from '../client/open.js';
import { codeOf } from '../errors/catalogue.js';
import { manifestOf } from './manifest.js';
import { backupsIn, type BackupStore, isNameFor, manifestIn, type StoredBackup } from './store.js';

/** Notes a backup in the database that it is of. */
export async function noteBackup(db: Database, { store, manifest }: StoredBackup): Promise<void> {
  const { file: name, encryption, ...noted } = manifest;
  await backups.note.run({ ...noted, name, location: store.location, is_encrypted: encryption !== null }, db);
}

export interface Rotation {
  /** How many of a database are kept, the newest. */
  readonly keep?: number | undefined;
  /** How old one may become that is not among these. */
  readonly keepDays?: number | undefined;
}

const day = 86_400_000;

/**
 * Removes backups that are too many and too old, of those that the database has noted: another one of the same name may share the
 * place. The one that was just taken stays, the newest that is whole, and the newest that was verified. Returns the files that went.
 */
export async function rotate(
  db: Database, { store, manifest: latest }: StoredBackup, { keep, keepDays }: Rotation, now = Date.now(),
): Promise<string[]> {
  if (keep === undefined && keepDays === undefined) return [];
  const list = await backups.list.run(undefined, db);
  const noted = new Map(list.map(({ sha256, verified_at: at }) => [sha256, at]));
  const whole = (await backupsIn(store)).flatMap(({ manifest, isWhole }) =>
    (isWhole && manifest.database === latest.database && noted.has(manifest.sha256) ? [manifest] : []));
  const verified = whole.find(({ sha256 }) => noted.get(sha256));
  const kept = new Set([whole[0], verified, whole.find(({ file }) => file === latest.file), ...whole.slice(0, keep ?? 0)]);
  const oldest = keepDays === undefined ? Infinity : now - keepDays * day;
  const removed = whole.filter((manifest) => !kept.has(manifest) && !(Date.parse(manifest.taken_at) >= oldest)).map(({ file }) => file);
  for (const file of removed) {
    // Wherever this is ended, the next rotation goes on: with a backup that is whole, or with a file that nobody misses.
    await backups.noteRemoved.run({ name: file, location: store.location }, db);
    await store.remove(manifestOf(file));
    await store.remove(file);
  }
  const missed = new Set(list.flatMap(({ name, removed_at: at }) => (at === null && !removed.includes(name) ? [name] : [])));
  const left = (await leftIn(store, latest.database, now - 7 * day)).filter((file) => !missed.has(file));
  for (const file of left) await store.remove(file);
  return [...removed, ...left];
}

/**
 * Files that a backup of a database, or the rotation, has left when it was killed before their manifest was there, or after it was
 * removed. One of a name that a user has chosen is none, nor is one that is younger: its manifest may be on its way.
 */
async function leftIn(store: BackupStore, database: string, before: number): Promise<string[]> {
  const files = await store.files();
  const left: string[] = [];
  for (const [name, { since }] of files) {
    if (!isNameFor(database, name) || files.has(manifestOf(name)) || !(since < before)) continue;
    // A list may lack what cannot be looked at for now.
    if (await manifestIn(store, name).then(() => false, (error: unknown) => codeOf(error) === 'BACKUP_MISSING')) left.push(name);
  }
  return left;
}
