/** The hypertable, compression, continuous aggregates, and the views that watch over them. */
import { readFileSync } from 'node:fs';
import { assert, databaseSuite, fails } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { transaction } from '../../src/client/transaction.js';
import { all, auditMark, auditSince, candle, column, compressAll, compressChunk, day, hour, isCompressed, isFullyCompressed, one, only, source, scoreOf, ways, write, type AnyRow, type Row, type Runner, type Way } from './support.js';

const test = databaseSuite('timescaledb');

const aggregates = ['daily_ohlcv', 'hourly_ohlcv', 'hourly_values', 'weekly_stats'] as const;

// Hypertable and compression -------------------------------------------------------------------------------------------

test('timeseries_data is a hypertable of months, indexed by its key alone', async (db) => {
  assert.equal(
    await one(
      db,
      `select column_name, time_interval from timescaledb_information.dimensions where hypertable_schema = 'public' and hypertable_name = 'timeseries_data'`,
    ),
    { column_name: 'timestamp', time_interval: '30 days' },
  );
  assert.equal(await column(db, `select indexname from pg_indexes where schemaname = 'public' and tablename = 'timeseries_data'`), ['timeseries_data_pkey']);
});

test('compression segments by source and orders by time, newest first', async (db) => {
  assert.equal(
    await all(
      db,
      `select attname, segmentby_column_index as segment, orderby_column_index as place, orderby_asc as ascending
       from timescaledb_information.compression_settings where hypertable_name = 'timeseries_data' order by attname`,
    ),
    [
      { attname: 'source_id', segment: 1, place: null, ascending: null },
      { attname: 'timestamp', segment: null, place: 1, ascending: false },
    ],
  );
});

test.onServer('plans are not compiled', async (db) => {
  assert.equal(await one(db, `select setting, source from pg_settings where name = 'jit'`), { setting: 'off', source: 'database' });
});

test('the policy compresses after 7 days', async (db) => {
  assert.equal(
    await column(db, `select config ->> 'compress_after' from timescaledb_information.jobs where proc_name = 'compress_due_chunks'`),
    ['7 days'],
  );
});

test('each aggregate is real-time and has a refresh policy over all of history', async (db) => {
  assert.equal(
    await all(db, `select view_name, materialized_only from timescaledb_information.continuous_aggregates where view_schema = 'public' order by 1`),
    aggregates.map((view_name) => ({ view_name, materialized_only: false })),
  );
  assert.equal(
    await all(
      db,
      `select c.view_name, j.scheduled, j.config ->> 'start_offset' as start
       from timescaledb_information.continuous_aggregates as c
       join timescaledb_information.jobs as j on j.proc_name = 'policy_refresh_continuous_aggregate'
         and (j.config ->> 'mat_hypertable_id')::int = (
           select h.id from _timescaledb_catalog.hypertable as h where h.table_name = c.materialization_hypertable_name)
       order by 1`,
    ),
    aggregates.map((view_name) => ({ view_name, scheduled: true, start: null })),
  );
});

test('retention is off', async (db) => {
  assert.equal(await column(db, `select proc_name from timescaledb_information.jobs where proc_name in ('policy_retention', 'drop_old_chunks')`), []);
});

// Aggregates against a plain group by ----------------------------------------------------------------------------------

const oracles: Record<(typeof aggregates)[number], string> = {
  daily_ohlcv: candleOracle('day'),
  hourly_ohlcv: candleOracle('hour'),
  hourly_values: `
    select source_id, date_trunc('hour', timestamp, 'UTC') as hour,
      avg(level) as avg_value, min(level) as min_value, max(level) as max_value,
      (array_agg(level order by timestamp desc))[1] as last_value, count(*) as data_points, stddev_samp(level) as volatility
    from (select *, coalesce(close, value) as level from timeseries_data where source_id = any ($1)) as d
    where level is not null group by 1, 2`,
  weekly_stats: `
    select source_id, date_trunc('week', timestamp, 'UTC') as week,
      avg(level) as avg_value, min(level) as min_value, max(level) as max_value,
      (array_agg(level order by timestamp desc))[1] as last_value, stddev_samp(level) as volatility,
      sum(volume) as volume, count(*) as data_points, count(*) filter (where is_anomaly) as anomalies,
      count(*) filter (where not is_validated) as invalid_points, sum(quality_score) as quality_sum, min(quality_score) as min_quality
    from (select *, coalesce(close, value) as level from timeseries_data where source_id = any ($1)) as d
    group by 1, 2`,
};

function candleOracle(bucket: string): string {
  return `
    select source_id, date_trunc('${bucket}', timestamp, 'UTC') as ${bucket},
      (array_agg(coalesce(open, close) order by timestamp))[1] as open, max(coalesce(high, close)) as high, min(coalesce(low, close)) as low,
      (array_agg(close order by timestamp desc))[1] as close, sum(volume) as volume, count(*) as data_points
    from timeseries_data where source_id = any ($1) and close is not null group by 1, 2`;
}

