/** Values as one reads them. Times are UTC throughout. Exact decimals stay the text that they are. */

/** 2026-01-31 12:34, with seconds where there are some. */
export function moment(at: number | string): string {
  const iso = new Date(at).toISOString();
  const [day, time] = [iso.slice(0, 10), iso.slice(11, 23)];
  if (!time.endsWith('.000')) return `${day} ${time}`;
  return `${day} ${time.endsWith(':00.000') ? time.slice(0, 5) : time.slice(0, 8)}`;
}

const spans = [['year', 365 * 24 * 60], ['day', 24 * 60], ['hour', 60], ['minute', 1]] as const;

/** How long ago: 3 hours. */
export function age(at: number | string, now = Date.now()): string {
  const minutes = (now - new Date(at).getTime()) / 60_000;
  const [unit, size] = spans.find(([, length]) => minutes >= 2 * length) ?? ['minute', 1];
  const count = Math.max(0, Math.floor(minutes / size));
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** As many digits as say something: 43,210.50 and 0.00012345. */
export function price(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(4);
  const digits = size >= 1000 || size === 0 ? 2 : size >= 1 ? 4 : Math.min(12, 4 - Math.floor(Math.log10(size)));
  return value.toLocaleString('en', { minimumFractionDigits: Math.min(digits, 2), maximumFractionDigits: digits });
}

export const count = (value: number | string, noun: string): string =>
  `${Number(value).toLocaleString('en')} ${noun}${Number(value) === 1 ? '' : 's'}`;

const kinds: Readonly<Record<string, string>> = {
  outlier_4sigma: 'outlier beyond 4σ',
  outlier_6sigma: 'black swan beyond 6σ',
  missing_data: 'missing data',
  late_data: 'late data',
  corrupt_data: 'corrupt data',
  duplicate: 'duplicate',
};

export const anomalyKind = (type: string): string => kinds[type] ?? type;
