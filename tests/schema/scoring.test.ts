/** The scoring table of quality_score, row by row, for every way of writing, into plain and compressed chunks. */
import { assert, databaseSuite } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { transaction, type TransactionContext } from '../../src/client/transaction.js';
import { all, candle, compressAll, compressChunk, day, isFullyCompressed, one, only, source, scoreOf, ways, write, type Row } from './support.js';

type Values = Omit<Row, 'source_id' | 'timestamp'>;

interface Case {
  title: string;
  source: Record<string, unknown>;
  /** The row before, if any. */
  previous?: Values;
  row: Values;
  score: number;
  isValidated?: boolean;
  context?: TransactionContext;
}

const ohlcv = { data_type: 'ohlcv' };
const simple = { data_type: 'simple' };
const arrival = (moment: string, daysLater: number, milliseconds = 0): string =>
  new Date(Date.parse(moment) + daysLater * 86_400_000 + milliseconds).toISOString();

const cases: Case[] = [
  // completeness
  { title: 'a complete candle has 100', source: ohlcv, row: candle(), score: 100 },
  ...(['open', 'high', 'low', 'close', 'volume'] as const).map((missing) => ({
    title: `a candle without ${missing} loses 30`,
    source: ohlcv,
    row: { ...candle(), [missing]: null },
    score: 70,
  })),
  { title: 'a candle of a close alone loses 30, once', source: ohlcv, row: { close: 100 }, score: 70 },
  { title: 'a value does not complete a candle', source: ohlcv, row: { ...candle(), open: null, value: 5 }, score: 70 },
  { title: 'a simple row with its value has 100', source: simple, row: { value: 1 }, score: 100 },
  { title: 'a simple row without its value loses 30', source: simple, row: { ...candle() }, score: 70 },
  { title: 'a row of nothing loses 30', source: simple, row: { value: null }, score: 70 },

  // timeliness
  { title: 'a row later than 2 × update_frequency loses 20', source: { update_frequency: '1 day' }, row: { value: 1 }, score: 80 },
  {
    title: 'a late row of a backfill loses nothing',
    source: { update_frequency: '1 day' },
    row: { value: 1 },
    score: 100,
    context: { ingestMode: 'backfill' },
  },

  // consistency
  { title: 'a rise by more than 50 % loses 25', source: simple, previous: { value: 100 }, row: { value: '150.00000001' }, score: 75 },
  { title: 'a rise by exactly 50 % loses nothing', source: simple, previous: { value: 100 }, row: { value: 150 }, score: 100 },
  { title: 'a fall by more than 50 % loses 25', source: simple, previous: { value: 100 }, row: { value: '49.99999999' }, score: 75 },
  { title: 'a fall by exactly 50 % loses nothing', source: simple, previous: { value: 100 }, row: { value: 50 }, score: 100 },
  { title: 'any level after zero loses 25', source: simple, previous: { value: 0 }, row: { value: '0.0000000001' }, score: 75 },
  { title: 'zero after zero loses nothing', source: simple, previous: { value: 0 }, row: { value: 0 }, score: 100 },
  { title: 'half of a negative level away loses nothing', source: simple, previous: { value: -10 }, row: { value: -15 }, score: 100 },
  { title: 'more than half of a negative level away loses 25', source: simple, previous: { value: -10 }, row: { value: -4 }, score: 75 },
  { title: 'the level is the close when there is one', source: simple, previous: { value: 1000, close: 10 }, row: { value: 1, close: 10 }, score: 100 },
  { title: 'a close is compared with a value', source: ohlcv, previous: { value: 10 }, row: candle(100), score: 75 },
  { title: 'there is no jump after a row without a level', source: simple, previous: { open: 5 }, row: { value: 1000 }, score: 100 },
  { title: 'a row without a level does not jump', source: simple, previous: { value: 100 }, row: { open: 5 }, score: 70 },

  // validation
  { title: 'a violated rule costs 10', source: ohlcv, row: { ...candle(), volume: -1 }, score: 90, isValidated: false },
  { title: 'two violated rules cost 20', source: ohlcv, row: { ...candle(-5), volume: -1 }, score: 80, isValidated: false },
  { title: 'a rule of severity WARNING costs 10 and leaves the row valid', source: { data_type: 'derivative' }, row: { value: 2 }, score: 90 },
  { title: 'a rule at its bound is satisfied', source: { data_type: 'derivative' }, row: { value: 1 }, score: 100 },
  { title: 'a rule of another type costs nothing', source: simple, row: { value: -2 }, score: 100 },
  { title: 'a disabled rule costs nothing', source: { data_type: 'calculated' }, row: { value: 500 }, score: 100 },

  // all together
  {
    title: 'everything wrong: 100 - 30 - 20 - 25 - 10 = 15',
    source: { data_type: 'ohlcv', update_frequency: '1 day' },
    previous: candle(100),
    row: { ...candle(300), open: null, volume: -1 },
    score: 15,
    isValidated: false,
  },
  {
    title: 'the score never falls below 0',
    source: { data_type: 'defi', update_frequency: '1 day' },
    previous: { close: 100 },
    row: { close: 300 },
    score: 0,
  },
];

