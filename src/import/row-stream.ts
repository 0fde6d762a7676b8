/**
 * Rows out of a stream of bytes that is read once, such as the body of a request, in the formats and shapes of the importer's
 * files. What cannot be known before the end, such as that the stream is cut off, is an error after rows have been handed out:
 * whoever writes them does so in one transaction.
 */
import { ImportError } from '../errors/catalogue.js';
import { visible } from '../errors/messages.js';
import { dataColumns } from '../write/lines.js';
import type { RowInput } from '../write/rows.js';
import { judge, leftOut } from './batch.js';
import { CsvSplitter, guessDelimiter, splitRecord } from './csv.js';
import { FlatElement } from './flat.js';
import { decodeUtf8 } from './input.js';
import { JsonSplitter } from './json.js';
import { csvLayout, jsonLayout, SAMPLE } from './layout.js';
import type { Mapping } from './mapping.js';
import { type Layout, rowReader, type RowReader } from './row-reader.js';
import { NoRowsError, ShapeError } from './shapes.js';
import { type ElementSink, type Position, type Splitter, StructureError } from './splitter.js';

export { parseIsoTime } from '../types/scalars.js';

/** `ndjson`: a list or an object in each line. */
export type RowFormat = 'json' | 'ndjson' | 'csv';

/** What became of the rows that are read so far. Those that are neither are handed out. */
export interface RowCounts {
  /** Rows in the stream. */
  rows: number;
  /** Rows without a value, and candles that are still open. */
  leftOut: number;
  rejected: number;
}

/** A row that was not taken. */
export interface RejectedRow {
  /** From 1 on. */
  readonly line: number;
  /** From 0 on, without a header. */
  readonly index: number;
  readonly reason: string;
}

/** Bytes of the text that a sample may hold. */
const SAMPLE_BYTES = 2 * 1024 * 1024;

/**
 * The rows of a source. A column that a row does not have is left out; an empty one is null. A row that is none is told to
 * `onReject` and not handed out. Memory stays flat.
 *
 * @throws {ImportError} IMPORT_FILE: the stream as a whole cannot be read
 */
export async function* readRows(
  bytes: AsyncIterable<Buffer>,
  format: RowFormat,
  sourceId: number,
  counts: RowCounts,
  onReject: (reject: RejectedRow) => void,
): AsyncGenerator<RowInput> {
  const sink = new StreamSink(format, sourceId, counts, onReject);
  const splitter = format === 'json' ? new JsonSplitter(sink) : new CsvSplitter(sink, 0, format === 'csv' ? undefined : -1);
  sink.splitter = splitter;
  for await (const chunk of bytes) {
    explained(() => splitter.feed(chunk));
    for (const row of sink.taken()) yield row;
  }
  explained(() => {
    splitter.finish();
    sink.finish();
  });
  for (const row of sink.taken()) yield row;
}

function explained<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof StructureError) {
      throw new ImportError('IMPORT_FILE', `Line ${error.line}: ${error.message}.`, error.hint, { cause: error });
    }
    if (error instanceof ShapeError) throw new ImportError('IMPORT_FILE', `The rows cannot be read: ${error.message}.`, undefined, { cause: error });
    throw error;
  }
}

interface Element {
  readonly text: string;
  readonly position: Position;
}

class StreamSink implements ElementSink {
  splitter: Splitter | undefined;
  #rows: RowInput[] = [];
  /** The array whose elements are the rows: the first one that has lists or objects. */
  #path: string | undefined;
  #here = '';
  #hasArray = false;
  /** Elements before the layout is known. */
  #sample: Element[] = [];
  #sampleBytes = 0;
  #layout: Layout | undefined;
  #reader: RowReader | undefined;
  /** Where the last candle is still open, the last element so far. */
  #held: Element | undefined;

  constructor(
    private readonly format: RowFormat,
    private readonly sourceId: number,
    private readonly counts: RowCounts,
    private readonly onReject: (reject: RejectedRow) => void,
  ) {}

  /** The rows since the last time. */
  taken(): RowInput[] {
    return this.#rows.splice(0);
  }

  begin(path: string): void {
    this.#here = path;
    this.#hasArray = true;
  }

  end(): void {}

