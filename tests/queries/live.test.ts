/** What live.news tells, and that it tells each write once, in whatever order transactions end. */
import * as generated from '../../queries/live.queries.js';
import { assert, databaseSuite } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { checked } from './declared.js';

const { queries: live, allProven } = checked('live', generated);

const test = databaseSuite('live', async (db) => {
  await db.query(`
    insert into sources (name, display_name, category, data_type) values
      ('one', 'One', 'price', 'simple'), ('two', 'Two', 'price', 'simple'), ('six', 'Six', 'price', 'simple')`);
});

interface Client {
  query(text: string): Promise<unknown>;
}

const insert = (db: Client, source: string, ...days: string[]): Promise<unknown> => db.query(`
  insert into timeseries_data (source_id, timestamp, value)
  select s.source_id, d.day, 1 from sources as s cross join unnest('{${days.join(',')}}'::timestamptz[]) as d (day) where s.name = '${source}'`);

type Place = Partial<Pick<Awaited<ReturnType<typeof live.news.run>>[number], 'untold' | 'settling_id' | 'settling_xid'>>;

/** Asks as a server does, again and again. */
function listener(db: TestDatabase, { limit = 1000, untold }: { limit?: number; untold?: string } = {}) {
  let place: Place = untold === undefined ? {} : { untold };
  const next = async (): Promise<string[]> => {
    const rows = await live.news.run({ ...place, limit }, db);
    place = rows[0]!;
    return rows.filter(({ source }) => source !== null).map(({ source, from, to, rows: count }) =>
      `${source} ${from!.toISOString().slice(0, 10)}…${to!.toISOString().slice(0, 10)} ${count}`);
  };
  /** Until no number below the last one is left. That takes until all transactions of the server that now run have ended. */
  const settle = async (): Promise<void> => {
    for (const until = Date.now() + 60_000; !/^\{\[\d+,\)\}$/.test(place.untold!);) {
      assert.ok(Date.now() < until, place.untold);
      await new Promise((done) => setTimeout(done, 20));
      assert.equal(await next(), []);
    }
  };
  return { next, settle, place: () => place };
}

test('tells inserts, changes and deletions of rows, each once, and nothing else', async (db) => {
  const { next } = listener(db);
  assert.equal(await next(), [], 'begins now');
  await insert(db, 'one', '2026-01-01');
  assert.equal(await next(), ['one 2026-01-01…2026-01-01 1']);
  await insert(db, 'one', '2026-01-02', '2026-01-05');
  await insert(db, 'one', '2026-01-04');
  await insert(db, 'two', '2026-01-03');
  assert.equal(await next(), ['one 2026-01-02…2026-01-05 3', 'two 2026-01-03…2026-01-03 1']);
  await db.query('update timeseries_data set value = 2 where timestamp < \'2026-01-03\'');
  assert.equal(await next(), ['one 2026-01-01…2026-01-02 2']);
  await db.query('delete from timeseries_data where timestamp = \'2026-01-04\'');
  assert.equal(await next(), ['one 2026-01-04…2026-01-04 1']);
  await db.query('update sources set display_name = \'Eins\' where name = \'one\'');
  await db.query('update timeseries_data set value = value');
  assert.equal(await next(), []);
});

test('what a transaction took back is not waited for', async (db) => {
  const { next, settle, place } = listener(db);
  await next();
  await insert(db, 'one', '2026-02-01', '2026-02-01').catch(() => undefined);
  await db.query(`
    do $$ begin
      begin
        insert into timeseries_data (source_id, timestamp, value) values (1, '2026-02-02', 1);
        raise exception 'no';
      exception when raise_exception then null;
      end;
      insert into timeseries_data (source_id, timestamp, value) values (1, '2026-02-03', 1);
    end $$`);
  assert.equal(await next(), ['one 2026-02-03…2026-02-03 1']);
  assert.match(place().untold!, /,\d+\),\[\d+,\)\}$/);
  await settle();
});

