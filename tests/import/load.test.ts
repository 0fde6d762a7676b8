/** Import into a database: what is stored, what is counted, and that doing it again changes nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importFolder, type ImportOptions } from '../../src/import/index.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { writeFolder } from './files.js';

const hour = 3_600_000;
const start = Date.UTC(2020, 0, 1);

/** Candles of a calm market; `[ms, open, high, low, close, volume]`, prices with eight decimals. */
function candles(count: number, from = start): string[] {
  return Array.from({ length: count }, (_, n) => {
    const price = 5000 + ((n * 7919) % 40);
    return `[${from + n * hour}, ${price}.10000000, ${price + 5}.00000000, ${price - 5}.00000000, ${price + 1}.12345678, ${10 + (n % 7)}.50000000]`;
  });
}

const json = (rows: string[]): string => `[${rows.join(',\n')}]`;

async function count(db: TestDatabase, sql: string): Promise<number> {
  const { rows } = await db.query<{ count: string }>(`select count(*) from ${sql}`);
  return Number(rows[0]!.count);
}

async function load(db: TestDatabase, files: Record<string, string>, options: ImportOptions = {}) {
  const dir = writeFolder(files);
  return { dir, ...(await importFolder(db, dir, { rejectsFolder: join(dir, 'rejects'), ...options })) };
}

const test = databaseSuite('load');

test('a folder is registered, stored digit by digit, scored and aggregated', async (db) => {
  const report = await load(db, {
    'sources.json': JSON.stringify([{ name: 'plain', display_name: 'Plain candles', data_type: 'ohlcv', update_frequency: '1 hour', category: 'price' }]),
    'plain.json': json(candles(1500)),
    'mood.csv': 'timestamp,value\n2020-01-01,50\n2020-01-02,51.50\n2020-01-03,49\n',
  });
  assert.ok(report.ok);
  assert.equal(report.files.map((file) => [file.name, file.inserted, file.updated, file.unchanged, file.rejected]).sort(), [
    ['mood', 3, 0, 0, 0],
    ['plain', 1500, 0, 0, 0],
  ]);
  const { rows } = await db.query(
    `select s.name, s.display_name, s.data_type, s.update_frequency, s.metadata, min(coalesce(d.close, d.value))::text as lowest,
       count(*)::int as rows, min(d.quality_score)::int as score
     from public.sources as s join public.timeseries_data as d using (source_id)
     where s.name in ('plain', 'mood') group by s.source_id order by s.name`,
  );
  assert.equal(rows, [
    { name: 'mood', display_name: rows[0]!['display_name'], data_type: 'simple', update_frequency: '1 day', metadata: { registered_by: 'import' }, lowest: '49', rows: 3, score: 100 },
    { name: 'plain', display_name: 'Plain candles', data_type: 'ohlcv', update_frequency: '01:00:00', metadata: {}, lowest: '5001.12345678', rows: 1500, score: 100 },
  ]);
  assert.is(await count(db, `public.daily_ohlcv where source_id = (select source_id from public.sources where name = 'plain')`), 63);
  assert.ok(await count(db, 'public.chunk_stats where is_compressed') > 0, 'old chunks are compressed');
});

test('importing again changes nothing, not even in the audit log, and decompresses nothing', async (db) => {
  const files = { 'again.json': json(candles(2000)) };
  await load(db, files);
  const audit = await count(db, 'public.audit_log');
  const stored = await db.query('select md5(string_agg(d::text, \',\' order by source_id, timestamp)) as hash from public.timeseries_data as d');
  const report = await load(db, files);
  assert.equal([report.files[0]!.inserted, report.files[0]!.updated, report.files[0]!.unchanged], [0, 0, 2000]);
  assert.is(await count(db, 'public.audit_log'), audit);
  const now = await db.query('select md5(string_agg(d::text, \',\' order by source_id, timestamp)) as hash from public.timeseries_data as d');
  assert.equal(now.rows, stored.rows);
  assert.is(await count(db, "app_private.chunks_between('2020-01-01', '2020-04-01') where not is_sealed"), 0);
});

