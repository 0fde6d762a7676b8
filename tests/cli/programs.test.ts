/** The command line in scripts: settings from .env, JSON for programs, one source in detail, a part of the aggregates. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { assert, databaseSuite } from '../support/suite.js';
import type { TestDatabase } from '../support/database.js';
import { btcdb, btcdbProcess, workFolder, writeFiles } from './run.js';

const test = databaseSuite('cli: programs', async (db) => {
  await db.query(`
    insert into sources (name, display_name, data_type, update_frequency)
    values ('btc_usd', 'Bitcoin', 'simple', '1 hour'), ('quiet', 'Quiet', 'macro', '1 day')`);
  // Two thousand hours without the 1000th to the 1004th, and one value that is far off.
  await db.query(`
    begin;
    set local app.ingest_mode = 'backfill';
    insert into timeseries_data (source_id, timestamp, value)
    select source_id, timestamptz '2024-01-01Z' + n * interval '1 hour', 100 + n % 7 + case n when 1500 then 500 else 0 end
    from sources, generate_series(0, 1999) as n
    where name = 'btc_usd' and n not between 1000 and 1004;
    commit`);
  await db.query('call record_gaps(1)');
  await db.query('call refresh_all_aggregates()');
});

const json = async (db: TestDatabase, ...args: string[]): Promise<Record<string, never>> => {
  const { stdout, stderr, code } = await btcdb([...args, '--json', '--url', db.url], { cwd: workFolder() });
  assert.is(stderr, '');
  // The doctor says by 1 that something is to be looked at.
  assert.is(code, args[0] === 'doctor' ? 1 : 0, stdout);
  return JSON.parse(stdout) as Record<string, never>;
};

/** The names of the members, and of those of the first element of each list. */
function shapeOf(document: object): Record<string, string[] | string> {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return [name, typeof first === 'object' && first !== null ? Object.keys(first).sort() : typeof first];
  }));
}

const ofSource = [
  'anomaly_count', 'avg_quality_score', 'black_swans', 'data_age', 'data_type', 'display_name', 'first_week', 'freshness', 'invalid_count',
  'last_successful_update', 'last_timestamp', 'last_week', 'min_quality_score', 'name', 'next_scheduled_update', 'open_anomalies', 'open_gaps',
  'row_count', 'source_id', 'update_frequency',
];

test('status --json prints one document of a known shape', async (db) => {
  const document = await json(db, 'status');
  assert.equal(shapeOf(document), {
    sources: ofSource,
    storage: ['after_bytes', 'before_bytes', 'chunks', 'compressed_chunks', 'ratio'],
    aggregates: ['aggregate', 'is_real_time', 'job_id', 'last_refresh', 'last_status', 'materialized_until', 'next_refresh', 'schedule_interval', 'total_failures'],
  });
  const [btc] = document['sources'] as unknown as Record<string, unknown>[];
  assert.equal([btc?.['name'], btc?.['row_count'], btc?.['last_timestamp']], ['btc_usd', '1995', '2024-03-24T07:00:00.000Z']);
});

test('status SOURCE --json tells of one source', async (db) => {
  const { source, gaps, anomalies, aggregates } = await json(db, 'status', 'btc_usd') as unknown as {
    source: Record<string, unknown>; gaps: Record<string, unknown>[]; anomalies: Record<string, unknown>[]; aggregates: Record<string, unknown>[];
  };
  for (const name of [...ofSource, 'api_endpoint', 'category', 'market_type', 'metadata', 'status']) assert.ok(name in source, name);
  assert.equal(gaps, [{ gap_start: '2024-02-11T16:00:00.000Z', gap_end: '2024-02-11T20:00:00.000Z', missing_points: '5', severity: 'MEDIUM' }]);
  assert.is(anomalies[0]?.['timestamp'], '2024-03-03T12:00:00.000Z');
  assert.is(anomalies[0]?.['value'], '602');
  assert.equal(aggregates, [
    { aggregate: 'daily_ohlcv', buckets: '0', first_bucket: null, last_bucket: null },
    { aggregate: 'hourly_ohlcv', buckets: '0', first_bucket: null, last_bucket: null },
    { aggregate: 'hourly_values', buckets: '1995', first_bucket: '2024-01-01T00:00:00.000Z', last_bucket: '2024-03-24T07:00:00.000Z' },
    { aggregate: 'weekly_stats', buckets: '12', first_bucket: '2024-01-01T00:00:00.000Z', last_bucket: '2024-03-18T00:00:00.000Z' },
  ]);
});