/** Every aggregate holds for these sources what a plain group by finds. */
async function matches(db: TestDatabase, ids: number[], when: string): Promise<void> {
  for (const name of aggregates) {
    const order = ' order by 1, 2';
    // Means and deviations may differ in the digits beyond the tenth.
    const rounded = (rows: AnyRow[]): AnyRow[] =>
      rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, /avg_value|volatility/.test(key) && value !== null ? Number(Number(value).toPrecision(10)) : value])));
    assert.equal(
      rounded(await all(db, `select * from ${name} where source_id = any ($1)${order}`, [ids])),
      rounded(await all(db, oracles[name] + order, [ids])),
      `${name} ${when}`,
    );
  }
}

/** Rows every 20 minutes over three weeks: candles, values, closes alone, rows without a level. */
async function sample(db: TestDatabase, since: string): Promise<number[]> {
  const [candles, values] = [await source(db, { data_type: 'ohlcv' }), await source(db)];
  const rows: Row[] = [];
  for (let n = 0; n < 1500; n++) {
    const price = 100 + ((n * 7919) % 97) / 10;
    const timestamp = hour(n / 3, since);
    rows.push(
      n % 11 === 3
        ? { source_id: candles, timestamp, close: price }
        : { source_id: candles, timestamp, open: price - 1, high: price + 2, low: price - 2, close: price, volume: n % 5 },
    );
    if (n % 2 === 0) rows.push({ source_id: values, timestamp, value: n === 900 ? 5000 : n % 13 === 0 ? null : price.toFixed(2) });
  }
  await write(db, rows, 'COPY');
  return [candles, values];
}

test('the aggregates are right before, after and beyond a refresh, and over compressed chunks', async (db) => {
  const ids = await sample(db, '2019-03-04');
  await matches(db, ids, 'before any refresh');
  await db.query('call refresh_all_aggregates()');
  await matches(db, ids, 'after a refresh');
  // Newer than what is materialized: real-time.
  await write(db, [{ source_id: ids[0]!, timestamp: hour(0, '2019-06-01'), ...candle(120) }, { source_id: ids[1]!, timestamp: hour(0, '2019-06-01'), value: 120 }]);
  await matches(db, ids, 'with newer rows');
  await compressAll(db);
  await db.query('call refresh_all_aggregates()');
  await matches(db, ids, 'over compressed chunks');
});

test('an hourly average is not that of stale batches', async (db) => {
  const id = await source(db);
  await write(db, [1, 2, 6].map((value, n) => ({ source_id: id, timestamp: hour(n / 4, '2019-07-01'), value })));
  assert.equal(
    await one(db, 'select avg_value::float8, min_value, max_value, last_value, data_points, volatility::float8 from hourly_values where source_id = $1', [id]),
    { avg_value: 3, min_value: '1', max_value: '6', last_value: '6', data_points: '3', volatility: Math.sqrt(7) },
  );
});

test('weeks start on Monday, days and hours at UTC, whatever the time zone of the session', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: '2019-08-04T23:30:00Z', close: 1 }, { source_id: id, timestamp: '2019-08-05T00:30:00Z', close: 2 }]);
  await transaction(db, {}, async (tx) => {
    await tx.query(`set local timezone = 'Asia/Tokyo'`);
    assert.equal(await column(tx, `select week at time zone 'UTC' || '' from weekly_stats where source_id = $1 order by 1`, [id]), ['2019-07-29 00:00:00', '2019-08-05 00:00:00']);
    assert.equal(await column(tx, `select day at time zone 'UTC' || '' from daily_ohlcv where source_id = $1 order by 1`, [id]), ['2019-08-04 00:00:00', '2019-08-05 00:00:00']);
  });
});

for (const way of ways) {
  for (const state of ['plain', 'compressed'] as const) {
    test(`a late row in old history that comes by ${way} into a ${state} chunk is visible after the next refresh`, async (db) => {
      const since = day(60 * ways.indexOf(way) + (state === 'plain' ? 0 : 900), '2000-01-03');
      const id = await source(db);
      const existing = Array.from({ length: 48 }, (_, n): Row => ({ source_id: id, timestamp: hour(n, since), close: 10 }));
      await write(db, existing);
      // A newer row, so that the late one lies far below what is materialized.
      await write(db, [{ source_id: id, timestamp: hour(0, '2023-01-01'), close: 10 }]);
      if (state === 'compressed') await compressChunk(db, since);
      await db.query('call refresh_all_aggregates()');

      // The row is clean: nothing about it makes the pipeline write to it again.
      await lateRow(db, way, id, since);
      await db.query('call refresh_all_aggregates()');
      await matches(db, [id], 'after the late row');
      await db.query('call refresh_all_aggregates()');
      await matches(db, [id], 'after one more refresh');
    });
  }
}

async function lateRow(db: TestDatabase, way: Way, id: number, since: string): Promise<void> {
  const isUpdate = way === 'an upsert' || way === 'an update';
  await write(db, [{ source_id: id, timestamp: isUpdate ? hour(5, since) : hour(5.5, since), close: 12, value: 12 }], way);
}

test.onServer('rows that a function copies are visible after the next refresh, too', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: hour(0, '2001-06-01'), close: 10 }, { source_id: id, timestamp: hour(0, '2023-01-01'), close: 10 }]);
  await db.query('call refresh_all_aggregates()');
  await db.query(
    `create or replace function load_one(id int) returns void language plpgsql as $$
     begin execute format('copy timeseries_data (source_id, timestamp, close, value) from program %L', format(E'printf ''%s\\t2001-06-01T05:00:00Z\\t10\\t10\\n''', id)); end $$`,
  );
  await db.query('select load_one($1)', [id]);
  await db.query('drop function load_one');
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '3');
  await db.query('call refresh_all_aggregates()');
  await matches(db, [id], 'after the function');
});

