import * as generated from '../../queries/doctor.queries.js';
import { assert, databaseSuite } from '../support/suite.js';
import { checked } from './declared.js';

const { queries: doctor, allProven } = checked('doctor', generated);

const test = databaseSuite('doctor', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type) values ('btc', 'Bitcoin', 'simple')`);
  await db.query(`insert into timeseries_data (source_id, timestamp, value) values (1, '2020-01-01', 1)`);
});

test('versions', async (db) => {
  const [row, ...rest] = await doctor.versions.run(undefined, db);
  assert.equal(rest, []);
  assert.match(row!.server, /^\d+\.\d+$/);
  assert.match(row!.timescale!, /^2\.\d+\./);
  assert.equal([row!.is_created, row!.is_loaded], [true, true]);
});

test('what is there', async (db) => {
  assert.equal(await doctor.hypertable.run(undefined, db), [{ chunks: 1, is_compressing: true, overdue: 1 }]);
  const triggers = await doctor.triggers.run(undefined, db);
  assert.ok(triggers.some(({ table, name, is_enabled }) => table === 'timeseries_data' && name.endsWith('_inserted') && is_enabled));
  const [end] = await doctor.calendarEnd.run(undefined, db);
  assert.is(end!.is_near, false);
  assert.ok((await doctor.scheduler.run(undefined, db))[0]!.is_running !== null);
});

test('aggregates and policies', async (db) => {
  const { rows: [job] } = await db.query(`select job_id as id from timescaledb_information.jobs where hypertable_name = 'daily_ohlcv'`);
  await db.query(`
    insert into _timescaledb_internal.bgw_job_stat_history (job_id, pid, execution_start, execution_finish, succeeded, data)
    values (${job?.['id']}, 1, now(), now(), false, '{"job": {}, "error_data": {"message": "broken"}}')`);
  await db.query(`
    insert into _timescaledb_internal.bgw_job_stat (
      job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success, total_runs, total_duration,
      total_duration_failures, total_successes, total_failures, total_crashes, consecutive_failures, consecutive_crashes, flags)
    values (${job?.['id']}, now(), now(), now(), now(), false, 1, '1 s', '1 s', 0, 1, 0, 1, 0, 0)
    on conflict (job_id) do update set last_start = now(), last_finish = now(), last_run_success = false`);
  const policy = (await doctor.policies.run(undefined, db)).find(({ job_id }) => job_id === job?.['id']);
  assert.equal([policy?.hypertable_name, policy?.scheduled, policy?.last_run_status, policy?.message], ['daily_ohlcv', true, 'Failed', 'broken']);
  assert.equal((await doctor.aggregates.run(undefined, db)).map(({ name, has_policy, is_unbounded, other_owner, unreadable_by }) =>
    [name, has_policy, is_unbounded, other_owner, unreadable_by]),
  ['daily_ohlcv', 'hourly_ohlcv', 'hourly_values', 'weekly_stats'].map((name) => [name, true, false, null, []]));
});

test('damages', async (db) => {
  for (const query of [doctor.openChunks, doctor.chunkDroppers, doctor.invalidIndexes, doctor.invalidConstraints, doctor.brokenRules, doctor.orphans]) {
    assert.equal(await query.run(undefined, db), []);
  }
  const { rows: [chunk] } = await db.query(`select show_chunks('timeseries_data')::text as name`);
  await db.query(`alter event trigger btcdb_close_chunks disable; grant insert on ${chunk?.['name']} to btcdb_writer`);
  assert.equal(await doctor.openChunks.run(undefined, db), [{ chunk: chunk?.['name'], grantee: 'btcdb_writer' }]);
  await db.query(`insert into ${chunk?.['name']} (source_id, timestamp, value) values (4711, '2020-01-01', 1)`);
  assert.equal(await doctor.orphans.run(undefined, db), [{ source_id: 4711 }]);
  await db.query('grant execute on function _timescaledb_functions.drop_chunk(regclass) to public');
  await doctor.chunkDroppers.run(undefined, db);
  await db.query(`update pg_index set indisvalid = false where indexrelid = 'audit_log_changed_at_idx'::regclass`);
  assert.equal(await doctor.invalidIndexes.run(undefined, db), [{ name: 'public.audit_log_changed_at_idx' }]);
  await db.query('alter table sources add constraint sources_short_check check (length(name) < 60) not valid');
  assert.equal(await doctor.invalidConstraints.run(undefined, db), [{ table: 'sources', name: 'sources_short_check' }]);
  await db.query('create function public.is_even(numeric) returns boolean language sql immutable return $1 % 2 = 0');
  await db.query(`
    insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'even', 'public.is_even(value)', 'odd')`);
  await db.query('drop function public.is_even(numeric) cascade');
  const [rule] = await doctor.brokenRules.run(undefined, db);
  assert.equal([rule?.rule_name, rule?.rule_sql], ['even', 'public.is_even(value)']);
});

test('every query and column was seen', async (db) => {
  const [{ timescale } = { timescale: '' }] = await doctor.versions.run(undefined, db);
  const [, minor] = String(timescale).split('.').map(Number);
  // TimescaleDB 2.29 asks for the owner of a chunk. An aggregate of another owner is tests/cli/doctor's.
  allProven(['aggregates.other_owner', ...(minor! < 29 ? [] : ['chunkDroppers', 'chunkDroppers.name'])]);
});

test.run();
