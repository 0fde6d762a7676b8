/**
 * The one place that says how PostgreSQL types arrive in TypeScript and what parameters of them take. The parsers that
 * pg gets (`types`) and what pgTyped declares (the `typesOverrides` of queries/pgtyped.config.json, which
 * `npm run codegen` derives from here) both come from the table `pgTypes`; a query that needs a type which is not in it
 * is refused.
 *
 * | PostgreSQL | TypeScript | form |
 * |---|---|---|
 * | numeric, int8, money | string | every digit is kept |
 * | int2, int4, float4, float8 | number | |
 * | timestamptz, timestamp | Date | milliseconds; infinity is the last moment that a Date can hold, -infinity the first |
 * | date | string | YYYY-MM-DD |
 * | time, timetz | string | HH:MM:SS |
 * | interval | string | PostgreSQL's own, for example `1 day` or `01:00:00` |
 * | bit, varbit | string | `101` |
 * | tstzrange | string | PostgreSQL's own, for example `["2026-01-01 00:00:00+00",)` |
 * | point | Point | `{ x, y }` |
 * | json, jsonb | parsed | a number inside is a number; or a string, where a double would not give the same digits back |
 *
 * Arrays hold the same as their elements, or null. Of how many dimensions an array has PostgreSQL does not speak: it is
 * declared with one, and those of an array of arrays are nested.
 */
import { compareNumber } from 'lossless-json';
import pg from 'pg';

type Parser = (text: string) => unknown;

export interface PgType {
  readonly oid: number;
  /** Absent: there is no array of it. */
  readonly arrayOid?: number;
  /** Makes the value out of PostgreSQL's text. */
  readonly parse: Parser;
  /**
   * What a parameter takes and what a result holds: a name that TypeScript or pgTyped knows, or `module#name`, the
   * module's path seen from the root of the project.
   */
  readonly parameter: string;
  readonly result: string;
}

const asText: Parser = (text) => text;
const asBoolean: Parser = (text) => text === 't';
const fromPg = (oid: number): Parser => pg.types.getTypeParser(oid, 'text') as Parser;

const parseUnusualTimestamp = fromPg(1184);
/** Milliseconds that a Date can be away from 1970. */
const maxTime = 8.64e15;

const [space, minus, plus, colon] = [...' -+:'].map((character) => character.charCodeAt(0));

const twoDigits = (text: string, at: number): number => 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * 0x30;

/** Rows come in order, so the day is mostly that of the row before. */
let cachedDay = NaN;
let cachedMs = NaN;

/**
 * `2026-01-31 12:34:56.789+00`: with four digits of a year, any fraction, and an offset of whole hours. These are nearly all there
 * are, and are read here in a fraction of the time that pg's parser takes, which reads the others. pg makes a number of infinity:
 * as a Date it can still be compared with all others.
 */
const asDate: Parser = (text) => {
  const zone = text.length - 3;
  const sign = text.charCodeAt(zone);
  if (text.charCodeAt(10) === space && text.charCodeAt(4) === minus && text.charCodeAt(7) === minus && text.charCodeAt(13) === colon
    && text.charCodeAt(16) === colon && (sign === plus || sign === minus)) {
    const day = 10_000 * (100 * twoDigits(text, 0) + twoDigits(text, 2)) + 100 * twoDigits(text, 5) + twoDigits(text, 8);
    if (day !== cachedDay) {
      cachedMs = Date.UTC(Math.trunc(day / 10_000), (Math.trunc(day / 100) % 100) - 1, day % 100);
      cachedDay = day;
    }
    const hours = twoDigits(text, zone + 1);
    const minutes = 60 * (twoDigits(text, 11) - (sign === plus ? hours : -hours)) + twoDigits(text, 14);
    const fraction = zone === 19 ? 0 : Math.trunc(1000 * Number(text.slice(19, zone)));
    // To Date.UTC the years 0 to 99 are those of another century.
    if (day >= 1_000_000) return new Date(cachedMs + 60_000 * minutes + 1000 * twoDigits(text, 17) + fraction);
  }
  const date = parseUnusualTimestamp(text);
  return typeof date === 'number' ? new Date(date > 0 ? maxTime : -maxTime) : date;
};

/** No double loses one of 15 digits. Text without longer numbers and without exponents needs no second look. */
const mayLoseDigits = /\d[\d.]{15}|\d[eE]/;
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

