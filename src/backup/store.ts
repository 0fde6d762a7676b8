/** Where backups lie: a folder, or a prefix of a bucket. */
import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream, existsSync, statSync } from 'node:fs';
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { writeWhole } from '../disk/durable.js';
import { BackupError, codeOf } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';
import { gone, type Manifest, manifestOf, readManifest } from './manifest.js';

export interface BackupStore {
  /** As it is noted and shown. */
  readonly location: string;
  /** Stores what comes under a name that is free: as a whole when it returns, else not at all. */
  write(name: string, content: AsyncIterable<Buffer>): Promise<void>;
  /** @throws {BackupError} BACKUP_MISSING */
  read(name: string): Promise<AsyncIterable<Buffer>>;
  files(): Promise<Map<string, StoredFile>>;
  remove(name: string): Promise<void>;
}

export interface StoredFile {
  readonly size: number;
  /** When it came there, in milliseconds; in a bucket when that began. */
  readonly since: number;
}

export interface StoreOptions {
  /** Of an S3 server other than Amazon's. */
  readonly endpoint?: string | undefined;
  /** How long the largest file may become, for parts that are large enough. */
  readonly mostBytes?: number | undefined;
}

/** A place, and the one file in it that is meant, if one is. */
export interface StoredPlace {
  readonly store: BackupStore;
  readonly file: string | undefined;
}

const ofBackup = /\.(?:dump|tar\.gz)(?:\.age)?$/;

/** Two backups of one second have different names. */
export function nameFor(database: string, form: Manifest['form'], keyFile: string | undefined): string {
  const moment = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return `${beginOf(database)}${moment}-${randomBytes(2).toString('hex')}${form === 'portable' ? '.tar.gz' : '.dump'}${keyFile === undefined ? '' : '.age'}`;
}

/** Whether a name is one that `nameFor` makes. */
export const isNameFor = (database: string, name: string): boolean =>
  name.startsWith(beginOf(database)) && /^\d{8}T\d{6}Z-[\da-f]{4}\.(?:dump|tar\.gz)(?:\.age)?$/.test(name.slice(beginOf(database).length));

const beginOf = (database: string): string => `${database.replace(/[^\w-]/g, '_')}-`;

/** A folder, a file or `s3://bucket/prefix`, as a user gives it. What is not there yet is a file when its name has an extension. */
export async function placeAt(target: string, options: StoreOptions = {}): Promise<StoredPlace> {
  const path = target.replace(/\.json$/, '');
  if (/^s3:\/\//.test(target)) {
    const file = ofBackup.test(path) ? basename(path) : undefined;
    const { s3Store } = await import('./s3-store.js');
    return { store: await s3Store(file === undefined ? target : dirname(path).replace(/^s3:\/(?!\/)/, 's3://'), options), file };
  }
  const isFolder = existsSync(target) ? statSync(target).isDirectory() : /[\\/]$/.test(target) || extname(target) === '';
  if (isFolder) return { store: folderStore(resolve(target)), file: undefined };
  return { store: folderStore(resolve(dirname(path))), file: basename(path) };
}

function folderStore(folder: string): BackupStore {
  return {
    location: `${hostname()}:${folder}`,
    async write(name, content) {
      await mkdir(folder, { recursive: true });
      await writeWhole(join(folder, name), content).catch((error: unknown) => {
        throw codeOf(error) === 'EEXIST' ? taken(join(folder, name)) : error;
      });
    },
    async read(name) {
      const path = join(folder, name);
      await access(path, constants.R_OK).catch((error: unknown) => {
        throw codeOf(error) === 'ENOENT' ? gone(path) : error;
      });
      return createReadStream(path, { highWaterMark: 1024 * 1024 });
    },
    async files() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      });
      // What goes meanwhile, leads nowhere or is no file is none of ours.
      const files = await Promise.all(names.map(async (name) => ({ name, found: await stat(join(folder, name)).catch(() => undefined) })));
      return new Map(files.flatMap(({ name, found }) =>
        (found?.isFile() ? [[name, { size: found.size, since: found.ctimeMs }] as const] : [])));
    },
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}