test('a deletion is visible after the next refresh', async (db) => {
  const id = await source(db);
  await write(db, Array.from({ length: 10 }, (_, n): Row => ({ source_id: id, timestamp: hour(n, '2002-06-01'), close: 10 + n })));
  await db.query('call refresh_all_aggregates()');
  await db.query('delete from timeseries_data where source_id = $1 and close = 19', [id]);
  await db.query('call refresh_all_aggregates()');
  await matches(db, [id], 'after the deletion');
});

test('a change of score is visible in weekly_stats after the next refresh', async (db) => {
  const id = await source(db);
  await write(db, Array.from({ length: 10 }, (_, n): Row => ({ source_id: id, timestamp: hour(n, '2003-06-01'), value: 10 })));
  await db.query('call refresh_all_aggregates()');
  await db.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'never', 'value < 0', 'e')`, [id]);
  await db.query('call rescore($1)', [id]);
  await db.query('call refresh_all_aggregates()');
  assert.equal(await all(db, 'select invalid_points, quality_sum from weekly_stats where source_id = $1', [id]), [{ invalid_points: '10', quality_sum: '900' }]);
});

// Maintenance ----------------------------------------------------------------------------------------------------------

test('SELECT refresh_all_aggregates() answers with PostgreSQL\'s hint to use CALL', async (db) => {
  const error = (await fails('42809', () => db.query('select refresh_all_aggregates()'))) as Error & { hint: string };
  assert.match(error.hint, /CALL/);
});

test('refresh_all_aggregates() in a transaction is refused', async (db) => {
  await fails('25001', () => transaction(db, {}, (tx) => tx.query('call refresh_all_aggregates()')));
});

test('compress_old_chunks() compresses what is older than 7 days and leaves the newest chunks', async (db) => {
  const id = await source(db);
  const old = day(0, '2005-01-01');
  const recent = await only(db, `select to_json(now() - interval '1 hour') #>> '{}'`);
  await write(db, [{ source_id: id, timestamp: old, value: 1 }, { source_id: id, timestamp: recent, value: 1 }]);
  await db.query('call compress_old_chunks()');
  assert.is(await isCompressed(db, old), true);
  assert.is(await isCompressed(db, recent), false);
  await db.query('call compress_old_chunks()');
});

test('compress_old_chunks() takes the age', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0, '2006-01-01'), value: 1 }]);
  await db.query(`call compress_old_chunks('100 years')`);
  assert.is(await isCompressed(db, day(0, '2006-01-01')), false);
  await db.query(`call compress_old_chunks(older_than => '1 year')`);
  assert.is(await isCompressed(db, day(0, '2006-01-01')), true);
});

test('compressed months are merged up to three years, and with retention up to one', async (db) => {
  const id = await source(db);
  const longest = async (year: number): Promise<number> => {
    await write(db, Array.from({ length: 54 }, (_, n) => ({ source_id: id, timestamp: day(28 * n, `${year}-01-01`), value: 1 })));
    await db.query('call compress_old_chunks()');
    return only(db, `select extract(day from max(range_end - range_start))::int from chunk_stats where range_end > $1 and range_start < $2`,
      [day(0, `${year}-01-01`), day(28 * 54, `${year}-01-01`)]);
  };
  const between = (least: number, days: number, most: number): void => assert.ok(least < days && days <= most, `${days} days`);
  between(720, await longest(1920), 1080);
  await db.query(`select set_retention('900 years')`);
  between(30, await longest(1930), 360);
  await db.query('select set_retention(null)');
  between(720, await longest(1940), 1080);
});

test('compress_old_chunks() compresses again what was written to a compressed chunk', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0, '2007-01-01'), value: 1 }]);
  await db.query('call compress_old_chunks()');
  await write(db, [{ source_id: id, timestamp: day(1, '2007-01-01'), value: 1 }]);
  const beside = `select count(*) from timescaledb_information.chunks
    where is_compressed and app_private.has_uncompressed_rows(format('%I.%I', chunk_schema, chunk_name)::regclass)`;
  assert.is.not(await only(db, beside), '0');
  await db.query('call compress_old_chunks()');
  assert.is(await only(db, beside), '0');
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '2');
});

test('compress_old_chunks() in a transaction is refused and compresses nothing', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0, '2008-01-01'), value: 1 }]);
  await fails('2D000', () => transaction(db, {}, (tx) => tx.query('call compress_old_chunks()')));
  assert.is(await isCompressed(db, day(0, '2008-01-01')), false);
});

// Aggregates that somebody adds ----------------------------------------------------------------------------------------

