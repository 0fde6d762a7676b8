/** validation_rules: what is admitted, whom a rule applies to, and what a violation does. */
import type { ClientBase } from 'pg';
import { assert, databaseSuite, fails } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { all, as, candle, column, compressAll, day, only, source, scoreOf, ways, write } from './support.js';

const suite = databaseSuite('rules');

/** Leaves only the seeded rules behind: every change compiles all rules that there are. */
const tidily = (work: (db: TestDatabase) => Promise<void>) => async (db: TestDatabase): Promise<void> => {
  const seeded = await only(db, 'select max(rule_id) from validation_rules');
  try {
    await work(db);
  } finally {
    if ((await only(db, 'select max(rule_id) from validation_rules')) > seeded) {
      await db.query('delete from validation_rules where rule_id > $1', [seeded]);
    }
  }
};

type Test = (title: string, work: (db: TestDatabase) => Promise<void>) => void;
const test: Test = (title, work) => suite(title, tidily(work));
const testOnServer: Test = (title, work) => suite.onServer(title, tidily(work));

interface Rule {
  data_type?: string | null;
  source_id?: number | null;
  rule_name?: string;
  rule_sql: string;
  severity?: string;
  enabled?: boolean;
}

let names = 0;

async function addRule(db: TestDatabase, rule: Rule): Promise<number> {
  const row = { rule_name: `rule_${++names}`, error_message: 'violated', ...rule };
  const columns = Object.keys(row);
  return only(
    db,
    `insert into validation_rules (${columns.join(', ')}) values (${columns.map((_, n) => `$${n + 1}`).join(', ')}) returning rule_id`,
    Object.values(row),
  );
}

/** A source, and a rule for it alone. */
async function sourceWithRule(db: TestDatabase, rule: Rule, columns: Record<string, unknown> = {}): Promise<{ id: number; rule: number }> {
  const id = await source(db, columns);
  return { id, rule: await addRule(db, { source_id: id, ...rule }) };
}

const allRules = 'select * from validation_rules order by rule_id';

// Seeded rules ---------------------------------------------------------------------------------------------------------

test('the seeded rules are there', async (db) => {
  const seeded = await all(db, 'select data_type, rule_name, severity, enabled from validation_rules order by rule_id limit 5');
  assert.equal(seeded.slice(0, 4), [
    { data_type: 'ohlcv', rule_name: 'ohlc_ordering', severity: 'ERROR', enabled: true },
    { data_type: 'ohlcv', rule_name: 'positive_price', severity: 'ERROR', enabled: true },
    { data_type: 'ohlcv', rule_name: 'non_negative_volume', severity: 'ERROR', enabled: true },
    { data_type: 'derivative', rule_name: 'funding_rate_range', severity: 'WARNING', enabled: true },
  ]);
  assert.equal(await column(db, `select enabled from validation_rules where rule_name like 'rsi%'`), [false]);
});

for (const [title, values, score] of [
  ['a low above the open', { open: 9, high: 12, low: '9.1', close: 11, volume: 1 }, 90],
  ['a low above the close', { open: 11, high: 12, low: '9.1', close: 9, volume: 1 }, 90],
  ['a high below the open', { open: 12, high: 11, low: 9, close: 10, volume: 1 }, 90],
  ['a high below the close', { open: 10, high: 11, low: 9, close: 12, volume: 1 }, 90],
  ['four equal prices', candle(5), 100],
  ['a zero low', { open: 10, high: 11, low: 0, close: 10, volume: 1 }, 90],
  ['a negative volume', { ...candle(5), volume: '-0.1' }, 90],
  ['a zero volume', { ...candle(5), volume: 0 }, 100],
] as const) {
  test(`a candle with ${title} has ${score}`, async (db) => {
    const id = await source(db, { data_type: 'ohlcv' });
    await write(db, [{ source_id: id, timestamp: day(0), ...values }]);
    assert.equal(await scoreOf(db, id, day(0)), { quality_score: score, is_anomaly: false, is_validated: score === 100 });
  });
}