test('of more than :limit entries it tells a part after the other', async (db) => {
  const { next, place } = listener(db, { limit: 4 });
  await next();
  for (const day of ['01', '02', '03', '04', '05', '06']) await insert(db, 'one', `2026-03-${day}`);
  assert.equal(await next(), ['one 2026-03-01…2026-03-04 4']);
  assert.is((await live.news.run({ ...place(), limit: 1 }, db))[0]!.is_all, false);
  assert.equal(await next(), ['one 2026-03-05…2026-03-06 2']);
  assert.equal(await next(), []);
});

test('one that comes back is told what the others were told meanwhile, and that alone', async (db) => {
  const others = listener(db);
  await others.next();
  const gone = others.place();
  await insert(db, 'one', '2026-04-01');
  await insert(db, 'two', '2026-04-02');
  await others.next();
  await insert(db, 'one', '2026-04-03');
  const missed = await live.news.run({ untold: gone.untold, later: others.place().untold, limit: 1000 }, db);
  assert.equal(missed.map(({ source, from }) => [source, from!.toISOString().slice(0, 10)]), [['one', '2026-04-01'], ['two', '2026-04-02']]);
  assert.equal(await others.next(), ['one 2026-04-03…2026-04-03 1']);
});

test('goes on at the end of a log that ends before what was told', async (db) => {
  const { next } = listener(db, { untold: '{[1000000,)}' });
  assert.equal(await next(), []);
  await insert(db, 'two', '2026-05-01');
  assert.equal(await next(), ['two 2026-05-01…2026-05-01 1']);
});

test.onServer('transactions that end in another order than they began are told when they end', async (db) => {
  // Whoever makes a chunk holds the others up.
  await insert(db, 'one', '2026-06-30');
  const [slow, slower, quick] = await Promise.all([db.pool.connect(), db.pool.connect(), db.pool.connect()]);
  try {
    for (const client of [slow, slower]) await client.query('begin');
    // The entry of a savepoint has an id of its own, and is there only with the transaction.
    await slow.query('savepoint a');
    await insert(slow, 'one', '2026-06-11');
    await slow.query('release savepoint a');
    const { next, settle } = listener(db);
    assert.equal(await next(), [], 'begins while one runs');
    // A source each: writers of the same one wait for each other.
    await insert(slower, 'six', '2026-06-12');
    await insert(quick, 'two', '2026-06-13');
    assert.equal(await next(), ['two 2026-06-13…2026-06-13 1']);
    await insert(slow, 'one', '2026-06-14');
    assert.equal(await next(), []);
    await slow.query('commit');
    await insert(quick, 'two', '2026-06-15');
    assert.equal(await next(), ['one 2026-06-11…2026-06-14 2', 'two 2026-06-15…2026-06-15 1']);
    for (let count = 0; count < 5; count++) assert.equal(await next(), [], 'one still runs');
    await slower.query('commit');
    assert.equal(await next(), ['six 2026-06-12…2026-06-12 1']);
    await settle();
  } finally {
    for (const client of [slow, slower, quick]) client.release(true);
  }
});

test.onServer('many writers at once: each write is told once', async (db) => {
  const { next } = listener(db);
  await next();
  let isDone = false;
  const told: string[] = [];
  const listening = (async () => {
    while (!isDone) told.push(...await next());
    told.push(...await next());
  })();
  await Promise.all([0, 1, 2, 3, 4, 5].map(async (writer) => {
    const client = await db.pool.connect();
    try {
      for (let round = 0; round < 25; round++) {
        await client.query('begin');
        await client.query(`
          insert into sources (name, display_name, category, data_type) values ('w${writer}_${round}', 'W', 'price', 'simple')`);
        await insert(client, `w${writer}_${round}`, '2026-07-01');
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
        await client.query(round % 5 === 4 ? 'rollback' : 'commit');
      }
    } finally {
      client.release();
    }
  }));
  isDone = true;
  await listening;
  const expected = [0, 1, 2, 3, 4, 5].flatMap((writer) => Array.from({ length: 25 }, (_, round) => round).filter((round) => round % 5 !== 4)
    .map((round) => `w${writer}_${round} 2026-07-01…2026-07-01 1`));
  assert.equal(told.sort(), expected.sort());
});

test('every column has had a value', async () => allProven());

test.run();
