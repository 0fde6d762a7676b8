/**
 * Which column is what: said by a mapping of sources.json, else told from names, or from the number and order of the
 * cells. What two columns could be is not guessed.
 */
import { cut } from '../errors/messages.js';
import { isMissing } from '../types/scalars.js';
import { type DataColumn, dataColumns } from '../write/lines.js';
import type { ColumnPlace, Mapping } from './mapping.js';
import { resemblesNumber } from './numbers.js';
import { lists, type ListShape, names, normalName, type Shape, ShapeError, slots, TIME_OF_DAY } from './shapes.js';

/** The first rows of a file. */
export interface Table {
  /** Names of the columns, when the file says them, and who says them. */
  readonly names: readonly string[] | undefined;
  readonly who: string;
  readonly width: number;
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface Columns {
  readonly shape: Shape;
  /** For each slot its cell, -1 for none. */
  readonly indexes: readonly number[];
  /** The cell that says whether a candle is closed, -1 for none. */
  readonly closed: number;
  /** The last element is a candle that is still open. */
  readonly dropLast: boolean;
}

/** `path`: the keys above the rows in JSON. `named`: the shape of rows with names. Throws a {@link ShapeError}. */
export function chooseColumns(table: Table, path: string, named: Shape, { columns }: Mapping): Columns {
  const rest = { closed: -1, dropLast: false };
  if (columns !== undefined) return { ...rest, shape: 'mapped', indexes: mappedColumns(columns, table) };
  if (table.names !== undefined) return { ...rest, shape: named, indexes: namedColumns(table) };
  const { shape, cells, dropLast = false } = chooseList(table, path);
  const letters = ['t', 'o', 'h', 'l', 'c', 'v', 'x'];
  const indexes = slots.map((_, slot) => cells.indexOf(letters[slot] ?? '!'));
  return { shape, indexes, closed: cells.indexOf('?'), dropLast };
}

/**
 * Of the shapes with this number of cells the one whose reading makes sense: the high is the highest price, the low the
 * lowest. Rows that fit all of them read the same either way, and rows that fit none are corrupt; neither have a say.
 * When nine tenths of the others do not agree, nothing is guessed.
 */
function chooseList({ rows, width }: Table, path: string): ListShape {
  const units = new Set(rows.map(([first]) => unitOf(first)));
  const candidates = lists.filter(({ cells, path: where, unit }) =>
    cells.length === width && (where?.test(path) ?? true) && (unit === undefined || units.has(unit)));
  const candle = { timestamp: 1, open: 2, high: 3, low: 4, close: 5 };
  const positions = { columns: width < 5 ? { timestamp: 1, value: 2 } : width === 5 ? candle : { ...candle, volume: 6 } };
  const [first] = candidates;
  if (first === undefined) throw new ShapeError(`its rows have ${width} cells, which is no known shape`, positions);
  if (!first.cells.includes('o')) return first;
  const fits = rows.map((row) => candidates.map(({ cells }) => makesSense(row, cells)));
  const decisive = fits.filter((fit) => fit.includes(true) && (candidates.length === 1 || fit.includes(false)));
  // Candles in the usual order are taken at their word.
  if (decisive.length === 0 && first.shape === 'candles') return first;
  const winners = candidates.filter((_, i) => decisive.filter((fit) => fit[i]).length >= 0.9 * decisive.length);
  if (decisive.length > 0 && winners.length === 1) return winners[0] as ListShape;
  if (decisive.length === 0 && fits.some((fit) => fit.includes(true))) return first;
  throw new ShapeError(`the order of its ${width} columns cannot be told: in no known order the high is the highest price and the low the lowest`, positions);
}

function unitOf(time: string | null | undefined): 's' | 'ms' | undefined {
  if (/^\d{9,10}$/.test(time ?? '')) return 's';
  return /^\d{12,13}$/.test(time ?? '') ? 'ms' : undefined;
}

function makesSense(row: readonly (string | null)[], cells: string): boolean {
  const [open, high, low, close] = [...'ohlc'].map((letter) => Number(row[cells.indexOf(letter)] ?? Number.NaN)) as [number, number, number, number];
  return high >= Math.max(open, low, close) && low <= Math.min(open, close);
}

/** The names that are there, for messages. */
function found({ names: all = [], who }: Table): string {
  return `${who}: ${all.slice(0, 30).map((name) => cut(name, 40)).join(', ')}`;
}

/** The columns that a mapping names. */
function mappedColumns(columns: NonNullable<Mapping['columns']>, table: Table): number[] {
  const indexOf = (place: ColumnPlace | undefined): number => {
    if (place === undefined) return -1;
    const all = table.names ?? [];
    const index = typeof place === 'number' ? (place <= table.width ? place - 1 : -1)
      : all.includes(place) ? all.indexOf(place) : all.findIndex((name) => normalName(name) === normalName(place));
    if (index >= 0) return index;
    const there = table.names ? found(table) : `Its rows have ${table.width} cells`;
    throw new ShapeError(`the column ${cut(String(place), 60)}, which sources.json names, is not there. ${there}`,
      'Correct the field import of this source in sources.json.');
  };
  const [day, time] = [columns.timestamp].flat();
  return [indexOf(day), ...dataColumns.map((column) => indexOf(columns[column])), indexOf(time)];
}

/** The columns that the names mean, and the value if there is only one column that it can be. */
function namedColumns(table: Table): number[] {
  const columns = new NamedColumns(table);
  columns.takePriceForValue();
  columns.takeVolumeForValue();
  columns.findVolume();
  columns.requireTimestamp();
  columns.findValue();
  columns.findTimeOfDay();
  return columns.indexes;
}

class NamedColumns {
  readonly #table: Table;
  readonly #names: readonly string[];
  readonly #normal: readonly string[];
  /** For each slot the column, -1 for none. */
  readonly indexes: number[];