for (const [rate, score] of [['1', 100], ['-1', 100], ['1.0001', 90], ['-1.0001', 90]] as const) {
  test(`a funding rate of ${rate} has ${score}`, async (db) => {
    const id = await source(db, { data_type: 'derivative' });
    await write(db, [{ source_id: id, timestamp: day(0), value: rate }]);
    assert.is((await scoreOf(db, id, day(0))).quality_score, score);
  });
}

test('the RSI example works once it has a source and is enabled', async (db) => {
  const id = await source(db, { data_type: 'calculated' });
  await db.query(
    `insert into validation_rules (data_type, source_id, rule_name, rule_sql, error_message, severity)
     select data_type, $1, rule_name, rule_sql, error_message, severity from validation_rules where rule_name like 'rsi%' limit 1`,
    [id],
  );
  await write(db, [{ source_id: id, timestamp: day(0), value: '100.1' }, { source_id: id, timestamp: day(1), value: 100 }]);
  assert.is((await scoreOf(db, id, day(0))).quality_score, 90);
  assert.is((await scoreOf(db, id, day(1))).quality_score, 100);
});

// Admission ------------------------------------------------------------------------------------------------------------

for (const rule of [
  'true',
  'value > 0',
  'value > 0 -- a comment',
  '(value > 0) is not false',
  'high >= low and low <= close',
  'coalesce(close, value) between 0 and 1e6',
  'abs(close - open) < 0.5 * open',
  "timestamp >= timestamptz '2009-01-03 00:00:00+00'",
  'source_id <> 0',
  'case when value > 0 then ln(value) < 100 else true end',
  'num_nulls(open, high) <> 1',
  "value::text !~ 'E'",
  'null',
]) {
  test(`the rule ${rule} is admitted`, async (db) => {
    const { id } = await sourceWithRule(db, { rule_sql: rule });
    await write(db, [{ source_id: id, timestamp: day(0), ...candle(), value: 1 }]);
    assert.is((await scoreOf(db, id, day(0))).quality_score, 100);
  });
}

const refused: [string, string, RegExp][] = [
  ['that is empty', '', /syntax error/],
  ['that is no SQL', 'value is wonderful', /syntax error/],
  ['that is a number', 'value', /boolean/],
  ['with an unknown column', 'price > 0', /price/],
  ['over a score', 'quality_score > 50', /quality_score/],
  ['with a subquery', 'value > (select 1)', /subquery/],
  ['with an exists', 'exists (select from public.sources)', /subquery/],
  ['with an aggregate', 'value > avg(value)', /aggregate/],
  ['with a window function', 'lag(value) over () is null', /window/],
  ['that returns a set', 'generate_series(1, 2) = 1', /set-returning/],
  ['with now()', "timestamp < now() + interval '1 day'", /immutable/],
  ['with random()', 'random() < 2', /immutable/],
  ['with a sequence', "nextval('audit_log_audit_id_seq') > 0", /immutable/],
  ['that depends on the time zone', 'extract(hour from timestamp) < 24', /immutable/],
  ['that reads a setting', "current_setting('app.user') = ''", /immutable/],
  ['that sleeps', 'pg_sleep(1) is null', /immutable/],
  ['with a parameter', 'value > $1', /parameter/],
  ['that raises whatever the row', '1 / 0 > 1', /division by zero/],
  ['over a system column', 'tableoid > 0', /tableoid/],
  ['over the whole row', 'rule_row is not null', /./],
  ['that ends the expression and adds a statement', 'true) stored; drop table audit_log; --', /syntax error/],
  ['that ends the expression and adds a column', 'true) stored, add column evil int generated always as (1', /syntax error/],
  ['that ends the expression and drops a column', 'true) stored, drop close --', /syntax error/],
  ['that closes the select', 'true) from app_private.rule_row; delete from sources; select (true', /./],
  ['that closes the select with a union', 'true) from app_private.rule_row union select (true', /./],
  ['that ends in a comment', 'true) /*', /./],
  ['with a semicolon', 'true;', /syntax error/],
];

