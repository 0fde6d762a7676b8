import { bulkUpsert, type RowInput } from '../../src/write/bulk-upsert.js';
import { BtcdbError } from '../../src/errors/catalogue.js';
import { transaction } from '../../src/client/transaction.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite, fails } from '../support/suite.js';

const hour = 3_600_000;
const start = Date.UTC(2010, 0, 1);
const test = databaseSuite('bulkUpsert', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency)
    values ('a', 'A', 'ohlcv', '1 hour'), ('b', 'B', 'ohlcv', '1 hour'), ('c', 'C', 'simple', '1 hour'), ('d', 'D', 'ohlcv', '1 hour')`);
});

/** Ids in the order of registration. */
const [a, b, c, d] = [1, 2, 3, 4];

function candle(source_id: number, i: number, shift = 0): RowInput {
  const price = 100 + (i % 7) + shift;
  return { source_id, timestamp: start + i * hour, open: price, high: price + 2, low: price - 1, close: `${price}.50`, volume: '1e-8' };
}

const candles = (source_id: number, count: number, shift = 0): RowInput[] =>
  Array.from({ length: count }, (_, i) => candle(source_id, i, shift));

async function stored(db: TestDatabase, source_id: number): Promise<string> {
  const { rows } = await db.query<{ digest: string }>(
    `select md5(string_agg(to_jsonb(d)::text, '' order by timestamp)) as digest from timeseries_data as d where source_id = $1`, [source_id]);
  return rows[0]!.digest;
}

const auditEntries = async (db: TestDatabase) =>
  Number((await db.query<{ count: string }>('select count(*) from audit_log')).rows[0]!.count);

test('writes 45,000 rows in one call, which are several slices, and nothing when they come again', async (db) => {
  const rows = candles(a, 45_000);
  assert.equal(await bulkUpsert(db, rows, { ingestMode: 'backfill' }), { inserted: 45_000, updated: 0, unchanged: 0 });
  const [digest, entries] = [await stored(db, a), await auditEntries(db)];

  assert.equal(await bulkUpsert(db, rows, { ingestMode: 'backfill' }), { inserted: 0, updated: 0, unchanged: 45_000 });
  assert.is(await stored(db, a), digest);
  assert.is(await auditEntries(db), entries);
});

test('stores values exactly, scored', async (db) => {
  const { rows } = await db.query(
    'select timestamp, open, close, volume, value, quality_score, is_backfilled from timeseries_data where source_id = $1 order by 1 limit 1', [a]);
  assert.equal(rows, [{
    timestamp: new Date(start), open: '100', close: '100.50', volume: '0.00000001', value: null, quality_score: 100, is_backfilled: true,
  }]);
});

test('counts new, changed and equal rows, also in compressed chunks', async (db) => {
  await db.query('call compress_old_chunks()');
  const { rows: chunks } = await db.query('select is_compressed, count(*)::int from chunk_stats group by 1');
  assert.equal(chunks.map((row) => row['is_compressed']), [true], 'every chunk is compressed');

  const opened = async () => (await db.query(`select from show_chunks('timeseries_data') as c where app_private.has_uncompressed_rows(c)`)).rowCount;
  const rows = candles(a, 1000);
  assert.equal(await bulkUpsert(db, rows), { inserted: 0, updated: 0, unchanged: 1000 });
  assert.is(await opened(), 0, 'rows that are the same decompress nothing');

  rows[3]!.close = '103.75';
  rows[500]!.volume = null;
  rows[999]!.timestamp = start + 999 * hour + 1;
  assert.equal(await bulkUpsert(db, rows, { user: 'ann', reason: 'exchange correction', ingestMode: 'backfill' }),
    { inserted: 1, updated: 2, unchanged: 997 });
  assert.is(await opened(), 1);
  assert.equal(await bulkUpsert(db, rows, { ingestMode: 'backfill' }), { inserted: 0, updated: 0, unchanged: 1000 });

  const { rows: audited } = await db.query(
    `select action, changed_fields, changed_by, reason from audit_log where changed_by = 'ann' and table_name = 'timeseries_data' order by audit_id`);
  assert.equal(audited.filter((row) => row['action'] === 'CORRECTION').map((row) => row['changed_fields']), [['close'], ['volume']]);
  assert.is(audited.length, 3);
  const { rows: [incomplete] } = await db.query(
    'select volume, quality_score from timeseries_data where source_id = $1 and timestamp = $2', [a, new Date(start + 500 * hour)]);
  assert.equal(incomplete, { volume: null, quality_score: 70 });
});

test('the last of several rows with one key counts', async (db) => {
  const rows = [candle(b, 0, 1), candle(b, 1), candle(b, 0, 2), candle(b, 0, 3)];
  // Both round to the same millisecond of the column.
  rows.push({ ...candle(b, 1, 9), timestamp: new Date(start + hour) });
  assert.equal(await bulkUpsert(db, rows), { inserted: 2, updated: 0, unchanged: 0 });
  const { rows: kept } = await db.query('select open from timeseries_data where source_id = $1 order by timestamp', [b]);
  assert.equal(kept, [{ open: '103' }, { open: '110' }]);
});

test('takes several sources and months in any order', async (db) => {
  const rows = [candle(b, 5000), candle(d, 10), candle(b, 2), { source_id: c, timestamp: start, value: '3e12' }, candle(d, 9)];
  assert.equal(await bulkUpsert(db, rows), { inserted: 5, updated: 0, unchanged: 0 });
  assert.equal(await bulkUpsert(db, rows.reverse()), { inserted: 0, updated: 0, unchanged: 5 });
});

const cells = async (db: TestDatabase, source_id: number, ...moments: number[]) => (await db.query(
  'select open, high, close, value from timeseries_data where source_id = $1 and timestamp = any ($2) order by timestamp',
  [source_id, moments.map((moment) => new Date(moment))])).rows;

test('writes the columns that are given, and leaves the others; null is given, undefined is not', async (db) => {
  const [first, second] = [{ source_id: b, timestamp: start + 2 * hour }, { source_id: b, timestamp: start + 3 * hour }];
  assert.equal(await bulkUpsert(db, [{ ...first, close: 7, high: undefined }, { ...second, close: 8, open: 1 }]), { inserted: 1, updated: 1, unchanged: 0 });
  assert.equal(await cells(db, b, first.timestamp, second.timestamp), [
    { open: '102', high: '104', close: '7', value: null }, { open: '1', high: null, close: '8', value: null },
  ]);
  assert.equal(await bulkUpsert(db, [{ ...first, open: null }, second]), { inserted: 0, updated: 1, unchanged: 1 });
  assert.equal((await cells(db, b, first.timestamp))[0], { open: null, high: '104', close: '7', value: null });
});

test('with replace, writes a row as a whole', async (db) => {
  const row = { source_id: b, timestamp: start + 2 * hour, close: 7 };
  assert.equal(await bulkUpsert(db, [row], { replace: true }), { inserted: 0, updated: 1, unchanged: 0 });
  assert.equal(await cells(db, b, row.timestamp), [{ open: null, high: null, close: '7', value: null }]);
  assert.equal(await transaction(db, {}, (tx) => bulkUpsert(tx, [{ ...row, close: undefined, open: 3 }], { replace: true })),
    { inserted: 0, updated: 1, unchanged: 0 });
  assert.equal(await cells(db, b, row.timestamp), [{ open: '3', high: null, close: null, value: null }]);
});

test('rows of one key come over each other column by column, and as a whole with replace', async (db) => {
  const key = { source_id: b, timestamp: start + 7000 * hour };
  const rows = [{ ...key, open: 1, close: 5 }, { ...key, high: 9, open: null }, { ...key, value: 4 }];
  assert.equal(await bulkUpsert(db, rows), { inserted: 1, updated: 0, unchanged: 0 });
  assert.equal(await cells(db, b, key.timestamp), [{ open: null, high: '9', close: '5', value: '4' }]);
  assert.equal(await bulkUpsert(db, rows, { replace: true }), { inserted: 0, updated: 1, unchanged: 0 });
  assert.equal(await cells(db, b, key.timestamp), [{ open: null, high: null, close: null, value: '4' }]);
});

test('new rows that give different columns are scored as if they came together', async (db) => {
  const rows = candles(b, 300, 5).map((row, i) => ({ ...row, timestamp: start + (9000 + i) * hour, ...(i % 3 === 0 ? { volume: undefined } : {}) }));
  // An outlier by those before it, whatever columns they give.
  rows[299]!.close = 500;
  await bulkUpsert(db, [{ ...rows[150]!, high: 1000 }]);
  assert.equal(await bulkUpsert(db, rows), { inserted: 299, updated: 1, unchanged: 0 });
  const [apart] = (await db.query('select z_score from anomalies where source_id = $1 and timestamp = $2', [b, new Date(rows[299]!.timestamp)])).rows;
  await db.query('call rescore($1, $2, $3)', [b, new Date(start + 9000 * hour), new Date(start + 9300 * hour)]);
  const { rows: [serial] } = await db.query('select z_score from anomalies where source_id = $1 and timestamp = $2', [b, new Date(rows[299]!.timestamp)]);
  assert.ok(apart?.['z_score']);
  assert.equal(apart, serial);
});

async function* feed(rows: readonly RowInput[]): AsyncGenerator<RowInput> {
  for (const row of rows) yield row;
}

test('takes an async iterable, all or none, on the pool and in a transaction', async (db) => {
  const from = start - 40_000 * hour;
  const rows = candles(a, 25_000).map((row, i) => ({ ...row, timestamp: from + i * 60_000 }));
  const count = async (): Promise<number> => Number((await db.query(
    'select count(*) from timeseries_data where source_id = $1 and timestamp < $2', [a, new Date(start - 1000 * hour)])).rows[0]!['count']);
  await fails('INVALID_ROW', () => bulkUpsert(db, feed([...rows, { ...rows[0]!, close: NaN }]), { ingestMode: 'backfill' }), /^Row 25000: close NaN/);
  await fails('INVALID_ROW', () => bulkUpsert(db, feed([...rows.slice(0, 20_001), candle(9999, 0)])), /^Row 20001: source_id 9999 is not registered$/);
  const wrong = new Error('the feed broke');
  async function* broken(): AsyncGenerator<RowInput> {
    yield* rows.slice(0, 21_000);
    throw wrong;
  }
  await bulkUpsert(db, broken()).then(() => assert.unreachable(), (error: unknown) => assert.is(error, wrong));
  assert.is(await count(), 0);

  await transaction(db, { ingestMode: 'backfill' }, async (tx) => {
    await bulkUpsert(tx, broken()).catch((error: unknown) => assert.is(error, wrong));
    assert.equal(await bulkUpsert(tx, feed(rows.slice(0, 100))), { inserted: 100, updated: 0, unchanged: 0 });
  });
  assert.equal(await bulkUpsert(db, feed(rows), { ingestMode: 'backfill' }), { inserted: 24_900, updated: 0, unchanged: 100 });
  assert.equal(await bulkUpsert(db, feed([])), { inserted: 0, updated: 0, unchanged: 0 });
  assert.is(await count(), 25_000);
});

test('does nothing for no rows', async (db) => {
  assert.equal(await bulkUpsert(db, []), { inserted: 0, updated: 0, unchanged: 0 });
});

const bad: readonly (readonly [string, Partial<Record<keyof RowInput, unknown>>, RegExp])[] = [
  ['NaN', { close: NaN }, /^Row 1: close NaN is not a finite number$/],
  ['Infinity', { high: Infinity }, /^Row 1: high Infinity is not a finite number$/],
  ['the text NaN', { low: 'NaN' }, /^Row 1: low "NaN" is not a number$/],
  ['a text', { open: 'twelve' }, /^Row 1: open "twelve" is not a number$/],
  ['an empty text', { volume: '' }, /^Row 1: volume "" is not a number$/],
  ['a comma', { value: '1,5' }, /^Row 1: value "1,5" is not a number$/],
  ['SQL', { value: `1}'; drop table sources; --` }, /^Row 1: value "1}'; drop table sources; --" is not a number$/],
  ['a number beyond numeric', { value: '1e200000' }, /^Row 1: value "1e200000" is not a number$/],
  ['an object', { value: { valueOf: () => 1 } }, /^Row 1: value .* is not a number$/],
  ['an invalid Date', { timestamp: new Date('yesterday') }, /^Row 1: timestamp Invalid Date is neither a valid Date nor milliseconds$/],
  ['a text for a moment', { timestamp: '2024-01-01' }, /^Row 1: timestamp "2024-01-01" is neither a valid Date nor milliseconds$/],
  ['microseconds', { timestamp: 1_700_000_000_000_000 }, /^Row 1: timestamp 1700000000000000 is not within the years 1 to 9999$/],
  ['no moment', { timestamp: undefined }, /^Row 1: timestamp undefined is neither/],
  ['no source', { source_id: undefined }, /^Row 1: source_id undefined is not the key of a source$/],
  ['half a source', { source_id: 1.5 }, /^Row 1: source_id 1.5 is not the key of a source$/],
];
for (const [what, change, message] of bad) {
  test(`refuses ${what} before anything is sent`, async () => {
    const silent = { pool: { connect: () => assert.unreachable('it asked for a connection') } } as unknown as TestDatabase;
    const rows = [candle(d, 100), { ...candle(d, 101), ...change } as RowInput];
    await fails('INVALID_ROW', () => bulkUpsert(silent, rows), message);
  });
}

