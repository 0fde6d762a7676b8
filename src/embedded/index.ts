/**
 * The embedded database: PostgreSQL 17.5 with TimescaleDB 2.23 in WebAssembly, in memory or in a folder, served on a
 * loopback port, so that pg, graphile-migrate, pgTyped and psql connect to it as to any server.
 *
 * It is one backend with one session, which the clients share. Each has the engine for a transaction at a time and
 * its own prepared statements. What it cannot do:
 *
 * - Two transactions at once. A client waits for the other's transaction; one that would wait on an idle one for
 *   longer than `waitTimeoutMs` gets an error with SQLSTATE 55P03 and can go on.
 * - Settings of a session: what SET, SET ROLE, PREPARE, CREATE TEMP TABLE, DECLARE … WITH HOLD and
 *   pg_advisory_lock do is seen by all clients, until the last one disconnects. SET LOCAL is safe. Settings in the
 *   connection string (`options`, `statement_timeout`, …) are ignored.
 * - LISTEN and NOTIFY, cancelling a statement, statement_timeout and other timeouts, COPY FROM STDIN together with
 *   other statements or as a prepared statement, parallel queries, background workers: policies are stored, and
 *   `run_job` runs them.
 * - Other databases and login roles than postgres, other encodings than UTF-8.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EmbeddedError } from '../errors/catalogue.js';
import { lockFolder } from './lock.js';
import { compileEngine } from './pglite.js';
import { checkTar, unpackTar } from './tar.js';
import type { CreateJob, FromWorker, ServeJob, ToWorker } from './worker.js';

export { startMigrated, type MigratedOptions } from './snapshot.js';

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
 * The stack of the engine's thread. Compiled code needs several times the stack that PostgreSQL counts: with this much,
 * recursion without end meets max_stack_depth (2 MB) first and is an error of its statement.
 */
const stackSizeMb = 64;

/**
 * How long an orderly end may take, for example while a statement runs. Then the thread is ended as it is; the data are
 * written ahead to a log and come to no harm.
 */
const stopMs = 10_000;

/** Starts an embedded database. It does not keep the process alive by itself. */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  if (!(import.meta.url as string | undefined)) {
    throw new EmbeddedError('EMBEDDED_FAILED', 'The embedded engine cannot start from a bundle: it runs in a thread that has a file of its own.',
      'Leave btc-dashboard-db out of the bundle (esbuild: --external:btc-dashboard-db), or set DATABASE_URL to use a server.');
  }
  const engine = await compileEngine('serve');
  if (options.dataDir === undefined) {
    return serveFrom({ engine, archive: await archiveFor(options), folder: undefined }, options);
  }
  const dataDir = resolve(options.dataDir);
  const unlock = takeFolder(dataDir);
  try {
    const folder = join(dataDir, 'data');
    if (!existsSync(folder)) unpackInto(folder, await archiveFor(options));
    else if (options.snapshot !== undefined) {
      throw new EmbeddedError(
        'EMBEDDED_FAILED',
        `The embedded database in ${dataDir} has data already: it cannot start from a snapshot.`,
        'Choose an empty folder, or start without the snapshot.',
      );
    }
    const server = await serveFrom({ engine, folder, archive: undefined }, options);
    return { ...server, stop: () => server.stop().finally(unlock) };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The files to start from. */
async function archiveFor({ snapshot }: EmbeddedOptions): Promise<Buffer> {
  if (snapshot === undefined) return createArchive();
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
      'Allow this user to write there, or choose another folder with --data-dir (dataDir).',
      { cause: error },
    );
  }
}

/** Unpacks next to the folder and renames: a process that dies in between leaves no half of a database. */
function unpackInto(folder: string, archive: Buffer): void {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  for (const { path, content } of unpackTar(archive)) {
    if (content) writeFileSync(join(unfinished, path), content, { mode: 0o600 });
    else mkdirSync(join(unfinished, path), { recursive: true, mode: 0o700 });
  }
  renameSync(unfinished, folder);
}

/** The files of an empty database. Made in a thread of its own, whose memory is free again afterwards. */
export async function createArchive(): Promise<Buffer> {
  const worker = new EngineThread({ job: 'create', engine: await compileEngine('create') });
  const { archive } = await worker.next('created');
  return Buffer.from(archive.buffer, archive.byteOffset, archive.length);
}

async function serveFrom(
  data: Pick<ServeJob, 'engine' | 'folder' | 'archive'>,
  { host = '127.0.0.1', port = 0, waitTimeoutMs = 10_000 }: EmbeddedOptions,
): Promise<EmbeddedServer> {
  const thread = new EngineThread({ job: 'serve', ...data, host, port, waitTimeoutMs });
  const ready = await thread.next('ready');
  let saving: Promise<unknown> = Promise.resolve();
  let stopped: Promise<void> | undefined;
  return {
    host,
    port: ready.port,
    url: `postgres://postgres@${host}:${ready.port}/postgres`,
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

/** A worker thread and what it says. It keeps the process alive only while somebody waits for an answer. */
class EngineThread {
  readonly #worker: Worker;
  #failure: EmbeddedError | undefined;
  #listeners = new Set<(message: FromWorker) => void>();
  #waiting = 0;

  constructor(job: CreateJob | ServeJob) {
    const archive = job.job === 'serve' ? job.archive : undefined;
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: job,
      transferList: archive ? [archive.buffer as ArrayBuffer] : [],
      resourceLimits: { stackSizeMb },
      // Options of the process such as --input-type or --inspect are not meant for it.
      execArgv: [],
    });
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.#worker.on('error', (error) =>
      this.#hear({ is: 'failed', message: error.message, code: undefined, final: true }),
    );
    this.#worker.on('exit', () => this.#hear({ is: 'failed', message: 'it has ended', code: undefined, final: true }));
  }

  /** Asks for something and waits for the answer of that kind. */
  async ask<K extends FromWorker['is']>(message: ToWorker, kind: K): Promise<FromWorker & { is: K }> {
    if (this.#failure) throw this.#failure;
    const answer = this.next(kind);
    this.#worker.postMessage(message);
    return answer;
  }

  /** The next message of a kind. Rejects when the thread fails. */
  async next<K extends FromWorker['is']>(kind: K): Promise<FromWorker & { is: K }> {
    this.#waiting++;
    this.#worker.ref();
    try {
      return await new Promise((done, fail) => {
        const listener = (message: FromWorker): void => {
          if (message.is === 'failed') fail(toError(message));
          else if (message.is === kind) done(message as FromWorker & { is: K });
          else return;
          this.#listeners.delete(listener);
        };
        this.#listeners.add(listener);
      });
    } finally {
      if (--this.#waiting === 0) this.#worker.unref();
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #hear(message: FromWorker): void {
    if (message.is === 'failed' && message.final) this.#failure ??= toError(message);
    for (const listener of [...this.#listeners]) listener(message);
  }
}

function toError({ message, code }: { message: string; code: string | undefined }): EmbeddedError {
  const hint =
    code === 'EADDRINUSE' ? 'The port is taken: choose another one, or 0 for any free one.' : 'Start it again.';
  return new EmbeddedError('EMBEDDED_FAILED', `The embedded database engine failed: ${message}`, hint);
}
