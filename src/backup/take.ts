/** Takes a backup: dump, checksums and manifest of one snapshot, stored as a whole or not at all. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import * as backups from '../../queries/backups.queries.js';
import type { TypedClient } from '../client/client.js';
import type { Database } from '../client/open.js';
import { connectClient, requireSession } from '../client/pool.js';
import { one } from '../client/results.js';
import { setLocal } from '../client/transaction.js';
import { BackupError, codeOf } from '../errors/catalogue.js';
import { describe, describing } from './describe.js';
import { encrypted } from './encryption.js';
import { type Description, majorOf, type Manifest, manifestFormat, manifestOf } from './manifest.js';
import { dump, findTool } from './pg-tools.js';
import { write } from './portable.js';
import { nameFor, placeAt, type StoredBackup, type StoreOptions, taken, Tally } from './store.js';

export interface BackupOptions extends Pick<StoreOptions, 'endpoint'> {
  /** Rows for either engine, also of a server. The embedded engine has no other form. */
  readonly portable?: boolean | undefined;
  /** File of keys of age to encrypt for. */
  readonly keyFile?: string | undefined;
  /** Folder of pg_dump. */
  readonly pgBin?: string | undefined;
  /** Gives up, and leaves nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** Stores a backup in a folder, a file or a bucket, and notes it in the database. */
export async function takeBackup(db: Database, target: string, options: BackupOptions = {}): Promise<StoredBackup> {
  const { portable, keyFile, pgBin, signal, endpoint } = options;
  const own = new AbortController();
  const stop = signal ? AbortSignal.any([signal, own.signal]) : own.signal;
  const client = (await connectClient(db, signal)) as PoolClient & TypedClient;
  const ready = client.cancelOn(stop);
  /** What is stored counts only with its manifest. */
  let remove = async (): Promise<void> => {};
  try {
    requireSession(client, 'A backup');
    const server = await one(backups.server, undefined, client);
    const form = portable || server.is_embedded ? 'portable' : 'pg_dump';
    const tool = form === 'pg_dump' ? findTool('pg_dump', majorOf(server.version), pgBin) : undefined;
    const mostBytes = Number(server.size_bytes);
    const { store, file = nameFor(server.database, form, keyFile) } = await placeAt(target, { endpoint, mostBytes });
    if (keyFile !== undefined) await encrypted(empty(), keyFile).next();
    const before = await store.files();
    for (const name of [file, manifestOf(file)]) if (before.has(name)) throw taken(`${store.location}/${name}`);

    if (!server.is_embedded) await lockCompression(client, stop);
    await client.query(begin);
    const content = tool ? await dumpOf(db, client, tool, own) : await rowsOf(client);
    const tally = new Tally();
    const sealed = keyFile === undefined ? content.bytes : encrypted(content.bytes, keyFile);
    await store.write(file, stoppable(tally.of(sealed), stop));
    remove = () => store.remove(file);
    const stored = (await store.files()).get(file)?.size ?? 0;
    if (stored !== tally.bytes) {
      throw new BackupError('BACKUP_FAILED', `${file} in ${store.location} has ${stored} bytes instead of the ${tally.bytes} that were sent`, 'Try again; if it stays so, look after the server of that place.');
    }
    const manifest: Manifest = {
      format: manifestFormat, file, form, encryption: keyFile === undefined ? null : 'age',
      size_bytes: tally.bytes, sha256: tally.digest(), pg_dump: tool?.major ?? null, ...(await content.description),
    };
    await client.query('commit');
    await store.write(manifestOf(file), whole(`${JSON.stringify(manifest, null, 2)}\n`));
    return { store, manifest, isWhole: true };
  } catch (error) {
    // Without the checksums their snapshot is gone, and pg_dump says only that.
    const first: unknown = own.signal.aborted ? own.signal.reason : error;
    own.abort(error);
    await remove().catch(() => undefined);
    throw explained(first, signal);
  } finally {
    await ready();
    // Ends the session, and with it its lock and whatever it still does.
    client.release(true);
  }
}

/** Where the space is short, or the place refuses, PostgreSQL and Node.js only have a code for it. */
function explained(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted || error instanceof BackupError) return signal?.aborted ? signal.reason : error;
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BackupError('BACKUP_FAILED', 'There is no space left for the backup', 'Nothing was stored, older backups are as they were. Make room, or keep fewer: --keep.', { cause: error });
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EIO'].includes(code)) {
    return new BackupError('BACKUP_TARGET', `The backup cannot be written: ${(error as Error).message}`, 'Choose another place, or allow this user to write there.', { cause: error });
  }
  return error;
}

interface Content {
  readonly bytes: AsyncIterable<Buffer>;
  readonly description: Promise<Description>;
}

/** The dump, while another session asks for the checksums of the same snapshot. The dump ends well when both do. */
async function dumpOf(db: Database, client: PoolClient, tool: Parameters<typeof dump>[0], stop: AbortController): Promise<Content> {
  const { snapshot } = await one(backups.exportSnapshot, undefined, client);
  const description = describe(client);
  description.catch((error: unknown) => stop.abort(error));
  return {
    description,
    bytes: (async function* () {
      yield* dump(tool, db.url, snapshot);
      await description;
    })(),
  };
}

/** The embedded engine does one thing after the other. */
async function rowsOf(client: PoolClient): Promise<Content> {
  const description = await describe(client);
  return { description: Promise.resolve(description), bytes: await write(client, description.sources) };
}

/**
 * What empties a chunk, as compressing it by hand does, or drops it, does so for older snapshots, too. So the lock on all chunks is
 * there before the snapshot, which the first `select` takes.
 */
const begin = `begin isolation level repeatable read read only; set local statement_timeout = 0; set local lock_timeout = 0;
  lock table public.timeseries_data in access share mode; select ${setLocal(describing)}`;

/** Our own compression would run into that lock again and again: it waits for this one, which is a session's. */
async function lockCompression(client: PoolClient, stop: AbortSignal): Promise<void> {
  for (;;) {
    const { is_locked: isLocked } = await one(backups.lockCompression, undefined, client);
    if (isLocked) return;
    await delay(200, undefined, { signal: stop });
  }
}

async function* stoppable(content: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const piece of content) {
    signal.throwIfAborted();
    yield piece;
  }
  signal.throwIfAborted();
}

async function* empty(): AsyncGenerator<Buffer> {}

async function* whole(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
