import pg from 'pg';
import { aggregates, candles, charts, series } from '../../src/index.js';
import { open } from '../../src/client/open.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const months = 24;
const test = databaseSuite('client', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency) values ('a', 'A', 'ohlcv', '1 day')`);
  await db.query(`set app.ingest_mode = 'backfill'`);
  await db.query(`insert into timeseries_data (source_id, timestamp, close)
    select 1, moment, 100 from generate_series('2020-01-01', '2021-12-31'::timestamptz, interval '1 day') as moment`);
  await db.query('reset app.ingest_mode');
  await db.query(`call refresh_continuous_aggregate('public.daily_ohlcv', null, null)`);
});

/** Those of the statements that one connection has on the server after running all of them. */
async function prepared(db: TestDatabase, prepareStatements: boolean, texts: readonly string[]): Promise<string[]> {
  const pool = await open(db.url, db.engine, { maxConnections: 1, prepareStatements });
  try {
    for (const text of texts) await pool.query(text, [1]);
    // Without parameters, so not one of them.
    const { rows } = await pool.query<{ statement: string }>(
      `select statement from pg_prepared_statements where statement like 'select $1::int%' order by prepare_time`);
    return rows.map(({ statement }) => statement);
  } finally {
    await pool.close();
  }
}

test('a statement is prepared when it comes again', async (db) => {
  const [once, twice] = ['select $1::int + 1', 'select $1::int + 2'];
  assert.equal(await prepared(db, true, [once, twice, twice, twice]), [twice]);
});

test('rows are those that pg makes, whatever their columns are called', async (db) => {
  const bare = new pg.Client(db.url);
  await bare.connect();
  try {
    for (const query of [
      { text: 'select null as a, 1 as b, 2 as b, 3 as "__proto__", 4 as "constructor", true as "!"' },
      { text: 'select $1::int as a, null as b', values: [5], rowMode: 'array' },
      { text: 'select $1::int as a, $2::text as b', values: [5, 'x'], binary: true },
      { text: 'select 1 as a; select null as b, 2 as c' },
      { text: 'select from generate_series(1, 2)' },
    ] as pg.QueryConfig[]) {
      const client = await db.pool.connect();
      const [own, pgs] = [await client.query(query), await bare.query(query)].map((result) => [result].flat().map(({ rows }) => rows));
      client.release();
      assert.equal(own!.flat().map((row) => Object.entries(row as object)), pgs!.flat().map((row) =>
        Object.entries(row as object).map(([name, value]) => [name.replace(/^!$/, ''), value])), query.text);
      assert.ok(own!.flat().every((row) => Array.isArray(row) || Object.getPrototypeOf(row) === Object.prototype));
    }
  } finally {
    await bare.end();
  }
});

test('a pooler that knows no prepared statements gets none', async (db) => {
  const text = 'select $1::int + 3';
  assert.equal(await prepared(db, false, [text, text, text]), []);
});

test('columns lose the hints of pgTyped, whoever holds the connection', async (db) => {
  const text = 'select 1 as "a!", 2 as "b?", 3 as "c!d" where $1';
  const client = await db.pool.connect();
  try {
    for (const { rows } of [await db.query(text, [true]), await client.query(text, [true]), await client.query(text, [true])]) {
      assert.equal(rows, [{ a: 1, b: 2, 'c!d': 3 }]);
    }
  } finally {
    client.release();
  }
});

test('the columns of a statement are told once, and a statement whose columns change fails', async (db) => {
  const client = await db.pool.connect();
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  let told = 0;
  const count = (): void => void told++;
  connection.on('rowDescription', count);
  try {
    await client.query('create temp table told (a int, "b!" numeric)');
    await client.query('insert into told values (1, 2.50)');
    const text = 'select * from told where $1';
    for (let i = 0; i < 5; i++) assert.equal((await client.query(text, [true])).rows, [{ a: 1, b: '2.50' }]);
    assert.is(told, 2, 'once before it is prepared');
    // Another form of rows is described by itself.
    for (let i = 0; i < 3; i++) assert.equal((await client.query({ text, values: [true], rowMode: 'array' })).rows, [[1, '2.50']]);
    assert.is(told, 3);
    assert.equal((await client.query(text, [true])).fields.map(({ name }) => name), ['a', 'b']);
    assert.equal((await client.query(text, [false])).rows, []);
    await fails('22P02', () => client.query(text, ['neither']));
    await client.query('alter table told add column c int');
    await fails('0A000', () => client.query(text, [true]), /cached plan must not change result type/);
    await client.query('drop table told');
  } finally {
    connection.removeListener('rowDescription', count);
    client.release(true);
  }
});

test('an error rejects, and the connection goes on', async (db) => {
  for (let i = 0; i < 3; i++) await fails('22012', () => db.query('select 1 / $1::int', [0]));
  const client = await db.pool.connect();
  try {
    for (let i = 0; i < 3; i++) await fails('22012', () => client.query('select 1 / $1::int', [0]));
    assert.equal((await client.query('select 1 / $1::int as one', [1])).rows, [{ one: 1 }]);
  } finally {
    client.release();
  }
});

/** The statement that a typed function sends. */
async function sent(run: (spy: Spy) => Promise<unknown>): Promise<Statement> {
  let seen: Statement | undefined;
  await run({
    async query(text, values) {
      seen = { text, values };
      return { rows: [], rowCount: 0 };
    },
  });
  assert.ok(seen, 'it sent nothing');
  return seen;
}

type Value = string | number | Date | null;

interface Statement {
  readonly text: string;
  readonly values: readonly Value[];
}

interface Spy {
  query(text: string, values: Value[]): Promise<{ rows: never[]; rowCount: number }>;
}

const march = { source_id: 1, from: new Date('2020-03-05T00:00Z'), to: new Date('2020-03-20T00:00Z') };
const ranges: readonly (readonly [string, (spy: Spy) => Promise<unknown>])[] = [
  ['series.range', (spy) => series.range.run({ ...march, after: null, limit: 100 }, spy)],
  ['series.hasRows', (spy) => series.hasRows.run(march, spy)],
  ['candles.buckets', (spy) => candles.buckets.run({ ...march, bucket: '1 week', limit: 100 }, spy)],
  ['charts.candles', (spy) => charts.candles.run({ ...march, bucket: '1 week', limit: 100 }, spy)],
  ['charts.line', (spy) => charts.line.run(march, spy)],
  ['aggregates.daily', (spy) => aggregates.daily.run({ ...march, after: null, limit: 100 }, spy)],
];

for (const [name, run] of ranges) {
  // From the sixth execution on PostgreSQL may choose a plan that does not know the range.
  test(`${name} leaves out the chunks of other months when its plan is generic`, async (db) => {
    const { text, values } = await sent(run);
    const client = await db.pool.connect();
    try {
      await client.query('set plan_cache_mode = force_generic_plan');
      await client.query(`prepare generic as ${text}`);
      const literals = values.map((value) =>
        value === null ? 'null' : pg.escapeLiteral(value instanceof Date ? value.toISOString() : String(value)));
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, costs off, timing off, summary off) execute generic(${literals.join(', ')})`);
      const plan = rows.map((row) => row['QUERY PLAN']).filter((line) => !line.includes('never executed')).join('\n');
      const opened = new Set(plan.match(/_hyper_1_\d+_chunk/g));
      // The aggregate has nothing left to ask of the rows.
      assert.ok(opened.size <= 2 && (opened.size > 0 || name === 'aggregates.daily'), `${opened.size} of ${months} chunks were opened:\n${plan}`);
    } finally {
      await client.query('deallocate all; reset plan_cache_mode');
      client.release();
    }
  });
}

test.run();