  constructor(table: Table) {
    this.#table = table;
    this.#names = table.names ?? [];
    this.#normal = this.#names.map(normalName);
    this.indexes = slots.map((slot) => (slot === 'time' ? -1
      : this.#normal.indexOf(names[slot].find((name) => this.#normal.includes(name)) ?? '!')));
  }

  /** Beside no other price a price is a value. */
  takePriceForValue(): void {
    const close = this.#of('close');
    if (this.#isCandle || this.#normal[close] !== 'price') return;
    this.#set('close', -1);
    if (this.#has('value')) this.#refuse('more than one column could be the value:', [close, this.#of('value')], 'value');
    this.#set('value', close);
  }

  /** A time and `v`, as Glassnode sends them. */
  takeVolumeForValue(): void {
    const volume = this.#of('volume');
    if (this.#isCandle || this.#has('close') || this.#has('value') || this.#normal[volume] !== 'v') return;
    this.#set('value', volume);
    this.#set('volume', -1);
  }

  /** Of `Volume BTC` and `Volume USDT` beside the symbol BTC/USDT the first is what was traded. */
  findVolume(): void {
    if (!this.#has('close') || this.#has('volume')) return;
    const volumes = this.#names.flatMap((_, i) => (/^volume./.test(this.#normal[i] as string) && this.#isNumeric(i) ? [i] : []));
    const symbol = normalName(this.#table.rows[0]?.[this.#normal.findIndex((name) => name === 'symbol' || name === 'pair')] ?? '');
    const traded = volumes.filter((i) => symbol.startsWith((this.#normal[i] as string).slice('volume'.length)));
    const [volume = -1, second] = volumes.length > 1 ? traded : volumes;
    if (volumes.length > 1 && (volume === -1 || second !== undefined)) this.#refuse('more than one column could be the volume:', volumes, 'volume');
    this.#set('volume', volume);
  }

  requireTimestamp(): void {
    if (this.indexes[0] !== -1) return;
    const value = this.#has('close') || this.#has('value') ? {} : { value: this.#others()[0] ?? -1 };
    throw new ShapeError(`the column timestamp is missing. ${found(this.#table)}`, this.#suggest(value));
  }

  /** The value, where neither it nor the close has a name. */
  findValue(): void {
    if (this.#has('close') || this.#has('value')) return;
    const choice = this.#isCandle || this.#has('volume') ? [] : this.#others();
    if (choice.length > 1) this.#refuse('more than one column could be the value:', choice, 'value');
    const [value] = choice;
    if (value === undefined) {
      const only = this.#has('volume') && !this.#isCandle ? { value: this.#of('volume') } : { close: this.#others()[0] ?? -1 };
      throw new ShapeError(`the column close (or value) is missing. ${found(this.#table)}`, this.#suggest(only));
    }
    this.#set('value', value);
  }

  /** A date and a time of day in two columns. */
  findTimeOfDay(): void {
    const { rows } = this.#table;
    const [date, time] = [this.#normal.indexOf('date'), this.#normal.indexOf('time')];
    if (date === -1 || time === -1 || ![date, time].includes(this.indexes[0] as number) || rows.length === 0) return;
    if (!rows.every((row) => /^(?:\d{1,2}:\d\d(?::\d\d)?|\d{6})$/.test(row[time] ?? ''))) return;
    this.indexes[0] = date;
    this.indexes[TIME_OF_DAY] = time;
  }

  get #isCandle(): boolean {
    return this.#has('open') || this.#has('high') || this.#has('low');
  }

  #of(column: DataColumn): number {
    return this.indexes[slots.indexOf(column)] as number;
  }

  #has(column: DataColumn): boolean {
    return this.#of(column) !== -1;
  }

  #set(column: DataColumn, index: number): void {
    this.indexes[slots.indexOf(column)] = index;
  }

  #isNumeric(index: number): boolean {
    const cells = this.#table.rows.map((row) => row[index] ?? null).filter((cell) => cell !== null && !isMissing(cell));
    return cells.length > 0 && cells.every((cell) => resemblesNumber(cell as string));
  }

  /** Not a time, not a name, and not taken yet. */
  #others(): number[] {
    return this.#names.flatMap((_, i) =>
      this.indexes.includes(i) || names.timestamp.includes(this.#normal[i] as string) || !this.#isNumeric(i) ? [] : [i]);
  }

  #nameOf(index: number | undefined): string {
    return this.#names[index ?? -1] ?? '…';
  }

  /** What to write into sources.json, with these columns besides the ones that were found. */
  #suggest(given: Partial<Record<DataColumn, number>>): Mapping {
    const columns: Partial<Record<'timestamp' | DataColumn, string>> = { timestamp: this.#nameOf(this.indexes[0]) };
    for (const column of dataColumns) if (this.#has(column)) columns[column] = this.#nameOf(this.#of(column));
    for (const [column, index] of Object.entries(given)) columns[column as DataColumn] = this.#nameOf(index);
    return { columns };
  }

  #refuse(what: string, choice: readonly number[], given: DataColumn): never {
    throw new ShapeError(`${what} ${choice.map((i) => cut(this.#nameOf(i), 40)).join(', ')}`, this.#suggest({ [given]: choice[0] ?? -1 }));
  }
}
