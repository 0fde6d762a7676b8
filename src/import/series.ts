/**
 * One file, one series. A file is read twice.
 *
 * The first pass ({@link openSeries}) writes nothing: it checks the structure to the very last byte, tells the shape,
 * counts the rows, takes the median spacing for a source that registers itself, and sees whether the timestamps rise
 * strictly. Because of it a file that is cut off, empty or of an unknown shape is refused before its first row is
 * written, although rows are written in batches with a transaction each. It only splits and looks at timestamps.
 *
 * The second pass ({@link readBatches}) judges every row and hands them out in columns.
 */
import { basename } from 'node:path';
import { ImportError } from '../errors/catalogue.js';
import { cut, visible } from '../errors/messages.js';
import { isPlausibleTime, parseTimestamp } from '../types/scalars.js';
import type { DataColumn } from '../write/lines.js';
import { allTime, leftOut, SeriesBatch, type TimeRange } from './batch.js';
import { CsvSplitter } from './csv.js';
import type { DataFile } from './discover.js';
import { fileState, type FileState, readChunks, decodeUtf8 } from './input.js';
import { JsonSplitter } from './json.js';
import { csvLayout, jsonLayout, SAMPLE } from './layout.js';
import type { Mapping } from './mapping.js';
import { type Layout, rowReader, type RowReader } from './row-reader.js';
import { type Shape, ShapeError } from './shapes.js';
import { type ElementSink, type Position, type Splitter, StructureError } from './splitter.js';

/** Bytes of text that a sample may hold. */
const SAMPLE_BYTES = 2 * 1024 * 1024;
/** Arrays in one JSON file that are looked at. */
const MOST_ARRAYS = 32;
/** Distances between rows that the median is taken from. */
const SPACINGS = 8192;

/** A file that can be imported, as the first pass saw it. */
export interface SeriesFile extends DataFile {
  readonly shape: Shape;
  /** What the series is registered as when nothing else says so. */
  readonly dataType: 'ohlcv' | 'simple';
  /** The data columns that the file has. */
  readonly columns: readonly DataColumn[];
  /** Median distance of neighbouring rows in milliseconds; undefined when there are not two timestamps. */
  readonly medianSpacingMs: number | undefined;
  /** Largest distance of neighbouring rows. No period within the file that is longer is without a row. */
  readonly widestSpacingMs: number;
  /** Rows in the file, those included that the second pass will reject. */
  readonly rowCount: number;
  /** Size of the file on disk. */
  readonly bytes: number;
  /** Whether each row is later than the one before it: neither out of order nor twice. */
  readonly ascending: boolean;
  /** The last candle is still open and no row. */
  readonly openCandle: boolean;
  /** For {@link readBatches}. */
  readonly source: { readonly layout: Layout; readonly arrayPath: string; readonly state: FileState };
}

/** A row that was not taken. */
export interface Reject extends Position {
  /** Name of the file. */
  readonly file: string;
  readonly reason: string;
  /** The text of the row, at most 200 characters. */
  readonly raw: string;
}

/** First pass. Throws an ImportError of code IMPORT_FILE. */
export async function openSeries(file: DataFile, onBytes?: (bytes: number) => void, signal?: AbortSignal): Promise<SeriesFile> {
  const state = await fileState(file.path);
  const survey = new Survey(file);
  await feed(file, makeSplitter(file, survey), onBytes, signal);
  const { path: arrayPath, profile } = describeErrors(file, () => survey.choose());
  const layout = describeErrors(file, () => profile.layout());
  const rowCount = profile.count - layout.skip - (layout.dropLast ? 1 : 0);
  if (rowCount === 0) throw new ImportError('IMPORT_FILE', `${basename(file.path)}: it has no rows.`, 'Add rows, or remove the file.');
  return {
    ...file,
    shape: layout.shape,
    dataType: layout.dataType,
    columns: layout.columns,
    medianSpacingMs: profile.spacing.median(),
    widestSpacingMs: profile.spacing.widest,
    rowCount,
    bytes: state.bytes,
    ascending: profile.spacing.ascending,
    openCandle: layout.dropLast,
    source: { layout, arrayPath, state },
  };
}

/** What else the second pass may be told. */
export interface ReadOptions {
  /** Rows outside are left out. */
  readonly range?: TimeRange | undefined;
  /** A row was left out: it has no value, is a candle that is still open, or lies outside the range. */
  readonly onSkip?: () => void;
}

/** Second pass: the rows in batches of `batchSize`, those that are no rows to `onReject`. */
export async function* readBatches(
  file: SeriesFile,
  batchSize: number,
  onReject: (reject: Reject) => void,
  options: ReadOptions = {},
): AsyncGenerator<SeriesBatch> {
  const { layout, arrayPath, state } = file.source;
  const now = await fileState(file.path);
  if (now.bytes !== state.bytes || now.modifiedMs !== state.modifiedMs) {
    throw new ImportError('IMPORT_FILE', `${basename(file.path)} changed while it was imported.`, 'Import it again when it is complete.');
  }
  const rows = new RowSink(file, layout, arrayPath, batchSize, onReject, options);
  const splitter = makeSplitter(file, rows);
  rows.splitter = splitter;
  const progress = { bytes: 0 };
  for await (const chunk of readChunks(file.path, progress)) {
    describeErrors(file, () => splitter.feed(chunk));
    for (const batch of rows.full.splice(0)) {
      batch.bytesRead = progress.bytes;
      yield batch;
    }
  }
  describeErrors(file, () => splitter.finish());
  for (const batch of [...rows.full.splice(0), rows.batch]) {
    batch.bytesRead = progress.bytes;
    batch.elementsRead = rows.read;
    if (batch.length > 0) yield batch;
  }
}

