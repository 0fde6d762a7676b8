/** Where backups lie: a folder, or a prefix of a bucket. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { syncFolder } from '../disk.js';
import { BackupError, codeOf } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';
import { type Manifest, manifestOf, readManifest } from './manifest.js';

export interface BackupStore {
  /** As it is noted and shown. */
  readonly location: string;
  /** Stores what comes under a name that is free: as a whole when it returns, else not at all. */
  write(name: string, content: AsyncIterable<Buffer>): Promise<void>;
  read(name: string): Promise<AsyncIterable<Buffer>>;
  /** The length of each file. */
  sizes(): Promise<Map<string, number>>;
  remove(name: string): Promise<void>;
  /** Removes what processes that were killed a day ago or longer have left. */
  sweep?(): Promise<void>;
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

/** What a process that was killed has left. */
const partial = '.partial';

function folderStore(folder: string): BackupStore {
  return {
    location: `${hostname()}:${folder}`,
    async write(name, content) {
      await mkdir(folder, { recursive: true });
      const final = join(folder, name);
      const beside = join(folder, `.${name}.${process.pid}${partial}`);
      if (existsSync(final)) throw new BackupError('BACKUP_TARGET', `${final} is there already`, 'Choose another name, or a folder: there each backup gets a name of its own.');
      const file = await open(beside, 'wx', 0o600);
      try {
        try {
          for await (const piece of content) for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(beside, final);
        await syncFolder(folder);
      } catch (error) {
        await rm(beside, { force: true });
        throw error;
      }
    },
    async read(name) {
      const path = join(folder, name);
      await stat(path);
      return createReadStream(path, { highWaterMark: 1024 * 1024 });
    },
    async sizes() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      });
      const files = names.filter((name) => !name.endsWith(partial));
      return new Map(await Promise.all(files.map(async (name) => [name, (await stat(join(folder, name))).size] as const)));
    },
    remove: (name) => rm(join(folder, name), { force: true }),
    async sweep() {
      for (const name of (await readdir(folder)).filter((entry) => entry.endsWith(partial))) {
        if ((await stat(join(folder, name))).mtimeMs < Date.now() - 86_400_000) await rm(join(folder, name), { force: true });
      }
    },
  };
}

export interface StoredBackup {
  readonly store: BackupStore;
  readonly manifest: Manifest;
  /** Whether the file is there in its length. */
  readonly isWhole: boolean;
}

/** The backups in a place, the newest first. A file without a manifest is none. */
export async function backupsIn(store: BackupStore): Promise<StoredBackup[]> {
  const sizes = await store.sizes();
  const found: StoredBackup[] = [];
  for (const name of [...sizes.keys()].filter((key) => ofBackup.test(key) && sizes.has(manifestOf(key)))) {
    const manifest = await manifestIn(store, name).catch(() => undefined);
    if (manifest) found.push({ store, manifest, isWhole: sizes.get(name) === manifest.size_bytes });
  }
  return found.sort((a, b) => (a.manifest.taken_at < b.manifest.taken_at ? 1 : -1));
}

async function manifestIn(store: BackupStore, file: string): Promise<Manifest> {
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
  const sizes = await store.sizes();
  if (!sizes.has(file) || !sizes.has(manifestOf(file))) {
    throw new BackupError('BACKUP_MISSING', `${store.location} has no ${sizes.has(file) ? manifestOf(file) : file}`,
      'A backup is a file and its manifest, which is named like it with .json behind: what has none was not finished.');
  }
  const manifest = await manifestIn(store, file);
  return { store, manifest, isWhole: sizes.get(file) === manifest.size_bytes };
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
  let failure = '';
  try {
    yield* tally.of(await store.read(file));
    if (tally.bytes !== size) failure = `it has ${tally.bytes} bytes instead of ${size}`;
    else if (tally.digest() !== sha256) failure = 'its SHA-256 is another one';
  } catch (error) {
    if (error instanceof BackupError) throw error;
    failure = messageOf(error);
  }
  if (failure) throw new BackupError('BACKUP_DAMAGED', `The backup ${file} in ${store.location} is damaged: ${failure}`, 'Take another one: `btcdb backup list` shows which there are.');
}
