/** data_freshness, latest_values and quality_overview. */
import { assert, databaseSuite } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { transaction } from '../../src/client/transaction.js';
import { all, candle, column, compressAll, day, one, only, source, write, type AnyRow, type Row } from './support.js';

const test = databaseSuite('overview');

// data_freshness -------------------------------------------------------------------------------------------------------

const freshness = 'select * from data_freshness where source_id = $1';

/** 40 rows, 2 of them anomalies, one of them without a value. */
async function mixed(db: TestDatabase): Promise<number> {
  const id = await source(db);
  const rows: Row[] = Array.from({ length: 40 }, (_, n) => ({ source_id: id, timestamp: day(n), value: 10 + (n % 2) }));
  rows[35]!.value = 500;
  rows[36]!.value = null;
  rows[39]!.value = 9000;
  await write(db, rows);
  return id;
}

/** Freshness counts what a plain query counts. */
async function counts(db: TestDatabase, id: number): Promise<void> {
  const plain = await one(
    db,
    `select count(*) as rows, count(*) filter (where is_anomaly) as anomalies, round(avg(quality_score), 2) as score
     from timeseries_data where source_id = $1`,
    [id],
  );
  const row = await one(db, freshness, [id]);
  assert.equal([row.row_count, row.anomaly_count, row.avg_quality_score], [plain.rows, plain.anomalies, plain.score]);
  assert.equal([plain.rows, plain.anomalies], ['40', '2']);
}

test('rows, anomalies and the average score are counted before the first refresh', async (db) => {
  await counts(db, await mixed(db));
});

test('they are counted after a refresh, and when the chunks are compressed', async (db) => {
  const id = await mixed(db);
  await db.query('call refresh_all_aggregates()');
  await counts(db, id);
  const other = await mixed(db);
  await compressAll(db);
  await db.query('call refresh_all_aggregates()');
  await counts(db, id);
  await counts(db, other);
});

test('freshness reads one row of each series, not the series', async (db) => {
  await db.query('delete from timeseries_data');
  const ids: number[] = [];
  for (let n = 0; n < 5; n++) ids.push(await source(db));
  await write(db, ids.flatMap((id) => Array.from({ length: 60 }, (_, n): Row => ({ source_id: id, timestamp: day(n, '2023-01-01'), value: 10 }))));
  await db.query('call refresh_all_aggregates()');
  const [plan] = await transaction(db, {}, async (tx) => {
    await tx.query('set local enable_seqscan = off'); // what the planner does by itself once there are many rows
    return column(tx, 'explain (analyze, format json) select * from data_freshness');
  });
  const read = rowsRead(plan[0].Plan);
  assert.ok(read < 20, `${read} of 300 rows`);
});

/** Rows that the scans of a plan take from the chunks of the hypertable. */
function rowsRead(node: AnyRow): number {
  const own = /^_hyper_1_/.test(node['Relation Name'] ?? '') ? node['Actual Rows'] * node['Actual Loops'] : 0;
  return (node.Plans ?? []).reduce((sum: number, child: AnyRow) => sum + rowsRead(child), own);
}

/** A source of that frequency whose only row is `age` old. The clock is that of the database. */
async function aged(db: TestDatabase, frequency: string, age: string, columns: Record<string, unknown> = {}): Promise<number> {
  const id = await source(db, { update_frequency: frequency, ...columns });
  await db.query(`insert into timeseries_data (source_id, timestamp, value) values ($1, now() - $2::interval, 1)`, [id, age]);
  return id;
}