for (const [title, sql, why] of refused) {
  for (const enabled of [true, false]) {
    test(`a rule ${title} is refused${enabled ? '' : ', also disabled'}`, async (db) => {
      const id = await source(db);
      const before = await all(db, allRules);
      const tables = await column(db, `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`);
      await fails('MD001', () => addRule(db, { source_id: id, rule_sql: sql, enabled }), why);
      assert.equal(await all(db, allRules), before);
      assert.equal(
        await column(db, `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`),
        tables,
      );
      assert.is(await only(db, `select count(*)::int from pg_attribute where attrelid = 'app_private.rule_row'::regclass and attnum > 0 and not attisdropped`), 8);
    });
  }
}

test('a refusal says what was refused, why, and what a rule is', async (db) => {
  const error = (await fails('MD001', () => addRule(db, { data_type: 'simple', rule_sql: 'value > (select 1)' }))) as Error & { detail: string; hint: string };
  assert.match(error.message, /subquery/);
  assert.match(error.detail, /value > \(select 1\)/);
  assert.match(error.hint, /boolean/);
});

test('one refused rule takes its statement with it', async (db) => {
  const before = await all(db, allRules);
  await fails('MD001', () =>
    db.query(`insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'fine', 'true', 'e'), ('simple', 'bad', 'nonsense', 'e')`));
  assert.equal(await all(db, allRules), before);
});

test('a rule is checked when its text changes, and the old one stays in force', async (db) => {
  const { id, rule } = await sourceWithRule(db, { rule_sql: 'value < 10' });
  await fails('MD001', () => db.query('update validation_rules set rule_sql = $2 where rule_id = $1', [rule, 'now() is null']));
  await write(db, [{ source_id: id, timestamp: day(0), value: 11 }]);
  assert.is((await scoreOf(db, id, day(0))).quality_score, 90);
});

for (const [title, rule, code] of [
  ['without a scope', { rule_sql: 'true' }, '23514'],
  ['of an unknown severity', { data_type: 'simple', rule_sql: 'true', severity: 'FATAL' }, '23514'],
  ['of an unknown source', { source_id: 2_000_000_000, rule_sql: 'true' }, '23503'],
  ['of an unknown type', { data_type: 'stocks', rule_sql: 'true' }, '22P02'],
] as const) {
  test(`a rule ${title} is refused`, async (db) => {
    await fails(code, () => addRule(db, rule));
  });
}

test('names are unique within a scope, where null is a scope, too', async (db) => {
  const id = await source(db);
  const rule = { rule_name: 'twin', rule_sql: 'true' };
  await addRule(db, { ...rule, data_type: 'macro' });
  await addRule(db, { ...rule, data_type: 'social' });
  await addRule(db, { ...rule, data_type: 'macro', source_id: id });
  await addRule(db, { ...rule, source_id: id });
  await fails('23505', () => addRule(db, { ...rule, data_type: 'macro' }));
  await fails('23505', () => addRule(db, { ...rule, source_id: id }));
  await fails('23505', () => addRule(db, { ...rule, data_type: 'macro', source_id: id }));
});

