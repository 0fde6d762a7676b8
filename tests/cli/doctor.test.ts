/** The doctor finds each damage, and what it says mends it. */
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { aggregates, triggers as triggersOf } from '../../queries/doctor.queries.js';
import { transaction } from '../../src/client/transaction.js';
import { clock, disk, judgeDisk, judgeTransactionNumbers } from '../../src/cli/doctor/activity-checks.js';
import { readDefinitions, settings, textOf } from '../../src/schema/definitions.js';
import { examine } from '../../src/cli/doctor/examine.js';
import * as expected from '../../src/cli/doctor/expected.js';
import { usualLimits, type Check, type Finding, type Limits } from '../../src/cli/doctor/finding.js';
import { knownBugs } from '../../src/cli/doctor/known-bugs.js';
import { mend as mendFindings } from '../../src/cli/doctor/mending.js';
import { aggregates as aggregatesOf, hypertable, jobs } from '../../src/cli/doctor/policy-checks.js';
import { backups } from '../../src/cli/doctor/data-checks.js';
import * as truth from '../../src/schema/truth.js';
import { judgeVersions } from '../../src/cli/doctor/version-checks.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';
import { btcdb, workFolder } from './run.js';

const test = databaseSuite('cli: doctor');

interface Diagnosis {
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

async function diagnose(db: TestDatabase, limits: Partial<Limits> = {}): Promise<Diagnosis> {
  const findings: Finding[] = [];
  const { healthy } = await examine(db, (finding) => findings.push(finding), { ...usualLimits, ...limits });
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

/** Does the steps of a remedy that are commands, as they are printed. */
async function follow(db: TestDatabase, finding: Finding, cwd = workFolder()): Promise<void> {
  const { mend = [] } = finding;
  let done = 0;
  for (const step of mend.join('\n').replaceAll('\n  ', ' ').split('\n')) {
    const command = /^btcdb (.*)$/.exec(step)?.[1];
    if (command === 'doctor --fix') {
      // As the command does it, but for other findings.
      const [mending] = await mendFindings(db, [finding], () => {});
      assert.is(mending?.error, undefined);
    } else if (command !== undefined) {
      const words = command.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ''));
      const { code, stderr } = await btcdb([...words, '--url', db.url], { cwd });
      assert.is(code, 0, stderr);
    } else if (/^(?:[a-z ]+|CREATE TRIGGER) .*;$/.test(step)) await db.query(step);
    else continue;
    done++;
  }
  assert.ok(done > 0, `nothing to do in: ${mend.join('\n')}`);
}

interface Fault {
  readonly damage: string;
  readonly state: Finding['state'];
  readonly name: string;
  /** How the finding begins. */
  readonly message: string;
  /** Instead of what the finding says. */
  readonly repair?: string;
}

/** Damages, sees that the doctor notices all of it and no other failure, does what it says, and sees that it is content. */
async function damageAndMendAll(db: TestDatabase, faults: readonly Fault[], limits: Partial<Limits> = {}): Promise<void> {
  for (const { damage } of faults) await db.query(damage);
  const sick = await diagnose(db, limits);
  const failures = ({ state }: { readonly state: Finding['state'] }): boolean => state === 'failure';
  assert.equal(sick.findings.filter(failures).map(({ name }) => name).sort(), faults.filter(failures).map(({ name }) => name).sort(), shown(sick));
  assert.is(sick.healthy, !faults.some(failures), shown(sick));
  for (const { state, name, message, repair } of faults) {
    const finding = findingOf(sick, state, message);
    assert.is(finding.name, name);
    assert.ok((finding.mend ?? []).length > 0, `it says how to mend it: ${message}`);
    await (repair === undefined ? follow(db, finding) : db.query(repair));
  }
  const cured = await diagnose(db, limits);
  assert.is(cured.healthy, true, shown(cured));
  for (const { name, message } of faults) assert.not(cured.findings.some((each) => each.name === name && each.message.startsWith(message)), shown(cured));
}

const damageAndMend = (
  db: TestDatabase, damage: string, state: Finding['state'], name: string, message: string, { limits, ...repair }: Pick<Fault, 'repair'> & { limits?: Partial<Limits> } = {},
): Promise<void> => damageAndMendAll(db, [{ damage, state, name, message, ...repair }], limits);

/** What a single check says. */
const examined = async (db: TestDatabase, check: Check, limits: Partial<Limits> = {}): Promise<Pick<Diagnosis, 'findings'>> =>
  ({ findings: [await check(db, { ...usualLimits, ...limits })].flat() });

/** What the doctor says of the versions of the server that tests run on, which runs no jobs for them. */
const ofServer = ['timescaledb_not_recommended', 'data_loss_bug', 'job_end_refused', 'job_failed', 'scheduler_missing'];

test('a migrated database is healthy', async (db) => {
  const { code, stdout } = await btcdb(['doctor', '--url', db.url], { cwd: workFolder() });
  assert.is(code, stdout.includes('\n! ') ? 1 : 0, stdout);
  const { rows: [versions] } = await db.query(`
    select split_part(current_setting('server_version'), ' ', 1) as postgres, extversion as timescale
    from pg_extension where extname = 'timescaledb'`);
  const lines = stdout.split('\n');
  assert.is(lines[0], `✓ Database connected: PostgreSQL ${versions?.['postgres']}`);
  assert.is(lines[1], `✓ TimescaleDB available: ${versions?.['timescale']}`);
  for (const check of [
    'Migrations', 'Hypertable', 'Compression', 'Functions and views', 'Triggers', 'Continuous aggregates', 'Policies', 'Rights',
    'Indexes and constraints', 'Keys', 'Rules', 'Audit log', 'Backups', 'Calendar', 'Disk', 'Clock', 'Sources',
  ]) {
    assert.match(stdout, `\n✓ ${check}: `);
  }
  assert.not.match(stdout, '✗');
  const { findings } = await diagnose(db);
  assert.equal(findings.filter(({ state, name }) => state !== 'ok' && !ofServer.includes(name)), []);
});

