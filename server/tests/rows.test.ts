/** POST and DELETE of rows. */
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { constants, createGzip, gzipSync } from 'node:zlib';
import { audit, open, series, sources } from 'btc-dashboard-db';
import { ask, assert, bearer, problemOf, proxyTo, serverSuite, startServer, tokenFor, type Answer, type Running } from './support.js';

let token = '';

const test = serverSuite('rows', async (db) => {
  token = await tokenFor(db, 'loader');
});

let made = 0;

/** A source of its own for each test, and what to send rows to. */
async function arrange({ db, url }: Running, dataType: 'ohlcv' | 'simple' = 'ohlcv') {
  const name = `s${++made}`;
  const [source] = await sources.register.run({ name, display_name: name, data_type: dataType, update_frequency: '1 hour' }, db);
  const path = `${url}/api/sources/${name}/rows`;
  const headers = { ...bearer(token), 'content-type': 'application/json' };
  return {
    name, path, headers, sourceId: source!.source_id,
    post: (body: string | Buffer, more: Record<string, string> = {}, query = '') => ask(path + query, { method: 'POST', headers: { ...headers, ...more }, body }),
    rows: () => series.range.run({ source_id: source!.source_id, from: new Date('2000-01-01'), to: new Date('2100-01-01'), limit: 1e9 }, db),
  };
}

interface Written {
  inserted: number;
  updated: number;
  unchanged: number;
  duplicates: number;
  left_out: number;
  rejected_rows: number;
  rejected: { line?: number; index?: number; reason: string }[];
}

async function written(asked: Promise<Answer>): Promise<Written> {
  const answer = await asked;
  assert.is(answer.status, 200, answer.text);
  return answer.json() as Written;
}

const counts = ({ inserted, updated, unchanged, duplicates, left_out: leftOut, rejected_rows: rejected }: Written) =>
  [inserted, updated, unchanged, duplicates, leftOut, rejected];

const csv = { 'content-type': 'text/csv; charset=utf-8' };
const ndjson = { 'content-type': 'application/x-ndjson' };
const hour = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 3_600_000).toISOString();

test('JSON, lines of JSON and CSV give the same rows, with every digit', async (running) => {
  const digits = '0.1234567890123456789012345678901234567890';
  const bodies: [string, Record<string, string>][] = [
    [`[{"timestamp":"${hour(0)}","close":${digits},"volume":"1e-7"},{"timestamp":"${hour(1)}","close":12345678901234567890.5,"volume":null}]`, {}],
    [`{"timestamp":"${hour(0)}","close":${digits},"volume":"1e-7"}\n\n{"timestamp":"${hour(1)}","close":"12345678901234567890.5","volume":null}`, ndjson],
    [`timestamp,close,volume\r\n${hour(0)},${digits},1e-7\r\n${hour(1)},12345678901234567890.5,\r\n`, csv],
    [`[[${Date.parse(hour(0))},1,9,0.1,${digits},0.0000001],[${Date.parse(hour(1))},1,1e20,1,12345678901234567890.5,null]]`, {}],
  ];
  for (const [body, headers] of bodies) {
    const { post, rows } = await arrange(running);
    assert.equal(counts(await written(post(body, headers))), [2, 0, 0, 0, 0, 0]);
    const stored = await rows();
    assert.equal(stored.map(({ timestamp, close, volume }) => [timestamp.toISOString(), close, volume]),
      [[hour(0), digits, '0.0000001'], [hour(1), '12345678901234567890.5', null]]);
    assert.equal(counts(await written(post(body, headers))), [0, 0, 2, 0, 0, 0], 'a second time');
  }
});

test('what GET gives, POST takes', async (running) => {
  const { post, path } = await arrange(running);
  await written(post(`timestamp,open,high,low,close,volume\n${hour(0)},1,2.50,0.5,2,10\n${hour(1)},2,3,1,2,\n`, csv));
  for (const accept of ['application/json', 'application/x-ndjson', 'text/csv']) {
    const { text, headers } = await ask(path, { headers: { accept } });
    assert.equal(counts(await written(post(text, { 'content-type': headers['content-type']! }))), [0, 0, 2, 0, 0, 0], accept);
  }
});

