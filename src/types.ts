/**
 * The one place that says how PostgreSQL types arrive in TypeScript. queries/pgtyped.config.json declares the same to
 * pgTyped; a test compares the two with what a database returns.
 *
 * | PostgreSQL | TypeScript | form |
 * |---|---|---|
 * | numeric, int8 | string | every digit is kept |
 * | int2, int4, float8 | number | |
 * | timestamptz | Date | milliseconds |
 * | date | string | YYYY-MM-DD |
 * | time | string | HH:MM:SS |
 * | interval | string | PostgreSQL's own, for example `1 day` or `01:00:00` |
 * | json, jsonb | parsed | numbers inside become doubles |
 *
 * Arrays hold the same as their elements.
 */
import pg from 'pg';

/** Object identifiers of the types that pg would return otherwise than stated above. */
const oids = {
  date: 1082,
  interval: 1186,
  numericArray: 1231,
  int8Array: 1016,
  dateArray: 1182,
  intervalArray: 1187,
} as const;

type Parser = (text: string) => unknown;

const asText: Parser = (text) => text;
/** pg's parser of text[], which leaves the elements as they are. */
const asTextArray = pg.types.getTypeParser(1009 as number, 'text') as Parser;

const parsers = new Map<number, Parser>([
  [oids.date, asText],
  [oids.interval, asText],
  [oids.numericArray, asTextArray],
  [oids.int8Array, asTextArray],
  [oids.dateArray, asTextArray],
  [oids.intervalArray, asTextArray],
]);

/** Type parsers for a pool or client of your own: `new pg.Pool({ types })`. `connect` sets them by itself. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
};

/** What json and jsonb columns arrive as. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a jsonb parameter takes: an object. (pg would send an array as a PostgreSQL array.) */
export type JsonObject = { [key: string]: Json };
