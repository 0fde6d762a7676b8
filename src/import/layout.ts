/** How the elements of a file are read: told from its first rows, and from what sources.json says about it. */
import { cut, messageOf } from '../errors/messages.js';
import { isMissing, isNumber, parseTimestamp } from '../types/scalars.js';
import { dataColumns } from '../write/lines.js';
import { chooseColumns, type Columns, type Table } from './columns.js';
import { delimiters, guessDelimiter, splitRecord } from './csv.js';
import { dateReader, guessDates } from './dates.js';
import { FlatElement } from './flat.js';
import { decodeUtf8 } from './input.js';
import { type Mapping, powerOfTen } from './mapping.js';
import { guessNumbers, type NumberFormat } from './numbers.js';
import { type Cells, type Formats, type Layout, rowReader } from './row-reader.js';
import { NoRowsError, ShapeError, TIME_OF_DAY } from './shapes.js';

/** Rows that are looked at to tell the shape. */
export const SAMPLE = 100;

/** The layout of the elements of a JSON array. `path`: the keys above it. Throws a {@link ShapeError}. */
export function jsonLayout(path: string, sample: readonly string[], mapping: Mapping = {}): Layout {
  const element = new FlatElement();
  const rows = sample.flatMap((text) => {
    const kind = element.read(text);
    if (kind === undefined) return [];
    return [{ kind, cells: element.cells.slice(0, element.count), keys: element.keys.slice(0, element.count).map(decodeUtf8) }];
  });
  if (rows.length === 0) {
    throw new ShapeError(`none of the first rows is a list or an object; the first is ${cut(decodeUtf8(sample[0] ?? ''), 60)}`,
      'The rows have to be lists or objects; where they are, the field import of sources.json can say.');
  }
  const objects = rows.filter((row) => row.kind === 'object');
  const table = 2 * objects.length > rows.length ? tableOfObjects(objects) : tableOfLists(rows.filter((row) => row.kind === 'list'));
  const columns = chooseColumns(table, path, 'objects', mapping);
  const { width, names } = table;
  const { indexes, closed } = columns;
  const cells: Cells = names === undefined ? { kind: 'list', width, indexes, closed } : { kind: 'object', slots: slotsOf(names, indexes) };
  return layoutOf(table, columns, cells, sample, 0, mapping);
}

function tableOfObjects(rows: readonly { readonly keys: string[]; readonly cells: (string | null)[] }[]): Table {
  const names = [...new Set(rows.flatMap((row) => row.keys))];
  const cells = rows.map((row) => names.map((name) => row.cells[row.keys.indexOf(name)] ?? null));
  return { names, who: 'Its objects have', width: names.length, rows: cells };
}

/** Of lists of different length the most frequent. */
function tableOfLists(rows: readonly { readonly cells: (string | null)[] }[]): Table {
  const widths = new Map<number, number>();
  for (const { cells } of rows) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
  const width = [...widths].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
  return { names: undefined, who: '', width, rows: rows.map(({ cells }) => cells).filter((cells) => cells.length === width) };
}

/** A key outside ASCII may be written as it is, which is read as latin1, or with escapes. */
function slotsOf(names: readonly string[], indexes: readonly number[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const [slot, index] of indexes.entries()) {
    const name = names[index];
    if (name !== undefined) found.set(name, slot).set(Buffer.from(name).toString('latin1'), slot);
  }
  return found;
}

/** The layout of the records of a CSV file. Throws a {@link ShapeError}. */
export function csvLayout(sample: readonly string[], mapping: Mapping = {}): Layout {
  // A line of one field above those of several is a title, such as the address of its vendor.
  const delimited = sample.findIndex((record) => delimiters.some((delimiter) => record.includes(delimiter)));
  const titles = mapping.skip_lines === undefined ? Math.max(0, delimited) : 0;
  const first = sample[titles] ?? '';
  const delimiter = mapping.delimiter ?? guessDelimiter(first);
  const split = (record: string): (string | null)[] => splitRecord(record, delimiter).map((field) => (field === '' ? null : field));
  let head: (string | null)[];
  try {
    head = split(first);
  } catch (error) {
    throw new ShapeError(`the header cannot be read: ${messageOf(error)}`, 'Mend the quotes in the first line.');
  }
  const header = mapping.header ?? !head.some((field) => field !== null && isNumber(field));
  const skip = titles + (header ? 1 : 0);
  if (sample.length === skip) throw new NoRowsError('it has a header and no rows', 'Add rows, or remove the file.');
  const width = head.length;
  const rows = sample.slice(skip).flatMap((record) => {
    try {
      const fields = split(record);
      return fields.length === width ? [fields] : [];
    } catch {
      return []; // The second pass rejects it.
    }
  });
  const names = header ? head.map((name) => decodeUtf8(name ?? '')) : undefined;
  const table = { names, who: 'The header has', width, rows };
  const columns = chooseColumns(table, '', 'csv', mapping);
  const { indexes, closed } = columns;
  return layoutOf(table, columns, { kind: 'record', delimiter, width, indexes, closed }, sample, skip, mapping);
}

