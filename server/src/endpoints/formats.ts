/** The rows of an endpoint in the form that the client accepts: JSON, CSV, or JSON line by line. */
import { pipeline, Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { copyRows, type Database } from 'btc-dashboard-db';
import type { Endpoint } from 'btc-dashboard-db/endpoints';
import { readerSettings } from '../access/read.js';
import { Problem } from '../problems.js';
import { whileConnected } from '../wanted.js';
import { encoderOf, type Encoding } from './cache.js';
import { CopyFormatter } from './copy-format.js';

const formats = ['application/json', 'application/x-ndjson', 'text/csv'] as const;
export type Format = (typeof formats)[number];

/** @throws {Problem} NOT_ACCEPTABLE */
export function formatOf(request: FastifyRequest): Format {
  const { accept } = request.headers;
  if (accept === undefined || accept === '*/*') return formats[0];
  const format = request.accepts().type([...formats]);
  if (typeof format === 'string') return format as Format;
  throw new Problem(406, 'NOT_ACCEPTABLE', `This is given as ${formats.join(', ')}.`);
}

/** Sends rows as they come out of the database. The client's pace is the database's. */
export async function sendStream(
  endpoint: Endpoint,
  params: object,
  db: Database,
  format: Exclude<Format, 'application/json'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { columns } = endpoint;
  const formatter = new CopyFormatter(format, columns);
  const pieces = copyRows(endpoint.query, params, db, { signal: whileConnected(request), settings: readerSettings });
  // An error before the first row is a problem, not an answer that breaks off.
  let piece = await pieces.next();
  const answer = async function* (): AsyncGenerator<string | Buffer> {
    if (format === 'text/csv') yield `${columns.map(({ name }) => name).join(',')}\r\n`;
    try {
      for (; !piece.done; piece = await pieces.next()) {
        const lines = formatter.format(piece.value);
        if (lines.length > 0) yield lines;
      }
    } finally {
      await pieces.return();
    }
  };
  void reply.type(format === 'text/csv' ? 'text/csv; charset=utf-8; header=present' : format);
  const encoding = encodingOf(request);
  if (encoding === undefined) return reply.send(Readable.from(answer()));
  // Its errors come out of the end that is sent.
  return reply.header('content-encoding', encoding).send(pipeline(answer, encoderOf(encoding), () => {}));
}

/** What the client takes packed. */
export function encodingOf(request: FastifyRequest): Encoding | undefined {
  if (request.headers['accept-encoding'] === undefined) return undefined;
  return (request.accepts().encoding(['br', 'gzip']) || undefined) as Encoding | undefined;
}
