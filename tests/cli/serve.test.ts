/** btcdb serve, as somebody starts and stops it. */
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { btcdb, btcdbProcess, type Outcome, migratedFolder, workFolder } from './run.js';

const test = suite('cli: serve');

interface Served {
  readonly url: string;
  /** The URL of the embedded database. */
  readonly databaseUrl: string;
  readonly child: ChildProcess;
  /** Waits until this has been printed. */
  readonly has: (text: string) => Promise<void>;
}

/** Starts it, works with it, and gives what it has printed until its end. */
async function served(args: readonly string[], cwd: string, work: (served: Served) => Promise<void>): Promise<Outcome> {
  let failure: unknown;
  let begun = false;
  let soFar = '';
  const has = async (text: string): Promise<void> => {
    while (!soFar.includes(text)) await delay(20);
  };
  const outcome = await btcdbProcess(['serve', '--port', '0', ...args], {
    cwd,
    onOutput(printed, child) {
      soFar = printed;
      const [, url] = /Serving at (http:\S+)\n/.exec(printed) ?? [];
      const [, databaseUrl] = /--url (postgres:\S+)\n/.exec(printed) ?? [];
      if (begun || !url || !databaseUrl) return;
      begun = true;
      work({ url, databaseUrl, child, has }).catch((error: unknown) => (failure = error)).finally(() => child.kill('SIGTERM'));
    },
  });
  if (failure) throw failure as Error;
  assert.ok(begun, outcome.stderr);
  return outcome;
}

let folder: Promise<string> | undefined;
const cwdOfAll = (): Promise<string> => (folder ??= migratedFolder());

test('it serves the embedded database, logs lines of JSON with the id of the request, and stops at SIGTERM', async () => {
  const cwd = await cwdOfAll();
  const { code, stdout, stderr } = await served([], cwd, async ({ url, databaseUrl }) => {
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.is((await fetch(`${url}/api/sources`, { headers: { 'x-request-id': 'look-1' } })).status, 200);
    const made = await btcdb(['token', 'create', 'loader', '--role', 'writer', '--url', databaseUrl], { cwd });
    const headers = { authorization: `Bearer ${made.stdout.trim()}`, 'content-type': 'application/json', 'x-request-id': 'job-9' };
    const put = await fetch(`${url}/api/sources/btc_usd`, {
      method: 'PUT', headers, body: '{"display_name": "Bitcoin", "data_type": "simple"}',
    });
    assert.is(put.status, 200, await put.text());
  });
  assert.is(code, 0, stderr);
  assert.match(stderr, /SIGTERM: finishing what runs.*\n✓ stopped\n$/s);
  const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { reqId?: string; token?: string; res?: { statusCode: number } });
  assert.ok(lines.some(({ reqId, res }) => reqId === 'look-1' && res?.statusCode === 200), stdout);
  assert.ok(lines.some(({ reqId, res, token }) => reqId === 'job-9' && res?.statusCode === 200 && token === 'loader'), stdout);
  assert.not.match(stdout, /btcdb_/);
});

test('on another address it says that everybody needs a token, and that there is none', async () => {
  const cwd = await migratedFolder();
  const { stderr } = await served(['--host', '0.0.0.0'], cwd, async ({ url }) => {
    assert.is((await fetch(`${url.replace('0.0.0.0', '127.0.0.1')}/api/sources`)).status, 401);
  });
  assert.match(stderr, /! Nobody can ask: everybody needs a token here, and there is none\. Make one: btcdb token create <name> --role reader\n/);
});

test('GraphQL tells of its schema with --dev, and not without', async () => {
  const cwd = await cwdOfAll();
  const ask = async ({ url }: Served) => fetch(`${url}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query": "{ __schema { queryType { name } } }"}',
  }).then(({ status }) => status);
  await served([], cwd, async (server) => assert.is(await ask(server), 400));
  await served(['--dev'], cwd, async (server) => {
    assert.is(await ask(server), 200);
    assert.is((await fetch(`${server.url}/graphiql`)).status, 200);
  });
});

const ended = async (child: ChildProcess): Promise<void> => {
  while (child.exitCode === null && child.signalCode === null) await delay(20);
};

test('at the first signal what runs is finished, at the second one it ends', async () => {
  const cwd = await cwdOfAll();
  let answered: number | undefined;
  const begin = async ({ url, databaseUrl, has }: Served, name: string) => {
    const { stdout } = await btcdb(['token', 'create', name, '--role', 'writer', '--url', databaseUrl], { cwd });
    const request = httpRequest(`${url}/api/sources/btc_usd/rows`, {
      method: 'POST', headers: { authorization: `Bearer ${stdout.trim()}`, 'content-type': 'application/json' },
    });
    request.on('error', () => {}).on('response', ({ statusCode }) => (answered = statusCode)).write('[[1767225600000,1]');
    await has('/api/sources/btc_usd/rows'); // in the log, when it has come
    return request;
  };
  const first = await served([], cwd, async (server) => {
    const request = await begin(server, 'first');
    server.child.kill('SIGINT');
    await server.has('SIGINT: finishing what runs');
    await delay(500);
    assert.is(server.child.exitCode, null, 'it waits');
    request.end(',[1767229200000,2]]');
    while (answered === undefined) await delay(20);
    const since = performance.now();
    // The signal after the work shall not be the second one.
    await ended(server.child);
    assert.ok(performance.now() - since < 30_000, 'a connection that is kept alive does not hold it up');
  });
  assert.is(first.code, 0, first.stderr);
  assert.is(answered, 200);
  const second = await served([], cwd, async (server) => {
    await begin(server, 'second');
    server.child.kill('SIGINT');
    // Signals that come before the first one was taken are one.
    await server.has('SIGINT: finishing what runs');
    server.child.kill('SIGINT');
    await ended(server.child);
  });
  assert.is(second.code, 130, second.stderr);
});

test('a port that is taken, a limit that is none, and a missing database are told', async () => {
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
  const { port } = taken.address() as { port: number };
  try {
    const { code, stderr } = await btcdb(['serve', '--port', String(port)], { cwd: await cwdOfAll() });
    assert.is(code, 2);
    assert.match(stderr, `error: Port ${port} is taken\nhint: Give another one with --port`);
  } finally {
    taken.close();
  }
  const cwd = workFolder();
  assert.match((await btcdb(['serve'], { cwd })).stderr, 'There is no embedded database in .btcdb');
  assert.match((await btcdb(['serve', '--rate-limit', '0'], { cwd })).stderr, 'It has to be a number from 1 on.');
  assert.match((await btcdb(['serve', '--port', '70000'], { cwd })).stderr, 'It has to be a number from 0 to 65535.');
});

test('without the package of the server it says what to install', async () => {
  const root = workFolder();
  const home = join(root, 'node_modules/btc-dashboard-db');
  mkdirSync(home, { recursive: true });
  for (const path of ['package.json', 'dist/src', 'dist/queries']) cpSync(path, join(home, path), { recursive: true });
  for (const name of readdirSync('node_modules').filter((entry) => !entry.startsWith('btc-dashboard'))) {
    symlinkSync(resolve('node_modules', name), join(root, 'node_modules', name));
  }
  const { code, stderr } = await btcdbProcess(['serve'], { cwd: root, main: join(home, 'dist/src/cli/main.js') });
  assert.is(code, 2, stderr);
  assert.match(stderr, 'error: btcdb serve needs the package btc-dashboard-server\nhint: Install it: npm install btc-dashboard-server\n');
});

test.run();
