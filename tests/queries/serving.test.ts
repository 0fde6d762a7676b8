/** What is asked for by many: relations of several sources at once, TradingView's datafeed, and metrics. */
import * as generatedMetrics from '../../queries/metrics.queries.js';
import * as generatedRelations from '../../queries/relations.queries.js';
import * as generatedUdf from '../../queries/udf.queries.js';
import * as audit from '../../queries/audit.queries.js';
import * as candles from '../../queries/candles.queries.js';
import * as charts from '../../queries/charts.queries.js';
import * as series from '../../queries/series.queries.js';
import { bulkUpsert, type RowInput } from '../../src/write/bulk-upsert.js';
import { assert, databaseSuite } from '../support/suite.js';
import { checked } from './declared.js';

const { queries: metrics, allProven: allMetricsProven } = checked('metrics', generatedMetrics);
const { queries: relations, allProven: allRelationsProven } = checked('relations', generatedRelations);
const { queries: udf, allProven: allUdfProven } = checked('udf', generatedUdf);

const hour = 3_600_000;
const day = 24 * hour;
/** A Monday. */
const start = Date.UTC(2024, 0, 1);
const at = (ms: number): Date => new Date(start + ms);
const seconds = (ms: number): number => (start + ms) / 1000;

/** Ids in the order of registration. */
const [btc, rsi, empty, stock] = [1, 2, 3, 4] as const;
const source_ids = [btc, rsi, empty, stock];

/** Four days of hours, one of them far too high; the second day is missing. */
const hours = Array.from({ length: 96 }, (_, i) => i).filter((i) => i < 24 || i >= 48);
const level = (i: number): number => (i === 90 ? 900 : 100 + (i % 5));
const rows: RowInput[] = [
  ...hours.map((i) => ({ source_id: btc, timestamp: at(i * hour), open: level(i), high: level(i) + 2, low: level(i) - 1, close: `${level(i)}.25`, volume: '1.5' })),
  ...[70, 71, 72].map((value, i) => ({ source_id: rsi, timestamp: at(i * day), value })),
  { source_id: stock, timestamp: at(0), open: 10, high: 10, low: 10, close: 10, volume: 1 },
];

const test = databaseSuite('serving', async (db) => {
  await db.query(`insert into sources (name, display_name, category, data_type, update_frequency, market_type) values
    ('btc', 'Bitcoin', 'price', 'ohlcv', '1 hour', 'CRYPTO'),
    ('rsi', 'RSI of Bitcoin', 'oscillator', 'calculated', '1 day', 'CRYPTO'),
    ('empty', 'Empty', 'price', 'ohlcv', '1 hour', 'CRYPTO'),
    ('stock', 'A stock', 'price', 'ohlcv', '1 day', 'US')`);
  await bulkUpsert(db, rows, { ingestMode: 'backfill' });
  await db.query(`insert into lineage (derived_source_id, parent_source_id, calculation_type) values (${rsi}, ${btc}, 'sql')`);
  await db.query(`select upsert_features(array[jsonb_build_object('source_id', 1, 'timestamp', '2024-01-01', 'volatility_7d', 0.1, 'volatility_30d', 0.2,
    'volatility_90d', 0.3, 'rsi_value', 50, 'rsi_momentum', 1, 'macd_value', 1, 'macd_signal', 1, 'volume_sma_20', 1, 'volume_ratio', 1,
    'funding_rate', 0, 'funding_delta', 0, 'basis_spread', 0, 'social_volume', 0, 'social_sentiment', 0, 'regime', 'bull', 'regime_probability', 1),
    jsonb_build_object('source_id', 1, 'timestamp', '2024-01-02')]::features_input[])`);
  await db.query(`insert into ml_models (name, version, model_type) values ('m', '1', 'gbm')`);
  await db.query(`insert into forecasts (source_id, forecast_timestamp, target_timestamp, predicted_value, confidence_lower, confidence_upper, confidence_level, model_id, model_name)
    select 1, '2024-01-01', '2024-01-03'::timestamptz + i * interval '1 hour', 100, 90, 110, 0.9, 1, 'm' from generate_series(0, 2) as i`);
  await db.query('call score_forecasts()');
  await db.query(`update anomalies set reviewed = true, resolved_at = now(), resolved_by = 'ann', resolution_notes = 'typed twice' where source_id = 1`);
  await db.query('call refresh_all_aggregates()');
  await db.query(`call compress_old_chunks('7 days')`);
});