function makeSplitter(file: DataFile, sink: ElementSink): Splitter {
  return file.format === 'json' ? new JsonSplitter(sink) : new CsvSplitter(sink, file.mapping?.skip_lines);
}

async function feed(file: DataFile, splitter: Splitter, onBytes?: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
  const progress = { bytes: 0 };
  for await (const chunk of readChunks(file.path, progress)) {
    signal?.throwIfAborted();
    describeErrors(file, () => splitter.feed(chunk));
    onBytes?.(progress.bytes);
  }
  describeErrors(file, () => splitter.finish());
}

/** Gives the errors of the parts the name of the file. */
function describeErrors<T>(file: DataFile, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const name = basename(file.path);
    if (error instanceof StructureError) {
      throw new ImportError('IMPORT_FILE', `${name}, line ${error.line}: ${error.message}.`, error.hint, { cause: error });
    }
    if (error instanceof ShapeError) {
      const { remedy } = error;
      const hint = typeof remedy === 'string' ? remedy : mappingHint(file, remedy);
      throw new ImportError('IMPORT_FILE', `${name}: ${error.message}.`, hint, { cause: error });
    }
    throw error;
  }
}

/** The mapping to write, whole: it can be pasted. */
function mappingHint({ name, mapping }: DataFile, remedy: Mapping): string {
  return `Say in sources.json how to read it, for example: ${JSON.stringify([{ name, import: { ...mapping, ...remedy } }])}`;
}

/** What the first pass learns about each array of a file. */
class Survey implements ElementSink {
  readonly #profiles = new Map<string, Profile>();
  readonly #wanted: string | undefined;
  #current: Profile | undefined;

  constructor(private readonly file: DataFile) {
    this.#wanted = file.format === 'json' ? file.mapping?.rows : undefined;
  }

