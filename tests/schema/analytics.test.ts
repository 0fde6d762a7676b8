/** lineage, features, forecasts, backtests and models. */
import { assert, databaseSuite, fails } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { all, column, compressAll, day, one, only, source, write, type Runner } from './support.js';

const test = databaseSuite('analytics');

const refuse = { check: '23514', unique: '23505', foreign: '23503' };

// lineage --------------------------------------------------------------------------------------------------------------

async function derive(db: Runner, derived: number, ...parents: number[]): Promise<void> {
  await db.query(
    `insert into lineage (derived_source_id, parent_source_id, calculation_type) select $1, p, 'sql' from unnest($2::int[]) as p`,
    [derived, parents],
  );
}

async function chain(db: TestDatabase, length: number): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < length; n++) ids.push(await source(db));
  for (let n = 1; n < length; n++) await derive(db, ids[n]!, ids[n - 1]!);
  return ids;
}

const tree = async (db: TestDatabase, name: string, id: number): Promise<unknown[]> =>
  (await all(db, `select * from ${name}($1)`, [id])).map((row) => [row.source_id, row.depth]);

test('a source is not derived from itself', async (db) => {
  const id = await source(db);
  await fails(refuse.check, () => derive(db, id, id), /lineage_self_check/);
});

test('an edge is recorded once, between sources that exist', async (db) => {
  const [a, b] = [await source(db), await source(db)];
  await derive(db, b, a);
  await fails(refuse.unique, () => derive(db, b, a));
  await fails(refuse.foreign, () => derive(db, b, 2_000_000_000));
});

for (const length of [2, 3, 6]) {
  test(`a cycle of ${length} is refused with its path`, async (db) => {
    const ids = await chain(db, length);
    const names = await column(db, 'select name from sources where source_id = any ($1) order by source_id', [ids]);
    const error = (await fails('MD002', () => derive(db, ids[0]!, ids.at(-1)!))) as Error & { hint: string };
    assert.ok(error.message.includes([names.at(-1), ...names].join(' → ')), error.message);
    assert.ok(error.hint);
    assert.is(await only(db, 'select count(*) from lineage where derived_source_id = $1', [ids[0]]), '0');
  });
}

test('a cycle by an update is refused, too', async (db) => {
  const [a, b, c] = await chain(db, 3);
  const d = await source(db);
  await derive(db, a!, d);
  await fails('MD002', () => db.query('update lineage set parent_source_id = $1 where derived_source_id = $2', [c, a]));
  await db.query('update lineage set parent_source_id = $1 where derived_source_id = $2', [a, c]);
  assert.equal(await tree(db, 'downstream_of', a!), [[b, 1], [c, 1]]);
});

test('a cycle within one statement is refused', async (db) => {
  const [a, b, c] = [await source(db), await source(db), await source(db)];
  await fails('MD002', () =>
    db.query(`insert into lineage (derived_source_id, parent_source_id, calculation_type) values ($1, $2, 'x'), ($2, $3, 'x'), ($3, $1, 'x')`, [a, b, c]));
});

test('a diamond is no cycle', async (db) => {
  const [top, left, right, bottom] = [await source(db), await source(db), await source(db), await source(db)];
  await derive(db, left, top);
  await derive(db, right, top);
  await derive(db, bottom, left, right);
  assert.equal(await tree(db, 'upstream_of', bottom), [[left, 1], [right, 1], [top, 2]]);
  assert.equal(await tree(db, 'downstream_of', top), [[left, 1], [right, 1], [bottom, 2]]);
});

test('upstream_of and downstream_of return the tree with depth', async (db) => {
  const ids = await chain(db, 5);
  assert.equal(await tree(db, 'upstream_of', ids[4]!), [[ids[3], 1], [ids[2], 2], [ids[1], 3], [ids[0], 4]]);
  assert.equal(await tree(db, 'downstream_of', ids[1]!), [[ids[2], 1], [ids[3], 2], [ids[4], 3]]);
  assert.equal(await tree(db, 'upstream_of', ids[0]!), []);
});

test('the depth of a source that is reached in two ways is that of the shorter', async (db) => {
  const ids = await chain(db, 4);
  await derive(db, ids[3]!, ids[0]!);
  assert.equal(await tree(db, 'downstream_of', ids[0]!), [[ids[1], 1], [ids[3], 1], [ids[2], 2]]);
});