for (const [what, row] of [['null', null], ['undefined', undefined], ['an array', [1, start]], ['a text', 'row'], ['a number', 7]] as const) {
  test(`refuses ${what} for a row`, async () => {
    const silent = { pool: { connect: () => assert.unreachable('it asked for a connection') } } as unknown as TestDatabase;
    await fails('INVALID_ROW', () => bulkUpsert(silent, [candle(d, 100), row as never]), /^Row 1: .* is not a row: it has to be an object/);
  });
}

test('refuses the hole of an array, and what is no array', async () => {
  const silent = { pool: { connect: () => assert.unreachable('it asked for a connection') } } as unknown as TestDatabase;
  const rows = [candle(d, 100)];
  rows[2] = candle(d, 102);
  await fails('INVALID_ROW', () => bulkUpsert(silent, rows), /^Row 1: undefined is not a row/);
  for (const none of [null, undefined, {}, 'rows']) {
    await fails('INVALID_ROW', () => bulkUpsert(silent, none as never), /is neither an array nor an async iterable of rows$/);
  }
});

test('refuses values that cannot even be shown', async () => {
  const silent = { pool: { connect: () => assert.unreachable('it asked for a connection') } } as unknown as TestDatabase;
  for (const value of [Object.create(null), Symbol('x'), () => 1, 10n, true]) {
    await fails('INVALID_ROW', () => bulkUpsert(silent, [{ ...candle(d, 100), close: value as never }]), /^Row 0: close .* is not a number$/);
  }
});

