import * as generated from '../../queries/operations.queries.js';
import { bulkUpsert } from '../../src/write/bulk-upsert.js';
import { transaction } from '../../src/client/transaction.js';
import { assert, databaseSuite, fails } from '../support/suite.js';
import { checked } from './declared.js';

const { queries: operations, allProven } = checked('operations', generated);

const hour = 3_600_000;
const start = Date.UTC(2024, 0, 1);

const test = databaseSuite('operations', async (db) => {
  await db.query(`insert into sources (name, display_name, data_type, update_frequency) values ('btc', 'Bitcoin', 'simple', '1 hour')`);
  const rows = Array.from({ length: 3000 }, (_, i) => ({ source_id: 1, timestamp: start + i * hour, value: 100 + (i % 7) }));
  await bulkUpsert(db, rows, { ingestMode: 'backfill' });
});

test('versions', async (db) => {
  const [row, ...rest] = await operations.versions.run(undefined, db);
  assert.equal(rest, []);
  assert.match(row!.postgres, /^\d+\./);
  assert.match(row!.timescaledb, /^2\.\d+\./);
});

test('migrations', async (db) => {
  assert.equal(await operations.hasMigrations.run(undefined, db), [{ has_migrations: true, is_restoring: false }]);
  const [first] = await operations.migrations.run(undefined, db);
  assert.match(first!.filename, /^000001/);
  assert.match(first!.hash, /^sha1:/);
});

test('chunks and compression before and after compressOld', async (db) => {
  const before = await operations.chunks.run(undefined, db);
  assert.is(before.reduce((sum, row) => sum + Number(row.row_count), 0), 3000);
  assert.ok(before.every((row) => !row.is_compressed && row.compression_ratio === null && row.range_start < row.range_end));
  const [nothing] = await operations.compressionTotal.run(undefined, db);
  assert.equal([nothing?.chunks, nothing?.compressed_chunks, nothing?.ratio], [String(before.length), '0', null]);

  assert.equal(await operations.compressOld.run({ older_than: '100 years' }, db), []);
  assert.is((await operations.compressionTotal.run(undefined, db))[0]?.compressed_chunks, '0');
  assert.equal(await operations.compressOld.run({}, db), []);

  const after = await operations.chunks.run(undefined, db);
  assert.ok(after.length > 0 && after.every((row) => row.is_compressed && Number(row.compression_ratio) > 1));
  assert.is(after.reduce((sum, row) => sum + Number(row.row_count), 0), 3000);
  const sizes = await operations.compression.run(undefined, db);
  assert.equal(sizes.map((row) => row.chunk), after.map((row) => row.chunk));
  assert.equal(await operations.compressedUntil.run(undefined, db), [{ compressed_until: after.at(-1)!.range_end }]);
  const [total] = await operations.compressionTotal.run(undefined, db);
  assert.is(total?.compressed_chunks, total?.chunks);
  assert.is(Number(total?.before_bytes), sizes.reduce((sum, row) => sum + Number(row.before_bytes), 0));
  assert.ok(Number(total?.ratio) > 1);
});

test('refreshAll materializes, but not inside a transaction', async (db) => {
  assert.equal((await operations.aggregateStatus.run(undefined, db)).map((row) => [row.aggregate, row.is_real_time, row.materialized_until]), [
    ['daily_ohlcv', true, null], ['hourly_ohlcv', true, null], ['hourly_values', true, null], ['weekly_stats', true, null],
  ]);
  const error = await fails('2D000', () => transaction(db, {}, (tx) => operations.refreshAll.run(undefined, tx))).catch((wrong: Error) => wrong);
  assert.ok(error.message);
  assert.equal(await operations.refreshAll.run(undefined, db), []);
  assert.equal(await operations.refreshRange.run({ from: new Date(start), to: new Date(start + 24 * hour), aggregate: 'daily_ohlcv' }, db), []);
  await fails('MD007', () => operations.refreshRange.run({ from: new Date(start + hour), to: new Date(start) }, db));
  const values = (await operations.aggregateStatus.run(undefined, db)).find((row) => row.aggregate === 'hourly_values');
  assert.equal(values?.materialized_until, new Date(start + 3000 * hour));
});

