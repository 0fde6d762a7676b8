/** The import: from a folder of files to rows, in five steps. */
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { isConnectionLoss } from '../connection-errors.js';
import { type BtcdbError, codeOf, ConnectionError, ImportError } from '../errors.js';
import { requireSession } from '../pool.js';
import { ahead } from './ahead.js';
import { type DataFile, discover, REGISTRY } from './discover.js';
import { encodeRows } from './encode.js';
import { fileState, messageOf } from './input.js';
import { type ImportProgress, ProgressMeter } from './progress.js';
import { RejectFile } from './rejects.js';
import {
  checkFrequencies, entryOfFile, needsFile, readRegistry, type RegisteredCounts, registeredNames, type RegistryEntry, writeEntries,
} from './registry.js';
import { openSeries, readBatches, type SeriesFile } from './series.js';
import { inTransaction } from './transaction.js';
import { SeriesWriter, type WrittenCounts } from './upsert.js';

/** What the importer needs of a database. */
export interface ImportTarget {
  readonly pool: Pool;
}

export interface ImportOptions {
  /** Rows of one transaction; default 20,000. More are quicker, until memory or a lock's duration counts. */
  readonly batchRows?: number;
  /** Folder of the files of rejected rows; default `.btcdb/rejects` in the working directory. */
  readonly rejectsFolder?: string;
  /** Who imports, for the audit log; default the session's user. */
  readonly user?: string;
  /** Why, for the audit log. With a reason an update counts as a correction. */
  readonly reason?: string;
  /** Ends the import: the batch at work is rolled back, earlier ones stay. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** A file is done, well or not. */
  readonly onFile?: (file: FileReport) => void;
}

/** What became of one file. Its rows are inserted, updated, unchanged, duplicates or rejected. */
export interface FileReport extends WrittenCounts {
  /** Name of the file. */
  readonly file: string;
  /** Name of the source. */
  readonly name: string;
  /** Rows in the file; 0 when it could not be read. */
  rows: number;
  rejected: number;
  /** Where the rejected rows are, when there are any. */
  rejectsFile: string | undefined;
  /** Why the file is not, or not wholly, imported. */
  error: BtcdbError | undefined;
  seconds: number;
}

export interface ImportReport {
  /** Every file could be imported, and nobody interrupted. Rejected rows do not count against it. */
  readonly ok: boolean;
  readonly interrupted: boolean;
  readonly sources: RegisteredCounts;
  readonly files: readonly FileReport[];
  readonly seconds: number;
}

const LOCK_TRIES = 5;
const BATCH_ROWS = 20_000;
/** Rows that the reader hands out at once: few enough to be garbage before they are old. */
const READ_ROWS = 2_000;

/**
 * Imports a folder, or a single file.
 *
 * Throws for what concerns all files: an ImportError of code IMPORT_DIRECTORY or IMPORT_REGISTRY, a ConnectionError
 * when the database goes away. What concerns one file is in the report, and the others go on. Everything may be
 * repeated: rows that are there already stay as they are.
 */
export async function importFolder(db: ImportTarget, path: string, options: ImportOptions = {}): Promise<ImportReport> {
  const { registry, files, refused } = await discover(path);
  const entries = registry === undefined ? [] : await readRegistry(registry);
  const client = await db.pool.connect();
  let lost: Error | undefined;
  let failed = false;
  const onError = (error: Error): void => {
    lost = error;
  };
  // A client that is checked out has no other listener: without one a dying connection would end the process.
  client.on('error', onError);
  try {
    requireSession(client, 'An import');
    const run = new ImportRun(client, options);
    for (const { path: refusedPath, error } of refused) run.report(refusedPath, '', error);
    return await run.all(files, entries);
  } catch (error) {
    failed = true;
    if (lost === undefined && !isConnectionLoss(error)) throw error;
    throw new ConnectionError('CONNECTION_LOST', `The connection to the database was lost during the import: ${messageOf(error)}.`,
      'Import again when the database is back; what is stored already is kept and not written twice.', { cause: error });
  } finally {
    client.off('error', onError);
    // After an error nobody knows what state the connection is in.
    client.release(failed || lost !== undefined);
  }
}

class ImportRun {
  readonly #started = performance.now();
  readonly #meter: ProgressMeter;
  readonly #reports: FileReport[] = [];
  readonly #sources: RegisteredCounts = { inserted: 0, updated: 0, unchanged: 0 };
  readonly #signal: AbortSignal | undefined;

