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
  assert.equal(await doctor.hypertable.run(undefined, db), [{ chunks: 1, is_compressing: true, compress_after: '7 days', is_dropping: false, overdue: 1 }]);
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
  assert.equal([policy?.relation, policy?.scheduled, policy?.has_failed, policy?.message], ['daily_ohlcv', true, true, 'broken']);
  await db.query('update _timescaledb_internal.bgw_job_stat set last_run_success = true, last_successful_finish = now()');
  await doctor.policies.run(undefined, db);
  assert.equal((await doctor.aggregates.run(undefined, db)).map(({ name, has_policy, is_unbounded, other_owner, unreadable_by }) =>
    [name, has_policy, is_unbounded, other_owner, unreadable_by]),
  ['daily_ohlcv', 'hourly_ohlcv', 'hourly_values', 'weekly_stats'].map((name) => [name, true, false, null, []]));
});

test('damages', async (db) => {
  for (const query of [doctor.openChunks, doctor.chunkDroppers, doctor.jobMakers, doctor.lostSettings, doctor.invalidIndexes, doctor.invalidConstraints, doctor.faultyRules, doctor.orphans]) {
    assert.equal(await query.run(undefined, db), []);
  }
  const { rows: [chunk] } = await db.query(`select show_chunks('timeseries_data')::text as name`);
  await db.query(`alter event trigger btcdb_close_chunks disable; grant insert on ${chunk?.['name']} to btcdb_writer`);
  assert.equal(await doctor.openChunks.run(undefined, db), [{ chunk: chunk?.['name'], grantee: 'btcdb_writer' }]);
  await db.query(`insert into ${chunk?.['name']} (source_id, timestamp, value) values (4711, '2020-01-01', 1)`);
  assert.equal(await doctor.orphans.run(undefined, db), [{ source_id: 4711 }]);
  await db.query('grant execute on function _timescaledb_functions.drop_chunk(regclass) to public');
  await doctor.chunkDroppers.run(undefined, db);
  await db.query('grant execute on function add_job to public');
  assert.match((await doctor.jobMakers.run(undefined, db))[0]?.name ?? '', /^add_job\(/);
  await db.query(`do $$ begin execute format('alter database %I reset jit', current_database()); end $$`);
  assert.equal((await doctor.lostSettings.run(undefined, db)).map(({ name, mend }) => [name, mend.replace(/ database \S+ /, ' database … ')]),
    [['jit', 'alter database … set jit = off;']]);
  await db.query(`update pg_index set indisvalid = false where indexrelid = 'audit_log_changed_at_idx'::regclass`);
  assert.equal(await doctor.invalidIndexes.run(undefined, db),
    [{ name: 'public.audit_log_changed_at_idx', mend: `reindex index ${db.engine === 'server' ? 'concurrently ' : ''}public.audit_log_changed_at_idx;` }]);
  await db.query('alter table sources add constraint sources_short_check check (length(name) < 60) not valid');
  assert.equal(await doctor.invalidConstraints.run(undefined, db),
    [{ table: 'sources', name: 'sources_short_check', mend: 'alter table sources validate constraint sources_short_check;' }]);
  await db.query('create function public.is_even(numeric) returns boolean language sql immutable return $1 % 2 = 0');
  await db.query(`
    insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'even', 'public.is_even(value)', 'odd')`);
  await db.query('drop function public.is_even(numeric) cascade');
  await db.query(`
    insert into validation_rules (data_type, rule_name, rule_sql, error_message) values ('simple', 'inverse', '1 / (value - value) > 0', 'never')`);
  assert.equal((await doctor.faultyRules.run(undefined, db)).map((rule) => [rule.rule_name, rule.rule_sql, rule.does_compile, rule.problem]),
    [['even', 'public.is_even(value)', false, null], ['inverse', '1 / (value - value) > 0', true, 'division by zero']]);
});

test('what goes on', async (db) => {
  const definitions = await doctor.definitions.run(undefined, db);
  assert.ok(definitions.some(({ kind, bare_name: name, executors }) => kind === 'function' && name === 'restore_archived' && executors.includes('btcdb_writer')));
  assert.ok(definitions.some(({ generator, hash }) => generator === 'compile_rules' && hash === null));
  assert.type((await doctor.staleAggregates.run(undefined, db))[0]?.is_stale, 'boolean');
  const { rows: [numbers] } = await db.query(`select age(datfrozenxid) as age from pg_database where datname = current_database()`);
  const [{ age, usual } = { age: 0, usual: 0 }] = await doctor.transactionNumbers.run(undefined, db);
  assert.ok(age >= Number(numbers?.['age']) && usual > 0, `${age} ${usual}`);
  assert.ok((await doctor.seesSessions.run(undefined, db))[0]!.is_seen);
  assert.ok((await doctor.clock.run(undefined, db))[0]!.now instanceof Date);
  await db.query(`insert into timeseries_data (source_id, timestamp, value) select 1, now() - n * interval '1 day', 1 from generate_series(1, 100) as n`);
  const [growth] = await doctor.growth.run(undefined, db);
  // A row a day.
  assert.ok(Number(growth?.monthly_rows) > 15 && Number(growth?.monthly_rows) < 35, growth?.monthly_rows ?? '');
  await db.query(`
    insert into backups (name, location, form, is_encrypted, taken_at, row_count, size_bytes, sha256, verified_at, verified_on)
    values ('a.dump', 'here:/backups', 'pg_dump', false, now(), 1, 1, sha256(''), now(), 'here')`);
  const [backup] = await doctor.backups.run({ hours: 26 }, db);
  assert.equal([backup?.is_old, backup?.is_proven, backup?.is_expected], [false, true, false]);
  assert.is((await doctor.unsealed.run({ older_than: '1 day' }, db))[0]?.is_old, false);
  await doctor.bloatedTables.run({ min_rows: '10000' }, db);
  await doctor.longTransactions.run({ idle: '1 hour', transaction: '1 hour' }, db);
  await doctor.preparedTransactions.run({ transaction: '1 hour' }, db);
  await doctor.idleSlots.run({ bytes: '1000000000' }, db);
});

test('every query and column was seen', async (db) => {
  const [{ timescale } = { timescale: '' }] = await doctor.versions.run(undefined, db);
  const [, minor] = String(timescale).split('.').map(Number);
  // TimescaleDB 2.29 asks for the owner of a chunk. What takes another owner, another session or time is tests/cli/doctor's.
  const elsewhere = [
    ['bloatedTables', 'table', 'dead_rows', 'live_rows', 'mend'], ['longTransactions', 'pid', 'login', 'application', 'is_idle', 'seconds', 'mend'],
    ['preparedTransactions', 'gid', 'login', 'seconds', 'mend'], ['idleSlots', 'name', 'held_bytes', 'mend'],
  ].flatMap(([query, ...columns]) => [query!, ...columns.map((column) => `${query}.${column}`)]);
  allProven(['aggregates.other_owner', ...elsewhere, ...(minor! < 29 ? [] : ['chunkDroppers', 'chunkDroppers.name'])]);
});

test.run();
