/** One row, pages, streams, signals, and what is told of each statement. */
import { PreparedQuery } from '@pgtyped/runtime';
import pg from 'pg';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { open } from '../../src/client/open.js';
import { anomalies, series, sources } from '../../src/index.js';
import { maybeOne, one, pages, stream, withSignal } from '../../src/client/results.js';
import type { QueryEvent } from '../../src/client/statement.js';
import { transaction } from '../../src/client/transaction.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const start = Date.UTC(2020, 0, 1);
const minute = 60_000;
const test = databaseSuite('rows', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency) values ('a', 'A', 'simple', '1 minute')`);
  await bulkUpsert(db, Array.from({ length: 250 }, (_, i) => ({ source_id: 1, timestamp: start + i * minute, value: i % 7 })), { ingestMode: 'backfill' });
});

const all = { source_id: 1, from: new Date(start), to: new Date(start + 1000 * minute), limit: 1e6 };
const unknown = { source_id: 999, timestamp: new Date(start), value: '1' };

/** A query of one's own, made as pgTyped makes them. */
function typed<Params, Row>(statement: string, parameter: string): PreparedQuery<Params, Row> {
  const a = statement.indexOf(`:${parameter}!`);
  return new PreparedQuery({
    usedParamSet: { [parameter]: true },
    params: [{ name: parameter, required: true, transform: { type: 'scalar' }, locs: [{ a, b: a + parameter.length + 1 }] }],
    statement,
  } as never);
}

const numbers = typed<{ rows: number }, { n: number; filler: string }>(
  `select n as "n!", repeat('x', 500) as filler from generate_series(1, :rows!::int) as n`, 'rows');

test('one row, and nothing else', async (db) => {
  const source = await one(sources.byName, { name: 'a' }, db);
  assert.is(source.source_id, 1);
  assert.is((await maybeOne(sources.byName, { name: 'a' }, db))?.source_id, 1);
  assert.is(await maybeOne(sources.byName, { name: 'nobody' }, db), undefined);
  await fails('NO_ROW', () => one(sources.byName, { name: 'nobody' }, db), /^sources\.byName gave no row$/);
  await fails('SEVERAL_ROWS', () => one(series.range, all, db), /^series\.range gave 250 rows instead of one$/);
  await fails('SEVERAL_ROWS', () => maybeOne(numbers, { rows: 2 }, db), /^The query gave 2 rows/);
});

test('pages are full but for the last, and hold each row once', async (db) => {
  for (const [limit, lengths] of [[100, [100, 100, 50]], [125, [125, 125]], [1000, [250]]] as const) {
    const found: Date[] = [];
    const seen: number[] = [];
    for await (const page of pages(series.range, { ...all, limit }, db, ({ timestamp }) => ({ after: timestamp }))) {
      seen.push(page.length);
      found.push(...page.map(({ timestamp }) => timestamp));
    }
    assert.equal(seen, lengths);
    assert.equal(found.map(Number), Array.from({ length: 250 }, (_, i) => start + i * minute));
  }
});

test('a place in pages may be of several columns', async (db) => {
  // Several of one moment.
  await db.query(`insert into anomalies (source_id, timestamp, anomaly_type, severity)
    select 1, '2020-02-01', unnest(enum_range(null::anomaly_type_enum)), 'LOW'`);
  const found: (string | number)[] = [];
  const next = (last: { timestamp: Date; anomaly_id: string | number }) => ({ before: last.timestamp, before_id: last.anomaly_id });
  for await (const page of pages(anomalies.toReview, { limit: 2 }, db, next)) found.push(...page.map(({ anomaly_id }) => anomaly_id));
  assert.is(new Set(found).size, found.length);
  assert.ok(found.length >= 6, `${found.length} found`);
});

test('a stream gives the rows of the query, whatever the size of its batches', async (db) => {
  const expected = await series.range.run(all, db);
  for (const batchRows of [1, 100, 125, 250, 1000]) {
    const found: unknown[] = [];
    for await (const row of stream(series.range, all, db, { batchRows })) found.push(row);
    assert.equal(found, expected);
  }
  for await (const row of stream(numbers, { rows: 1 }, db)) assert.equal(row, { n: 1, filler: 'x'.repeat(500) });
  for await (const row of stream(numbers, { rows: 0 }, db)) assert.unreachable(String(row.n));
});

test('a stream fetches what is asked for, and memory stays flat', async (db) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const pool = await open(db.url, db.engine, { maxConnections: 1 });
  try {
    let socket: { bytesRead: number } | undefined;
    pool.pool.on('acquire', (client) => (socket = (client as unknown as { connection: { stream: { bytesRead: number } } }).connection.stream));
    const rows = 100_000;
    const [before, highest] = [heap(), 15e6];
    let count = 0;
    for await (const row of stream(numbers, { rows }, pool, { batchRows: 500 })) {
      if (++count === 1) {
        await new Promise((done) => setTimeout(done, 100));
        assert.ok(socket!.bytesRead < 1e6, `${socket!.bytesRead} bytes came for one row`);
      }
      if (row.n % 20_000 === 0) assert.ok(heap() - before < highest, `${Math.round((heap() - before) / 1e6)} MB more at row ${row.n}`);
    }
    assert.is(count, rows);
    assert.ok(socket!.bytesRead > rows * 500);
  } finally {
    await pool.close();
  }
});

test('a stream whose connection is lost rejects, also on a pool of pg', async (db) => {
  // The embedded engine is one process.
  if (db.engine === 'embedded') return;
  for (const own of [true, false]) {
    const pool = own ? (await open(db.url, db.engine, { maxConnections: 1 })).pool : new pg.Pool({ connectionString: db.url, max: 1 });
    pool.on('error', () => {});
    pool.on('connect', (client) => client.on('error', () => {}));
    try {
      const { rows: [found] } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
      const read = async (): Promise<void> => {
        for await (const { n } of stream(numbers, { rows: 1e5 }, { pool }, { batchRows: 100 })) if (n === 150) await db.query('select pg_terminate_backend($1)', [found!.pid]);
      };
      // A pool of pg tells what it meets first: the server's last word, or that nobody reads any more.
      await read().then(() => assert.unreachable(), ({ code }: Error & { code: string }) =>
        assert.ok((own ? ['CONNECTION_LOST'] : ['57P01', 'EPIPE', 'ECONNRESET']).includes(code), code));
      assert.equal((await pool.query('select 1 as one')).rows, [{ one: 1 }]);
    } finally {
      await pool.end();
    }
  }
});

test('a stream that is left early, or whose loop throws, gives its connection back', async (db) => {
  const narrow = await open(db.url, db.engine, { maxConnections: 1, connectionTimeoutMs: 3000 });
  try {
    for (let i = 0; i < 3; i++) {
      for await (const row of stream(numbers, { rows: 1e6 }, narrow)) if (row.n > 1500) break;
    }
    const loop = async (): Promise<void> => {
      for await (const row of stream(numbers, { rows: 1e6 }, narrow)) throw new Error(`row ${row.n}`);
    };
    await loop().then(() => assert.unreachable(), (error: Error) => assert.is(error.message, 'row 1'));
    assert.equal((await narrow.query('select 1 as one')).rows, [{ one: 1 }]);
    assert.is(narrow.pool.totalCount, 1);
  } finally {
    await narrow.close();
  }
});

test('an error of a stream rejects, at once or on the way, and names the caller', async (db) => {
  const broken = typed<{ at: number }, { n: number }>('select 1 / (n - :at!::int) as n from generate_series(1, 3000) as n', 'at');
  for (const at of [1, 2500]) {
    const seen: number[] = [];
    const error = await fails('22012', async function readAll() {
      for await (const row of stream(broken, { at }, db)) seen.push(row.n);
    });
    assert.is(seen.length, at === 1 ? 0 : 2000);
    assert.match(error.stack!, 'rows.test');
  }
  assert.equal((await db.query('select 1 as one')).rows, [{ one: 1 }]);
});

test('a stream within a transaction sees what that has written', async (db) => {
  await transaction(db, {}, async (tx) => {
    await series.upsert.run({ source_id: 1, timestamp: new Date(start - minute), value: '5' }, tx);
    const values: (string | null)[] = [];
    for await (const row of stream(series.range, { ...all, from: new Date(0), limit: 2 }, tx)) values.push(row.value);
    assert.equal(values, ['5', '0']);
    await series.deleteRange.run({ source_id: 1, from: new Date(0), to: new Date(start) }, tx);
  });
});

async function runningNow(db: TestDatabase, text: string): Promise<number> {
  const { rows } = await db.query(`select from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like $1`, [`%${text}%`]);
  return rows.length;
}

test.onServer('a signal ends a statement in the database', async (db) => {
  // The embedded engine cannot stop what it does.
  const sleep = typed<{ seconds: number }, { slept: string }>('select pg_sleep(:seconds!)::text as slept', 'seconds');
  const narrow = await open(db.url, db.engine, { maxConnections: 1 });
  try {
    for (const reason of [undefined, new Error('the client is gone')]) {
      const abort = new AbortController();
      setTimeout(() => abort.abort(reason), 200);
      const began = performance.now();
      await sleep.run({ seconds: 20 }, withSignal(narrow, abort.signal)).then(
        () => assert.unreachable(), (error: unknown) => assert.is(error, abort.signal.reason));
      assert.ok(performance.now() - began < 4000);
      // The error comes a moment before the server says that it is idle.
      for (let i = 0; i < 20 && (await runningNow(db, 'pg_sleep($1)')) > 0; i++) await new Promise((done) => setTimeout(done, 50));
      assert.is(await runningNow(db, 'pg_sleep($1)'), 0);
      // The same connection goes on, unharmed by the cancellation.
      for (let i = 0; i < 20; i++) assert.equal((await narrow.query('select $1::int as i', [i])).rows, [{ i }]);
    }
    const abort = new AbortController();
    const numbersSeen: number[] = [];
    await (async () => {
      for await (const { n } of stream(numbers, { rows: 1e6 }, narrow, { signal: abort.signal })) {
        numbersSeen.push(n);
        if (n === 1000) abort.abort();
      }
    })().then(() => assert.unreachable(), (error: unknown) => assert.is(error, abort.signal.reason));
    assert.is(numbersSeen.length, 1000);
    assert.is(narrow.pool.totalCount, 1);
  } finally {
    await narrow.close();
  }
});

test('a signal that came before sends nothing', async (db) => {
  const silent = { pool: { connect: () => assert.unreachable('it asked for a connection') } } as unknown as TestDatabase;
  const signal = AbortSignal.abort(new Error('too late'));
  for (const work of [() => numbers.run({ rows: 1 }, withSignal(silent, signal)), () => stream(numbers, { rows: 1 }, silent, { signal }).next(),
    () => transaction(silent, { signal }, () => Promise.resolve())]) {
    await work().then(() => assert.unreachable(), (error: Error) => assert.is(error.message, 'too late'));
  }
  const client = await db.pool.connect();
  client.release();
  // A signal that comes after does nothing either.
  const abort = new AbortController();
  assert.is((await numbers.run({ rows: 1 }, withSignal(db, abort.signal))).length, 1);
  abort.abort();
  assert.equal((await db.query('select 1 as one')).rows, [{ one: 1 }]);
});

test('errors name the query, and have the stack of whoever asked', async (db) => {
  async function byDatabase(): Promise<unknown> {
    return await series.upsert.run(unknown, db);
  }
  async function byTransaction(): Promise<unknown> {
    return await transaction(db, {}, async function withinTransaction(tx) {
      return await series.upsert.run(unknown, tx);
    });
  }
  async function bySignal(): Promise<unknown> {
    return await series.upsert.run(unknown, withSignal(db, new AbortController().signal));
  }
  async function byText(): Promise<unknown> {
    return await db.query('insert into timeseries_data (source_id, timestamp) values ($1, now())', [999]);
  }
  for (const [work, name, frames] of [
    [byDatabase, 'series.upsert', [/^ {4}at async byDatabase /]],
    [byTransaction, 'series.upsert', [/^ {4}at async withinTransaction /, /at async byTransaction /]],
    [bySignal, 'series.upsert', [/at async bySignal /]],
    [byText, undefined, [/at async byText /]],
  ] as const) {
    const error = (await fails('23503', () => work())) as Error & { queryName?: string };
    assert.is(error.queryName, name);
    const lines = error.stack!.split('\n');
    assert.match(lines[0]!, /^error: insert or update on table .* violates foreign key constraint/);
    if (name !== undefined) assert.is(lines[1], `    at query ${name}`);
    for (const frame of frames) assert.ok(lines.some((line) => frame.test(line)), `${frame.source} in ${error.stack}`);
    assert.not.match(error.stack!, '@pgtyped');
  }
});

test('a statement that succeeds notes no stack, which would cost half as much as all of the rest', async (db) => {
  const capture = Error.captureStackTrace.bind(Error);
  let noted = 0;
  Error.captureStackTrace = (...given) => {
    noted++;
    capture(...given);
  };
  try {
    await one(sources.byName, { name: 'a' }, db);
    await db.query('select 1');
    await transaction(db, {}, (tx) => sources.byName.run({ name: 'a' }, tx));
  } finally {
    Error.captureStackTrace = capture;
  }
  assert.is(noted, 0);
});

test('a hook sees each statement: name, time, rows and error', async (db) => {
  const events: QueryEvent[] = [];
  const watched = await open(db.url, db.engine, { onQuery: (event) => events.push(event) });
  const take = (): unknown[] => events.splice(0).map(({ name, text, rows, error, ms }) => {
    assert.ok(ms >= 0 && ms < 60_000);
    return [name ?? text.slice(0, 20), rows, (error as { code?: string } | undefined)?.code];
  });
  try {
    take();
    await series.range.run(all, watched);
    await watched.query('select 1');
    await fails('23503', () => series.upsert.run(unknown, watched));
    assert.equal(take(), [['series.range', 250, undefined], ['select 1', 1, undefined], ['series.upsert', 0, '23503']]);
    for await (const row of stream(series.range, all, watched)) void row;
    assert.equal(take(), [['series.range', 250, undefined]]);
    const rows = Array.from({ length: 60 }, (_, i) => ({ source_id: 1, timestamp: Date.UTC(2019, 0, 1) + i * minute, value: 1 }));
    await bulkUpsert(watched, rows, { ingestMode: 'backfill' });
    assert.equal(take(), [
      ['begin; select set_co', 1, undefined], ['series.hasRows', 1, undefined], ['copy public.timeseri', 60, undefined], ['commit', 0, undefined],
    ]);
  } finally {
    await watched.close();
  }
});

test('a hook that throws breaks nothing', async (db) => {
  const warnings: Error[] = [];
  const listen = (warning: Error): unknown => warnings.push(warning);
  process.on('warning', listen);
  const watched = await open(db.url, db.engine, {
    onQuery() {
      throw new Error('broken hook');
    },
  });
  try {
    assert.equal((await watched.query('select 1 as one')).rows, [{ one: 1 }]);
    await new Promise((done) => setTimeout(done, 10));
    assert.match(warnings[0]!.message, 'broken hook');
  } finally {
    process.off('warning', listen);
    await watched.close();
  }
});

test.run();
