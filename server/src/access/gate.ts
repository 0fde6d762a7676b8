/**
 * Who may what. A token says who comes and in which role. On loopback whoever asks from this machine may read without one; what
 * writes needs the token of a writer or curator everywhere; which of the two, the database decides. A route may say otherwise:
 * `config: { access: 'reader' }`.
 */
import cors from '@fastify/cors';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from 'btc-dashboard-db';
import { Problem } from '../problems.js';
import { Tokens, type Access } from './tokens.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who comes. */
    access: Access;
    /** Calls `end` soon after the token that the request came with has expired or was revoked, until what is returned is called. */
    whileTaken: (end: () => void) => () => void;
  }
  interface FastifyContextConfig {
    /**
     * Who may ask: without saying so `reader` for GET, else `writer`, which a curator is here, too. `public`: everybody, wherever
     * the server listens.
     */
    access?: 'public' | 'reader' | 'writer';
  }
}

export interface AccessOptions {
  /** Where the server listens. */
  readonly host: string;
  /** Whether reading takes a token on loopback, too, for example because a proxy lies before it. Default false. */
  readonly requireToken?: boolean | undefined;
  /** Names besides localhost by which the server on loopback may be called. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Origins of pages on other servers that may ask, such as `https://charts.example`. Default none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Requests that a token, or an address without one, may send in a minute. Default 1,200, and on loopback as many as it likes. */
  readonly requestsPerMinute?: number | undefined;
  /** Addresses of proxies that are believed when they say in X-Forwarded-For whose request it is. Default none. */
  readonly trustedProxies?: readonly string[] | undefined;
}

const anonymous: Access = { role: 'reader', name: null };

/** `db`: has to be allowed to read the hashes of the tokens. */
export async function addGate(app: FastifyInstance, db: Database, options: AccessOptions): Promise<void> {
  const { host, allowedHosts = [], corsOrigins = [] } = options;
  const mayRead = isOpen(options);
  const names = new Set(['localhost', '127.0.0.1', '[::1]', host, ...allowedHosts].map((name) => name.toLowerCase()));
  const tokens = new Tokens(db);

  app.decorateRequest('access', null as unknown as Access);
  app.decorateRequest('whileTaken', function (end) {
    const token = tokenOf(this);
    return token === undefined ? () => {} : tokens.whileTaken(token, end);
  });
  // Before all else, and a preflight has no token.
  if (mayRead) {
    app.addHook('onRequest', ({ headers: { host = '' } }, _reply, done) => done(isNamed(host, names) ? undefined : new Problem(421, 'HOST_REFUSED',
      'The server is not called by this name here. It can be told more names: --allow-host.')));
  }
  if (corsOrigins.length > 0) {
    await app.register(cors, {
      origin: [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'content-encoding', 'if-none-match', 'last-event-id', 'x-reason', 'x-request-id'],
      exposedHeaders: ['etag', 'link', 'retry-after', 'x-request-id'],
      maxAge: 600,
    });
  }
  const max = options.requestsPerMinute ?? (mayRead ? undefined : 1200);
  if (max !== undefined) {
    await app.register(rateLimit, { global: false });
    const limit = app.createRateLimit({ max, timeWindow: 60_000, keyGenerator: (request) => {
      const name = tokens.nameOf(tokenOf(request) ?? '');
      // Who only says that he has a token is counted by his address.
      return name === undefined ? normalizeIP(request.ip) : `token ${name}`;
    } });
    app.addHook('onRequest', async (request) => {
      const counted = await limit(request);
      if (counted.isAllowed || !counted.isExceeded) return;
      throw new Problem(429, 'TOO_MANY_REQUESTS', `More than ${max} requests in a minute. Wait for ${counted.ttlInSeconds} seconds.`,
        { 'retry-after': String(counted.ttlInSeconds) });
    });
  }
  app.addHook('onRequest', (request, reply, done) => {
    const needed = request.routeOptions.config.access ?? (['GET', 'HEAD', 'OPTIONS'].includes(request.method) ? 'reader' : 'writer');
    const token = tokenOf(request);
    if (token === undefined) {
      const isFree = needed === 'public' || (needed === 'reader' && mayRead && isLocal(request, corsOrigins));
      request.access = anonymous;
      return done(isFree ? undefined : new Problem(401, 'TOKEN_REQUIRED', 'This takes a token, in the header Authorization: Bearer btcdb_….', challenge()));
    }
    whoComes(token, tokens).then((access) => {
      request.access = access;
      nameInLog(request, reply);
      if (needed !== 'writer' || access.role !== 'reader') return;
      throw new Problem(403, 'FORBIDDEN', 'This takes the token of a writer or curator.', challenge('insufficient_scope', 'scope="writer"'));
    }).then(() => done(), done);
  });
}

async function whoComes(token: string, tokens: Tokens): Promise<Access> {
  const access = await tokens.find(token).catch((error: unknown) => {
    throw (error as { code?: string }).code === '42501' ? new Error('The login of the server may not read app_private.access_tokens', { cause: error }) : error;
  });
  if (access) return access;
  throw new Problem(401, 'TOKEN_INVALID', 'The token is unknown, expired or revoked.', challenge('invalid_token'));
}

/** The credentials as they stand; undefined without any. */
function tokenOf({ headers: { authorization } }: FastifyRequest): string | undefined {
  return authorization?.replace(/^bearer +/i, '');
}

/** RFC 6750. */
function challenge(error?: string, more?: string): Record<string, string> {
  return { 'www-authenticate': ['Bearer realm="btcdb"', error && `error="${error}"`, more].filter(Boolean).join(', ') };
}

/** Whether whoever is on this machine may read without a token. */
export function isOpen({ host, requireToken = false }: AccessOptions): boolean {
  return !requireToken && isLoopback(host);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** A page of another server can have its own name lead to this machine, and so ask us in the name of whoever looks at it. */
function isNamed(host: string, names: ReadonlySet<string>): boolean {
  return names.has(host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, ''));
}

const proxied = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** Whether nobody further away can be behind a request: no proxy, and no page of another server, whose web sockets know no CORS. */
function isLocal({ headers }: FastifyRequest, corsOrigins: readonly string[]): boolean {
  if (proxied.some((name) => headers[name] !== undefined)) return false;
  const { origin, host = '' } = headers;
  return origin === undefined || origin === `http://${host}` || corsOrigins.includes(origin);
}

function nameInLog(request: FastifyRequest, reply: FastifyReply): void {
  request.log = reply.log = request.log.child({ token: request.access.name });
}