test('a changed row of compressed history is updated, scored and audited', async (db) => {
  const rows = candles(800);
  await load(db, { 'revised.json': json(rows) });
  rows[400] = rows[400]!.replace(/\d+\.12345678/, '9000.5');
  const report = await load(db, { 'revised.json': json(rows) }, { user: 'importer', reason: 'exchange revised it' });
  assert.equal([report.files[0]!.inserted, report.files[0]!.updated, report.files[0]!.unchanged], [0, 1, 799]);
  const { rows: changed } = await db.query(
    `select d.close, d.quality_score, d.is_anomaly, a.action, a.changed_by, a.changed_fields, a.old_value ->> 'close' is not null as has_old
     from public.timeseries_data as d
     join public.audit_log as a on a.source_id = d.source_id and a.timestamp = d.timestamp
     where d.close = 9000.5 and a.table_name = 'timeseries_data'`,
  );
  assert.equal(changed, [{
    close: '9000.5', quality_score: 65, is_anomaly: true, action: 'CORRECTION', changed_by: 'importer', changed_fields: ['close'], has_old: true,
  }]);
});

test('malformed rows are listed, the others stored', async (db) => {
  const rows = candles(10);
  rows[3] = rows[3]!.replace(/10000000/, 'x');
  rows[5] = `[${start + 5 * hour}, 1, 2, 0.5, NaN, 3]`;
  rows[7] = `[${start + 7 * hour}, "1", "2", "0.5", "abc", "3"]`;
  const report = await load(db, { 'dirty.json': json(rows) });
  assert.ok(report.ok);
  assert.equal([report.files[0]!.inserted, report.files[0]!.rejected], [7, 3]);
  const rejects = readFileSync(report.files[0]!.rejectsFile!, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.is(rejects.length, 3);
  for (const reject of rejects) assert.type(reject['reason'], 'string');
});

test('a file that cannot be parsed leaves nothing behind, and the others go on', async (db) => {
  const report = await load(db, {
    'cut.json': json(candles(100)).slice(0, -40),
    'empty.json': '',
    'headless.csv': 'timestamp,volume\n2020-01-01,5\n',
    'sound.json': json(candles(100)),
  });
  assert.not.ok(report.ok);
  const errors = report.files.filter((file) => file.error).map((file) => [file.name, file.error!.code]);
  assert.equal(errors.sort(), [['cut', 'IMPORT_FILE'], ['empty', 'IMPORT_FILE'], ['headless', 'IMPORT_FILE']]);
  assert.is(await count(db, `public.sources where name in ('cut', 'empty', 'headless')`), 0);
  assert.is(await count(db, `public.timeseries_data join public.sources using (source_id) where name = 'sound'`), 100);
});

test('a registry with an unknown field or value is refused whole', async (db) => {
  await fails('IMPORT_REGISTRY', () =>
    load(db, { 'sources.json': JSON.stringify([{ name: 'fine', data_type: 'simple' }, { name: 'odd', colour: 'red' }]), 'fine.json': '[[1577836800000, 1]]' }),
  /colour/);
  assert.is(await count(db, `public.sources where name in ('fine', 'odd')`), 0);
});

test('an interrupted import can be run again', async (db) => {
  const files = { 'long.json': json(candles(3000)) };
  const stop = new AbortController();
  const first = await load(db, files, {
    batchRows: 500,
    signal: stop.signal,
    onProgress: (progress) => {
      if (progress.step === 'upsert' && progress.rows >= 1000) stop.abort();
    },
  });
  assert.ok(first.interrupted);
  const stored = await count(db, `public.timeseries_data join public.sources using (source_id) where name = 'long'`);
  assert.ok(stored > 0 && stored < 3000 && stored % 500 === 0, `${stored} rows of whole batches`);
  const second = await load(db, files);
  assert.equal([second.files[0]!.inserted, second.files[0]!.unchanged], [3000 - stored, stored]);
});

test('history is not judged for being late, anomalies do not depend on the size of the batches', async (db) => {
  const rows = candles(900);
  for (const [at, price] of [[300, 9999], [301, 5005], [700, 5200]] as const) {
    rows[at] = `[${start + at * hour}, ${price}, ${price}, ${price}, ${price}, 1]`;
  }
  const found: unknown[] = [];
  for (const [name, batchRows] of [['large', 20_000], ['small', 70]] as const) {
    await load(db, { [`${name}.json`]: json(rows) }, { batchRows });
    const anomalies = await db.query(
      `select a.timestamp, a.anomaly_type, a.z_score from public.anomalies as a join public.sources using (source_id) where name = $1 order by 1`, [name]);
    const scores = await db.query(
      `select quality_score, count(*)::int from public.timeseries_data join public.sources using (source_id) where name = $1 group by 1 order by 1`, [name]);
    found.push([anomalies.rows, scores.rows]);
  }
  assert.equal(found[0], found[1]);
  assert.is((found[0] as unknown[][])[0]!.length, 2);
});

test.run();