test('a rule means the same whatever the settings of who compiles and who writes', async (db) => {
  const id = await source(db);
  await addRule(db, { source_id: id, rule_sql: String.raw`value::text ~ '^\d+$'` });
  await addRule(db, { source_id: id, rule_sql: `value > extract(hour from interval '-1 2:00:00')` });
  await as(db, 'none', async (tx) => {
    await tx.query(`set local client_min_messages = error`);
    await tx.query('set local standard_conforming_strings = off');
    await tx.query('set local intervalstyle = sql_standard');
    await tx.query(`update validation_rules set error_message = 'compiled again' where source_id = $1`, [id]);
    await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 1), ($1, $3, 1.5)', [id, day(0), day(1)]);
    assert.equal(await column(tx, 'select quality_score from timeseries_data where source_id = $1 order by timestamp', [id]), [90, 80]);

    // One that raises has all of them run guarded.
    await tx.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'divides', '1 / (value - 1) > 0', 'e')`, [id]);
    await tx.query('call rescore($1)', [id]);
    assert.equal(await column(tx, 'select quality_score from timeseries_data where source_id = $1 order by timestamp', [id]), [80, 80]);
  });
});

test('moments in a rule mean the same whatever the time zone and date style of the session', async (db) => {
  const id = await source(db);
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query(`set local timezone = 'America/New_York'`);
    await client.query(`set local datestyle = 'SQL, DMY'`);
    await client.query(
      `insert into validation_rules (source_id, rule_name, rule_sql, error_message) values
         ($1, 'since', 'timestamp >= ''2020-02-01''', 'e'), ($1, 'inverse', '1 / value > 0', 'e')`,
      [id],
    );
    await client.query('commit');
  } finally {
    client.release();
  }
  // A row with value 0 makes the other rule raise, so that the guarded form is used as well.
  const rows = ['2020-01-31T23:59:59Z', '2020-02-01T00:00:00Z', '2020-02-01T04:59:59Z'].map((timestamp) => ({ source_id: id, timestamp, value: 1 }));
  const scores = (): Promise<number[]> => column(db, 'select quality_score from timeseries_data where source_id = $1 order by timestamp', [id]);
  await write(db, rows);
  assert.equal(await scores(), [90, 100, 100]);
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  await write(db, [...rows, { source_id: id, timestamp: '2020-03-01', value: 0 }]);
  assert.equal((await scores()).slice(0, 3), [90, 100, 100]);
});

// Scope and severity ---------------------------------------------------------------------------------------------------

test('a rule of a type applies to every source of the type and to no other', async (db) => {
  await addRule(db, { data_type: 'onchain', rule_sql: 'value < 0' });
  const [a, b, other] = [await source(db, { data_type: 'onchain' }), await source(db, { data_type: 'onchain' }), await source(db, { data_type: 'etf' })];
  await write(db, [a, b, other].map((source_id) => ({ source_id, timestamp: day(0), value: 1 })));
  assert.equal(
    await column(db, 'select quality_score from timeseries_data where source_id = any ($1) order by source_id', [[a, b, other]]),
    [90, 90, 100],
  );
});

test('a rule of type and source applies only where both are right', async (db) => {
  const id = await source(db, { data_type: 'etf' });
  await addRule(db, { data_type: 'social', source_id: id, rule_sql: 'value < 0' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  assert.is((await scoreOf(db, id, day(0))).quality_score, 100);
  await db.query(`update sources set data_type = 'social' where source_id = $1`, [id]);
  await write(db, [{ source_id: id, timestamp: day(1), value: 1 }]);
  assert.is((await scoreOf(db, id, day(1))).quality_score, 90);
});

for (const [severity, isValidated] of [['ERROR', false], ['WARNING', true], ['INFO', true]] as const) {
  test(`a violation of severity ${severity} costs 10 and leaves is_validated ${isValidated}`, async (db) => {
    const { id } = await sourceWithRule(db, { rule_sql: 'value < 0', severity });
    await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
    assert.equal(await scoreOf(db, id, day(0)), { quality_score: 90, is_anomaly: false, is_validated: isValidated });
  });
}

test('a warning beside an error leaves the row invalid', async (db) => {
  const { id } = await sourceWithRule(db, { rule_sql: 'value < 0', severity: 'WARNING' });
  await addRule(db, { source_id: id, rule_sql: 'value < -1', severity: 'ERROR' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  assert.equal(await scoreOf(db, id, day(0)), { quality_score: 80, is_anomaly: false, is_validated: false });
});

test('a rule that is null counts as satisfied', async (db) => {
  const { id } = await sourceWithRule(db, { rule_sql: 'open > 0' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  assert.is((await scoreOf(db, id, day(0))).quality_score, 100);
});

test('a correction that satisfies the rule makes the row valid again', async (db) => {
  const { id } = await sourceWithRule(db, { rule_sql: 'value < 10' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 11 }]);
  await write(db, [{ source_id: id, timestamp: day(0), value: 9 }], 'an update');
  assert.equal(await scoreOf(db, id, day(0)), { quality_score: 100, is_anomaly: false, is_validated: true });
});

// A rule that raises ---------------------------------------------------------------------------------------------------

for (const [title, rule] of [
  ['divides by zero', '1 / (value - 5) > -1'],
  ['overflows', '(case when value = 5 then 1e10 else value end)::int > 0'],
  ['casts badly', "(case when value = 5 then 'x' else '1' end)::int = 1"],
] as const) {
  for (const way of ways) {
    test(`a rule that ${title} is violated by that row alone, and the rows go in by ${way}`, async (db) => {
      const { id } = await sourceWithRule(db, { rule_sql: rule });
      const rows = [6, 5, 7].map((value, n) => ({ source_id: id, timestamp: day(n), value }));
      if (way === 'an upsert' || way === 'an update') await write(db, rows.map((row) => ({ ...row, value: '5.5' })));
      await write(db, rows, way);
      assert.equal(
        await all(db, 'select value, is_validated from timeseries_data where source_id = $1 order by timestamp', [id]),
        [{ value: '6', is_validated: true }, { value: '5', is_validated: false }, { value: '7', is_validated: true }],
      );
    });
  }
}

test('a rule that raises costs 10 like any other, and the other rules still count', async (db) => {
  const { id } = await sourceWithRule(db, { rule_sql: '1 / value > 0', severity: 'WARNING' });
  await addRule(db, { source_id: id, rule_sql: 'value <> 0', severity: 'WARNING' });
  const other = await source(db, { data_type: 'derivative' });
  await write(db, [
    { source_id: id, timestamp: day(0), value: 0 },
    { source_id: id, timestamp: day(1), value: 0 },
    { source_id: other, timestamp: day(0), value: '0.5' },
    { source_id: other, timestamp: day(1), value: '0.6' },
    { source_id: other, timestamp: day(2), value: 2 },
  ]);
  assert.equal(
    await column(db, 'select quality_score from timeseries_data where source_id = any ($1) order by source_id, timestamp', [[id, other]]),
    [80, 80, 100, 100, 65],
  );
});

test('a rule of one source that raises does not touch another source', async (db) => {
  const { id } = await sourceWithRule(db, { rule_sql: '1 / value > -1' });
  const other = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 0 }, { source_id: other, timestamp: day(0), value: 0 }]);
  assert.is((await scoreOf(db, id, day(0))).quality_score, 90);
  assert.is((await scoreOf(db, other, day(0))).quality_score, 100);
});

// Changing rules -------------------------------------------------------------------------------------------------------

test('adding, disabling, enabling, changing and deleting a rule take effect at once', async (db) => {
  const id = await source(db);
  let n = 0;
  const score = async (): Promise<number> => {
    await write(db, [{ source_id: id, timestamp: day(n), value: 10 }]);
    return (await scoreOf(db, id, day(n++))).quality_score;
  };
  assert.is(await score(), 100);
  const rule = await addRule(db, { source_id: id, rule_sql: 'value < 5' });
  assert.is(await score(), 90);
  await db.query('update validation_rules set enabled = false where rule_id = $1', [rule]);
  assert.is(await score(), 100);
  await db.query('update validation_rules set enabled = true where rule_id = $1', [rule]);
  assert.is(await score(), 90);
  await db.query(`update validation_rules set rule_sql = 'value < 50' where rule_id = $1`, [rule]);
  assert.is(await score(), 100);
  await db.query(`update validation_rules set rule_sql = 'value < 5' where rule_id = $1`, [rule]);
  assert.is(await score(), 90);
  await db.query('delete from validation_rules where rule_id = $1', [rule]);
  assert.is(await score(), 100);
});

test('a change of severity takes effect at once', async (db) => {
  const { id, rule } = await sourceWithRule(db, { rule_sql: 'value < 5', severity: 'WARNING' });
  await db.query(`update validation_rules set severity = 'ERROR' where rule_id = $1`, [rule]);
  await write(db, [{ source_id: id, timestamp: day(0), value: 10 }]);
  assert.is((await scoreOf(db, id, day(0))).is_validated, false);
});

test('a rule that is rolled back has no effect', async (db) => {
  const id = await source(db);
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'r', 'value < 0', 'e')`, [id]);
    await client.query('rollback');
  } finally {
    client.release();
  }
  await write(db, [{ source_id: id, timestamp: day(0), value: 10 }]);
  assert.is((await scoreOf(db, id, day(0))).quality_score, 100);
});