test('a column that is not given stays, null makes it null, and replace replaces the row', async (running) => {
  const { post, rows } = await arrange(running);
  const [a, b] = [`"timestamp":"${hour(0)}"`, `"timestamp":"${hour(1)}"`];
  await written(post(`[{${a},"close":1,"volume":10},{${b},"close":2,"volume":20}]`));
  assert.equal(counts(await written(post(`[{${a},"close":5},{${b},"volume":null,"open":2}]`))), [0, 2, 0, 0, 0, 0]);
  assert.equal((await rows()).map(({ open, close, volume }) => [open, close, volume]), [[null, '5', '10'], ['2', '2', null]]);
  assert.equal(counts(await written(post(`[{${a},"open":7}]`, {}, '?replace=true'))), [0, 1, 0, 0, 0, 0]);
  assert.equal((await rows()).map(({ open, close, volume }) => [open, close, volume])[0], ['7', null, null]);
});

test('a column that only later rows have is not lost', async (running) => {
  const { post, rows } = await arrange(running);
  const lines = Array.from({ length: 150 }, (_, i) => `{"timestamp":"${hour(i)}","close":${i + 1}${i > 120 ? ',"volume":3' : ''}}`);
  await written(post(lines.join('\n'), ndjson));
  assert.is((await rows()).filter(({ volume }) => volume === '3').length, 29);
});

test('rejected rows are told by their place, and do not stop the others', async (running) => {
  const { post, rows } = await arrange(running);
  const body = (good: (n: number) => string, ...bad: string[]): string[] => [good(0), ...bad, good(1)];
  const json = body((n) => `{"timestamp":"${hour(n)}","close":1}`,
    `{"timestamp":"${hour(5)}","close":NaN}`, `{"timestamp":"yesterday","close":1}`, '7', `{"timestamp":"${hour(6)}","close":"1e2000"}`, `{"timestamp":"${hour(7)}"}`);
  const answer = await written(post(`[${json.join(',\n')}]`));
  assert.equal(counts(answer), [2, 0, 0, 0, 1, 4]);
  assert.equal(answer.rejected.map(({ index }) => index), [1, 2, 3, 4]);
  assert.match(answer.rejected[0]!.reason, /close: "NaN" is not a number/);
  const lines = await written(post(json.join('\n\n'), ndjson));
  assert.equal(lines.rejected.map(({ line }) => line), [3, 5, 7, 9]);
  const records = await written(post(['timestamp,close', `${hour(0)},1`, `${hour(1)},Infinity`, `${hour(1)},"1`, 'x",3', `${hour(2)},2`].join('\n'), csv));
  assert.equal(records.rejected.map(({ line }) => line), [3, 4]);
  assert.equal((await rows()).length, 3);
});

test('the list of rejected rows is bounded, their number is not', async (running) => {
  const { post } = await arrange(running);
  const { rejected, rejected_rows: all } = await written(post(`[[1767225600000,1],${'[1,"x\\u0007y"],'.repeat(5000)}[1767229200000,2]]`));
  assert.is(all, 5000);
  assert.is(rejected.length, 100);
  assert.not.match(rejected[0]!.reason, /\p{Cc}/u);
});

test('of rows with one time the last counts', async (running) => {
  const { post, rows } = await arrange(running, 'simple');
  assert.equal(counts(await written(post(`timestamp,value\n${hour(0)},1\n${hour(1)},5\n${hour(0)},2\n`, csv))), [2, 0, 0, 1, 0, 0]);
  assert.equal((await rows()).map(({ value }) => value), ['2', '5']);
});

test('nothing to write is fine', async (running) => {
  const { post } = await arrange(running);
  for (const [body, headers] of [['[]', {}], ['', ndjson], ['timestamp,close\n', csv], [' \n\n', ndjson]] as const) {
    assert.equal(counts(await written(post(body, headers))), [0, 0, 0, 0, 0, 0], JSON.stringify(body));
  }
});