for (const [frequency, age, expected] of [
  ['1 day', '0', 'FRESH'],
  ['1 day', '35 hours 59 minutes', 'FRESH'],
  ['1 day', '36 hours 1 minute', 'WARNING'],
  ['1 day', '47 hours 59 minutes', 'WARNING'],
  ['1 day', '48 hours 1 minute', 'STALE'],
  ['1 day', '71 hours 59 minutes', 'STALE'],
  ['1 day', '72 hours 1 minute', 'CRITICAL'],
  ['1 day', '10 years', 'CRITICAL'],
  ['1 hour', '89 minutes', 'FRESH'],
  ['1 hour', '91 minutes', 'WARNING'],
  ['1 week', '10 days', 'FRESH'],
  ['1 week', '22 days', 'CRITICAL'],
] as const) {
  test(`a row every ${frequency} that is ${age} old is ${expected}`, async (db) => {
    assert.is((await one(db, freshness, [await aged(db, frequency, age)])).freshness, expected);
  });
}

test('a source without rows is EMPTY', async (db) => {
  const row = await one(db, freshness, [await source(db)]);
  assert.equal(
    [row.freshness, row.last_timestamp, row.data_age, row.row_count, row.anomaly_count, row.avg_quality_score],
    ['EMPTY', null, null, '0', '0', null],
  );
});

for (const status of ['inactive', 'deprecated', 'testing']) {
  test(`a source that is ${status} is INACTIVE, with or without rows`, async (db) => {
    assert.is((await one(db, freshness, [await aged(db, '1 day', '0', { status })])).freshness, 'INACTIVE');
    assert.is((await one(db, freshness, [await source(db, { status })])).freshness, 'INACTIVE');
  });
}

test('the newest row counts, not the one that came last', async (db) => {
  const id = await aged(db, '1 day', '1 hour');
  await db.query(`insert into timeseries_data (source_id, timestamp, value) values ($1, now() - interval '90 days', 1)`, [id]);
  const row = await one(db, `select freshness, data_age between '1 hour' and '2 hours' as right_age, last_timestamp from data_freshness where source_id = $1`, [id]);
  assert.equal([row.freshness, row.right_age], ['FRESH', true]);
  assert.equal(row.last_timestamp, await only(db, 'select max(timestamp) from timeseries_data where source_id = $1', [id]));
});

test('there is one line for each source', async (db) => {
  assert.equal(await column(db, 'select source_id from data_freshness order by 1'), await column(db, 'select source_id from sources order by 1'));
});

// latest_values --------------------------------------------------------------------------------------------------------

test('the newest row of each source comes with its metadata and quality', async (db) => {
  const id = await source(db, { data_type: 'ohlcv', category: 'price', metadata: { symbol: 'BTC' } });
  await write(db, [
    { source_id: id, timestamp: day(2), ...candle(100), close: 99 },
    { source_id: id, timestamp: day(1), ...candle(100) },
    { source_id: id, timestamp: day(0), ...candle(100) },
  ]);
  const row = await one(db, 'select * from latest_values where source_id = $1', [id]);
  assert.equal(
    [row.timestamp.toISOString(), row.level, row.close, row.open, row.value, row.category, row.metadata, row.quality_score, row.is_validated],
    [day(2), '99', '99', '100', null, 'price', { symbol: 'BTC' }, 90, false],
  );
});

test('the level of a latest value is the close, else the value', async (db) => {
  const [a, b] = [await source(db), await source(db)];
  await write(db, [{ source_id: a, timestamp: day(0), value: '1.50' }, { source_id: b, timestamp: day(0), close: 3, value: 1 }]);
  assert.equal(await column(db, 'select level from latest_values where source_id = any ($1) order by source_id', [[a, b]]), ['1.50', '3']);
});

test('a source without rows has no latest value', async (db) => {
  assert.equal(await all(db, 'select 1 from latest_values where source_id = $1', [await source(db)]), []);
});

test('a newest row that is deleted gives way to the one before', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }, { source_id: id, timestamp: day(40), value: 2 }]);
  await db.query('delete from timeseries_data where source_id = $1 and timestamp = $2', [id, day(40)]);
  assert.is(await only(db, 'select level from latest_values where source_id = $1', [id]), '1');
});

test('latest values are found in compressed chunks', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0, '2012-01-01'), value: 1 }, { source_id: id, timestamp: day(1, '2012-01-01'), value: 2 }]);
  await compressAll(db);
  assert.is(await only(db, 'select level from latest_values where source_id = $1', [id]), '2');
});

