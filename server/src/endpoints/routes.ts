/** Each annotated query as a route. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { withSignal, type Database } from 'btc-dashboard-db';
import type { Endpoint, EndpointParameter } from 'btc-dashboard-db/endpoints';
import { describe } from '../openapi.js';
import { Problem } from '../problems.js';
import type { SourceNames } from '../sources.js';
import { formatOf, formats, sendStream } from './answer.js';
import { readParameter } from './parameters.js';

export interface RouteContext {
  readonly readers: Database;
  readonly sources: SourceNames;
}

export type HttpEndpoint = Endpoint & { readonly http: NonNullable<Endpoint['http']> };

export const isHttp = (endpoint: Endpoint): endpoint is HttpEndpoint => endpoint.http !== null;

export function addEndpoint(app: FastifyInstance, endpoint: HttpEndpoint, context: RouteContext): void {
  const { method, path } = endpoint.http;
  app.route({
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    schema: describe(endpoint),
    handler: async (request, reply) => {
      const params = await parametersOf(endpoint, request, context.sources);
      return answer(endpoint, params, context.readers, request, reply);
    },
  });
}

/** The parameters of a request. What an endpoint does not have is refused: a misspelt filter would let everything through. */
async function parametersOf(endpoint: HttpEndpoint, request: FastifyRequest, sources: SourceNames): Promise<Record<string, unknown>> {
  const given = {
    path: request.params as Record<string, unknown>,
    query: request.query as Record<string, unknown>,
    body: bodyOf(request),
  };
  const known = (place: 'query' | 'body') => endpoint.parameters.filter((parameter) => parameter.in === place).map(({ name }) => name);
  for (const place of ['query', 'body'] as const) {
    const names = known(place);
    const unknown = Object.keys(given[place]).find((name) => !names.includes(name));
    if (unknown === undefined) continue;
    throw new Problem(400, 'INVALID_PARAMETER',
      `There is no parameter ${JSON.stringify(unknown.slice(0, 100))} here. ${names.length > 0 ? `There are ${names.join(', ')}.` : 'There is none.'}`);
  }
  const params: Record<string, unknown> = {};
  for (const parameter of endpoint.parameters) params[parameter.name] = await read(parameter, given, sources);
  return params;
}

async function read(parameter: EndpointParameter, given: Readonly<Record<string, Record<string, unknown>>>, sources: SourceNames): Promise<unknown> {
  const { in: place, name, placeholder } = parameter;
  if (place === null) return null;
  const value = given[place]?.[placeholder ?? name] ?? defaults[name];
  if (placeholder === 'source') return name === 'source_id' ? sources.idOf(String(value)) : sources.nameOf(String(value));
  return readParameter(parameter, value);
}

/** Of what a query needs, and a request may leave out. */
const defaults: Readonly<Record<string, string>> = { limit: '1000' };

function bodyOf({ body, method }: FastifyRequest): Record<string, unknown> {
  if (body === undefined || body === null || method === 'GET') return {};
  if (typeof body === 'object' && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new Problem(400, 'INVALID_BODY', 'The body is to be a JSON object.');
}

async function answer(
  endpoint: HttpEndpoint, params: Record<string, unknown>, db: Database, request: FastifyRequest, reply: FastifyReply,
): Promise<unknown> {
  if (endpoint.answer === 'rows') {
    const format = formatOf(request.headers.accept, formats);
    void reply.header('vary', 'accept');
    if (format !== 'application/json') return sendStream(endpoint, params, db, format, request, reply);
  }
  const rows: unknown[] = await endpoint.query.run(params, withSignal(db, request.signal));
  switch (endpoint.answer) {
    case 'rows':
      addNext(endpoint, params, rows, request, reply);
      return sendJson(reply, JSON.stringify(rows));
    case 'row':
      if (rows[0] === undefined) throw new Problem(404, 'NOT_FOUND', 'There is nothing of that.');
      return sendJson(reply, JSON.stringify(rows[0]));
    case 'json':
      return sendJson(reply, (rows[0] as { json: string } | undefined)?.json ?? 'null');
    case 'none':
      return reply.code(204).send();
  }
}

function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(json);
}

/** A full page says where the next one is. */
function addNext({ next, bound }: HttpEndpoint, params: Record<string, unknown>, rows: readonly unknown[], request: FastifyRequest, reply: FastifyReply): void {
  const last = rows.at(-1) as Record<string, unknown> | undefined;
  if (next.length === 0 || last === undefined || bound === null || bound === 'one') return;
  const limit = typeof bound === 'number' ? bound : Number(params[bound.parameter]);
  if (rows.length < limit) return;
  const url = new URL(request.url, 'http://localhost');
  for (const { parameter, column } of next) {
    const value = last[column];
    url.searchParams.set(parameter, value instanceof Date ? value.toISOString() : String(value));
  }
  void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}
