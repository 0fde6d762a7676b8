/** audit_log: who, why, what really changed; and that nobody alters it. */
import { assert, databaseSuite, fails } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { transaction } from '../../src/client/transaction.js';
import { auditMark, auditSince, candle, column, compressAll, day, one, only, source, write, type AnyRow } from './support.js';

const test = databaseSuite('audit');

const data = (entry: AnyRow): AnyRow => {
  const { open, high, low, close, volume, value } = entry;
  return { open, high, low, close, volume, value };
};

/** What `work` adds to the log of a table. */
async function added(db: TestDatabase, work: () => Promise<unknown>, table?: string): Promise<AnyRow[]> {
  const mark = await auditMark(db);
  await work();
  return auditSince(db, mark, table);
}

// Who, why, where from -------------------------------------------------------------------------------------------------

test('who is app.user, why is app.reason', async (db) => {
  const id = await source(db);
  const [entry] = await added(db, () => write(db, [{ source_id: id, timestamp: day(0), value: 1 }], 'a multi-row insert', { user: 'alice', reason: 'first import' }));
  assert.equal([entry!.changed_by, entry!.reason], ['alice', 'first import']);
});

test('without app.user it is the session user, and there is no reason', async (db) => {
  const id = await source(db);
  const [entry] = await added(db, () => write(db, [{ source_id: id, timestamp: day(0), value: 1 }]));
  assert.equal([entry!.changed_by, entry!.reason], [await only(db, 'select session_user::text'), null]);
});

test('who and why end with their transaction', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }], 'a multi-row insert', { user: 'alice', reason: 'why' });
  const [entry] = await added(db, () => db.query('update timeseries_data set value = 2 where source_id = $1', [id]));
  assert.equal([entry!.action, entry!.changed_by, entry!.reason], ['UPDATE', await only(db, 'select session_user::text'), null]);
});

test('the address and the program of the client are kept', async (db) => {
  const id = await source(db);
  const [entry] = await added(db, () => write(db, [{ source_id: id, timestamp: day(0), value: 1 }], 'a multi-row insert', { userAgent: 'Mozilla/5.0' }));
  assert.is(entry!.user_agent, 'Mozilla/5.0');
  assert.is(entry!.ip_address, await only(db, 'select inet_client_addr()'));
  const [other] = await added(db, () => write(db, [{ source_id: id, timestamp: day(1), value: 1 }]));
  assert.is(other!.user_agent, await only(db, `select nullif(current_setting('application_name'), '')`));
});

test('changed_at is the moment of the transaction', async (db) => {
  const id = await source(db);
  const [entry] = await added(db, () => write(db, [{ source_id: id, timestamp: day(0), value: 1 }]));
  assert.equal(entry!.changed_at, await only(db, 'select created_at from timeseries_data where source_id = $1', [id]));
});

// Inserts --------------------------------------------------------------------------------------------------------------

for (const way of ['single inserts', 'COPY', 'an upsert'] as const) {
  test(`one row by ${way} is written as the row itself`, async (db) => {
    const id = await source(db);
    const entries = await added(db, () => write(db, [{ source_id: id, timestamp: day(0), value: '1.5' }], way));
    assert.is(entries.length, 1);
    const [entry] = entries;
    assert.equal([entry!.action, entry!.source_id, entry!.timestamp.toISOString()], ['INSERT', id, day(0)]);
    assert.equal([entry!.old_value, entry!.changed_fields], [null, null]);
    assert.equal(data(entry!.new_value), { open: null, high: null, low: null, close: null, volume: null, value: 1.5 });
  });
}

