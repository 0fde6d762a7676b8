import * as generatedAggregates from '../../queries/aggregates.queries.js';
import * as generatedCandles from '../../queries/candles.queries.js';
import * as generatedCharts from '../../queries/charts.queries.js';
import * as generatedSeries from '../../queries/series.queries.js';
import { bulkUpsert, type RowInput } from '../../src/write/bulk-upsert.js';
import { transaction } from '../../src/client/transaction.js';
import { assert, databaseSuite } from '../support/suite.js';
import { checked } from './declared.js';

const { queries: series, allProven: allSeriesProven } = checked('series', generatedSeries);
const { queries: candles, allProven: allCandlesProven } = checked('candles', generatedCandles);
const { queries: charts, allProven: allChartsProven } = checked('charts', generatedCharts);
const { queries: aggregates, allProven: allAggregatesProven } = checked('aggregates', generatedAggregates);

const hour = 3_600_000;
const day = 24 * hour;
/** A Monday. */
const start = Date.UTC(2024, 0, 1);
const at = (ms: number): Date => new Date(start + ms);

/** Ids in the order of registration. */
const [btc, rsi, minutes, stocks, live] = [1, 2, 3, 4, 5] as const;

/** Three days of hours, without those from 30 to 35. Open 100 + i, close half above. */
const hours = Array.from({ length: 72 }, (_, i) => i).filter((i) => i < 30 || i > 35);
const btcRows: RowInput[] = hours.map((i) => ({
  source_id: btc, timestamp: at(i * hour), open: 100 + i, high: 102 + i, low: 99 + i, close: `${100 + i}.5`, volume: '1.25',
}));

const test = databaseSuite('series', async (db) => {
  await db.query(`insert into sources (name, display_name, category, data_type, update_frequency, market_type, metadata) values
    ('btc', 'Bitcoin', 'price', 'ohlcv', '1 hour', 'CRYPTO', '{"pair": "BTC/USD"}'),
    ('rsi', 'RSI', 'oscillator', 'calculated', '1 day', 'CRYPTO', '{}'),
    ('minutes', 'Minutes', 'price', 'simple', '1 minute', 'CRYPTO', '{}'),
    ('stocks', 'Stocks', 'macro', 'macro', '1 day', 'US', '{}'),
    ('live', 'Live', 'price', 'ohlcv', '1 hour', 'CRYPTO', '{}'),
    ('empty', 'Empty', 'price', 'ohlcv', '1 hour', 'CRYPTO', '{}')`);
  const rows: RowInput[] = [
    ...btcRows,
    ...[70, 71, 72, 73, 74, 75, 76].map((value, i) => ({ source_id: rsi, timestamp: at(i * day), value })),
    ...Array.from({ length: 2500 }, (_, i) => ({ source_id: minutes, timestamp: at(i * 60_000 + (i % 3)), value: i })),
    // Tuesday to Friday, and the Monday after.
    ...[1, 2, 3, 4, 7].map((i) => ({ source_id: stocks, timestamp: at(i * day), value: 4700 + i })),
  ];
  await bulkUpsert(db, rows, { ingestMode: 'backfill' });
});

test('upsert tells what it did', async (db) => {
  const row = { source_id: live, timestamp: new Date(Date.now() - 2 * hour), open: '1', high: '2', low: '1', close: '0.1000000000000000055511151231257827', volume: 0 };
  const upsert = async (change: Partial<typeof row> = {}) => (await series.upsert.run({ ...row, ...change }, db)).map(({ outcome }) => outcome);
  assert.equal(await upsert(), ['inserted']);
  assert.equal(await upsert(), ['unchanged']);
  assert.equal(await upsert({ high: '3' }), ['updated']);
  assert.equal(await upsert({ timestamp: new Date(Date.now() - 3 * day), close: '5' }), ['inserted']);
  assert.equal(await upsert({ timestamp: new Date(Date.now() - 40 * day), close: '5' }), ['inserted']);
});