test('a body that cannot be read as a whole leaves nothing', async (running) => {
  const { post, rows } = await arrange(running);
  const many = Array.from({ length: 45_000 }, (_, i) => `[${Date.UTC(2020, 0, 1) + i * 60_000},1]`).join(',');
  const bodies: [string, string | Buffer, Record<string, string>, RegExp][] = [
    ['cut off', `[[1767225600000,1],[17672`, {}, /Line 1: it ends inside row 2/],
    ['cut off after parts are written', `[${many}`, {}, /it ends after row 44999|it ends inside row 45000/],
    ['empty', '', {}, /it is empty/],
    ['empty CSV', '', csv, /it is empty/],
    ['no array', '{"timestamp":1767225600000,"close":1}', {}, /there is no array in it/],
    ['a text', '"[[1767225600000,1]]"', {}, /there is no array/],
    ['two documents', '[[1767225600000,1]][]', {}, /more after the end/],
    ['numbers', '[1,2,3]', {}, /none of the first rows/],
    ['unknown columns', '[{"when":1767225600000,"howmuch":1}]', {}, /cannot be read/],
    ['an error of somebody else', '{"error":["EQuery:Unknown asset pair"]}', {}, /an error instead of rows/],
    ['deep', `[${'['.repeat(200_000)}${']'.repeat(200_000)}]`, {}, /none of the first rows/],
    ['deeper than a row', `[[1767225600000,${'{"a":'.repeat(300_000)}`, {}, /more than 1024 KB/],
    ['one endless row', `[[1767225600000,"${'1'.repeat(2_000_000)}"]]`, {}, /more than 1024 KB/],
    ['one endless line', `timestamp,close\n${hour(0)},${'1'.repeat(2_000_000)}`, csv, /more than 1024 KB/],
    ['UTF-16', Buffer.from('timestamp,close\n2026-01-01,1\n', 'utf16le'), csv, /cannot be read/],
    ['gzip that is none', '[[1767225600000,1]]', { 'content-encoding': 'gzip' }, /not sound gzip/],
    ['gzip that is cut off', gzipSync(`[${many}]`).subarray(0, 20_000), { 'content-encoding': 'gzip' }, /not sound gzip/],
  ];
  for (const [what, body, headers, detail] of bodies) {
    const answer = await post(body, headers);
    assert.is(answer.status, 400, `${what}: ${answer.text}`);
    assert.match((answer.json() as { detail: string }).detail, detail, what);
    assert.equal(await rows(), [], what);
  }
});

test('other types, encodings and parameters are refused before anything is read', async (running) => {
  const { post, path, headers } = await arrange(running);
  for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/json2', '']) {
    assert.is(await problemOf(post('[]', { 'content-type': type })), '415 UNSUPPORTED_MEDIA_TYPE', type);
  }
  for (const encoding of ['br', 'deflate', 'gzip, gzip', 'zip']) {
    assert.is(await problemOf(post('[]', { 'content-encoding': encoding })), '415 UNSUPPORTED_MEDIA_TYPE', encoding);
  }
  for (const query of ['?mode=fast', '?replace=1', '?reason=x', '?mode=live&mode=live', '?__proto__=1']) {
    assert.is(await problemOf(post('[]', {}, query)), '400 INVALID_PARAMETER', query);
  }
  assert.is(await problemOf(ask(path.replace(/s\d+/, 'nobody'), { method: 'POST', headers, body: '[]' })), '404 UNKNOWN_SOURCE');
});

test('a body may be packed, also in several members', async (running) => {
  const { post } = await arrange(running);
  const packed = Buffer.concat([gzipSync(`[[${Date.parse(hour(0))},1],`), gzipSync(`[${Date.parse(hour(1))},2]]`)]);
  assert.equal(counts(await written(post(packed, { 'content-encoding': 'gzip' }))), [2, 0, 0, 0, 0, 0]);
});