test('status SOURCE for people', async (db) => {
  const { stdout, code } = await btcdb(['status', 'btc_usd', '--url', db.url], { cwd: workFolder() });
  assert.is(code, 0);
  assert.match(stdout, /\nbtc_usd: Bitcoin\n {2}freshness +CRITICAL\n {2}newest row +2024-03-24 07:00, \d+ d ago\n {2}a row every +1 hour\n/);
  assert.match(stdout, /\nNewest open gaps\nfrom +to +missing +severity\n2024-02-11 16:00 +2024-02-11 20:00 +5 +MEDIUM\n/);
  assert.match(stdout, /\nNewest anomalies to review\n.*\n2024-03-03 12:00 +outlier_6sigma +CRITICAL +602 +\d+\.\d\n/);
  assert.match(stdout, /\nhourly_values +1,995 +2024-01-01 00:00 +2024-03-24 07:00\n/);
  for (const line of stdout.split('\n')) assert.ok([...line].length <= 80, `wider than 80 columns: ${line}`);
  const empty = await btcdb(['status', 'quiet', '--url', db.url], { cwd: workFolder() });
  assert.match(empty.stdout, /\n {2}newest row +none\n/);
  const unknown = await btcdb(['status', 'nobody', '--json', '--url', db.url], { cwd: workFolder() });
  assert.equal([unknown.code, unknown.stdout], [2, '']);
  assert.match(unknown.stderr, /^error: There is no source nobody\nhint: `btcdb status` lists them/);
});

test('doctor --json prints one document, also of what failed', async (db) => {
  const document = await json(db, 'doctor') as unknown as { findings: { name: string; state: string; message: string; mend: string[] }[] };
  assert.equal(shapeOf(document), { engine: 'string', healthy: 'boolean', findings: ['mend', 'message', 'name', 'state'] });
  const late = document.findings.find(({ message }) => message.startsWith('btc_usd is CRITICAL'));
  assert.equal([late?.state, late?.name], ['warning', 'source_late']);
  assert.is(document.findings.find(({ message }) => message.startsWith('quiet has no rows'))?.mend.length, 2);

  await db.query('alter table audit_log disable trigger _100_refuse_change');
  const sick = await btcdb(['doctor', '--json', '--url', db.url], { cwd: workFolder() });
  await db.query('alter table audit_log enable trigger _100_refuse_change');
  assert.is(sick.code, 2);
  assert.is((JSON.parse(sick.stdout) as { healthy: boolean }).healthy, false);

  const away = await btcdb(['doctor', '--json', '--url', 'postgres://me:secret@127.0.0.1:1/x'], { cwd: workFolder() });
  assert.is(away.code, 2);
  assert.equal(Object.keys(JSON.parse(away.stdout) as object), ['healthy', 'findings']);
  assert.not.match(away.stdout, 'secret');
});

test('the doctor knows the embedded engine that another process serves', async (db) => {
  const { engine } = await json(db, 'doctor') as unknown as { engine: string };
  assert.is(engine, db.engine);
  const { stdout } = await btcdb(['doctor', '--url', db.url], { cwd: workFolder() });
  if (db.engine === 'server') return;
  assert.match(stdout, /\n✓ Policies: \d+ jobs scheduled; here `btcdb refresh` and `btcdb compress` run them\n/);
  assert.match(stdout, /\n {2}The embedded engine, served by another process\n$/);
  assert.not.match(stdout, /recommended|shared_preload_libraries|background worker/);
});