/** At least one row of the sample has to be readable: else the layout is a guess that rejects everything. */
function layoutOf(table: Table, columns: Columns, cells: Cells, sample: readonly string[], skip: number, mapping: Mapping): Layout {
  const { shape, indexes, dropLast } = columns;
  const present = dataColumns.filter((_, i) => indexes[i + 1] !== -1);
  const isCandle = present.some((column) => column !== 'value' && column !== 'volume');
  const formats = formatsOf(table, indexes, mapping);
  const reader = rowReader({ cells, formats });
  let problem: { readonly what: string; readonly remedy: Mapping } | undefined;
  for (const text of sample.slice(skip)) {
    const [time, ...values] = reader.read(text) ? reader.fields : [];
    const wrong = values.slice(0, dataColumns.length).findIndex((value) => value !== null && !isNumber(value) && !isMissing(value));
    const quoted = (cell: string | null | undefined): string => `"${cut(decodeUtf8(cell ?? ''), 40)}"`;
    if (time === undefined) problem ??= { what: reader.problem, remedy: { columns: { timestamp: 1, value: 2 } } };
    else if (Number.isNaN(parseTimestamp(time ?? ''))) {
      problem ??= { what: `timestamp: ${quoted(time)} is neither an epoch number nor a date`, remedy: { date_format: 'YYYY-MM-DD HH:mm:ss' } };
    } else if (wrong !== -1) {
      problem ??= { what: `${dataColumns[wrong]}: ${quoted(values[wrong])} is not a number`, remedy: { decimal: '.', units: { K: 1000, '%': 0.01 } } };
    } else return { shape, dataType: isCandle ? 'ohlcv' : 'simple', columns: present, cells, formats, skip, dropLast };
  }
  // What the mapping says already is kept.
  throw new ShapeError(`none of the first rows can be read; the first one: ${problem?.what ?? 'it is empty'}`, { ...problem?.remedy, ...mapping });
}

/** Undefined when times and numbers are as usual. */
function formatsOf({ rows }: Table, indexes: readonly number[], mapping: Mapping): Formats | undefined {
  const missing = new Set(mapping.missing);
  const texts = (slot: number): (string | undefined)[] => rows.map((row) => {
    const text = row[indexes[slot] ?? -1] ?? null;
    return text === null || isMissing(text) || missing.has(decodeUtf8(text)) ? undefined : text;
  });
  const isText = (text: string | undefined): text is string => text !== undefined;
  const hasTime = indexes[TIME_OF_DAY] !== -1;
  const clock = texts(TIME_OF_DAY);
  const times = texts(0).map((date, i) => (hasTime && date !== undefined ? `${date} ${clock[i] ?? ''}` : date)).filter(isText);
  const values = dataColumns.flatMap((_, i) => texts(i + 1)).filter(isText);
  const date = datesOf(times, mapping);
  const numbers = numbersOf(values, mapping);
  return hasTime || date !== undefined || numbers !== undefined || missing.size > 0 ? { date, numbers, missing } : undefined;
}

function datesOf(times: readonly string[], { date_format: given }: Mapping): Formats['date'] {
  const read = given === undefined ? undefined : dateReader(given);
  if (given !== undefined && read !== undefined) return { pattern: given, read };
  const [guess, other] = guessDates(times);
  if (guess === undefined || other === undefined) return guess;
  throw new ShapeError(`its dates can be read as ${guess.pattern} and as ${other.pattern}: ${cut(times[0] ?? '', 40)}`, { date_format: guess.pattern });
}

function numbersOf(values: readonly string[], { decimal, units }: Mapping): NumberFormat | undefined {
  if (decimal !== undefined || units !== undefined) {
    return { decimal: decimal ?? '.', units: new Map(Object.entries(units ?? {}).map(([unit, factor]) => [unit, powerOfTen(factor) ?? 0])) };
  }
  const [guess, other] = guessNumbers(values);
  if (guess === undefined || other === undefined) return guess;
  throw new ShapeError(`the comma in its numbers can be a decimal sign or stand between thousands: ${
    cut(values.find((text) => !isNumber(text)) ?? '', 40)}`, { decimal: '.' });
}