test('the level is the longest way from a source without parents, and follows the edges', async (db) => {
  const ids = await chain(db, 4);
  const levels = (): Promise<number[]> =>
    column(db, 'select dependency_level from lineage where derived_source_id = any ($1) order by derived_source_id, parent_source_id', [ids]);
  assert.equal(await levels(), [1, 2, 3]);
  await derive(db, ids[3]!, ids[0]!);
  assert.equal(await levels(), [1, 2, 3, 3]);
  const above = await source(db);
  await derive(db, ids[0]!, above);
  assert.equal(await levels(), [1, 2, 3, 4, 4]);
  await db.query('delete from lineage where derived_source_id = $1', [ids[0]]);
  assert.equal(await levels(), [1, 2, 3, 3]);
});

// In layers and in a ladder a check that follows each way instead of each edge would not end.
for (const [shape, edges, last, depth] of [
  ['10,000 edges in a chain, the last one first', 'select i, i - 1 from generate_series(10000, 1, -1) as i', 10000, 10000],
  ['1,728 edges in layers, each of all before', 'select l * 12 + a, (l - 1) * 12 + b from generate_series(12, 1, -1) as l, generate_series(0, 11) as a, generate_series(0, 11) as b', 155, 12],
  ['2,000 edges in a ladder, from the last two', 'select i, i - k from generate_series(2, 1001) as i, generate_series(1, 2) as k', 1001, 1000],
] as const) {
  test(`${shape}: levels, trees and cycles in seconds`, async (db) => {
    const first: number = await only(
      db,
      `with added as (
         insert into sources (name, display_name, data_type) select format('lineage_%s_${depth}', i), 'S', 'simple' from generate_series(0, ${last}) as i
         returning source_id
       ) select min(source_id) from added`,
    );
    const started = performance.now();
    await db.query(
      `insert into lineage (derived_source_id, parent_source_id, calculation_type) select $1 + e.derived, $1 + e.parent, 'sql' from (${edges}) as e (derived, parent)`,
      [first],
    );
    assert.is(await only(db, 'select dependency_level from lineage where derived_source_id = $1 limit 1', [first + last]), depth);
    const [up, down] = [await tree(db, 'upstream_of', first + last), await tree(db, 'downstream_of', first)];
    assert.ok(up.length >= 144 && down.length >= 144, `${up.length} ${down.length}`);
    const refused = await fails('MD002', () => derive(db, first, first + last));
    const path = refused.message.replace('lineage cycle: ', '').split(' → ');
    assert.is(path[0], path.at(-1));
    assert.equal(path.slice(0, 2), [`lineage_${last}_${depth}`, `lineage_0_${depth}`]);
    await db.query('delete from lineage where derived_source_id > $1', [first]);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds < 60, `${seconds} s`); // 5 s alone
  });
}

test('a cycle that is stored all the same ends every walk, and is told with its path', async (db) => {
  const ids = await chain(db, 4);
  const outside = await source(db);
  await db.query('alter table lineage disable trigger _700_inserted');
  await derive(db, ids[1]!, ids[2]!);
  await db.query('alter table lineage enable trigger _700_inserted');
  assert.equal(await tree(db, 'upstream_of', ids[3]!), [[ids[2], 1], [ids[1], 2], [ids[0], 3]]);
  assert.equal(await tree(db, 'downstream_of', ids[1]!), [[ids[2], 1], [ids[3], 2]]);
  await write(db, [{ source_id: ids[1]!, timestamp: day(0), value: 1 }]);
  assert.is(await only(db, 'select count(*) from lineage where refresh_required and derived_source_id = any ($1)', [ids]), '3');
  await fails('MD002', () => derive(db, ids[1]!, outside), /→ /);
  await db.query('delete from lineage where derived_source_id = $1 and parent_source_id = $2', [ids[1], ids[2]]);
  await derive(db, ids[1]!, outside);
  assert.is(await only(db, 'select dependency_level from lineage where derived_source_id = $1', [ids[3]]), 3);
});

for (const level of ['read committed', 'repeatable read', 'serializable']) {
  test.onServer(`two ${level} transactions at once do not add a cycle`, async (db) => {
    const [a, b] = [await source(db), await source(db)];
    const client = await db.pool.connect();
    try {
      await client.query(`begin isolation level ${level}`);
      await client.query('select count(*) from sources'); // takes the snapshot
      await derive(db, a, b);
      await fails(level === 'read committed' ? 'MD002' : '40001', () => derive(client, b, a));
    } finally {
      await client.query('rollback');
      client.release();
    }
    assert.equal(await tree(db, 'upstream_of', a), [[b, 1]]);
  });
}