  constructor(
    private readonly client: PoolClient,
    private readonly options: ImportOptions,
  ) {
    this.#meter = new ProgressMeter(options.onProgress);
    this.#signal = options.signal;
  }

  async all(files: readonly DataFile[], entries: readonly RegistryEntry[]): Promise<ImportReport> {
    let interrupted = false;
    try {
      const pending = await this.#register(files, entries);
      const series = await this.#load(files, pending);
      await this.#upsert(series);
      await this.#call('refresh', 'call public.refresh_all_aggregates()');
      await this.#call('compress', 'call public.compress_old_chunks()');
    } catch (error) {
      if (this.#signal?.aborted !== true || isConnectionLoss(error)) throw error;
      interrupted = true;
    }
    return {
      ok: !interrupted && this.#reports.every((file) => file.error === undefined),
      interrupted,
      sources: this.#sources,
      files: this.#reports,
      seconds: (performance.now() - this.#started) / 1000,
    };
  }

  /** Writes the registry, all of it or nothing. Returns the entries that have to wait for what their file says. */
  async #register(files: readonly DataFile[], entries: readonly RegistryEntry[]): Promise<Map<string, RegistryEntry>> {
    this.#meter.begin('register');
    const registered = await registeredNames(this.client, entries.map((entry) => entry.name));
    const withFile = new Set(files.map((file) => file.name));
    const waits = (entry: RegistryEntry): boolean => !registered.has(entry.name) && withFile.has(entry.name) && needsFile(entry);
    for (const { name, columns } of entries) {
      if (columns.has('data_type') || registered.has(name) || withFile.has(name)) continue;
      throw new ImportError('IMPORT_REGISTRY', `${REGISTRY}, ${name}: data_type is missing.`,
        'Without a file that shows it a new source has to give its data_type.');
    }
    await checkFrequencies(this.client, entries);
    await inTransaction(this.client, this.options, () =>
      writeEntries(this.client, entries.filter((entry) => !waits(entry)), registered, this.#sources));
    return new Map(entries.filter(waits).map((entry) => [entry.name, entry]));
  }

  /** First pass over each file; a source that is not registered registers itself. */
  async #load(files: readonly DataFile[], pending: ReadonlyMap<string, RegistryEntry>): Promise<LoadableFile[]> {
    const sizes = await Promise.all(files.map((file) => fileState(file.path).then(({ bytes }) => bytes, () => 0)));
    this.#meter.begin('load', 0, sizes.reduce((sum, size) => sum + size, 0));
    const registered = await registeredNames(this.client, files.map((file) => file.name));
    const series: LoadableFile[] = [];
    for (const [i, file] of files.entries()) {
      this.#signal?.throwIfAborted();
      const name = basename(file.path);
      const started = performance.now();
      try {
        const opened = await openSeries(file, (bytes) => this.#meter.at(name, 0, bytes), this.#signal);
        if (!registered.has(file.name)) {
          const entry = entryOfFile(opened, pending.get(file.name));
          await inTransaction(this.client, this.options, () => writeEntries(this.client, [entry], registered, this.#sources));
        }
        series.push({ file: opened, seconds: (performance.now() - started) / 1000 });
      } catch (error) {
        if (!(error instanceof ImportError)) throw error;
        this.report(file.path, file.name, error, (performance.now() - started) / 1000);
      }
      this.#meter.finish(name, 0, sizes[i] ?? 0);
    }
    return series;
  }

  async #upsert(series: readonly LoadableFile[]): Promise<void> {
    const sum = (part: (file: SeriesFile) => number): number => series.reduce((total, { file }) => total + part(file), 0);
    this.#meter.begin('upsert', sum((file) => file.rowCount), sum((file) => file.bytes));
    const ids = await this.client.query<{ name: string; source_id: number }>(
      'select name, source_id from public.sources where name = any($1::text[])', [series.map(({ file }) => file.name)]);
    const idOf = new Map(ids.rows.map((row) => [row.name, row.source_id]));
    for (const { file, seconds } of series) {
      this.#signal?.throwIfAborted();
      const id = idOf.get(file.name);
      if (id === undefined) {
        this.report(file.path, file.name, new ImportError('IMPORT_FILE', `The source ${file.name} is not registered any more.`, 'Import again.'));
      } else await this.#upsertFile(file, id, seconds);
      this.#meter.finish(basename(file.path), file.rowCount, file.bytes);
    }
  }

  /** Second pass over a file, into the database. Throws only what ends the whole import. */
  async #upsertFile(file: SeriesFile, sourceId: number, loadSeconds: number): Promise<void> {
    const started = performance.now();
    const name = basename(file.path);
    const { batchRows = BATCH_ROWS, rejectsFolder = join(process.cwd(), '.btcdb', 'rejects'), user, reason, signal } = this.options;
    const rejects = new RejectFile(rejectsFolder, file.name);
    const writer = new SeriesWriter(this.client, sourceId, file, { batchRows, user, reason, signal });
    let failure: unknown;
    try {
      await writer.open();
      const batches = readBatches(file, READ_ROWS, (reject) => rejects.write(reject));
      for await (const rows of ahead(encodeRows(batches, file.columns, sourceId, batchRows))) {
        signal?.throwIfAborted();
        await writer.write(rows);
        this.#meter.at(name, file.ascending ? rows.elementsRead : 0, rows.bytesRead);
      }
      await writer.finish((rows) => this.#meter.at(name, rows, file.bytes));
    } catch (error) {
      failure = error;
    }
    try {
      rejects.close();
    } catch (error) {
      failure ??= error;
    }
    const { inserted, updated, unchanged, duplicates } = writer.counts;
    if (failure === undefined && inserted + updated + unchanged + duplicates === 0) {
      failure = new ImportError('IMPORT_FILE', `${name}: none of its rows can be read; the first reason is in ${rejects.path}.`,
        'Correct the file, often its number format or delimiter, and import again.');
    }
    const lost = isConnectionLoss(failure);
    if (!lost) await writer.close();
    const ownFault = failure instanceof ImportError || failure instanceof DatabaseError;
    const ends = failure !== undefined && (lost || signal?.aborted === true || !ownFault);
    this.#report({
      file: name,
      name: file.name,
      rows: file.rowCount,
      ...writer.counts,
      rejected: rejects.count,
      rejectsFile: rejects.count > 0 ? rejects.path : undefined,
      error: failure === undefined ? undefined : ends ? interruptedFile(name) : failedFile(name, failure),
      seconds: loadSeconds + (performance.now() - started) / 1000,
    });
    if (ends) throw failure;
  }

  /** Procedures that end transactions of their own: at top level, and as long as they take. */
  async #call(step: 'refresh' | 'compress', sql: string): Promise<void> {
    this.#signal?.throwIfAborted();
    this.#meter.begin(step);
    await this.client.query('set statement_timeout = 0');
    try {
      for (let tries = 1; ; tries++) {
        try {
          await this.client.query(sql);
          return;
        } catch (error) {
          // Only the owner may refresh and compress; for other roles the policies do it.
          if (codeOf(error) === '42501') return;
          // A policy, or another import, is at it just now.
          if (codeOf(error) !== '55P03' || tries === LOCK_TRIES) throw error;
          await setTimeout(1000 * tries, undefined, { signal: this.#signal });
        }
      }
    } finally {
      await this.client.query('reset statement_timeout').catch(() => undefined);
    }
  }

  /** Reports a file of which nothing was written. */
  report(path: string, name: string, error: BtcdbError, seconds = 0): void {
    const counts = { inserted: 0, updated: 0, unchanged: 0, duplicates: 0 };
    this.#report({ file: basename(path), name, rows: 0, ...counts, rejected: 0, rejectsFile: undefined, error, seconds });
  }

  #report(report: FileReport): void {
    this.#reports.push(report);
    this.options.onFile?.(report);
  }
}

/** A file that passed the first pass, and how long that took. */
interface LoadableFile {
  readonly file: SeriesFile;
  readonly seconds: number;
}

function interruptedFile(name: string): ImportError {
  return new ImportError('IMPORT_FILE', `${name}: the import was interrupted; the batch at work was rolled back.`,
    'Import again: what is stored already is kept and not written twice.');
}

/** The database refused a batch. */
function failedFile(name: string, error: unknown): ImportError {
  if (error instanceof ImportError) return error;
  return new ImportError('IMPORT_FILE', `${name}: the database refused rows: ${messageOf(error)}.`,
    'Batches before that one are stored; mend the cause and import again.', { cause: error });
}