/** A name that is not free. */
export const taken = (what: string): BackupError =>
  new BackupError('BACKUP_TARGET', `${what} is there already`, 'Choose another name, or a folder: there each backup gets a name of its own.');

export interface StoredBackup {
  readonly store: BackupStore;
  readonly manifest: Manifest;
  /** Whether the file is there in its length. */
  readonly isWhole: boolean;
}

/** The backups in a place, the newest first. A file without a manifest is none. */
export async function backupsIn(store: BackupStore): Promise<StoredBackup[]> {
  const files = await store.files();
  const found: StoredBackup[] = [];
  for (const name of [...files.keys()].filter((key) => ofBackup.test(key) && files.has(manifestOf(key)))) {
    // Another process may remove it meanwhile. Where it cannot be read for now, an older one is not the newest.
    const manifest = await manifestIn(store, name).catch((error: unknown) => {
      if (!['BACKUP_DAMAGED', 'BACKUP_MISSING'].includes(codeOf(error))) throw error;
    });
    if (manifest) found.push({ store, manifest, isWhole: files.get(name)?.size === manifest.size_bytes });
  }
  return found.sort((a, b) => (a.manifest.taken_at < b.manifest.taken_at ? 1 : -1));
}

/** What a backup says of itself. @throws {BackupError} BACKUP_MISSING, BACKUP_DAMAGED */
export async function manifestIn(store: BackupStore, file: string): Promise<Manifest> {
  const manifest = readManifest(await text(await store.read(manifestOf(file))), manifestOf(file));
  return { ...manifest, file };
}

/** The backup that is meant: a file, or the newest of a place that is whole. @throws {BackupError} BACKUP_MISSING */
export async function backupAt(target: string, options?: StoreOptions): Promise<StoredBackup> {
  const { store, file } = await placeAt(target, options);
  if (file === undefined) {
    const newest = (await backupsIn(store)).find(({ isWhole }) => isWhole);
    if (newest) return newest;
    throw new BackupError('BACKUP_MISSING', `There is no backup in ${store.location}`, 'Make one: `btcdb backup <folder>`.');
  }
  const files = await store.files();
  if (!files.has(file) || !files.has(manifestOf(file))) {
    throw new BackupError('BACKUP_MISSING', `${store.location} has no ${files.has(file) ? manifestOf(file) : file}`,
      'A backup is a file and its manifest, which is named like it with .json behind: what has none was not finished.');
  }
  const manifest = await manifestIn(store, file);
  return { store, manifest, isWhole: files.get(file)?.size === manifest.size_bytes };
}

/** Counts and sums up what passes. */
export class Tally {
  bytes = 0;
  readonly #hash = createHash('sha256');

  async *of(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of content) {
      this.bytes += piece.length;
      this.#hash.update(piece);
      yield piece;
    }
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/**
 * The file of a backup. Whoever reads it to the end knows that it is the one that was stored.
 *
 * @throws {BackupError} BACKUP_DAMAGED
 */
export async function* contentOf({ store, manifest: { file, size_bytes: size, sha256 } }: StoredBackup): AsyncGenerator<Buffer> {
  const tally = new Tally();
  const content = await store.read(file);
  let failure = '';
  try {
    yield* tally.of(content);
    if (tally.bytes !== size) failure = `it has ${tally.bytes} bytes instead of ${size}`;
    else if (tally.digest() !== sha256) failure = 'its SHA-256 is another one';
  } catch (error) {
    if (error instanceof BackupError) throw error;
    failure = messageOf(error);
  }
  if (failure) throw new BackupError('BACKUP_DAMAGED', `The backup ${file} in ${store.location} is damaged: ${failure}`, 'Take another one: `btcdb backup list` shows which there are.');
}