for (const way of ['single inserts', 'a multi-row insert', 'COPY', 'an upsert', 'an update'] as const) {
  test(`new parent data by ${way} mark every descendant, at any depth, and no one else`, async (db) => {
    const ids = await chain(db, 5);
    const strangers = await chain(db, 2);
    const rows = [{ source_id: ids[1]!, timestamp: day(0), value: 2 }, { source_id: ids[1]!, timestamp: day(1), value: 2 }];
    if (way === 'an upsert' || way === 'an update') await write(db, rows.map((row) => ({ ...row, value: 1 })));
    await db.query('update lineage set refresh_required = false');
    await write(db, rows, way);
    assert.equal(
      await column(db, 'select refresh_required from lineage where derived_source_id = any ($1) order by derived_source_id', [[...ids, ...strangers]]),
      [false, true, true, true, false],
    );
  });
}

test('data that do not change mark nobody', async (db) => {
  const ids = await chain(db, 2);
  const rows = [{ source_id: ids[0]!, timestamp: day(0), value: 2 }];
  await write(db, rows);
  await db.query('update lineage set refresh_required = false');
  await write(db, rows, 'an upsert');
  await db.query('call rescore($1)', [ids[0]]);
  assert.is(await only(db, 'select refresh_required from lineage where derived_source_id = $1', [ids[1]]), false);
});

test('all edges of a diamond are marked, and both sources of a statement', async (db) => {
  const [top, left, right, bottom, other, child] = [await source(db), await source(db), await source(db), await source(db), await source(db), await source(db)];
  await derive(db, left, top);
  await derive(db, right, top);
  await derive(db, bottom, left, right);
  await derive(db, child, other);
  await write(db, [{ source_id: top, timestamp: day(0), value: 1 }, { source_id: other, timestamp: day(0), value: 1 }], 'COPY');
  assert.is(await only(db, 'select count(*) from lineage where refresh_required and derived_source_id = any ($1)', [[left, right, bottom, child]]), '5');
});

test('a mark stays until somebody calculates', async (db) => {
  const ids = await chain(db, 2);
  await write(db, [{ source_id: ids[0]!, timestamp: day(0), value: 1 }]);
  await write(db, [{ source_id: ids[0]!, timestamp: day(1), value: 1 }]);
  await db.query(`update lineage set refresh_required = false, last_calculation_time = now(), avg_calculation_time = '2 seconds' where derived_source_id = $1`, [ids[1]]);
  assert.is(await only(db, 'select refresh_required from lineage where derived_source_id = $1', [ids[1]]), false);
});

// features -------------------------------------------------------------------------------------------------------------

test('features are one row per source and moment', async (db) => {
  const id = await source(db);
  const insert = `insert into features (source_id, timestamp, rsi_value, regime, regime_probability, custom_features) values ($1, $2, 55.5, 'bull', 0.9, '{"own": 1}') returning *`;
  const row = await one(db, insert, [id, day(0)]);
  assert.equal([row.rsi_value, row.feature_set_version, row.custom_features], ['55.5', 'v1', { own: 1 }]);
  await fails(refuse.unique, () => db.query(insert, [id, day(0)]));
  await fails(refuse.foreign, () => db.query(insert, [2_000_000_000, day(0)]));
});

for (const [title, columns] of [
  ['an RSI above 100', 'rsi_value = 100.1'],
  ['an RSI below 0', 'rsi_value = -0.1'],
  ['a probability above 1', 'regime_probability = 1.1'],
  ['custom features that are no object', `custom_features = '[]'`],
] as const) {
  test(`features refuse ${title}`, async (db) => {
    const id = await source(db);
    await db.query('insert into features (source_id, timestamp, rsi_value, regime_probability) values ($1, $2, 100, 1)', [id, day(0)]);
    await fails(refuse.check, () => db.query(`update features set ${columns} where source_id = $1`, [id]));
  });
}

// forecasts ------------------------------------------------------------------------------------------------------------