test('a body that unpacks to far more than it is, is not unpacked to its end', async (running) => {
  const { path, headers, rows } = await arrange(running);
  const bomb = createGzip({ level: constants.Z_BEST_COMPRESSION });
  // 2 GB of blanks.
  Readable.from((function* () {
    yield Buffer.from('[[1767225600000,1],');
    for (let i = 0; i < 2048; i++) yield Buffer.alloc(1 << 20, ' ');
  })()).pipe(bomb);
  const started = process.cpuUsage();
  // What a client does not read before its connection ends it never sees.
  const agent = new Agent({ keepAlive: true });
  const request = httpRequest(path, { method: 'POST', headers: { ...headers, 'content-encoding': 'gzip' }, agent });
  bomb.on('data', (chunk: Buffer) => request.write(chunk));
  const [response] = await once(request, 'response') as [{ statusCode: number }];
  assert.is(response.statusCode, 413);
  bomb.destroy();
  agent.destroy();
  assert.ok(process.cpuUsage(started).user < 10e6);
  assert.equal(await rows(), []);
});

test('who writes, why, and by which request is in the audit log', async (running) => {
  const { db } = running;
  const { post, sourceId } = await arrange(running);
  await written(post(`[[${Date.parse(hour(0))},1]]`));
  await written(post(`[[${Date.parse(hour(0))},2]]`, { 'x-reason': 'falsch gerundet: Müller', 'x-request-id': 'job-7', 'user-agent': 'curl/8' }));
  const entry = (await audit.ofRow.run({ source_id: sourceId, timestamp: new Date(hour(0)) }, db)).at(-1);
  assert.equal([entry!.action, entry!.changed_by, entry!.reason, entry!.user_agent], ['CORRECTION', 'loader', 'falsch gerundet: Müller', 'job-7 curl/8']);
  // As fetch sends it, and as curl does.
  const utf8 = Buffer.from('zu spät').toString('latin1');
  assert.equal(counts(await written(post(`[[${Date.parse(hour(0))},4]]`, { 'x-reason': utf8 }))), [0, 1, 0, 0, 0, 0]);
  assert.is((await audit.ofRow.run({ source_id: sourceId, timestamp: new Date(hour(0)) }, db)).at(-1)!.reason, 'zu spät');
  for (const reason of ['x'.repeat(501), 'a\u0085b', 'tab\there']) {
    assert.is(await problemOf(post(`[[${Date.parse(hour(0))},3]]`, { 'x-reason': reason })), '400 INVALID_PARAMETER', reason);
  }
});

test('rows of old times are late unless they are said to be history', async (running) => {
  const scoreOf = async (query: string): Promise<number> => {
    const { post, rows } = await arrange(running, 'simple');
    await written(post('[["2020-01-01T00:00:00Z","1"]]', {}, query));
    return (await rows())[0]!.quality_score;
  };
  assert.ok(await scoreOf('') < await scoreOf('?mode=backfill'));
});

test('rows are written with the rights of btcdb_writer', async (running) => {
  const { db } = running;
  const { post } = await arrange(running);
  await db.query('revoke insert (close) on public.timeseries_data from btcdb_writer');
  try {
    assert.is(await problemOf(post(`[[${Date.parse(hour(0))},1,1,1,1,1]]`)), '403 FORBIDDEN');
  } finally {
    await db.query('grant insert (close) on public.timeseries_data to btcdb_writer');
  }
});

test('two clients that write the same rows at once both succeed, and every row is there once', async (running) => {
  const { path, headers, rows } = await arrange(running);
  const body = (price: number): string => `[${Array.from({ length: 3000 }, (_, i) => `[${Date.UTC(2026, 0, 1) + i * 60_000},${price}]`).join(',')}]`;
  const answers = await Promise.all([1, 2, 1, 2].map((price) => written(ask(path, { method: 'POST', headers, body: body(price) }))));
  assert.is(answers.reduce((sum, { inserted }) => sum + inserted, 0), 3000);
  const stored = await rows();
  assert.is(stored.length, 3000);
  assert.is(new Set(stored.map((row) => row.value)).size, 1, 'the last one as a whole');
});

