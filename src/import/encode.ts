/**
 * Rows on their way to the database, as lines of COPY. Batches of the reader are small and die young; what is kept for a
 * transaction is one buffer for each of them.
 */
import { type DataColumn, type SeriesBatch } from './batch.js';

/** The rows of one transaction. */
export interface EncodedRows {
  rows: number;
  /** Earliest and latest timestamp in milliseconds since 1970. */
  firstMs: number;
  lastMs: number;
  /** Bytes of the file on disk read so far. */
  bytesRead: number;
  /** Elements of the file read so far, the rejected ones included. */
  elementsRead: number;
  /** For COPY in text format: source_id, timestamp, data columns; some 64 KB or more each. */
  readonly lines: Buffer[];
}

/** Gathers batches until `size` rows are together. */
export async function* encodeRows(
  batches: AsyncIterable<SeriesBatch>,
  columns: readonly DataColumn[],
  sourceId: number,
  size: number,
): AsyncGenerator<EncodedRows> {
  let rows = emptyRows();
  for await (const batch of batches) {
    rows.lines.push(linesOf(batch, columns, sourceId));
    rows.rows += batch.length;
    rows.firstMs = Math.min(rows.firstMs, batch.firstMs);
    rows.lastMs = Math.max(rows.lastMs, batch.lastMs);
    rows.bytesRead = batch.bytesRead;
    rows.elementsRead = batch.elementsRead;
    if (rows.rows >= size) {
      yield rows;
      rows = emptyRows();
    }
  }
  if (rows.rows > 0) yield rows;
}

function emptyRows(): EncodedRows {
  return {
    rows: 0,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    bytesRead: 0,
    elementsRead: 0,
    lines: [],
  };
}

/** Nothing needs an escape: timestamps are ours, and numbers have been checked. */
function linesOf(batch: SeriesBatch, columns: readonly DataColumn[], sourceId: number): Buffer {
  const values = columns.map((column) => batch[column]);
  let lines = '';
  for (let i = 0; i < batch.length; i++) {
    lines += `${sourceId}\t${batch.timestamps[i]}`;
    for (const column of values) lines += `\t${column[i] ?? '\\N'}`;
    lines += '\n';
  }
  return Buffer.from(lines, 'latin1');
}
