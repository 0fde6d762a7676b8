/**
 * The two kinds of scalar that a row has, a timestamp and a number, as PostgreSQL reads them. They are on the way of every row,
 * and so are quick. Both are judged as text and numbers stay text, so that the digits of a file are the digits of the database.
 */
import { cut } from '../errors/messages.js';

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
function isNumeral(text: string): boolean {
  return NUMBER.test(text);
}

/** What comes later is a misread unit, or stands for `never`, though the database would take it until the year 9999. */
const LAST_MS = Date.UTC(2100, 0, 1);

const DECIMAL_EPOCH = /^\+?(\d{1,19})(?:\.(\d*))?$/;
const EXPONENT_EPOCH = /^\d(?:\.\d+)?[eE]\+?\d{1,2}$/;
const ISO_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*([Zz]|UTC|utc|[+-]\d\d(?::?\d\d)?)?)?$/;

/**
 * Milliseconds since 1970 of an epoch number or an ISO text, NaN when it is neither.
 *
 * The unit of a number follows from its magnitude, per row: below 1e10 seconds, below 1e13 milliseconds, below 1e16
 * microseconds, else nanoseconds. Between 1970 and 2100 that is unambiguous for seconds; milliseconds before
 * 1970-04-26 would be read as seconds, microseconds likewise as milliseconds.
 *
 * Whatever is finer than a millisecond is cut off, never rounded up: a trade does not move to the next candle. A text
 * without an offset is UTC; a date alone is its midnight.
 */
export function parseTimestamp(text: string): number {
  const length = text.length;
  if (length === 0 || length > 16) return parseUnusualTimestamp(text);
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return parseUnusualTimestamp(text);
    value = value * 10 + digit;
  }
  return epochToMs(value);
}

function epochToMs(value: number): number {
  if (value < 1e10) return value * 1000;
  if (value < 1e13) return value;
  // Sixteen nines are 1e16 in a double, and still microseconds.
  if (value <= 1e16) return Math.floor(value / 1000);
  return Math.floor(value / 1e6);
}

function parseUnusualTimestamp(text: string): number {
  const decimal = DECIMAL_EPOCH.exec(text);
  if (decimal) {
    const whole = (decimal[1] as string).replace(/^0+(?=\d)/, '');
    // Nanoseconds do not fit a double: cut the digits, not the number.
    if (whole.length > 16) return Number(whole.slice(0, -6));
    const ms = epochToMs(Number(whole));
    const seconds = whole.length <= 10;
    return seconds ? ms + Number((decimal[2] ?? '').slice(0, 3).padEnd(3, '0')) : ms;
  }
  if (EXPONENT_EPOCH.test(text)) return epochToMs(Math.floor(Number(text)));
  return parseIsoTime(text);
}

/** The same of an ISO text alone. */
export function parseIsoTime(text: string): number {
  const iso = ISO_TIME.exec(text);
  return iso ? isoToMs(iso) : Number.NaN;
}

function isoToMs(parts: RegExpExecArray): number {
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number, number, number, number, number, number,
  ];
  // Not Date.UTC, to which the year 71 is 1971.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const ms = date.setUTCHours(hour, minute, second, Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0')));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
    && date.getUTCMinutes() === minute && date.getUTCSeconds() === second;
  if (!exists) return Number.NaN;
  return ms - (parts[8] === undefined ? 0 : offsetMs(parts[8]));
}

/** What `Z`, `UTC`, `+02:00` or `-0530` is ahead of UTC. */
export function offsetMs(zone: string): number {
  if (/^(?:z|utc)$/i.test(zone)) return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)) * 60_000;
}

/** Whether milliseconds since 1970 lie in the years 1 to 2099; false for NaN. */
export function isPlausibleTime(ms: number): boolean {
  return ms >= firstMoment && ms < LAST_MS;
}

/** Why `text` is not a usable timestamp; undefined when it is. */
export function timestampProblem(text: string | null): string | undefined {
  if (text === null || text === '') return 'timestamp: it is missing';
  const ms = parseTimestamp(text);
  if (Number.isNaN(ms)) return `timestamp: ${quote(text)} is neither an epoch number nor a date`;
  if (isPlausibleTime(ms)) return undefined;
  const at = Math.abs(ms) < 8.64e15 ? ` (${new Date(ms).toISOString()})` : '';
  return `timestamp: ${quote(text)}${at} is not within the years 1 to 2099`;
}

/** Why `text`, the content of `column`, is not a number. */
export function numberProblem(column: string, text: string): string {
  return isNumeral(text)
    ? `${column}: ${quote(text)} is larger or finer than any number of a market`
    : `${column}: ${quote(text)} is not a number`;
}

function quote(text: string): string {
  return `"${cut(text, 40)}"`;
}

const MISSING = /^(?:[.-]|--|#?n\/?a|nd|null|none)$/i;

/** Whether `text` is one of the usual ways to write that there is no value, such as the `.` of FRED. NaN is none: it is a mistake. */
export function isMissing(text: string): boolean {
  return text.length <= 4 && MISSING.test(text);
}
