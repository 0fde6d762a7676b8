/**
 * POST /api/sources/{source}/rows: JSON, lines of JSON or CSV of any length, written in one transaction while it comes. A row that
 * is none is told and does not stop the others, as in an import; a body that is none, or ends too early, leaves nothing.
 */
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bulkUpsert, ImportError, quality, type BulkUpsertResult, type Database, type RowInput } from 'btc-dashboard-db';
import { readRows, type RejectedRow, type RowCounts, type RowFormat } from 'btc-dashboard-db/rows';
import { write } from './access/write.js';
import { Problem } from './problems.js';
import type { SourceNames } from './sources.js';
import { unlimitedMs } from './wanted.js';

const formats: Readonly<Record<string, RowFormat>> = {
  'application/json': 'json', 'application/x-ndjson': 'ndjson', 'application/ndjson': 'ndjson', 'application/jsonl': 'ndjson', 'text/csv': 'csv',
};

/** Rejected rows that an answer tells; the others are counted. */
const mostRejects = 100;

/**
 * Rows that bulkUpsert writes at a time, of a stream. So many are read before the transaction begins: who sends fewer, however
 * slowly, keeps nobody waiting.
 */
const partRows = 20_000;

/** What is packed more than this, and is more than that, is no data but an attempt to keep the server busy. */
const bombFactor = 200;
const bombBytes = 64 << 20;

const lingerMs = 5000;

export interface RowsContext {
  readonly writers: Database;
  readonly sources: SourceNames;
  /** For how long a client may send nothing. */
  readonly idleMs: number;
}

export function addRowWriter(app: FastifyInstance, { writers, sources, idleMs }: RowsContext): void {
  void app.register(async (scope) => {
    // The body is not for Fastify to read.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.post('/api/sources/:source/rows', { schema, decompress: false, handlerTimeout: unlimitedMs }, async (request) => {
      const format = formatOf(request);
      const { mode, replace } = optionsOf(request);
      const { source } = request.params as { source: string };
      const sourceId = await sources.idOf(source);
      const counts: RowCounts = { rows: 0, leftOut: 0, rejected: 0 };
      const rejected: RejectedRow[] = [];
      const rows = readRows(bodyOf(request, idleMs), format, sourceId, counts, (reject) => {
        if (rejected.length < mostRejects) rejected.push(reject);
      });
      const { inserted, updated, unchanged } = await writeAll(rows, request, { writers, sourceId, mode, replace });
      const taken = counts.rows - counts.leftOut - counts.rejected;
      return {
        inserted, updated, unchanged,
        duplicates: taken - inserted - updated - unchanged,
        left_out: counts.leftOut,
        rejected_rows: counts.rejected,
        rejected: rejected.map(({ line, index, reason }) => (format === 'json' ? { index, reason } : { line, reason })),
      };
    });
  });
}

interface Target {
  readonly writers: Database;
  readonly sourceId: number;
  readonly mode: 'live' | 'backfill';
  readonly replace: boolean;
}

async function writeAll(
  rows: AsyncGenerator<RowInput>, request: FastifyRequest, { writers, sourceId, mode, replace }: Target,
): Promise<BulkUpsertResult> {
  try {
    const first: RowInput[] = [];
    while (first.length < partRows) {
      const { value, done } = await rows.next();
      if (done) {
        if (first.length === 0) return { inserted: 0, updated: 0, unchanged: 0 };
        return await write(request, writers, (tx) => bulkUpsert(tx, first, { replace }), { ingestMode: mode, retries: 7 });
      }
      first.push(value);
    }
    const order = new Order();
    // It takes as long as the client sends.
    return await write(request, writers, async (tx) => {
      const result = await bulkUpsert(tx, order.watch(first, rows), { replace });
      if (order.late !== undefined) await quality.rescore.run({ source_id: sourceId, ...order.late }, tx);
      return result;
    }, { ingestMode: mode, settings: { statement_timeout: '0' } });
  } catch (error) {
    throw error instanceof ImportError ? new Problem(400, 'INVALID_BODY', error.message, {}, { cause: error }) : error;
  } finally {
    await rows.return(undefined);
  }
}

/** Rows are put in order and scored part by part. Where a part goes back behind an earlier one, what follows there is scored again. */
class Order {
  #rows = 0;
  #last = Number.NEGATIVE_INFINITY;
  /** The last moment of the parts before this one. */
  #before = Number.NEGATIVE_INFINITY;
  #lateFrom = Number.POSITIVE_INFINITY;
  #lateTo = Number.NEGATIVE_INFINITY;

  get late(): { from: Date; to: Date } | undefined {
    return this.#lateFrom > this.#lateTo ? undefined : { from: new Date(this.#lateFrom), to: new Date(this.#lateTo) };
  }

  async *watch(first: RowInput[], rest: AsyncIterable<RowInput>): AsyncGenerator<RowInput> {
    for (const row of first.splice(0)) yield this.#see(row);
    for await (const row of rest) yield this.#see(row);
  }

