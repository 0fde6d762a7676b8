/** Every annotated query over HTTP: its answer in each form, its errors, and the description of it all. */
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { endpoints } from 'btc-dashboard-db/endpoints';
import { answerOf, AnswerCache, type Answer } from '../src/endpoints/cache.js';
import { bearer, problemOf, ask, assert, serverSuite, startServer, tokenFor, type Running } from './support.js';

const test = serverSuite('endpoints', async (db) => {
  await db.query(`
    insert into sources (name, display_name, data_type, update_frequency) values
      ('btc', 'Bitcoin', 'ohlcv', '1 hour'), ('fees', 'Fees, "all"', 'simple', '1 day'), ('empty', 'Empty', 'simple', '1 day');
    begin;
    set local app.ingest_mode = 'backfill';
    insert into timeseries_data (source_id, timestamp, open, high, low, close, volume)
    select 1, '2024-01-01Z'::timestamptz + n * interval '1 hour', 40000 + n, 40100 + n, 39900 + n, 40050.123456789012345678 + n % 7 + case n when 500 then 1e6 else 0 end, 1
    from generate_series(0, 999) as n;
    insert into timeseries_data (source_id, timestamp, value)
    select 2, '2024-01-01Z'::timestamptz + n * interval '1 day', 0.0000000001 from generate_series(0, 99) as n where n <> 50;
    commit;
    insert into lineage (derived_source_id, parent_source_id, calculation_type) values (2, 1, 'mean');
    insert into features (source_id, timestamp, rsi_value, custom_features) values (1, '2024-01-01Z', 55.5, '{"a": 1.10}');
    insert into ml_models (name, version, model_type) values ('m', '1', 'gru');
    insert into forecasts (source_id, forecast_timestamp, target_timestamp, predicted_value, model_name, model_version)
    values (1, '2024-01-01Z', '2024-01-02Z', 41000, 'm', '1');
    update timeseries_data set close = 40051 where source_id = 1 and timestamp = '2024-01-01Z';`);
  await db.query('call refresh_all_aggregates()');
});

/** What the places of a path and the parameters that a query needs stand for here. */
const given: Readonly<Record<string, string>> = {
  source: 'btc', anomaly_id: '1', backtest_id: '1', timestamp: '2024-01-01', from: '2024-01-01', to: '2024-01-02', bucket: '1 hour', limit: '10',
  symbol: 'btc', resolution: '60', query: 'b', days: '3', points: '10',
};

function urlOf({ parameters, http }: (typeof endpoints)[number]): string {
  const query = new URLSearchParams(parameters.filter((parameter) => parameter.in === 'query' && parameter.isRequired).map(({ name, type }) => {
    assert.ok(given[name], `a value for ${name}, ${type}`);
    // The datafeed's times are seconds.
    return [name, /^(?:from|to)$/.test(name) && !type.startsWith('timestamp') ? String(Date.parse(given[name]) / 1000) : given[name]] as [string, string];
  }));
  return `${http!.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => given[name] ?? assert.unreachable(name) as never)}?${query.toString()}`;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>>>>;
}

const documentOf = async ({ url }: Running): Promise<Document> => (await ask(`${url}/api/openapi.json`)).json() as Document;

test('the description is valid OpenAPI 3.1 and has every annotated path', async (running) => {
  const document = await documentOf(running);
  assert.is(document.openapi, '3.1.0');
  const { valid, errors } = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
  assert.ok(valid, JSON.stringify(errors, null, 1));
  const annotated = endpoints.flatMap(({ http }) => (http ? [`${http.method} ${http.path}`] : []));
  const described = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  assert.equal(annotated.filter((route) => !described.includes(route)), []);
});

test('the description can be read in a browser, with nothing from elsewhere', async ({ url }) => {
  const { status, text, headers } = await ask(`${url}/api/docs`);
  assert.is(status, 200);
  assert.match(headers['content-type']!, /^text\/html/);
  for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    assert.is((await ask(new URL(path!, `${url}/api/docs/`).href)).status, 200, path);
    assert.match(path!, /^\.?\//);
  }
});

