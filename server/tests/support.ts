/** What the tests of the server share: a suite with a running server, and requests to it. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashToken, makeToken, tokens, type Database } from 'btc-dashboard-db';
import type * as databases from '../../dist/tests/support/database.js';
import type * as proxies from '../../dist/tests/support/proxy.js';
import { serve, type ServeOptions, type Server } from '../src/index.js';

// As it lies from the compiled file: TypeScript compiles this package on its own.
const { testDatabase } = await import(new URL('../../../dist/tests/support/database.js', import.meta.url).href) as typeof databases;
export const { proxyTo } = await import(new URL('../../../dist/tests/support/proxy.js', import.meta.url).href) as typeof proxies;

export { assert };

export interface Running {
  readonly db: Database;
  readonly server: Server;
  /** Of the server, without a slash at the end. */
  readonly url: string;
}

export interface ServerSuite {
  (name: string, test: (running: Running) => Promise<void>): void;
  /** For what the embedded engine has not got, such as a second session: there it counts as skipped. */
  readonly onServer: (name: string, test: (running: Running) => Promise<void>) => void;
  /** Counts as skipped: for what this machine has not got. */
  readonly skip: (name: string, test: (running: Running) => Promise<void>) => void;
  /** Closes what the tests have opened. */
  readonly after: (work: () => Promise<void>) => void;
  run(): void;
}

/** A suite whose tests get a server over a database of their file. Both are made by the first test, so that it fails if they do. */
export function serverSuite(name: string, prepare: (db: Database) => Promise<void> = async () => {}, options: ServeOptions = {}): ServerSuite {
  const tests = suite(name);
  let started: Promise<Running & { end(): Promise<void> }> | undefined;
  const start = async () => {
    const db = await testDatabase();
    await prepare(db);
    const server = await startServer(db, options);
    return { db, server, url: server.url, end: () => server.stop().then(() => db.drop()) };
  };
  tests.after(async () => {
    await started?.then((running) => running.end(), () => undefined);
  });
  const add = (title: string, test: (running: Running) => Promise<void>): void => {
    tests(title, async () => test(await (started ??= start())));
  };
  const skip = (title: string): void => tests.skip(title);
  const onServer = process.env['TEST_DATABASE_URL'] ? add : skip;
  return Object.assign(add, { onServer, skip, after: (work: () => Promise<void>) => tests.after(work), run: () => tests.run() });
}

/** On any free port, without a log. */
export function startServer(db: Database, options: ServeOptions = {}): Promise<Server> {
  return serve(db, { port: 0, logLevel: 'silent', ...options });
}

/** A token that the database knows. */
export async function tokenFor(db: Database, name: string, role: 'reader' | 'writer' | 'curator' = 'writer', expiresIn?: string): Promise<string> {
  const token = makeToken();
  await tokens.issue.run({ name, role, token_hash: hashToken(token), expires_in: expiresIn }, db);
  return token;
}

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** What the text says as JSON. */
  json(): unknown;
}

/** A request with whatever headers, also those that fetch keeps for itself. */
export function ask(url: string, { method = 'GET', headers = {}, body }: {
  method?: string; headers?: Record<string, string>; body?: string | Buffer;
} = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest(url, { method, headers: { ...length, ...headers }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject).on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode!, headers: response.headers, text, json: () => JSON.parse(text) as unknown });
      });
    });
    // As bytes: with a text Node sends the headers in UTF-8, too.
    request.on('error', reject).end(body === undefined ? undefined : Buffer.from(body));
  });
}

/** The status and the code of a problem, as one text. */
export async function problemOf(answer: Promise<Answer>): Promise<string> {
  const { status, headers, text } = await answer;
  assert.match(headers['content-type'] ?? '', /^application\/problem\+json/, `${status}: ${text.slice(0, 200)}`);
  const problem = JSON.parse(text) as { status: number; code: string; title: string; detail: string };
  assert.is(problem.status, status);
  assert.ok(problem.title && problem.detail);
  return `${status} ${problem.code}`;
}