async function forecast(db: Runner, source_id: number, target: string, predicted: number, more: Record<string, unknown> = {}): Promise<string> {
  const row = { source_id, forecast_timestamp: day(-1), target_timestamp: target, predicted_value: predicted, model_name: 'm', ...more };
  const names = Object.keys(row);
  return only(db, `insert into forecasts (${names.join(', ')}) values (${names.map((_, n) => `$${n + 1}`).join(', ')}) returning forecast_id`, Object.values(row));
}

const errors = 'select actual_value::float8, prediction_error::float8, absolute_error::float8, percentage_error::float8 from forecasts where forecast_id = $1';

test('score_forecasts fills the actuals that have arrived', async (db) => {
  const id = await source(db);
  const [known, unknown] = [await forecast(db, id, day(0), 110), await forecast(db, id, day(1), 110)];
  await write(db, [{ source_id: id, timestamp: day(0), value: 100 }]);
  await db.query('call score_forecasts()');
  assert.equal(await one(db, errors, [known]), { actual_value: 100, prediction_error: 10, absolute_error: 10, percentage_error: 10 });
  assert.equal(await one(db, errors, [unknown]), { actual_value: null, prediction_error: null, absolute_error: null, percentage_error: null });
  await write(db, [{ source_id: id, timestamp: day(1), close: 120, value: 5 }]);
  await db.query('call score_forecasts()');
  assert.equal(await one(db, errors, [unknown]), { actual_value: 120, prediction_error: -10, absolute_error: 10, percentage_error: 100 / 12 });
});

test('an actual value of zero has no percentage, a negative one a positive', async (db) => {
  const id = await source(db);
  const [zero, negative, empty] = [await forecast(db, id, day(0), 1), await forecast(db, id, day(1), -3), await forecast(db, id, day(2), 1)];
  await write(db, [{ source_id: id, timestamp: day(0), value: 0 }, { source_id: id, timestamp: day(1), value: -4 }, { source_id: id, timestamp: day(2), value: null }]);
  await db.query('call score_forecasts()');
  assert.equal(await one(db, errors, [zero]), { actual_value: 0, prediction_error: 1, absolute_error: 1, percentage_error: null });
  assert.equal(await one(db, errors, [negative]), { actual_value: -4, prediction_error: 1, absolute_error: 1, percentage_error: 25 });
  assert.is((await one(db, errors, [empty])).actual_value, null);
});

test('actuals are found in compressed chunks, and scored once', async (db) => {
  const id = await source(db);
  const forecastId = await forecast(db, id, day(0, '2011-01-01'), 8, { forecast_timestamp: day(-1, '2011-01-01') });
  await write(db, [{ source_id: id, timestamp: day(0, '2011-01-01'), value: 10 }]);
  await compressAll(db);
  await db.query('call score_forecasts()');
  assert.is((await one(db, errors, [forecastId])).prediction_error, -2);
  const mark = await only(db, 'select max(audit_id) from audit_log');
  await db.query('call score_forecasts()');
  assert.is(await only(db, 'select max(audit_id) from audit_log'), mark);
});

test('forecast_accuracy has the numbers of a calculation by hand', async (db) => {
  const id = await source(db);
  // predicted − actual: 10, −20, 5; in percent of the actual: 10, 10, 10.
  const actuals = [100, 200, 50];
  const predicted = [110, 180, 55];
  const intervals: ([number, number] | null)[] = [[90, 105], [150, 199], null];
  await write(db, actuals.map((value, n) => ({ source_id: id, timestamp: day(n), value })));
  for (const [n, value] of predicted.entries()) {
    await forecast(db, id, day(n), value, { model_name: 'hand', confidence_lower: intervals[n]?.[0] ?? null, confidence_upper: intervals[n]?.[1] ?? null });
  }
  await forecast(db, id, day(0), 100, { model_name: 'perfect', confidence_lower: 99, confidence_upper: 100 });
  await forecast(db, id, day(99), 100, { model_name: 'future' });
  await db.query('call score_forecasts()');
  const rows = await all(
    db,
    `select model_name, forecasts_scored, mae::float8, round(rmse, 6)::float8 as rmse, mape::float8, round(bias, 6)::float8 as bias,
            interval_coverage::float8, first_target, last_target
     from forecast_accuracy where source_id = $1 order by model_name`,
    [id],
  );
  assert.equal(rows.map(({ first_target, last_target, ...row }) => row), [
    {
      model_name: 'hand',
      forecasts_scored: '3',
      mae: 35 / 3,
      rmse: Number(Math.sqrt((100 + 400 + 25) / 3).toFixed(6)),
      mape: 10,
      bias: Number((-5 / 3).toFixed(6)),
      interval_coverage: 0.5, // 100 lies in [90, 105], 200 not in [150, 199], the third has no interval
    },
    { model_name: 'perfect', forecasts_scored: '1', mae: 0, rmse: 0, mape: 0, bias: 0, interval_coverage: 1 },
  ]);
  assert.equal([rows[0]!.first_target.toISOString(), rows[0]!.last_target.toISOString()], [day(0), day(2)]);
});

