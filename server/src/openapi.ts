/** GET /api/openapi.json, and /api/docs to read it: the routes as OpenAPI 3.1, out of the annotated queries. */
import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { EndpointColumn } from 'btc-dashboard-db/endpoints';
import { schemaOf } from './endpoints/parameters.js';
import type { HttpEndpoint } from './endpoints/routes.js';

const { version } = createRequire(import.meta.url)('btc-dashboard-server/package.json') as { version: string };

export async function addOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'btc-dashboard-db',
        version,
        description: 'Market time series, scored by their database. Decimals are texts, so that no digit is lost; times are ISO 8601 in UTC.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        schemas: { Problem: problem as never },
        securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      },
    },
  });
  // The schemas describe. Parameters are read, and answers written, by what the database says of them.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

export async function addDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: true });
}

const problem = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Stable name of the error: a SQLSTATE, or a word in capitals.' },
    request: { type: 'string', description: 'The request\'s id, as in the server\'s log.' },
  },
};

/** The schema of a route, for the document. */
export function describe(endpoint: HttpEndpoint): object {
  const { http: { method, path }, prose, name, parameters, columns, answer } = endpoint;
  const [summary = name] = /^[^]*?[.:](?=\s|$)/.exec(prose) ?? [];
  const fields = (place: 'path' | 'query' | 'body'): object | undefined => {
    const chosen = parameters.filter((parameter) => parameter.in === place);
    if (chosen.length === 0) return undefined;
    const nameOf = (parameter: (typeof chosen)[number]): string => (place === 'path' ? parameter.placeholder : null) ?? parameter.name;
    return {
      type: 'object',
      required: chosen.filter(({ isRequired }) => isRequired || place === 'path').map(nameOf),
      properties: Object.fromEntries(chosen.map((parameter) => [
        nameOf(parameter), parameter.placeholder === 'source' ? { type: 'string', description: 'Name or number of the source.' } : schemaOf(parameter)])),
    };
  };
  const row = {
    type: 'object',
    required: columns.map((column) => column.name),
    properties: Object.fromEntries(columns.map((column) => [column.name, columnSchema(column)])),
  };
  const json = (schema: object): object => ({ content: { 'application/json': { schema } } });
  const rows = { content: {
    'application/json': { schema: { type: 'array', items: row } },
    'application/x-ndjson': { schema: { type: 'string', description: 'A row in each line.' } },
    'text/csv': { schema: { type: 'string', description: 'A row in each line, after a line with the names of the columns.' } },
  } };
  const ok = {
    none: { 204: { description: 'Done.', type: 'null' } },
    row: { 200: { description: 'The row.', ...json(row) } },
    rows: { 200: { description: 'The rows.', ...rows } },
    json: { 200: { description: 'JSON that the database has built.', ...json({}) } },
  }[answer];
  return {
    operationId: name.replace('.', '_'),
    summary: summary.replaceAll(/\s+/g, ' '),
    description: prose,
    tags: [path.split('/')[2] ?? 'api'],
    ...optional('params', fields('path')),
    ...optional('querystring', fields('query')),
    ...optional('body', fields('body')),
    ...(method === 'GET' ? {} : { security: [{ token: [] }] }),
    response: { ...ok, default: { description: 'What went wrong.', content: { 'application/problem+json': { schema: problem } } } },
  };
}

const optional = (name: string, value: object | undefined): object => (value === undefined ? {} : { [name]: value });

/** Of a value in an answer: decimals and whole numbers beyond 32 bits are texts. */
function columnSchema({ type, values, isNullable, comment }: EndpointColumn): object {
  const described = comment === '' ? {} : { description: comment };
  if (type === 'json' || type === 'jsonb') return described;
  const { examples: _examples, ...schema } = { ...schemaOf({ type, values, description: '' }) };
  if (!isNullable) return { ...schema, ...described };
  return { ...schema, type: [schema.type ?? 'string', 'null'], ...(schema.enum ? { enum: [...schema.enum, null] } : {}), ...described };
}