test('an aggregate on timeseries_data, and one on that, are refreshed in order, get policies and the bounds of retention', async (db) => {
  const id = await source(db);
  await db.query('create schema desk');
  await db.query(`create materialized view desk.zz_daily with (timescaledb.continuous, timescaledb.materialized_only = true) as
    select source_id, time_bucket(interval '1 day', timestamp) as day, count(*) as n from public.timeseries_data group by 1, 2 with no data`);
  await db.query(`create materialized view desk.aa_weekly with (timescaledb.continuous, timescaledb.materialized_only = true) as
    select source_id, time_bucket(interval '1 week', day) as week, sum(n) as n from desk.zz_daily group by 1, 2 with no data`);
  try {
    await write(db, Array.from({ length: 14 }, (_, n): Row => ({ source_id: id, timestamp: day(n / 2, '2021-03-01'), value: 1 })));
    await db.query('call refresh_all_aggregates()');
    assert.is(await only(db, 'select n from desk.aa_weekly where source_id = $1', [id]), '14');
    await write(db, [{ source_id: id, timestamp: hour(5, '2021-03-01'), value: 1 }]);
    await db.query('call refresh_all_aggregates()');
    assert.is(await only(db, 'select n from desk.aa_weekly where source_id = $1', [id]), '15');

    const states = (): Promise<unknown[]> => all(
      db,
      `select a.aggregate, a.based_on, j.config ->> 'start_offset' as reach
       from aggregate_refresh_status as a left join timescaledb_information.jobs as j on j.job_id = a.job_id
       where a.based_on like 'desk.%' or a.aggregate like 'desk.%' or a.aggregate = 'hourly_values' order by 1`,
    );
    assert.equal(await states(), [
      { aggregate: 'desk.aa_weekly', based_on: 'desk.zz_daily', reach: null },
      { aggregate: 'desk.zz_daily', based_on: 'timeseries_data', reach: null },
      { aggregate: 'hourly_values', based_on: 'timeseries_data', reach: null },
    ]);
    await db.query(`select set_retention('900 years')`);
    assert.equal((await states() as { reach: string }[]).map(({ reach }) => reach), Array(3).fill('900 years'));
    // What the owner of the database has set on a policy stays.
    assert.is(await only(db, `select schedule_interval::text from timescaledb_information.jobs where hypertable_name = 'hourly_values'`), '00:30:00');
    await db.query('select set_retention(null)');
    assert.equal((await states() as { reach: string }[]).map(({ reach }) => reach), [null, null, null]);

    // Too short for two weeks: that aggregate is left without a policy, and the doctor tells.
    await db.query(`select set_retention('10 days')`);
    assert.equal(await column(db, 'select aggregate from aggregate_refresh_status where job_id is null order by 1'), ['desk.aa_weekly', 'weekly_stats']);
  } finally {
    await db.query('select set_retention(null)');
    await db.query('drop materialized view desk.aa_weekly');
    await db.query('drop materialized view desk.zz_daily');
  }
  assert.equal(await column(db, 'select aggregate from aggregate_refresh_status where job_id is null'), []);
});

// Writes to compressed chunks ------------------------------------------------------------------------------------------

for (const way of ways) {
  test(`${way} into a compressed chunk: stored, scored, audited, noted`, async (db) => {
    const since = day(400 * ways.indexOf(way), '1990-01-01'); // more than TimescaleDB joins
    const id = await source(db);
    const isUpdate = way === 'an upsert' || way === 'an update';
    const rows = Array.from({ length: 40 }, (_, n): Row => ({ source_id: id, timestamp: day(n / 2, since), value: 10 + (n % 3) }));
    await write(db, isUpdate ? rows : rows.slice(0, 38));
    await compressChunk(db, since, day(20, since));
    assert.is(await isFullyCompressed(db, day(19, since)), true);
    await db.query('update sources set last_successful_update = null where source_id = $1', [id]);
    const mark = await auditMark(db);

    await write(db, [{ ...rows[38]!, value: 900 }, { ...rows[39]!, value: '11.5' }], way);

    assert.equal(await column(db, 'select value from timeseries_data where source_id = $1 order by timestamp offset 37', [id]), ['11', '900', '11.5']);
    assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '40');
    assert.equal(await scoreOf(db, id, day(19, since)), { quality_score: 75, is_anomaly: true, is_validated: true });
    assert.equal(await scoreOf(db, id, day(19.5, since)), { quality_score: 75, is_anomaly: false, is_validated: true });
    assert.is(await only(db, 'select count(*) from anomalies where source_id = $1 and is_blackswan', [id]), '1');
    const entries = await auditSince(db, mark);
    assert.equal(
      entries.map((e) => [e.action, e.new_value.rows ?? e.new_value.value]),
      way === 'single inserts' ? [['INSERT', 900], ['INSERT', 11.5]] : isUpdate ? [['UPDATE', 900], ['UPDATE', 11.5]] : [['INSERT', 2]],
    );
    assert.ok(await only(db, 'select last_successful_update from sources where source_id = $1', [id]));
  });
}

test('an upsert of old and new rows into a compressed chunk', async (db) => {
  const since = '1985-01-01';
  const id = await source(db);
  const rows = Array.from({ length: 40 }, (_, n): Row => ({ source_id: id, timestamp: day(n / 2, since), value: 10 + (n % 3) }));
  await write(db, rows.slice(0, 36));
  await compressChunk(db, since, day(20, since));
  await write(db, [{ ...rows[5]!, value: 500 }, { ...rows[35]!, value: 700 }, { ...rows[36]!, value: 800 }, { ...rows[37]!, value: 12 }], 'an upsert');
  assert.equal(
    await all(db, 'select value, quality_score, is_anomaly from timeseries_data where source_id = $1 and timestamp >= $2 order by timestamp', [id, day(17.5, since)]),
    [
      { value: '700', quality_score: 75, is_anomaly: true },
      { value: '800', quality_score: 100, is_anomaly: true },
      { value: '12', quality_score: 75, is_anomaly: false },
    ],
  );
});

