/** Rows to write: invented minute candles, the same on every run, in the forms that the writers take. */
import type { RowInput } from '../src/write/bulk-upsert.js';
import type { Database } from '../src/client/open.js';
import { copyLines } from '../src/write/copy-lines.js';
import { candles, minute } from '../src/cli/demo/market.js';
import { transaction } from '../src/client/transaction.js';

/** A row before it has a source. */
export interface Observation {
  readonly timestamp: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

export interface CandleRowsOptions {
  readonly count: number;
  readonly first: number;
  /** Default a minute. */
  readonly step?: number;
  /** Default 1. */
  readonly seed?: number;
}

export function candleRows({ count, first, step = minute, seed = 1 }: CandleRowsOptions): Observation[] {
  const sigma = 0.0007 * Math.sqrt(step / minute);
  return candles({ seed, last: first + (count - 1) * step, count, step, start: 42_000, sigma, volume: 900 }).map((c) => ({
    timestamp: c.at,
    open: c.open.toFixed(2),
    high: c.high.toFixed(2),
    low: c.low.toFixed(2),
    close: c.close.toFixed(2),
    volume: c.volume.toFixed(5),
  }));
}

/** The same rows with other volumes: every row differs, no score does. */
export function revised(rows: readonly Observation[], revision: number): Observation[] {
  return rows.map((row) => ({ ...row, volume: (Number(row.volume) + 0.001 * revision).toFixed(5) }));
}

/** The same rows, some of which close far off: outliers that also violate a rule. */
export function disputed(rows: readonly Observation[], seed: number): Observation[] {
  return rows.map((row) =>
    (row.timestamp / minute) % 97 === seed % 97 ? { ...row, close: (1.5 * Number(row.close)).toFixed(2) } : row);
}

export function ofSource(rows: readonly Observation[], source_id: number): RowInput[] {
  return rows.map((row) => ({ source_id, ...row }));
}

/** The rows as COPY text in pieces of about 64 KB or more. */
export function copyText(rows: readonly Observation[], sourceId: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < rows.length; start += 1000) {
    const lines = rows.slice(start, start + 1000).map(({ timestamp, open, high, low, close, volume }) =>
      `${sourceId}\t${new Date(timestamp).toISOString()}\t${open}\t${high}\t${low}\t${close}\t${volume}\n`);
    pieces.push(Buffer.from(lines.join('')));
  }
  return pieces;
}

/** Copies ready text into a table, in a transaction like that of bulkUpsert. */
export async function copyInto(db: Database, table: string, text: readonly Buffer[]): Promise<void> {
  await transaction(db, { ingestMode: 'backfill' }, (tx) => copyLines(tx, table, copied, text));
}

/**
 * The same into the classical table. Its trigger's plans are made when the chunks are almost empty, and would go on to
 * read whole chunks for each row; nor does it need compiled plans. A baseline should not lose by either.
 */
export async function copyIntoClassical(db: Database, text: readonly Buffer[]): Promise<void> {
  const settings = { enable_seqscan: 'off', enable_bitmapscan: 'off', enable_sort: 'off', jit: 'off' };
  await transaction(db, { ingestMode: 'backfill', settings }, (tx) => copyLines(tx, 'bench.classical', copied, text));
}

const copied = ['source_id', 'timestamp', 'open', 'high', 'low', 'close', 'volume'];

/** Makes the chunks of a range beforehand, by a row of a source of its own in each month. */
export async function makeChunks(db: Database, table: string, sourceId: number, from: number, to: number): Promise<void> {
  await transaction(db, { ingestMode: 'backfill' }, (tx) => tx.query(
    `insert into ${table} (source_id, timestamp, open, high, low, close, volume)
     select $1, moment, 1, 1, 1, 1, 1
     from generate_series($2::timestamptz, $3::timestamptz, interval '5 days') as moment
     on conflict do nothing`,
    [sourceId, new Date(from), new Date(to)],
  ));
}

export function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