const of = <Row extends { source_id: number }>(found: readonly Row[], id: number): Row[] => found.filter(({ source_id }) => source_id === id);

test('the newest row of each, and those that have none are left out', async (db) => {
  const latest = await relations.latest.run({ source_ids }, db);
  assert.equal(latest.map(({ source_id, timestamp, close, value }) => [source_id, timestamp, close ?? value]).sort(),
    [[btc, at(95 * hour), '100.25'], [rsi, at(2 * day), '72'], [stock, at(0), '10']]);
  assert.equal(await relations.latest.run({ source_ids: [] }, db), []);
});

test('each gets as many rows as it would get alone: the newest, oldest first', async (db) => {
  const found = await relations.rows.run({ source_ids, limit: 2 }, db);
  assert.equal(of(found, btc).map(({ timestamp }) => timestamp), [at(94 * hour), at(95 * hour)]);
  assert.equal(of(found, rsi).map(({ timestamp }) => timestamp), [at(day), at(2 * day)]);
  assert.is(found.length, 5);
  const within = await relations.rows.run({ source_ids, from: at(day), to: at(2 * day), limit: 100 }, db);
  assert.equal(within.map(({ source_id }) => source_id), [rsi]);
  const [range, all] = [await series.range.run({ source_id: btc, from: at(0), to: at(5 * day), limit: 1000 }, db), of(await relations.rows.run({ source_ids, limit: 1000 }, db), btc)];
  assert.equal(all.map(({ source_id, ...row }) => row), range, 'the same rows as one by one');
});

test('candles of each', async (db) => {
  const range = { bucket: '1 day', from: at(0), to: at(5 * day) };
  const found = await relations.candles.run({ ...range, source_ids, limit: 2 }, db);
  const alone = await candles.buckets.run({ ...range, source_id: btc }, db);
  assert.equal(of(found, btc).map(({ source_id, ...candle }) => candle), alone.slice(-2));
  assert.equal([of(found, rsi), of(found, empty), of(found, stock).length], [[], [], 1]);
  const daily = await relations.dailyCandles.run({ source_ids, limit: 2 }, db);
  assert.equal(daily.map(({ volume, ...candle }) => candle), found.map(({ volume, ...candle }) => candle), 'the same out of the aggregate');
  assert.is((await relations.dailyCandles.run({ source_ids, from: at(2 * day), to: at(3 * day), limit: 9 }, db)).length, 1);
});

test('anomalies, gaps, lineage, features and forecasts of each', async (db) => {
  const anomalies = await relations.anomalies.run({ source_ids, limit: 1 }, db);
  assert.equal(anomalies.map(({ source_id, timestamp, resolved_by }) => [source_id, timestamp, resolved_by]), [[btc, at(90 * hour), 'ann']]);
  assert.equal(await relations.anomalies.run({ source_ids, to: at(90 * hour), limit: 1 }, db), []);

  const gaps = await relations.gaps.run({ source_ids: [btc, rsi], from: at(0), to: at(2 * day), limit: 5 }, db);
  assert.equal(gaps.map(({ source_id, gap_start, missing_points }) => [source_id, gap_start, missing_points]), [[btc, at(day), '24']]);

  const lineage = await relations.lineage.run({ source_ids, limit: 5 }, db);
  assert.equal(lineage.map(({ source_id, direction, name, depth }) => [source_id, direction, name, depth]), [[btc, 'downstream', 'rsi', 1], [rsi, 'upstream', 'btc', 1]]);

  assert.equal((await relations.features.run({ source_ids, limit: 1 }, db)).map(({ source_id, timestamp }) => [source_id, timestamp]), [[btc, at(day)]]);
  await relations.features.run({ source_ids, limit: 2 }, db);
  const forecasts = await relations.forecasts.run({ source_ids, limit: 2 }, db);
  assert.equal(forecasts.map(({ target_timestamp }) => target_timestamp), [at(2 * day + hour), at(2 * day + 2 * hour)]);
});

