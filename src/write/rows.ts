/** The rows that bulkUpsert takes: checked, put in order, and made slices. */
import { inspect } from 'node:util';
import { BtcdbError } from '../errors/catalogue.js';
import { firstMoment, isNumber, isoTimestamp, lastMoment } from '../types/scalars.js';
import { type DataColumn, dataColumns, lineOf } from './lines.js';
import type { Range, Slice } from './slice.js';

/** A number for a numeric column. A string keeps every digit; a number has those of a double. */
type Numeric = string | number | null | undefined;

/** A row of timeseries_data. A column that is left out, or undefined, is not given. */
export interface RowInput {
  source_id: number;
  /** A Date, or milliseconds since 1970. */
  timestamp: Date | number;
  open?: Numeric;
  high?: Numeric;
  low?: Numeric;
  close?: Numeric;
  volume?: Numeric;
  value?: Numeric;
}

/** Checks the rows of one call, one after the other. */
export class RowCheck {
  #index = 0;
  #lastSource: number | undefined;
  readonly #firstOf = new Map<number, number>();

  /** @throws {BtcdbError} INVALID_ROW */
  check(row: unknown): asserts row is RowInput {
    const index = this.#index++;
    checkRow(row, index);
    if (row.source_id === this.#lastSource) return;
    this.#lastSource = row.source_id;
    if (!this.#firstOf.has(row.source_id)) this.#firstOf.set(row.source_id, index);
  }

  /** An unknown source comes as a violated foreign key; everything else is passed on. */
  explain(error: unknown): unknown {
    const { code, detail } = (error ?? {}) as { code?: string; detail?: string };
    const unknown = code === '23503' && /\(source_id\)=\((\d+)\)/.exec(detail ?? '')?.[1];
    if (!unknown) return error;
    return new BtcdbError(
      'INVALID_ROW',
      `Row ${this.#firstOf.get(Number(unknown))}: source_id ${unknown} is not registered`,
      'Nothing was written. Register the source first: sources.register.',
      { cause: error },
    );
  }
}

/**
 * Rows in the order of their keys, each key once: rows of one key become what they would be if they were written one after
 * the other.
 */
export function inOrder(rows: readonly RowInput[], replace: boolean): readonly RowInput[] {
  if (rows.every((row, i) => i === 0 || compareKeys(rows[i - 1]!, row) < 0)) return rows;
  const merged: RowInput[] = [];
  for (const row of rows.toSorted(compareKeys)) {
    const before = merged.at(-1);
    if (before === undefined || compareKeys(before, row) !== 0) merged.push(row);
    else merged[merged.length - 1] = replace ? row : over(before, row);
  }
  return merged;
}

const compareKeys = (a: RowInput, b: RowInput): number => a.source_id - b.source_id || momentOf(a) - momentOf(b);
const momentOf = ({ timestamp }: RowInput): number => (typeof timestamp === 'number' ? Math.trunc(timestamp) : timestamp.getTime());

function over(before: RowInput, { source_id, timestamp, ...given }: RowInput): RowInput {
  const row: RowInput = { source_id, timestamp };
  for (const column of dataColumns) row[column] = given[column] === undefined ? before[column] : given[column];
  return row;
}

/** A set of columns: a bit for each. */
type ColumnSet = number;

export const noColumn: ColumnSet = 0;
export const allColumns: ColumnSet = (1 << dataColumns.length) - 1;

/** Each column by its name, which is several times quicker than in a loop. */
const givenBy = ({ open, high, low, close, volume, value }: RowInput): ColumnSet =>
  (open === undefined ? 0 : 1) | (high === undefined ? 0 : 2) | (low === undefined ? 0 : 4)
  | (close === undefined ? 0 : 8) | (volume === undefined ? 0 : 16) | (value === undefined ? 0 : 32);
const columnsOf = (given: ColumnSet): DataColumn[] => dataColumns.filter((_, i) => given & (1 << i));

/** The rows by the columns that they give. */
export function byColumns(rows: readonly RowInput[]): Map<ColumnSet, readonly RowInput[]> {
  const groups = new Map<ColumnSet, RowInput[]>();
  for (const row of rows) {
    const given = givenBy(row);
    const group = groups.get(given);
    if (group === undefined) groups.set(given, [row]);
    else group.push(row);
  }
  return groups;
}

/** Rows that are in order, and give these columns. */
export function sliceOf(rows: readonly RowInput[], given: ColumnSet): Slice {
  const ranges: Range[] = [];
  let range: Range | undefined;
  for (const row of rows) {
    const ms = momentOf(row);
    if (range?.sourceId === row.source_id) {
      range.lastMs = ms;
    } else {
      range = { sourceId: row.source_id, firstMs: ms, lastMs: ms };
      ranges.push(range);
    }
  }
  return { rows: rows.length, ranges, columns: columnsOf(given), lines: { [Symbol.iterator]: () => linesOf(rows) } };
}

/** Made piece by piece, while the server reads the piece before. */
function* linesOf(rows: readonly RowInput[]): Generator<Buffer> {
  const size = 1000;
  for (let start = 0; start < rows.length; start += size) {
    let lines = '';
    for (const row of rows.slice(start, start + size)) {
      const { source_id, open, high, low, close, volume, value } = row;
      lines += lineOf(source_id, isoTimestamp(momentOf(row)), open, high, low, close, volume, value);
    }
    yield Buffer.from(lines, 'latin1');
  }
}

function checkRow(row: unknown, index: number): asserts row is RowInput {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw invalid(index, '', row, 'is not a row: it has to be an object with source_id and timestamp');
  }
  const { source_id, timestamp } = row as Partial<RowInput>;
  if (!Number.isInteger(source_id) || source_id! < 1 || source_id! > 2_147_483_647) {
    throw invalid(index, 'source_id', source_id, 'is not the key of a source');
  }
  const ms = timestamp instanceof Date ? timestamp.getTime() : typeof timestamp === 'number' ? Math.trunc(timestamp) : NaN;
  if (Number.isNaN(ms)) throw invalid(index, 'timestamp', timestamp, 'is neither a valid Date nor milliseconds');
  if (ms < firstMoment || ms > lastMoment) throw invalid(index, 'timestamp', timestamp, 'is not within the years 1 to 9999');
  for (const column of dataColumns) checkNumeric((row as RowInput)[column], index, column);
}

function checkNumeric(value: unknown, index: number, column: string): void {
  if (value === null || value === undefined) return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid(index, column, value, 'is not a finite number');
  } else if (typeof value !== 'string' || !isNumber(value)) throw invalid(index, column, value, 'is not a number');
}

function invalid(index: number, column: string, value: unknown, reason: string): BtcdbError {
  return new BtcdbError(
    'INVALID_ROW',
    `Row ${index}: ${column}${column && ' '}${show(value)} ${reason}`,
    'Nothing was written. Correct the row, or leave it out.',
  );
}

/** A value as a message shows it: short, and whatever it is. */
export function show(value: unknown): string {
  const shown = typeof value === 'string' ? JSON.stringify(value) : value instanceof Date ? String(value) : inspect(value, { depth: 0, breakLength: Infinity });
  return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
}
