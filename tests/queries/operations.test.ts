import * as generated from '../../queries/operations.queries.js';
import { bulkUpsert } from '../../src/bulk-upsert.js';
import { transaction } from '../../src/transaction.js';
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
  await fails('22023', () => operations.setRetention.run({ keep: '-1 day' }, db));
});

test('jobs shows how a policy ran', async (db) => {
  const policy = (await operations.jobs.run(undefined, db)).find((row) => row.proc_name === 'policy_compression');
  assert.is(policy?.hypertable_name, 'timeseries_data');
  await db.query(`call run_job(${policy!.job_id})`);
  const ran = (await operations.jobs.run(undefined, db)).find((row) => row.job_id === policy!.job_id);
  assert.is(ran?.config && (ran.config as { compress_after: string }).compress_after, '7 days');
});

test('slowQueries', async (db) => {
  for (const row of await operations.slowQueries.run(undefined, db)) assert.ok(row.mean_ms > 500);
});

// The rest is written by background workers, which do not run here.
test('every query and column was seen', async () => allProven([
  'slowQueries.query', 'slowQueries.calls', 'slowQueries.mean_ms', 'slowQueries.total_ms', 'slowQueries.rows_per_call',
  ...['last_refresh', 'last_status', 'next_refresh', 'total_failures'].map((column) => `aggregateStatus.${column}`),
  ...['last_run_started_at', 'last_run_status', 'last_run_duration', 'next_start', 'total_runs', 'total_failures'].map((column) => `jobs.${column}`),
]));

test.run();
