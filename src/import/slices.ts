/** The rows of a file, as slices to write. */
import type { PoolClient } from 'pg';
import { copyLines } from '../write/copy-lines.js';
import { isoTimestamp } from '../types/scalars.js';
import { type DataColumn, dataColumns, lineOf, nothing, rowColumns } from '../write/lines.js';
import type { Slice } from '../write/slice.js';
import type { SeriesBatch } from './batch.js';

export interface FileSlice extends Slice {
  /** Rows of the file that later ones with the same timestamp replaced. */
  readonly duplicates: number;
  /** Bytes of the file on disk, and elements of it, the rejected ones included, that are read so far. */
  readonly bytesRead: number;
  readonly elementsRead: number;
}

/**
 * Gathers batches until `size` rows are together. Batches of the reader are small and die young; what is kept is one buffer
 * for each of them.
 */
export async function* slicesOf(
  batches: AsyncIterable<SeriesBatch>,
  columns: readonly DataColumn[],
  sourceId: number,
  size: number,
): AsyncGenerator<FileSlice> {
  let slice = newSlice(columns, sourceId);
  for await (const batch of batches) {
    const [range] = slice.ranges;
    slice.lines.push(linesOf(batch, sourceId));
    slice.rows += batch.length;
    range.firstMs = Math.min(range.firstMs, batch.firstMs);
    range.lastMs = Math.max(range.lastMs, batch.lastMs);
    slice.bytesRead = batch.bytesRead;
    slice.elementsRead = batch.elementsRead;
    if (slice.rows < size) continue;
    yield slice;
    slice = newSlice(columns, sourceId);
  }
  if (slice.rows > 0) yield slice;
}

function newSlice(columns: readonly DataColumn[], sourceId: number) {
  const range = { sourceId, firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };
  return { rows: 0, ranges: [range] as [typeof range], columns, lines: [] as Buffer[], duplicates: 0, bytesRead: 0, elementsRead: 0 };
}

function linesOf({ timestamps, open, high, low, close, volume, value }: SeriesBatch, sourceId: number): Buffer {
  const lines = timestamps.map((timestamp, i) => lineOf(sourceId, timestamp, open[i], high[i], low[i], close[i], volume[i], value[i]));
  return Buffer.from(lines.join(''), 'latin1');
}

let tables = 0;

/**
 * The rows of a file that is not in order (newest first, shuffled, with duplicates), in the order of time, of duplicates the
 * last. They are laid down whole in a temporary table, on the database's disk. That keeps memory flat, lets the database
 * score rows in the order of time, and makes duplicates that lie far apart the same on every import.
 */
export async function* inOrder(
  client: PoolClient,
  slices: AsyncIterable<FileSlice>,
  size: number,
  onLaid: (slice: FileSlice) => void,
): AsyncGenerator<FileSlice> {
  // All clients of the embedded engine share one session, and so their temporary tables.
  const table = `btcdb_import_${process.pid}_${++tables}`;
  await client.query(`create temporary table ${table} (
    ordinal bigint generated always as identity, source_id text, timestamp timestamptz(3), ${dataColumns.map((column) => `${column} text`).join(', ')}
  )`);
  try {
    let last: FileSlice | undefined;
    for await (const slice of slices) {
      await copyLines(client, table, rowColumns, slice.lines);
      onLaid(slice);
      last = slice;
    }
    if (last !== undefined) yield* laidSlices(client, table, size, last);
  } finally {
    // With a connection that is lost it is gone.
    await client.query(`drop table if exists ${table}`).catch(() => undefined);
  }
}

async function* laidSlices(
  client: PoolClient, table: string, size: number, { columns, ranges, bytesRead }: FileSlice,
): AsyncGenerator<FileSlice> {
  await client.query(`create index on ${table} (timestamp, ordinal desc)`);
  await client.query(`analyze ${table}`);
  let after = '-infinity';
  let elementsRead = 0;
  for (;;) {
    const { rows: [found] } = await client.query<{ lines: string | null; rows: number; laid: number; first_ms: number; last_ms: number }>(
      `with slice as materialized (
         select distinct on (timestamp) *
         from ${table}
         where timestamp > $1::timestamptz
         order by timestamp, ordinal desc
         limit $2
       )
       select
         string_agg(concat_ws(e'\\t',
           source_id, to_char(timestamp at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ${dataColumns.map((column) => `coalesce(${column}, '${nothing}')`).join(', ')}
         ), e'\\n' order by timestamp) as lines,
         count(*)::int as rows,
         (select count(*)::int from ${table} where timestamp > $1::timestamptz and timestamp <= (select max(timestamp) from slice)) as laid,
         (1000 * extract(epoch from min(timestamp)))::float8 as first_ms,
         (1000 * extract(epoch from max(timestamp)))::float8 as last_ms
       from slice`, [after, size]);
    const { lines, rows, laid, first_ms: firstMs, last_ms: lastMs } = found!;
    if (lines === null) return;
    elementsRead += laid;
    after = isoTimestamp(lastMs);
    yield {
      rows, columns, lines: [Buffer.from(`${lines}\n`, 'latin1')], ranges: [{ sourceId: ranges[0]!.sourceId, firstMs, lastMs }],
      duplicates: laid - rows, bytesRead, elementsRead,
    };
  }
}
