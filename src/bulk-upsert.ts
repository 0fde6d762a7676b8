import { upsertMany } from '../queries/series.queries.js';
import type { Database } from './connection.js';
import { BtcdbError } from './errors.js';
import { transaction, type TransactionContext } from './transaction.js';

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
 * Writes rows in one transaction: all of them or none. A row replaces the stored row of the same source and moment as
 * a whole; of two such rows in `rows` the last one counts. A hundred thousand rows are fine in one call.
 *
 * @throws {BtcdbError} INVALID_ROW: a row that cannot be stored, by its index; found before anything is sent
 */
export async function bulkUpsert(
  db: Pick<Database, 'pool'>,
  rows: readonly RowInput[],
  context: TransactionContext = {},
): Promise<BulkUpsertResult> {
  if (rows.length === 0) return { inserted: 0, updated: 0, unchanged: 0 };
  const params = {
    source_ids: toArray(rows.map((row, index) => sourceIdOf(row, index))),
    timestamps: toArray(rows.map((row, index) => timestampOf(row, index))),
    ...(Object.fromEntries(
      columns.map((column) => [`${column}s`, toArray(rows.map((row, index) => numericOf(row, index, column)))]),
    ) as Record<`${(typeof columns)[number]}s`, never>),
  };
  const [counts] = await transaction(db, context, async (tx) => {
    // A statement may decompress 100,000 rows by default, too few to change as many; and compiling the plan, whose cost
    // is overestimated, takes longer than running it.
    await tx.query(`select set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true),
      set_config('jit', 'off', true)`);
    return upsertMany.run(params, tx);
  }).catch((error: unknown) => {
    throw explain(error, rows);
  });
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

function sourceIdOf({ source_id }: RowInput, index: number): number {
  if (!Number.isInteger(source_id) || source_id < 1 || source_id > 2_147_483_647) {
    throw invalid(index, 'source_id', source_id, 'is not the key of a source');
  }
  return source_id;
}

const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function timestampOf({ timestamp }: RowInput, index: number): string {
  const moment = timestamp instanceof Date ? timestamp : new Date(typeof timestamp === 'number' ? timestamp : NaN);
  const ms = moment.getTime();
  if (Number.isNaN(ms)) throw invalid(index, 'timestamp', timestamp, 'is neither a valid Date nor milliseconds');
  if (ms < earliest || ms > latest) throw invalid(index, 'timestamp', timestamp, 'is not within the years 1 to 9999');
  return moment.toISOString();
}

const numericText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;

function numericOf(row: RowInput, index: number, column: (typeof columns)[number]): string | number {
  const value = row[column];
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid(index, column, value, 'is not a finite number');
    return value;
  }
  if (typeof value !== 'string' || !numericText.test(value)) throw invalid(index, column, value, 'is not a number');
  return value;
}

function invalid(index: number, column: string, value: unknown, reason: string): BtcdbError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new BtcdbError(
    'INVALID_ROW',
    `Row ${index}: ${column} ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown} ${reason}`,
    'Nothing was written. Correct the row, or leave it out.',
  );
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
