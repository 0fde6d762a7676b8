/** What an import tells of its files, and of itself. */
import { type BtcdbError, ImportError } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';
import type { Written } from '../write/slice.js';
import type { RegisteredCounts } from './registry.js';
import type { Reject } from './series.js';
import type { FileSlice } from './slices.js';

/** What became of rows. */
export interface WrittenCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  /** Stored rows that somebody corrected, and that were left as they are though the file says otherwise. */
  kept: number;
  /** Rows that a later row of the file with the same timestamp replaced. */
  duplicates: number;
}

/** What became of one file. Its rows are inserted, updated, unchanged, kept, duplicates, left out or rejected. */
export interface FileReport extends WrittenCounts {
  /** Name of the file. */
  readonly file: string;
  /** Name of the source. */
  readonly name: string;
  /** Rows in the file; 0 when it could not be read. */
  rows: number;
  /** The first moments of the rows that were kept. */
  keptMoments: readonly Date[];
  /** Rows without a value, candles that are still open, and rows outside the range. */
  leftOut: number;
  rejected: number;
  /** The first of them. */
  rejects: readonly Reject[];
  /** Where the rejected rows are, when there are any. */
  rejectsFile: string | undefined;
  /** Why the file is not, or not wholly, imported. */
  error: BtcdbError | undefined;
  seconds: number;
}

export interface ImportReport {
  /** Nothing was written: the counts are what would be. */
  readonly dryRun: boolean;
  /** Every file could be imported, and nobody interrupted. Rejected rows do not count against it. */
  readonly ok: boolean;
  readonly interrupted: boolean;
  readonly sources: RegisteredCounts;
  readonly files: readonly FileReport[];
  readonly seconds: number;
}

/** Moments of rows that were kept that a report names. */
const mostMoments = 5;

/** What became of the rows of a file so far. */
export class WrittenRows {
  readonly counts: WrittenCounts = { inserted: 0, updated: 0, unchanged: 0, kept: 0, duplicates: 0 };
  /** The first moments of the rows that were kept. */
  readonly keptMoments: Date[] = [];
  /** Earliest and latest row. */
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;

  add({ ranges, duplicates }: FileSlice, { keptMoments, ...counts }: Written): void {
    for (const { firstMs, lastMs } of ranges) {
      this.firstMs = Math.min(this.firstMs, firstMs);
      this.lastMs = Math.max(this.lastMs, lastMs);
    }
    for (const key of ['inserted', 'updated', 'unchanged', 'kept'] as const) this.counts[key] += counts[key];
    this.counts.duplicates += duplicates;
    this.keptMoments.push(...keptMoments.slice(0, mostMoments - this.keptMoments.length));
  }
}

export function interruptedFile(name: string): ImportError {
  return new ImportError('IMPORT_FILE', `${name}: the import was interrupted; the batch at work was rolled back.`,
    'Import again: what is stored already is kept and not written twice.');
}

/** The database refused a batch. */
export function failedFile(name: string, error: unknown): ImportError {
  if (error instanceof ImportError) return error;
  return new ImportError('IMPORT_FILE', `${name}: the database refused rows: ${messageOf(error)}.`,
    'Batches before that one are stored; mend the cause and import again.', { cause: error });
}
