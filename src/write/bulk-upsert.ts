import { inspect } from 'node:util';
import pg, { type ClientBase } from 'pg';
import { firstMoment, isNumber, isoTimestamp, lastMoment } from '../types/scalars.js';
import { hasRows, upsertMany } from '../../queries/series.queries.js';
import { again } from '../client/again.js';
import type { Database } from '../client/open.js';
import { copyLines } from './copy.js';
import { BtcdbError, codeOf } from '../errors/catalogue.js';
import { savepoint, transaction, type TransactionOptions } from '../client/transaction.js';

/** A number for a numeric column. A string keeps every digit; a number has those of a double. */
type Numeric = string | number | null | undefined;

/** A row of timeseries_data. What is left out is null. */
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

export interface BulkUpsertResult {
  inserted: number;
  /** Rows that were there with other values. */
  updated: number;
  /** Rows that were there already. They are not written again. */
  unchanged: number;
}

const columns = ['open', 'high', 'low', 'close', 'volume', 'value'] as const;

/**
 * Writes rows in one transaction: all of them or none. After a deadlock it is tried again, unless `retries` says otherwise. A
 * row replaces the stored row of the same source and moment as a whole; of two such rows in `rows` the last one counts. A
 * hundred thousand rows are fine in one call.
 *
 * Given the client of a transaction, it writes them as a part of that, under its user, reason and mode; when that fails,
 * the transaction can go on without them.
 *
 * Quickest are rows in order of source and time that lie where nothing is stored yet: they go by COPY. All others are
 * compared with what is stored, and only what differs is written.
 *
 * @throws {BtcdbError} INVALID_ROW: a row that cannot be stored, by its index; found before anything is sent
 */
export async function bulkUpsert(
  db: Pick<Database, 'pool'>, rows: readonly RowInput[], options?: TransactionOptions): Promise<BulkUpsertResult>;
export async function bulkUpsert(tx: ClientBase, rows: readonly RowInput[]): Promise<BulkUpsertResult>;
export async function bulkUpsert(
  db: Pick<Database, 'pool'> | ClientBase,
  rows: readonly RowInput[],
  options: TransactionOptions = {},
): Promise<BulkUpsertResult> {
  const ranges = checkRows(rows);
  if (rows.length === 0) return { inserted: 0, updated: 0, unchanged: 0 };
  const writeIn = async (tx: ClientBase, mayCopy: boolean): Promise<BulkUpsertResult> =>
    mayCopy && (await areEmpty(tx, ranges)) ? copy(tx, rows) : upsert(tx, rows, ranges);
  const write = (mayCopy: boolean): Promise<BulkUpsertResult> => {
    if (!('pool' in db)) return savepoint(db, () => withSettings(db, () => writeIn(db, mayCopy)));
    const own = { ...options, settings: { ...settings, ...options.settings } };
    const once = (): Promise<BulkUpsertResult> => transaction(db, own, (tx) => writeIn(tx, mayCopy));
    return options.retries === undefined ? again(once, { signal: options.signal }) : once();
  };
  try {
    return await write(rows.length >= copyFrom * ranges.length).catch((error: unknown) => {
      // Another writer has committed one of these rows since we looked.
      if (codeOf(error) === '23505') return write(false);
      throw error;
    });
  } catch (error) {
    throw explain(error, rows);
  }
}

/**
 * A statement may decompress 100,000 rows by default, too few to change as many; and compiling the plan of the upsert,
 * whose cost is overestimated, takes longer than running it.
 */
const settings = { 'timescaledb.max_tuples_decompressed_per_dml_transaction': '0', jit: 'off' };

