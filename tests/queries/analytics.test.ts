import * as generatedBacktests from '../../queries/backtests.queries.js';
import type { ILeaderboardParams } from '../../queries/backtests.queries.js';
import * as generatedFeatures from '../../queries/features.queries.js';
import * as generatedForecasts from '../../queries/forecasts.queries.js';
import * as generatedLineage from '../../queries/lineage.queries.js';
import * as generatedModels from '../../queries/models.queries.js';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { sqlState } from '../../src/errors/catalogue.js';
import type * as Tables from '../../src/types/tables.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import { checked } from './declared.js';

const { queries: backtests, allProven: allBacktestsProven } = checked('backtests', generatedBacktests);
const { queries: features, allProven: allFeaturesProven } = checked('features', generatedFeatures);
const { queries: forecasts, allProven: allForecastsProven } = checked('forecasts', generatedForecasts);
const { queries: lineage, allProven: allLineageProven } = checked('lineage', generatedLineage);
const { queries: models, allProven: allModelsProven } = checked('models', generatedModels);

const day = 86_400_000;
const start = Date.UTC(2024, 0, 1);
const at = (days: number): Date => new Date(start + days * day);

/** Ids in the order of registration. */
const [price, rsi, signal] = [1, 2, 3] as const;

const test = databaseSuite('analytics', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type) values
    ('price', 'Price', 'simple'), ('rsi', 'RSI', 'calculated'), ('signal', 'Signal', 'calculated')`);
});

test('lineage gives the tree in both directions, and refuses a cycle', async (db) => {
  const [edge] = await lineage.addEdge.run(
    { derived_source_id: rsi, parent_source_id: price, calculation_type: 'sql', calculation_sql: 'select 1' }, db);
  const again = await lineage.addEdge.run(
    { derived_source_id: rsi, parent_source_id: price, calculation_type: 'sql', calculation_sql: 'select 2' }, db);
  assert.equal(again, [edge], 'the same edge is brought up to date');
  await lineage.addEdge.run({ derived_source_id: signal, parent_source_id: rsi, calculation_type: 'function', calculation_function: 'signal()' }, db);

  assert.equal((await lineage.downstream.run({ source_id: price }, db)).map((row) => [row.name, row.depth]), [['rsi', 1], ['signal', 2]]);
  assert.equal((await lineage.upstream.run({ source_id: signal }, db)).map((row) => [row.name, row.depth]), [['rsi', 1], ['price', 2]]);
  await fails(sqlState.lineageCycle, () =>
    lineage.addEdge.run({ derived_source_id: price, parent_source_id: signal, calculation_type: 'sql' }, db), /signal → price → rsi → signal/);
});

test('new data makes everything downstream stale until it is calculated', async (db) => {
  await bulkUpsert(db, [{ source_id: price, timestamp: at(0), value: 1 }]);
  const stale = async () => (await lineage.stale.run(undefined, db)).map((row) => [row.derived_name, row.parent_name, row.dependency_level]);
  assert.equal(await stale(), [['rsi', 'price', 1], ['signal', 'rsi', 2]]);

  const [first] = await lineage.markCalculated.run({ derived_source_id: rsi, took: '4 seconds' }, db);
  assert.is(first?.avg_calculation_time, '00:00:04');
  const [second] = await lineage.markCalculated.run({ derived_source_id: rsi, took: '2 seconds' }, db);
  assert.is(second?.avg_calculation_time, '00:00:03');
  const [third] = await lineage.markCalculated.run({ derived_source_id: rsi }, db);
  assert.is(third?.avg_calculation_time, '00:00:03');
  assert.equal(await stale(), [['signal', 'rsi', 2]]);

  await bulkUpsert(db, [{ source_id: price, timestamp: at(1), value: 2 }]);
  const [row] = await lineage.stale.run(undefined, db);
  assert.equal([row?.derived_name, row?.calculation_sql, row?.avg_calculation_time], ['rsi', 'select 2', '00:00:03']);
});

test('an edge can be removed', async (db) => {
  const edge = { derived_source_id: signal, parent_source_id: rsi };
  assert.is((await lineage.removeEdge.run(edge, db)).length, 1);
  assert.equal(await lineage.removeEdge.run(edge, db), []);
});

const numericFeatures = [
  'volatility_7d', 'volatility_30d', 'volatility_90d', 'rsi_value', 'rsi_momentum', 'macd_value', 'macd_signal', 'volume_sma_20',
  'volume_ratio', 'funding_rate', 'funding_delta', 'basis_spread', 'social_volume', 'social_sentiment', 'regime_probability',
] as const;

test('features are written by what their rows name: the rest stays, or gets its default', async (db) => {
  const digits = '0.12345678901234567890123';
  const full: Tables.FeaturesInput = {
    source_id: price, timestamp: at(0), ...Object.fromEntries(numericFeatures.map((name) => [name, digits])),
    regime: 'bull', custom_features: { nvt: [1, 2] }, feature_set_version: 'v2',
  };
  const write = async (rows: Tables.FeaturesInput[]) => (await features.upsertMany.run({ rows }, db))[0]?.written;
  assert.is(await write([{ ...full, regime: 'bear' }, full, { source_id: price, timestamp: at(1), rsi_value: 55 }]), '2');

  const range = { source_id: price, from: at(0), to: at(10), limit: 10 };
  const [first, second] = await features.range.run(range, db);
  assert.equal(numericFeatures.map((name) => first![name]), numericFeatures.map(() => digits));
  assert.equal([first?.regime, first?.custom_features, first?.feature_set_version], ['bull', { nvt: [1, 2] }, 'v2']);
  assert.equal([second?.rsi_value, second?.regime, second?.custom_features, second?.feature_set_version], ['55', null, {}, 'v1']);

  const entries = async () => Number((await db.query("select count(*) from audit_log where table_name = 'features'")).rows[0]!['count']);
  const before = await entries();
  assert.is(await write([{ source_id: price, timestamp: at(0).toISOString(), rsi_value: digits }, { source_id: price, timestamp: at(1), regime: null }]), '2');
  assert.equal(await features.range.run(range, db), [first, second], 'what is the same is not touched');
  assert.is(await entries(), before);

  // Two rows of one key are written one after the other.
  assert.is(await write([{ source_id: price, timestamp: at(0), rsi_value: '10', regime: null }, { source_id: price, timestamp: at(0), rsi_momentum: 2 }]), '1');
  const [changed] = await features.range.run({ ...range, limit: 1 }, db);
  assert.equal(changed, { ...first, rsi_value: '10', rsi_momentum: '2', regime: null, computed_at: changed!.computed_at });
  assert.ok(changed!.computed_at > first!.computed_at);
  const next = await features.range.run({ ...range, after: changed!.timestamp }, db);
  assert.equal(next, [second]);
});

test('rows with a key that is no column are refused, and nothing is written', async (db) => {
  const key = { source_id: price, timestamp: at(5) };
  const range = { source_id: price, from: at(5), to: at(6), limit: 10 };
  const written = (rows: unknown) => features.upsertMany.run({ rows: rows as Tables.FeaturesInput[] }, db);
  // @ts-expect-error A misspelt key does not compile either.
  const misspelt: Tables.FeaturesInput = { ...key, rsi_valeu: 55 };
  await fails(sqlState.unknownColumn, () => written([{ ...key, rsi_value: 1 }, misspelt]), /row 2 has a key that cannot be written: rsi_valeu/);
  await fails(sqlState.unknownColumn, () => written([null]), /row 1 is no object/);
  await fails(sqlState.unknownColumn, () => written([key, 5]), /row 2 is no object/);
  await fails('23502', () => written([{ timestamp: at(5), rsi_value: 1 }]), /source_id/);
  await fails('23502', () => written([{ ...key, feature_set_version: null }]), /feature_set_version/);
  await fails('22P02', () => written([{ ...key, rsi_value: 'many' }]));
  assert.equal(await features.range.run(range, db), []);
  assert.equal(await written([]), [{ written: '0' }]);
  const trade: Tables.BacktestTradesInput = { backtest_id: 1, side: 'LONG', entry_time: at(1), entry_price: 1, quantity: 1 };
  await fails(sqlState.unknownColumn, () => backtests.addTrades.run({ trades: [{ ...trade, trade_id: 1 } as Tables.BacktestTradesInput] }, db), /trade_id/);
  // @ts-expect-error So does a value that the table does not take.
  await fails('23514', () => backtests.addTrades.run({ trades: [{ ...trade, side: 'BOTH' }] }, db));
});

test('two writers of features keep what the other has written', async (db) => {
  const key = { source_id: price, timestamp: at(6) };
  for (const isNew of [true, false]) {
    const first = await db.pool.connect();
    try {
      await first.query('begin');
      await features.upsertMany.run({ rows: [{ ...key, rsi_value: isNew ? 1 : 3 }] }, first);
      const second = features.upsertMany.run({ rows: [{ ...key, macd_value: isNew ? 2 : 4 }] }, db);
      // The embedded engine lets no other in before the commit; a server lets it wait.
      await new Promise((done) => setTimeout(done, 100));
      await first.query('commit');
      await second;
    } finally {
      first.release();
    }
    const [row] = await features.range.run({ source_id: price, from: at(6), to: at(7), limit: 1 }, db);
    assert.equal([row?.rsi_value, row?.macd_value], isNew ? ['1', '2'] : ['3', '4']);
  }
});

test('deploying a version retires the one before, in one statement', async (db) => {
  const base = { name: 'lstm', model_type: 'lstm', training_from: at(0), training_to: at(100), validation_from: at(100), validation_to: at(130) };
  const [first] = await models.register.run({
    ...base, version: '1', features_used: ['rsi_value', 'macd_value'], hyperparameters: { layers: 2 }, model_path: 's3://models/1', model_hash: 'abc',
    training_score: '0.91', validation_score: '0.85', test_score: '0.84',
  }, db);
  await models.register.run({ ...base, version: '2' }, db);
  assert.is(first?.status, 'training');
  assert.equal((await models.markValidated.run({ name: 'lstm', version: '1' }, db)).map((row) => row.status), ['validated']);
  assert.equal(await models.markValidated.run({ name: 'lstm', version: '1' }, db), [], 'it is no longer in training');

  const deploy = async (version: string) => (await models.deploy.run({ name: 'lstm', version }, db)).map((row) => [row.version, row.retired_version]);
  const statuses = async () => (await models.list.run({ name: 'lstm' }, db)).map((row) => [row.version, row.status]);
  assert.equal(await models.deployed.run({ name: 'lstm' }, db), []);
  assert.equal(await deploy('1'), [['1', null]]);
  assert.equal(await deploy('2'), [['2', '1']]);
  assert.equal(await statuses(), [['2', 'deployed'], ['1', 'retired']]);
  assert.equal(await deploy('3'), [], 'there is no such version');
  assert.equal(await statuses(), [['2', 'deployed'], ['1', 'retired']], 'and the deployed one stays');

  const [before] = await models.deployed.run({ name: 'lstm' }, db);
  assert.equal(await deploy('2'), [['2', null]]);
  assert.equal(await models.deployed.run({ name: 'lstm' }, db), [before], 'deploying it again changes nothing');

  assert.equal(await deploy('1'), [['1', '2']], 'back to the version before');
  assert.equal(await statuses(), [['2', 'retired'], ['1', 'deployed']]);
  const [back] = await models.list.run({ name: 'lstm' }, db).then((rows) => rows.filter((row) => row.version === '1'));
  assert.is(back?.retired_at, null);
  assert.is((await models.deployed.run({ name: 'lstm' }, db))[0]?.model_path, 's3://models/1');
});

test('list shows a registration whole, retire ends it', async (db) => {
  const row = (await models.list.run({}, db)).find(({ version }) => version === '1')!;
  assert.equal(
    [row.training_from, row.training_to, row.validation_to, row.features_used, row.training_score, row.hyperparameters],
    [at(0), at(100), at(130), ['rsi_value', 'macd_value'], '0.91', { layers: 2 }],
  );
  const [retired] = await models.retire.run({ name: 'lstm', version: '1' }, db);
  assert.is(retired?.status, 'retired');
  assert.equal(await models.retire.run({ name: 'lstm', version: '1' }, db), []);
  assert.equal(await models.deployed.run({ name: 'lstm' }, db), []);
});

test('forecasts are scored when their actual value arrives', async (db) => {
  const forecast = { source_id: price, forecast_timestamp: at(1), model_name: 'lstm', confidence_level: '0.95' };
  const [added] = await forecasts.add.run({
    ...forecast, target_timestamp: at(2), predicted_value: '110', confidence_lower: '100', confidence_upper: '120', model_version: '2', model_parameters: { t: 1 },
  }, db);
  assert.ok(added!.model_id, 'linked to the registered model');
  await forecasts.add.run({ ...forecast, target_timestamp: at(3), predicted_value: '90', confidence_lower: '80', confidence_upper: '95', model_version: '2' }, db);
  const [unlinked] = await forecasts.add.run({ ...forecast, target_timestamp: at(9), predicted_value: '1', model_name: 'guess' }, db);
  assert.is(unlinked?.model_id, null);

  await bulkUpsert(db, [2, 3].map((i) => ({ source_id: price, timestamp: at(i), value: 100 })));
  assert.equal(await forecasts.score.run(undefined, db), []);

  const rows = await forecasts.range.run({ source_id: price, from: at(2), to: at(10) }, db);
  assert.equal(rows.map((row) => [row.model_name, row.actual_value, row.prediction_error, row.absolute_error, Number(row.percentage_error)]),
    [['lstm', '100', '10', '10', 10], ['lstm', '100', '-10', '10', 10], ['guess', null, null, null, 0]]);

  const [accuracy, ...rest] = await forecasts.accuracy.run({ source_id: price }, db);
  assert.equal(rest, []);
  assert.equal([accuracy?.source_name, accuracy?.forecasts_scored, accuracy?.first_target, accuracy?.last_target], ['price', '2', at(2), at(3)]);
  assert.equal([accuracy?.mae, accuracy?.rmse, accuracy?.mape, accuracy?.bias, accuracy?.interval_coverage].map(Number), [10, 10, 10, 0, 0.5]);
  assert.equal(await forecasts.accuracy.run({ source_id: rsi }, db), []);

  await forecasts.add.run({ ...forecast, target_timestamp: at(2), predicted_value: '105', model_version: '2' }, db);
  const [replaced] = await forecasts.range.run({ source_id: price, from: at(2), to: at(3) }, db);
  assert.equal([replaced?.predicted_value, replaced?.actual_value, replaced?.confidence_lower], ['105', null, null]);
});

test('backtests are ranked, and keep their trades', async (db) => {
  const [model] = await models.list.run({ name: 'lstm' }, db);
  const base = { source_id: price, start_date: '2024-01-01', end_date: '2024-01-31', initial_capital: '1000', final_capital: '1100' };
  const [good] = await backtests.add.run({
    ...base, strategy_name: 'trend', model_id: model!.model_id, total_return: '0.1', annualized_return: '2.07', sharpe_ratio: '1.5', sortino_ratio: '2.1',
    max_drawdown: '0.2', value_at_risk_95: '0.03', total_trades: 4, winning_trades: 3, losing_trades: 1, config: { fast: 10 }, notes: 'first',
  }, db);
  assert.equal([good?.total_days, Number(good?.win_rate)], [31, 0.75]);
  const [idle] = await backtests.add.run({ ...base, strategy_name: 'hold' }, db);
  assert.equal([idle?.total_days, idle?.win_rate], [31, null]);

  const backtest_id = good!.backtest_id;
  const trades: Tables.BacktestTradesInput[] = [
    { backtest_id, side: 'LONG', entry_time: at(2), entry_price: '100.10', quantity: '2', exit_time: at(3), exit_price: '110.20', fees: '0.5', profit: '19.7', return_pct: '9.84', exit_reason: 'target' },
    { backtest_id, side: 'SHORT', entry_time: at(1), entry_price: '99', quantity: '0.000000000000000000001' },
  ];
  const add = () => backtests.addTrades.run({ trades }, db);
  assert.equal(await add(), [{ added: '2' }]);
  const stored = await backtests.trades.run({ backtest_id: good!.backtest_id }, db);
  assert.equal(stored.map((row) => [row.side, row.entry_time, row.entry_price, row.exit_price, row.quantity, row.fees]), [
    ['SHORT', at(1), '99', null, '0.000000000000000000001', '0'],
    ['LONG', at(2), '100.10', '110.20', '2', '0.5'],
  ]);

  const board = await backtests.leaderboard.run({ limit: 10 }, db);
  assert.equal(board.map((row) => [row.rank, row.strategy_name, row.start_date, row.sharpe_ratio, row.total_trades]),
    [['1', 'trend', '2024-01-01', '1.5', 4], ['2', 'hold', '2024-01-01', null, 0]]);
  assert.is((await backtests.leaderboard.run({ limit: 1 }, db)).length, 1);
  const order = async (sort: ILeaderboardParams['sort']) => (await backtests.leaderboard.run({ limit: 10, sort }, db)).map((row) => row.strategy_name);
  assert.equal(await order('total_return'), ['trend', 'hold']);
  await backtests.add.run({ ...base, strategy_name: 'late', end_date: '2024-02-01', total_return: '0.5', max_drawdown: '0.3' }, db);
  assert.equal([await order('total_return'), await order('max_drawdown'), await order('newest'), await order(null)],
    [['late', 'trend', 'hold'], ['trend', 'late', 'hold'], ['late', 'trend', 'hold'], ['trend', 'late', 'hold']]);
  // @ts-expect-error An order is one of a list, and no text for SQL.
  assert.equal(await order('b.rank; drop table x'), await order(null));
  assert.equal(await backtests.leaderboard.run({ limit: 10, source_id: rsi }, db), []);
});

test('every query and column was seen', async () => {
  allBacktestsProven();
  allFeaturesProven();
  allForecastsProven();
  allLineageProven();
  allModelsProven();
});

test.run();