const chunks = ['a plain chunk', 'a compressed chunk'] as const;

/** Each case, way and chunk has a source of its own: the row before on day 9, the row itself on day 10. */
const cells = cases.flatMap((example) =>
  ways.flatMap((way) =>
    chunks.map((chunk) => ({ ...example, way, chunk, since: chunk === 'a plain chunk' ? '2020-01-01' : '2015-01-01', sourceId: 0 })),
  ),
);

async function prepare(db: TestDatabase): Promise<void> {
  await db.query(
    `insert into validation_rules (data_type, rule_name, rule_sql, error_message, severity)
     select 'defi', 'never_' || n, 'close < 0', 'cannot be satisfied', 'INFO' from generate_series(1, 4) as n`,
  );
  const rows: Row[] = [];
  for (const cell of cells) {
    cell.sourceId = await source(db, cell.source);
    if (cell.previous) rows.push({ source_id: cell.sourceId, timestamp: day(9, cell.since), ...cell.previous });
    // What an upsert or an update finds there.
    if (cell.way === 'an upsert' || cell.way === 'an update') {
      rows.push({
        source_id: cell.sourceId,
        timestamp: day(10, cell.since),
        value: '0.5',
        open: '0.5',
        high: '0.5',
        low: '0.5',
        close: '0.5',
        volume: 1,
        is_backfilled: cell.context?.ingestMode === 'backfill',
      });
    }
  }
  await write(db, rows);
}

const test = databaseSuite('scoring', prepare);

for (const cell of cells) {
  test(`${cell.title}, by ${cell.way} into ${cell.chunk}`, async (db) => {
    const at = day(10, cell.since);
    // Compressed as a whole, not in part: TimescaleDB writes the first row otherwise than those that follow.
    if (cell.chunk === 'a compressed chunk') {
      await compressChunk(db, at);
      assert.is(await isFullyCompressed(db, at), true);
    }

    const isUpdate = cell.way === 'an upsert' || cell.way === 'an update';
    const blank = isUpdate ? { open: null, high: null, low: null, close: null, volume: null, value: null } : {};
    const rows: Row[] = [{ source_id: cell.sourceId, timestamp: at, ...blank, ...cell.row }];
    // A neighbour behind the row must not matter to it.
    if (cell.way !== 'single inserts' && cell.way !== 'an update') {
      rows.push({ source_id: cell.sourceId, timestamp: day(11, cell.since), value: 7 });
    }
    await write(db, rows, cell.way, cell.context);

    assert.equal(await scoreOf(db, cell.sourceId, at), {
      quality_score: cell.score,
      is_anomaly: false,
      is_validated: cell.isValidated ?? true,
    });
    assert.is(await only(db, 'select greatest(0, 100 - sum(points_lost)) from explain_score($1, $2)', [cell.sourceId, at]), String(cell.score));
  });
}

// Completeness of every type -------------------------------------------------------------------------------------------

for (const type of ['simple', 'calculated', 'social', 'onchain', 'macro', 'derivative', 'stablecoin', 'etf', 'defi']) {
  test(`a complete row of type ${type} is one with a value`, async (db) => {
    const id = await source(db, { data_type: type });
    await write(db, [{ source_id: id, timestamp: day(0), value: '0.5' }, { source_id: id, timestamp: day(1), volume: 1 }]);
    assert.is((await scoreOf(db, id, day(0))).quality_score, 100);
    assert.is((await scoreOf(db, id, day(1))).quality_score, 70);
  });
}