/** Makes the settings for a part of a transaction. When it fails, its savepoint takes them back. */
async function withSettings<T>(tx: ClientBase, work: () => Promise<T>): Promise<T> {
  const set = (all: Record<string, string>): Promise<unknown> => tx.query(`select ${Object.entries(all).map(
    ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`).join(', ')}`);
  const names = Object.keys(settings);
  const { rows } = await tx.query<Record<string, string>>(
    `select ${names.map((name) => `current_setting(${pg.escapeLiteral(name)}) as ${pg.escapeIdentifier(name)}`).join(', ')}`);
  await set(settings);
  const result = await work();
  await set(rows[0]!);
  return result;
}

/** Rows of a source from which on looking whether its range is empty pays. */
const copyFrom = 50;

/** Rows of one source in rising order of time. */
interface Range {
  readonly sourceId: number;
  readonly first: number;
  last: number;
}

/** The ranges that the rows are in, one for each source when they are in order, and more when they are not. */
function checkRows(rows: readonly RowInput[]): Range[] {
  if (!Array.isArray(rows)) {
    throw new BtcdbError('INVALID_ROW', `${show(rows)} is not an array of rows`, 'Nothing was written.');
  }
  const ranges: Range[] = [];
  let range: Range | undefined;
  // Unlike forEach this also sees the holes of an array.
  for (const [index, row] of rows.entries()) {
    checkIsRow(row, index);
    const [sourceId, moment] = [sourceIdOf(row, index), momentOf(row, index)];
    for (const column of columns) checkNumeric(row[column], index, column);
    if (range?.sourceId === sourceId && range.last < moment) {
      range.last = moment;
    } else {
      range = { sourceId, first: moment, last: moment };
      ranges.push(range);
    }
  }
  return ranges;
}

/** Whether nothing is stored in these ranges, and no two of them are of the same source. */
async function areEmpty(tx: ClientBase, ranges: readonly Range[]): Promise<boolean> {
  if (new Set(ranges.map(({ sourceId }) => sourceId)).size < ranges.length) return false;
  for (const { sourceId, first, last } of ranges) {
    const [found] = await hasRows.run({ source_id: sourceId, from: new Date(first), to: new Date(last) }, tx);
    if (found?.has_rows !== false) return false;
  }
  return true;
}

async function copy(tx: ClientBase, rows: readonly RowInput[]): Promise<BulkUpsertResult> {
  await copyLines(tx, 'public.timeseries_data', ['source_id', 'timestamp', ...columns], linesOf(rows));
  return { inserted: rows.length, updated: 0, unchanged: 0 };
}

const none = '\\N';

/** Made piece by piece, while the server reads the piece before. */
function* linesOf(rows: readonly RowInput[]): Generator<Buffer> {
  const size = 1000;
  for (let start = 0; start < rows.length; start += size) {
    let lines = '';
    for (const row of rows.slice(start, start + size)) {
      const { source_id, open, high, low, close, volume, value } = row;
      lines += `${source_id}\t${isoOf(row)}\t${open ?? none}\t${high ?? none}\t${low ?? none}\t${close ?? none}\t${volume ?? none}\t${value ?? none}\n`;
    }
    yield Buffer.from(lines, 'latin1');
  }
}

async function upsert(tx: ClientBase, rows: readonly RowInput[], ranges: readonly Range[]): Promise<BulkUpsertResult> {
  const numbers = columns.map((column) => [`${column}s`, toArray(rows.map((row) => row[column] ?? 'null'))]);
  const [counts] = await upsertMany.run(
    {
      source_ids: toArray(rows.map((row) => row.source_id)),
      timestamps: toArray(rows.map(isoOf)),
      first: new Date(ranges.reduce((bound, { first }) => Math.min(bound, first), Infinity)),
      last: new Date(ranges.reduce((bound, { last }) => Math.max(bound, last), -Infinity)),
      ...(Object.fromEntries(numbers) as Record<`${(typeof columns)[number]}s`, never>),
    },
    tx,
  );
  return {
    inserted: Number(counts?.inserted),
    updated: Number(counts?.updated),
    unchanged: Number(counts?.unchanged),
  };
}

/**
 * An array as PostgreSQL writes it. pg sends a text as it is, which saves it the quoting of each member; none of these
 * needs any.
 */
function toArray(members: readonly (string | number)[]): never {
  return `{${members.join()}}` as never;
}

function checkIsRow(row: unknown, index: number): void {
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return;
  throw invalid(index, '', row, 'is not a row: it has to be an object with source_id and timestamp');
}

function sourceIdOf({ source_id }: RowInput, index: number): number {
  if (!Number.isInteger(source_id) || source_id < 1 || source_id > 2_147_483_647) {
    throw invalid(index, 'source_id', source_id, 'is not the key of a source');
  }
  return source_id;
}

function momentOf({ timestamp }: RowInput, index: number): number {
  const ms = timestamp instanceof Date ? timestamp.getTime() : typeof timestamp === 'number' ? Math.trunc(timestamp) : NaN;
  if (Number.isNaN(ms)) throw invalid(index, 'timestamp', timestamp, 'is neither a valid Date nor milliseconds');
  if (ms < firstMoment || ms > lastMoment) throw invalid(index, 'timestamp', timestamp, 'is not within the years 1 to 9999');
  return ms;
}

const isoOf = ({ timestamp }: RowInput): string => isoTimestamp(Math.trunc(Number(timestamp)));

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
function show(value: unknown): string {
  const shown = typeof value === 'string' ? JSON.stringify(value) : value instanceof Date ? String(value) : inspect(value, { depth: 0, breakLength: Infinity });
  return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
}

/** An unknown source comes as a violated foreign key; everything else is passed on. */
function explain(error: unknown, rows: readonly RowInput[]): unknown {
  const { code, detail } = error as { code?: string; detail?: string };
  const unknown = code === '23503' && /\(source_id\)=\((\d+)\)/.exec(detail ?? '')?.[1];
  if (!unknown) return error;
  const index = rows.findIndex((row) => row.source_id === Number(unknown));
  return new BtcdbError(
    'INVALID_ROW',
    `Row ${index}: source_id ${unknown} is not registered`,
    'Nothing was written. Register the source first: sources.register.',
    { cause: error },
  );
}
