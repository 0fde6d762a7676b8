/** Each annotated query as a route. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { jsonRows, type Database, type Queryable } from 'btc-dashboard-db';
import type { Endpoint } from 'btc-dashboard-db/endpoints';
import { reading } from '../access/read.js';
import { write } from '../access/write.js';
import { describe } from '../openapi.js';
import { Problem } from '../problems.js';
import type { SourceNames } from '../sources.js';
import { whileConnected } from '../wanted.js';
import {
  answerOf, cacheControl, encodedBody, type Answer, type AnswerCache, type CompressedUntil, type Range,
} from './cache.js';
import { encodingOf, formatOf, sendStream, type Format } from './formats.js';
import { readParameter } from './parameters.js';

export interface RouteContext {
  readonly readers: Database;
  /** For answers that stream. */
  readonly exporters: Database;
  readonly streamTimeoutMs: number;
  readonly writers: Database;
  readonly sources: SourceNames;
  readonly answers: AnswerCache;
  readonly compressed: CompressedUntil;
}

export type HttpEndpoint = Endpoint & { readonly http: NonNullable<Endpoint['http']> };

export const isHttp = (endpoint: Endpoint): endpoint is HttpEndpoint => endpoint.http !== null;

type Params = Readonly<Record<string, unknown>>;

export function addEndpoint(app: FastifyInstance, endpoint: HttpEndpoint, context: RouteContext): void {
  const { readers, exporters, writers, streamTimeoutMs, sources, answers, compressed } = context;
  const { answer, cache, http: { method, path } } = endpoint;
  const isClosed = cache?.closed === true;
  app.route({
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    schema: describe(endpoint),
    // Each statement has its own limit; this one is for all that is sent.
    ...(answer === 'rows' ? { handlerTimeout: streamTimeoutMs } : {}),
    // Each answer is compressed here, once if it is kept. A GET has no body.
    compress: false,
    ...(method === 'GET' ? { decompress: false } : {}),
    async handler(request, reply) {
      if (method !== 'GET') {
        // Without defaults: who forgets from and to shall not delete all of history.
        const given = await parametersOf(endpoint, request, sources, {});
        return send(await write(request, writers, (tx) => answerTo(endpoint, given, tx, request)), request, reply);
      }
      const format = answer === 'rows' ? formatOf(request) : 'application/json';
      const params = await parametersOf(endpoint, request, sources, defaultsOf(answer, format));
      const ask = (): Promise<Answer> => answerTo(endpoint, params, reading(readers, whileConnected(request)), request);

      const range = rangeOf(endpoint, params);
      const isHistory = isClosed && range !== undefined && await compressed.includes(range.to);
      void reply.headers({ 'cache-control': cacheControl(cache, isHistory), vary: 'accept, accept-encoding' });
      if (format !== 'application/json') return sendStream(endpoint, params, exporters, format, request, reply);
      if (!isClosed || range === undefined) return send(await ask(), request, reply);
      const key = JSON.stringify([endpoint.name, params]);
      return send(answers.get(key) ?? await answers.fill(key, range, ask), request, reply);
    },
  });
}

/** Of what a query needs, and a request may leave out: all of history, and as much as one looks at. A stream has no end. */
const openRange = { from: '0001-01-01', to: '9999-12-31' };
const jsonDefaults = { ...openRange, limit: '1000' };
const chartDefaults = { ...openRange, limit: '10000' };
const streamDefaults = { ...openRange, limit: '2147483647' };

const defaultsOf = (answer: Endpoint['answer'], format: Format): Readonly<Record<string, string>> =>
  (format !== 'application/json' ? streamDefaults : answer === 'json' ? chartDefaults : jsonDefaults);

/** As many rows as are made in memory. */
const mostRows = 100_000;

