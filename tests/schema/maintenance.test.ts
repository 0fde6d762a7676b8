/** Writers, readers, imports and maintenance at the same time: none of them dies of another. Only a server has sessions. */
import pg from 'pg';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { again, maintenance } from '../../src/client/again.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import { all, only } from './support.js';

const test = databaseSuite('maintenance', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency)
    select 'source_' || n, 'Source', 'simple', '1 hour' from generate_series(1, 6) as n`);
  await db.query(`insert into timeseries_data (source_id, timestamp, value)
    select s, '2024-01-01Z'::timestamptz + n * interval '1 hour', 100 + n % 7 from generate_series(1, 6) as s, generate_series(0, 6000) as n`);
});

const seconds = Number(process.env['MAINTENANCE_SECONDS'] ?? 10);
const hour = 3600_000;
const some = (n: number): number => Math.floor(Math.random() * n);
const moment = (): Date => new Date(Date.UTC(2024, 0, 1) + some(6000) * hour);

interface Tally {
  done: number;
  /** Errors after which the actor tried again. */
  retried: number;
  /** The others. */
  errors: string[];
}

/** Does `step` over and over on a connection of its own; what an application would do again is done again. */
async function act(db: TestDatabase, until: number, step: (client: pg.Client, turn: number) => Promise<unknown>): Promise<Tally> {
  const tally: Tally = { done: 0, retried: 0, errors: [] };
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  try {
    for (let turn = 0; Date.now() < until; turn++) {
      try {
        let tries = 0;
        await again(() => {
          tally.retried += tries++ > 0 ? 1 : 0;
          return step(client, turn).catch(async (error: unknown) => {
            await client.query('rollback');
            throw error;
          });
        }, { passes: maintenance });
        tally.done++;
      } catch (error) {
        const { code, message, where } = error as pg.DatabaseError;
        tally.errors.push(`${code} ${message} ${where}`);
      }
    }
  } finally {
    await client.end();
  }
  return tally;
}

const writer = (source: number) => async (client: pg.Client, turn: number): Promise<void> => {
  switch (turn % 4) {
    case 0:
      await client.query(`insert into timeseries_data (source_id, timestamp, value)
        select $1, $2::timestamptz + n * interval '1 minute', $3 from generate_series(1, 20) as n
        on conflict (source_id, timestamp) do update set value = excluded.value`, [source, moment(), some(100)]);
      break;
    case 1:
      await client.query('update timeseries_data set value = value + 1 where source_id = $1 and timestamp = $2', [source, moment()]);
      break;
    case 2:
      await client.query('begin');
      await client.query('insert into timeseries_data (source_id, timestamp, value) values ($1, now(), 1) on conflict do nothing', [source]);
      await client.query('update timeseries_data set value = 5 where source_id = $1 and timestamp = $2', [source, moment()]);
      await client.query('commit');
      break;
    default:
      await client.query('delete from timeseries_data where source_id = $1 and timestamp = $2', [source, moment()]);
  }
};

const reader = async (client: pg.Client, turn: number): Promise<void> => {
  const views = ['data_freshness', 'chunk_stats', 'quality_overview', 'daily_ohlcv', 'aggregate_refresh_status'];
  await client.query('begin');
  await client.query(`select * from ${views[turn % views.length]}`);
  await client.query('select count(*) from timeseries_data where source_id = $1 and timestamp > $2', [1 + some(6), moment()]);
  await client.query('select * from latest_values');
  await client.query('commit');
};

const importer = (db: TestDatabase, source: number) => async (client: pg.Client): Promise<void> => {
  const from = moment().getTime();
  const rows = Array.from({ length: 1000 }, (_, n) => ({ source_id: source, timestamp: from + n * 60_000, value: n % 10 }));
  await bulkUpsert(db, rows, { ingestMode: 'backfill' });
  await client.query('call refresh_all_aggregates()');
  await client.query('call compress_old_chunks()');
};

test.onServer(`ten actors in each other's way for ${seconds} s: no error that is not tried again, and no row is lost`, async (db) => {
  const until = Date.now() + seconds * 1000;
  const actors = {
    'writer 1': writer(1), 'writer 2': writer(2), 'another writer 1': writer(1), 'reader 1': reader, 'reader 2': reader,
    compressor: (client: pg.Client) => client.query('call compress_old_chunks()'),
    refresher: (client: pg.Client) => client.query('call refresh_all_aggregates()'),
    'importer 1': importer(db, 3), 'importer 2': importer(db, 4),
    rescorer: (client: pg.Client) => client.query('call rescore($1, $2, $3)', [1 + some(6), '2024-02-01Z', '2024-05-01Z']),
  };
  const tallies = Object.fromEntries(await Promise.all(
    Object.entries(actors).map(async ([name, step]) => [name, await act(db, until, step)] as const)));
  assert.equal(Object.entries(tallies).flatMap(([name, { errors }]) => errors.map((error) => `${name}: ${error}`)), []);
  for (const [name, { done }] of Object.entries(tallies)) assert.ok(done > 0, `${name} did nothing: ${JSON.stringify(tallies)}`);
  // Reading takes no lock that compression would not wait for.
  assert.equal([tallies['reader 1']?.retried, tallies['reader 2']?.retried], [0, 0]);

  // The sources that nobody wrote are whole, and what was compressed meanwhile adds up.
  await db.query('call compress_old_chunks()');
  await db.query('call refresh_all_aggregates()');
  assert.equal(await all(db, 'select source_id, count(*) from timeseries_data where source_id > 4 group by 1 order by 1'),
    [{ source_id: 5, count: '6001' }, { source_id: 6, count: '6001' }]);
  assert.equal(
    await all(db, 'select source_id, sum(data_points) as n from weekly_stats group by 1 order by 1'),
    await all(db, 'select source_id, count(*)::numeric as n from timeseries_data group by 1 order by 1'),
  );
});