// Timeliness at its bound ----------------------------------------------------------------------------------------------

for (const [late, score] of [[0, 100], [1, 80]] as const) {
  test(`arrival ${late} ms after timestamp + 2 × update_frequency gives ${score}`, async (db) => {
    const id = await source(db, { update_frequency: '1 day' });
    await write(db, [{ source_id: id, timestamp: day(0), value: 1, created_at: arrival(day(0), 2, late) }]);
    assert.is((await scoreOf(db, id, day(0))).quality_score, score);
  });
}

test('a day of update_frequency has 24 hours, whatever the time zone of the session', async (db) => {
  const id = await source(db, { update_frequency: '1 day' });
  const at = '2024-11-02T12:00:00Z'; // clocks go back in New York the night after
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query(`set local timezone = 'America/New_York'`);
    await client.query('insert into timeseries_data (source_id, timestamp, value, created_at) values ($1, $2, 1, $3)', [id, at, arrival(at, 2, 1)]);
    await client.query('commit');
  } finally {
    client.release();
  }
  assert.is((await scoreOf(db, id, at)).quality_score, 80);
});

test('a month of update_frequency is one of the calendar', async (db) => {
  const id = await source(db, { update_frequency: '1 month' });
  const at = '2020-07-01T00:00:00Z'; // July and August have 62 days
  await write(db, [{ source_id: id, timestamp: at, value: 1, created_at: arrival(at, 62) }]);
  assert.is((await scoreOf(db, id, at)).quality_score, 100);
  const next = '2020-08-01T00:00:00Z';
  await write(db, [{ source_id: id, timestamp: next, value: 1, created_at: arrival(next, 62) }]);
  assert.is((await scoreOf(db, id, next)).quality_score, 80);
});

test('timeliness is measured by the arrival, not by the last change', async (db) => {
  const id = await source(db, { update_frequency: '1 day' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1, created_at: day(1) }]);
  await write(db, [{ source_id: id, timestamp: day(0), value: '1.1' }], 'an update');
  assert.is((await scoreOf(db, id, day(0))).quality_score, 100);
});

test('a row that came by backfill stays on time when it is corrected or scored again', async (db) => {
  const id = await source(db, { update_frequency: '1 day' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }], 'single inserts', { ingestMode: 'backfill' });
  await write(db, [{ source_id: id, timestamp: day(0), value: '1.1' }], 'an update');
  await db.query('call rescore($1)', [id]);
  assert.is((await scoreOf(db, id, day(0))).quality_score, 100);
});

test('a row that came late stays late, whoever corrects it or scores it again', async (db) => {
  const id = await source(db, { update_frequency: '1 day' });
  const backfill = { ingestMode: 'backfill' } as const;
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await write(db, [{ source_id: id, timestamp: day(0), value: '1.1' }], 'an update', backfill);
  assert.is((await scoreOf(db, id, day(0))).quality_score, 80);
  await write(db, [{ source_id: id, timestamp: day(0), value: '1.2' }], 'an upsert', backfill);
  assert.is((await scoreOf(db, id, day(0))).quality_score, 80);
  await transaction(db, backfill, (tx) => tx.query('call rescore($1)', [id]));
  assert.is((await scoreOf(db, id, day(0))).quality_score, 80);
});

test('the backfill mode ends with its transaction', async (db) => {
  const id = await source(db, { update_frequency: '1 day' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }], 'single inserts', { ingestMode: 'backfill' });
  await db.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1)', [id, day(1)]);
  assert.is((await scoreOf(db, id, day(1))).quality_score, 80);
});

test('an unknown mode scores timeliness', async (db) => {
  const id = await source(db, { update_frequency: '1 day' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }], 'single inserts', { ingestMode: 'nonsense' as 'live' });
  assert.is((await scoreOf(db, id, day(0))).quality_score, 80);
});

// What a client supplies -----------------------------------------------------------------------------------------------

