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
  const { names: all = [], rows } = table;
  const normal = all.map(normalName);
  const indexes = slots.map((slot) => (slot === 'time' ? -1
    : normal.indexOf(names[slot].find((name) => normal.includes(name)) ?? '!')));
  const slotOf = (column: DataColumn): number => slots.indexOf(column);
  const has = (column: DataColumn): boolean => indexes[slotOf(column)] !== -1;
  const nameOf = (index: number | undefined): string => all[index ?? -1] ?? '…';
  const suggest = (given: Partial<Record<'timestamp' | DataColumn, number>>): Mapping => {
    const columns: Partial<Record<'timestamp' | DataColumn, string>> = { timestamp: nameOf(indexes[0]) };
    dataColumns.forEach((column, i) => {
      if (indexes[i + 1] !== -1) columns[column] = nameOf(indexes[i + 1]);
    });
    for (const [column, index] of Object.entries(given)) columns[column as DataColumn] = nameOf(index);
    return { columns };
  };
  const numeric = (index: number): boolean => {
    const cells = rows.map((row) => row[index] ?? null).filter((cell) => cell !== null && !isMissing(cell));
    return cells.length > 0 && cells.every((cell) => resemblesNumber(cell as string));
  };
  // Not a time, not a name, and not taken yet.
  const others = (): number[] => all.flatMap((_, i) =>
    indexes.includes(i) || names.timestamp.includes(normal[i] as string) || !numeric(i) ? [] : [i]);
  const refuse = (what: string, choice: readonly number[], given: DataColumn): never => {
    throw new ShapeError(`${what} ${choice.map((i) => cut(nameOf(i), 40)).join(', ')}`, suggest({ [given]: choice[0] ?? -1 }));
  };

  const isCandle = has('open') || has('high') || has('low');
  // Beside no other price a price is a value.
  if (!isCandle && has('close') && normal[indexes[slotOf('close')] as number] === 'price') {
    const [close, value] = [indexes[slotOf('close')] as number, indexes[slotOf('value')] as number];
    indexes[slotOf('close')] = -1;
    if (value !== -1) refuse('more than one column could be the value:', [close, value], 'value');
    indexes[slotOf('value')] = close;
  }
  // A time and `v`, as Glassnode sends them.
  if (!isCandle && !has('close') && !has('value') && normal[indexes[slotOf('volume')] as number] === 'v') {
    indexes[slotOf('value')] = indexes[slotOf('volume')] as number;
    indexes[slotOf('volume')] = -1;
  }
  if (has('close') && !has('volume')) {
    const volumes = all.flatMap((_, i) => (/^volume./.test(normal[i] as string) && numeric(i) ? [i] : []));
    const symbol = normal.findIndex((name) => name === 'symbol' || name === 'pair');
    // `Volume BTC` and `Volume USDT` of the symbol BTC/USDT: the first is what was traded.
    const traded = volumes.filter((i) => normalName(rows[0]?.[symbol] ?? '').startsWith((normal[i] as string).slice('volume'.length)));
    const [volume = -1, second] = volumes.length > 1 ? traded : volumes;
    if (volumes.length > 1 && (volume === -1 || second !== undefined)) refuse('more than one column could be the volume:', volumes, 'volume');
    indexes[slotOf('volume')] = volume;
  }
  if (indexes[0] === -1) {
    throw new ShapeError(`the column timestamp is missing. ${found(table)}`, suggest(has('close') || has('value') ? {} : { value: others()[0] ?? -1 }));
  }
  if (!has('close') && !has('value')) {
    const choice = isCandle || has('volume') ? [] : others();
    if (choice.length > 1) refuse('more than one column could be the value:', choice, 'value');
    const [value] = choice;
    if (value === undefined) {
      const only = has('volume') && !isCandle ? { value: indexes[slotOf('volume')] as number } : { close: others()[0] ?? -1 };
      throw new ShapeError(`the column close (or value) is missing. ${found(table)}`, suggest(only));
    }
    indexes[slotOf('value')] = value;
  }
  // A date and a time of day in two columns.
  const [date, time] = [normal.indexOf('date'), normal.indexOf('time')];
  if (date !== -1 && time !== -1 && [date, time].includes(indexes[0] as number)
    && rows.every((row) => /^(?:\d{1,2}:\d\d(?::\d\d)?|\d{6})$/.test(row[time] ?? '')) && rows.length > 0) {
    indexes[0] = date;
    indexes[TIME_OF_DAY] = time;
  }
  return indexes;
}
