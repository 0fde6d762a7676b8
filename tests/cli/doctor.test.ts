/** The doctor finds each damage, and what it says mends it. */
import { readdirSync, readFileSync } from 'node:fs';
import { aggregates, triggers as triggersOf } from '../../queries/doctor.queries.js';
import { type Finding, jobs, judgeVersions } from '../../src/cli/doctor/checks.js';
import { examine } from '../../src/cli/doctor/examine.js';
import * as expected from '../../src/cli/doctor/expected.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';
import { btcdb, workFolder } from './run.js';

const test = databaseSuite('cli: doctor');

interface Diagnosis {
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

async function diagnose(db: TestDatabase): Promise<Diagnosis> {
  const findings: Finding[] = [];
  const { healthy } = await examine(db, (finding) => findings.push(finding));
  return { healthy, findings };
}

function shown({ findings }: Pick<Diagnosis, 'findings'>): string {
  return findings.map(({ state, message }) => `\n${state} ${message}`).join('');
}

/** The finding with that state and message, of which `message` is the beginning. */
function findingOf({ findings }: Pick<Diagnosis, 'findings'>, state: Finding['state'], message: string): Finding {
  const finding = findings.find((each) => each.state === state && each.message.startsWith(message));
  assert.ok(finding, `no ${state} "${message}" among: ${shown({ findings })}`);
  return finding;
}

/** Damages, sees that the doctor notices, does what it says (or `repair`), and sees that it is content. */
async function damageAndMend(db: TestDatabase, damage: string, state: Finding['state'], message: string, repair?: string): Promise<void> {
  await db.query(damage);
  const sick = await diagnose(db);
  const { mend = [] } = findingOf(sick, state, message);
  assert.is(sick.healthy, state !== 'failure', shown(sick));
  assert.ok(mend.length > 0, 'it says how to mend it');
  await db.query(repair ?? mend.join('\n'));
  const cured = await diagnose(db);
  assert.is(cured.healthy, true, shown(cured));
  assert.not(cured.findings.some((each) => each.message.startsWith(message)), 'mended');
}

test('a migrated database is healthy', async (db) => {
  const { code, stdout } = await btcdb(['doctor', '--url', db.url], { cwd: workFolder() });
  assert.is(code, 0, stdout);
  const { rows: [versions] } = await db.query(`
    select split_part(current_setting('server_version'), ' ', 1) as postgres, extversion as timescale
    from pg_extension where extname = 'timescaledb'`);
  const lines = stdout.split('\n');
  assert.is(lines[0], `✓ Database connected: PostgreSQL ${versions?.['postgres']}`);
  assert.is(lines[1], `✓ TimescaleDB available: ${versions?.['timescale']}`);
  for (const check of ['Migrations', 'Hypertable', 'Compression', 'Triggers', 'Continuous aggregates', 'Policies', 'Indexes and constraints', 'Keys', 'Calendar', 'Sources']) {
    assert.match(stdout, `\n✓ ${check}: `);
  }
  assert.not.match(stdout, '✗');
});

test('a failure is a line with ✗, the way to mend it below, and exit code 1', async (db) => {
  await db.query('alter table audit_log disable trigger _100_refuse_change');
  const { code, stdout } = await btcdb(['doctor', '--url', db.url], { cwd: workFolder() });
  await db.query('alter table audit_log enable trigger _100_refuse_change');
  assert.is(code, 1);
  assert.match(stdout, '\n✗ The trigger _100_refuse_change of audit_log is disabled\n  → alter table public.audit_log enable trigger _100_refuse_change;\n');
});

test('what the doctor expects is what the migrations make', async (db) => {
  const triggers: Record<string, string[]> = {};
  for (const { table, name } of await triggersOf.run(undefined, db)) {
    // Aggregates hang triggers of their own on the hypertable.
    if (/^_\d{3}_/.test(name)) (triggers[table] ??= []).push(name);
  }
  assert.equal(triggers, expected.triggers);
  assert.equal((await aggregates.run(undefined, db)).map(({ name }) => name), expected.aggregates);
});

test('a disabled trigger', (db) => damageAndMend(db,
  // TimescaleDB lets nobody do this everywhere; a restored dump may.
  `update pg_trigger set tgenabled = 'D' where tgrelid = 'timeseries_data'::regclass and tgname = '_700_inserted'`,
  'failure', 'The trigger _700_inserted of timeseries_data is disabled',
  `update pg_trigger set tgenabled = 'O' where tgrelid = 'timeseries_data'::regclass and tgname = '_700_inserted'`));

test('a trigger that only fires for replicas', (db) => damageAndMend(db,
  'alter table audit_log enable replica trigger _100_refuse_change', 'failure', 'The trigger _100_refuse_change of audit_log is disabled'));

test('a missing trigger', (db) => damageAndMend(db,
  'drop trigger _500_audit on lineage', 'failure', 'The trigger _500_audit of lineage is missing',
  `create trigger _500_audit after insert or update or delete on public.lineage
     for each row execute function app_private.tg__audit_row(
       'refresh_required', 'dependency_level', 'last_calculation_time', 'avg_calculation_time')`));

test('a missing compression policy', (db) => damageAndMend(db,
  `select delete_job(job_id) from timescaledb_information.jobs where proc_name = 'compress_due_chunks'`, 'failure', 'The compression policy of timeseries_data is missing'));

test('a missing refresh policy', (db) => damageAndMend(db,
  `select remove_continuous_aggregate_policy('weekly_stats')`, 'failure', 'The refresh policy of weekly_stats is missing'));

test('a policy that is switched off', async (db) => {
  const { rows: [job] } = await db.query(`select job_id from timescaledb_information.jobs where hypertable_name = 'daily_ohlcv'`);
  await damageAndMend(db, `select alter_job(${job?.['job_id']}, scheduled => false)`,
    'warning', `Job ${job?.['job_id']} (policy_refresh_continuous_aggregate of daily_ohlcv) is switched off`);
});

test('an aggregate that is not real-time', (db) => damageAndMend(db,
  'alter materialized view hourly_values set (timescaledb.materialized_only = true)',
  'warning', 'The continuous aggregate hourly_values shows materialized rows only'));

test('an aggregate that somebody added, and what it lacks', async (db) => {
  await db.query('create schema if not exists research');
  await db.query(`create materialized view research.monthly with (timescaledb.continuous, timescaledb.materialized_only = true) as
    select source_id, time_bucket(interval '30 days', timestamp) as month, count(*) as n from timeseries_data group by 1, 2 with no data`);
  try {
    await db.query('grant select on research.monthly to btcdb_reader, btcdb_writer');
    await damageAndMend(db, 'select 1', 'failure', 'The refresh policy of research.monthly is missing');
    await damageAndMend(db, 'revoke select on research.monthly from btcdb_reader', 'warning',
      'The continuous aggregate research.monthly cannot be read by btcdb_reader');
    await damageAndMend(db, 'alter materialized view research.monthly owner to btcdb_writer', 'warning',
      'The continuous aggregate research.monthly belongs to btcdb_writer: refresh and policies leave it to that role',
      'alter materialized view research.monthly owner to current_user; grant select on research.monthly to btcdb_writer');
    findingOf(await diagnose(db), 'ok', 'Continuous aggregates: 5');
    await db.query(`select set_retention('5 years')`);
    await damageAndMend(db,
      `select alter_job(job_id, config => config || '{"start_offset": null}') from timescaledb_information.jobs where hypertable_name = 'monthly'`,
      'failure', 'The refresh policy of research.monthly would empty the aggregate where retention has dropped rows');
  } finally {
    await db.query('select set_retention(null)');
    await db.query('drop materialized view research.monthly');
  }
});

test('a migration that is not applied, and one that nobody knows', async (db) => {
  const { rows: [last] } = await db.query('select * from graphile_migrate.migrations order by filename desc limit 1');
  await db.query('delete from graphile_migrate.migrations where hash = $1', [last?.['hash']]);
  const sick = await diagnose(db);
  const finding = findingOf(sick, 'failure', '1 migration pending: 000');
  assert.equal([sick.healthy, finding.mend], [false, ['btcdb up']]);
  assert.is(sick.findings.at(-1), finding, 'without the schema there is nothing more to look at');
  await db.query('insert into graphile_migrate.migrations (hash, previous_hash, filename, date) values ($1, $2, $3, $4)',
    [last?.['hash'], last?.['previous_hash'], last?.['filename'], last?.['date']]);
  await damageAndMend(db,
    `insert into graphile_migrate.migrations (hash, previous_hash, filename, date) values ('sha1:0', '${last?.['hash']}', '999999.sql', now())`,
    'warning', 'The database has applied 999999.sql (sha1:0), which is not among the committed migrations',
    `delete from graphile_migrate.migrations where hash = 'sha1:0'`);
});

test('a chunk that somebody else than the owner may write', async (db) => {
  const { rows: [chunk] } = await db.query(`
    with source as (insert into sources (name, display_name, data_type) values ('open', 'Open', 'simple') returning source_id)
    insert into timeseries_data (source_id, timestamp, value) select source_id, now(), 1 from source returning tableoid::regclass as name`);
  // A superuser's event trigger would mend it at once.
  await damageAndMend(db, `alter event trigger btcdb_close_chunks disable;
    grant insert, delete on ${chunk?.['name']} to btcdb_writer;
    alter event trigger btcdb_close_chunks enable`,
  'failure', '1 chunk can be written past the triggers by btcdb_writer');
});

test('chunks that everybody may drop', async (db) => {
  const { rows: [extension] } = await db.query(`select extversion as version from pg_extension where extname = 'timescaledb'`);
  const [major, minor] = String(extension?.['version']).split('.').map(Number);
  // Later versions ask for the owner.
  if (major! > 2 || minor! >= 29) return;
  await damageAndMend(db, 'grant execute on function _timescaledb_functions.drop_chunk(regclass) to public',
    'warning', 'Everybody who can connect can drop chunks', 'revoke execute on function _timescaledb_functions.drop_chunk(regclass) from public');
});

test('an invalid index', (db) => damageAndMend(db,
  `update pg_index set indisvalid = false where indexrelid = 'audit_log_changed_at_idx'::regclass`,
  'failure', 'The index public.audit_log_changed_at_idx is invalid',
  `update pg_index set indisvalid = true where indexrelid = 'audit_log_changed_at_idx'::regclass`));

test('a constraint that is not validated', async (db) => {
  await damageAndMend(db, 'alter table sources add constraint sources_short_check check (length(name) < 60) not valid',
    'warning', 'The constraint sources_short_check of sources is not validated');
  await db.query('alter table sources drop constraint sources_short_check');
});

test('a calendar that ends soon', (db) => damageAndMend(db,
  `delete from time_index where date_only > current_date + 10`, 'warning', 'The calendar ends on '));

test('sources that are late or empty', async (db) => {
  await db.query(`
    insert into sources (name, display_name, data_type, update_frequency)
    values ('tired', 'Tired', 'simple', '1 hour'), ('new_born', 'New', 'simple', '1 hour')`);
  await db.query(`
    insert into timeseries_data (source_id, timestamp, value)
    select source_id, now() - interval '100 minutes', 1 from sources where name = 'tired'`);
  const late = await diagnose(db);
  assert.is(late.healthy, true, 'stale data is no fault of the database');
  assert.match(findingOf(late, 'warning', 'tired is WARNING').message, /: its last row is of \d{4}-\d\d-\d\d \d\d:\d\d, one is due every 1 hour$/);
  assert.match(findingOf(late, 'warning', 'new_born has no rows yet').mend?.join(' ') ?? '', 'btcdb import');
  await db.query(`update sources set status = 'inactive'`);
  findingOf(await diagnose(db), 'ok', 'Sources: none yet');
});

test('a row trigger that is disabled on a chunk only', async (db) => {
  const { rows: [chunk] } = await db.query(`select show_chunks('timeseries_data')::text as name limit 1`);
  const set = (state: string): string =>
    `update pg_trigger set tgenabled = '${state}' where tgrelid = '${chunk?.['name']}'::regclass and tgname = '_500_deleted'`;
  await damageAndMend(db, set('D'), 'failure', 'The trigger _500_deleted of timeseries_data is disabled', set('O'));
});

test('rows whose source is not registered', async (db) => {
  const { rows: [chunk] } = await db.query(`select show_chunks('timeseries_data')::text as name limit 1`);
  await damageAndMend(db,
    `insert into ${chunk?.['name']} (source_id, timestamp, value) select 4711, d.timestamp, 1 from only ${chunk?.['name']} as d limit 1`,
    'failure', 'timeseries_data has rows of source 4711, which is not registered');
  await db.query(`update sources set status = 'inactive' where source_id = 4711`);
});

test('old chunks that nobody compressed', async (db) => {
  await db.query(`
    insert into timeseries_data (source_id, timestamp, value)
    select source_id, '2020-01-01', 1 from sources where name = 'tired'`);
  await damageAndMend(db, 'select 1', 'warning', 'Compression: 1 old chunk not compressed yet', 'call compress_old_chunks()');
});

test('a job that failed', async (db) => {
  const { rows: [job] } = await db.query(`select job_id from timescaledb_information.jobs where hypertable_name = 'daily_ohlcv'`);
  const id = job?.['job_id'];
  await db.query(`
    insert into _timescaledb_internal.bgw_job_stat (
      job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success, total_runs, total_duration,
      total_duration_failures, total_successes, total_failures, total_crashes, consecutive_failures, consecutive_crashes, flags)
    values (${id}, now(), now(), now(), now(), false, 1, '1 s', '1 s', 0, 1, 0, 1, 0, 0)
    on conflict (job_id) do update set last_start = now(), last_finish = now(), last_run_success = false, total_failures = 1`);
  // The embedded engine runs no jobs, so that only a server is asked.
  const findings = [await jobs({ ...db, engine: 'server' })].flat();
  await db.query(`delete from _timescaledb_internal.bgw_job_stat where job_id = ${id}`);
  const finding = findingOf({ findings }, 'warning', `Job ${id} (policy_refresh_continuous_aggregate of daily_ohlcv) failed`);
  assert.match(finding.mend?.[0] ?? '', `call run_job(${id});`);
  findingOf({ findings }, 'warning', 'No background worker runs the policies of this database');
});

test('a job that failed only after its work was done', async (db) => {
  const { rows: [job] } = await db.query(`select job_id from timescaledb_information.jobs where hypertable_name = 'daily_ohlcv'`);
  const id = job?.['job_id'];
  await db.query(`
    insert into _timescaledb_internal.bgw_job_stat (
      job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success, total_runs, total_duration,
      total_duration_failures, total_successes, total_failures, total_crashes, consecutive_failures, consecutive_crashes, flags)
    values (${id}, now(), now(), now(), now(), false, 1, '1 s', '1 s', 0, 1, 0, 1, 0, 0)`);
  await db.query(`
    insert into _timescaledb_internal.bgw_job_stat_history (job_id, pid, execution_start, execution_finish, succeeded, data)
    values (${id}, 1, now(), now(), false, '{"job": {}, "error_data": {"message": "cannot drop portal \\"\\"", "sqlerrcode": "24000"}}')`);
  const findings = [await jobs({ ...db, engine: 'server' })].flat();
  await db.query(`delete from _timescaledb_internal.bgw_job_stat where job_id = ${id}`);
  await db.query(`delete from _timescaledb_internal.bgw_job_stat_history where job_id = ${id}`);
  const { mend = [] } = findingOf({ findings }, 'warning', `Job ${id} (policy_refresh_continuous_aggregate of daily_ohlcv) failed: cannot drop portal ""`);
  assert.match(mend.join(' '), 'Its work is done');
  assert.not.match(mend.join(' '), 'run_job');
});

test('a rule whose function is gone', async (db) => {
  await db.query(`create function public.is_even(numeric) returns boolean language sql immutable return $1 % 2 = 0`);
  await db.query(`
    insert into validation_rules (data_type, rule_name, rule_sql, error_message)
    values ('simple', 'even', 'public.is_even(value)', 'odd')`);
  await damageAndMend(db, 'drop function public.is_even(numeric) cascade',
    'warning', 'The rule even does not compile any more, and each row violates it: public.is_even(value)',
    `delete from validation_rules where rule_name = 'even'`);
});

test('versions that are too old, or only not the best', () => {
  const judge = (server: string, timescale: string | null, engine: 'server' | 'embedded' = 'server'): string[] =>
    judgeVersions({ server, timescale, is_created: true, is_loaded: true }, engine).map(({ state, message }) => `${state} ${message}`);
  assert.equal(judge('17.5', '2.23.0-dev', 'embedded'), ['ok TimescaleDB available: 2.23.0-dev']);
  assert.equal(judge('16.4', '2.29.2'), ['ok TimescaleDB available: 2.29.2']);
  assert.equal(judge('16.4', '2.30.0'), ['ok TimescaleDB available: 2.30.0']);
  assert.equal(judge('15.14', '2.29.1'), ['ok TimescaleDB available: 2.29.1', 'warning TimescaleDB 2.29.2 or newer is recommended']);
  assert.equal(judge('16.4', '2.9.3'), ['failure TimescaleDB 2.9.3 is too old: 2.23 or newer is needed']);
  assert.equal(judge('16.4', null), ['failure TimescaleDB is not available on this server']);
  assert.equal(judge('14.9', '2.30.0'), ['ok TimescaleDB available: 2.30.0', 'failure PostgreSQL 14.9 is too old: 15 or newer is needed']);
  return Promise.resolve();
});

/** The statement that a finding says to run again, from the file that it names. */
function statementAgain({ mend = [] }: Finding): string {
  const [, start = '', file = ''] = /^Run its `(.*)` from migrations\/committed\/\*(\S+) again\.$/.exec(mend[0] ?? '') ?? [];
  const chapter = readdirSync('migrations/committed').find((name) => name.endsWith(file));
  const found = new RegExp(`^${start.replaceAll('.', '\\.').replace(' … ', '[^;]*').replaceAll(' ', '\\s+')}\\b[^;]*;$`, 'm').exec(readFileSync(`migrations/committed/${chapter}`, 'utf8'));
  assert.ok(found, `not in ${chapter}: ${start}`);
  return found[0];
}

test('what is missing is made again by the migration that is named', async (db) => {
  for (const [drop, message] of [
    ['drop trigger _700_compile on validation_rules', 'The trigger _700_compile of validation_rules is missing'],
    ['drop materialized view daily_ohlcv', 'The continuous aggregate daily_ohlcv is missing'],
  ] as const) {
    await db.query(drop);
    const sick = await diagnose(db);
    assert.is(sick.healthy, false);
    await db.query(statementAgain(findingOf(sick, 'failure', message)));
    assert.not.match(shown(await diagnose(db)), message);
  }
});

test('a table that is no hypertable', async (db) => {
  await db.query('alter table timeseries_data rename to elsewhere');
  await db.query('create table timeseries_data (like elsewhere)');
  const sick = await diagnose(db);
  assert.is(sick.healthy, false);
  assert.match(findingOf(sick, 'failure', 'timeseries_data is not a hypertable').mend?.[0] ?? '', `select create_hypertable('public.timeseries_data'`);
  findingOf(sick, 'failure', 'The trigger _700_inserted of timeseries_data is missing');
});

test('a check that cannot be made is a failure too', async (db) => {
  await db.query('drop view data_freshness');
  const sick = await diagnose(db);
  assert.is(sick.healthy, false);
  assert.match(findingOf(sick, 'failure', 'A check could not be made: relation "public.data_freshness" does not exist').mend?.[0] ?? '', 'btcdb up');
});

test.run();