test('a deletion in a compressed chunk: archived, audited, its anomaly resolved', async (db) => {
  const since = '1986-01-01';
  const id = await source(db);
  await write(db, Array.from({ length: 40 }, (_, n): Row => ({ source_id: id, timestamp: day(n / 2, since), value: n === 39 ? 900 : 10 + (n % 3) })));
  await compressChunk(db, since, day(20, since));
  const mark = await auditMark(db);
  await db.query('delete from timeseries_data where source_id = $1 and timestamp = $2', [id, day(19.5, since)]);
  assert.is(await only(db, 'select value from timeseries_archive where source_id = $1', [id]), '900');
  assert.equal((await auditSince(db, mark)).map((e) => e.action), ['DELETE']);
  assert.is(await only(db, 'select resolved_by from anomalies where source_id = $1', [id]), 'system');
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '39');
});

test('one statement over several compressed chunks and a plain one scores each row', async (db) => {
  const id = await source(db);
  const starts = ['1980-01-01', '1981-06-01', '1983-01-01'];
  await write(db, starts.slice(0, 2).map((since) => ({ source_id: id, timestamp: day(0, since), value: 10 })));
  await compressChunk(db, starts[0]!, starts[1]);
  const rows = starts.flatMap((since) => [{ source_id: id, timestamp: day(1, since), value: 100 }, { source_id: id, timestamp: day(2, since), value: 10 }]);
  await write(db, rows, 'COPY');
  assert.equal(
    await all(db, 'select value, quality_score as score from timeseries_data where source_id = $1 order by timestamp', [id]),
    [[10, 100], [100, 75], [10, 75], [10, 100], [100, 75], [10, 75], [100, 75], [10, 75]].map(([value, score]) => ({ value: `${value}`, score })),
  );
});

test('two statements of one transaction see each other in a compressed chunk', async (db) => {
  const since = '1987-01-01';
  const id = await source(db);
  await write(db, Array.from({ length: 35 }, (_, n): Row => ({ source_id: id, timestamp: day(n / 2, since), value: 10 + (n % 3) })));
  await compressChunk(db, since, day(20, since));
  await transaction(db, { ingestMode: 'backfill' }, async (tx) => {
    await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 100)', [id, day(17.5, since)]);
    await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 100)', [id, day(18, since)]);
    await tx.query('update timeseries_data set value = 11 where source_id = $1 and timestamp = $2', [id, day(17.5, since)]);
  });
  assert.equal(
    await all(db, 'select value, quality_score, is_anomaly from timeseries_data where source_id = $1 and timestamp >= $2 order by timestamp', [id, day(17.5, since)]),
    [{ value: '11', quality_score: 100, is_anomaly: false }, { value: '100', quality_score: 100, is_anomaly: true }],
  );
  await db.query('call rescore($1)', [id]);
  assert.is((await scoreOf(db, id, day(18, since))).quality_score, 75);
});

for (const [deleted, left] of [[[0], []], [[0], [1, 2]], [[2], [0, 1]], [[0, 1, 2], []]] as const) {
  test(`a statement that writes rows into a compressed chunk and deletes ${deleted.length} of ${deleted.length + left.length} again`, async (db) => {
    const since = day(400 * left.length + 2000 * deleted[0], '1900-01-01');
    const id = await source(db);
    await write(db, [{ source_id: id, timestamp: since, value: 10 }], 'single inserts', { ingestMode: 'backfill' });
    await compressChunk(db, since);
    await transaction(db, { ingestMode: 'backfill' }, async (tx) => {
      await tx.query(`
        create or replace function pg_temp.delete_row(id int, moment timestamptz) returns void language plpgsql volatile
        as $$ begin delete from public.timeseries_data where source_id = id and timestamp = moment; end $$`);
      await tx.query(
        `with written as (
           insert into timeseries_data (source_id, timestamp, value)
           select $1, $2::timestamptz + make_interval(hours => n + 1), 100 from unnest($3::int[] || $4::int[]) as n
           returning timestamp
         )
         select pg_temp.delete_row($1, $2::timestamptz + make_interval(hours => n + 1)) from unnest($3::int[]) as n, (select count(*) from written) as w`,
        [id, since, deleted, left],
      );
    });
    const rows = await all(db, 'select value, quality_score from timeseries_data where source_id = $1 order by timestamp', [id]);
    assert.equal(rows, [{ value: '10', quality_score: 100 }, ...left.map((_, n) => ({ value: '100', quality_score: n === 0 ? 75 : 100 }))]);
    assert.is(await only(db, 'select count(*) from timeseries_archive where source_id = $1', [id]), `${deleted.length}`);
  });
}

