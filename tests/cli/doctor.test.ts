/** The doctor finds each damage, and what it says mends it. */
import { judgeVersions } from '../../src/cli/doctor/checks.js';
import { readAggregates, readTriggers } from '../../src/cli/doctor/catalog.js';
import * as expected from '../../src/cli/doctor/expected.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';
import { btcdb, type Outcome, workFolder } from './run.js';

const test = databaseSuite('cli: doctor');

async function examine(db: TestDatabase): Promise<Outcome> {
  return btcdb(['doctor', '--url', db.url], { cwd: workFolder() });
}

/** The SQL under the finding that begins with `line`. */
function mendOf(stdout: string, line: string): string {
  const lines = stdout.split('\n');
  const at = lines.findIndex((each) => each.startsWith(line));
  const steps: string[] = [];
  for (let i = at + 1; /^ {2}[→ ]/.test(lines[i] ?? ''); i++) steps.push((lines[i] as string).slice(4));
  return steps.filter((step) => !step.startsWith('Then ')).join('\n');
}

/** Damages, sees that the doctor notices, does what it says, and sees that it is content. */
async function damageAndMend(db: TestDatabase, damage: string, finding: string, repair?: string): Promise<void> {
  for (const statement of damage.split(';\n')) await db.query(statement);
  const sick = await examine(db);
  assert.match(sick.stdout, `\n${finding}`, `not found:\n${sick.stdout}`);
  assert.is(sick.code, finding.startsWith('✗') ? 1 : 0);
  await db.query(repair ?? mendOf(sick.stdout, finding));
  const healthy = await examine(db);
  assert.is(healthy.code, 0, healthy.stdout);
  assert.not.match(healthy.stdout, finding);
}

test('a migrated database is healthy', async (db) => {
  const { code, stdout } = await examine(db);
  assert.is(code, 0, stdout);
  const { rows: [versions] } = await db.query(`
    select split_part(current_setting('server_version'), ' ', 1) as postgres, extversion as timescale
    from pg_extension where extname = 'timescaledb'`);
  const lines = stdout.split('\n');
  assert.is(lines[0], `✓ Database connected: PostgreSQL ${versions?.['postgres']}`);
  assert.is(lines[1], `✓ TimescaleDB available: ${versions?.['timescale']}`);
  for (const check of ['Migrations', 'Hypertable', 'Compression', 'Triggers', 'Continuous aggregates', 'Policies', 'Indexes and constraints', 'Calendar', 'Sources']) {
    assert.match(stdout, `\n✓ ${check}: `);
  }
  assert.not.match(stdout, '✗');
});

test('what the doctor expects is what the migrations make', async (db) => {
  const triggers: Record<string, string[]> = {};
  for (const { table, name } of await readTriggers(db)) {
    // Aggregates hang triggers of their own on the hypertable.
    if (/^_\d{3}_/.test(name)) (triggers[table] ??= []).push(name);
  }
  assert.equal(triggers, expected.triggers);
  assert.equal((await readAggregates(db)).map(({ name }) => name), expected.aggregates);
});

test('a disabled trigger', (db) => damageAndMend(db,
  'alter table timeseries_data disable trigger _200_inserted', '✗ The trigger _200_inserted of timeseries_data is disabled'));

test('a trigger that only fires for replicas', (db) => damageAndMend(db,
  'alter table audit_log enable replica trigger _100_refuse_change', '✗ The trigger _100_refuse_change of audit_log is disabled'));

test('a missing trigger', (db) => damageAndMend(db,
  'drop trigger _500_audit on lineage', '✗ The trigger _500_audit of lineage is missing',
  `create trigger _500_audit after insert or update or delete on public.lineage
     for each row execute function app_private.tg__audit_row(
       'refresh_required', 'dependency_level', 'last_calculation_time', 'avg_calculation_time')`));

test('a missing compression policy', (db) => damageAndMend(db,
  `select remove_compression_policy('timeseries_data')`, '✗ The compression policy of timeseries_data is missing'));

test('a missing refresh policy', (db) => damageAndMend(db,
  `select remove_continuous_aggregate_policy('weekly_stats')`, '✗ The refresh policy of weekly_stats is missing'));

test('a policy that is switched off', async (db) => {
  const { rows: [job] } = await db.query(`select job_id from timescaledb_information.jobs where hypertable_name = 'daily_ohlcv'`);
  await damageAndMend(db, `select alter_job(${job?.['job_id']}, scheduled => false)`,
    `! Job ${job?.['job_id']} (policy_refresh_continuous_aggregate of daily_ohlcv) is switched off`);
});

test('an aggregate that is not real-time', (db) => damageAndMend(db,
  'alter materialized view hourly_values set (timescaledb.materialized_only = true)',
  '! The continuous aggregate hourly_values shows materialized rows only'));

test('a migration that is not applied, and one that nobody knows', async (db) => {
  const { rows: [last] } = await db.query('select * from graphile_migrate.migrations order by filename desc limit 1');
  await db.query('delete from graphile_migrate.migrations where hash = $1', [last?.['hash']]);
  const pending = await examine(db);
  assert.is(pending.code, 1);
  assert.match(pending.stdout, `\n✗ 1 migration pending: ${last?.['filename']}\n  → btcdb up\n`);
  await db.query('insert into graphile_migrate.migrations (hash, previous_hash, filename, date) values ($1, $2, $3, $4)',
    [last?.['hash'], last?.['previous_hash'], last?.['filename'], last?.['date']]);
  await damageAndMend(db,
    `insert into graphile_migrate.migrations (hash, previous_hash, filename, date) values ('sha1:0', '${last?.['hash']}', '999999.sql', now())`,
    '! The database has 1 migration that this version of btcdb does not know',
    `delete from graphile_migrate.migrations where hash = 'sha1:0'`);
});