test('a failure is a line with ✗, the way to mend it below, and exit code 2', async (db) => {
  await db.query('alter table audit_log disable trigger _100_refuse_change');
  const { code, stdout } = await btcdb(['doctor', '--url', db.url], { cwd: workFolder() });
  await db.query('alter table audit_log enable trigger _100_refuse_change');
  assert.is(code, 2);
  assert.match(stdout, '\n✗ The trigger _100_refuse_change of audit_log is disabled\n  → alter table public.audit_log enable trigger _100_refuse_change;\n');
});

test('what the doctor expects is what the migrations make', async (db) => {
  assert.equal((await aggregates.run(undefined, db)).map(({ name }) => name), expected.aggregates);
  assert.equal(
    (await triggersOf.run(undefined, db)).map(({ table, name }) => `${table}.${name}`), truth.triggers.map(({ table, name }) => `${table}.${name}`));
  assert.equal((await transaction(db, { settings }, (tx) => readDefinitions(tx))), truth.definitions);
  for (const { home } of truth.definitions) if (home) assert.ok(textOf(home).length > 0, home);
});

test('what a dump brings back is the same, although PostgreSQL prints it another way', async (db) => {
  await transaction(db, { settings }, async (tx) => {
    const { rows } = await tx.query(`
      select pg_get_functiondef(oid) as definition from pg_proc
      where pronamespace in ('public'::regnamespace, 'app_private'::regnamespace) and prosqlbody is not null
      union all
      select format('create or replace view %s with (%s) as %s', oid::regclass, array_to_string(reloptions, ', '), pg_get_viewdef(oid)) from pg_class
      where relkind = 'v' and relnamespace = 'public'::regnamespace and reloptions is not null
      union all
      select format('drop trigger %I on %s; %s', tgname, tgrelid::regclass, pg_get_triggerdef(oid)) from pg_trigger
      where tgname = '_100_touch_updated_at' and tgrelid in ('public.timeseries_data'::regclass, 'public.sources'::regclass)`);
    assert.ok(rows.length > 20, String(rows.length));
    for (const { definition } of rows) await tx.query(String(definition));
  });
  const { healthy, findings } = await diagnose(db);
  assert.ok(healthy, shown({ findings }));
});

/** As a rebuild that failed leaves it; the second statement tells the caches of sessions. */
const invalidIndex = `
  update pg_index set indisvalid = false where indexrelid = 'audit_log_changed_at_idx'::regclass;
  alter index audit_log_changed_at_idx set (autosummarize = off)`;

test('what is broken is found, and mended by what is said', async (db) => {
  const { rows: [chunk] } = await db.query(`
    with source as (insert into sources (name, display_name, data_type) values ('open', 'Open', 'simple') returning source_id)
    insert into timeseries_data (source_id, timestamp, value) select source_id, now(), 1 from source returning tableoid::regclass as name`);
  await db.query('create index audit_log_reason_idx_ccnew on audit_log (reason)');
  const rights = `select has_function_privilege('btcdb_reader', 'public.explain_score(int, timestamptz)', 'execute') as reader,
    (select bool_or(a.grantee = 0) from pg_proc as p, aclexplode(p.proacl) as a where p.proname = 'explain_score') as everybody,
    has_table_privilege('btcdb_reader', 'public.backtest_leaderboard', 'select') as sees`;
  const { rows: before } = await db.query(rights);
  const faults = ([
    // TimescaleDB lets nobody do this everywhere; a restored dump may.
    ['trigger_disabled', 'The trigger _700_inserted of timeseries_data is disabled',
      `update pg_trigger set tgenabled = 'D' where tgrelid = 'timeseries_data'::regclass and tgname = '_700_inserted'`],
    ['trigger_disabled', 'The trigger _500_deleted of timeseries_data is disabled',
      `update pg_trigger set tgenabled = 'D' where tgrelid = '${chunk?.['name']}'::regclass and tgname = '_500_deleted'`],
    // It only fires for replicas.
    ['trigger_disabled', 'The trigger _100_refuse_change of audit_log is disabled', 'alter table audit_log enable replica trigger _100_refuse_change'],
    ['trigger_missing', 'The trigger _500_audit of lineage is missing', 'drop trigger _500_audit on lineage'],
    ['trigger_changed', 'The trigger _500_audit of sources is not the one that the migrations make', `
      drop trigger _500_audit on sources;
      create trigger _500_audit after insert on sources for each row execute function app_private.tg__audit_row('updated_at')`],
    ['function_changed', 'The function app_private.validation_loss(violated integer[]) is not the one that the migrations make',
      `create or replace function app_private.validation_loss(violated int[]) returns int language sql immutable return 9 * cardinality(violated)`],
    // Its settings, not its text, are others.
    ['function_changed', 'The function public.restore_archived(', 'alter function public.restore_archived(int, timestamptz, timestamptz) security invoker'],
    ['function_missing', 'The function public.explain_score(', 'drop function public.explain_score(int, timestamptz)'],
    // It was generated.
    ['function_missing', 'The function app_private.error_rules() is missing', 'drop function app_private.error_rules()'],
    ['function_open', 'Everybody may call public.detect_gaps(', 'grant execute on function public.detect_gaps(int, timestamptz, timestamptz) to public'],
    ['view_changed', 'The view public.slow_queries is not the one that the migrations make', `create or replace view public.slow_queries as
      select s.query, s.calls, s.mean_ms, s.total_ms, s.rows_per_call from app_private.slow_statements() as s where s.calls > 1`],
    ['view_missing', 'The view public.backtest_leaderboard is missing', 'drop view public.backtest_leaderboard'],
    ['compression_policy_missing', 'The compression policy of timeseries_data is missing',
      `select delete_job(job_id) from timescaledb_information.jobs where proc_name = 'compress_due_chunks'`],
    ['refresh_policy_missing', 'The refresh policy of weekly_stats is missing', `select remove_continuous_aggregate_policy('weekly_stats')`],
    ['index_invalid', 'The index public.audit_log_changed_at_idx is invalid', invalidIndex],
    // A rebuild has left it behind.
    ['index_invalid', 'The index public.audit_log_reason_idx_ccnew is invalid', `
      update pg_index set indisvalid = false where indexrelid = 'audit_log_reason_idx_ccnew'::regclass;
      alter index audit_log_reason_idx_ccnew set (fillfactor = 90)`],
    // A superuser's event trigger would mend it at once.
    ['chunk_open', '1 chunk can be written past the triggers by btcdb_writer', `alter event trigger btcdb_close_chunks disable;
      grant insert, delete on ${chunk?.['name']} to btcdb_writer;
      alter event trigger btcdb_close_chunks enable`],
  ] as const).map(([name, message, damage]) => ({ state: 'failure', name, message, damage }) as const);
  await damageAndMendAll(db, faults);
  assert.equal([before, (await db.query(rights)).rows], Array(2).fill([{ reader: true, everybody: false, sees: true }]), 'what comes back has its rights');
  assert.equal((await db.query(`select to_regclass('audit_log_reason_idx_ccnew') as index`)).rows, [{ index: null }]);
});

