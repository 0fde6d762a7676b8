/** The server's routes and what is around them. */
import { randomUUID } from 'node:crypto';
import accepts from '@fastify/accepts';
import compress from '@fastify/compress';
import etag from '@fastify/etag';
import helmet from '@fastify/helmet';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Database } from 'btc-dashboard-db';
import { endpoints } from 'btc-dashboard-db/endpoints';
import { addGate, type AccessOptions } from './access/gate.js';
import { AnswerCache, brotliOptions, CompressedUntil, hashOf } from './endpoints/cache.js';
import { addEndpoint, isHttp } from './endpoints/routes.js';
import { addGraphql, longestMessage } from './graphql/index.js';
import { addEvents } from './live/events.js';
import { News } from './live/news.js';
import { addMetrics } from './metrics.js';
import { addDocs, addOpenApi } from './openapi.js';
import { addPage } from './page.js';
import { answerWithProblems, sendProblem, toProblem } from './problems.js';
import { addRowWriter } from './rows.js';
import { SourceNames } from './sources.js';
import { endWithClient } from './wanted.js';

/** Who does not answer a close within closeTimeout is cut off. The types of ws do not know that option yet. */
const webSockets = { maxPayload: longestMessage, closeTimeout: 3_000 };

export interface AppOptions {
  /** With the rights of btcdb_reader. */
  readonly readers: Database;
  /** The same, for answers that stream. */
  readonly exporters: Database;
  /** The same, with a connection that no request can take. */
  readonly poller: Database;
  /** With the rights of btcdb_writer, or what a request sets. */
  readonly writers: Database;
  /** With the right to read the hashes of tokens. */
  readonly keeper: Database;
  readonly access: AccessOptions;
  readonly requestTimeoutMs: number;
  readonly streamTimeoutMs: number;
  /** Whether GraphQL tells of its schema, and GraphiQL is there. */
  readonly isDevelopment: boolean;
  readonly logLevel: string;
}

/** Largest body, bytes; streams of rows have no limit. */
const bodyLimit = 1 << 20;

/** Of what programs read. Pages have all of helmet's, and a policy of their own; here setting those took a tenth of an answer's time. */
const dataHeaders = {
  'content-security-policy': 'default-src \'none\'; frame-ancestors \'none\'',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { readers, exporters, poller, writers, keeper, access, requestTimeoutMs, streamTimeoutMs, isDevelopment, logLevel } = options;
  const app = Fastify({
    logger: logLevel === 'silent' ? false : { level: logLevel },
    genReqId: requestId,
    trustProxy: access.trustedProxies === undefined ? false : [...access.trustedProxies],
    bodyLimit,
    handlerTimeout: requestTimeoutMs,
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => sendProblem(reply, request, toProblem(error)),
    routerOptions: { ignoreTrailingSlash: true },
  });
  answerWithProblems(app);
  await app.register(accepts);
  // Before the gate and all routes: the connection of a request that asks for a web socket and gets none ends with its answer.
  await app.register(websocket, { options: webSockets });
  await app.register(etag, { weak: true, hashFn: hashOf });
  await app.register(compress, { brotliOptions, encodings: ['br', 'gzip'] });
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(dataHeaders).header('x-request-id', request.id);
    done();
  });
  app.addHook('onRequest', endWithClient);
  await addGate(app, keeper, access);

  await addOpenApi(app);
  addMetrics(app, readers, endpoints);
  await app.register(async (pages) => {
    await pages.register(helmet, { contentSecurityPolicy: false });
    await pages.register(addDocs);
    await pages.register(addPage);
  });
  // For whoever keeps it running, who has no token.
  const isPublic = { config: { access: 'public' } } as const;
  app.get('/healthz', isPublic, async () => ({ status: 'ok' }));
  app.get('/readyz', isPublic, async () => {
    await readers.query('select');
    return { status: 'ok' };
  });
  const news = new News(poller, app.log);
  const answers = new AnswerCache(news);
  app.addHook('preClose', async () => {
    answers.close();
    // Their clients would wait for ever.
    await news.close();
  });
  const context = {
    readers,
    exporters,
    writers,
    streamTimeoutMs,
    sources: new SourceNames(readers),
    news,
    answers,
    compressed: new CompressedUntil(readers),
  };
  for (const endpoint of endpoints) if (isHttp(endpoint)) addEndpoint(app, endpoint, context);
  addRowWriter(app, { ...context, idleMs: requestTimeoutMs });
  addEvents(app, context);
  await addGraphql(app, { ...context, endpoints, isDevelopment });
  return app;
}

/** As the client has named its request, if that is a name and not a text of any length and content, which would come into logs. */
function requestId({ headers }: { readonly headers: NodeJS.Dict<string | string[]> }): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}