test('lastDays gives the rows of the last days, with every digit', async (db) => {
  const rows = await series.lastDays.run({ source_id: live, days: 2 }, db);
  assert.is(rows.length, 1);
  assert.is(rows[0]!.close, '0.1000000000000000055511151231257827');
  assert.is(rows[0]!.high, '3');
  assert.is(rows[0]!.value, null);
  assert.is(rows[0]!.is_validated, false, 'the close lies below the low');
  assert.is((await series.lastDays.run({ source_id: live, days: 30 }, db)).length, 2);
  assert.is((await series.lastDays.run({ source_id: live, days: 60 }, db)).length, 3);
});

test('lastDays also gives values', async (db) => {
  await series.upsert.run({ source_id: minutes, timestamp: new Date(), value: '7' }, db);
  const rows = await series.lastDays.run({ source_id: minutes, days: 1 }, db);
  assert.equal(rows.map((row) => [row.value, row.close]), [['7', null]]);
});

test('range walks all rows exactly once', async (db) => {
  const seen: string[] = [];
  const sizes: number[] = [];
  let after: Date | undefined;
  for (;;) {
    const page = await series.range.run({ source_id: minutes, from: at(0), to: at(2 * day), after, limit: 700 }, db);
    sizes.push(page.length);
    seen.push(...page.map((row) => row.value!));
    if (page.length < 700) break;
    after = page.at(-1)!.timestamp;
  }
  assert.equal(sizes, [700, 700, 700, 400]);
  assert.equal(seen, Array.from({ length: 2500 }, (_, i) => String(i)));
});

test('range includes its start and excludes its end', async (db) => {
  const rows = await series.range.run({ source_id: btc, from: at(2 * hour), to: at(4 * hour), limit: 10 }, db);
  assert.equal(rows.map((row) => [row.timestamp, row.open, row.close]), [[at(2 * hour), '102', '102.5'], [at(3 * hour), '103', '103.5']]);
});

test('latest gives the newest row of each source that has one', async (db) => {
  const rows = await series.latest.run({}, db);
  assert.equal(rows.map((row) => row.name).sort(), ['btc', 'live', 'minutes', 'rsi', 'stocks']);
  const row = rows.find(({ name }) => name === 'btc')!;
  assert.equal(
    [row.timestamp, row.level, row.close, row.value, row.quality_score, row.is_anomaly, row.metadata, row.data_type],
    [at(71 * hour), '171.5', '171.5', null, 100, false, { pair: 'BTC/USD' }, 'ohlcv'],
  );
  assert.is(rows.find(({ name }) => name === 'rsi')!.level, '76');
});

test('mergeRows takes lines and counts, and compareRows says the same', async (db) => {
  const lines = `${rsi}\t${at(0).toISOString()}${'\t\\N'.repeat(5)}\t70\n${rsi}\t${at(-day).toISOString()}${'\t\\N'.repeat(5)}\t1\n`;
  const given = { lines, columns: ['value'], first: at(-day), last: at(0), keep_corrections: true };
  const counts = { inserted: 1, updated: 0, kept: 0, kept_moments: [] };
  assert.equal(await series.compareRows.run(given, db), [counts]);
  await transaction(db, {}, async (tx) => {
    assert.equal(await series.mergeRows.run(given, tx), [counts]);
    assert.equal(await series.mergeRows.run(given, tx), [{ ...counts, inserted: 0 }]);
    throw new Error('enough');
  }).catch((error: Error) => assert.is(error.message, 'enough'));
});

test('deleteRange deletes, and archives, what is in the range', async (db) => {
  await bulkUpsert(db, [0, 1, 2, 3].map((i) => ({ source_id: rsi, timestamp: at((100 + i) * day), value: 50 })), { ingestMode: 'backfill' });
  const deleted = await transaction(db, { user: 'ann', reason: 'test rows' }, (tx) =>
    series.deleteRange.run({ source_id: rsi, from: at(101 * day), to: at(103 * day) }, tx));
  assert.equal(deleted, [{ deleted: '2' }]);
  assert.equal(await series.deleteRange.run({ source_id: rsi, from: at(100 * day), to: at(200 * day) }, db), [{ deleted: '2' }]);
  const { rows } = await db.query('select deleted_by, deletion_reason, count(*)::int from timeseries_archive group by 1, 2 order by 2');
  assert.equal(rows, [{ deleted_by: 'ann', deletion_reason: 'test rows', count: 2 }, { deleted_by: 'postgres', deletion_reason: null, count: 2 }]);
});

