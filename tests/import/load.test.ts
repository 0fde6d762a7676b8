/** Import into a database: what is stored, what is counted, and that doing it again changes nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importFolder, type ImportOptions } from '../../src/import/index.js';
import { transaction } from '../../src/client/transaction.js';
import type { BtcdbError } from '../../src/errors/catalogue.js';
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
  assert.is(await count(db, "show_chunks('timeseries_data') as c where app_private.has_uncompressed_rows(c)"), 0);
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

test('what a source may say is what the database takes, of all entries', async (db) => {
  const refused = async (entry: object): Promise<unknown> =>
    load(db, { 'sources.json': JSON.stringify([{ name: 'fine', data_type: 'simple' }, entry]), 'fine.json': '[[1577836800000, 1]]' }, { only: ['fine'] })
      .catch(({ code, message, hint }: BtcdbError) => [code, message, hint]);
  const { rows: [types] } = await db.query(`
    select array_to_string(enum_range(null::data_type_enum), ', ') as data_type, array_to_string(enum_range(null::plugin_status_enum), ', ') as status`);
  assert.equal(await refused({ name: 'odd', data_type: 'candles' }),
    ['IMPORT_REGISTRY', 'sources.json, odd: data_type is "candles".', `It has to be one of ${types?.['data_type']}.`]);
  assert.equal(await refused({ name: 'odd', status: 'gone' }),
    ['IMPORT_REGISTRY', 'sources.json, odd: status is "gone".', `It has to be one of ${types?.['status']}.`]);
  assert.equal(await refused({ name: 'odd', market_type: 'MOON' }),
    ['IMPORT_REGISTRY', 'sources.json, odd: market_type is "MOON".', 'It has to be one of US, CRYPTO, FOREX, COMMODITIES.']);
  assert.equal(await refused({ name: 'B-C' }), ['IMPORT_REGISTRY', 'sources.json, B-C: name is "B-C".', 'It has to be a name of a-z, 0-9 and _.']);
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

test('history loses nothing for being late, anomalies do not depend on the size of the batches', async (db) => {
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

const correct = async (db: TestDatabase, name: string, at: number, close: string | null, reason = 'the exchange corrected it'): Promise<void> => {
  await transaction(db, { reason }, (tx) => tx.query(
    `update public.timeseries_data set close = $3
     where source_id = (select source_id from public.sources where name = $1) and timestamp = $2`, [name, new Date(at), close]));
};

const closes = async (db: TestDatabase, name: string): Promise<string> => {
  const { rows } = await db.query<{ closes: string }>(
    `select string_agg(coalesce(close::text, '-'), ' ' order by timestamp) as closes
     from public.timeseries_data join public.sources using (source_id) where name = $1`, [name]);
  return rows[0]!.closes;
};

for (const [order, sorted] of [['rising', (rows: string[]) => rows], ['newest first', (rows: string[]) => rows.toReversed()]] as const) {
  test(`a corrected row is kept when its file comes again, and reported: ${order}`, async (db) => {
    const name = order === 'rising' ? 'corrected' : 'corrected_back';
    const prices = (...list: string[]): Record<string, string> =>
      ({ [`${name}.json`]: json(sorted(list.map((price, n) => `[${start + n * hour}, ${price}, ${price}, ${price}, ${price}, 1]`))) });
    await load(db, prices('10', '11', '12', '13'));
    await correct(db, name, start + hour, '11.5');
    await correct(db, name, start + 3 * hour, null);
    // A change without a reason is no correction.
    await correct(db, name, start, '10.5', '');

    const again = await load(db, prices('10', '11', '12.5', '13', '14'));
    const { inserted, updated, unchanged, kept, keptMoments } = again.files[0]!;
    assert.equal([inserted, updated, unchanged, kept], [1, 2, 0, 2]);
    assert.equal(keptMoments, [new Date(start + hour), new Date(start + 3 * hour)]);
    assert.ok(again.ok);
    assert.is(await closes(db, name), '10 11.5 12.5 - 14');

    const overwritten = await load(db, prices('10', '11', '12.5', '13', '14'), { overwrite: true });
    assert.equal([overwritten.files[0]!.updated, overwritten.files[0]!.kept], [2, 0]);
    assert.is(await closes(db, name), '10 11 12.5 13 14');
    // The row is not any more as the correction left it.
    const later = await load(db, prices('10', '11.25', '12.5', '13', '14'));
    assert.equal([later.files[0]!.updated, later.files[0]!.kept], [1, 0]);
  });
}

test('a correction holds after a deletion is taken back, and one of another column is none of the file', async (db) => {
  const file = { 'restored.csv': 'timestamp,value\n2020-01-01,1\n2020-01-02,2\n' };
  await load(db, file);
  const change = (sql: string, reason: string): Promise<unknown> => transaction(db, { reason }, (tx) => tx.query(sql));
  const source = `(select source_id from public.sources where name = 'restored')`;
  await change(`update public.timeseries_data set value = 1.5 where source_id = ${source} and timestamp = '2020-01-01'`, 'a typo');
  await change(`update public.timeseries_data set volume = 7 where source_id = ${source} and timestamp = '2020-01-02'`, 'known from elsewhere');
  await change(`delete from public.timeseries_data where source_id = ${source}`, '');
  await change(`select public.restore_archived(${source})`, '');
  const report = await load(db, file);
  assert.equal([report.files[0]!.unchanged, report.files[0]!.kept], [1, 1]);
});

test('gaps are recorded: within the file, and between its rows and those that are stored', async (db) => {
  const gaps = async (name: string): Promise<string[]> => {
    const { rows } = await db.query<{ gap: string }>(
      `select concat_ws(' ', extract(epoch from a.timestamp - $2) / 3600, a.context ->> 'missing_points') as gap
       from public.anomalies as a join public.sources using (source_id)
       where name = $1 and anomaly_type = 'missing_data' and resolved_at is null order by a.timestamp`, [name, new Date(start)]);
    return rows.map(({ gap }) => gap);
  };
  const hours = (list: number[]): Record<string, string> => ({ 'holes.json': json(list.map((n) => `[${start + n * hour}, 5]`)) });
  await load(db, hours([0, 1, 2, 5, 6, 7]));
  assert.equal(await gaps('holes'), ['3.0000000000000000 2']);
  await load(db, hours([20, 21, 22]));
  assert.equal(await gaps('holes'), ['3.0000000000000000 2', '8.0000000000000000 12']);
  await load(db, hours([3, 4, 8]));
  assert.equal(await gaps('holes'), ['9.0000000000000000 11']);
  // Files without a hole: one that closes the last, one that lies apart, and one whose hole is a row that is no row.
  await load(db, hours(Array.from({ length: 12 }, (_, n) => 9 + n)));
  assert.equal(await gaps('holes'), []);
  await load(db, hours([30, 31, 32]));
  assert.equal(await gaps('holes'), ['23.0000000000000000 7']);
  await load(db, { 'holes.json': json([...[33, 34].map((n) => `[${start + n * hour}, 5]`), `[${start + 35 * hour}, "x"]`, `[${start + 36 * hour}, 5]`]) });
  assert.equal(await gaps('holes'), ['23.0000000000000000 7', '35.0000000000000000 1']);
  const { rows } = await db.query(`select open_gaps::int from public.quality_overview where name = 'holes'`);
  assert.equal(rows, [{ open_gaps: 2 }]);
  // Registered as due far more often than its file has rows: all of it would be gaps.
  await load(db, { 'sources.json': '[{"name":"slow","update_frequency":"1 minute"}]', 'slow.json': json(Array.from({ length: 9 }, (_, n) => `[${start + n * hour}, 5]`)) });
  assert.equal(await gaps('slow'), []);
});

test('rows without a value are left out, not rejected', async (db) => {
  const report = await load(db, { 'dgs10.csv': 'observation_date,DGS10\n2024-01-01,.\n2024-01-02,3.95\n2024-01-03,\n' });
  const { rows, inserted, leftOut, rejected } = report.files[0]!;
  assert.equal([rows, inserted, leftOut, rejected], [3, 1, 2, 0]);
});

test('a range, and a choice of sources', async (db) => {
  const files = {
    'sources.json': JSON.stringify([{ name: 'ranged', display_name: 'Ranged' }, { name: 'unchosen', data_type: 'simple' }]),
    'ranged.json': json([`[${start - hour}, "not a number"]`, ...Array.from({ length: 9 }, (_, n) => `[${start + n * hour}, 5]`)]),
    'unchosen.json': json(candles(9)),
    'Not a name.json': '[]',
  };
  const report = await load(db, files, { only: ['ranged'], from: new Date(start + 2 * hour), to: new Date(start + 4 * hour) });
  assert.equal(report.files.map(({ name, rows, inserted, leftOut, rejected }) => [name, rows, inserted, leftOut, rejected]), [['ranged', 10, 3, 7, 0]]);
  assert.equal((await db.query(`select name from public.sources where name in ('ranged', 'unchosen')`)).rows, [{ name: 'ranged' }]);
  await fails('IMPORT_DIRECTORY', () => load(db, files, { only: ['ranged', 'other'] }), /no source other/);
  await fails('IMPORT_RANGE', () => load(db, files, { from: new Date(start), to: new Date(start - 1) }));
});

test('a single file is read as the registry beside it says', async (db) => {
  const dir = writeFolder({
    'sources.json': JSON.stringify([
      { name: 'beside', display_name: 'Beside', import: { columns: { timestamp: 'a', value: 'c' } } }, { name: 'elsewhere', data_type: 'simple' },
    ]),
    'beside.csv': 'a,b,c\n2020-01-01,1,2\n',
  });
  const report = await importFolder(db, join(dir, 'beside.csv'), { rejectsFolder: join(dir, 'rejects') });
  assert.equal([report.files[0]!.inserted, report.sources.inserted], [1, 1]);
  const { rows } = await db.query(`select display_name, value from public.sources join public.timeseries_data using (source_id) where name in ('beside', 'elsewhere')`);
  assert.equal(rows, [{ display_name: 'Beside', value: '2' }]);
});

test('a dry run says what an import would do, and writes nothing', async (db) => {
  const known = candles(50);
  await load(db, { 'known.json': json(known), 'sources.json': '[{"name":"known","display_name":"Known"}]' });
  await correct(db, 'known', start + 7 * hour, '1');
  known[9] = known[9]!.replace(/\d+\.12345678/, '9000.5');
  known[3] = 'x';
  const files = {
    'sources.json': '[{"name":"known","display_name":"Better known"},{"name":"news","data_type":"simple"}]',
    'known.json': json([...known, ...candles(5, start + 60 * hour)]),
    'fresh.json': json(candles(8).toReversed()),
    'cut.json': '[[1',
  };
  const stored = async (): Promise<unknown> => (await db.query(
    `select (select count(*) from public.audit_log) as audit, (select count(*) from public.anomalies) as anomalies,
       (select last_value from pg_catalog.pg_sequences where sequencename = 'sources_source_id_seq') as last_id,
       (select md5(string_agg(s::text, ',' order by s.source_id)) from public.sources as s) as sources,
       (select md5(string_agg(d::text, ',' order by d.source_id, d.timestamp)) from public.timeseries_data as d) as rows`)).rows;
  const before = await stored();
  const dry = await load(db, files, { dryRun: true });
  assert.equal(await stored(), before);
  assert.not.ok(existsSync(join(dry.dir, 'rejects')));
  assert.ok(dry.dryRun);

  const real = await load(db, files);
  const counts = ({ files: all, sources }: typeof real): unknown => [sources, all.map((file) =>
    [file.name, file.inserted, file.updated, file.unchanged, file.kept, file.rejected, file.rejects.length, file.error?.code])];
  assert.equal(counts(dry), counts(real));
  assert.equal(counts(real), [{ inserted: 2, updated: 1, unchanged: 0 }, [
    ['cut', 0, 0, 0, 0, 0, 0, 'IMPORT_FILE'], ['fresh', 8, 0, 0, 0, 0, 0, undefined], ['known', 5, 1, 47, 1, 1, 1, undefined],
  ]]);
});

test('frequencies are kept within what the registry takes', async (db) => {
  await load(db, { 'ticks.json': json([`[${start}, 1]`, `[${start + 5}, 1]`]), 'ages.csv': 'timestamp,value\n1975-01-01,1\n2015-01-01,2\n' });
  const { rows } = await db.query(`select name, update_frequency from public.sources where name in ('ticks', 'ages') order by 1`);
  assert.equal(rows, [{ name: 'ages', update_frequency: '10 years' }, { name: 'ticks', update_frequency: '00:00:01' }]);
  for (const frequency of ['0.5 seconds', '11 years', '178000000 years']) {
    await fails('IMPORT_REGISTRY', () => load(db, { 'sources.json': JSON.stringify([{ name: 'odd', data_type: 'simple', update_frequency: frequency }]) }),
      /update_frequency is "/);
  }
});

test('names and contents of files reach nobody with what a terminal obeys', async (db) => {
  const evil = '\u001b]0;owned\u0007\u009b31m';
  const report = await load(db, {
    [`${evil}.json`]: '[]',
    'header.csv': `${evil},x\n1,2\n`,
    'cells.json': `[[${start}, 1], ["${evil}", 1], [${start + hour}, "${evil}"]]`,
  });
  assert.is(report.files.find(({ name }) => name === 'cells')!.rejected, 2);
  const said = report.files.flatMap(({ error, rejects }) => [error?.message, error?.hint, ...rejects.map(({ reason }) => reason)]);
  const listed = report.files.flatMap(({ rejectsFile }) => (rejectsFile === undefined ? [] : readFileSync(rejectsFile, 'utf8').trimEnd().split('\n')));
  for (const text of [...said, ...listed]) assert.is((text ?? '').search(/[\u0000-\u001f\u007f-\u009f]/), -1, JSON.stringify(text));
  assert.match(said.join(), '\\u001b]0;owned\\u0007');
  // The row itself is there as it was.
  assert.ok((JSON.parse(listed[0]!) as { raw: string }).raw.includes(evil));
});

test.run();