test('rows that are there already follow a new rule when they are scored again', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 10 }]);
  await compressAll(db);
  await addRule(db, { source_id: id, rule_sql: 'value < 5' });
  assert.is((await scoreOf(db, id, day(0))).quality_score, 100);
  await db.query('call rescore($1)', [id]);
  assert.equal(await scoreOf(db, id, day(0)), { quality_score: 90, is_anomaly: false, is_validated: false });
});

test('rules go with their source', async (db) => {
  const { id } = await sourceWithRule(db, { rule_sql: 'value < 5' });
  await db.query('delete from sources where source_id = $1', [id]);
  assert.is(await only(db, 'select count(*) from validation_rules where source_id = $1', [id]), '0');
  assert.not.match(await only(db, `select pg_get_functiondef('app_private.violated_rules'::regproc)`), new RegExp(`source_id = ${id}\\)`));
});

test('validation_rules cannot be truncated behind the compiler\'s back', async (db) => {
  const before = await only(db, 'select array_length(app_private.error_rules(), 1)');
  await fails('MD004', () => db.query('truncate validation_rules'));
  assert.is(await only(db, 'select array_length(app_private.error_rules(), 1)'), before);
});

test('a database without any enabled rule scores rows', async (db) => {
  await db.query('update validation_rules set enabled = false');
  const id = await source(db, { data_type: 'ohlcv' });
  await write(db, [{ source_id: id, timestamp: day(0), ...candle(), volume: -1 }]);
  assert.equal(await scoreOf(db, id, day(0)), { quality_score: 100, is_anomaly: false, is_validated: true });
});