/** Sends a part of a body, and waits until the server has had time for it. */
async function begin(path: string, headers: Record<string, string>, part: string, ms = 500): Promise<ReturnType<typeof httpRequest>> {
  const request = httpRequest(path, { method: 'POST', headers: { ...headers, 'transfer-encoding': 'chunked' }, agent: false });
  request.on('error', () => {});
  request.write(part);
  await delay(ms);
  return request;
}

const longPart = `[${Array.from({ length: 50_000 }, (_, i) => `[${Date.UTC(2020, 0, 1) + i * 60_000},1]`).join(',')}`;

test('a client that goes in the midst leaves nothing, and keeps nobody waiting', async (running) => {
  const { path, headers, rows } = await arrange(running);
  for (const part of ['[[1767225600000,1],', longPart]) {
    const request = await begin(path, headers, part, part === longPart ? 3000 : 100);
    request.destroy();
    assert.equal(await rows(), []);
  }
  assert.equal(counts(await written(ask(path, { method: 'POST', headers, body: '[[1767225600000,1]]' }))), [1, 0, 0, 0, 0, 0]);
});

test('a client that stops to send is given up, and leaves nothing', async ({ db }) => {
  const server = await startServer(db, { requestTimeoutMs: 1000 });
  try {
    const { path, headers, rows } = await arrange({ db, server, url: server.url });
    const request = await begin(path, headers, '[[1767225600000,1],', 0);
    const [response] = await once(request, 'response') as [{ statusCode: number }];
    assert.is(response.statusCode, 408);
    request.destroy();
    assert.equal(await rows(), []);
  } finally {
    await server.stop();
  }
});

test('a body may take longer than the time limit of other requests', async ({ db }) => {
  const server = await startServer(db, { requestTimeoutMs: 1000 });
  try {
    const { path, headers } = await arrange({ db, server, url: server.url });
    const request = httpRequest(path, { method: 'POST', headers, agent: false });
    const answered = once(request, 'response') as Promise<[{ statusCode: number }]>;
    for (const piece of [`[[${Date.parse(hour(0))},1]`, ',', `[${Date.parse(hour(1))},`, '2]', ' ]']) {
      request.write(piece);
      await delay(600);
    }
    request.end();
    assert.is((await answered)[0].statusCode, 200);
  } finally {
    await server.stop();
  }
});

test('stopping the server lets a body that comes be written to its end', async ({ db }) => {
  const server = await startServer(db);
  const { path, headers, rows } = await arrange({ db, server, url: server.url });
  const request = await begin(path, headers, `[[${Date.parse(hour(0))},1]`);
  const answered = once(request, 'response') as Promise<[{ statusCode: number }]>;
  const stopped = server.stop();
  await delay(300);
  request.end(`,[${Date.parse(hour(1))},2]]`);
  assert.is((await answered)[0].statusCode, 200);
  await stopped;
  assert.is((await rows()).length, 2);
});

test.onServer('a request that waits for too long is given up, and one whose client goes, too', async ({ db }) => {
  const server = await startServer(db, { requestTimeoutMs: 1000 });
  const blocker = await db.pool.connect();
  const waiting = async (): Promise<number> => {
    const { rows } = await db.query(`select from pg_stat_activity where application_name = 'btcdb serve' and wait_event_type = 'Lock'`);
    return rows.length;
  };
  try {
    const { path, headers, rows } = await arrange({ db, server, url: server.url });
    const range = JSON.stringify({ from: hour(0), to: hour(9) });
    await written(ask(path, { method: 'POST', headers, body: `[[${Date.parse(hour(0))},1]]` }));
    await blocker.query('begin; lock table public.timeseries_data in access exclusive mode');
    assert.is(await problemOf(ask(path, { method: 'DELETE', headers, body: range })), '504 QUERY_TIMEOUT');
    assert.is(await waiting(), 0);
    const request = httpRequest(path, { method: 'POST', headers, agent: false });
    request.on('error', () => {});
    request.end(`[[${Date.parse(hour(1))},1]]`);
    while (await waiting() === 0) await delay(20);
    request.destroy();
    const gone = performance.now();
    while (await waiting() > 0) {
      assert.ok(performance.now() - gone < 800, 'it goes on in the database');
      await delay(20);
    }
    await blocker.query('rollback');
    assert.is((await rows()).length, 1);
  } finally {
    await blocker.query('rollback');
    blocker.release();
    await server.stop();
  }
});

