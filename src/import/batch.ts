/** Rows in columns. */
import { isNumber, isoTimestamp, isMissing, isPlausibleTime, numberProblem, parseTimestamp, timestampProblem } from '../types/scalars.js';
import { type DataColumn, dataColumns } from '../write/lines.js';

/** One row before it is judged: its timestamp, then the data columns in the order of {@link dataColumns}. What follows is not looked at. */
export type Fields = (string | null)[];

/** Moments in milliseconds since 1970, both included. */
export interface TimeRange {
  readonly firstMs: number;
  readonly lastMs: number;
}

export const allTime: TimeRange = { firstMs: Number.NEGATIVE_INFINITY, lastMs: Number.POSITIVE_INFINITY };

/** What {@link judge} says of a row that is left out on purpose. */
export const leftOut = '';

/**
 * The moment of a row in milliseconds since 1970, or why it cannot be one; of one without any value, or outside the range,
 * {@link leftOut}. Texts that say that there is no value become null.
 */
export function judge(fields: Fields, { firstMs, lastMs }: TimeRange = allTime): number | string {
  const ms = parseTimestamp(fields[0] ?? '');
  if (!isPlausibleTime(ms)) return timestampProblem(fields[0] ?? null) ?? '';
  if (ms < firstMs || ms > lastMs) return leftOut;
  let present = 0;
  for (let i = 1; i <= dataColumns.length; i++) {
    const text = fields[i] as string | null;
    if (text === null) continue;
    if (isNumber(text)) present++;
    else if (isMissing(text)) fields[i] = null;
    else return numberProblem(dataColumns[i - 1] as string, text);
  }
  return present === 0 ? leftOut : ms;
}

/** Some rows of a series, column by column; all columns have `length` entries. */
export class SeriesBatch implements Record<DataColumn, (string | null)[]> {
  /** ISO text in UTC with milliseconds. */
  readonly timestamps: string[] = [];
  readonly open: (string | null)[] = [];
  readonly high: (string | null)[] = [];
  readonly low: (string | null)[] = [];
  readonly close: (string | null)[] = [];
  readonly volume: (string | null)[] = [];
  readonly value: (string | null)[] = [];
  /** Earliest and latest timestamp of the batch, in milliseconds since 1970. */
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;
  /** Bytes of the file on disk that had been read when the batch was full. */
  bytesRead = 0;
  /** Elements of the file that had been read, the rejected ones included. */
  elementsRead = 0;

  readonly #columns = dataColumns.map((column) => this[column]);

  /** `range`: rows outside are left out. */
  constructor(private readonly range: TimeRange = allTime) {}

  get length(): number {
    return this.timestamps.length;
  }

  /** Adds a row, or returns why it cannot be one: see {@link judge}. */
  add(fields: Fields): string | undefined {
    const ms = judge(fields, this.range);
    if (typeof ms === 'string') return ms;
    if (ms < this.firstMs) this.firstMs = ms;
    if (ms > this.lastMs) this.lastMs = ms;
    this.timestamps.push(isoTimestamp(ms));
    const columns = this.#columns;
    for (let i = 0; i < columns.length; i++) (columns[i] as (string | null)[]).push(fields[i + 1] as string | null);
    return undefined;
  }
}