test('relations are proven', async () => allRelationsProven());

const json = async (answer: Promise<{ json: string }[]>): Promise<unknown> => JSON.parse((await answer)[0]!.json);

test('udf: what the feed can do, and its time', async (db) => {
  const config = await json(udf.config.run(undefined, db)) as Record<string, unknown>;
  assert.is(config['supports_marks'], true);
  assert.equal(config['exchanges'], ['', 'US', 'CRYPTO', 'FOREX', 'COMMODITIES'].map((value) => ({ value, name: value || 'All', desc: value })));
  assert.ok(Math.abs(Number(await json(udf.time.run(undefined, db))) - Date.now() / 1000) < 5);
});

test('udf: a symbol has the digits and the resolutions of its rows', async (db) => {
  const symbol = await json(udf.symbols.run({ symbol: 'btc' }, db)) as Record<string, unknown>;
  const { name, pricescale, volume_precision, has_intraday, session, timezone } = symbol;
  assert.equal([name, pricescale, volume_precision, has_intraday, session, timezone], ['btc', 100, 1, true, '24x7', 'Etc/UTC']);
  assert.equal(symbol['supported_resolutions'], ['60', '120', '240', '360', '720', '1D', '1W', '1M']);
  const daily = await json(udf.symbols.run({ symbol: 'stock' }, db)) as Record<string, unknown>;
  assert.equal([daily['has_intraday'], daily['supported_resolutions'], daily['timezone']], [false, ['1D', '1W', '1M'], 'America/New_York']);
  assert.equal(((await json(udf.symbols.run({ symbol: 'empty' }, db))) as { pricescale: number }).pricescale, 100);
  assert.equal(await json(udf.symbols.run({ symbol: 'nothing' }, db)), { s: 'error', errmsg: 'unknown_symbol' });
});

test('udf: search', async (db) => {
  const search = async (params: Parameters<typeof udf.search.run>[0]): Promise<unknown> =>
    ((await json(udf.search.run(params, db))) as { symbol: string }[]).map(({ symbol }) => symbol);
  // What begins with it comes first.
  assert.equal(await search({ query: 'BTC' }), ['btc']);
  assert.equal(await search({ query: 'bitcoin' }), ['btc', 'rsi']);
  assert.equal(await search({ query: 'st' }), ['stock']);
  assert.equal(await search({ query: '' }), ['btc', 'empty', 'rsi', 'stock']);
  assert.equal(await search({ query: '', exchange: 'US' }), ['stock']);
  assert.equal(await search({ query: '', type: 'ohlcv', exchange: '', limit: 2 }), ['btc', 'empty']);
  assert.equal(await search({ query: '%' }), []);
});

test('udf: history as numbers, oldest first', async (db) => {
  const found = await json(udf.history.run({ symbol: 'btc', resolution: '60', from: seconds(0), to: seconds(2 * hour) }, db));
  assert.equal(found, { s: 'ok', t: [seconds(0), seconds(hour)], o: [100, 101], h: [102, 103], l: [99, 100], c: [100.25, 101.25], v: [1.5, 1.5] });
  const lines = await json(udf.history.run({ symbol: 'rsi', resolution: '1D', from: seconds(0), to: seconds(day) }, db));
  assert.equal(lines, { s: 'ok', t: [seconds(0)], o: [70], h: [70], l: [70], c: [70], v: [0] }, 'a source of single values');
  const weekly = await json(udf.history.run({ symbol: 'btc', resolution: 'W', from: seconds(0), to: seconds(7 * day) }, db)) as { t: number[]; c: number[] };
  assert.equal([weekly.t, weekly.c], [[seconds(0)], [100.25]]);
  const monthly = await json(udf.history.run({ symbol: 'btc', resolution: '1M', from: seconds(0), to: seconds(7 * day) }, db)) as { t: number[] };
  assert.equal(monthly.t, [seconds(0)]);
});