// quality_overview -----------------------------------------------------------------------------------------------------

test('the overview counts scores, violations, anomalies and gaps', async (db) => {
  const id = await source(db, { update_frequency: '1 day' });
  await db.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'small', 'value < 400', 'e')`, [id]);
  const rows: Row[] = Array.from({ length: 40 }, (_, n) => ({ source_id: id, timestamp: day(n, '2022-01-03'), value: 10 + (n % 2) }));
  rows[35]!.value = 500;
  rows[39]!.value = '13';
  rows.splice(37, 1);
  await write(db, rows, 'COPY', { ingestMode: 'backfill' });
  await db.query('call record_gaps($1)', [id]);
  await db.query('call refresh_all_aggregates()');
  const { avg_quality_score, first_week, last_week, ...row } = await one(db, 'select * from quality_overview where source_id = $1', [id]);
  assert.equal({ ...row, name: '' }, {
    source_id: id,
    name: '',
    data_type: 'simple',
    row_count: '39',
    min_quality_score: 65,
    invalid_count: '1',
    anomaly_count: '1',
    open_anomalies: '2',
    black_swans: '1',
    open_gaps: '1',
  });
  assert.is(avg_quality_score, await only(db, 'select round(avg(quality_score), 2) from timeseries_data where source_id = $1', [id]));
  assert.equal([first_week.toISOString(), last_week.toISOString()], ['2022-01-03T00:00:00.000Z', '2022-02-07T00:00:00.000Z']);

  await db.query(`update anomalies set is_false_positive = true, resolved_at = now(), resolved_by = 'alice' where source_id = $1 and is_blackswan`, [id]);
  assert.equal(
    await one(db, 'select open_anomalies, black_swans, open_gaps from quality_overview where source_id = $1', [id]),
    { open_anomalies: '1', black_swans: '0', open_gaps: '1' },
  );
});

test('a source without rows has zeroes', async (db) => {
  const row = await one(db, 'select * from quality_overview where source_id = $1', [await source(db)]);
  assert.equal([row.row_count, row.avg_quality_score, row.open_anomalies, row.invalid_count], ['0', null, '0', '0']);
});

test('no view fails for all because of one absurd row, nor does what keeps them up to date', async (db) => {
  const id = await source(db, { update_frequency: '10 years' });
  const huge = '9.9e131071';
  await write(db, ['2021-02-02', '2021-02-03', '2021-02-04'].map((since, n) => ({ source_id: id, timestamp: day(0, since), close: n === 1 ? `-${huge}` : huge, volume: huge })));
  await write(db, [{ source_id: id, timestamp: '0001-01-01T00:00:00Z', value: 1 }, { source_id: id, timestamp: '9999-12-31T23:59:59Z', value: 1 }]);
  await db.query(
    `insert into forecasts (source_id, forecast_timestamp, target_timestamp, predicted_value, model_name, model_version)
     select $1, d - interval '1 day', d, p, 'absurd', '1' from (values ('2021-02-03Z'::timestamptz, $2::numeric), ('2021-02-04Z', -$2::numeric)) as f (d, p)`,
    [id, huge],
  );
  await db.query('call score_forecasts()');
  await db.query('call refresh_all_aggregates()');
  const views = await column(db, `select viewname from pg_views where schemaname = 'public' and viewname !~ '^(slow_queries|pg_stat_)' and viewowner = current_user order by 1`);
  assert.ok(views.includes('data_freshness') && views.includes('weekly_stats') && views.includes('forecast_accuracy'), views.join());
  for (const view of views) await db.query(`select * from public.${view}`);
  assert.is(await only(db, 'select row_count from data_freshness where source_id = $1', [id]), '5');
  assert.is(await only(db, `select forecasts_scored from forecast_accuracy where model_name = 'absurd'`), '2');
});

test.run();