test('an invalid index', (db) => damageAndMend(db,
  `update pg_index set indisvalid = false where indexrelid = 'audit_log_changed_at_idx'::regclass`,
  '✗ The index public.audit_log_changed_at_idx is invalid'));

test('a constraint that is not validated', async (db) => {
  await damageAndMend(db, 'alter table sources add constraint sources_short_check check (length(name) < 60) not valid',
    '! The constraint sources_short_check of sources is not validated');
  await db.query('alter table sources drop constraint sources_short_check');
});

test('a calendar that ends soon', (db) => damageAndMend(db,
  `delete from time_index where date_only > current_date + 10`, '! The calendar ends on '));

test('sources that are late or empty', async (db) => {
  await db.query(`
    insert into sources (name, display_name, data_type, update_frequency)
    values ('tired', 'Tired', 'simple', '1 hour'), ('new_born', 'New', 'simple', '1 hour')`);
  await db.query(`
    insert into timeseries_data (source_id, timestamp, value)
    select source_id, now() - interval '100 minutes', 1 from sources where name = 'tired'`);
  const { code, stdout } = await examine(db);
  assert.is(code, 0, 'stale data is no fault of the database');
  assert.match(stdout, /\n! tired is WARNING: its last row is of \d{4}-\d\d-\d\d \d\d:\d\d, one is due every 1 hour\n! new_born has no rows yet\n {2}→ /);
  await db.query(`update sources set status = 'inactive'`);
  assert.match((await examine(db)).stdout, '✓ Sources: none yet');
});

test('a row trigger that is disabled on a chunk only', async (db) => {
  const { rows: [chunk] } = await db.query(`select show_chunks('timeseries_data')::text as name limit 1`);
  await damageAndMend(db, `alter table ${chunk?.['name']} disable trigger _500_deleted`, '✗ The trigger _500_deleted of timeseries_data is disabled');
});

test('old chunks that nobody compressed', async (db) => {
  await db.query(`
    insert into timeseries_data (source_id, timestamp, value)
    select source_id, '2020-01-01', 1 from sources where name = 'tired'`);
  await damageAndMend(db, 'select 1', '! Compression: 1 old chunk not compressed yet', 'call compress_old_chunks()');
});

test('a job that failed', async (db) => {
  const { rows: [job] } = await db.query(`select job_id from timescaledb_information.jobs where hypertable_name = 'daily_ohlcv'`);
  const id = job?.['job_id'];
  await db.query(`
    insert into _timescaledb_internal.bgw_job_stat (
      job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success, total_runs, total_duration,
      total_duration_failures, total_successes, total_failures, total_crashes, consecutive_failures, consecutive_crashes, flags)
    values (${id}, now(), now(), now(), now(), false, 1, '1 s', '1 s', 0, 1, 0, 1, 0, 0)
    on conflict (job_id) do update set last_run_success = false, total_failures = 1`);
  const { code, stdout } = await examine(db);
  await db.query(`delete from _timescaledb_internal.bgw_job_stat where job_id = ${id}`);
  assert.is(code, 0);
  assert.match(stdout, `\n! Job ${id} (policy_refresh_continuous_aggregate of daily_ohlcv) failed\n  → call run_job(${id});`);
});

test('versions that are too old, or only not the best', () => {
  const judge = (server: string, timescale: string | undefined, engine: 'server' | 'embedded' = 'server'): string[] =>
    judgeVersions({ server, timescale, created: true }, engine).map(({ state, message }) => `${state} ${message}`);
  assert.equal(judge('17.5', '2.23.0-dev', 'embedded'), ['ok TimescaleDB available: 2.23.0-dev']);
  assert.equal(judge('16.4', '2.29.2'), ['ok TimescaleDB available: 2.29.2']);
  assert.equal(judge('16.4', '2.30.0'), ['ok TimescaleDB available: 2.30.0']);
  assert.equal(judge('15.14', '2.29.1'), ['ok TimescaleDB available: 2.29.1', 'warning TimescaleDB 2.29.2 or newer is recommended']);
  assert.equal(judge('16.4', '2.9.3'), ['failure TimescaleDB 2.9.3 is too old: 2.23 or newer is needed']);
  assert.equal(judge('16.4', undefined), ['failure TimescaleDB is not available on this server']);
  assert.equal(judge('14.9', '2.30.0'), ['ok TimescaleDB available: 2.30.0', 'failure PostgreSQL 14.9 is too old: 15 or newer is needed']);
  return Promise.resolve();
});

test('an aggregate that is missing', async (db) => {
  await db.query('drop materialized view daily_ohlcv');
  const { code, stdout } = await examine(db);
  assert.is(code, 1);
  assert.match(stdout, '\n✗ The continuous aggregate daily_ohlcv is missing\n  → Run its `create materialized view');
});

test('a table that is no hypertable', async (db) => {
  await db.query('alter table timeseries_data rename to elsewhere');
  await db.query('create table timeseries_data (like elsewhere)');
  const { code, stdout } = await examine(db);
  assert.is(code, 1);
  assert.match(stdout, `\n✗ timeseries_data is not a hypertable\n  → select create_hypertable('public.timeseries_data'`);
  assert.match(stdout, '\n✗ The trigger _200_inserted of timeseries_data is missing\n');
});

test.run();