test('what is to be looked at is found, and mended by what is said', async (db) => {
  const { rows: [job] } = await db.query(`select job_id from timescaledb_information.jobs where hypertable_name = 'daily_ohlcv'`);
  const { rows: [extension] } = await db.query(`select extversion as version from pg_extension where extname = 'timescaledb'`);
  const [major, minor] = String(extension?.['version']).split('.').map(Number);
  await db.query('create function public.is_even(numeric) returns boolean language sql immutable return $1 % 2 = 0');
  await db.query(`
    insert into validation_rules (data_type, rule_name, rule_sql, error_message)
    values ('simple', 'even', 'public.is_even(value)', 'odd')`);
  const faults: (readonly [name: string, message: string, damage: string, repair?: string])[] = [
    ['job_off', `Job ${job?.['job_id']} (policy_refresh_continuous_aggregate of daily_ohlcv) is switched off`, `select alter_job(${job?.['job_id']}, scheduled => false)`],
    ['aggregate_not_real_time', 'The continuous aggregate hourly_values shows materialized rows only',
      'alter materialized view hourly_values set (timescaledb.materialized_only = true)'],
    ['constraint_not_validated', 'The constraint sources_short_check of sources is not validated',
      'alter table sources add constraint sources_short_check check (length(name) < 60) not valid'],
    ['calendar_ends', 'The calendar ends on ', `delete from time_index where date_only > current_date + 10`],
    ['rule_broken', 'The rule even does not compile any more, and each row violates it: public.is_even(value)',
      'drop function public.is_even(numeric) cascade; select app_private.compile_rules(), app_private.close_to_public()',
      `delete from validation_rules where rule_name = 'even'`],
    ['rule_raises', 'The rule inverse raises, and such rows violate it: division by zero: 1 / (value - value) > 0', `
      insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'inverse', '1 / (value - value) > 0', 'never')`],
    ['setting_lost', 'This database has lost its setting of jit', `do $$ begin execute format('alter database %I reset jit', current_database()); end $$`],
    ['jobs_open', 'Everybody who can connect can make jobs', 'grant execute on function add_job to public'],
    // Later versions ask for the owner.
    ...(major! > 2 || minor! >= 29 ? [] : [['chunks_droppable', 'Everybody who can connect can drop chunks',
      'grant execute on function _timescaledb_functions.drop_chunk(regclass) to public'] as const]),
  ];
  await damageAndMendAll(db, faults.map(([name, message, damage, repair]) => ({ state: 'warning', name, message, damage, ...(repair && { repair }) })));
  await db.query('alter table sources drop constraint sources_short_check');
});

test('two who make the compression policy again at once make one', async (db) => {
  const jobs = `from timescaledb_information.jobs where proc_name = 'compress_due_chunks'`;
  await db.query(`select delete_job(job_id) ${jobs}`);
  const finding = findingOf(await diagnose(db), 'failure', 'The compression policy of timeseries_data is missing');
  await Promise.all([1, 2].map(() => mendFindings(db, [finding], () => {})));
  assert.is((await db.query(`select ${jobs}`)).rows.length, 1);
});