test('every GET answers as it is described, and in lines and CSV with as many rows', async (running) => {
  const document = await documentOf(running);
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  ajv.addFormat('decimal', true);
  let answered = 0;
  for (const endpoint of endpoints.filter(({ http }) => http?.method === 'GET')) {
    const path = urlOf(endpoint);
    const answer = await ask(`${running.url}${path}`);
    assert.ok(answer.status === 200 || (endpoint.answer === 'row' && answer.status === 404), `${path}: ${answer.status} ${answer.text}`);
    if (answer.status !== 200) continue;
    assert.match(answer.headers['content-type']!, /^application\/json/);
    const { schema } = document.paths[endpoint.http!.path]!['get']!.responses['200']!.content!['application/json']!;
    assert.ok(ajv.validate(schema, answer.json()), `${path}: ${ajv.errorsText()} ${answer.text.slice(0, 500)}`);
    answered++;
    if (endpoint.answer !== 'rows') continue;
    const rows = answer.json() as object[];
    const lines = await ask(`${running.url}${path}`, { headers: { accept: 'application/x-ndjson' } });
    assert.match(lines.headers['content-type']!, /^application\/x-ndjson/, lines.text);
    assert.equal(lines.text.split('\n').slice(0, -1).map((line) => timeless(JSON.parse(line) as object)), rows.map(timeless), path);
    const csv = await ask(`${running.url}${path}`, { headers: { accept: 'text/csv' } });
    assert.match(csv.headers['content-type']!, /^text\/csv/);
    assert.is(csv.text.split('\r\n')[0], endpoint.columns.map(({ name }) => name).join(','));
  }
  assert.ok(answered >= 25, `${answered} endpoints have answered`);
});

/** A row without what grows between two requests. */
const timeless = (row: object): object => ({ ...row, data_age: undefined });

test('digits, times and texts are whole in each form', async ({ url }) => {
  const rows = `${url}/api/sources/btc/rows?from=2024-01-01T01:00:00Z&to=1704078000000`;
  assert.equal((await ask(rows)).json(), [{
    timestamp: '2024-01-01T01:00:00.000Z', open: '40001', high: '40101', low: '39901', close: '40051.123456789012345678', volume: '1', value: null,
    quality_score: 100, is_anomaly: false, is_validated: true,
  }, ...((await ask(`${url}/api/sources/1/rows?from=2024-01-01T02:00Z&to=2024-01-01T03:00Z`)).json() as object[])]);
  assert.is((await ask(`${rows}&limit=1`, { headers: { accept: 'text/csv' } })).text,
    'timestamp,open,high,low,close,volume,value,quality_score,is_anomaly,is_validated\r\n'
    + '2024-01-01T01:00:00.000Z,40001,40101,39901,40051.123456789012345678,1,,100,false,true\r\n');
  const csv = await ask(`${url}/api/sources`, { headers: { accept: 'text/csv' } });
  assert.match(csv.text, /,"Fees, ""all""",/);
  assert.match((await ask(`${url}/api/sources/btc/chart?from=2024-01-01&to=2024-01-02&bucket=1 hour`.replaceAll(' ', '%20'))).text, /40051\.123456789012345678/);
});

test('pages lead to the next one until there is none', async ({ url }) => {
  const seen: string[] = [];
  let pages = 0;
  for (let next: string | undefined = '/api/sources/btc/rows?from=2024-01-01&to=2024-01-04&limit=30'; next; pages++) {
    const answer = await ask(`${url}${next}`);
    seen.push(...(answer.json() as { timestamp: string }[]).map(({ timestamp }) => timestamp));
    next = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1];
  }
  assert.is(pages, 3);
  assert.is(new Set(seen).size, 72);
});

