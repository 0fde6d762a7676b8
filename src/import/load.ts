/** The import: from a folder of files to rows, in five steps. */
import { basename, join } from 'node:path';
import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { compressOld, refreshAll } from '../../queries/operations.queries.js';
import { gapRange, isSparse, recordGaps } from '../../queries/quality.queries.js';
import { byNames } from '../../queries/sources.queries.js';
import { again, maintenance, type Retry } from '../client/again.js';
import { requireSession } from '../client/pool.js';
import { one } from '../client/results.js';
import { type BtcdbError, codeOf, ConnectionError, ImportError } from '../errors/catalogue.js';
import { isConnectionLoss } from '../errors/connection-errors.js';
import { messageOf } from '../errors/messages.js';
import { orMerge, sliceRows, writeSlice } from '../write/slice.js';
import { ahead } from './ahead.js';
import { inTransaction } from './backfill.js';
import { allTime, type TimeRange } from './batch.js';
import { type DataFile, discover, type Discovery, REGISTRY } from './discover.js';
import { fileState } from './input.js';
import { type ImportProgress, ProgressMeter } from './progress.js';
import {
  checkEntries, entryOfFile, needsFile, readRegistry, type RegisteredCounts, registeredNames, type RegistryEntry, writeEntries,
} from './registry.js';
import { RejectFile } from './rejects.js';
import { failedFile, type FileReport, type ImportReport, interruptedFile, WrittenRows } from './report.js';
import { openSeries, readBatches, type SeriesFile } from './series.js';
import { inOrder, slicesOf } from './slices.js';

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
  /** Only rows from this moment on, and until that one, itself included. */
  readonly from?: Date;
  readonly to?: Date;
  /** Only these sources; of the registry too. */
  readonly only?: readonly string[];
  /** Rows that somebody corrected are overwritten too; else they are kept, and reported. */
  readonly overwrite?: boolean;
  /** Reads and compares everything and writes nothing: no row, no source, no file. The report says what would be written. */
  readonly dryRun?: boolean;
  /** Ends the import: the batch at work is rolled back, earlier ones stay. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** Told before what another transaction was in the way of is done again. */
  readonly onRetry?: (retry: Retry) => void;
  /** A file is done, well or not. */
  readonly onFile?: (file: FileReport) => void;
}

/** Rows that the reader hands out at once: few enough to be garbage before they are old. */
const READ_ROWS = 2_000;

/**
 * Imports a folder, or a single file with what the registry beside it says about its source.
 *
 * Throws for what concerns all files: an ImportError of code IMPORT_DIRECTORY, IMPORT_REGISTRY or IMPORT_RANGE, a
 * ConnectionError when the database goes away. What concerns one file is in the report, and the others go on. Everything may be
 * repeated: rows that are there already stay as they are.
 */