test('a MERGE that only inserts is refused by TimescaleDB, or scored and audited by the embedded one', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  const mark = await auditMark(db);
  const merge = (): Promise<unknown> => db.query(
    `merge into timeseries_data as d
     using (select $1::int as source_id, '2020-01-01Z'::timestamptz + n * interval '1 day' as timestamp from generate_series(0, 1) as n) as n
     on d.source_id = n.source_id and d.timestamp = n.timestamp
     when not matched then insert (source_id, timestamp, value) values (n.source_id, n.timestamp, 2)`,
    [id],
  );
  if (db.engine === 'server') {
    await fails('0A000', merge);
    assert.match(readFileSync('README.md', 'utf8'), 'TimescaleDB has no `MERGE` for hypertables with compression', 'who writes one is warned');
  } else {
    await merge();
    assert.is((await scoreOf(db, id, day(1))).quality_score, 75);
    assert.equal((await auditSince(db, mark)).map((e) => e.action), ['INSERT']);
  }
});

test('rescore rewrites compressed history', async (db) => {
  const since = '1988-01-01';
  const id = await source(db);
  await write(db, Array.from({ length: 20 }, (_, n): Row => ({ source_id: id, timestamp: day(n, since), value: 10 })));
  await compressChunk(db, since, day(20, since));
  await db.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'never', 'value < 0', 'e')`, [id]);
  await db.query('call rescore($1)', [id]);
  assert.equal(
    await one(db, 'select count(*), max(quality_score) as best from timeseries_data where source_id = $1', [id]),
    { count: '20', best: 90 },
  );
});

// Views ----------------------------------------------------------------------------------------------------------------

test('chunk_stats has a line for each chunk, with its rows and ratio', async (db) => {
  const id = await source(db);
  await write(db, Array.from({ length: 25 }, (_, n): Row => ({ source_id: id, timestamp: day(n, '1975-01-10'), value: n })));
  const own = `select * from chunk_stats where range_start <= '1975-01-15Z' and range_end > '1975-01-15Z'`;
  const plain = await one(db, own);
  assert.equal([plain.is_compressed, plain.compression_ratio], [false, null]);
  assert.ok(Number(plain.total_bytes) > 0);
  await compressAll(db);
  const rows = Number(await only(db, `select count(*) from timeseries_data where timestamp >= $1 and timestamp < $2`, [plain.range_start, plain.range_end]));
  const compressed = await one(db, own);
  assert.equal([compressed.is_compressed, Number(compressed.row_count)], [true, rows]);
  assert.ok(Number(compressed.compression_ratio) > 0);
  // Rows written since count, too.
  await write(db, [{ source_id: id, timestamp: hour(1, '1975-01-12'), value: 1 }]);
  assert.is(Number((await one(db, own)).row_count), rows + 1);
  assert.is(
    await only(db, 'select count(*) from chunk_stats'),
    await only(db, `select count(*) from timescaledb_information.chunks where hypertable_name = 'timeseries_data'`),
  );
});

test('rows of plain chunks are counted', async (db) => {
  const id = await source(db);
  await write(db, Array.from({ length: 7 }, (_, n): Row => ({ source_id: id, timestamp: day(n, '1974-01-10'), value: n })));
  assert.is(await only(db, `select row_count from chunk_stats where range_start <= '1974-01-12Z' and range_end > '1974-01-12Z'`), '7');
});

test('chunk_compression_stats() without arguments is that of the hypertable', async (db) => {
  await compressAll(db);
  const stats = await all(db, 'select * from chunk_compression_stats()');
  assert.is(stats.length, Number(await only(db, `select count(*) from timescaledb_information.chunks where hypertable_name = 'timeseries_data'`)));
  const [first] = stats;
  assert.is(first!.is_compressed, true);
  assert.is(Number(first!.ratio), Math.round((100 * Number(first!.before_bytes)) / Number(first!.after_bytes)) / 100);
  // TimescaleDB's own, with arguments, is still there.
  assert.ok((await all(db, `select * from chunk_compression_stats('timeseries_data')`)).length > 0);
});

test('aggregate_refresh_status knows each aggregate, its policy and how far it is materialized', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: hour(0, '2024-05-01'), close: 1 }]);
  await db.query('call refresh_all_aggregates()');
  const rows = await all(db, 'select * from aggregate_refresh_status order by aggregate');
  assert.equal(rows.map((row) => [row.aggregate, row.is_real_time]), aggregates.map((name) => [name, true]));
  for (const row of rows) {
    assert.ok(row.job_id > 0 && row.schedule_interval, row.aggregate);
    assert.ok(row.materialized_until > new Date('2024-05-01'), row.aggregate);
  }
});

// It is loaded on few servers: a table stands in for what it would say.
test('slow_queries: of this database, above 500 ms on average, the slowest first', async (db) => {
  const client = await db.pool.connect();
  try {
    await client.query(`begin; drop extension if exists pg_stat_statements;
      create table public.pg_stat_statements (query text, calls bigint, mean_exec_time float8, total_exec_time float8, rows bigint, dbid oid);
      insert into public.pg_stat_statements
      select query, calls, mean, mean * calls, rows, coalesce(other, (select oid from pg_database where datname = current_database()))
      from (values ('slow', 4, 500.5, 6, null), ('quick', 9, 500, 9, null), ('slower', 2, 900.5, 0, null), ('elsewhere', 1, 9000, 1, 1::oid))
        as s (query, calls, mean, rows, other)`);
    assert.equal((await client.query('select * from slow_queries')).rows, [
      { query: 'slower', calls: '2', mean_ms: 900.5, total_ms: 1801, rows_per_call: '0.0' },
      { query: 'slow', calls: '4', mean_ms: 500.5, total_ms: 2002, rows_per_call: '1.5' },
    ]);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('slow_queries shows a statement of more than 500 ms', async (db) => {
  const isLoaded = await only(
    db,
    `select current_setting('shared_preload_libraries') ~ 'pg_stat_statements' and exists (select from pg_extension where extname = 'pg_stat_statements')`,
  );
  if (!isLoaded) {
    assert.equal(await all(db, 'select * from slow_queries'), []);
    return;
  }
  await db.query('select pg_sleep(0.55)');
  await db.query('select 1');
  const [row] = await all(db, `select * from slow_queries where query ~ 'pg_sleep'`);
  assert.ok(row!.mean_ms >= 550 && row!.calls === '1');
  assert.equal(await all(db, `select 1 from slow_queries where mean_ms <= 500`), []);
});

// Retention, last: it drops chunks -------------------------------------------------------------------------------------

test('retention must be positive', async (db) => {
  await fails('22023', () => db.query(`select set_retention('0')`));
  await fails('22023', () => db.query(`select set_retention('-1 day')`));
});

test('retention drops old chunks, keeps the aggregates and writes one audit entry', async (db) => {
  const id = await source(db);
  const recent = await only(db, `select to_json(date_trunc('day', now() - interval '20 days')) #>> '{}'`);
  await write(db, [
    ...Array.from({ length: 10 }, (_, n): Row => ({ source_id: id, timestamp: day(n, '2010-03-01'), close: 10 })),
    ...Array.from({ length: 10 }, (_, n): Row => ({ source_id: id, timestamp: day(n, recent), close: 10 })),
  ]);
  await db.query('call refresh_all_aggregates()');

  const job = await only(db, `select set_retention('10 years')`);
  assert.is(await only(db, `select set_retention('5 years')`) > job, true, 'set again');
  const jobs = await all(db, `select job_id, config from timescaledb_information.jobs where proc_name = 'drop_old_chunks'`);
  assert.equal(jobs.map((j) => j.config), [{ drop_after: '5 years' }]);

  const dropped = await one(
    db,
    `select count(*) as rows, min(timestamp) as from, max(timestamp) as to from timeseries_data
     where timestamp < (select max(range_end) from timescaledb_information.chunks where hypertable_name = 'timeseries_data' and range_end <= now() - interval '5 years')`,
  );
  assert.ok(Number(dropped.rows) > 10);
  // The dry run tells of each chunk what goes, and when.
  // Without their size, which autovacuum may change meanwhile.
  const shown = 'select chunk, range_start, range_end, row_count, source_names, drops_at, is_due from';
  const preview = await all(db, `${shown} preview_retention()`);
  assert.equal(preview, await all(db, `${shown} preview_retention('5 years')`));
  assert.equal(preview.map((row) => row.chunk), await column(db, 'select chunk from chunk_stats order by range_start'));
  const due = await all(db, `
    select p.range_start as "from", p.range_end as "to", count(d.source_id)::int as rows,
      (select coalesce(jsonb_object_agg(n.source_id, n.rows), '{}') from (
        select source_id, count(*) as rows from timeseries_data where timestamp >= p.range_start and timestamp < p.range_end group by 1) as n) as sources,
      p.source_names, array(select name from sources where source_id = any (array_agg(d.source_id)) order by name) as names
    from preview_retention('5 years') as p left join timeseries_data as d on d.timestamp >= p.range_start and d.timestamp < p.range_end
    where p.is_due group by 1, 2, p.source_names order by 1`);
  for (const row of due) assert.equal(row.source_names, row.names);
  assert.equal(preview.filter((row) => row.is_due).map((row) => row.range_end), due.map((row) => row.to));
  for (const row of preview) assert.is(row.drops_at <= new Date(), row.is_due, row.chunk);
  assert.equal(await all(db, `${shown} preview_retention()`), preview, 'it changes nothing');

  const mark = await auditMark(db);
  const archived = await only(db, 'select count(*) from timeseries_archive');
  await db.query('call run_job($1)', [jobs[0]!.job_id]);

  const entries = await auditSince(db, mark);
  assert.is(entries.length, 1);
  const [entry] = entries;
  assert.equal([entry!.action, entry!.reason, entry!.old_value.rows], ['DELETE', 'retention', Number(dropped.rows)]);
  assert.equal([new Date(entry!.old_value.from), new Date(entry!.old_value.to)], [dropped.from, dropped.to]);
  assert.is(entry!.old_value.chunks, due.length);
  assert.equal(
    entry!.old_value.dropped.map((chunk: AnyRow) => ({ ...chunk, from: new Date(chunk['from']), to: new Date(chunk['to']) })),
    due.map(({ from, to, rows, sources }) => ({ from, to, rows, sources })),
  );
  assert.equal((await all(db, 'select * from preview_retention()')).filter((row) => row.is_due), [], 'nothing is left that is due');
  assert.is(await only(db, 'select count(*) from timeseries_archive'), archived, 'nothing is archived');
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '10');

  // Nothing left to drop: no entry.
  await db.query('call run_job($1)', [jobs[0]!.job_id]);
  assert.is((await auditSince(db, mark)).length, 1);

  // What comes back into the dropped range, late or from the archive, is dropped again, and that is written down, too.
  await db.query(`insert into timeseries_archive (source_id, timestamp, close, quality_score, is_anomaly, is_validated, is_backfilled, created_at, updated_at)
    values ($1, '2010-03-02', 11, 100, false, true, true, now(), now())`, [id]);
  assert.is(await only(db, 'select restore_archived($1)', [id]), '1');
  const again = await auditMark(db);
  await db.query('call run_job($1)', [jobs[0]!.job_id]);
  assert.equal((await auditSince(db, again)).map((e) => [e.old_value.rows, e.old_value.dropped.map((chunk: AnyRow) => chunk['sources'])]), [[1, [{ [id]: 1 }]]]);
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '10');
  assert.is(await only(db, 'select count(*)::int from timeseries_archive where source_id = $1', [id]), 1);

  // The aggregates outlive the rows, also through later refreshes.
  await db.query('call refresh_all_aggregates()');
  assert.is(await only(db, 'select count(*) from daily_ohlcv where source_id = $1', [id]), '20');
  for (const policy of await column(db, 'select job_id from aggregate_refresh_status')) await db.query('call run_job($1)', [policy]);
  assert.is(await only(db, 'select count(*) from daily_ohlcv where source_id = $1', [id]), '20');
  assert.is(await only(db, 'select sum(data_points) from weekly_stats where source_id = $1', [id]), '20');
});