test('versions of a model are told apart', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 10 }]);
  await forecast(db, id, day(0), 11, { model_version: '1' });
  await forecast(db, id, day(0), 12, { model_version: '2' });
  await db.query('call score_forecasts()');
  assert.equal(await column(db, 'select bias::float8 from forecast_accuracy where source_id = $1 order by model_version', [id]), [1, 2]);
});

for (const [title, more] of [
  ['a target before the forecast', { target_timestamp: day(-2) }],
  ['a target at the moment of the forecast', { target_timestamp: day(-1) }],
  ['an interval that is upside down', { confidence_lower: 2, confidence_upper: 1 }],
  ['a confidence of 1', { confidence_level: 1 }],
] as const) {
  test(`forecasts refuse ${title}`, async (db) => {
    const id = await source(db);
    await fails(refuse.check, () => forecast(db, id, day(0), 1, more));
  });
}

test('a forecast outlives its model', async (db) => {
  const id = await source(db);
  const model = await only(db, `insert into ml_models (name, version, model_type) values ('mortal', '1', 'gbm') returning model_id`);
  const forecastId = await forecast(db, id, day(0), 1, { model_id: model });
  await db.query('delete from ml_models where model_id = $1', [model]);
  assert.equal(await one(db, 'select model_id, model_name from forecasts where forecast_id = $1', [forecastId]), { model_id: null, model_name: 'm' });
});

// backtests ------------------------------------------------------------------------------------------------------------

async function backtest(db: Runner, source_id: number, more: Record<string, unknown> = {}): Promise<number> {
  const row = { strategy_name: 's', source_id, start_date: '2020-01-01', end_date: '2020-12-31', initial_capital: 1000, final_capital: 1100, ...more };
  const names = Object.keys(row);
  return only(db, `insert into backtest_results (${names.join(', ')}) values (${names.map((_, n) => `$${n + 1}`).join(', ')}) returning backtest_id`, Object.values(row));
}

test('total_days and win_rate are generated', async (db) => {
  const id = await source(db);
  const run = await backtest(db, id, { total_trades: 8, winning_trades: 6, losing_trades: 2 });
  assert.equal(await one(db, 'select total_days, win_rate::float8 from backtest_results where backtest_id = $1', [run]), { total_days: 366, win_rate: 0.75 });
  const idle = await backtest(db, id, { end_date: '2020-01-01' });
  assert.equal(await one(db, 'select total_days, win_rate from backtest_results where backtest_id = $1', [idle]), { total_days: 1, win_rate: null });
  await fails('428C9', () => backtest(db, id, { total_days: 5 }));
  await fails('428C9', () => backtest(db, id, { win_rate: 1 }));
});

for (const [title, more] of [
  ['an end before the start', { end_date: '2019-12-31' }],
  ['no capital', { initial_capital: 0 }],
  ['a drawdown above 1', { max_drawdown: 1.1 }],
  ['more wins than trades', { total_trades: 1, winning_trades: 2 }],
] as const) {
  test(`a backtest with ${title} is refused`, async (db) => {
    const id = await source(db);
    await fails(refuse.check, () => backtest(db, id, more));
  });
}

test('trades belong to a run and go with it', async (db) => {
  const run = await backtest(db, await source(db));
  const trade = `insert into backtest_trades (backtest_id, side, entry_time, entry_price, quantity, exit_time) values ($1, $2, $3, 1, $4, $5)`;
  await db.query(trade, [run, 'SHORT', day(0), '0.5', day(0)]);
  await fails(refuse.check, () => db.query(trade, [run, 'UP', day(0), 1, null]));
  await fails(refuse.check, () => db.query(trade, [run, 'LONG', day(0), 0, null]));
  await fails(refuse.check, () => db.query(trade, [run, 'LONG', day(1), 1, day(0)]));
  await fails(refuse.foreign, () => db.query(trade, [2_000_000_000, 'LONG', day(0), 1, null]));
  await db.query('delete from backtest_results where backtest_id = $1', [run]);
  assert.is(await only(db, 'select count(*) from backtest_trades where backtest_id = $1', [run]), '0');
});

