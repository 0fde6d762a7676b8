/** Widths of candles, and where their bounds lie: as time_bucket() of the database cuts them. */

export const buckets = ['1 minute', '5 minutes', '15 minutes', '1 hour', '4 hours', '1 day', '1 week', '1 month'] as const;
export type Bucket = (typeof buckets)[number];

export const isBucket = (text: string | null): text is Bucket => buckets.includes(text as Bucket);

const minute = 60_000;
const day = 24 * 60 * minute;
const widths: Readonly<Record<Bucket, number>> = {
  '1 minute': minute,
  '5 minutes': 5 * minute,
  '15 minutes': 15 * minute,
  '1 hour': 60 * minute,
  '4 hours': 240 * minute,
  '1 day': day,
  '1 week': 7 * day,
  // Of the longest, so that a range of so many widths holds as many buckets.
  '1 month': 31 * day,
};

export const width = (bucket: Bucket): number => widths[bucket];

/** Weeks begin on Monday. */
const aMonday = Date.UTC(2000, 0, 3);

/** Where the bucket of a moment begins. */
export function floor(at: number, bucket: Bucket): number {
  if (bucket === '1 month') {
    const date = new Date(at);
    return utc(date.getUTCFullYear(), date.getUTCMonth());
  }
  return aMonday + Math.floor((at - aMonday) / widths[bucket]) * widths[bucket];
}

/** Where the next bucket begins. */
export function after(at: number, bucket: Bucket): number {
  const start = floor(at, bucket);
  if (bucket !== '1 month') return start + widths[bucket];
  const date = new Date(start);
  return utc(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** To Date.UTC the year 50 is 1950. */
function utc(year: number, month: number): number {
  const date = new Date(0);
  return date.setUTCFullYear(year, month, 1);
}

/** An interval as PostgreSQL writes it (`1 day`, `3 mons`, `1 day 04:30:00`), in milliseconds. */
export function lengthOf(interval: string): number {
  const parts = /(-?\d+) (year|mon|day)/g;
  const units: Readonly<Record<string, number>> = { year: 365.25 * day, mon: 30.44 * day, day };
  let length = 0;
  for (const [, number, unit] of interval.matchAll(parts)) length += Number(number) * units[unit!]!;
  const [, hours, minutes, seconds] = /(\d+):(\d+):(\d+(?:\.\d+)?)/.exec(interval) ?? [];
  return hours === undefined ? length : length + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** The widths in which a source with a row every so often is worth looking at. */
export function bucketsOf(updateFrequency: string): Bucket[] {
  const length = lengthOf(updateFrequency);
  const wide = buckets.filter((bucket) => widths[bucket] >= length);
  return wide.length > 0 ? wide : ['1 month'];
}