test.onServer('what comes while retention waits to drop its chunk is counted too', async (db) => {
  const id = await source(db);
  const job = await only(db, `select set_retention('5 years')`);
  await write(db, [{ source_id: id, timestamp: day(0, '2011-03-01'), value: 1 }]);
  const mark = await auditMark(db);
  const [writer, retention] = [await db.pool.connect(), await db.pool.connect()];
  try {
    await writer.query('begin');
    await writer.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1), ($1, $3, 1)',
      [id, day(1, '2011-03-01'), day(0, '2011-09-01')]);
    const dropping = retention.query('call run_job($1)', [job]);
    const pid = (retention as typeof retention & { processID: number }).processID;
    for (const end = Date.now() + 20_000; !await only(db, `select exists (select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock')`, [pid]);) {
      assert.ok(Date.now() < end, 'it does not wait');
    }
    await writer.query('commit');
    await dropping;
  } finally {
    for (const client of [writer, retention]) client.release(true);
    await db.query('select set_retention(null)');
  }
  const entry = (await auditSince(db, mark)).find(({ reason }) => reason === 'retention');
  const told = entry?.old_value.dropped.reduce((sum: number, chunk: AnyRow) => sum + (chunk['sources'][id] ?? 0), 0);
  // Whether the newer chunk goes, too, depends on when it was seen first; what goes is told.
  const left = await only(db, 'select count(*)::int from timeseries_data where source_id = $1', [id]);
  assert.ok(told >= 2, String(told));
  assert.is(told, 3 - left);
});

