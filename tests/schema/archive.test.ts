/** timeseries_archive: what a deletion leaves behind, and how rows come back. */
import { assert, databaseSuite, fails } from '../support/suite.js';
import { transaction } from '../../src/client/transaction.js';
import { all, auditMark, auditSince, candle, column, compressAll, day, isCompressed, one, only, source, scoreOf, write } from './support.js';

const test = databaseSuite('archive');

const archived = 'select * from timeseries_archive where source_id = $1 order by archive_id';

test('a deleted row is kept whole', async (db) => {
  const id = await source(db, { data_type: 'ohlcv' });
  await write(db, [{ source_id: id, timestamp: day(0), open: '1.10', high: '3.30', low: '0.90', close: '2.20', volume: '1e12', value: '7.700' }]);
  const row = await one(db, 'select * from timeseries_data where source_id = $1', [id]);
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  const { archive_id, deleted_at, deleted_by, deletion_reason, restored_at, restored_by, ...kept } = await one(db, archived, [id]);
  assert.equal(kept, row);
  assert.ok(archive_id);
  assert.ok(deleted_at instanceof Date);
  assert.is(deleted_by, await only(db, 'select session_user::text'));
  assert.equal([deletion_reason, restored_at, restored_by], [null, null, null]);
});

test('the archive has every column of timeseries_data, of the same type', async (db) => {
  const columns = (table: string): Promise<string[]> =>
    column(
      db,
      `select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
      [table],
    );
  const kept = new Set(await columns('timeseries_archive'));
  assert.equal((await columns('timeseries_data')).filter((name) => !kept.has(name)), []);
});

test('who deleted a row, and why, is kept with it', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await transaction(db, { user: 'alice', reason: 'wrong exchange' }, (tx) => tx.query('delete from timeseries_data where source_id = $1', [id]));
  assert.equal(
    await one(db, 'select deleted_by, deletion_reason from timeseries_archive where source_id = $1', [id]),
    { deleted_by: 'alice', deletion_reason: 'wrong exchange' },
  );
});

test('every row of a deletion is kept, across chunks and sources', async (db) => {
  const [a, b] = [await source(db), await source(db)];
  const rows = [a, b].flatMap((source_id) => Array.from({ length: 60 }, (_, n) => ({ source_id, timestamp: day(n * 3), value: n })));
  await write(db, rows);
  await db.query('delete from timeseries_data where source_id = any ($1)', [[a, b]]);
  assert.is(await only(db, 'select count(*) from timeseries_archive where source_id = any ($1)', [[a, b]]), '120');
  assert.is(await only(db, 'select sum(value) from timeseries_archive where source_id = $1', [b]), '1770');
});

test('rows deleted out of a compressed chunk are kept', async (db) => {
  const [id, other] = [await source(db), await source(db)];
  const rows = [id, other].flatMap((source_id) => Array.from({ length: 25 }, (_, n) => ({ source_id, timestamp: day(n, '2018-01-01'), value: n })));
  await write(db, rows);
  await compressAll(db);
  // Some of a batch, then the whole batch.
  await db.query('delete from timeseries_data where source_id = $1 and timestamp < $2', [id, day(5, '2018-01-01')]);
  assert.is(await only(db, 'select count(*) from timeseries_archive where source_id = $1', [id]), '5');
  await compressAll(db);
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  assert.is(await only(db, 'select count(*) from timeseries_archive where source_id = $1', [id]), '25');
  assert.is(await only(db, 'select sum(value) from timeseries_archive where source_id = $1', [id]), '300');
  assert.is(await only(db, `select count(*) from audit_log where source_id = $1 and action = 'DELETE' and table_name = 'timeseries_data'`, [id]), '25');
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [other]), '25');
});

test('a deletion that is rolled back leaves nothing in the archive', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await transaction(db, {}, async (tx) => {
    await tx.query('delete from timeseries_data where source_id = $1', [id]);
    throw new Error('changed my mind');
  }).catch(() => undefined);
  assert.equal(await all(db, archived, [id]), []);
});

// Restoring ------------------------------------------------------------------------------------------------------------

test('restore_archived brings the rows of a range back and says how many', async (db) => {
  const id = await source(db);
  await write(db, [1, 2, 3, 4, 5].map((value, n) => ({ source_id: id, timestamp: day(n), value })));
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  assert.is(await only(db, 'select restore_archived($1, $2, $3)', [id, day(1), day(3)]), '3');
  assert.equal(await column(db, 'select value from timeseries_data where source_id = $1 order by timestamp', [id]), ['2', '3', '4']);
  assert.is(await only(db, 'select restore_archived($1)', [id]), '2');
  assert.is(await only(db, 'select restore_archived($1)', [id]), '0');
});

test('a restored row is as it was, with its arrival', async (db) => {
  const id = await source(db, { data_type: 'ohlcv', update_frequency: '1 day' });
  await write(db, [{ source_id: id, timestamp: day(0), ...candle('1.230' as never), created_at: day(1) }]);
  const before = await one(db, 'select open, high, low, close, volume, value, quality_score, is_anomaly, is_validated, is_backfilled, created_at from timeseries_data where source_id = $1', [id]);
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  await db.query('select restore_archived($1)', [id]);
  assert.equal(
    await one(db, 'select open, high, low, close, volume, value, quality_score, is_anomaly, is_validated, is_backfilled, created_at from timeseries_data where source_id = $1', [id]),
    before,
  );
});

test('who restored a row, and when, is kept in the archive', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  await transaction(db, { user: 'bob' }, (tx) => tx.query('select restore_archived($1)', [id]));
  const row = await one(db, archived, [id]);
  assert.is(row.restored_by, 'bob');
  assert.ok(row.restored_at instanceof Date);
});

test('a row that exists again is left alone', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }, { source_id: id, timestamp: day(1), value: 2 }]);
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  await write(db, [{ source_id: id, timestamp: day(0), value: 100 }]);
  const mark = await auditMark(db);
  assert.is(await only(db, 'select restore_archived($1)', [id]), '1');
  assert.equal(await column(db, 'select value from timeseries_data where source_id = $1 order by timestamp', [id]), ['100', '2']);
  assert.equal(await column(db, 'select restored_at is not null from timeseries_archive where source_id = $1 order by archive_id', [id]), [false, true]);
  assert.equal((await auditSince(db, mark)).map((entry) => [entry.action, entry.timestamp?.toISOString()]), [['INSERT', day(1)]]);
});

test('a row that was deleted twice comes back as it was last', async (db) => {
  const id = await source(db);
  for (const value of [1, 2]) {
    await write(db, [{ source_id: id, timestamp: day(0), value }]);
    await db.query('delete from timeseries_data where source_id = $1', [id]);
  }
  assert.is(await only(db, 'select restore_archived($1)', [id]), '1');
  assert.is(await only(db, 'select value from timeseries_data where source_id = $1', [id]), '2');
  assert.equal(await column(db, 'select restored_at is not null from timeseries_archive where source_id = $1 order by archive_id', [id]), [false, true]);
});

test('a row can be deleted and restored again and again', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  for (let round = 0; round < 3; round++) {
    await db.query('delete from timeseries_data where source_id = $1', [id]);
    assert.is(await only(db, 'select restore_archived($1)', [id]), '1');
  }
  assert.is(await only(db, 'select count(*) from timeseries_archive where source_id = $1 and restored_at is not null', [id]), '3');
});

test('restored rows are scored, by the rules of today, and audited', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }, { source_id: id, timestamp: day(1), value: 10 }]);
  await db.query('delete from timeseries_data where source_id = $1', [id]);
  await db.query(`insert into validation_rules (source_id, rule_name, rule_sql, error_message) values ($1, 'small', 'value < 5', 'e')`, [id]);
  const mark = await auditMark(db);
  await transaction(db, { user: 'bob', reason: 'was right after all' }, (tx) => tx.query('select restore_archived($1)', [id]));
  assert.equal(await scoreOf(db, id, day(0)), { quality_score: 100, is_anomaly: false, is_validated: true });
  assert.equal(await scoreOf(db, id, day(1)), { quality_score: 65, is_anomaly: false, is_validated: false });
  const [entry, ...more] = await auditSince(db, mark);
  assert.equal(more, []);
  assert.equal([entry!.action, entry!.changed_by, entry!.reason, entry!.new_value.rows], ['INSERT', 'bob', 'was right after all', 2]);
});

test('rows come back into a compressed chunk, scored', async (db) => {
  const id = await source(db);
  const rows = Array.from({ length: 40 }, (_, n) => ({ source_id: id, timestamp: day(n, '2017-01-01'), value: n === 39 ? 100 : 10 + (n % 3) }));
  await write(db, rows);
  await db.query('delete from timeseries_data where source_id = $1 and timestamp >= $2', [id, day(35, '2017-01-01')]);
  await compressAll(db);
  assert.is(await only(db, 'select restore_archived($1)', [id]), '5');
  assert.is(await isCompressed(db, day(39, '2017-01-01')), true);
  assert.equal(await scoreOf(db, id, day(39, '2017-01-01')), { quality_score: 75, is_anomaly: true, is_validated: true });
});

test('an unknown source and an upside-down range are refused', async (db) => {
  const id = await source(db);
  await fails('MD006', () => db.query('select restore_archived(2000000000)'));
  await fails('MD006', () => db.query('select restore_archived(null)'));
  await fails('MD007', () => db.query('select restore_archived($1, $2, $3)', [id, day(2), day(1)]));
});

// Truncate -------------------------------------------------------------------------------------------------------------

test('TRUNCATE is refused with a hint, and nothing is lost', async (db) => {
  const id = await source(db);
  await write(db, [{ source_id: id, timestamp: day(0), value: 1 }]);
  const error = (await fails('MD004', () => db.query('truncate timeseries_data'))) as Error & { hint: string };
  assert.match(error.hint, /DELETE/);
  assert.is(await only(db, 'select count(*) from timeseries_data where source_id = $1', [id]), '1');
});

test('TRUNCATE of sources with CASCADE is refused, too', async (db) => {
  await fails('MD004', () => db.query('truncate sources cascade'));
});

test('TRUNCATE of the archive is refused', async (db) => {
  await fails('MD004', () => db.query('truncate timeseries_archive'));
});

test.run();