export async function importFolder(db: ImportTarget, path: string, options: ImportOptions = {}): Promise<ImportReport> {
  const { files, refused, entries, declared } = await choose(path, options.only);
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
    await checkEntries(client, declared);
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

/** What is to be imported. */
async function choose(path: string, only: readonly string[] | undefined): Promise<{
  files: readonly DataFile[];
  refused: Discovery['refused'];
  entries: readonly RegistryEntry[];
  /** All that the registry says, also of what is not imported. */
  declared: readonly RegistryEntry[];
}> {
  const { registry, files, refused, single } = await discover(path);
  const declared = registry === undefined ? [] : await readRegistry(registry);
  const mappings = new Map(declared.map((entry) => [entry.name, entry.mapping]));
  const readable = files.map((file) => ({ ...file, mapping: mappings.get(file.name) }));
  const chosen = only ?? (single ? files.map((file) => file.name) : undefined);
  if (chosen === undefined) return { files: readable, refused, entries: declared, declared };
  const names = new Set([...files, ...declared].map(({ name }) => name));
  const missing = chosen.find((name) => !names.has(name));
  if (missing !== undefined) {
    throw new ImportError('IMPORT_DIRECTORY', `${path} has no source ${missing}.`, `It has ${[...names].join(', ') || 'none'}.`);
  }
  const isChosen = ({ name }: { readonly name: string }): boolean => chosen.includes(name);
  return { files: readable.filter(isChosen), refused: [], entries: declared.filter(isChosen), declared };
}

class ImportRun {
  readonly #started = performance.now();
  readonly #meter: ProgressMeter;
  readonly #reports: FileReport[] = [];
  readonly #sources: RegisteredCounts = { inserted: 0, updated: 0, unchanged: 0 };
  readonly #signal: AbortSignal | undefined;
  readonly #range: TimeRange;

  constructor(
    private readonly client: PoolClient,
    private readonly options: ImportOptions,
  ) {
    this.#range = rangeOf(options);
    this.#meter = new ProgressMeter(options.onProgress);
    this.#signal = options.signal;
  }

  async all(files: readonly DataFile[], entries: readonly RegistryEntry[]): Promise<ImportReport> {
    let interrupted = false;
    try {
      const pending = await this.#register(files, entries);
      const series = await this.#load(files, pending);
      await this.#upsert(series);
      if (this.options.dryRun !== true) {
        await this.#call('refresh', () => refreshAll.run(undefined, this.client));
        await this.#call('compress', () => compressOld.run({}, this.client));
      }
    } catch (error) {
      if (this.#signal?.aborted !== true || isConnectionLoss(error)) throw error;
      interrupted = true;
    }
    return {
      dryRun: this.options.dryRun ?? false,
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
    await inTransaction(this.client, this.options, () =>
      writeEntries(this.client, entries.filter((entry) => !waits(entry)), registered, this.#sources, this.options.dryRun));
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
          await inTransaction(this.client, this.options, () =>
            writeEntries(this.client, [entry], registered, this.#sources, this.options.dryRun));
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
    const sources = await byNames.run({ names: series.map(({ file }) => file.name) }, this.client);
    const sourceOf = new Map(sources.map(({ name, source_id, frequency_ms }) => [name, { id: source_id, frequencyMs: frequency_ms }]));
    for (const { file, seconds } of series) {
      this.#signal?.throwIfAborted();
      const source = sourceOf.get(file.name) ?? (this.options.dryRun ? { id: unregistered, frequencyMs: 0 } : undefined);
      if (source === undefined) {
        this.report(file.path, file.name, new ImportError('IMPORT_FILE', `The source ${file.name} is not registered any more.`, 'Import again.'));
      } else await this.#upsertFile(file, source, seconds);
      this.#meter.finish(basename(file.path), file.rowCount, file.bytes);
    }
  }

  /** Second pass over a file, into the database. Throws only what ends the whole import. */
  async #upsertFile(file: SeriesFile, source: Source, loadSeconds: number): Promise<void> {
    const started = performance.now();
    const name = basename(file.path);
    const { batchRows = sliceRows, rejectsFolder = join(process.cwd(), '.btcdb', 'rejects'), dryRun, overwrite, signal } = this.options;
    const rejects = new RejectFile(dryRun ? undefined : rejectsFolder, file.name);
    const written = new WrittenRows();
    let leftOut = 0;
    let failure: unknown;
    try {
      const batches = readBatches(file, READ_ROWS, (reject) => rejects.write(reject), {
        range: this.#range,
        onSkip: () => leftOut++,
      });
      const read = ahead(slicesOf(batches, file.columns, source.id, batchRows));
      const slices = file.ascending ? read : inOrder(this.client, read, batchRows, ({ bytesRead }) => {
        signal?.throwIfAborted();
        this.#meter.at(name, 0, bytesRead);
      });
      for await (const slice of slices) {
        signal?.throwIfAborted();
        written.add(slice, await orMerge((mayCopy) => inTransaction(this.client, this.options, () =>
          writeSlice(this.client, slice, { mayCopy, keepCorrections: overwrite !== true, dryRun }))));
        this.#meter.at(name, slice.elementsRead, slice.bytesRead);
      }
      if (dryRun !== true) await this.#recordGaps(file, source, written, rejects.count + leftOut === 0);
    } catch (error) {
      failure = error;
    }
    try {
      rejects.close();
    } catch (error) {
      failure ??= error;
    }
    const { inserted, updated, unchanged, kept, duplicates } = written.counts;
    if (failure === undefined && rejects.count > 0 && inserted + updated + unchanged + kept + duplicates === 0) {
      const first = rejects.first[0]?.reason ?? '';
      failure = new ImportError('IMPORT_FILE', `${name}: none of its rows can be read; the first one: ${first}.`,
        'Correct the file, or say in sources.json how to read it, and import again.');
    }
    const lost = isConnectionLoss(failure);
    // With a full disk the next file would fare no better.
    const ownFault = failure instanceof ImportError || (failure instanceof DatabaseError && codeOf(failure) !== '53100');
    const ends = failure !== undefined && (lost || signal?.aborted === true || !ownFault);
    this.#report({
      file: name,
      name: file.name,
      rows: file.rowCount,
      ...written.counts,
      keptMoments: written.keptMoments,
      leftOut,
      rejected: rejects.count,
      rejects: rejects.first,
      rejectsFile: rejects.written > 0 ? rejects.path : undefined,
      error: failure === undefined ? undefined : ends ? interruptedFile(name) : failedFile(name, failure),
      seconds: loadSeconds + (performance.now() - started) / 1000,
    });
    if (ends) throw failure;
  }

  /**
   * Records what is missing between the rows of the file, and between them and their stored neighbours. Detecting reads
   * all of that again, which a file without holes is spared. A source that is due far more often than it has rows would
   * be nothing but gaps: there is nothing to learn from that.
   */
  async #recordGaps(file: SeriesFile, { id, frequencyMs }: Source, { firstMs, lastMs }: WrittenRows, complete: boolean): Promise<void> {
    if (firstMs > lastMs) return;
    await inTransaction(this.client, this.options, async () => {
      const { first_row: from, last_row: to, has_gaps: known } = await one(gapRange,
        { source_id: id, first: new Date(firstMs), last: new Date(lastMs) }, this.client);
      const widest = Math.max(file.widestSpacingMs, firstMs - from.getTime(), to.getTime() - lastMs);
      if (complete && !known && widest <= 1.4 * frequencyMs) return;
      // A file that fills holes has few rows far apart, so what is stored has the last word.
      const mayBeSparse = (file.medianSpacingMs ?? 0) > 1.5 * frequencyMs;
      if (mayBeSparse && (await one(isSparse, { source_id: id, from, to }, this.client)).is_sparse) return;
      await recordGaps.run({ source_id: id, from, to }, this.client);
    });
  }

  /** Procedures that end transactions of their own: at top level, and as long as they take. */
  async #call(step: 'refresh' | 'compress', work: () => Promise<unknown>): Promise<void> {
    this.#signal?.throwIfAborted();
    this.#meter.begin(step);
    await this.client.query('set statement_timeout = 0');
    try {
      await again(work, { passes: maintenance, signal: this.#signal, onRetry: this.options.onRetry });
    } catch (error) {
      // Only the owner may refresh and compress; for other roles the policies do it.
      if (codeOf(error) !== '42501') throw error;
    } finally {
      await this.client.query('reset statement_timeout').catch(() => undefined);
    }
  }

  /** Reports a file of which nothing was written. */
  report(path: string, name: string, error: BtcdbError, seconds = 0): void {
    const counts = { inserted: 0, updated: 0, unchanged: 0, kept: 0, duplicates: 0, leftOut: 0, rejected: 0 };
    this.#report({
      file: basename(path), name, rows: 0, ...counts, keptMoments: [], rejects: [], rejectsFile: undefined, error, seconds,
    });
  }

  #report(report: FileReport): void {
    this.#reports.push(report);
    this.options.onFile?.(report);
  }
}

/** The id of no source. */
const unregistered = 0;

/** A file that passed the first pass, and how long that took. */
interface LoadableFile {
  readonly file: SeriesFile;
  readonly seconds: number;
}

/** What the loader has to know of a source. */
interface Source {
  readonly id: number;
  readonly frequencyMs: number;
}

function rangeOf({ from, to }: ImportOptions): TimeRange {
  const range = { firstMs: from?.getTime() ?? allTime.firstMs, lastMs: to?.getTime() ?? allTime.lastMs };
  if (range.firstMs <= range.lastMs) return range;
  throw new ImportError('IMPORT_RANGE', 'The range to import ends before it begins, or one of its ends is no time.', 'Correct from and to.');
}
