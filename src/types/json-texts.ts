/** Values of PostgreSQL as JSON, out of its own text: as JSON.stringify writes what the parsers of pg-types.ts make of it. */
import type { CustomTypesConfig } from 'pg';
import { pgTypes, types } from './pg-types.js';

type Writer = (text: string) => string;

const quoted: Writer = (text) => `"${text}"`;

const writers: Readonly<Record<string, Writer>> = {
  bool: (text) => (text === 't' ? 'true' : 'false'),
  int2: (text) => text,
  int4: (text) => text,
  int8: quoted,
  numeric: quoted,
  /** `2026-01-31 12:34:56.789+00`: of four digits of a year, and in UTC. Others are read. */
  timestamptz(text) {
    const end = text.length - 3;
    if (!text.endsWith('+00') || end < 19 || text[4] !== '-' || text[10] !== ' ') return moment(text);
    const fraction = end === 19 ? '000' : text.slice(20, Math.min(23, end)).padEnd(3, '0');
    return `"${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z"`;
  },
};

/** By way of the value. */
function parsed(oid: number): Writer {
  const parse = types.getTypeParser(oid, 'text') as (text: string) => unknown;
  return (text) => JSON.stringify(parse(text));
}

const moment = parsed(pgTypes['timestamptz']!.oid);

const byOid = new Map<number, Writer>(Object.entries(writers).map(([name, write]) => [pgTypes[name]!.oid, write]));

function writerOf(oid: number): Writer {
  let writer = byOid.get(oid);
  if (!writer) byOid.set(oid, (writer = parsed(oid)));
  return writer;
}

/** In the place of parsers. */
export const jsonTypes: CustomTypesConfig = { getTypeParser: writerOf as CustomTypesConfig['getTypeParser'] };