test('writes as a part of a transaction, under its user and mode', async (db) => {
  const rows = candles(b, 100).map((row) => ({ ...row, timestamp: Number(row.timestamp) - 1000 * 24 * hour }));
  const written = await transaction(db, { user: 'ann', ingestMode: 'backfill' }, async (tx) => {
    const limit = `select current_setting('timescaledb.max_tuples_decompressed_per_dml_transaction') as rows`;
    const before = await tx.query(limit);
    const counts = [await bulkUpsert(tx, rows), await bulkUpsert(tx, rows.slice(0, 10).reverse()), await bulkUpsert(tx, [])];
    assert.equal((await tx.query(limit)).rows, before.rows, 'settings are as before');
    return counts;
  });
  assert.equal(written.map(({ inserted, unchanged }) => [inserted, unchanged]), [[100, 0], [0, 10], [0, 0]]);
  const { rows: [entry] } = await db.query(`select changed_by from audit_log where source_id = $1 order by audit_id desc limit 1`, [b]);
  assert.equal(entry, { changed_by: 'ann' });
});

test('is rolled back with its transaction, and may fail in it', async (db) => {
  const rows = candles(b, 100).map((row) => ({ ...row, timestamp: Number(row.timestamp) - 2000 * 24 * hour }));
  const count = async (): Promise<number> =>
    (await db.query('select from timeseries_data where source_id = $1 and timestamp < $2', [b, new Date(start - 1500 * 24 * hour)])).rows.length;
  await transaction(db, {}, async (tx) => {
    await bulkUpsert(tx, rows);
    throw new Error('no');
  }).catch(() => undefined);
  assert.is(await count(), 0);
  await transaction(db, {}, async (tx) => {
    await fails('INVALID_ROW', () => bulkUpsert(tx, [...rows, candle(9999, 1)]), /source_id 9999 is not registered/);
    await bulkUpsert(tx, rows.slice(0, 3));
  });
  assert.is(await count(), 3);
});