  #see(row: RowInput): RowInput {
    const ms = row.timestamp as number;
    if (this.#rows++ % partRows === 0) this.#before = this.#last;
    if (ms > this.#last) this.#last = ms;
    if (ms < this.#before) {
      this.#lateFrom = Math.min(this.#lateFrom, ms);
      this.#lateTo = this.#before;
    }
    return row;
  }
}

function formatOf({ headers }: FastifyRequest): RowFormat {
  const format = formats[(headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()];
  if (format !== undefined) return format;
  throw new Problem(415, 'UNSUPPORTED_MEDIA_TYPE', `Rows are taken as ${Object.keys(formats).join(', ')}.`,
    { accept: 'application/json, application/x-ndjson, text/csv' });
}

function optionsOf({ query }: FastifyRequest): Pick<Target, 'mode' | 'replace'> {
  const { mode = 'live', replace = 'false', ...others } = query as Record<string, unknown>;
  const refuse = (detail: string): never => {
    throw new Problem(400, 'INVALID_PARAMETER', detail);
  };
  const [other] = Object.keys(others);
  if (other !== undefined) refuse(`There is no parameter ${JSON.stringify(other.slice(0, 100))} here. There are mode and replace.`);
  if (mode !== 'live' && mode !== 'backfill') return refuse('The parameter mode is to be live or backfill.');
  if (replace !== 'true' && replace !== 'false') return refuse('The parameter replace is to be true or false.');
  return { mode, replace: replace === 'true' };
}

/** The bytes of the body, unpacked, at the pace of whoever takes them. */
async function* bodyOf(request: FastifyRequest, idleMs: number): AsyncGenerator<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') return yield* received(request, idleMs);
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new Problem(415, 'UNSUPPORTED_MEDIA_TYPE', 'A body is taken as it is, or packed by gzip.', { 'accept-encoding': 'gzip' });
  }
  let packed = 0;
  let unpacked = 0;
  const count = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of received(request, idleMs)) {
      packed += chunk.length;
      yield chunk;
    }
  };
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  // Its errors come out of gunzip.
  pipeline(count(), gunzip, () => {});
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > bombBytes && unpacked > bombFactor * packed) throw new Problem(413, 'BODY_TOO_LARGE', `The body is packed more than ${bombFactor} times.`);
      yield chunk;
    }
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('Z_')) throw error;
    throw new Problem(400, 'INVALID_BODY', 'The body is not sound gzip, or is cut off.', {}, { cause: error });
  } finally {
    gunzip.destroy();
  }
}

async function* received({ raw }: FastifyRequest, idleMs: number): AsyncGenerator<Buffer> {
  const chunks = raw.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  let isOver = false;
  try {
    for (;;) {
      let timer: NodeJS.Timeout | undefined;
      const idle = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Problem(408, 'BODY_TOO_SLOW', 'The rest of the body did not come. Nothing was stored.')), idleMs);
      });
      const { value, done } = await Promise.race([chunks.next(), idle]).finally(() => clearTimeout(timer));
      isOver = done === true;
      if (isOver) return;
      yield value as Buffer;
    }
  } catch (error) {
    if ((error as { code?: string }).code !== 'ECONNRESET') throw error;
    throw new Problem(499, 'CLIENT_GONE', 'The client has gone.', {}, { cause: error });
  } finally {
    if (!isOver) leave(raw, chunks);
  }
}

/** Nobody takes the rest. It is read all the same, for a while: a client that still sends does not look for the answer. */
function leave(raw: FastifyRequest['raw'], chunks: AsyncIterator<Buffer>): void {
  const close = setTimeout(() => raw.destroy(), lingerMs);
  raw.once('close', () => clearTimeout(close));
  raw.on('error', () => {});
  void chunks.return?.().then(() => raw.resume(), () => {});
}

const count = (description: string): object => ({ type: 'integer', minimum: 0, description });

const schema = {
  operationId: 'rows_write',
  summary: 'Writes rows of a source, all in one transaction.',
  description: 'Rows as the importer reads them, in a body of any length, also packed by gzip. A row that is none is told and does not stop the others. '
    + 'Of a stored row the columns that are given are compared, and written where they differ.',
  tags: ['sources'],
  security: [{ token: [] }],
  params: { type: 'object', required: ['source'], properties: { source: { type: 'string', description: 'Name or number of the source.' } } },
  querystring: {
    type: 'object',
    properties: {
      mode: { type: 'string', enum: ['live', 'backfill'], default: 'live', description: 'backfill: rows of old times are not late.' },
      replace: { type: 'boolean', default: false, description: 'Stored rows are replaced as a whole: a column that is not given becomes null.' },
    },
  },
  body: {
    content: {
      'application/json': { schema: { type: 'array', items: { oneOf: [
        {
          type: 'object',
          required: ['timestamp'],
          properties: Object.fromEntries([
            ['timestamp', { type: ['string', 'number'] }],
            ...['open', 'high', 'low', 'close', 'volume', 'value'].map((column) => [column, { type: ['string', 'number', 'null'] }]),
          ]),
        },
        { type: 'array', items: { type: ['string', 'number', 'null'] } },
      ] } } },
      'application/x-ndjson': { schema: { type: 'string', description: 'A list or an object in each line.' } },
      'text/csv': { schema: { type: 'string' } },
    },
  },
  response: {
    200: {
      description: 'What became of the rows: each of them is in one of the counts.',
      type: 'object',
      required: ['inserted', 'updated', 'unchanged', 'duplicates', 'left_out', 'rejected_rows', 'rejected'],
      properties: {
        inserted: count('Rows that were not there.'),
        updated: count('Rows that were there with other values.'),
        unchanged: count('Rows that were there already.'),
        duplicates: count('Rows that came over an earlier one of the body with the same time.'),
        left_out: count('Rows without a value, and candles that are still open.'),
        rejected_rows: count('Rows that are none.'),
        rejected: {
          type: 'array',
          maxItems: mostRejects,
          description: 'The first of the rejected rows.',
          items: {
            type: 'object',
            required: ['reason'],
            properties: { index: count('Place in the array, from 0 on.'), line: count('Line of the body, from 1 on.'), reason: { type: 'string' } },
          },
        },
      },
    },
  },
};
