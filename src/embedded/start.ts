/**
 * The embedded database: PostgreSQL 17.5 with TimescaleDB 2.23 in WebAssembly, in memory or in a folder, served on a
 * loopback port, so that pg, graphile-migrate, pgTyped and psql connect to it as to any server.
 *
 * It has databases: CREATE DATABASE name [TEMPLATE name] [OWNER name] and DROP DATABASE [IF EXISTS] name [WITH (FORCE)],
 * each sent as a query of its own. `postgres` is there from the beginning; `template1` is always there and always empty,
 * for sessions that make and drop the others. An engine per database, all in one thread: each takes 100 MB or more.
 *
 * An engine is one backend with one session, which the clients of the database share. Each has it for a transaction at
 * a time and its own prepared statements. What it cannot do:
 *
 * - Two transactions at once. A client waits for the other's transaction; one that would wait on an idle one for
 *   longer than `waitTimeoutMs` gets an error with SQLSTATE 55P03 and can go on. One that has only locked tables so far makes way: its
 *   locks keep off others that lock tables, but not their other statements.
 * - Settings of a session: what SET, SET ROLE, PREPARE, CREATE TEMP TABLE, and DECLARE … WITH HOLD
 *   do is seen by all clients, until the last one disconnects. SET LOCAL is safe. Settings in the
 *   connection string (`options`, `statement_timeout`, …) are ignored. Advisory locks are a client's own; inside of a
 *   transaction they are not waited for (55P03), and pg_locks does not show those of a session.
 * - LISTEN and NOTIFY, cancelling a statement, statement_timeout and other timeouts, COPY FROM STDIN together with
 *   other statements or as a prepared statement, parallel queries, background workers: policies are stored, and
 *   `run_job` runs them.
 * - Other options of CREATE DATABASE, ALTER DATABASE … RENAME and SET; roles that databases share; login roles other than
 *   postgres; other encodings than UTF-8.
 */

import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedError } from '../errors/catalogue.js';
import { blankArchive } from './blank.js';
import { mainDatabase, userName } from './engine.js';
import { hasData, mainPlace, snapshotsIn, unpackInto } from './folder.js';
import { lockFolder } from './lock.js';
import { compileEngine } from './pglite.js';
import { checkTar } from './tar.js';
import { EngineThread } from './thread.js';
import type { ServeJob } from './worker.js';

export interface EmbeddedOptions {
  /** Folder of the data; in memory when absent. It is made when it does not exist. */
  dataDir?: string | undefined;
  /** Address to listen on. Default 127.0.0.1: there are no passwords, so only this machine may connect. */
  host?: '127.0.0.1' | undefined;
  /** Port to listen on. Default 0: any free one. */
  port?: number | undefined;
  /** How long a client waits for another one's idle open transaction before it gets an error. Default 10 s. */
  waitTimeoutMs?: number | undefined;
  /** A file made by `snapshot()` to start from, in memory or in a folder that has no data yet. */
  snapshot?: string | undefined;
  /** Folder to keep the files of an empty database in, with which every other begins. Default: in dataDir; in memory nowhere. */
  cacheDir?: string | undefined;
}

export interface EmbeddedServer {
  /** Connection string for any client. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Writes all data to a file from which another server can start. Waits for the open transaction. */
  snapshot(file: string): Promise<void>;
  /** Sends the clients away and ends the engine. It resolves also when the engine has broken. */
  stop(): Promise<void>;
}

/**
 * How long an orderly end may take, for example while a statement runs. Then the thread is ended as it is; the data are
 * written ahead to a log and come to no harm.
 */
const stopMs = 10_000;

/** Starts an embedded database. It does not keep the process alive by itself. */
export async function startEmbedded(given: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  if (!(import.meta.url as string | undefined)) {
    throw new EmbeddedError('EMBEDDED_FAILED', 'The embedded engine cannot start from a bundle: it runs in a thread that has a file of its own.',
      'Leave btc-dashboard-db out of the bundle (esbuild: --external:btc-dashboard-db), or set DATABASE_URL to use a server.');
  }
  const engine = await compileEngine('serve');
  if (given.dataDir === undefined) {
    return serveFrom({ engine, archive: await archiveFor(given), folder: undefined }, given);
  }
  const dataDir = resolve(given.dataDir);
  const options = { cacheDir: snapshotsIn(dataDir), ...given };
  const unlock = takeFolder(dataDir);
  try {
    if (!hasData(dataDir)) unpackInto(mainPlace(dataDir).data, await archiveFor(options));
    else if (options.snapshot !== undefined) {
      throw new EmbeddedError(
        'EMBEDDED_FAILED',
        `The embedded database in ${dataDir} has data already: it cannot start from a snapshot.`,
        'Choose an empty folder, or start without the snapshot.',
      );
    }
    const server = await serveFrom({ engine, folder: dataDir, archive: undefined }, options);
    return { ...server, stop: () => server.stop().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The files to start from. */
async function archiveFor({ snapshot, cacheDir }: EmbeddedOptions): Promise<Buffer> {
  if (snapshot === undefined) return blankArchive(cacheDir);
  try {
    const archive = readFileSync(snapshot);
    checkTar(archive);
    return archive;
  } catch (cause) {
    throw new EmbeddedError(
      'EMBEDDED_FAILED',
      `The embedded database cannot start from the snapshot ${snapshot}: ${(cause as Error).message}.`,
      'Make the snapshot again, or start without it.',
      { cause },
    );
  }
}

/** Makes the folder if need be and locks it. Returns what unlocks it. */
function takeFolder(dataDir: string): () => void {
  try {
    mkdirSync(dataDir, { recursive: true });
    return lockFolder(dataDir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC', 'ENOENT'].includes(code ?? '')) throw error;
    throw new EmbeddedError(
      'EMBEDDED_FAILED',
      `The data folder ${dataDir} cannot be written: ${(error as Error).message}`,
      code === 'ENOSPC'
        ? 'Make room on the disk, or choose another folder with --data-dir (dataDir).'
        : 'Allow this user to write there, or choose another folder with --data-dir (dataDir).',
      { cause: error },
    );
  }
}

async function serveFrom(
  data: Pick<ServeJob, 'engine' | 'folder' | 'archive'>,
  { host = '127.0.0.1', port = 0, waitTimeoutMs = 10_000, cacheDir }: EmbeddedOptions,
): Promise<EmbeddedServer> {
  const thread = new EngineThread({ job: 'serve', ...data, host, port, waitTimeoutMs, cacheDir });
  const ready = await thread.next('ready');
  let saving: Promise<unknown> = Promise.resolve();
  let stopped: Promise<void> | undefined;
  return {
    host,
    port: ready.port,
    url: `postgres://${userName}@${host}:${ready.port}/${mainDatabase}`,
    async snapshot(file) {
      const path = resolve(file);
      mkdirSync(dirname(path), { recursive: true });
      const saved = saving.then(() => thread.ask({ do: 'snapshot', file: path }, 'saved'));
      saving = saved.catch(() => undefined);
      await saved;
    },
    stop() {
      stopped ??= Promise.race([thread.ask({ do: 'stop' }, 'stopped'), delay(stopMs, undefined, { ref: false })]).then(
        () => thread.end(),
        () => thread.end(),
      );
      return stopped;
    },
  };
}
