/** The rows of an endpoint in the form that the client accepts: JSON, CSV, or JSON line by line. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stream, type Database } from 'btc-dashboard-db';
import type { Endpoint } from 'btc-dashboard-db/endpoints';
import { Problem } from '../problems.js';

const formats = ['application/json', 'application/x-ndjson', 'text/csv'] as const;
export type Format = (typeof formats)[number];

/** A batch of rows is one piece of the answer. */
const batchRows = 1000;

/** @throws {Problem} NOT_ACCEPTABLE */
export function formatOf(request: FastifyRequest): Format {
  const format = request.accepts().type([...formats]);
  if (typeof format === 'string') return format as Format;
  throw new Problem(406, 'NOT_ACCEPTABLE', `This is given as ${formats.join(', ')}.`);
}

/** Sends rows as they come out of the database. The client's pace is the cursor's. */
export function sendStream(
  endpoint: Endpoint,
  params: object,
  db: Database,
  format: Exclude<Format, 'application/json'>,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const write = format === 'text/csv' ? csvLines(endpoint) : jsonLines;
  const rows = stream(endpoint.query, params, db, { batchRows, signal: request.signal });
  const pieces = async function* (): AsyncGenerator<string> {
    if (format === 'text/csv') yield `${endpoint.columns.map(({ name }) => cell(name)).join(',')}\r\n`;
    let lines = '';
    let count = 0;
    for await (const row of rows) {
      lines += write(row as Row);
      if (++count % batchRows === 0) {
        yield lines;
        lines = '';
      }
    }
    if (lines !== '') yield lines;
  };
  return reply.type(format === 'text/csv' ? 'text/csv; charset=utf-8; header=present' : format).send(Readable.from(pieces()));
}

type Row = Readonly<Record<string, unknown>>;

const jsonLines = (row: Row): string => `${JSON.stringify(row)}\n`;

/** CSV as RFC 4180 has it. Nothing is an empty cell, an empty text is "". */
function csvLines({ columns }: Endpoint): (row: Row) => string {
  const names = columns.map(({ name }) => name);
  return (row) => `${names.map((name) => cell(row[name])).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value === '') return '""';
  const text = value instanceof Date ? value.toISOString() : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