test('what is wrong with a request is told by the name of the parameter', async ({ url }) => {
  const problem = (path: string, headers?: Record<string, string>): Promise<string> => problemOf(ask(`${url}${path}`, { headers: headers ?? {} }));
  assert.is(await problem('/api/sources/nobody/rows'), '404 UNKNOWN_SOURCE');
  assert.is(await problem('/api/sources/99999999999999999999/rows'), '404 UNKNOWN_SOURCE');
  assert.is(await problem('/api/nothing'), '404 NOT_FOUND');
  for (const wrong of ['from=x', 'from=2024-02-30', 'to=', 'limit=1.5', 'limit=-', 'limit=99999999999999999999', 'after=2024-13-01', 'form=2024-01-01']) {
    const answer = await ask(`${url}/api/sources/btc/rows?${wrong}`);
    if (wrong === 'to=') continue;
    assert.is(answer.status, 400, wrong);
    assert.match((answer.json() as { detail: string }).detail, new RegExp(`\\b${wrong.split('=')[0]}\\b`));
  }
  assert.is(await problem('/api/sources/btc/rows?limit=100001'), '400 INVALID_PARAMETER');
  assert.is((await ask(`${url}/api/sources/btc/rows?limit=100001`, { headers: { accept: 'text/csv' } })).status, 200);
  assert.is(((await ask(`${url}/api/audit`)).json() as object[]).length <= 1000, true);
  assert.is((await ask(`${url}/udf/marks?symbol=btc&from=0&to=2000000000&resolution=60`)).status, 200);
  assert.is(await problem('/api/sources/btc/rows?limit=1&limit=2'), '400 INVALID_PARAMETER');
  assert.is(await problem('/api/sources/btc/rows', { accept: 'image/png' }), '406 NOT_ACCEPTABLE');
  assert.is(await problem('/api/sources/btc/candles?bucket=0+seconds'), '400 22023');
});

test('answers are listened for only while somebody asks for them', async () => {
  let listeners = 0;
  let unsubscribed!: () => void;
  const left = new Promise<void>((resolve) => (unsubscribed = resolve));
  const cache = new AnswerCache({
    subscribe() {
      listeners++;
      return () => {
        listeners--;
        unsubscribed();
      };
    },
  }, 50);
  const ask = (): Promise<Answer> => cache.fill('key', { sourceId: 1, from: 0, to: 1 }, async () => answerOf('{}'));
  await ask();
  await ask();
  assert.is(listeners, 1);
  assert.is(String(cache.get('key')!.body), '{}');
  // Though nothing is written.
  await left;
  assert.is(listeners, 0);
  assert.is(cache.get('key'), undefined);
  cache.close();
});