for (const way of ['a multi-row insert', 'COPY', 'an upsert'] as const) {
  test(`many rows by ${way} are one entry per source: how many, from, to`, async (db) => {
    const [a, b, c] = [await source(db), await source(db), await source(db)];
    const entries = await added(db, () =>
      write(db, [
        { source_id: a, timestamp: day(5), value: 1 },
        { source_id: b, timestamp: day(9), value: 1 },
        { source_id: a, timestamp: day(1), value: 1 },
        { source_id: c, timestamp: day(4), value: 1 },
        { source_id: a, timestamp: day(3), value: 1 },
        { source_id: b, timestamp: day(2), value: 1 },
      ], way));
    assert.equal(entries.map((e) => [e.action, e.source_id]), [['INSERT', a], ['INSERT', b], ['INSERT', c]]);
    const range = ({ new_value }: AnyRow): unknown[] => [new_value.rows, new Date(new_value.from).toISOString(), new Date(new_value.to).toISOString()];
    assert.equal(range(entries[0]!), [3, day(1), day(5)]);
    assert.equal(Object.keys(entries[0]!.new_value).sort(), ['from', 'rows', 'to']);
    assert.equal(range(entries[1]!), [2, day(2), day(9)]);
    assert.is(entries[0]!.timestamp, null);
    assert.is(entries[2]!.new_value.value, 1, 'the source with a single row has the row itself');
  });
}

test('an insert of nothing writes nothing', async (db) => {
  assert.equal(await added(db, () => db.query('insert into timeseries_data (source_id, timestamp) select 1, now() where false')), []);
});

test('a refused insert writes nothing', async (db) => {
  const id = await source(db);
  assert.equal(await added(db, () => write(db, [{ source_id: id, timestamp: day(0), value: 'NaN' }]).catch(() => undefined)), []);
});

test('the first value of a row is in the old value of its first change', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }, { source_id: id, timestamp: day(1), value: 2 }]);
  const [entry] = await added(db, () => write(db, [{ source_id: id, timestamp: day(1), value: 3 }], 'an update'));
  assert.is(entry!.old_value.value, 2);
});

// Updates --------------------------------------------------------------------------------------------------------------

for (const way of ['an update', 'an upsert'] as const) {
  test(`${way} writes old, new and the fields that really changed`, async (db) => {
    const id = await source(db, { data_type: 'ohlcv' });
    await write(db, [{ source_id: id, timestamp: day(0), ...candle(100) }]);
    const entries = await added(db, () =>
      write(db, [{ source_id: id, timestamp: day(0), open: 100, high: 110, low: 100, close: 105, volume: 1 }], way));
    assert.is(entries.length, 1);
    const [entry] = entries;
    assert.equal([entry!.action, entry!.source_id, entry!.timestamp.toISOString()], ['UPDATE', id, day(0)]);
    assert.equal(entry!.changed_fields, ['close', 'high']);
    assert.equal([entry!.old_value.high, entry!.new_value.high, entry!.old_value.close, entry!.new_value.close], [100, 110, 100, 105]);
    assert.is(entry!.new_value.open, 100);
  });

  test(`${way} that changes nothing writes nothing`, async (db) => {
    const id = await source(db);
    const rows = [{ source_id: id, timestamp: day(0), value: 1 }, { source_id: id, timestamp: day(1), value: null }];
    await write(db, rows);
    assert.equal(await added(db, () => write(db, rows, way)), []);
    assert.equal(await added(db, () => write(db, [{ source_id: id, timestamp: day(0), value: '1.000' }], way)), [], 'the same number');
  });

  test(`${way} with a reason is a correction`, async (db) => {
    const id = await source(db);
    await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
    const [entry] = await added(db, () => write(db, [{ source_id: id, timestamp: day(0), value: 2 }], way, { user: 'alice', reason: 'misread' }));
    assert.equal([entry!.action, entry!.changed_by, entry!.reason, entry!.changed_fields], ['CORRECTION', 'alice', 'misread', ['value']]);
  });

  test(`${way} of many rows writes one entry for each row that changed`, async (db) => {
    const id = await source(db);
    const rows = Array.from({ length: 10 }, (_, n) => ({ source_id: id, timestamp: day(n), value: 10 }));
    await write(db, rows);
    const entries = await added(db, () => write(db, rows.map((row, n) => (n % 3 ? row : { ...row, value: 11 })), way));
    assert.equal(entries.map((e) => e.timestamp.toISOString()), [0, 3, 6, 9].map((n) => day(n)));
  });

  test(`${way} inside a compressed chunk writes the same`, async (db) => {
    const id = await source(db);
    const rows = Array.from({ length: 10 }, (_, n) => ({ source_id: id, timestamp: day(n, '2016-01-01'), value: 10 }));
    await write(db, rows);
    await compressAll(db);
    const entries = await added(db, () => write(db, rows.map((row, n) => (n === 4 ? { ...row, value: null } : row)), way));
    assert.equal(entries.map((e) => [e.action, e.timestamp.toISOString(), e.changed_fields, e.old_value.value, e.new_value.value]), [
      ['UPDATE', day(4, '2016-01-01'), ['value'], 10, null],
    ]);
  });
}