test('an aggregate that somebody added, and what it lacks', async (db) => {
  await db.query('create schema if not exists research');
  await db.query(`create materialized view research.monthly with (timescaledb.continuous, timescaledb.materialized_only = true) as
    select source_id, time_bucket(interval '30 days', timestamp) as month, count(*) as n from timeseries_data group by 1, 2 with no data`);
  try {
    await db.query('grant select on research.monthly to btcdb_reader, btcdb_writer');
    await damageAndMendAll(db, [
      { damage: 'select 1', state: 'failure', name: 'refresh_policy_missing', message: 'The refresh policy of research.monthly is missing' },
      { damage: 'revoke select on research.monthly from btcdb_reader', state: 'warning', name: 'aggregate_unreadable',
        message: 'The continuous aggregate research.monthly cannot be read by btcdb_reader' },
    ]);
    await damageAndMend(db, 'alter materialized view research.monthly owner to btcdb_writer', 'warning', 'aggregate_owner',
      'The continuous aggregate research.monthly belongs to btcdb_writer: refresh and policies leave it to that role');
    await damageAndMend(db, 'select 1', 'warning', 'aggregate_unreadable', 'The continuous aggregate research.monthly cannot be read by btcdb_writer');
    findingOf(await examined(db, aggregatesOf), 'ok', 'Continuous aggregates: 5');
    await db.query(`select set_retention('5 years')`);
    await damageAndMend(db,
      `select alter_job(job_id, config => config || '{"start_offset": null}') from timescaledb_information.jobs where hypertable_name = 'monthly'`,
      'failure', 'refresh_unbounded', 'The refresh policy of research.monthly would empty the aggregate where retention has dropped rows');
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
    'warning', 'migrations_unknown', 'The database has applied 999999.sql (sha1:0), which is not among the committed migrations',
    { repair: `delete from graphile_migrate.migrations where hash = 'sha1:0'` });
});

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

test('rows whose source is not registered', async (db) => {
  const { rows: [chunk] } = await db.query(`select show_chunks('timeseries_data')::text as name limit 1`);
  await damageAndMend(db,
    `insert into ${chunk?.['name']} (source_id, timestamp, value) select 4711, d.timestamp, 1 from only ${chunk?.['name']} as d limit 1`,
    'failure', 'source_unregistered', 'timeseries_data has rows of source 4711, which is not registered');
  await db.query(`update sources set status = 'inactive' where source_id = 4711`);
});

test('old chunks that nobody compressed', async (db) => {
  await db.query(`
    insert into timeseries_data (source_id, timestamp, value)
    select source_id, '2020-01-01', 1 from sources where name = 'tired'`);
  await damageAndMend(db, 'select 1', 'warning', 'chunks_uncompressed', 'Compression: 1 old chunk not compressed yet');
});

test('who lets the policy compress later is not told to compress earlier', async (db) => {
  const compressAfter = (age: string): Promise<unknown> => db.query(
    `select alter_job(job_id, config => jsonb_build_object('compress_after', $1::text)) from timescaledb_information.jobs where proc_name = 'compress_due_chunks'`, [age]);
  await compressAfter('40 years');
  await db.query(`
    insert into timeseries_data (source_id, timestamp, value) select source_id, '1990-01-01', 1 from sources where name = 'tired'`);
  findingOf(await examined(db, hypertable), 'ok', 'Compression: on');
  await compressAfter('30 years');
  const finding = findingOf(await examined(db, hypertable), 'warning', 'Compression: 1 old chunk');
  assert.equal([finding.mend, finding.fix], [['btcdb compress --older-than "30 years"'], [`call public.compress_old_chunks('30 years');`]]);
  await follow(db, finding);
  findingOf(await examined(db, hypertable), 'ok', 'Compression: on');
  await compressAfter('7 days');
});

/** What TimescaleDB would have noted of the last run of the refresh of an aggregate, while `work` looks. */
async function withRun(
  db: TestDatabase, run: { succeeded: boolean; finished: string; message?: string; aggregate?: string }, work: (id: number) => Promise<void>,
): Promise<void> {
  const { rows: [job] } = await db.query('select job_id as id from timescaledb_information.jobs where hypertable_name = $1', [run.aggregate ?? 'daily_ohlcv']);
  const id = Number(job?.['id']);
  const forget = `delete from _timescaledb_internal.bgw_job_stat where job_id = ${id}; delete from _timescaledb_internal.bgw_job_stat_history where job_id = ${id}`;
  await db.query(`${forget};
    insert into _timescaledb_internal.bgw_job_stat (
      job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success, total_runs, total_duration,
      total_duration_failures, total_successes, total_failures, total_crashes, consecutive_failures, consecutive_crashes, flags)
    values (${id}, ${run.finished}, ${run.finished}, now(), ${run.succeeded ? run.finished : `'-infinity'`}, ${run.succeeded}, 1, '1 s', '1 s', 0, 1, 0, 1, 0, 0)`);
  if (run.message !== undefined) {
    await db.query(`
      insert into _timescaledb_internal.bgw_job_stat_history (job_id, pid, execution_start, execution_finish, succeeded, data)
      values ($1, 1, now(), now(), false, json_build_object('job', '{}'::json, 'error_data', json_build_object('message', $2::text, 'sqlerrcode', '24000')))`,
    [id, run.message]);
  }
  try {
    await work(id);
  } finally {
    await db.query(forget);
  }
}

/** The embedded engine runs no jobs, so that only a server is asked. */
const examineJobs = (db: TestDatabase): Promise<Pick<Diagnosis, 'findings'>> => examined({ ...db, engine: 'server' }, jobs);

test('a job that failed', (db) => withRun(db, { succeeded: false, finished: 'now()', message: 'division by zero' }, async (id) => {
  const sick = await examineJobs(db);
  const finding = findingOf(sick, 'warning', `Job ${id} (policy_refresh_continuous_aggregate of daily_ohlcv) failed: division by zero`);
  assert.equal([finding.name, finding.mend, finding.fix], ['job_failed', [`call run_job(${id});`], [`call run_job(${id});`]]);
  findingOf(sick, 'warning', 'No background worker runs the policies of this database');
  await follow(db, finding);
}));