test('when the answer to COMMIT is lost nobody is told to just try again', async ({ db }) => {
  const proxy = await proxyTo(db.url);
  const far = await open(proxy.url, db.engine);
  const server = await startServer(far);
  try {
    const { post, path, headers } = await arrange({ db, server, url: server.url });
    const range = { from: hour(0), to: hour(9) };
    for (const send of [() => post(`[[${Date.parse(hour(0))},1]]`), () => ask(path, { method: 'DELETE', headers, body: JSON.stringify(range) })]) {
      proxy.cutAt('commit');
      const answer = send();
      assert.is(await problemOf(answer), '500 COMMIT_UNKNOWN');
      assert.is((await answer).headers['retry-after'], undefined);
    }
    await proxy.stop();
    for (const send of [() => post(`[[${Date.parse(hour(1))},1]]`), () => ask(`${path}?from=${hour(0)}&to=${hour(1)}`, { headers })]) {
      const answer = send();
      assert.is(await problemOf(answer), '503 DATABASE_UNAVAILABLE');
      assert.is((await answer).headers['retry-after'], '5');
    }
  } finally {
    await server.stop();
    await far.close();
    await proxy.stop();
  }
});

test('a long body in whatever order is scored as if it came in order', async (running) => {
  // The parts of the reverse order begin at 25,000 and at 5,000: what is odd there has nothing before it when it is written.
  const isOdd = (i: number): boolean => i % 9973 === 0 || i === 25_010 || i === 5010;
  const line = (i: number): string => `${Date.UTC(2020, 0, 1) + i * 60_000},${100 + (i % 7) + (isOdd(i) ? 60 : 0)}`;
  const lines = Array.from({ length: 45_000 }, (_, i) => line(i));
  const scores = async (body: string[]): Promise<unknown> => {
    const { post, sourceId } = await arrange(running, 'simple');
    assert.is((await written(post(`timestamp,value\n${body.join('\n')}\n`, csv, '?mode=backfill'))).inserted, 45_000);
    const { rows } = await running.db.query(
      `select count(*) filter (where is_anomaly) as anomalies, sum(quality_score * extract(epoch from timestamp)) as scores
       from public.timeseries_data where source_id = $1`, [sourceId]);
    return rows;
  };
  assert.equal(await scores(lines.toReversed()), await scores(lines));
});

test('a million rows in flat memory', async (running) => {
  const { path, headers } = await arrange(running, 'simple');
  // Only on a server the memory of this process is not that of the database, too.
  const rows = Number(process.env['BTCDB_TEST_ROWS'] ?? (process.env['TEST_DATABASE_URL'] ? 200_000 : 45_000));
  const body = Readable.from((function* () {
    yield 'timestamp,value\n';
    for (let i = 0; i < rows; i += 500) {
      yield Array.from({ length: 500 }, (_, n) => `${Date.UTC(2015, 0, 1) + (i + n) * 60_000},${(i + n) % 1000}.25\n`).join('');
    }
  })());
  global.gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
  const request = httpRequest(path, { method: 'POST', headers: { ...headers, ...csv }, agent: false });
  request.on('error', () => {});
  body.pipe(request);
  const [response] = await once(request, 'response') as [NodeJS.ReadableStream & { statusCode: number }];
  clearInterval(watch);
  let text = '';
  for await (const chunk of response) text += String(chunk);
  assert.is(response.statusCode, 200, text);
  assert.is((JSON.parse(text) as Written).inserted, rows);
  if (process.env['TEST_DATABASE_URL']) assert.ok(most - before < 150e6, `${Math.round((most - before) / 1e6)} MB`);
});