// What others have made --------------------------------------------------------------------------------------------------

/**
 * Works as a role that may insert rules and make objects of its own; `ran` counts what its function did with other
 * rights than its own.
 */
async function asAuthor(db: TestDatabase, work: (tx: ClientBase) => Promise<void>): Promise<void> {
  const author = `btcdb_test_author_${process.pid}`;
  await db.query(`create role ${author}`);
  await db.query(`grant usage on schema public to ${author}`);
  await db.query(`grant select, insert, update on validation_rules to ${author}; grant execute on function app_private.current_actor() to ${author}`);
  await db.query(`create schema strange authorization ${author}`);
  try {
    await as(db, author, async (tx) => {
      await tx.query('create sequence strange.ran');
      await tx.query('grant usage on sequence strange.ran to public');
      for (const schema of ['pg_temp', 'strange']) {
        await tx.query(`create function ${schema}.f(numeric) returns boolean language plpgsql immutable as
          $$ begin if current_user <> '${author}' then perform nextval('strange.ran'); end if; return true; end $$`);
        await tx.query(`create domain ${schema}.d as int check (${schema}.f(value))`);
        await tx.query(`create type ${schema}.c as (x ${schema}.d)`);
        await tx.query(`create type ${schema}.r as range (subtype = ${schema}.d)`);
        await tx.query(`create domain ${schema}."Odd d" as int check (${schema}.f(value))`);
      }
      await tx.query('create operator strange.@@@ (rightarg = numeric, function = strange.f)');
      await tx.query(`create function strange.to_int(boolean) returns numeric language sql immutable return 1`);
      await tx.query('create view strange.v as select strange.f(1) as x');
      await work(tx);
    });
  } finally {
    await db.query(`drop owned by ${author} cascade`);
    await db.query(`drop role ${author}`);
  }
}