test('buckets makes candles of any width', async (db) => {
  const rows = await candles.buckets.run({ source_id: btc, bucket: '4 hours', from: at(0), to: at(2 * day) }, db);
  assert.is(rows.length, 11, 'the bucket in the gap is left out');
  assert.equal(rows[0], { bucket: at(0), open: '100', high: '105', low: '99', close: '103.5', volume: '5.00', data_points: '4' });
  assert.equal(rows.map((row) => row.data_points), ['4', '4', '4', '4', '4', '4', '4', '2', '4', '4', '4']);

  const [month] = await candles.buckets.run({ source_id: btc, bucket: '1 month', from: at(0), to: at(31 * day) }, db);
  assert.equal([month?.bucket, month?.open, month?.high, month?.low, month?.close, month?.data_points], [at(0), '100', '173', '99', '171.5', '66']);
});

test('filled repeats the close where there are no rows', async (db) => {
  const rows = await candles.filled.run({ source_id: btc, bucket: '1 hour', from: at(28 * hour), to: at(38 * hour) }, db);
  assert.equal(rows.map((row) => row.bucket), Array.from({ length: 10 }, (_, i) => at((28 + i) * hour)));
  assert.equal(rows.map((row) => row.data_points), ['1', '1', '0', '0', '0', '0', '0', '0', '1', '1']);
  const held = { open: '129.5', high: '129.5', low: '129.5', close: '129.5', volume: '0', data_points: '0' };
  assert.equal(rows[4], { bucket: at(32 * hour), ...held });
  assert.equal(rows[8], { bucket: at(36 * hour), open: '136', high: '138', low: '135', close: '136.5', volume: '1.25', data_points: '1' });

  const [first] = await candles.filled.run({ source_id: btc, bucket: '1 hour', from: at(31 * hour), to: at(38 * hour) }, db);
  assert.equal(first, { bucket: at(31 * hour), ...held }, 'filled from before the range');
  const [nothing] = await candles.filled.run({ source_id: btc, bucket: '1 hour', from: at(-5 * hour), to: at(2 * hour) }, db);
  assert.equal(nothing, { bucket: at(-5 * hour), open: null, high: null, low: null, close: null, volume: '0', data_points: '0' });
});

test('filledLevels carries and interpolates', async (db) => {
  const rows = await candles.filledLevels.run({ source_id: btc, bucket: '2 hours', from: at(28 * hour), to: at(38 * hour) }, db);
  const rounded = rows.map((row) => [row.avg, row.carried, row.interpolated].map((level) => (level === null ? null : Number(level))));
  assert.equal(rounded, [[129, 129, 129], [null, 129, 131], [null, 129, 133], [null, 129, 135], [137, 137, 137]]);
});

test('aligned lays series of different calendars side by side', async (db) => {
  const params = { source_ids: [stocks, rsi, btc], from: at(0), to: at(8 * day) };
  const plain = await candles.aligned.run({ ...params, carry: false }, db);
  assert.equal(plain.map((row) => row.date_only), ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-06', '2024-01-07', '2024-01-08']);
  assert.equal(plain.map((row) => row.is_trading_day), [false, true, true, true, true, false, false, true]);
  assert.equal(plain.map((row) => row.levels), [
    [null, '70', '123.5'], ['4701', '71', '147.5'], ['4702', '72', '171.5'], ['4703', '73', null],
    ['4704', '74', null], [null, '75', null], [null, '76', null], ['4707', null, null],
  ]);
  const carried = await candles.aligned.run({ ...params, carry: true }, db);
  assert.equal(carried.map((row) => row.levels), [
    [null, '70', '123.5'], ['4701', '71', '147.5'], ['4702', '72', '171.5'], ['4703', '73', '171.5'],
    ['4704', '74', '171.5'], ['4704', '75', '171.5'], ['4704', '76', '171.5'], ['4707', '76', '171.5'],
  ]);
});

test('charts come as JSON text with every digit', async (db) => {
  const [chart] = await charts.candles.run({ source_id: btc, bucket: '1 day', from: at(0), to: at(2 * day) }, db);
  assert.is(chart!.json, `[[${start},100,125,99,123.5,30.00],[${start + day},124,149,123,147.5,22.50]]`);

  const [line] = await charts.line.run({ source_id: btc, from: at(29 * hour), to: at(37 * hour) }, db);
  assert.equal(JSON.parse(line!.json), [[start + 29 * hour, 129.5], [start + 36 * hour, 136.5]]);

  const [thinned] = await charts.thinnedLine.run({ source_id: rsi, bucket: '1 week', from: at(0), to: at(14 * day) }, db);
  assert.is(thinned!.json, `[[${start}, 76]]`);

  const digits = await charts.line.run({ source_id: live, from: new Date(Date.now() - day), to: new Date() }, db);
  assert.match(digits[0]!.json, /, 0\.1000000000000000055511151231257827\]\]$/);
});