test('takes every form of a number', async (db) => {
  const forms = [0, -1.5, 1e21, 1e-10, '007', '.5', '5.', '+1', '-1e-3', '123456789012345678901234567890.123456789'];
  const rows = forms.map((value, i) => ({ source_id: c, timestamp: new Date(Date.UTC(2001, 0, 1) + i * hour), value }));
  assert.equal(await bulkUpsert(db, rows), { inserted: 10, updated: 0, unchanged: 0 });
  const { rows: back } = await db.query(`select value from timeseries_data where source_id = $1 and timestamp < '2002-01-01' order by timestamp`, [c]);
  assert.equal(back.map((row) => row['value']),
    ['0', '-1.5', '1000000000000000000000', '0.0000000001', '7', '0.5', '5', '1', '-0.001', '123456789012345678901234567890.123456789']);
});

test('names the row of an unknown source, and keeps nothing', async (db) => {
  const error = await fails('INVALID_ROW', () => bulkUpsert(db, [candle(d, 200), candle(9999, 0), candle(d, 201)]),
    /^Row 1: source_id 9999 is not registered$/);
  assert.instance(error, BtcdbError);
  const { rows } = await db.query('select from timeseries_data where source_id = $1 and timestamp >= $2', [d, new Date(start + 200 * hour)]);
  assert.is(rows.length, 0);
});