for (const way of ways) {
  test(`scores that a client supplies are overwritten, by ${way}`, async (db) => {
    const id = await source(db);
    if (way === 'an upsert' || way === 'an update') await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
    await write(db, [{ source_id: id, timestamp: day(0), value: '1.2', quality_score: 7, is_anomaly: true, is_validated: false }], way);
    assert.equal(await scoreOf(db, id, day(0)), { quality_score: 100, is_anomaly: false, is_validated: true });
    assert.is(await only(db, 'select count(*) from anomalies where source_id = $1', [id]), '0');
  });
}

test('an update of nothing but scores is put right', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await db.query('update timeseries_data set quality_score = 3, is_anomaly = true, is_validated = false where source_id = $1', [id]);
  assert.equal(await scoreOf(db, id, day(0)), { quality_score: 100, is_anomaly: false, is_validated: true });
});

test('scores are put right also beside rows whose data change in the same update', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 10 }, { source_id: id, timestamp: day(1), value: 10 }]);
  await db.query(
    `update timeseries_data
     set quality_score = 3, is_anomaly = true, is_validated = false, value = case when timestamp = $2 then 11 else value end
     where source_id = $1`,
    [id, day(0)],
  );
  assert.equal(await scoreOf(db, id, day(0)), { quality_score: 100, is_anomaly: false, is_validated: true });
  assert.equal(await scoreOf(db, id, day(1)), { quality_score: 100, is_anomaly: false, is_validated: true });
});

test('a bad score cannot be painted over', async (db) => {
  const id = await source(db, ohlcv);
  await write(db, [{ source_id: id, timestamp: day(0), ...candle(), volume: -1 }]);
  await db.query('update timeseries_data set quality_score = 100, is_validated = true where source_id = $1', [id]);
  assert.equal(await scoreOf(db, id, day(0)), { quality_score: 90, is_anomaly: false, is_validated: false });
});

// Several rows and sources ---------------------------------------------------------------------------------------------

for (const way of ways) {
  test(`several sources in one statement are scored apart, by ${way}`, async (db) => {
    const candles = await source(db, ohlcv);
    const rates = await source(db, { data_type: 'derivative' });
    const late = await source(db, { update_frequency: '1 hour' });
    const rows: Row[] = [
      { source_id: candles, timestamp: day(0), ...candle(100) },
      { source_id: rates, timestamp: day(0), value: '0.1' },
      { source_id: late, timestamp: day(0), value: 1 },
      { source_id: candles, timestamp: day(1), ...candle(100), volume: -1 },
      { source_id: rates, timestamp: day(1), value: 3 },
      { source_id: late, timestamp: day(1), value: 1 },
    ];
    if (way === 'an upsert' || way === 'an update') {
      await write(db, rows.map((row) => ({ source_id: row.source_id, timestamp: row.timestamp, value: 50 })));
    }
    const blank = { open: null, high: null, low: null, close: null, volume: null, value: null };
    await write(db, rows.map((row) => ({ ...row, ...blank, ...row })), way);
    assert.equal(
      await all(db, 'select quality_score, is_validated from timeseries_data where source_id = any ($1) order by source_id, timestamp', [[candles, rates, late]]),
      [
        { quality_score: 100, is_validated: true },
        { quality_score: 90, is_validated: false },
        { quality_score: 100, is_validated: true },
        { quality_score: 65, is_validated: true }, // a jump and the warning
        { quality_score: 80, is_validated: true },
        { quality_score: 80, is_validated: true },
      ],
    );
  });

  test(`each row of a statement is compared with the one before it, by ${way}`, async (db) => {
    const id = await source(db);
    const levels = [10, 10, 20, 20, 9, 9];
    const rows = levels.map((value, n) => ({ source_id: id, timestamp: day(n), value }));
    if (way === 'an upsert' || way === 'an update') await write(db, rows.map((row) => ({ ...row, value: 1 })));
    // In another order than that of time.
    await write(db, way === 'single inserts' ? rows : [rows[3]!, rows[0]!, rows[5]!, rows[2]!, rows[1]!, rows[4]!], way);
    assert.equal(
      (await all(db, 'select quality_score from timeseries_data where source_id = $1 order by timestamp', [id])).map((row) => row.quality_score),
      [100, 100, 75, 100, 75, 100],
    );
  });
}

