/** Who may what: tokens, names of the server, pages of others, limits. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { open, sources, tokens, makeToken } from 'btc-dashboard-db';
import { ask, assert, bearer, problemOf, serverSuite, startServer, tokenFor } from './support.js';

const test = serverSuite('access', async (db) => {
  await sources.register.run({ name: 'btc_usd', display_name: 'Bitcoin', data_type: 'simple', update_frequency: '1 hour' }, db);
});

const rows = '/api/sources/btc_usd/rows';
const post = { method: 'POST', body: '[[1767225600000, "1.5"]]', headers: { 'content-type': 'application/json' } };

test('on loopback reading is open, writing is not', async ({ url }) => {
  assert.is((await ask(`${url}/api/sources/btc_usd`)).status, 200);
  assert.is(await problemOf(ask(url + rows, post)), '401 TOKEN_REQUIRED');
  const { headers } = await ask(url + rows, post);
  assert.is(headers['www-authenticate'], 'Bearer realm="btcdb"');
});

test('on another host nothing is open but the page and whether the server lives', async ({ db }) => {
  const server = await startServer(db, { host: '0.0.0.0' });
  const url = server.url.replace('0.0.0.0', '127.0.0.1');
  try {
    for (const path of ['/api/sources/btc_usd', '/api/openapi.json', '/api/docs', '/api/live', '/metrics', '/nothing', '/graphql', '/udf/time', '/pages/main.js']) {
      assert.is(await problemOf(ask(url + path)), '401 TOKEN_REQUIRED', path);
    }
    for (const path of ['/', '/page/main.js', '/page/page.css', '/page/lightweight-charts.mjs', '/healthz', '/readyz']) {
      assert.is((await ask(url + path)).status, 200, path);
      assert.is(await problemOf(ask(url + path, { headers: bearer(makeToken()) })), '401 TOKEN_INVALID', path);
    }
    const token = await tokenFor(db, 'dashboard', 'reader');
    assert.is((await ask(`${url}/api/sources/btc_usd`, { headers: bearer(token) })).status, 200);
    assert.is((await ask(`${url}/readyz`, { headers: bearer(token) })).status, 200);
  } finally {
    await server.stop();
  }
});

test('a reader may not write: 403 says which role it takes', async ({ db, url }) => {
  const token = await tokenFor(db, 'reader', 'reader');
  const answer = await ask(url + rows, { ...post, headers: { ...post.headers, ...bearer(token) } });
  assert.is(answer.status, 403);
  assert.is(answer.headers['www-authenticate'], 'Bearer realm="btcdb", error="insufficient_scope", scope="writer"');
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    assert.is(await problemOf(ask(url + rows, { method, headers: bearer(token) })), '403 FORBIDDEN', method);
  }
});

test('a curator brings no rows', async ({ db, url }) => {
  const token = await tokenFor(db, 'curator', 'curator');
  assert.is(await problemOf(ask(url + rows, { ...post, headers: { ...post.headers, ...bearer(token) } })), '403 FORBIDDEN');
});

test('what is no token, or nobody\'s, is refused, also where reading is open', async ({ db, url }) => {
  const good = await tokenFor(db, 'good');
  const hostile = {
    empty: '', 'only the scheme': 'Bearer', 'only blanks': 'Bearer   ', unknown: `Bearer ${makeToken()}`, huge: `Bearer btcdb_${'a'.repeat(8000)}`,
    'another prefix': `Bearer ${good.replace('btcdb_', 'ghp_12')}`, 'another case': `Bearer ${good.toUpperCase()}`, 'another scheme': `Basic ${good}`,
    cut: `Bearer ${good.slice(0, -1)}`, longer: `Bearer ${good}A`, two: `Bearer ${good}, Bearer ${good}`, unicode: `Bearer btcdb_${'\u00e9'.repeat(43)}`,
    'an escape': `Bearer ${good.slice(0, 10)}%00${good.slice(13)}`, SQL: 'Bearer btcdb_\' or true --', 'a list': `Bearer ${good} ${good}`,
  };
  for (const [what, authorization] of Object.entries(hostile)) {
    const answer = await ask(`${url}/api/sources/btc_usd`, { headers: { authorization } });
    assert.is(answer.status, 401, what);
    assert.is((answer.json() as { code: string }).code, 'TOKEN_INVALID', what);
    assert.is(answer.headers['www-authenticate'], 'Bearer realm="btcdb", error="invalid_token"', what);
    assert.not.ok(answer.text.includes(good.slice(0, 12)), what);
  }
  assert.is((await ask(`${url}/api/sources/btc_usd`, { headers: { authorization: `bEARER  ${good}` } })).status, 200, 'the scheme has no case');
});

test('a token expires at its moment, not at the next look', async ({ db, url }) => {
  const token = await tokenFor(db, 'short', 'reader', '1500 milliseconds');
  const end = performance.now() + 1510;
  const get = () => ask(`${url}/api/sources/btc_usd`, { headers: bearer(token) });
  assert.is((await get()).status, 200);
  // The server looks again after a second, and would believe for another one what it then knows.
  for (let asked = performance.now(); (await get()).status === 200; asked = performance.now()) {
    assert.ok(asked < end, 'it is still taken');
    await delay(20);
  }
  assert.is(await problemOf(get()), '401 TOKEN_INVALID');
});

test('a token that is revoked while in use is refused within a second', async ({ db, url }) => {
  const token = await tokenFor(db, 'revoked');
  const get = () => ask(`${url}/api/sources/btc_usd`, { headers: bearer(token) });
  assert.is((await get()).status, 200);
  await tokens.revoke.run({ name: 'revoked' }, db);
  const revoked = performance.now();
  for (let asked = revoked; (await get()).status === 200; asked = performance.now()) {
    assert.ok(asked - revoked < 1100, 'it is still taken');
    await delay(20);
  }
  assert.is(await problemOf(get()), '401 TOKEN_INVALID');
  // The name is free again, and does not make the old token good.
  const next = await tokenFor(db, 'revoked');
  assert.is((await ask(`${url}/api/sources/btc_usd`, { headers: bearer(next) })).status, 200);
  assert.is(await problemOf(get()), '401 TOKEN_INVALID');
});

test('only the hash of a token is stored, and neither readers nor writers see it', async ({ db }) => {
  const token = await tokenFor(db, 'hidden');
  const { rows: [row] } = await db.query<{ text: string }>('select t::text as text from app_private.access_tokens as t where name = $1', ['hidden']);
  assert.not.ok(row!.text.includes(token.slice(6)));
  const { rows: audited } = await db.query('select from public.audit_log where table_name = $1', ['access_tokens']);
  assert.is(audited.length, 0);
});

test('on loopback the server answers to its own names only', async ({ db, url }) => {
  const { port } = new URL(url);
  const get = (host: string, to = url) => ask(`${to}/api/sources/btc_usd`, { headers: { host } });
  for (const host of [`localhost:${port}`, `LOCALHOST.:${port}`, '127.0.0.1', `[::1]:${port}`]) assert.is((await get(host)).status, 200, host);
  for (const host of [`evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example', 'evil.example@localhost', `x:${port}:${port}`, ' ']) {
    assert.is(await problemOf(get(host)), '421 HOST_REFUSED', host);
  }
  const named = await startServer(db, { allowedHosts: ['Charts.internal'] });
  try {
    assert.is((await get('charts.internal', named.url)).status, 200);
    assert.is(await problemOf(get('other.internal', named.url)), '421 HOST_REFUSED');
  } finally {
    await named.stop();
  }
});

test('nobody further away reads without a token: neither through a proxy nor from a page of another server', async ({ db, url }) => {
  const from: Record<string, string>[] = [
    { 'x-forwarded-for': '10.1.2.3' }, { forwarded: 'for=10.1.2.3' }, { via: '1.1 proxy' }, { origin: 'https://evil.example' }, { origin: 'null' },
  ];
  for (const headers of from) assert.is(await problemOf(ask(`${url}/api/sources/btc_usd`, { headers })), '401 TOKEN_REQUIRED', JSON.stringify(headers));
  assert.is((await ask(`${url}/api/sources/btc_usd`, { headers: { origin: url } })).status, 200, 'its own page');
  const closed = await startServer(db, { requireToken: true });
  try {
    assert.is(await problemOf(ask(`${closed.url}/api/sources/btc_usd`)), '401 TOKEN_REQUIRED');
  } finally {
    await closed.stop();
  }
});

test('pages of other servers may ask when their origin is given, else no answer says so', async ({ db, url }) => {
  const preflight = (to: string, origin: string) => ask(`${to}${rows}`, {
    method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, x-reason' },
  });
  assert.is((await preflight(url, 'https://charts.example')).headers['access-control-allow-origin'], undefined);
  const server = await startServer(db, { corsOrigins: ['https://charts.example'] });
  try {
    const { status, headers } = await preflight(server.url, 'https://charts.example');
    assert.is(status, 204);
    assert.is(headers['access-control-allow-origin'], 'https://charts.example');
    assert.match(headers['access-control-allow-headers'] as string, /authorization.*x-reason/);
    assert.is((await preflight(server.url, 'https://evil.example')).headers['access-control-allow-origin'], undefined);
    assert.is((await ask(`${server.url}/api/sources/btc_usd`, { headers: { origin: 'https://charts.example' } })).status, 200);
  } finally {
    await server.stop();
  }
});

test('who asks too much waits: each token by itself, the others by their address', async ({ db }) => {
  const server = await startServer(db, { requestsPerMinute: 5, requireToken: true });
  try {
    const [first, second] = [await tokenFor(db, 'first'), await tokenFor(db, 'second')];
    const get = (token: string) => ask(`${server.url}/api/sources/btc_usd`, { headers: bearer(token) });
    // The first time nobody knows them yet: that counts for their address.
    for (const token of [first, second]) assert.is((await get(token)).status, 200);
    for (let i = 0; i < 5; i++) assert.is((await get(first)).status, 200);
    const refused = await get(first);
    assert.is(refused.status, 429);
    assert.ok(Number(refused.headers['retry-after']) > 0 && Number(refused.headers['retry-after']) <= 60);
    assert.is((await get(second)).status, 200, 'another token');
    // A guess has no limit of its own, however often the token is another one.
    const guesses = await Promise.all(Array.from({ length: 6 }, () => get(makeToken()).then(({ status }) => status)));
    assert.equal(guesses.sort(), [401, 401, 401, 429, 429, 429]);
    assert.is((await get(second)).status, 200);
  } finally {
    await server.stop();
  }
});

test('a request is named by its client only by a name', async ({ url }) => {
  const idOf = async (id: string) => (await ask(`${url}/healthz`, { headers: { 'x-request-id': id } })).headers['x-request-id'];
  assert.is(await idOf('job-17.a_B'), 'job-17.a_B');
  for (const id of ['x'.repeat(65), 'a b', '{"level":60}', '\u00e9', '']) assert.match((await idOf(id)) as string, /^[0-9a-f-]{36}$/, id);
});

test('an error of the server tells nothing of the database', async ({ db, url }) => {
  await db.query('alter table public.sources rename column display_name to renamed');
  try {
    const { status, text } = await ask(`${url}/api/sources/btc_usd`);
    assert.is(status, 500);
    assert.not.match(text, /column|select|display_name|sources|at /i);
  } finally {
    await db.query('alter table public.sources rename column renamed to display_name');
  }
});

test('a path that cannot be read is told as all else', async ({ url }) => {
  for (const path of ['%ff%fe', 'a'.repeat(5000)]) {
    const answer = await ask(`${url}/api/sources/${path}`);
    assert.is(await problemOf(Promise.resolve(answer)), '400 INVALID_PARAMETER');
    assert.ok(answer.text.length < 500, 'it is not repeated');
  }
});

test.onServer('the login of the server needs the two roles and the hashes, and no more', async ({ db }) => {
  const login = `btcdb_test_${randomBytes(6).toString('hex')}`;
  const url = new URL(db.url);
  [url.username, url.password] = [login, login];
  await db.query(`create role ${login} login password '${login}'`);
  const own = await open(url.href, 'server');
  const rowsOf = async (token: string) => {
    const server = await startServer(own);
    try {
      return await ask(server.url + rows, { ...post, headers: { ...post.headers, ...bearer(token) } });
    } finally {
      await server.stop();
    }
  };
  try {
    await db.query(`grant btcdb_reader, btcdb_writer to ${login}`);
    const token = await tokenFor(db, 'least');
    // What the login lacks is no fault of the client's.
    assert.is(await problemOf(rowsOf(token)), '500 INTERNAL');
    await db.query(`grant usage on schema app_private to ${login}; grant select on app_private.access_tokens to ${login}`);
    assert.is((await rowsOf(token)).status, 200);
  } finally {
    await own.close();
    await db.query(`drop owned by ${login}`);
    await db.query(`drop role ${login}`);
  }
});

test('bytes that are no HTTP get an answer, and the server lives', async ({ url }) => {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
  socket.write('\0\x01\xff GET\r\n\r\n');
  assert.match(await answered, /^HTTP\/1.1 400/);
  socket.destroy();
  assert.is((await ask(`${url}/healthz`)).status, 200);
});

test.run();