test('udf: so many bars back, over a gap, and the newest when it is cut', async (db) => {
  const back = await json(udf.history.run({ symbol: 'btc', resolution: '60', from: seconds(48 * hour), to: seconds(49 * hour), countback: 3 }, db)) as { t: number[] };
  assert.equal(back.t, [22, 23, 48].map((i) => seconds(i * hour)));
  const cut = await json(udf.history.run({ symbol: 'btc', resolution: '60', from: seconds(0), to: seconds(96 * hour), limit: 2 }, db)) as { t: number[] };
  assert.equal(cut.t, [94, 95].map((i) => seconds(i * hour)));
});

test('udf: where there is nothing, the newest bar before', async (db) => {
  const history = (symbol: string, from: number, to: number, resolution = '60', countback?: number): Promise<unknown> =>
    json(udf.history.run({ symbol, resolution, from: seconds(from), to: seconds(to), countback }, db));
  assert.equal(await history('btc', 30 * hour, 40 * hour), { s: 'no_data', nextTime: seconds(23 * hour) });
  assert.equal(await history('btc', 30 * hour, 40 * hour, '1D'), { s: 'no_data', nextTime: seconds(0) });
  assert.equal(await history('btc', -9 * hour, -8 * hour), { s: 'no_data' }, 'nothing is before');
  assert.equal(await history('btc', -9 * hour, -8 * hour, '60', 5), { s: 'no_data' });
  assert.equal(await history('empty', 0, day), { s: 'no_data' });
  assert.equal(await history('nothing', 0, day), { s: 'error', errmsg: 'unknown_symbol' });
  for (const resolution of ['', '0', 'D1', '1H', '-5', '1S', '999999', "1'"]) {
    assert.equal(await history('btc', 0, day, resolution), { s: 'error', errmsg: 'unknown_resolution' }, resolution);
  }
});

test('udf: anomalies are the marks', async (db) => {
  const marks = await json(udf.marks.run({ symbol: 'btc', from: seconds(0), to: seconds(96 * hour) }, db)) as Record<string, unknown[]>;
  assert.equal([marks['time'], marks['color'], marks['label'], marks['minSize']], [[seconds(90 * hour)], ['red'], ['!'], [25]]);
  assert.match(String(marks['text']![0]), /^outlier 6sigma, z = \d+\.\d, resolved$/);
  const none = await json(udf.marks.run({ symbol: 'btc', from: seconds(0), to: seconds(hour) }, db)) as Record<string, unknown[]>;
  assert.ok(Object.values(none).every((list) => Array.isArray(list) && list.length === 0));
});

test('udf is proven', async () => allUdfProven());

test('the anomalies are counted once for all sources', async (db) => {
  const { rows } = await db.query<{ 'QUERY PLAN': string }>(`explain (analyze, costs off, timing off) ${generatedMetrics.sources.text}`);
  const scans = rows.map((row) => row['QUERY PLAN']).filter((line) => / on anomalies /.test(line));
  assert.is(scans.length, 1);
  assert.match(scans[0]!, /loops=1\)/);
});

