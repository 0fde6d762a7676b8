/** Dates that are neither an epoch number nor ISO text, by a pattern such as `DD.MM.YYYY HH:mm`. */
import { offsetMs, parseTimestamp } from '../types/scalars.js';

/** Reads one text; NaN when it does not fit. */
export type DateReader = (text: string) => number;

const tokens: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  YY: '(?<year>\\d\\d)',
  MMM: '(?<name>[A-Za-z]{3,9})\\.?',
  MM: '(?<month>\\d\\d)',
  M: '(?<month>\\d\\d?)',
  DD: '(?<day>\\d\\d)',
  D: '(?<day>\\d\\d?)',
  HH: '(?<hour>\\d\\d)',
  H: '(?<hour>\\d\\d?)',
  mm: '(?<minute>\\d\\d)',
  ss: '(?<second>\\d\\d)',
  SSS: '(?<milli>\\d{3})',
  A: '(?<half>[AaPp][Mm])',
  Z: '(?<zone>Z|UTC|[+-]\\d\\d:?\\d\\d)',
};

const token = new RegExp(Object.keys(tokens).join('|'), 'g');
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The reader of a pattern; undefined when the pattern says no year, or one thing twice. A month or day left out is the first. */
export function dateReader(pattern: string): DateReader | undefined {
  const found = pattern.match(token) ?? [];
  const kinds = found.map((each) => /<(\w+)>/.exec(tokens[each] as string)?.[1]?.replace('name', 'month'));
  if (!kinds.includes('year') || new Set(kinds).size < kinds.length) return undefined;
  const literal = (text: string): string => text.replace(/[^\w\s]/g, '\\$&').replace(/\s+/g, '\\s+');
  const source = pattern.split(token).map((text, i) => literal(text) + (tokens[found[i] ?? ''] ?? '')).join('');
  const shape = new RegExp(`^${source}$`);
  return (text) => {
    const parts = shape.exec(text)?.groups;
    return parts === undefined ? Number.NaN : read(parts);
  };
}

function read({ year = '', name, month, day, hour, minute, second, milli, half, zone }: Partial<Record<string, string>>): number {
  // Two digits of a year: 70 is 1970, 69 is 2069.
  const fullYear = year.length === 2 ? (Number(year) < 70 ? `20${year}` : `19${year}`) : year;
  const monthNumber = name === undefined ? Number(month ?? 1) : months.indexOf(name.slice(0, 3).toLowerCase()) + 1;
  const hours = half === undefined ? Number(hour ?? 0) : (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  const two = (part: string | number = 0): string => String(part).padStart(2, '0');
  const iso = `${fullYear}-${two(monthNumber)}-${two(day ?? 1)}T${two(hours)}:${two(minute)}:${two(second)}.${milli ?? '0'}`;
  return parseTimestamp(iso) - (zone === undefined ? 0 : offsetMs(zone));
}

const days = [
  'YYYYMMDD', 'YYYYMM', 'YYYY', 'YYYY/M/D', 'YYYY.M.D', 'YYYY-M-D', 'YYYY-MM', 'D.M.YYYY', 'M/D/YYYY', 'D/M/YYYY', 'M-D-YYYY', 'D-M-YYYY',
  'MMM D, YYYY', 'D MMM YYYY', 'D-MMM-YYYY', 'D-MMM-YY',
];
const times = ['', ' HH:mm', ' HH:mm:ss', ' H:mm:ss', ' HHmmss', ' H:mm A', ' H:mm:ss A'];

/** Patterns that may be guessed. */
const guessable = days.flatMap((day) => times.map((time) => day + time))
  .map((pattern) => ({ pattern, read: dateReader(pattern) as DateReader }));

/** Digits that would be read as an early epoch number, but are a date when all texts have that form. */
const bareDate = /^(?:(?:1[6-9]|20)\d\d)(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?)?$/;

export interface GuessedDates {
  readonly pattern: string;
  readonly read: DateReader;
}

/**
 * The patterns that read the texts of a sample, best first; of those that read them alike only one. None when the texts
 * need no pattern, or fit none.
 */
export function guessDates(texts: readonly string[]): GuessedDates[] {
  const plain = texts.some((text) => !Number.isNaN(parseTimestamp(text)));
  if (plain && !texts.every((text) => bareDate.test(text))) return [];
  // A corrupt text fits no pattern and has no say.
  const readable = texts.filter((text) => guessable.some(({ read }) => !Number.isNaN(read(text))));
  if (readable.length === 0) return [];
  const found = new Map<string, GuessedDates>();
  for (const guess of guessable) {
    const moments = readable.map(guess.read);
    if (moments.some(Number.isNaN)) continue;
    const key = moments.join();
    if (!found.has(key)) found.set(key, guess);
  }
  return [...found.values()];
}