/** The parameters of a request. What an endpoint does not have is refused: a misspelt filter would let everything through. */
async function parametersOf(
  endpoint: HttpEndpoint, request: FastifyRequest, sources: SourceNames, defaults: Readonly<Record<string, string>>,
): Promise<Params> {
  const given = {
    path: request.params as Params,
    query: request.query as Params,
    body: bodyOf(request),
  };
  for (const place of ['query', 'body'] as const) {
    const isKnown = (name: string): boolean => endpoint.parameters.some((parameter) => parameter.in === place && parameter.name === name);
    const unknown = Object.keys(given[place]).find((name) => !isKnown(name));
    // Those who speak TradingView's protocol send each request what any of them may need.
    if (unknown === undefined || endpoint.http.path.startsWith('/udf/')) continue;
    const names = endpoint.parameters.filter((parameter) => parameter.in === place).map(({ name }) => name);
    throw new Problem(400, 'INVALID_PARAMETER',
      `There is no parameter ${JSON.stringify(unknown.slice(0, 100))} here. ${names.length > 0 ? `There are ${names.join(', ')}.` : 'There is none.'}`);
  }
  const params: Record<string, unknown> = {};
  for (const parameter of endpoint.parameters) {
    const { in: place, name, placeholder, isRequired } = parameter;
    if (place === null) continue;
    const isBound = typeof endpoint.bound === 'object' && endpoint.bound?.parameter === name;
    const value = given[place][placeholder ?? name] ?? (isRequired || isBound ? defaults[name] : undefined);
    if (isBound && defaults !== streamDefaults && Number(value) > mostRows) {
      throw new Problem(400, 'INVALID_PARAMETER', `The parameter ${name} is to be at most ${mostRows}. More come as application/x-ndjson or text/csv.`);
    }
    if (placeholder !== 'source') params[name] = readParameter(parameter, value);
    else if (name === 'source_id') params[name] = await sources.idOf(value as string);
    // What is put there need not be there yet.
    else params[name] = request.method === 'PUT' ? readParameter(parameter, value) : await sources.nameOf(value as string);
  }
  return params;
}

function bodyOf({ body, method }: FastifyRequest): Params {
  if (body === undefined || body === null || method === 'GET') return {};
  if (typeof body === 'object' && !Array.isArray(body)) return body as Params;
  throw new Problem(400, 'INVALID_BODY', 'The body is to be a JSON object.');
}

/** What an answer speaks of, if that is a range of a source. */
function rangeOf({ parameters }: HttpEndpoint, { source_id, from, to }: Params): Range | undefined {
  if (!parameters.some(({ name, in: place }) => name === 'source_id' && place === 'path')) return undefined;
  return from instanceof Date && to instanceof Date ? { sourceId: source_id as number, from: from.getTime(), to: to.getTime() } : undefined;
}

/** What the database answers. */
async function answerTo(endpoint: HttpEndpoint, params: Params, db: Queryable, request: FastifyRequest): Promise<Answer> {
  switch (endpoint.answer) {
    case 'rows': {
      const rows = await jsonRows(endpoint.query, params, db);
      return answerOf(`[${rows.join(',')}]`, linkToNext(endpoint, params, rows, request.url));
    }
    case 'row': {
      const [row] = await jsonRows(endpoint.query, params, db);
      if (row === undefined) throw new Problem(404, 'NOT_FOUND', 'There is nothing of that.');
      return answerOf(row);
    }
    case 'json': {
      const [row] = await endpoint.query.run(params, db) as { json: string }[];
      return answerOf(row?.json ?? 'null');
    }
    case 'none':
      await endpoint.query.run(params, db);
      return answerOf('');
  }
}

/** Bytes of a body that is worth compressing. */
const smallest = 1024;

async function send(answer: Answer, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (answer.body.length === 0) return reply.code(204).send();
  void reply.header('etag', answer.etag).type('application/json; charset=utf-8');
  if (answer.link !== undefined) void reply.header('link', answer.link);
  const encoding = answer.body.length < smallest ? undefined : encodingOf(request);
  if (encoding === undefined) return reply.send(answer.body);
  return reply.header('content-encoding', encoding).send(await encodedBody(answer, encoding));
}

/** A full page says where the next one is. */
function linkToNext({ next, bound }: HttpEndpoint, params: Params, rows: readonly string[], requested: string): string | undefined {
  if (next.length === 0 || rows.length === 0 || bound === null || bound === 'one') return undefined;
  if (rows.length < (typeof bound === 'number' ? bound : Number(params[bound.parameter]))) return undefined;
  const last = JSON.parse(rows.at(-1)!) as Readonly<Record<string, string | number>>;
  const url = new URL(requested, 'http://localhost');
  for (const { parameter, column } of next) url.searchParams.set(parameter, String(last[column]));
  return `<${url.pathname}${url.search}>; rel="next"`;
}