test('jobs that failed only after their work was done are one line', (db) => {
  const refused = { succeeded: false, finished: 'now()', message: 'cannot drop portal ""' };
  return withRun(db, refused, (daily) => withRun(db, { ...refused, aggregate: 'weekly_stats' }, async (weekly) => {
    const sick = await examineJobs(db);
    const finding = findingOf(sick, 'warning', 'Jobs ');
    assert.equal(sick.findings.filter(({ name }) => name === 'job_end_refused' || name === 'job_failed'), [finding]);
    assert.match(finding.message, `${daily} (policy_refresh_continuous_aggregate of daily_ohlcv), `);
    assert.match(finding.message, `${weekly} (policy_refresh_continuous_aggregate of weekly_stats)`);
    assert.match(finding.message, / failed: cannot drop portal ""/);
    assert.match(finding.mend?.join(' ') ?? '', 'Their work is done');
    assert.is(finding.fix, undefined);
  }));
});

test('a job that has not worked for long: an aggregate is behind', (db) => withRun(db, { succeeded: true, finished: `now() - interval '2 days'` }, async (id) => {
  const finding = findingOf(await examineJobs(db), 'warning', 'daily_ohlcv is behind: its refresh, due every 1 hour, has not worked since 20');
  assert.equal([finding.name, finding.mend, finding.fix], ['aggregates_behind', ['btcdb refresh'], [`call run_job(${id});`]]);
}));

test('a job that never ran', async (db) => {
  // Whoever has just migrated gives TimescaleDB an hour. The archive that this database comes from may be older.
  await db.query('update graphile_migrate.migrations set date = now()');
  assert.not((await examineJobs(db)).findings.some(({ name }) => name === 'job_never_ran'));
  await db.query(`update graphile_migrate.migrations set date = date - interval '1 day'`);
  const { findings } = await examineJobs(db);
  await db.query(`update graphile_migrate.migrations set date = date + interval '1 day'`);
  const never = findings.filter(({ name }) => name === 'job_never_ran');
  if (db.engine === 'server') return; // it runs them at once
  assert.match(never.map(({ message }) => message).join('\n'), /Job \d+ \(policy_refresh_continuous_aggregate of weekly_stats\) has never run/);
  for (const finding of never) await follow(db, finding);
});

test('aggregates that have not seen what was written', async (db) => {
  if (db.engine === 'server') return; // its policies do it
  await db.query('call refresh_all_aggregates()');
  await damageAndMend(db, `
    insert into timeseries_data (source_id, timestamp, value) select source_id, '2020-01-02', 1 from sources where name = 'tired'`,
  'warning', 'aggregates_behind', 'The continuous aggregates are behind');
});

test.onServer('dead rows that nobody removes', async (db) => {
  const table = 'public.forecasts';
  await db.query(`alter table ${table} set (autovacuum_enabled = false, autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0)`);
  await db.query(`
    insert into ${table} (source_id, model_name, model_version, forecast_timestamp, target_timestamp, predicted_value)
    select s.source_id, 'bloat', '1', '2020-01-01', '2020-01-02'::timestamptz + n * interval '1 day', 1
    from (select min(source_id) as source_id from sources) as s, generate_series(1, 550) as n`);
  await db.query(`delete from ${table} where target_timestamp < '2020-01-02'::timestamptz + interval '51 days'`);
  // Counts reach the views some time after the statement.
  const limits = { deadRows: '40' };
  for (const until = Date.now() + 20_000; Date.now() < until;) {
    await db.query('select pg_stat_clear_snapshot()');
    if (shown(await diagnose(db, limits)).includes(`${table} has 50 dead rows beside 500 live ones`)) break;
  }
  await damageAndMend(db, 'select 1', 'warning', 'table_bloated', `${table} has 50 dead rows beside 500 live ones`, { limits });
  await db.query(`delete from ${table}; alter table ${table} reset (autovacuum_enabled, autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor)`);
});

test('transaction numbers that run out', () => {
  const judge = (age: number): unknown[] => judgeTransactionNumbers({ age, usual: 200_000_000 }).map(({ state, name, mend }) => [state, name, mend?.[0]]);
  assert.equal(judge(400_000_000), []);
  assert.equal(judge(400_000_001), [['warning', 'transaction_numbers', 'vacuum (freeze);']]);
  assert.equal(judge(1_000_000_001), [['failure', 'transaction_numbers', 'vacuum (freeze);']]);
  return Promise.resolve();
});

test.onServer('transactions that stay open', async (db) => {
  const client = new pg.Client({ connectionString: db.url, application_name: 'forgetful' });
  client.on('error', () => {});
  await client.connect();
  await client.query('begin; select 1');
  const sick = await diagnose(db, { idle: '0 seconds' });
  const finding = findingOf(sick, 'warning', 'A transaction of postgres (forgetful) has done nothing for ');
  assert.is(finding.name, 'transaction_idle');
  const ended = new Promise((done) => client.once('end', done));
  await follow(db, finding);
  await ended;
  assert.not.match(shown(await diagnose(db, { idle: '0 seconds' })), 'forgetful');

  const worker = new pg.Client({ connectionString: db.url, application_name: 'busy' });
  worker.on('error', () => {});
  await worker.connect();
  const sleeping = worker.query('select pg_sleep(600)').catch(() => 'ended');
  const isBusy = async (): Promise<Finding | undefined> =>
    (await diagnose(db, { transaction: '0 seconds' })).findings.find(({ name, message }) => name === 'transaction_long' && message.includes('(busy) is at work for'));
  let busy = await isBusy();
  while (busy === undefined) busy = await isBusy();
  await follow(db, busy);
  assert.is(await sleeping, 'ended');
});

