/**
 * Which cell of an element is which column: told from the first rows of a file.
 *
 * | shape | element | source |
 * |---|---|---|
 * | pairs | `[ts, value]` | |
 * | candles | `[ts, open, high, low, close, volume]` | |
 * | objects | `{timestamp, open, …}`, with the usual other names | |
 * | binance | 12 cells, numbers as text | GET /api/v3/klines, and the archive data.binance.vision (CSV without a header) |
 * | coinbase | `[s, low, high, open, close, volume]`, newest first | GET /products/{id}/candles |
 * | kraken | `[s, open, high, low, close, vwap, volume, count]` | GET /0/public/OHLC; its CSV archive has 7 columns |
 * | coingecko | `{prices: [[ms, price], …], …}` | GET /coins/{id}/market_chart |
 * | csv | with a header, columns in any order | |
 *
 * CoinGecko's price becomes `value`. Its `market_caps` and `total_volumes` are series of their own and are not read:
 * store them as files of their own if they are wanted.
 */
import { type DataColumn, dataColumns, type Fields } from './batch.js';
import { type Delimiter, guessDelimiter, splitRecord } from './csv.js';
import { FlatElement } from './flat.js';
import { messageOf } from './input.js';
import { isNumber } from '../text.js';
import { cut, decodeUtf8, parseTimestamp } from './scalars.js';

export type Shape = 'pairs' | 'candles' | 'objects' | 'binance' | 'coinbase' | 'kraken' | 'coingecko' | 'csv';

/** Rows that are looked at to tell the shape. */
export const SAMPLE = 100;

type Column = 'timestamp' | DataColumn;

const columns: readonly Column[] = ['timestamp', ...dataColumns];

/** Where the columns are. */
export interface Layout {
  readonly shape: Shape;
  /** What a source of this shape is registered as. */
  readonly dataType: 'ohlcv' | 'simple';
  /** The data columns that the file has; the loader leaves the others of the table alone. */
  readonly columns: readonly DataColumn[];
  readonly cells: ListCells | ObjectCells | RecordCells;
  /** The first element is a header. */
  readonly header: boolean;
  /** The last element is a candle that is still open. */
  readonly dropLast: boolean;
}

/** `indexes`: for the timestamp and each data column its cell, -1 for none. `width`: cells that a row must have. */
interface ListCells {
  readonly kind: 'list';
  readonly width: number;
  readonly indexes: readonly number[];
}

/** `slots`: for each key the column (0: the timestamp), keys as they are written. */
interface ObjectCells {
  readonly kind: 'object';
  readonly slots: ReadonlyMap<string, number>;
}

interface RecordCells {
  readonly kind: 'record';
  readonly delimiter: Delimiter;
  readonly width: number;
  readonly indexes: readonly number[];
}