test('deleting takes a range, and is in the name of the token', async (running) => {
  const { db } = running;
  const { post, path, headers, rows, sourceId } = await arrange(running);
  await written(post(`[[${Date.parse(hour(0))},1],[${Date.parse(hour(1))},2],[${Date.parse(hour(2))},3]]`));
  const remove = (body: object, more = {}) => ask(path, { method: 'DELETE', headers: { ...headers, ...more }, body: JSON.stringify(body) });
  assert.is(await problemOf(remove({})), '400 INVALID_PARAMETER');
  assert.is((await rows()).length, 3, 'who forgets the range deletes nothing');
  assert.is(await problemOf(remove({ from: hour(0) })), '400 INVALID_PARAMETER');
  assert.is(await problemOf(remove({ from: hour(0), to: hour(9), source: 1 })), '400 INVALID_PARAMETER');
  const answer = await remove({ from: hour(0), to: hour(1) }, { 'x-reason': 'twice' });
  assert.equal([answer.status, answer.json()], [200, { deleted: '1' }]);
  assert.is((await rows()).length, 2);
  const entry = (await audit.ofRow.run({ source_id: sourceId, timestamp: new Date(hour(0)) }, db)).at(-1);
  assert.equal([entry!.action, entry!.changed_by, entry!.reason], ['DELETE', 'loader', 'twice']);
});

test('a source is registered by PUT, and may be written to at once', async ({ db, url }) => {
  const headers = { ...bearer(token), 'content-type': 'application/json', 'x-reason': 'new feed' };
  const put = (name: string, body: object) => ask(`${url}/api/sources/${name}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  const source = { display_name: 'New', data_type: 'simple', update_frequency: '1 hour' };
  assert.is(await problemOf(ask(`${url}/api/sources/brand_new`)), '404 UNKNOWN_SOURCE');
  const [first, second] = [await put('brand_new', source), await put('brand_new', { ...source, display_name: 'Renamed' })];
  assert.equal([first, second].map((answer) => [answer.status, (answer.json() as { is_new: boolean }).is_new]), [[200, true], [200, false]], first.text);
  assert.equal(counts(await written(ask(`${url}/api/sources/brand_new/rows`, { method: 'POST', headers, body: '[[1767225600000,1]]' }))), [1, 0, 0, 0, 0, 0]);
  const { rows: [entry] } = await db.query<{ changed_by: string; reason: string }>(
    `select changed_by, reason from public.audit_log where table_name = 'sources' and new_value ->> 'display_name' = 'Renamed'`);
  assert.equal([entry!.changed_by, entry!.reason], ['loader', 'new feed']);
  for (const name of ['Upper', 'a-b', '%00', 'a%2fb']) assert.is((await put(name, source)).status, 400, name);
  assert.is(await problemOf(put('brand_new', { ...source, data_type: 'guess' })), '400 INVALID_PARAMETER');
});

test('an anomaly is settled in the name of the token', async (running) => {
  const { db, url } = running;
  const { post, headers: others, sourceId } = await arrange(running, 'simple');
  const headers = { ...others, ...bearer(await tokenFor(db, 'judge', 'curator')) };
  await written(post(`timestamp,value\n${Array.from({ length: 100 }, (_, i) => `${hour(i)},${i === 99 ? 900 : 100 + (i % 5)}\n`).join('')}`, csv));
  const { rows: [anomaly] } = await db.query<{ anomaly_id: string }>('select anomaly_id from public.anomalies where source_id = $1', [sourceId]);
  const settle = (what: string, id = anomaly!.anomaly_id) =>
    ask(`${url}/api/anomalies/${id}/${what}`, { method: 'POST', headers, body: JSON.stringify({ notes: 'a split' }) });
  assert.is((await settle('review')).status, 200);
  const settled = (await settle('resolve')).json() as { resolved_by: string; resolution_notes: string };
  assert.equal([settled.resolved_by, settled.resolution_notes], ['judge', 'a split']);
  for (const id of ['0', '9223372036854775807']) assert.is(await problemOf(settle('resolve', id)), '404 NOT_FOUND');
  for (const id of ['x', '1e3', '9223372036854775808', '-']) assert.is(await problemOf(settle('resolve', id)), '400 INVALID_PARAMETER', id);
});

test.run();
