/** What is new since somebody asked: each change once, when it is committed, whoever made it. */
import type { PoolClient } from 'pg';
import * as generatedLive from '../../queries/live.queries.js';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { assert, databaseSuite } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { checked } from './declared.js';

const { queries: live, allProven } = checked('live', generatedLive);

const day = 86_400_000;
const start = Date.UTC(2024, 0, 1);
const at = (days: number): Date => new Date(start + days * day);

/** Ids in the order of registration. */
const [a, b] = [1, 2] as const;

const test = databaseSuite('live', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type) values ('a', 'A', 'simple'), ('b', 'B', 'simple')`);
  // Who makes a chunk keeps others from making one.
  await bulkUpsert(db, [0, 40].map((days) => ({ source_id: a, timestamp: at(days), value: 1 })));
});

/** Asks again and again: what is new, as `source from–to rows`, in days. */
function follow(db: TestDatabase): () => Promise<string[]> {
  let since: string | undefined;
  return async () => {
    const rows = await live.news.run({ since }, db);
    assert.ok(rows.length > 0 && rows.every(({ cursor }) => cursor === rows[0]!.cursor));
    since = rows[0]!.cursor;
    const days = (moment: Date | null): number => (moment!.getTime() - start) / day;
    return rows.filter(({ source }) => source !== null)
      .map(({ source, first_moment, last_moment, row_count }) => `${source} ${days(first_moment)}–${days(last_moment)} ${row_count}`);
  };
}

const write = (source_id: number, ...days: number[]): string =>
  `insert into timeseries_data (source_id, timestamp, value) values ${days.map((each) => `(${source_id}, '${at(each).toISOString()}', 1)`).join(', ')}`;

test('who asks for the first time is told nothing but where they are', async (db) => {
  const news = follow(db);
  assert.equal(await news(), []);
  assert.equal(await news(), []);
});

test('rows that are written, changed and deleted, by each way', async (db) => {
  const news = follow(db);
  await news();
  await db.query(write(a, 1));
  assert.equal(await news(), ['a 1–1 1'], 'one row');
  await db.query(write(b, 3, 2, 5));
  await db.query(write(a, 2));
  assert.equal(await news(), ['a 2–2 1', 'b 2–5 3'], 'several');
  await bulkUpsert(db, Array.from({ length: 200 }, (_, i) => ({ source_id: b, timestamp: at(10 + i / 100), value: i })));
  assert.equal(await news(), ['b 10–11.99 200'], 'in bulk, by COPY');
  await db.query(`update timeseries_data set value = 7 where source_id = ${b} and timestamp < '2024-01-05'`);
  assert.equal(await news(), ['b 2–3 2'], 'changed');
  await db.query(`delete from timeseries_data where source_id = ${b} and timestamp < '2024-01-05'`);
  assert.equal(await news(), ['b 2–3 2'], 'deleted');
  await db.query(`update timeseries_data set value = 7 where source_id = ${a} and value = 8`);
  await db.query(`update sources set display_name = 'AA' where source_id = ${a}`);
  await db.query(`begin; ${write(a, 4)}; rollback`);
  assert.equal(await news(), [], 'nothing, another table, and nothing in the end');
});

test('each who asks has a place of their own, which outlasts the connection', async (db) => {
  const [one, other] = [follow(db), follow(db)];
  await one();
  await other();
  await db.query(write(a, 6));
  assert.equal(await one(), ['a 6–6 1']);
  await db.query(write(a, 7));
  assert.equal(await one(), ['a 7–7 1']);
  assert.equal(await other(), ['a 6–7 2']);
});

test('a cursor of another server, or of none, begins anew', async (db) => {
  for (const since of ['{(,9000000000000)}', '{}']) {
    const rows = await live.news.run({ since }, db);
    assert.equal(rows.map(({ source }) => source), [null], since);
    await db.query(write(a, 8 + rows.length));
    assert.equal((await live.news.run({ since: rows[0]!.cursor }, db)).map(({ source }) => source), ['a']);
    await db.query(`delete from timeseries_data where source_id = ${a} and timestamp = '${at(8 + rows.length).toISOString()}'`);
  }
});

test.onServer('transactions that commit in another order than they wrote', async (db) => {
  const news = follow(db);
  await news();
  const clients: PoolClient[] = await Promise.all([db.pool.connect(), db.pool.connect()]);
  const [first, second] = clients as [PoolClient, PoolClient];
  try {
    await first.query(`begin; savepoint inner_one; ${write(a, 20)}; release inner_one`);
    await second.query(`begin; ${write(b, 20, 21)}`);
    assert.equal(await news(), [], 'what is not committed is not told');
    await second.query('commit');
    assert.equal(await news(), ['b 20–21 2'], 'the second is, although the first wrote before it');
    assert.equal(await news(), []);
    await db.query(write(b, 22));
    assert.equal(await news(), ['b 22–22 1']);
    await first.query(`${write(a, 21)}; commit`);
    assert.equal(await news(), ['a 20–21 2'], 'the first, whole, although later ones were told');
    assert.equal(await news(), []);
  } finally {
    for (const client of clients) client.release();
  }
});

test.onServer('none is missed and none told twice while many write', async (db) => {
  const news = follow(db);
  await news();
  const told: string[] = [];
  let isDone = false;
  const writers = Promise.all([a, b].flatMap((source_id) => [0, 1].map(async (worker) => {
    for (let i = 0; i < 25; i++) {
      const client = await db.pool.connect();
      try {
        await client.query(`begin; ${write(source_id, 50 + worker * 50 + i)}`);
        await client.query(`select pg_sleep(${Math.random() / 50})`);
        await client.query(i % 5 === 4 ? 'rollback' : 'commit');
      } finally {
        client.release();
      }
    }
  }))).then(() => (isDone = true));
  while (!isDone) told.push(...(await news()));
  await writers;
  told.push(...(await news()));
  assert.is(told.reduce((sum, line) => sum + Number(line.split(' ')[2]), 0), 80, told.join('\n'));
});

test('it reads as little of a long log as of a short one', async (db) => {
  const client = await db.pool.connect();
  const pages = async (): Promise<number> => {
    const since = (await live.news.run({}, client))[0]!.cursor;
    const asked = async (): Promise<number> => {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, timing off, costs off) select * from news_since('${since}')`);
      return Number(/hit=(\d+)/.exec(rows.map((row) => row['QUERY PLAN']).join('\n'))![1]);
    };
    // The first time in a session it reads the catalog, too.
    await asked();
    return asked();
  };
  try {
    const before = await pages();
    await client.query(`insert into audit_log (source_id, timestamp, action, table_name) select ${a}, now(), 'INSERT', 'timeseries_data' from generate_series(1, 20000)`);
    const after = await pages();
    assert.ok(after < before + 20, `${before} and ${after} pages`);
  } finally {
    client.release();
  }
});

test('live is proven', async () => allProven());

test.run();
