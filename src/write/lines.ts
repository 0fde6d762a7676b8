/** Rows as lines of COPY, in text format. */

/** The data columns of timeseries_data, in the order of the table. */
export const dataColumns = ['open', 'high', 'low', 'close', 'volume', 'value'] as const;

/** The columns of a line. */
export const rowColumns = ['source_id', 'timestamp', ...dataColumns] as const;

export type DataColumn = (typeof dataColumns)[number];

type Value = string | number | null | undefined;

/** A row as a line of COPY. Nothing needs an escape: timestamps are ours, and numbers have been checked. */
export function lineOf(
  sourceId: number, timestamp: string, open: Value, high: Value, low: Value, close: Value, volume: Value, value: Value,
): string {
  return `${sourceId}\t${timestamp}\t${open ?? nothing}\t${high ?? nothing}\t${low ?? nothing}\t${close ?? nothing}\t${volume ?? nothing}\t${value ?? nothing}\n`;
}

/** How a line says null. */
export const nothing = '\\N';