test('an answer that is the same is not sent again', async ({ url }) => {
  const first = await ask(`${url}/api/latest`);
  const { etag } = first.headers;
  assert.match(etag!, /^W\/"/);
  const again = await ask(`${url}/api/latest`, { headers: { 'if-none-match': etag! } });
  assert.is(again.status, 304);
  assert.is(again.text, '');
  const packed = await ask(`${url}/api/sources/btc/rows`, { headers: { 'accept-encoding': 'br' } });
  assert.is(packed.headers['content-encoding'], 'br');
  assert.is(packed.headers.etag, (await ask(`${url}/api/sources/btc/rows`)).headers.etag);
});

test('history is kept, here until a row in it changes, and by the client where it is compressed', async ({ db }) => {
  await db.query('call compress_old_chunks()');
  const server = await startServer(db);
  const chart = (to: string) => ask(`${server.url}/api/sources/btc/chart?bucket=1%20day&from=2024-01-05&to=${to}`);
  try {
    const first = await chart('2024-01-07');
    assert.is(first.headers['cache-control'], 'private, max-age=86400, immutable');
    assert.is((await chart('2030-01-01')).headers['cache-control'], 'private, max-age=5');
    assert.is((await ask(`${server.url}/api/sources/btc/rows`)).headers['cache-control'], 'private, no-cache');
    const multiply = (when: string) => `update public.timeseries_data set volume = volume * 2 where source_id = 1 and timestamp = '${when}Z'`;
    // Asked again until it is kept: when the server begins to listen, it may have missed something.
    for (const end = Date.now() + 10_000; ; await delay(50)) {
      const before = (await chart('2024-01-07')).text;
      await db.query(`begin; set local session_replication_role = replica; ${multiply('2024-01-05')}; commit`);
      if ((await chart('2024-01-07')).text === before) break;
      assert.ok(Date.now() < end, 'it is not kept');
    }
    const kept = await chart('2024-01-07');
    await db.query(multiply('2024-01-06'));
    for (const end = Date.now() + 10_000; (await chart('2024-01-07')).headers.etag === kept.headers.etag; await delay(50)) {
      assert.ok(Date.now() < end, 'what changed is not seen');
    }
  } finally {
    await server.stop();
  }
});

test.onServer('what is read ends in the database when its client goes, and when its time is over', async ({ db, url }) => {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%public.anomalies%'`;
  const until = async (count: number): Promise<void> => {
    for (const end = Date.now() + 10_000; (await db.query(waiting)).rowCount !== count;) {
      assert.ok(Date.now() < end, `${count} statements wait`);
      await delay(20);
    }
  };
  const impatient = await startServer(db, { requestTimeoutMs: 300, streamTimeoutMs: 600 });
  const blocker = await db.pool.connect();
  try {
    await blocker.query('begin; lock table public.anomalies');
    for (const accept of ['application/json', 'text/csv']) {
      const path = '/api/sources/btc/anomalies';
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const options = { agent, headers: { accept } };
      // Not only the first request of a connection.
      const [first] = await once(get(`${url}/api/latest`, options), 'response') as [IncomingMessage];
      await once(first.resume(), 'end');
      const request = get(url + path, options).on('error', () => {});
      await until(1);
      request.destroy();
      await until(0);
      agent.destroy();
      assert.is(await problemOf(ask(impatient.url + path, { headers: { accept } })), '504 QUERY_TIMEOUT');
      await until(0);
    }
  } finally {
    await blocker.query('rollback');
    blocker.release();
    await impatient.stop();
  }
});

test('an anomaly is settled by a curator, in whose name that is audited, and not by a writer', async ({ db, url }) => {
  const path = '/api/anomalies/1/resolve';
  assert.is(await problemOf(ask(`${url}${path}`, { method: 'POST' })), '401 TOKEN_REQUIRED');
  const writer = await tokenFor(db, 'loader');
  assert.is(await problemOf(ask(`${url}${path}`, { method: 'POST', headers: { ...bearer(writer), 'content-type': 'application/json' }, body: '{}' })), '403 FORBIDDEN');
  const token = await tokenFor(db, 'ada', 'curator');
  const settle = (body: object) => ask(`${url}${path}`, {
    method: 'POST', headers: { ...bearer(token), 'content-type': 'application/json', 'x-reason': 'seen' }, body: JSON.stringify(body),
  });
  assert.is(await problemOf(settle({ notes: 'spike', resolved_by: 'somebody else' })), '400 INVALID_PARAMETER');
  const answer = await settle({ notes: 'spike' });
  assert.ok([200, 204].includes(answer.status), answer.text);
  const { rows } = await db.query(`select resolved_by, resolution_notes from anomalies where anomaly_id = 1`);
  assert.equal(rows, [{ resolved_by: 'ada', resolution_notes: 'spike' }]);
});

test('the page of health answers, and metrics are as Prometheus reads them', async ({ url }) => {
  assert.is((await ask(`${url}/healthz`)).status, 200);
  assert.is((await ask(`${url}/readyz`)).status, 200);
  const { text, headers } = await ask(`${url}/metrics`);
  assert.match(headers['content-type']!, /^text\/plain; version=0\.0\.4/);
  assert.match(text, /^btcdb_source_age_seconds\{[^}]*source="btc"[^}]*\} \d/m);
  for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
    assert.match(line, /^[a-zA-Z_:][\w:]*(?:\{(?:[a-z_]\w*="(?:[^"\\\n]|\\.)*",?)*\})? (?:[+-]?\d[\d.eE+-]*|NaN|[+-]Inf)$/);
  }
});

test.run();
