/** Timestamps and numbers as PostgreSQL reads them, which are on the way of every row and so are quick; and texts of others. */

const DAY_MS = 86_400_000;

/** Longest text of one number, in characters, and largest exponent. Far beyond any market, far below what numeric holds. */
const LONGEST_NUMBER = 1000;
const LARGEST_EXPONENT = 1000;

const ZERO = 0x30;
const DOT = 0x2e;
const MINUS = 0x2d;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?$/;

/** The first and the last moment that timeseries_data takes, in milliseconds since 1970: the years 1 to 9999. */
export const firstMoment = Date.parse('0001-01-01T00:00:00.000Z');
export const lastMoment = Date.parse('9999-12-31T23:59:59.999Z');

let cachedDay = Number.NaN;
let cachedDate = '';

/** Milliseconds since 1970 as `2017-08-17T04:00:00.000Z`. Rows come in order, so the date is mostly that of the row before. */
export function isoTimestamp(ms: number): string {
  const day = Math.floor(ms / DAY_MS);
  if (day !== cachedDay) {
    cachedDate = new Date(day * DAY_MS).toISOString().slice(0, 11);
    cachedDay = day;
  }
  let rest = ms - day * DAY_MS;
  const milli = rest % 1000;
  rest = (rest - milli) / 1000;
  const second = rest % 60;
  rest = (rest - second) / 60;
  const minute = rest % 60;
  const hour = (rest - minute) / 60;
  return `${cachedDate}${two[hour]}:${two[minute]}:${two[second]}.${milli === 0 ? '000' : String(milli).padStart(3, '0')}Z`;
}

const two = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'));

/** Whether PostgreSQL reads `text` as a finite numeric of a sane size. */
export function isNumber(text: string): boolean {
  // Digits with at most one dot between them are nearly every number of nearly every file.
  const length = text.length;
  let i = text.charCodeAt(0) === MINUS ? 1 : 0;
  const first = i;
  let dots = 0;
  for (; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code - ZERO >= 0 && code - ZERO <= 9) continue;
    if (code !== DOT || ++dots > 1 || i === first) return isUnusualNumber(text);
  }
  return i > first && length <= LONGEST_NUMBER;
}

function isUnusualNumber(text: string): boolean {
  const match = NUMBER.exec(text);
  return match !== null && text.length <= LONGEST_NUMBER && Math.abs(Number(match[1] ?? 0)) <= LARGEST_EXPONENT;
}

/** Whether `text` is a number at all, of whatever size. */
export function isNumeral(text: string): boolean {
  return NUMBER.test(text);
}

// Control characters, and those that turn the direction of writing round.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text of unknown origin, such as the name of a file, without anything that a terminal would obey. */
export function visible(text: string): string {
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