test('a rule uses no function, operator or type of anybody but PostgreSQL, its extensions and the owner, and runs none', async (db) => {
  await asAuthor(db, async (tx) => {
    for (const rule of [
      'pg_temp.f(1)',
      'pg_temp.f(value)',
      'strange.f(1)',
      'strange.f(value)',
      'operator(strange.@@@) 1',
      'operator(strange.@@@) value',
      'strange.to_int(true) > 0',
      '5::pg_temp.d > 0',
      '5::strange.d > 0',
      'value::int::strange.d > 0',
      `'{5}'::pg_temp.d[] is not null`,
      `'{5}'::d[] is not null`,
      `'{5}'::/* a */ strange/**/.d[] is not null`,
      `strange._d '{5}' is not null`,
      `strange.c '(5)' is not null`,
      `c('(5)') is not null`,
      `'[1,5]'::strange.r is not null`,
      `'{5}'::strange."Odd d"[] is not null`,
      `'{5}'::strange.U&"!0064" uescape '!' [] is not null`,
      `'{5}'::U&"\\0073trange".d[] is not null`,
      'exists (select from strange.v)',
      '(select x from strange.v)',
      'true), strange.f(1',
    ]) {
      for (const enabled of [true, false]) {
        await tx.query('savepoint attempt');
        await fails('MD001', () => tx.query(
          `insert into validation_rules (data_type, rule_name, rule_sql, error_message, enabled) values ('simple', 'r', $1, 'e', $2)`, [rule, enabled]));
        await tx.query('rollback to savepoint attempt');
      }
    }
    assert.is(await only(tx, 'select is_called from strange.ran'), false);
    await tx.query(`insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'r', 'value > 0', 'e')`);
  });
});

test('a refusal names what was used', async (db) => {
  await asAuthor(db, async (tx) => {
    await fails('MD001', () => tx.query(
      `insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'r', 'strange.f(value)', 'e')`),
    /it uses function strange\.f\(numeric\), which neither PostgreSQL nor the owner/);
  });
});

test('a rule may use what extensions and the owner have made, but nothing temporary', async (db) => {
  await sourceWithRule(db, { rule_sql: `time_bucket('1 day', timestamp) <= timestamp` });
  await db.query('create function public.is_fine(numeric) returns boolean language sql immutable return $1 > 0');
  const client = await db.pool.connect();
  try {
    const { id } = await sourceWithRule(db, { rule_sql: 'is_fine(value)' });
    await write(db, [{ source_id: id, timestamp: day(0), value: -1 }]);
    assert.is((await scoreOf(db, id, day(0))).quality_score, 90);
    await client.query('create function pg_temp.is_fine(numeric) returns boolean language sql immutable return true');
    await fails('MD001', () => client.query(
      `insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'r', 'pg_temp.is_fine(value)', 'e')`), /temp/);
  } finally {
    await client.query('drop function if exists pg_temp.is_fine(numeric) cascade');
    client.release();
    await db.query(`delete from validation_rules where rule_sql = 'is_fine(value)'`);
    await db.query('drop function public.is_fine(numeric)');
  }
});