  begin(path: string): void {
    const { format, mapping } = this.file;
    this.#current = undefined;
    if (this.#profiles.has(path)) throw new ShapeError(`the key ${cut(path, 60)} is there twice`, 'Export the file again.');
    if (this.#profiles.size >= MOST_ARRAYS) {
      // The one that is asked for may still come.
      if (this.#wanted === undefined) throw new ShapeError(`it has more than ${MOST_ARRAYS} arrays`, { rows: path });
      if (this.#wanted !== path) return;
    }
    this.#current = new Profile(path, format, mapping);
    this.#profiles.set(path, this.#current);
  }

  element(text: string): void {
    this.#current?.add(text);
  }

  end(): void {
    this.#current?.close();
  }

  /** The array that holds the rows. */
  choose(): { path: string; profile: Profile } {
    const answer = this.#profiles.get('error');
    if (answer !== undefined && answer.count > 0) {
      throw new ShapeError(`it holds an error instead of rows: ${answer.begins()}`, 'Download it again.');
    }
    const wanted = this.#wanted ?? (this.#profiles.has('prices') ? 'prices' : undefined);
    if (wanted !== undefined) {
      const profile = this.#profiles.get(wanted);
      if (profile !== undefined) return { path: wanted, profile };
      throw new ShapeError(`there is no array at ${cut(wanted, 60)}, where sources.json says that its rows are. It has: ${this.#paths([...this.#profiles])}`,
        'Correct the field import of this source in sources.json.');
    }
    const filled = [...this.#profiles].filter(([, profile]) => profile.count > 0);
    if (filled.length === 0) {
      throw new ShapeError(this.#profiles.size > 0 ? 'it has no rows' : 'there is no array of rows in it',
        'If it is the error message of a service, download it again; if there is nothing to import, remove the file.');
    }
    // Lists of names or numbers beside the rows are no rows.
    const [first, second] = filled.length > 1 ? filled.filter(([, profile]) => profile.hasRows()) : filled;
    if (first === undefined || second !== undefined) {
      throw new ShapeError(`it has several arrays: ${this.#paths(filled)}`, { rows: (first ?? filled[0])?.[0] ?? '' });
    }
    return { path: first[0], profile: first[1] };
  }

  #paths(arrays: readonly [string, Profile][]): string {
    return arrays.slice(0, 10).map(([path]) => (path === '' ? 'one at the top' : cut(path, 60))).join(', ');
  }
}

/** One array: a sample of its rows, from that its layout, and with the layout the timestamps of all rows. */
class Profile {
  count = 0;
  readonly spacing = new Spacing();
  #sample: string[] = [];
  #sampleBytes = 0;
  #layout: Layout | undefined;
  #failure: Error | undefined;
  #reader: RowReader | undefined;
  #begins = '';
  #decided = false;

  constructor(private readonly path: string, private readonly format: DataFile['format'], private readonly mapping: Mapping | undefined) {}

  add(text: string): void {
    this.count++;
    if (this.#decided) {
      this.#look(text);
      return;
    }
    this.#sample.push(text);
    this.#sampleBytes += text.length;
    if (this.#sample.length >= SAMPLE || this.#sampleBytes >= SAMPLE_BYTES) this.close();
  }

  close(): void {
    if (this.#decided) return;
    this.#decided = true;
    this.#begins = cut(decodeUtf8(this.#sample[0] ?? ''), 120);
    if (this.count > 0) {
      try {
        this.#layout = this.format === 'csv' ? csvLayout(this.#sample, this.mapping) : jsonLayout(this.path, this.#sample, this.mapping);
        this.#reader = rowReader(this.#layout);
      } catch (error) {
        // Only the array that is chosen in the end has to have a shape.
        this.#failure = error as Error;
      }
      for (const text of this.#sample.slice(this.#layout?.skip)) this.#look(text);
    }
    this.#sample = [];
  }

  /** Whether its elements are lists or objects. */
  hasRows(): boolean {
    return /^[[{]/.test(this.#begins);
  }

  begins(): string {
    return this.#begins;
  }

  layout(): Layout {
    if (this.#layout === undefined) throw this.#failure ?? new ShapeError('it has no rows', 'Add rows, or remove the file.');
    return this.#layout;
  }

  #look(text: string): void {
    if (this.#layout?.cells.kind === 'list' && this.#layout.cells.indexes[0] === 0 && this.#layout.formats === undefined) {
      // The timestamp is the first cell: mostly there is no need to read the others.
      const ms = parseTimestamp(text.substring(1, text.indexOf(',')));
      if (!Number.isNaN(ms)) {
        this.spacing.add(ms);
        return;
      }
    }
    if (this.#reader?.read(text)) this.spacing.add(parseTimestamp(this.#reader.fields[0] ?? ''));
  }
}

/**
 * Distances between neighbouring rows: their order, and their median over an even sample of at most {@link SPACINGS}.
 */
class Spacing {
  ascending = true;
  widest = 0;
  #previous = Number.NaN;
  #distances: number[] = [];
  #stride = 1;
  #seen = 0;

  /** `ms`: milliseconds since 1970; a timestamp that cannot be read is no neighbour. */
  add(ms: number): void {
    if (!isPlausibleTime(ms)) return;
    const distance = ms - this.#previous;
    this.#previous = ms;
    if (Number.isNaN(distance)) return;
    if (distance <= 0) this.ascending = false;
    if (Math.abs(distance) > this.widest) this.widest = Math.abs(distance);
    if (distance === 0 || this.#seen++ % this.#stride !== 0) return;
    this.#distances.push(Math.abs(distance));
    if (this.#distances.length < SPACINGS) return;
    this.#distances = this.#distances.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  median(): number | undefined {
    return this.#distances.sort((a, b) => a - b)[this.#distances.length >> 1];
  }
}

/** What the second pass does with each element. */
class RowSink implements ElementSink {
  batch: SeriesBatch;
  /** Batches that are ready to be taken. */
  readonly full: SeriesBatch[] = [];
  read = 0;
  splitter: Splitter | undefined;
  readonly #reader: RowReader;
  readonly #last: number;
  #skip: number;
  #wanted = false;

  constructor(
    private readonly file: SeriesFile,
    layout: Layout,
    private readonly arrayPath: string,
    private readonly batchSize: number,
    private readonly onReject: (reject: Reject) => void,
    private readonly options: ReadOptions,
  ) {
    this.batch = this.#newBatch();
    this.#reader = rowReader(layout);
    this.#skip = layout.skip;
    this.#last = layout.dropLast ? file.rowCount : Number.POSITIVE_INFINITY;
  }

  begin(path: string): void {
    this.#wanted = path === this.arrayPath;
  }

  end(): void {
    this.#wanted = false;
  }

  element(text: string): void {
    if (!this.#wanted) return;
    if (this.#skip > 0) {
      this.#skip--;
      return;
    }
    if (this.read >= this.#last) return;
    this.read++;
    const reader = this.#reader;
    const problem = !reader.read(text) ? reader.problem : reader.isOpen ? leftOut : this.batch.add(reader.fields);
    if (problem === leftOut) this.options.onSkip?.();
    else if (problem !== undefined) this.#reject(text, problem);
    else if (this.batch.length >= this.batchSize) {
      this.batch.elementsRead = this.read;
      this.full.push(this.batch);
      this.batch = this.#newBatch();
    }
  }

  #newBatch(): SeriesBatch {
    return new SeriesBatch(this.options.range ?? allTime);
  }

  #reject(text: string, reason: string): void {
    const position = this.splitter?.position() ?? { line: 0, element: 0, byte: 0 };
    this.onReject({ file: basename(this.file.path), ...position, reason: visible(decodeUtf8(reason)), raw: cut(decodeUtf8(text), 200) });
  }
}