/** The file has no shape that can be read. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';

  constructor(message: string, readonly hint = knownShapes) {
    super(message);
  }
}

const knownShapes = 'Known are [timestamp, value], [timestamp, open, high, low, close, volume], objects with these names, '
  + 'CSV with a header, and candles as Binance, Coinbase, Kraken and CoinGecko send them.';

const lists: Readonly<Record<'pairs' | 'candles' | 'binance' | 'coinbase' | 'kraken' | 'krakenArchive', readonly Column[]>> = {
  pairs: ['timestamp', 'value'],
  candles: ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
  binance: ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
  coinbase: ['timestamp', 'low', 'high', 'open', 'close', 'volume'],
  kraken: ['timestamp', 'open', 'high', 'low', 'close', 'timestamp', 'volume'],
  krakenArchive: ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
};

/** Names of columns, lower case, blanks as underscores; of two in one file the earlier here counts. */
const names: Readonly<Record<Column, readonly string[]>> = {
  timestamp: ['timestamp', 'unix_timestamp', 'unix', 'ts', 't', 'open_time', 'opentime', 'datetime', 'time', 'date'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c', 'price'],
  volume: ['volume', 'v'],
  value: ['value'],
};

/** The layout of the elements of a JSON array. `path`: the keys above it. Throws a {@link ShapeError}. */
export function jsonLayout(path: string, sample: readonly string[]): Layout {
  const element = new FlatElement();
  const rows = sample.flatMap((text) => {
    const kind = element.read(text);
    return kind === undefined ? [] : [{ kind, cells: element.cells.slice(0, element.count), keys: element.keys.slice(0, element.count) }];
  });
  if (rows.length === 0) {
    throw new ShapeError(`none of the first rows is a list or an object; the first is ${cut(decodeUtf8(sample[0] ?? ''), 60)}`);
  }
  const layout = 2 * rows.filter((row) => row.kind === 'object').length > rows.length
    ? objectLayout(rows.filter((row) => row.kind === 'object').map((row) => row.keys))
    : listLayout(path, rows.filter((row) => row.kind === 'list').map((row) => row.cells));
  return checked(layout, sample);
}

/** The layout of the records of a CSV file. Throws a {@link ShapeError}. */
export function csvLayout(sample: readonly string[]): Layout {
  const first = sample[0] ?? '';
  const delimiter = guessDelimiter(first);
  let head: string[];
  try {
    head = splitRecord(first, delimiter);
  } catch (error) {
    throw new ShapeError(`the header cannot be read: ${messageOf(error)}`, 'Mend the quotes in the first line.');
  }
  const header = !head.some((field) => isNumber(field));
  const cells = { kind: 'record', delimiter, width: head.length } as const;
  if (!header) {
    const shape = ({ 2: 'pairs', 6: 'candles', 7: 'krakenArchive', 12: 'binance' } as const)[head.length];
    if (shape === undefined) {
      throw new ShapeError(`it has no header and ${head.length} columns`, 'Add a header: timestamp, open, high, low, close, volume, or timestamp, value.');
    }
    const layout = listOf(shape);
    return checked({ ...layout, cells: { ...cells, indexes: layout.cells.indexes } }, sample);
  }
  const slots = chooseNames(head.map(decodeUtf8), 'The header');
  const indexes = columns.map((_, slot) => head.findIndex((name) => slots.get(decodeUtf8(name)) === slot));
  if (sample.length === 1) throw new ShapeError('it has a header and no rows', 'Add rows, or remove the file.');
  return checked({ ...ofColumns('csv', [...slots.values()]), header, cells: { ...cells, indexes } }, sample);
}

/** At least one row of the sample has to be readable: else the shape is a guess that rejects everything. */
function checked(layout: Layout, sample: readonly string[]): Layout {
  const reader = rowReader(layout);
  let problem: string | undefined;
  for (const text of layout.header ? sample.slice(1) : sample) {
    if (!reader.read(text)) problem ??= reader.problem;
    else if (Number.isNaN(parseTimestamp(reader.fields[0] ?? ''))) problem ??= `timestamp: "${cut(reader.fields[0] ?? '', 40)}" is neither an epoch number nor a date`;
    else return layout;
  }
  throw new ShapeError(`none of the first rows can be read; the first one: ${problem ?? 'it is empty'}`);
}

function listLayout(path: string, rows: readonly (string | null)[][]): Layout {
  const widths = new Map<number, number>();
  for (const row of rows) widths.set(row.length, (widths.get(row.length) ?? 0) + 1);
  const width = [...widths].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
  const sample = rows.filter((row) => row.length === width);
  if (width === 2) return { ...listOf('pairs'), shape: path === 'prices' ? 'coingecko' : 'pairs' };
  if (width === 6) return listOf(isCoinbase(sample) ? 'coinbase' : 'candles');
  if (width === 12) return listOf('binance');
  if (width === 8 && path.startsWith('result.')) return { ...listOf('kraken'), dropLast: true };
  throw new ShapeError(`its rows have ${width} cells, which is no known shape`);
}

/**
 * Tells Coinbase's `[s, low, high, open, close, volume]` from `[ts, open, high, low, close, volume]`. Coinbase sends
 * seconds, so anything finer is ours. Otherwise the lowest of the four prices decides: it is in cell 1 there and in cell
 * 3 here. Rows that fit both (open = low) read the same either way; rows that fit neither are corrupt and have no say.
 * When nine tenths of the sample do not agree, nothing is guessed.
 */
function isCoinbase(rows: readonly (string | null)[][]): boolean {
  let ours = 0;
  let theirs = 0;
  for (const row of rows) {
    if (!/^\d{9,10}$/.test(row[0] ?? '')) continue;
    const [first, high, third, close] = row.slice(1, 5).map((cell) => (cell === null ? Number.NaN : Number(cell))) as
      [number, number, number, number];
    if (!(high >= Math.max(first, third, close))) continue;
    const lowIsThird = third <= Math.min(first, close);
    const lowIsFirst = first <= Math.min(third, close);
    if (lowIsThird && !lowIsFirst) ours++;
    if (lowIsFirst && !lowIsThird) theirs++;
  }
  if (Math.max(ours, theirs) < 0.9 * (ours + theirs)) {
    throw new ShapeError('the order of its six columns cannot be told: some rows have the low price second, some fourth',
      'Use objects, or CSV with a header.');
  }
  return theirs > ours;
}

function listOf(list: keyof typeof lists): Layout & { cells: ListCells } {
  const order = lists[list];
  const indexes = columns.map((column) => order.indexOf(column));
  const width = { pairs: 2, candles: 6, binance: 12, coinbase: 6, kraken: 8, krakenArchive: 7 }[list];
  const slots = indexes.flatMap((index, slot) => (index < 0 ? [] : [slot]));
  return { ...ofColumns(list === 'krakenArchive' ? 'kraken' : list, slots), cells: { kind: 'list', width, indexes } };
}

function objectLayout(rows: readonly string[][]): Layout {
  const slots = chooseNames([...new Set(rows.flat())].map(decodeUtf8), 'Its objects');
  return { ...ofColumns('objects', [...slots.values()]), cells: { kind: 'object', slots } };
}

function ofColumns(shape: Shape, slots: readonly number[]): Omit<Layout, 'cells'> {
  const present = dataColumns.filter((_, i) => slots.includes(i + 1));
  const candle = present.some((column) => column !== 'value' && column !== 'volume');
  return { shape, dataType: candle ? 'ohlcv' : 'simple', columns: present, header: false, dropLast: false };
}

/**
 * The column of each name that means one. `price` is the close of a candle; beside no other price it is a simple
 * series, a value.
 */
function chooseNames(found: readonly string[], who: string): Map<string, number> {
  const slots = new Map<string, number>();
  const normal = found.map((name) => name.trim().toLowerCase().replace(/[\s-]+/g, '_'));
  for (const [slot, column] of columns.entries()) {
    const alias = names[column].find((name) => normal.includes(name));
    if (alias !== undefined) slots.set(found[normal.indexOf(alias)] as string, slot);
  }
  const has = (column: Column): boolean => [...slots.values()].includes(columns.indexOf(column));
  if (!has('open') && !has('high') && !has('low') && !has('value')) {
    for (const [name, slot] of slots) {
      if (columns[slot] === 'close' && /^price$/i.test(name.trim())) slots.set(name, columns.indexOf('value'));
    }
  }
  const missing = !has('timestamp') ? 'timestamp' : !has('close') && !has('value') ? 'close (or value)' : undefined;
  if (missing !== undefined) {
    const there = found.slice(0, 30).map((name) => cut(name, 40)).join(', ');
    throw new ShapeError(`the column ${missing} is missing. ${who} ${who.startsWith('The') ? 'has' : 'have'}: ${there}`,
      'Add the column, or give it one of the known names: '
      + (missing === 'timestamp' ? names.timestamp : [...names.close, ...names.value]).join(', ') + '.');
  }
  return slots;
}

/** Reads elements into `fields`, which the next element overwrites. */
export interface RowReader {
  /** The timestamp, then the data columns. */
  readonly fields: Fields;
  /** Why the last element could not be read. */
  readonly problem: string;
  read(text: string): boolean;
}

export function rowReader(layout: Layout): RowReader {
  const { cells } = layout;
  switch (cells.kind) {
    case 'list':
      return new ListReader(cells);
    case 'object':
      return new ObjectReader(cells);
    case 'record':
      return new RecordReader(cells);
  }
}

function emptyFields(): Fields {
  return columns.map(() => null);
}

class ListReader implements RowReader {
  readonly fields = emptyFields();
  problem = '';
  readonly #element = new FlatElement();

  constructor(private readonly layout: ListCells) {}

  read(text: string): boolean {
    const element = this.#element;
    const kind = element.read(text);
    const { width, indexes } = this.layout;
    if (kind !== 'list' || element.count !== width) {
      this.problem = kind === undefined ? element.problem
        : kind === 'list' ? `the row has ${element.count} cells, the others ${width}` : 'the row is an object, the others are lists';
      return false;
    }
    for (let slot = 0; slot < indexes.length; slot++) {
      const index = indexes[slot] as number;
      if (index >= 0) this.fields[slot] = element.cells[index] as string | null;
    }
    return true;
  }
}

class ObjectReader implements RowReader {
  readonly fields = emptyFields();
  problem = '';
  readonly #element = new FlatElement();

  constructor(private readonly layout: ObjectCells) {}

  read(text: string): boolean {
    const element = this.#element;
    const kind = element.read(text);
    if (kind !== 'object') {
      this.problem = kind === undefined ? element.problem : 'the row is a list, the others are objects';
      return false;
    }
    this.fields.fill(null);
    for (let i = 0; i < element.count; i++) {
      const slot = this.layout.slots.get(element.keys[i] as string);
      if (slot !== undefined) this.fields[slot] = element.cells[i] as string | null;
    }
    return true;
  }
}

class RecordReader implements RowReader {
  readonly fields = emptyFields();
  problem = '';

  constructor(private readonly layout: RecordCells) {}

  read(text: string): boolean {
    const { width, indexes, delimiter } = this.layout;
    let record: string[];
    try {
      record = splitRecord(text, delimiter);
    } catch (error) {
      this.problem = `the quotes are wrong: ${messageOf(error)}`;
      return false;
    }
    if (record.length !== width) {
      this.problem = `the record has ${record.length} fields, the first one ${width}`;
      return false;
    }
    for (let slot = 0; slot < indexes.length; slot++) {
      const index = indexes[slot] as number;
      if (index < 0) continue;
      const field = record[index] as string;
      this.fields[slot] = field === '' || (field.length === 4 && field.toLowerCase() === 'null') ? null : field;
    }
    return true;
  }
}