  element(text: string): void {
    if (this.format === 'json' && !this.#isOfRows(text)) return;
    if (this.#reader !== undefined) {
      this.#hold(text, undefined);
      return;
    }
    this.#sample.push({ text, position: this.splitter!.position() });
    this.#sampleBytes += text.length;
    if (this.#sample.length >= SAMPLE || this.#sampleBytes >= SAMPLE_BYTES) this.#decide();
  }

  finish(): void {
    if (this.#reader === undefined) this.#decide();
    if (this.format === 'json' && !this.#hasArray) throw new ShapeError('there is no array in it', '');
    if (this.#held === undefined) return;
    this.counts.rows++;
    this.counts.leftOut++;
  }

  /** CoinGecko sends market caps and volumes after its prices. */
  #isOfRows(text: string): boolean {
    if (this.#path === undefined) {
      const isRow = /^[[{]/.test(text);
      if (!isRow && this.#here === 'error') throw new ShapeError(`it holds an error instead of rows: ${decodeUtf8(text).slice(0, 120)}`, '');
      if (!isRow && this.#here !== '') return false;
      this.#path = this.#here;
    }
    if (this.#here === this.#path) return true;
    if (this.#path !== 'prices' && /^[[{]/.test(text)) throw new ShapeError('it has several arrays of rows', '');
    return false;
  }

  #decide(): void {
    const sample = this.#sample;
    this.#sample = [];
    if (sample.length === 0) return;
    const texts = sample.map(({ text }) => text);
    try {
      const mapping = mappingOf(this.format, texts);
      this.#layout = this.format === 'csv' ? csvLayout(texts, mapping) : withOwnKeys(jsonLayout(this.#path ?? '', texts, mapping));
    } catch (error) {
      if (error instanceof NoRowsError) return;
      throw error;
    }
    this.#reader = rowReader(this.#layout);
    for (const { text, position } of sample.slice(this.#layout.skip)) this.#hold(text, position);
  }

  #hold(text: string, position: Position | undefined): void {
    if (this.#layout?.dropLast !== true) return this.#take(text, position);
    const before = this.#held;
    this.#held = { text, position: position ?? this.splitter!.position() };
    if (before !== undefined) this.#take(before.text, before.position);
  }

  #take(text: string, position: Position | undefined): void {
    this.counts.rows++;
    const reader = this.#reader!;
    const result = !reader.read(text) ? reader.problem : reader.isOpen ? leftOut : judge(reader.fields);
    if (typeof result === 'number') this.#rows.push(this.#rowOf(result, reader));
    else if (result === leftOut) this.counts.leftOut++;
    else {
      this.counts.rejected++;
      const { line, element } = position ?? this.splitter!.position();
      this.onReject({ line, index: element - 1 - this.#layout!.skip, reason: visible(decodeUtf8(result)) });
    }
  }

  #rowOf(ms: number, { fields, given }: RowReader): RowInput {
    const row: RowInput = { source_id: this.sourceId, timestamp: ms };
    for (let i = 0; i < dataColumns.length; i++) {
      if (given & (1 << (i + 1))) row[dataColumns[i]!] = fields[i + 1];
    }
    return row;
  }
}

/** Rows with our own names of columns are taken at their word, whichever of them they have. */
function mappingOf(format: RowFormat, texts: readonly string[]): Mapping | undefined {
  const names = new Set(format === 'csv' ? splitRecordOrNone(texts[0] ?? '') : texts.flatMap(keysOf));
  const own = dataColumns.filter((column) => names.has(column));
  if (!names.has('timestamp') || own.length === 0) return undefined;
  return { columns: { timestamp: 'timestamp', ...Object.fromEntries(own.map((column) => [column, column])) } };
}

function keysOf(text: string): string[] {
  const element = new FlatElement();
  return element.read(text) === 'object' ? element.keys.slice(0, element.count) : [];
}

function splitRecordOrNone(record: string): string[] {
  try {
    return splitRecord(record, guessDelimiter(record));
  } catch {
    return [];
  }
}

/** A column that the first rows do not have may come later, under its own name. */
function withOwnKeys(layout: Layout): Layout {
  if (layout.cells.kind !== 'object') return layout;
  const slots = new Map(layout.cells.slots);
  const taken = new Set(slots.values());
  for (const [i, column] of dataColumns.entries()) if (!taken.has(i + 1) && !slots.has(column)) slots.set(column, i + 1);
  return { ...layout, cells: { kind: 'object', slots } };
}