test('rows that arrive out of order are put right by rescore', async (db) => {
  const id = await source(db);
  const score = async (): Promise<number[]> =>
    (await all(db, 'select quality_score from timeseries_data where source_id = $1 order by timestamp', [id])).map((row) => row.quality_score);
  await write(db, [{ source_id: id, timestamp: day(0), value: 10 }]);
  await write(db, [{ source_id: id, timestamp: day(2), value: 20 }]);
  assert.equal(await score(), [100, 75]);
  await write(db, [{ source_id: id, timestamp: day(1), value: 15 }]);
  assert.equal(await score(), [100, 100, 75], 'the row behind keeps its score until it is scored again');
  await db.query('call rescore($1, $2, $3)', [id, day(0), day(2)]);
  assert.equal(await score(), [100, 100, 100]);
});

for (const how of ['corrected', 'deleted'] as const) {
  test(`the row behind a spike that is ${how} keeps its score until it is scored again`, async (db) => {
    const id = await source(db);
    const score = (): Promise<number> => only(db, 'select quality_score from timeseries_data where source_id = $1 and timestamp = $2', [id, day(2)]);
    await write(db, [10, 100, 10].map((value, n) => ({ source_id: id, timestamp: day(n), value })));
    await db.query(
      how === 'corrected'
        ? 'update timeseries_data set value = 11 where source_id = $1 and timestamp = $2'
        : 'delete from timeseries_data where source_id = $1 and timestamp = $2',
      [id, day(1)],
    );
    assert.is(await score(), 75);
    await db.query('call rescore($1, $2)', [id, day(1)]);
    assert.is(await score(), 100);
  });
}

test('rescore keeps to its range, both ends included', async (db) => {
  const id = await source(db);
  await write(db, daily4(id));
  await db.query(`insert into validation_rules (data_type, source_id, rule_name, rule_sql, error_message) values ('simple', $1, 'low', 'value < 5', 'low')`, [id]);
  await db.query('call rescore($1, $2, $3)', [id, day(1), day(2)]);
  const scores = (await all(db, 'select quality_score from timeseries_data where source_id = $1 order by timestamp', [id])).map((row) => row.quality_score);
  assert.equal(scores, [100, 90, 90, 100]);
  await db.query('call rescore($1)', [id]);
  assert.is(await only(db, 'select max(quality_score) from timeseries_data where source_id = $1', [id]), 90);
});

test('rescore changes nothing that is right, and audits nothing', async (db) => {
  const id = await source(db);
  await write(db, daily4(id));
  const before = await one(db, 'select (select max(audit_id) from audit_log) as mark, max(updated_at) as updated from timeseries_data where source_id = $1', [id]);
  await db.query('call rescore($1)', [id]);
  assert.equal(await one(db, 'select (select max(audit_id) from audit_log) as mark, max(updated_at) as updated from timeseries_data where source_id = $1', [id]), before);
});

test('a rule may depend on every column, and a source has its own', async (db) => {
  const id = await source(db);
  const other = await source(db);
  await db.query(
    `insert into validation_rules (source_id, rule_name, rule_sql, error_message, severity) values
       ($1, 'all_columns', 'num_nulls(source_id, timestamp, open, high, low, close, volume, value) = 0', 'incomplete', 'WARNING')`,
    [id],
  );
  for (const source_id of [id, other]) {
    await write(db, [{ source_id, timestamp: day(0), value: 1 }, { source_id, timestamp: day(1), ...candle(1), value: 1 }]);
  }
  assert.is((await scoreOf(db, id, day(0))).quality_score, 90);
  assert.is((await scoreOf(db, id, day(1))).quality_score, 100);
  assert.is((await scoreOf(db, other, day(0))).quality_score, 100);
});

test('an unchanged batch over compressed history stays compressed and keeps its scores', async (db) => {
  const id = await source(db);
  const rows = Array.from({ length: 20 }, (_, n): Row => ({ source_id: id, timestamp: day(n, '2019-03-01'), value: 1 }));
  await write(db, rows);
  await compressAll(db);
  await write(db, rows, 'an upsert');
  assert.equal(
    await one(db, 'select count(*) as rows, min(quality_score) as score from timeseries_data where source_id = $1', [id]),
    { rows: '20', score: 100 },
  );
});

function daily4(source_id: number): Row[] {
  return [0, 1, 2, 3].map((n) => ({ source_id, timestamp: day(n), value: 10 }));
}

test.run();