test.onServer('what another session keeps locked is not waited for', async (db) => {
  const other = await db.pool.connect();
  try {
    await other.query('begin; lock table validation_rules');
    const { code, stdout } = await btcdb(['doctor', '--json', '--url', db.url], { cwd: workFolder() });
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    const finding = findingOf({ findings }, 'warning', 'Rules: not seen, canceling statement due to lock timeout');
    assert.is(finding.name, 'locked');
    assert.is(code, findings.some(({ state }) => state === 'failure') ? 2 : 1);
    assert.ok(findings.some(({ name }) => name === 'clock'), shown({ findings }));
  } finally {
    other.release(true);
  }
});

test.onServer('a prepared transaction that nobody ends', async (db) => {
  const { rows: [setting] } = await db.query(`select setting::int as most from pg_settings where name = 'max_prepared_transactions'`);
  if (setting?.['most'] === 0) return;
  await damageAndMend(db, `begin; update sources set display_name = 'Tired?' where name = 'tired'; prepare transaction 'w5''s'`,
    'warning', 'transaction_prepared', `The prepared transaction w5's of postgres waits`, { limits: { transaction: '0 seconds' } });
});

test.onServer('a replication slot that nobody reads', async (db) => {
  const name = `btcdb_doctor_${process.pid}`;
  const { rows: [slot] } = await db.query(`select pg_create_physical_replication_slot('${name}', true)`);
  assert.ok(slot);
  try {
    await damageAndMend(db, 'select 1', 'warning', 'slot_idle', `Nobody reads the replication slot ${name}, which holds back `, { limits: { slotBytes: '0' } });
  } finally {
    await db.query(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${name}'`);
  }
});

test('a disk that fills', async (db) => {
  const judge = async (limits: Partial<Limits>): Promise<Finding> => (await examined(db, disk, limits)).findings[0]!;
  assert.match((await judge({})).message, /^Disk: [\d.]+ MB in the database(; the last year brought [\d.]+ \w+ and \d+ rows a month)?$/);
  assert.match((await judge({ freeBytes: 5e12 })).message, /; 4657 GB left$/);
  const full = await judge({ diskBytes: 1 });
  assert.equal([full.name, full.state], ['disk_full', 'failure']);
  assert.match(full.message, /^The disk is almost full: 0 B left, /);
  await db.query(`
    insert into timeseries_data (source_id, timestamp, value)
    select s.source_id, now() - n * interval '1 hour', 1 from (select min(source_id) as source_id from sources) as s, generate_series(1, 2000) as n
    on conflict do nothing`);
  await db.query('analyze timeseries_data');
  const [, rows] = /the last year brought [\d.]+ [kM]B and ([\d,]+) rows a month/.exec((await judge({ freeBytes: 5e12 })).message) ?? [];
  assert.ok(Number(rows?.replace(',', '')) > 100, rows);
  const growing = (room: number): readonly string[] => {
    const { name, state, message } = judgeDisk({ database_bytes: '10000000000', monthly_bytes: '1000000000', monthly_rows: '9000000' }, room);
    return [name, state, message];
  };
  assert.equal(growing(9e9).slice(0, 2), ['disk', 'ok']);
  assert.equal(growing(3.5e9), ['disk_filling', 'warning',
    'The disk is full in 3 months: 3.3 GB left, 9.3 GB in the database; the last year brought 954 MB and 9,000,000 rows a month']);
  assert.equal(growing(0.9e9).slice(0, 2), ['disk_full', 'failure']);
  await follow(db, judgeDisk({ database_bytes: '1', monthly_bytes: null, monthly_rows: null }, 0));
});

test('an audit log that nobody seals', async (db) => {
  await db.query('call seal_audit_log()');
  const limits = { unsealed: '0 seconds' };
  await damageAndMend(db, `update sources set display_name = 'Renamed' where name = 'tired'`, 'warning', 'audit_unsealed', 'Audit log: not sealed since 20', { limits });
});

test('backups: none, old, never restored', async (db) => {
  const names = async (limits: Partial<Limits> = {}): Promise<string[]> =>
    (await examined(db, backups, limits)).findings.map(({ name }) => name);
  assert.equal(await names(), ['backups'], 'who has just made a database needs no backup yet');
  const none = findingOf(await examined(db, backups, { backupHours: 0 }), 'warning', 'There is no backup of this database');
  assert.equal([none.name, none.mend], ['backup_missing', ['btcdb backup']]);
  await db.query(`
    insert into backups (name, location, form, is_encrypted, taken_at, finished_at, row_count, size_bytes, sha256)
    values ('a.dump', 'here:/backups', 'pg_dump', false, now() - interval '2 days', now() - interval '2 days', 1, 1, sha256(''))`);
  assert.equal(await names(), ['backup_old', 'backup_unverified']);
  assert.match(findingOf(await examined(db, backups), 'warning', 'No backup was ever restored').mend?.[0] ?? '', 'btcdb backup verify');
  await db.query(`update backups set taken_at = now(), finished_at = now(), verified_at = now() - interval '40 days', verified_on = 'here'`);
  assert.equal(await names(), ['backup_unverified']);
  await db.query(`update backups set verified_at = now()`);
  assert.equal(await names(), ['backups']);
  await db.query('delete from backups');
});

test('a backup that is missing is mended by what the doctor says, and one that was never verified', async (db) => {
  const cwd = workFolder();
  const limits = { backupHours: 0 };
  await follow(db, findingOf(await examined(db, backups, limits), 'warning', 'There is no backup of this database'), cwd);
  await follow(db, findingOf(await examined(db, backups), 'warning', 'No backup was ever restored'), cwd);
  findingOf(await examined(db, backups), 'ok', 'Backups: the newest is of 20');
  await db.query('delete from backups');
});

test('a clock that is wrong', async (db) => {
  const real = Date.now;
  const judge = async (shift: number): Promise<Finding> => {
    Date.now = () => real() + shift;
    try {
      return (await examined(db, clock)).findings[0]!;
    } finally {
      Date.now = real;
    }
  };
  assert.is((await judge(0)).state, 'ok');
  assert.match((await judge(3_600_000)).message, /^The server's clock is (?:59|60) min behind that of this machine/);
  const ahead = await judge(-600_000);
  assert.equal([ahead.name, ahead.state], ['clock_skew', 'warning']);
  assert.match(ahead.message, 'ahead of');
});

test('versions with bugs that lose data', () => {
  const judge = (server: string, timescale: string, engine: 'server' | 'embedded' = 'server'): string[] =>
    judgeVersions({ server, timescale, is_created: true, is_loaded: true }, engine).filter(({ name }) => name === 'data_loss_bug').map(({ message }) => message);
  assert.equal(judge('18.6', '2.29.2'), []);
  assert.match(judge('18.4', '2.29.2').join(), /^PostgreSQL 18\.4 has a bug: the visibility map /);
  assert.equal(judge('17.5', '2.23.0-dev', 'embedded'), []);
  assert.match(judge('17.1', '2.29.2').join('\n'), /^PostgreSQL 17\.1 has a bug: it is not compatible with a TimescaleDB that was built .* \(https:/m);
  assert.is(judge('15.4', '2.29.2').length, 3);
  assert.is(judge('16.9', '2.26.4').length, 1);
  assert.match(judge('16.9', '2.28.2')[0] ?? '', 'deletes more rows than it should (https://github.com/timescale/timescaledb/pull/10254)');
  assert.equal(judge('16.9', '2.28.3'), []);
  for (const { versions, source } of knownBugs) {
    assert.match(source, /^https:\/\/(?:www\.postgresql\.org\/docs\/release\/|github\.com\/timescale\/timescaledb\/pull\/)/);
    for (const range of versions) assert.equal(range.map((version) => /^\d+(?:\.\d+)+$/.test(version)), [true, true]);
  }
  return Promise.resolve();
});

test('a reader and a writer see what they may, and nothing fails', async (db) => {
  for (const role of ['btcdb_reader', 'btcdb_writer']) {
    const login = `btcdb_doctor_${role.slice(6)}_${process.pid}`;
    // The embedded engine has one login for all.
    await db.query(db.engine === 'server' ? `create role ${login} login in role ${role}` : `set role ${role}`);
    const url = new URL(db.url);
    if (db.engine === 'server') url.username = login;
    try {
      const { code, stdout } = await btcdb(['doctor', '--json', '--url', url.href], { cwd: workFolder() });
      const { findings } = JSON.parse(stdout) as Diagnosis;
      assert.is(code, findings.some(({ state }) => state === 'warning') ? 1 : 0, stdout);
      const blind = findings.filter(({ state }) => state === 'unseen').map(({ message }) => message);
      assert.ok(blind.includes('Rights: not seen, that needs the rights of the owner'), stdout);
      assert.ok(blind.includes('Rules: not seen, that needs the rights of the owner'), stdout);
      if (db.engine === 'server') assert.ok(blind.includes('Transactions of other logins: not seen, that needs the rights of pg_read_all_stats'), stdout);
    } finally {
      await db.query(db.engine === 'server' ? `drop role ${login}` : 'reset role');
    }
  }
});

test('ten faults at once, mended by --fix; the exit code is of what remains', async (db) => {
  await db.query(invalidIndex);
  await db.query(`
    alter table audit_log disable trigger _100_refuse_change;
    drop trigger _500_audit on features;
    drop trigger _500_audit on ml_models;
    create trigger _500_audit after insert on ml_models for each row execute function app_private.tg__audit_row();
    drop function public.detect_gaps(int, timestamptz, timestamptz);
    create or replace function app_private.validation_loss(violated int[]) returns int language sql immutable return 0;
    drop view public.backtest_leaderboard;
    select remove_continuous_aggregate_policy('weekly_stats');
    select delete_job(job_id) from timescaledb_information.jobs where proc_name = 'compress_due_chunks';
    alter table sources add constraint sources_short_check check (length(name) < 60) not valid;
    alter event trigger btcdb_close_chunks disable`);
  await db.query(`delete from time_index where date_only > current_date + 10`);
  await db.query(`do $$ begin execute format('grant insert on %s to btcdb_writer', (select show_chunks('timeseries_data') limit 1)); end $$`);
  await db.query('alter event trigger btcdb_close_chunks enable');
  const faults = [
    'calendar_ends', 'chunk_open', 'compression_policy_missing', 'constraint_not_validated', 'function_changed', 'function_missing', 'index_invalid',
    'refresh_policy_missing', 'trigger_changed', 'trigger_disabled', 'trigger_missing', 'view_missing',
  ];
  const names = ({ findings }: { readonly findings: readonly { readonly name: string }[] }): string[] =>
    [...new Set(findings.map(({ name }) => name))].filter((name) => faults.includes(name)).sort();
  const command = async (...options: string[]): Promise<{ code: number | null; stdout: string }> =>
    btcdb(['doctor', ...options, '--url', db.url], { cwd: workFolder() });
  const sick = await command('--json');
  assert.is(sick.code, 2);
  assert.equal(names(JSON.parse(sick.stdout) as Diagnosis), faults);
  const fixed = await command('--fix', '--json');
  const after = JSON.parse(fixed.stdout) as Diagnosis & { readonly mended: { name: string; did: string[]; error?: string }[] };
  assert.equal([names({ findings: after.mended }), after.mended.filter(({ error }) => error !== undefined)], [faults, []]);
  assert.equal([names(after), after.healthy], [[], true]);
  assert.is(fixed.code, after.findings.some(({ state }) => state === 'warning') ? 1 : 0);
  await db.query('alter table sources drop constraint sources_short_check; alter table audit_log disable trigger _100_refuse_change');
  const told = await command('--fix');
  assert.match(told.stdout, /\n✓ Mended: The trigger _100_refuse_change of audit_log is disabled\n {2}alter table public\.audit_log enable trigger _100_refuse_change;\n(?:[^]*\n)?After that:\n/);
  assert.not.match(told.stdout.split('After that:')[1] ?? '', '✗');
});

test('what could not be mended is said, and remains', async (db) => {
  await db.query(`alter table public.sources add constraint sources_never_check check (length(name) < 1) not valid`);
  const { code, stdout } = await btcdb(['doctor', '--fix', '--url', db.url], { cwd: workFolder() });
  await db.query('alter table sources drop constraint sources_never_check');
  assert.is(code, 1, stdout);
  assert.match(stdout, /\n✗ Not mended: The constraint sources_never_check of sources is not validated: .* is violated by some row/);
  assert.match(stdout.split('After that:')[1] ?? '', '\n! The constraint sources_never_check of sources is not validated');
});

test('versions that are too old, or only not the best', () => {
  const judge = (server: string, timescale: string | null, engine: 'server' | 'embedded' = 'server'): string[] =>
    judgeVersions({ server, timescale, is_created: true, is_loaded: true }, engine).map(({ state, message }) => `${state} ${message}`);
  assert.equal(judge('17.5', '2.23.0-dev', 'embedded'), ['ok TimescaleDB available: 2.23.0-dev']);
  assert.equal(judge('16.9', '2.29.2'), ['ok TimescaleDB available: 2.29.2']);
  assert.equal(judge('16.9', '2.30.0'), ['ok TimescaleDB available: 2.30.0']);
  assert.equal(judge('15.14', '2.29.1'), ['ok TimescaleDB available: 2.29.1', 'warning TimescaleDB 2.29.2 or newer is recommended']);
  const [, old] = judgeVersions({ server: '15.20', timescale: '2.28.3', is_created: true, is_loaded: true }, 'server');
  assert.is(old?.mend?.[0], 'It needs PostgreSQL 16 or newer: upgrade the server first.');
  assert.equal(judge('16.9', '2.9.3'), ['failure TimescaleDB 2.9.3 is too old: 2.23 or newer is needed']);
  assert.equal(judge('16.9', null), ['failure TimescaleDB is not available on this server']);
  assert.equal(judge('14.9', '2.30.0'), ['ok TimescaleDB available: 2.30.0', 'failure PostgreSQL 14.9 is too old: 15 or newer is needed']);
  return Promise.resolve();
});

test('a missing aggregate is made again by the migration that is named', async (db) => {
  await db.query('drop materialized view daily_ohlcv');
  const sick = await diagnose(db);
  assert.is(sick.healthy, false);
  const { mend = [] } = findingOf(sick, 'failure', 'The continuous aggregate daily_ohlcv is missing');
  const [, start = '', file = ''] = /^Run its `(.*)` from migrations\/committed\/\*(\S+) again\.$/.exec(mend[0] ?? '') ?? [];
  const chapter = readdirSync('migrations/committed').find((name) => name.endsWith(file));
  const found = new RegExp(`^${start.replaceAll('.', '\\.').replaceAll(' ', '\\s+')}\\b[^;]*;$`, 'm').exec(readFileSync(`migrations/committed/${chapter}`, 'utf8'));
  assert.ok(found, `not in ${chapter}: ${start}`);
  await db.query(found[0]);
  assert.not.match(shown(await diagnose(db)), 'The continuous aggregate daily_ohlcv is missing');
});

test('a table that is no hypertable', async (db) => {
  await db.query(`select set_retention('90 years')`);
  await db.query('alter table timeseries_data rename to elsewhere');
  await db.query('create table timeseries_data (like elsewhere)');
  const sick = await diagnose(db);
  assert.is(sick.healthy, false);
  findingOf(sick, 'failure', 'The trigger _700_inserted of timeseries_data is missing');
  const finding = findingOf(sick, 'failure', 'timeseries_data is not a hypertable');
  await db.query(`insert into timeseries_data select * from elsewhere`);
  await follow(db, finding);
  const plain = await diagnose(db);
  assert.not.match(shown(plain), 'is not a hypertable');

  // Nor is it compressed.
  await follow(db, findingOf(plain, 'failure', 'Compression of timeseries_data is off'));
  assert.not.match(shown(await diagnose(db)), 'Compression of timeseries_data is off');
  const settings = `select segmentby, orderby, compress_interval_length from timescaledb_information.hypertable_columnstore_settings where hypertable = $1::regclass`;
  assert.equal((await db.query(settings, ['timeseries_data'])).rows, (await db.query(settings, ['elsewhere'])).rows);
});

test('a check that cannot be made is a failure too', async (db) => {
  await db.query('drop view data_freshness');
  const sick = await diagnose(db);
  assert.is(sick.healthy, false);
  assert.match(findingOf(sick, 'failure', 'A check could not be made: relation "public.data_freshness" does not exist').mend?.[0] ?? '', 'btcdb up');
});

test.run();