test('an upsert of old and new rows writes one entry for the new ones and one for each that changed', async (db) => {
  const id = await source(db);
  await write(db, [0, 1, 2].map((n) => ({ source_id: id, timestamp: day(n), value: 10 })));
  const entries = await added(db, () => write(db, [10, 11, 10, 10, 10].map((value, n) => ({ source_id: id, timestamp: day(n), value })), 'an upsert'));
  assert.equal(entries.map((e) => [e.action, e.new_value.rows ?? e.new_value.value]).sort(), [['INSERT', 2], ['UPDATE', 11]]);
});

test('the scores of the pipeline are no change', async (db) => {
  const id = await source(db);
  await write(db, [0, 1, 2].map((n) => ({ source_id: id, timestamp: day(n), value: 10 })));
  await db.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'never', 'value < 0', 'e')`, [id]);
  assert.equal(await added(db, () => db.query('call rescore($1)', [id])), []);
  assert.is(await only(db, 'select max(quality_score) from timeseries_data where source_id = $1', [id]), 90);
});

test('a score that a client writes is no change', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 10 }]);
  assert.equal(await added(db, () => db.query('update timeseries_data set quality_score = 1, is_anomaly = true where source_id = $1', [id])), []);
});

test('an update beside a client\'s score names the data alone', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 10 }]);
  const [entry] = await added(db, () => db.query('update timeseries_data set quality_score = 1, value = 11 where source_id = $1', [id]));
  assert.equal(entry!.changed_fields, ['value']);
});

// Deletes --------------------------------------------------------------------------------------------------------------

test('a deletion writes each row', async (db) => {
  const id = await source(db);
  await write(db, [1, 2, 3].map((value, n) => ({ source_id: id, timestamp: day(n), value })));
  const entries = await added(db, () =>
    transaction(db, { user: 'alice', reason: 'wrong series' }, (tx) => tx.query('delete from timeseries_data where source_id = $1 and timestamp > $2', [id, day(0)])));
  // In whatever order the plan came across the rows.
  assert.equal(entries.map((e) => [e.action, e.timestamp.toISOString(), e.old_value.value, e.new_value, e.changed_by, e.reason]).sort(), [
    ['DELETE', day(1), 2, null, 'alice', 'wrong series'],
    ['DELETE', day(2), 3, null, 'alice', 'wrong series'],
  ]);
});

// The other tables -----------------------------------------------------------------------------------------------------

interface Audited {
  table: string;
  insert: string;
  update: string;
  changed: string[];
  /** Columns that the pipeline keeps, and a change of them. */
  bookkeeping?: string;
}

const others: Audited[] = [
  { table: 'sources', insert: `insert into sources (name, display_name, data_type) values ('audited', 'A', 'simple')`, update: `display_name = 'B', category = 'x'`, changed: ['category', 'display_name'], bookkeeping: 'last_successful_update = now(), next_scheduled_update = now(), updated_at = now()' },
  { table: 'validation_rules', insert: `insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('etf', 'a', 'true', 'e')`, update: 'enabled = false', changed: ['enabled'] },
  { table: 'anomalies', insert: `insert into anomalies (source_id, timestamp, anomaly_type, severity) values ($1, now(), 'duplicate', 'LOW')`, update: 'reviewed = true, severity = \'HIGH\'', changed: ['reviewed', 'severity'] },
  { table: 'timeseries_archive', insert: `insert into timeseries_archive (source_id, timestamp, quality_score, is_anomaly, is_validated, is_backfilled, created_at, updated_at) values ($1, now(), 1, false, true, false, now(), now())`, update: `deletion_reason = 'why'`, changed: ['deletion_reason'] },
  { table: 'lineage', insert: `insert into lineage (derived_source_id, parent_source_id, calculation_type) values ($1, $2, 'sql')`, update: `calculation_sql = 'select 1'`, changed: ['calculation_sql'], bookkeeping: 'refresh_required = not refresh_required' },
  { table: 'features', insert: `insert into features (source_id, timestamp, rsi_value) values ($1, '2020-01-01Z', 50)`, update: 'rsi_value = 51', changed: ['rsi_value'] },
  { table: 'ml_models', insert: `insert into ml_models (name, version, model_type) values ('audited', '1', 'gbm')`, update: `model_path = '/m'`, changed: ['model_path'], bookkeeping: 'updated_at = now()' },
  { table: 'forecasts', insert: `insert into forecasts (source_id, target_timestamp, predicted_value, model_name) values ($1, now() + interval '1 day', 1, 'm')`, update: 'predicted_value = 2', changed: ['predicted_value'] },
  { table: 'backtest_results', insert: `insert into backtest_results (strategy_name, source_id, start_date, end_date, initial_capital, final_capital) values ('s', $1, '2020-01-01', '2020-01-02', 1, 1)`, update: 'total_trades = 4, winning_trades = 3', changed: ['total_trades', 'win_rate', 'winning_trades'] },
  { table: 'backtest_trades', insert: `with run as (insert into backtest_results (strategy_name, source_id, start_date, end_date, initial_capital, final_capital) values ('s', $1, '2020-01-01', '2020-01-02', 1, 1) returning backtest_id) insert into backtest_trades (backtest_id, side, entry_time, entry_price, quantity) select backtest_id, 'LONG', now(), 1, 1 from run`, update: 'fees = 1', changed: ['fees'] },
  { table: 'backups', insert: `insert into backups (name, location, form, is_encrypted, taken_at, row_count, size_bytes, sha256) values ('a.dump', '/b', 'pg_dump', false, now(), 1, 1, sha256(''))`, update: `verified_at = '2024-01-01Z', verified_on = 'here'`, changed: ['verified_at', 'verified_on'] },
  { table: 'market_calendar', insert: `insert into market_calendar (date, market) values ('2060-01-01', 'FOREX')`, update: `holiday_name = 'x'`, changed: ['holiday_name'] },
  { table: 'time_index', insert: `insert into time_index values ('2060-01-01Z', '2060-01-01', 3, false, true)`, update: `notes = 'x'`, changed: ['notes'] },
];

for (const { table, insert, update, changed, bookkeeping } of others) {
  test(`${table} is audited row by row`, async (db) => {
    const ids = [await source(db), await source(db)].slice(0, (insert.match(/\$\d/g) ?? []).length);
    const primaryKey = await column(
      db,
      `select a.attname from pg_index as i join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
       where i.indrelid = $1::regclass and i.indisprimary`,
      [table],
    );
    let row: AnyRow = {};
    const [inserted, ...none] = await added(db, async () => (row = await one(db, `${insert} returning *`, ids)), table);
    assert.equal(none, []);
    assert.equal([inserted!.action, inserted!.old_value, inserted!.changed_fields], ['INSERT', null, null]);
    assert.equal(Object.keys(inserted!.new_value).sort(), Object.keys(row).sort());
    if ('source_id' in row) assert.is(inserted!.source_id, row.source_id);

    const where = `where ${primaryKey.map((name, n) => `${name} = $${n + 1}`).join(' and ')}`;
    const key = primaryKey.map((name) => row[name]);
    const set = (assignments: string): Promise<unknown> =>
      transaction(db, { user: 'alice' }, (tx) => tx.query(`update ${table} set ${assignments} ${where}`, key));

    const [updated] = await added(db, () => set(update), table);
    assert.equal([updated!.action, updated!.changed_fields, updated!.changed_by], ['UPDATE', changed, 'alice']);
    assert.equal(Object.keys(updated!.old_value).sort(), Object.keys(updated!.new_value).sort());

    assert.equal(await added(db, () => set(update), table), [], 'nothing changed');
    if (bookkeeping) assert.equal(await added(db, () => set(bookkeeping), table), [], 'bookkeeping');

    const [deleted] = await added(
      db,
      () => transaction(db, { reason: 'tidy' }, (tx) => tx.query(`delete from ${table} ${where}`, key)),
      table,
    );
    assert.equal([deleted!.action, deleted!.new_value, deleted!.reason], ['DELETE', null, 'tidy']);
  });
}

test('an update of another table with a reason is a correction', async (db) => {
  const id = await source(db);
  const [entry] = await added(
    db,
    () => transaction(db, { reason: 'renamed' }, (tx) => tx.query(`update sources set display_name = 'New' where source_id = $1`, [id])),
    'sources',
  );
  assert.equal([entry!.action, entry!.reason, entry!.source_id], ['CORRECTION', 'renamed', id]);
});

test('rows that arrive write no entry about their source', async (db) => {
  const id = await source(db);
  const entries = await added(db, () => write(db, [{ source_id: id, timestamp: day(0), value: 1 }]), 'sources');
  assert.equal(entries, []);
});

test('rows that arrive write no entry about lineage', async (db) => {
  const [parent, child] = [await source(db), await source(db)];
  await db.query(`insert into lineage (derived_source_id, parent_source_id, calculation_type) values ($1, $2, 'sql')`, [child, parent]);
  assert.equal(await added(db, () => write(db, [{ source_id: parent, timestamp: day(0), value: 1 }]), 'lineage'), []);
});

// Append-only ----------------------------------------------------------------------------------------------------------

for (const [title, statement] of [
  ['UPDATE', `update audit_log set reason = 'forged'`],
  ['UPDATE of no row', `update audit_log set reason = 'forged' where false`],
  ['DELETE', 'delete from audit_log'],
  ['TRUNCATE', 'truncate audit_log'],
  ['TRUNCATE with CASCADE', 'truncate audit_log cascade'],
  ['upsert', `insert into audit_log overriding system value select * from audit_log limit 1 on conflict (audit_id) do update set reason = 'forged'`],
] as const) {
  test(`${title} of the audit log is refused, to its owner, too`, async (db) => {
    const id = await source(db);
    await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
    assert.is(await only(db, `select tableowner = current_user from pg_tables where tablename = 'audit_log'`), true);
    const before = await one(db, 'select count(*), max(audit_id) from audit_log');
    const error = (await fails('MD003', () => db.query(statement))) as Error & { hint: string };
    assert.ok(error.hint);
    assert.equal(await one(db, 'select count(*), max(audit_id) from audit_log'), before);
  });
}

test('a transaction that is rolled back leaves no entry', async (db) => {
  const id = await source(db);
  const entries = await added(db, () =>
    transaction(db, {}, async (tx) => {
      await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, now(), 1)', [id]);
      throw new Error('no');
    }).catch(() => undefined));
  assert.equal(entries, []);
});

test('the history of a row can be read from it', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await write(db, [{ source_id: id, timestamp: day(0), value: 2 }], 'an update', { reason: 'better' });
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  await db.query('select restore_archived($1)', [id]);
  assert.equal(
    await column(db, `select action from audit_log where source_id = $1 and timestamp = $2 and table_name = 'timeseries_data' order by audit_id`, [id, day(0)]),
    ['INSERT', 'CORRECTION', 'DELETE', 'INSERT'],
  );
});

test.run();