test('the leaderboard ranks by Sharpe ratio, then total return', async (db) => {
  await db.query('delete from backtest_results');
  const id = await source(db);
  await backtest(db, id, { strategy_name: 'middle', sharpe_ratio: 1.5, total_return: 0.2 });
  await backtest(db, id, { strategy_name: 'unknown', total_return: 9 });
  await backtest(db, id, { strategy_name: 'best', sharpe_ratio: 2, total_return: 0.1 });
  await backtest(db, id, { strategy_name: 'richer', sharpe_ratio: 1.5, total_return: 0.3 });
  await backtest(db, id, { strategy_name: 'tied', sharpe_ratio: 1.5, total_return: 0.2 });
  assert.equal(
    (await all(db, 'select rank, strategy_name from backtest_leaderboard order by rank, strategy_name')).map((row) => [row.rank, row.strategy_name]),
    [['1', 'best'], ['2', 'richer'], ['3', 'middle'], ['3', 'tied'], ['5', 'unknown']],
  );
});

// ml_models ------------------------------------------------------------------------------------------------------------

async function model(db: Runner, name: string, version: string, status = 'training', more: Record<string, unknown> = {}): Promise<number> {
  const row = { name, version, model_type: 'gbm', status, ...more };
  const names = Object.keys(row);
  return only(db, `insert into ml_models (${names.join(', ')}) values (${names.map((_, n) => `$${n + 1}`).join(', ')}) returning model_id`, Object.values(row));
}

test('name and version of a model are unique', async (db) => {
  await model(db, 'unique', '1');
  await model(db, 'unique', '2');
  await fails(refuse.unique, () => model(db, 'unique', '1'));
});

test('at most one version of a name is deployed', async (db) => {
  await model(db, 'single', '1', 'deployed');
  const second = await model(db, 'single', '2', 'validated');
  await fails(refuse.unique, () => db.query(`update ml_models set status = 'deployed' where model_id = $1`, [second]));
  await fails(refuse.unique, () => model(db, 'single', '3', 'deployed'));
  await model(db, 'another', '1', 'deployed');
  await db.query(`update ml_models set status = 'retired' where name = 'single' and version = '1'`);
  await db.query(`update ml_models set status = 'deployed' where model_id = $1`, [second]);
  assert.equal(await column(db, `select version from ml_models where name = 'single' and status = 'deployed'`), ['2']);
});

test('deployment and retirement are stamped', async (db) => {
  const id = await model(db, 'stamped', '1');
  assert.equal(await one(db, 'select deployed_at, retired_at from ml_models where model_id = $1', [id]), { deployed_at: null, retired_at: null });
  await db.query(`update ml_models set status = 'deployed' where model_id = $1`, [id]);
  const deployed = await only(db, 'select deployed_at from ml_models where model_id = $1', [id]);
  assert.ok(deployed instanceof Date);
  await db.query(`update ml_models set status = 'retired' where model_id = $1`, [id]);
  const row = await one(db, 'select deployed_at, retired_at from ml_models where model_id = $1', [id]);
  assert.equal(row.deployed_at, deployed);
  assert.ok(row.retired_at instanceof Date);
});

test('a date of deployment that is given is kept', async (db) => {
  const id = await model(db, 'dated', '1', 'deployed', { deployed_at: day(0) });
  assert.is((await only(db, 'select deployed_at from ml_models where model_id = $1', [id]) as Date).toISOString(), day(0));
});

for (const [title, more] of [
  ['an unknown status', { status: 'lost' }],
  ['overlapping ranges', { training_range: '[2019-01-01,2020-01-02)', validation_range: '[2020-01-01,2021-01-01)' }],
] as const) {
  test(`a model with ${title} is refused`, async (db) => {
    await fails(refuse.check, () => model(db, 'refused', '1', 'training', more));
  });
}

test('ranges that touch do not overlap', async (db) => {
  await model(db, 'ranges', '1', 'training', {
    training_range: '[2019-01-01,2020-01-01)',
    validation_range: '[2020-01-01,2021-01-01)',
    features_used: ['rsi_value'],
    hyperparameters: { depth: 3 },
  });
});

test.run();