test.onServer('two writers of the same rows in opposite order do not lock each other out', async (db) => {
  // The embedded engine runs one transaction at a time.
  const rows = candles(d, 4000);
  const write = (shift: number, turn: (list: RowInput[]) => RowInput[]) =>
    bulkUpsert(db, turn(rows.map((row) => ({ ...row, open: 100 + shift }))));
  const results = await Promise.all([
    write(1, (list) => list), write(2, (list) => [...list].reverse()), write(3, (list) => list.slice(1000)), write(4, (list) => [...list.slice(0, 3000)].reverse()),
  ]);
  for (const { inserted, updated, unchanged } of results) assert.ok(inserted + updated + unchanged >= 3000);
  assert.is(results.reduce((sum, { inserted }) => sum + inserted, 0), 4000 - 2, 'each new row is counted once');
  const { rows: [state] } = await db.query(
    `select count(*)::int, count(distinct open)::int as writers from timeseries_data where source_id = $1 and timestamp < $2`,
    [d, new Date(start + 4000 * hour)]);
  assert.is(state?.['count'], 4000);
});

for (const [how, write] of [
  ['an array', (db: TestDatabase, rows: RowInput[]) => bulkUpsert(db, rows, { retries: 0 })],
  ['an array in a transaction', (db: TestDatabase, rows: RowInput[]) => transaction(db, {}, (tx) => bulkUpsert(tx, rows))],
  ['an async iterable', (db: TestDatabase, rows: RowInput[]) => bulkUpsert(db, feed(rows))],
  ['a transaction that sees one moment', (db: TestDatabase, rows: RowInput[]) => bulkUpsert(db, rows, { isolation: 'repeatable read' })],
] as const) {
  test.onServer(`another writer is quicker to write a row, after it was not there: ${how}`, async (db) => {
    // The embedded engine runs one transaction at a time.
    const { rows: [newest] } = await db.query<{ at: Date }>('select max(timestamp) as at from timeseries_data where source_id = $1', [d]);
    const rows = candles(d, 60).map((row, i) => ({ ...row, timestamp: newest!.at.getTime() + (i + 1) * hour }));
    let ours: Promise<unknown> | undefined;
    await transaction(db, {}, async (tx) => {
      await tx.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 7)', [d, new Date(rows[5]!.timestamp)]);
      ours = write(db, rows);
      const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'copy %'`;
      for (const until = Date.now() + 20_000; (await db.query(waits)).rowCount === 0;) {
        assert.ok(Date.now() < until, 'it waits for us within its COPY');
        await new Promise((done) => setTimeout(done, 20));
      }
    });
    assert.equal(await ours, { inserted: 59, updated: 1, unchanged: 0 });
    assert.equal(await cells(db, d, rows[5]!.timestamp), [{ open: '105', high: '107', close: '105.50', value: '7' }]);
  });
}

test.run();