test('a chart without rows is an empty array', async (db) => {
  const nowhere = { source_id: btc, from: at(1000 * day), to: at(2000 * day), bucket: '1 day' };
  for (const chart of [charts.candles, charts.line, charts.thinnedLine]) assert.equal(await chart.run(nowhere, db), [{ json: '[]' }]);
});

const days = [
  { day: at(0), open: '100', high: '125', low: '99', close: '123.5', volume: '30.00', data_points: '24' },
  { day: at(day), open: '124', high: '149', low: '123', close: '147.5', volume: '22.50', data_points: '18' },
];

test('aggregates answer before they are refreshed, and the same after', async (db) => {
  const ask = async () => ({
    daily: await aggregates.daily.run({ source_id: btc, from: at(0), to: at(2 * day) }, db),
    hourly: await aggregates.hourly.run({ source_id: btc, from: at(28 * hour), to: at(37 * hour) }, db),
    values: await aggregates.hourlyValues.run({ source_id: minutes, from: at(0), to: at(hour) }, db),
    weekly: await aggregates.weekly.run({ source_id: rsi, from: at(0), to: at(8 * day) }, db),
  });
  const before = await ask();
  await db.query('call refresh_all_aggregates()');
  assert.equal(await ask(), before);

  assert.equal(before.daily, days);
  assert.equal(before.hourly.map((row) => [row.hour, row.open]), [[at(28 * hour), '128'], [at(29 * hour), '129'], [at(36 * hour), '136']]);
  const [value] = before.values;
  assert.equal([value?.min_value, value?.max_value, value?.last_value, value?.data_points, Number(value?.avg_value)], ['0', '59', '59', '60', 29.5]);
  assert.is(Number(value?.volatility).toFixed(4), '17.4642');
  const [week] = before.weekly;
  assert.equal(
    [week?.week, Number(week?.avg_value), week?.last_value, week?.volume, week?.data_points, week?.anomalies, week?.invalid_points, week?.avg_quality_score, week?.min_quality],
    [at(0), 73, '76', null, '7', '0', '0', '100.00', 100],
  );
});

test('reach tells how much of a source the aggregates hold', async (db) => {
  const rows = await aggregates.reach.run({ source_id: rsi }, db);
  assert.equal(rows.map((row) => row.aggregate), ['daily_ohlcv', 'hourly_ohlcv', 'hourly_values', 'weekly_stats']);
  assert.equal(rows[0], { aggregate: 'daily_ohlcv', buckets: '0', first_bucket: null, last_bucket: null });
  assert.equal([rows[3]?.buckets, rows[3]?.first_bucket, rows[3]?.last_bucket], ['1', at(0), at(0)]);
});

test('weekly adds up volumes', async (db) => {
  const [week] = await aggregates.weekly.run({ source_id: btc, from: at(0), to: at(7 * day) }, db);
  assert.is(week?.volume, '82.50');
});

test('hasRows tells whether a range is empty, its ends included', async (db) => {
  const hasRows = async (source_id: number, from: number, to: number): Promise<boolean | undefined> =>
    (await series.hasRows.run({ source_id, from: at(from * hour), to: at(to * hour) }, db))[0]?.has_rows;
  assert.is(await hasRows(btc, 30, 35), false);
  assert.is(await hasRows(btc, 29, 30), true);
  assert.is(await hasRows(btc, 35, 36), true);
  assert.is(await hasRows(minutes + 1000, 0, 1), false);
});

test('every query and column was seen', async () => {
  allSeriesProven();
  allCandlesProven();
  allChartsProven();
  allAggregatesProven();
});

test.run();