test('what the dry run says of a chunk does not depend on how long months are, nor on the time zone', async (db) => {
  // Months after the end of a chunk, and months before now, may be different days.
  const keep = await only(db, `
    select make_interval(months => m, days => greatest(k.after, k.before))::text
    from chunk_stats as c
    cross join generate_series(1, 24) as m
    cross join lateral (
      select
        extract(day from now() - (c.range_end + make_interval(months => m)))::int as after,
        extract(day from now() - make_interval(months => m) - c.range_end)::int as before
    ) as k
    where k.after <> k.before and least(k.after, k.before) >= 0
    order by m limit 1`);
  const look = (tx: Runner): Promise<AnyRow[]> => all(tx, 'select chunk, drops_at, is_due from preview_retention($1)', [keep]);
  const preview = await look(db);
  for (const row of preview) assert.is(row['drops_at'] <= new Date(), row['is_due'], keep);
  const client = await db.pool.connect();
  try {
    await client.query(`begin; set local timezone = 'America/New_York'`);
    assert.equal(await look(client), preview);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test.onServer('of several who set retention at once the last one has set it', async (db) => {
  await Promise.all(Array.from({ length: 4 }, (_, n) => db.query('select set_retention($1)', [`${n + 20} years`])));
  assert.is((await column(db, `select 1 from timescaledb_information.jobs where proc_name = 'drop_old_chunks'`)).length, 1);
});

test('retention is switched off with null, and what it dropped stays in the aggregates', async (db) => {
  await db.query(`select set_retention('5 years')`);
  assert.is(await only(db, 'select set_retention(null)'), null);
  assert.equal(await column(db, `select 1 from timescaledb_information.jobs where proc_name = 'drop_old_chunks'`), []);

  const before = await only(db, `select count(*) from daily_ohlcv where day < now() - interval '6 years'`);
  assert.ok(Number(before) >= 10, `${before} days of dropped history`);
  // A late row in the dropped range makes a chunk there again.
  await write(db, [{ source_id: await source(db), timestamp: day(40, '2010-03-01'), close: 10 }]);
  for (const policy of await column(db, 'select job_id from aggregate_refresh_status')) await db.query('call run_job($1)', [policy]);
  await db.query('call refresh_all_aggregates()');
  assert.is(await only(db, `select count(*) from daily_ohlcv where day < now() - interval '6 years'`), before);
});

test.run();
