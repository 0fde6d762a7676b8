/** The rows of a file, as slices to write. Batches of the reader are small and die young; what is kept is one buffer for each. */
import type { PoolClient } from 'pg';
import { copyLines } from '../write/copy.js';
import { type DataColumn, dataColumns, lineOf, type Slice } from '../write/slice.js';
import type { SeriesBatch } from './batch.js';

/** Rows of a file that are written at once. */
export interface FileSlice extends Slice {
  /** Bytes of the file on disk read so far. */
  readonly bytesRead: number;
  /** Elements of the file read so far, the rejected ones included. */
  readonly elementsRead: number;
}

/** Gathers batches until `size` rows are together. */
export async function* sliceBatches(
  batches: AsyncIterable<SeriesBatch>,
  columns: readonly DataColumn[],
  sourceId: number,
  size: number,
): AsyncGenerator<FileSlice> {
  let gathered: SeriesBatch[] = [];
}
