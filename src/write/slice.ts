/**
 * The one way in which rows get into timeseries_data: where nothing is stored yet they are copied there; elsewhere one
 * statement compares them with what is stored, and writes what is new or different.
 */
import type { ClientBase } from 'pg';
import { compareRows, hasRows, mergeRows } from '../../queries/series.queries.js';
import { codeOf } from '../errors/catalogue.js';
import { copyLines } from './copy-lines.js';
import { type DataColumn, rowColumns } from './lines.js';

/** How many rows are written at a time, unless somebody says otherwise: enough to be quick, few enough for memory. */
export const sliceRows = 20_000;

/** Moments of one source, in milliseconds since 1970, both included. */
export interface Range {
  readonly sourceId: number;
  firstMs: number;
  lastMs: number;
}

/** Rows that are written at once: in the order of their keys, and each key once. */
export interface Slice {
  readonly rows: number;
  /** One for each source. */
  readonly ranges: readonly Range[];
  /** The columns that are given: those of a stored row that are written. */
  readonly columns: readonly DataColumn[];
  /** Made by {@link lineOf}, best in pieces of 64 KB or more. They may be read twice. */
  readonly lines: Iterable<Buffer>;
}

export interface SliceOptions {
  /** Whether rows may be copied where none are: see {@link orMerge}. */
  readonly mayCopy: boolean;
  /** A stored row that still is as a correction left it is kept. */
  readonly keepCorrections?: boolean | undefined;
  /** Only compares, and so says what would be written. */
  readonly dryRun?: boolean | undefined;
}

/** What became of the rows of a slice. */
export interface Written {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly kept: number;
  /** The first moments of the rows that were kept. */
  readonly keptMoments: readonly Date[];
}

/** Rows of a source from which on looking whether its range is empty pays. */
const copyFrom = 50;

/** Settings of a transaction that writes slices: a statement may decompress 100,000 rows by default, too few to change as many. */
export const writeSettings = { 'timescaledb.max_tuples_decompressed_per_dml_transaction': '0' };

/** Writes a slice, as a part of a transaction. */
export async function writeSlice(tx: ClientBase, slice: Slice, options: SliceOptions): Promise<Written> {
  return options.mayCopy && await isEmpty(tx, slice) ? copy(tx, slice, options) : merge(tx, slice, options);
}

/**
 * What writes slices and is undone when it fails. The second time they are merged: another writer may commit one of the rows
 * after we looked whether there are any, and the embedded engine reads what is copied from a file, which only superusers may.
 */
export async function orMerge<T>(write: (mayCopy: boolean) => Promise<T>): Promise<T> {
  return write(true).catch((error: unknown) => {
    if (['23505', '42501'].includes(codeOf(error))) return write(false);
    throw error;
  });
}

/** Whether nothing is stored where the rows belong; of a few it is not asked, because they are merged as quickly. */
async function isEmpty(tx: ClientBase, { rows, ranges }: Slice): Promise<boolean> {
  if (rows < copyFrom * ranges.length) return false;
  for (const { sourceId, firstMs, lastMs } of ranges) {
    const [found] = await hasRows.run({ source_id: sourceId, from: new Date(firstMs), to: new Date(lastMs) }, tx);
    if (found?.has_rows !== false) return false;
  }
  return true;
}

async function copy(tx: ClientBase, { rows, lines }: Slice, { dryRun }: SliceOptions): Promise<Written> {
  if (!dryRun) await copyLines(tx, 'public.timeseries_data', rowColumns, lines);
  return { inserted: rows, updated: 0, unchanged: 0, kept: 0, keptMoments: [] };
}

async function merge(
  tx: ClientBase, { rows, ranges, columns, lines }: Slice, { keepCorrections = false, dryRun }: SliceOptions,
): Promise<Written> {
  const [result] = await (dryRun ? compareRows : mergeRows).run({
    // As bytes, which spares making a text of them.
    lines: Buffer.concat([...lines]) as never,
    columns: [...columns],
    first: new Date(Math.min(...ranges.map(({ firstMs }) => firstMs))),
    last: new Date(Math.max(...ranges.map(({ lastMs }) => lastMs))),
    keep_corrections: keepCorrections,
  }, tx);
  const { inserted, updated, kept, kept_moments: keptMoments } = result!;
  return { inserted, updated, unchanged: rows - inserted - updated - kept, kept, keptMoments: keptMoments as Date[] };
}