test('setRetention switches a job on and off', async (db) => {
  const retention = async () => (await operations.jobs.run(undefined, db)).filter((row) => row.proc_name === 'drop_old_chunks');
  const [on] = await operations.setRetention.run({ keep: '5 years' }, db);
  const [job] = await retention();
  assert.is(job?.job_id, on?.job_id);
  assert.equal([job?.schedule_interval, job?.config, job?.scheduled], ['1 day', { drop_after: '5 years' }, true]);
  assert.equal(await operations.setRetention.run({}, db), [{ job_id: null }]);
  assert.equal(await retention(), []);
  const preview = await operations.previewRetention.run({ keep: '1 year' }, db);
  assert.equal(preview.map((row) => row.range_start), (await operations.chunks.run(undefined, db)).map((row) => row.range_start));
  assert.equal(await operations.previewRetention.run({}, db), [], 'retention is off');
  await fails('22023', () => operations.setRetention.run({ keep: '-1 day' }, db));
});

test('jobs shows how a policy ran', async (db) => {
  const policy = (await operations.jobs.run(undefined, db)).find((row) => row.proc_name === 'compress_due_chunks');
  await db.query(`call run_job(${policy!.job_id})`);
  const ran = (await operations.jobs.run(undefined, db)).find((row) => row.job_id === policy!.job_id);
  assert.is(ran?.config && (ran.config as { compress_after: string }).compress_after, '7 days');
});

// pg_stat_statements is loaded on few servers: what it would say is put in its place.
test('slowQueries', async (db) => {
  await db.query(`create or replace function app_private.slow_statements()
    returns table (query text, calls bigint, mean_ms double precision, total_ms double precision, rows_per_call numeric)
    language sql stable set search_path = pg_catalog, pg_temp
    as $$ values ('fast', 1::bigint, 600::float8, 600::float8, null::numeric), ('slow', 2, 900.5, 1801, 0.5) $$`);
  assert.equal(await operations.slowQueries.run(undefined, db), [
    { query: 'slow', calls: '2', mean_ms: 900.5, total_ms: 1801, rows_per_call: '0.5' },
    { query: 'fast', calls: '1', mean_ms: 600, total_ms: 600, rows_per_call: null },
  ]);
});

// Background workers do not run here: what they would note is written for them.
test('jobs and aggregateStatus tell of the last run', async (db) => {
  await db.query(`insert into _timescaledb_internal.bgw_job_stat (
      job_id, last_start, last_finish, next_start, last_successful_finish, last_run_success, total_runs, total_duration,
      total_duration_failures, total_successes, total_failures, total_crashes, consecutive_failures, consecutive_crashes
    )
    select j.job_id, '2026-01-01 00:00Z', '2026-01-01 00:00:02Z', '2026-01-01 01:00Z', '2026-01-01 00:00:02Z', true, 3, '6 seconds',
      '1 second', 2, 1, 0, 0, 0
    from timescaledb_information.jobs as j
    where j.proc_schema = 'public' or j.proc_name like 'policy%'
    on conflict (job_id) do nothing`);
  const ran = (await operations.jobs.run(undefined, db)).find((row) => row.last_run_duration === '00:00:02');
  assert.equal([ran?.last_run_started_at, ran?.last_run_status, ran?.total_runs, ran?.total_failures],
    [new Date('2026-01-01T00:00Z'), 'Success', '3', '1']);
  const [status] = await operations.aggregateStatus.run(undefined, db);
  assert.equal([status?.last_refresh, status?.last_status, status?.total_failures, status?.next_refresh],
    [new Date('2026-01-01T00:00Z'), 'Success', '1', new Date('2026-01-01T01:00Z')]);
});

test('every query and column was seen', async () => allProven());

test.run();
