/** POST /graphql, and subscriptions by web socket at the same path. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, Kind, NoSchemaIntrospectionCustomRule, parse, separateOperations, validate, type GraphQLFormattedError } from 'graphql';
import mercurius from 'mercurius';
import type { Database } from 'btc-dashboard-db';
import type { Endpoint } from 'btc-dashboard-db/endpoints';
import type { News } from '../live/news.js';
import { Problem, sendProblem, toProblem } from '../problems.js';
import type { SourceNames } from '../sources.js';
import { Batches } from './batches.js';
import { checkLimits, longestQuery, mostTokens } from './limits.js';
import { parseJson } from './scalars.js';
import { createSchema, type GraphqlContext } from './schema.js';

export interface GraphqlOptions {
  readonly endpoints: readonly Endpoint[];
  readonly readers: Database;
  readonly writers: Database;
  readonly news: News;
  readonly sources: SourceNames;
  /** Whether it tells of its schema, and has GraphiQL at /graphiql. */
  readonly isDevelopment: boolean;
}

/** Bytes of a message on a web socket: a subscription is short. */
export const longestMessage = 16_384;

/** Documents that are remembered, so that they are not checked again. */
const documents = 256;

export async function addGraphql(app: FastifyInstance, options: GraphqlOptions): Promise<void> {
  const { readers, isDevelopment } = options;
  await app.register(async (scope) => {
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      try {
        done(null, parseJson(body as string));
      } catch (error) {
        done(new Problem(400, 'INVALID_BODY', `The body is no JSON: ${(error as Error).message}`));
      }
    });
    // GraphiQL comes from elsewhere.
    scope.addHook('onRequest', async ({ routeOptions }, reply) => {
      if (routeOptions.url === '/graphiql') void reply.removeHeader('content-security-policy');
    });
    await scope.register(mercurius, {
      schema: createSchema(options),
      cache: documents,
      // A document that comes again is compiled.
      jit: 1,
      graphql: { parseOptions: { maxTokens: mostTokens }, validateOptions: { maxErrors: 5 } },
      validationRules: isDevelopment ? [] : [NoSchemaIntrospectionCustomRule],
      graphiql: isDevelopment,
      context: (request): GraphqlContext => ({ request, batches: new Batches(readers, request.signal) }),
      subscription: {
        context(socket, request) {
          socket.once('close', request.whileTaken(() => socket.close(1008, 'The token is not taken any more.')));
          return { request } as never;
        },
        keepAlive: 15_000,
      },
      // Who may change something is for the mutations.
      additionalRouteOptions: { config: { access: 'reader' }, preHandler: requireQuery, schema: { hide: true } },
      errorHandler: answerError as never,
      errorFormatter: ({ data, errors = [] }, context) => ({
        // Without data, even null, nothing was done.
        statusCode: data === undefined ? 400 : 200,
        response: { data: data ?? null, errors: errors.map((error) => formatted(error, requestOf(context))) as never },
      }),
    });
    scope.graphql.addHook('preExecution', async (schema, document, context, variables) => {
      checkLimits(schema, document, (requestOf(context).body as Query).operationName, (variables ?? {}) as Record<string, unknown>);
    });
    scope.graphql.addHook('preSubscriptionExecution', async (schema, document) => {
      const [error] = validate(schema, document, undefined, { maxErrors: 1 });
      if (error) throw new GraphQLError(error.message, { nodes: error.nodes, extensions: { code: 'INVALID_QUERY' } });
    });
  });
}

const requestOf = (context: unknown): FastifyRequest => (context as GraphqlContext).request;

interface Query {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: object | null;
}

/** mercurius takes more than it should: a GET, and the syntax tree as JSON, which has no limits. */
async function requireQuery(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (request.ws) return;
  if (request.method !== 'POST') {
    void reply.header('allow', 'POST');
    throw new Problem(405, 'METHOD_NOT_ALLOWED', 'GraphQL is asked by POST, and subscribed to by web socket.');
  }
  const body = request.body as Partial<Query> | null | undefined;
  const { query, operationName, variables } = body ?? {};
  const isText = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string';
  if (typeof query !== 'string' || !isText(operationName) || Array.isArray(variables) || !['object', 'undefined'].includes(typeof variables)) {
    throw new Problem(400, 'INVALID_BODY', 'The body is to be {"query": "…", "variables": {…}, "operationName": "…"}.');
  }
  if (query.length > longestQuery) throw new Problem(413, 'QUERY_TOO_COSTLY', `The query has more than ${longestQuery} characters.`);
  if (query.trim() === '' || isJson(query)) throw new Problem(400, 'INVALID_QUERY', 'The query is to be a GraphQL document.');
  Object.assign(body!, { variables: variables ?? {}, query: operationName ? onlyOperation(query, operationName) : query });
}

/**
 * The document without other operations. mercurius remembers what it has compiled by the document alone, and would run the operation
 * that was compiled first.
 */
function onlyOperation(query: string, name: string): string {
  try {
    const document = parse(query, { maxTokens: mostTokens });
    if (document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length < 2) return query;
    const kept = separateOperations(document)[name]?.definitions;
    if (!kept) return query;
    // What is left stays where it is, so that errors say the right line.
    const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');
    let end = 0;
    let left = '';
    for (const { loc } of kept) {
      left += blank(query.slice(end, loc!.start)) + query.slice(loc!.start, loc!.end);
      end = loc!.end;
    }
    return left;
  } catch {
    // It is told when it is read again.
    return query;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What goes wrong before there is an answer: of GraphQL itself as GraphQL has it, all else as everywhere. */
function answerError(error: Error & { errors?: unknown }, request: FastifyRequest, reply: FastifyReply): void {
  const errors: readonly Error[] = error instanceof GraphQLError ? [error] : Array.isArray(error.errors) ? error.errors as Error[] : [];
  if (errors.length === 0) return sendProblem(reply, request, toProblem(error));
  void reply.code(400).header('cache-control', 'no-store').send({ data: null, errors: errors.map((each) => formatted(each, request)) });
}

/** An error as the client sees it, with a code. */
function formatted(error: Error, request: FastifyRequest): GraphQLFormattedError {
  const own = error instanceof GraphQLError ? error : new GraphQLError(error.message, { originalError: error });
  const { message, locations, path, extensions } = own;
  const place = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
  const cause = causeOf(own);
  if (cause === undefined) return { message, ...place, extensions: { code: 'INVALID_QUERY', ...extensions } };
  const problem = toProblem(cause);
  if (problem.status >= 500) request.log.error({ err: cause }, problem.message);
  return { message: problem.message, ...place, extensions: { code: problem.code, request: request.id } };
}

/** What a resolver threw; undefined where GraphQL itself refuses. */
function causeOf({ originalError }: GraphQLError): Error | undefined {
  return originalError instanceof GraphQLError ? causeOf(originalError) : originalError ?? undefined;
}