const keepsDigits = (digits: string): boolean => {
  const double = Number(digits);
  return String(double) === digits || (Number.isFinite(double) && compareNumber(digits, String(double)) === 0);
};

/** JSON whose numbers become strings where a double is not exactly what is written. */
const parseJson: Parser = (text) =>
  JSON.parse(mayLoseDigits.test(text)
    ? text.replace(stringOrNumber, (token) => (token.startsWith('"') || keepsDigits(token) ? token : `"${token}"`))
    : text);

const text = (oid: number, arrayOid: number): PgType => ({ oid, arrayOid, parse: asText, parameter: 'string', result: 'string' });
const number = (oid: number, arrayOid: number): PgType => ({ oid, arrayOid, parse: Number, parameter: 'number', result: 'number' });
const exactNumber = (oid: number, arrayOid: number): PgType => ({ ...text(oid, arrayOid), parameter: 'NumberOrString' });
const moment = (oid: number, arrayOid: number): PgType => ({ oid, arrayOid, parse: asDate, parameter: 'DateOrString', result: 'Date' });

/** By PostgreSQL's name of the type. */
export const pgTypes: Readonly<Record<string, PgType>> = {
  bool: { oid: 16, arrayOid: 1000, parse: asBoolean, parameter: 'boolean', result: 'boolean' },
  int2: number(21, 1005),
  int4: number(23, 1007),
  int8: exactNumber(20, 1016),
  float4: number(700, 1021),
  float8: number(701, 1022),
  numeric: exactNumber(1700, 1231),
  money: text(790, 791),
  text: text(25, 1009),
  varchar: text(1043, 1015),
  bpchar: text(1042, 1014),
  char: text(18, 1002),
  name: text(19, 1003),
  uuid: text(2950, 2951),
  timestamptz: moment(1184, 1185),
  timestamp: moment(1114, 1115),
  date: text(1082, 1182),
  time: text(1083, 1183),
  timetz: text(1266, 1270),
  interval: text(1186, 1187),
  bit: text(1560, 1561),
  varbit: text(1562, 1563),
  inet: text(869, 1041),
  cidr: text(650, 651),
  macaddr: text(829, 1040),
  macaddr8: text(774, 775),
  tstzrange: text(3910, 3911),
  tsvector: text(3614, 3643),
  bytea: { oid: 17, arrayOid: 1001, parse: fromPg(17), parameter: 'Buffer', result: 'Buffer' },
  point: { oid: 600, arrayOid: 1017, parse: fromPg(600), parameter: 'string', result: './src/types/pg-types.js#Point' },
  json: { oid: 114, arrayOid: 199, parse: parseJson, parameter: 'string', result: './src/types/pg-types.js#Json' },
  jsonb: { oid: 3802, arrayOid: 3807, parse: parseJson, parameter: './src/types/pg-types.js#JsonObject', result: './src/types/pg-types.js#Json' },
  void: { oid: 2278, parse: () => undefined, parameter: 'undefined', result: 'undefined' },
};

/** Domains over jsonb: a row to write. Arrays of them are parameters that take rows of the type in src/types/tables.ts. */
export const inputTypes: Readonly<Record<string, string>> = {
  backtest_trades_input: './src/types/tables.js#BacktestTradesInput',
  features_input: './src/types/tables.js#FeaturesInput',
};

/** pg's parser of text[]: an array, of arrays where it has several dimensions, of text and null. */
const parseTextArray = fromPg(1009) as (text: string) => Nested[];
type Nested = string | null | Nested[];

function arrayOf(parse: Parser): Parser {
  if (parse === asText) return parseTextArray;
  const member = (value: Nested): unknown => {
    if (value === null) return null;
    return Array.isArray(value) ? value.map(member) : parse(value);
  };
  return (text) => parseTextArray(text).map(member);
}

const parsers = new Map<number, Parser>(
  Object.values(pgTypes).flatMap(({ oid, arrayOid, parse }) => [
    [oid, parse] as const,
    ...(arrayOid === undefined ? [] : [[arrayOid, arrayOf(parse)] as const]),
  ]),
);

/** Type parsers for a pool or client of your own: `new pg.Pool({ types })`. `connect` sets them by itself. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/** What json and jsonb columns arrive as: numbers that no double holds exactly are strings of their digits. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a jsonb parameter takes: an object. (pg would send an array as a PostgreSQL array.) */
export type JsonObject = { [key: string]: Json };

/** What a point arrives as. */
export interface Point {
  x: number;
  y: number;
}