test('metrics', async (db) => {
  const sources = await metrics.sources.run(undefined, db);
  const btcs = sources.find(({ source }) => source === 'btc')!;
  assert.ok(Math.abs(btcs.age! - (Date.now() - start - 95 * hour) / 1000) < 60, String(btcs.age));
  assert.equal([btcs.frequency, btcs.rows, btcs.anomalies], [3600, String(hours.length), '0']);
  assert.equal(sources.find(({ source }) => source === 'empty')?.age, null);
  const [storage] = await metrics.storage.run(undefined, db);
  assert.ok([storage!.chunks, storage!.bytes_before, storage!.bytes_after].every((count) => Number(count) > 0));
  const aggregates = await metrics.aggregates.run(undefined, db);
  assert.equal(aggregates.map(({ aggregate }) => aggregate), ['daily_ohlcv', 'hourly_ohlcv', 'hourly_values', 'weekly_stats']);
  assert.ok(aggregates.every(({ lag }) => lag! >= 0));
  // A job that has done its work, and a backup that was restored.
  await db.query(`
    insert into _timescaledb_internal.bgw_job_stat (
      job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success, total_runs, total_duration,
      total_duration_failures, total_successes, total_failures, total_crashes, consecutive_failures, consecutive_crashes, flags)
    select job_id, now(), now(), now(), now() - interval '1 minute', true, 1, '1 s', '1 s', 1, 0, 0, 0, 0, 0
    from timescaledb_information.jobs where hypertable_name = 'daily_ohlcv'
    on conflict (job_id) do update set last_run_success = true, last_successful_finish = excluded.last_successful_finish;
    insert into backups (name, location, form, is_encrypted, taken_at, finished_at, row_count, size_bytes, sha256, verified_at, verified_on)
    values ('a.dump', 'here:/backups', 'pg_dump', false, now() - interval '1 hour', now() - interval '1 hour', 1, 1, sha256(''), now(), 'here')`);
  const job = (await metrics.jobs.run(undefined, db)).find(({ relation }) => relation === 'daily_ohlcv')!;
  assert.equal([job.failed, job.interval, job.idle! >= 60 && job.idle! < 600], [false, 3600, true]);
  // One that never did, and one that need not.
  await db.query(`
    update _timescaledb_internal.bgw_job_stat set last_successful_finish = '-infinity', last_run_success = false;
    select alter_job(job_id, scheduled => false) from timescaledb_information.jobs where hypertable_name = 'hourly_ohlcv'`);
  const idle = new Map((await metrics.jobs.run(undefined, db)).map((each) => [each.relation, each.idle]));
  const { rows: [server] } = await db.query('select extract(epoch from now() - pg_postmaster_start_time())::float8 as up');
  for (const name of ['daily_ohlcv', 'weekly_stats']) {
    if (db.engine === 'server') assert.ok(Math.abs(idle.get(name)! - Number(server?.['up'])) < 60, name);
    else assert.is(idle.get(name), null);
  }
  assert.is(idle.get('hourly_ohlcv'), null);
  const [backup] = await metrics.backups.run(undefined, db);
  assert.ok(backup!.backup! >= 3600 && backup!.verified! < 600);
  const [database] = await metrics.database.run(undefined, db);
  assert.ok(Number(database!.bytes) > 1e6 && database!.most > 0);
  await metrics.audit.run(undefined, db);
  await metrics.statements.run(undefined, db);
  assert.ok((await metrics.audit.run(undefined, db))[0]!.age > 0);
  await db.query('call seal_audit_log()');
  assert.equal(await metrics.audit.run(undefined, db), [{ unsealed: '0', age: 0 }]);
  allMetricsProven();
});

test('charts and candles keep to their limit: of a chart the newest, of a list the oldest', async (db) => {
  const range = { source_id: btc, bucket: '1 hour', from: at(0), to: at(5 * day), limit: 2 };
  assert.equal((await json(charts.candles.run(range, db)) as number[][]).map(([ms]) => ms), [94, 95].map((i) => start + i * hour));
  assert.equal((await json(charts.thinnedLine.run(range, db)) as number[][]).map(([ms]) => ms), [94, 95].map((i) => start + i * hour));
  assert.equal((await candles.buckets.run(range, db)).map(({ bucket }) => bucket), [at(0), at(hour)]);
});

test('the log of a source, page by page', async (db) => {
  const first = await audit.ofSource.run({ source_id: btc, limit: 1 }, db);
  const second = await audit.ofSource.run({ source_id: btc, limit: 100, before_id: first[0]!.audit_id }, db);
  assert.ok(second.length > 1 && second.every(({ audit_id }) => BigInt(audit_id) < BigInt(first[0]!.audit_id)));
  assert.is(second.at(-1)?.table_name, 'sources');
});

test.run();
