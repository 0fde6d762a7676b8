/**
 * Rows on their way to the database: text for COPY, or one array literal for each column. Batches of the reader are
 * small and die young; what is kept for a transaction is one buffer or a few flat strings for each of them.
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
  /** For COPY in text format: ordinal, timestamp, data columns; some 64 KB or more each. */
  readonly copy: Buffer[];
  /** For unnest: the members of the arrays of ordinals, timestamps and data columns, separated by commas. */
  readonly arrays: string[][];
}

/** Gathers batches until `size` rows are together. */
export async function* encodeRows(
  batches: AsyncIterable<SeriesBatch>,
  columns: readonly DataColumn[],
  format: 'copy' | 'arrays',
  size: number,
): AsyncGenerator<EncodedRows> {
  let rows = emptyRows(columns);
  let ordinal = 0;
  for await (const batch of batches) {
    const values = columns.map((column) => batch[column]);
    if (format === 'copy') rows.copy.push(copyText(batch.timestamps, values, ordinal));
    else {
      const first = ordinal;
      rows.arrays[0]?.push(batch.timestamps.map((_, i) => first + i).join());
      rows.arrays[1]?.push(batch.timestamps.join());
      values.forEach((column, i) => rows.arrays[i + 2]?.push(column.map((value) => value ?? 'NULL').join()));
    }
    ordinal += batch.length;
    rows.rows += batch.length;
    rows.firstMs = Math.min(rows.firstMs, batch.firstMs);
    rows.lastMs = Math.max(rows.lastMs, batch.lastMs);
    rows.bytesRead = batch.bytesRead;
    rows.elementsRead = batch.elementsRead;
    if (rows.rows >= size) {
      yield rows;
      rows = emptyRows(columns);
    }
  }
  if (rows.rows > 0) yield rows;
}

function emptyRows(columns: readonly DataColumn[]): EncodedRows {
  return {
    rows: 0,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    bytesRead: 0,
    elementsRead: 0,
    copy: [],
    arrays: ['', '', ...columns].map(() => []),
  };
}

/** Nothing needs an escape: timestamps are ours, and numbers have been checked. */
function copyText(timestamps: readonly string[], columns: readonly (string | null)[][], ordinal: number): Buffer {
  const lines: string[] = [];
  for (let i = 0; i < timestamps.length; i++) {
    let line = `${ordinal + i}\t${timestamps[i]}`;
    for (const column of columns) line += `\t${column[i] ?? '\\N'}`;
    lines.push(line);
  }
  lines.push('');
  return Buffer.from(lines.join('\n'), 'latin1');
}