test('.env gives the address; the environment and the options win', async (db) => {
  const cwd = workFolder();
  writeFiles(cwd, { '.env': `# The database\nDATABASE_URL="${db.url}"\nPGAPPNAME=from_env\n` });
  assert.match((await btcdb(['status'], { cwd })).stdout, /\nbtc_usd +CRITICAL /);
  const away = 'postgres://127.0.0.1:1/x';
  assert.match((await btcdb(['status'], { cwd, env: { DATABASE_URL: away } })).stderr, 'No PostgreSQL server answers at 127.0.0.1:1');
  assert.match((await btcdb(['status', '--url', away], { cwd })).stderr, 'No PostgreSQL server answers at 127.0.0.1:1');
  assert.match((await btcdb(['status', '--data-dir', 'none'], { cwd })).stderr, 'There is no embedded database in none');
  // Empty counts as said: the embedded engine.
  assert.match((await btcdb(['status'], { cwd, env: { DATABASE_URL: '' } })).stderr, 'There is no embedded database in .btcdb');
  assert.is((await btcdbProcess(['status'], { cwd })).stderr, '', 'no warning of Node');

  const odd = workFolder();
  mkdirSync(join(odd, '.env'));
  const { code, stderr } = await btcdb(['status'], { cwd: odd });
  assert.is(code, 2);
  assert.match(stderr, /^error: \.env cannot be read: .*\nhint: /);
});

test('refresh takes a range and one aggregate', async (db) => {
  const rows = async (aggregate: string): Promise<unknown> =>
    (await db.query(`select max(max_value)::int as highest from ${aggregate} where source_id = 1 and hour < '2024-01-02'`)).rows[0]?.['highest'];
  const command = (...args: string[]): ReturnType<typeof btcdb> => btcdb(['refresh', ...args, '--url', db.url], { cwd: workFolder() });
  await db.query(`update timeseries_data set value = 777 where source_id = 1 and timestamp = '2024-01-01T05:00Z'`);
  assert.is(await rows('hourly_values'), 106);

  const elsewhere = await command('--from', '2024-03-01', '--to', '2024-03-02T12:00+01:00');
  assert.is(elsewhere.code, 0, elsewhere.stderr);
  assert.is(await rows('hourly_values'), 106, 'the range does not touch the change');
  const another = await command('--from', '2024-01-01', '--to', '2024-01-02', '--aggregate', 'weekly_stats');
  assert.match(another.stdout, /^✓ weekly_stats refreshed in /);
  assert.is(await rows('hourly_values'), 106, 'that was another aggregate');
  assert.is((await command('--from', '2024-01-01', '--to', '2024-01-01')).code, 0);
  assert.is(await rows('hourly_values'), 777);

  for (const [args, message] of [
    [['--from', 'soon'], 'error: --from: "soon" is no time\nhint: Write it as 2026-01-31'],
    [['--to', '2024-13-45'], 'error: --to: "2024-13-45" is no time'],
    [['--from', '2024-02-01', '--to', '2024-01-01'], 'error: --from is later than --to'],
    [['--aggregate', 'sources'], 'error: There is no continuous aggregate sources\nhint: There are: daily_ohlcv, hourly_ohlcv, '],
  ] as const) {
    const { code, stdout, stderr } = await command(...args);
    assert.equal([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  }
});

test.onServer('refresh, compress and import try again when somebody is in their way', async (db) => {
  const cwd = workFolder();
  writeFiles(cwd, { 'in/quiet.csv': 'date,value\n2024-01-02,1\n2024-01-03,2\n' });
  const database = new URL(db.url).pathname.slice(1);
  const locks = (what: string): string => `select ${what}(name::regclass::oid::bigint) from unnest(array['timeseries_data', 'daily_ohlcv']) as name`;
  const client = await db.pool.connect();
  await db.query(`alter database ${database} set lock_timeout = '100ms'`);
  try {
    for (const args of [['refresh'], ['compress'], ['import', 'in']]) {
      await client.query(locks('pg_advisory_lock'));
      const running = btcdb([...args, '--url', db.url], { cwd });
      const waits = async (): Promise<boolean> => (await client.query(
        `select from pg_locks join pg_database as d on d.oid = database where datname = $1 and locktype = 'advisory' and not granted`, [database])).rows.length > 0;
      while (!(await waits())) await delay(10);
      await delay(200);
      await client.query(locks('pg_advisory_unlock'));
      const { code, stderr } = await running;
      assert.is(code, 0, `${args.join(' ')}: ${stderr}`);
    }
  } finally {
    await db.query(`alter database ${database} reset lock_timeout`);
    client.release(true);
  }
});

test.run();