for (const way of ways) {
  test(`rows are stored after the function of a rule was dropped, which counts as violated, by ${way}`, async (db) => {
    await db.query('create function public.is_fine(numeric) returns boolean language sql immutable return $1 > 0');
    const { id } = await sourceWithRule(db, { rule_sql: 'is_fine(value)' });
    await addRule(db, { source_id: id, rule_sql: 'value < 5' });
    const rows = [{ source_id: id, timestamp: day(0), value: '4' }, { source_id: id, timestamp: day(1), value: '5.5' }];
    if (way === 'an upsert' || way === 'an update') await write(db, rows.map((row) => ({ ...row, value: '3' })));
    await db.query('drop function public.is_fine(numeric) cascade');
    await write(db, rows, way);
    assert.equal(await column(db, 'select quality_score from timeseries_data where source_id = $1 order by timestamp', [id]), [90, 80]);

    // It is in force again when the function is there and the rules are compiled.
    await db.query('create function public.is_fine(numeric) returns boolean language sql immutable return $1 > 0');
    await db.query('select app_private.compile_rules()');
    await db.query('call rescore($1)', [id]);
    assert.equal(await column(db, 'select quality_score from timeseries_data where source_id = $1 order by timestamp', [id]), [100, 90]);
    await db.query('delete from validation_rules where source_id = $1', [id]);
    await db.query('drop function public.is_fine(numeric)');
  });
}

test('a rule whose function asserts what is not true counts as violated', async (db) => {
  await db.query(`create function public.asserts(numeric) returns boolean language plpgsql immutable as $$ begin assert $1 > 0; return true; end $$`);
  const { id } = await sourceWithRule(db, { rule_sql: 'asserts(value)' });
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }, { source_id: id, timestamp: day(1), value: '0.9' }, { source_id: id, timestamp: day(2), value: '-0.9' }]);
  assert.equal(await column(db, 'select is_validated from timeseries_data where source_id = $1 order by timestamp', [id]), [true, true, false]);
  await db.query('delete from validation_rules where source_id = $1', [id]);
  await db.query('drop function public.asserts(numeric)');
});

// Two sessions at once --------------------------------------------------------------------------------------------------

for (const level of ['read committed', 'repeatable read', 'serializable']) {
  testOnServer(`a rule that another session commits during a ${level} transaction is compiled too, or the transaction is refused`, async (db) => {
    const id = await source(db);
    const client = await db.pool.connect();
    const add = `insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, $2, $3, 'e')`;
    try {
      await client.query(`begin isolation level ${level}`);
      await client.query('select count(*) from sources'); // takes the snapshot
      await db.query(add, [id, 'theirs', 'value < 10']);
      const mine = (): Promise<unknown> => client.query(add, [id, 'mine', 'value < 100']);
      if (level === 'read committed') await mine();
      else await fails('40001', mine);
      await client.query('commit');
    } finally {
      await client.query('rollback');
      client.release();
    }
    await write(db, [{ source_id: id, timestamp: day(0), value: 50 }, { source_id: id, timestamp: day(1), value: 500 }]);
    assert.is((await scoreOf(db, id, day(0))).quality_score, 90);
    assert.is((await scoreOf(db, id, day(1))).quality_score, level === 'read committed' ? 55 : 65);
  });
}

testOnServer('rules are added and looked at by several at once', async (db) => {
  const id = await source(db);
  const round = async (add: number): Promise<void> => {
    if (add % 2 > 0) return void await db.query('select * from app_private.faulty_rules()');
    await db.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, $2, 'value > 0', 'e')`, [id, `rule ${add}`]);
  };
  for (let n = 0; n < 5; n++) await Promise.all([1, 2, 3, 4].map((each) => round(4 * n + each)));
  await db.query('delete from validation_rules where source_id = $1', [id]);
});

testOnServer('what can be tried again is not passed off as a refused rule', async (db) => {
  const id = await source(db);
  const [other, client] = [await db.pool.connect(), await db.pool.connect()];
  const add = `insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'r', 'true', 'e')`;
  try {
    await other.query('begin; lock table app_private.rule_row');
    await client.query(`begin; set local lock_timeout = '50ms'`);
    await fails('55P03', () => client.query(add, [id]));
    await client.query(`rollback; begin; set local deadlock_timeout = '1ms'; lock table features`);
    await other.query(`set local deadlock_timeout = '1min'`);
    const blocked = other.query('lock table features');
    await fails('40P01', () => client.query(add, [id]));
    await client.query('rollback');
    await blocked;
  } finally {
    await client.query('rollback');
    await other.query('rollback');
    other.release();
    client.release();
  }
});

suite.run();