test.onServer('a statement that was planned before a writer took a compressed batch apart sees the rows of the batch', async (db) => {
  await db.query('call compress_old_chunks()');
  const [gate, reader] = [await db.pool.connect(), await db.pool.connect()];
  try {
    // Called to estimate the outer query, when the inner one is planned already, and before there is a snapshot.
    await db.query(`create function public.gate() returns int language plpgsql stable as
      $$ begin perform pg_advisory_lock_shared(42), pg_advisory_unlock_shared(42); return 1; end $$`);
    await gate.query('select pg_advisory_lock(42)');
    const { rows: [{ pid }] } = await reader.query('select pg_backend_pid() as pid');
    const reading = reader.query(`select (select count(*)::int from timeseries_data where source_id = 6) as n from generate_series(1, 1) as g where g = public.gate()`);
    while ((await db.query(`select from pg_stat_activity where pid = $1 and wait_event = 'advisory'`, [pid])).rowCount === 0);
    await db.query(`update timeseries_data set value = value + 1 where source_id = 6 and timestamp = '2024-02-03Z'`);
    await gate.query('select pg_advisory_unlock(42)');
    assert.equal((await reading).rows, [{ n: 6001 }]);
  } finally {
    for (const client of [gate, reader]) client.release(true);
    await db.query('drop function if exists public.gate()');
  }
});

test.onServer('refreshes at once wait for each other', async (db) => {
  for (let turn = 0; turn < 3; turn++) {
    await db.query(`update timeseries_data set value = value + 1 where source_id = 6 and timestamp < '2024-04-01Z'`);
    await Promise.all([1, 2, 3, 4].map(() => db.query('call refresh_all_aggregates()')));
  }
});

test.onServer('a refresh is seen by a transaction that has looked at the sessions before it began', async (db) => {
  if ((await only(db, `select to_regclass('_timescaledb_catalog.continuous_aggs_jobs_refresh_ranges')`)) === null) return;
  const [looking, refreshing] = [await db.pool.connect(), await db.pool.connect()];
  try {
    await looking.query('begin');
    const { rows: [{ pid }] } = await refreshing.query('select pg_backend_pid() as pid');
    await looking.query('select from pg_stat_activity');
    await looking.query(`insert into _timescaledb_catalog.continuous_aggs_jobs_refresh_ranges
      select mat_hypertable_id, 0, 1, $1, 0, now() from _timescaledb_catalog.continuous_agg where user_view_name = 'daily_ohlcv'`, [pid]);
    const isRefreshing = async (): Promise<unknown> =>
      (await looking.query(`select app_private.is_refreshing('daily_ohlcv') as is`)).rows[0].is;
    assert.is(await isRefreshing(), false, 'the session is idle');
    const busy = fails('57014', () => refreshing.query('select pg_sleep(60)'));
    while (!await isRefreshing()) await new Promise((resolve) => setTimeout(resolve, 20));
    await looking.query('select pg_cancel_backend($1)', [pid]);
    await busy;
  } finally {
    await looking.query('rollback');
    looking.release();
    refreshing.release();
  }
});

test.onServer('compression gives way to a transaction that reads, and says what it left', async (db) => {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('select count(*) from timeseries_data');
    const compressing = db.query('call compress_old_chunks()');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    // It holds nothing while it pauses, so that nobody waits behind it for long.
    await db.query(`set statement_timeout = '5s'; update timeseries_data set value = 1 where source_id = 6 and timestamp = '2024-01-01Z'`);
    await client.query('commit');
    await compressing;
    assert.is(await only(db, `select count(*) from chunk_stats where range_end < now() - interval '7 days' and not is_compressed`), '0');
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test.run();
