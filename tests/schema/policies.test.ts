/**
 * The policies at work while others write. On a server its background workers run them, every second instead of every hour;
 * the embedded engine has no workers, there somebody runs them by hand all the time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { deleteRange } from '../../queries/series.queries.js';
import { bulkUpsert, type RowInput } from '../../src/write/bulk-upsert.js';
import type { TestDatabase } from '../support/database.js';
import { assert, databaseSuite } from '../support/suite.js';
import { all, compressChunk, day as dayOf, isFullyCompressed, one, only, source, write } from './support.js';

const minute = 60_000;
const day = 24 * 60 * minute;
const step = day / 4;
const today = Math.floor(Date.now() / day) * day;
/** What retention drops begins three years ago, what it keeps for certain twenty months ago. */
const oldest = today - 3 * 365 * day;
const kept = today - 20 * 30 * day;
/** How many days lose their rows at most. */
const days = 500;
const backfill = { ingestMode: 'backfill' } as const;

/** How long they write, where they do so at the same time, and how long the policies may take after that. */
const workMs = process.env['TEST_DATABASE_URL'] ? 10_000 : 2_000;
const patienceMs = 180_000;

/**
 * PostgreSQL's minor releases of November 2026 (seen on 15.20) refuse what TimescaleDB does at the end of a job in a worker, after
 * the job has committed: up to 2.29.2 at least each job has done its work there, and counts as failed.
 */
const afterCommit = 'cannot drop portal "" while it is being set up';

const test = databaseSuite('policies while others write');

/** What one writer has stored in a source of its own. */
class Book {
  readonly rows = new Map<number, number>();

  constructor(readonly sourceId: number) {}

  async store(db: TestDatabase, rows: readonly (readonly [at: number, close: number])[], reason?: string): Promise<void> {
    const inputs = rows.map(([at, close]): RowInput =>
      ({ source_id: this.sourceId, timestamp: at, open: 100, high: 200, low: 50, close, volume: 1 }));
    await bulkUpsert(db, inputs, { ...backfill, reason });
    for (const [at, close] of rows) this.rows.set(at, close);
  }

  async remove(db: TestDatabase, from: number, to: number): Promise<void> {
    await deleteRange.run({ source_id: this.sourceId, from: new Date(from), to: new Date(to) }, db);
    for (let at = from; at < to; at += step) this.rows.delete(at);
  }

  since(from: number): [number, number][] {
    return [...this.rows].filter(([at]) => at >= from).sort(([a], [b]) => a - b);
  }
}

const wave = (n: number): number => 100 + Math.round(1000 * Math.sin(n / 40)) / 1000;
const history = (from: number, to: number): [number, number][] =>
  Array.from({ length: (to - from) / step }, (_, n) => [from + n * step, wave(n)]);

/** The jobs of a database, with how often each has run. */
async function jobs(db: TestDatabase): Promise<{ id: number; name: string; runs: number }[]> {
  return all(db, `
    select j.job_id as id, j.proc_name as name, coalesce(s.total_runs, 0)::int as runs
    from timescaledb_information.jobs as j
    left join timescaledb_information.job_stats as s on s.job_id = j.job_id
    where j.hypertable_name is not null or j.proc_schema = 'app_private'
    order by j.job_id`) as Promise<{ id: number; name: string; runs: number }[]>;
}

/** Lets the policies run again and again until the function that is returned is called, which waits for what they have begun. */
async function startPolicies(db: TestDatabase): Promise<() => Promise<void>> {
  const ids = (await jobs(db)).map((job) => job.id);
  if (db.engine === 'embedded') {
    let more = true;
    const round = async (): Promise<void> => {
      for (const id of ids) await db.query('call run_job($1)', [id]);
    };
    const loop = (async () => {
      while (more) await round();
    })();
    return async () => {
      more = false;
      await loop;
      await round();
    };
  }
  for (const id of ids) {
    await db.query(`select alter_job($1, schedule_interval => interval '1 second', retry_period => interval '1 second', next_start => now())`, [id]);
  }
  await db.query('select _timescaledb_functions.start_background_workers()');
  return async () => {
    // Each begins once more after the last write, and ends.
    const before = new Map((await jobs(db)).map((job) => [job.id, job.runs]));
    const until = Date.now() + patienceMs;
    const late = async (): Promise<string[]> => (await jobs(db)).filter((job) => job.runs < before.get(job.id)! + 2).map((job) => job.name);
    for (let waiting = await late(); waiting.length > 0; waiting = await late()) {
      assert.ok(Date.now() < until, `not run within ${patienceMs / 1000} s: ${waiting.join(', ')}`);
      await delay(200);
    }
    await db.query('select _timescaledb_functions.stop_background_workers()');
  };
}

test('nothing is lost, no job fails, and the aggregates are what the rows say', async (db) => {
  const books = await Promise.all(Array.from({ length: 5 }, async () => new Book(await source(db, { data_type: 'ohlcv', update_frequency: '6 hours' }))));
  const [untouched, corrected, thinned, live, late] = books as [Book, Book, Book, Book, Book];
  for (const book of [untouched, corrected, thinned]) await book.store(db, history(oldest, today - 2 * day));
  await db.query('call refresh_all_aggregates()');
  await db.query(`select set_retention('2 years')`);

  const finish = await startPolicies(db);
  const end = Date.now() + workMs;
  const again = async (work: (n: number) => Promise<unknown>): Promise<number> => {
    let n = 0;
    while (Date.now() < end || n < 5) await work(n++);
    return n;
  };
  const counts = await Promise.all([
    again((n) => corrected.store(db, history(kept, today - 2 * day).filter((_, i) => i % 97 === n % 97).map(([at]) => [at, wave(at / step) + n]), 'correction')),
    again(async (n) => n < days && thinned.remove(db, kept + n * day, kept + (n + 1) * day)),
    again((n) => live.store(db, Array.from({ length: 5 }, (_, i) => [today - day + (5 * n + i) % 1200 * minute, wave(n)]))),
    again((n) => late.store(db, history(kept + n % 75 * 30 * step, kept + (n % 75 + 1) * 30 * step))),
    again(() => db.query('select * from data_freshness')),
    again(() => db.query('select count(*), sum(volume) from daily_ohlcv')),
  ]);
  await finish();
  assert.ok(Math.min(...counts) >= 5, counts.join(' '));

  const errors = db.engine === 'embedded' ? [] : await all(db,
    'select proc_name, sqlerrcode, err_message from timescaledb_information.job_errors where err_message <> $1', [afterCommit]);
  assert.equal(errors, []);

  // Retention has dropped what is old enough, chunk by chunk, and has written down how much that was.
  const bound: Date = await only(db, 'select app_private.dropped_until()');
  assert.ok(bound.getTime() > oldest && bound.getTime() <= kept, bound.toISOString());
  const lost = books.flatMap((book) => [...book.rows.keys()]).filter((at) => at < bound.getTime()).length;
  assert.is(await only(db, `select sum((old_value ->> 'rows')::int)::int from audit_log where reason = 'retention'`), lost);

  assert.equal(
    await all(db, `
      select s.key::int as source, sum(s.value::int)::int as rows
      from audit_log as l
      cross join jsonb_array_elements(l.old_value -> 'dropped') as d
      cross join jsonb_each_text(d -> 'sources') as s
      where l.reason = 'retention'
      group by s.key order by 1`),
    books.map((book) => ({ source: book.sourceId, rows: [...book.rows.keys()].filter((at) => at < bound.getTime()).length })).filter(({ rows }) => rows > 0)
      .sort((one, other) => one.source - other.source),
  );

  for (const book of books) {
    const stored = await all(db, 'select timestamp, close::float8 from timeseries_data where source_id = $1 order by timestamp', [book.sourceId]);
    assert.equal(stored.map((row) => [row['timestamp'].getTime(), row['close']]), book.since(bound.getTime()));
  }
  assert.is(await only(db, 'select count(*)::int from timeseries_archive'), 4 * Math.min(days, counts[1]));
  assert.is(await only(db, `select bool_and(is_compressed) from chunk_stats where range_end < now() - interval '8 days'`), true);

  // Days since the bound say what the rows say; those before it what the rows said.
  const [daily] = await all(db, `
    with
      said as (
        select source_id, day, open, high, low, close, volume, data_points
        from daily_ohlcv
        where day >= $1
      ),
      stored as (
        select
          source_id,
          time_bucket('1 day', timestamp),
          first(open, timestamp),
          max(high),
          min(low),
          last(close, timestamp),
          sum(volume),
          count(*)
        from timeseries_data
        group by 1, 2
      )
    select
      (select count(*)::int from (table said except table stored) as d) as too_much,
      (select count(*)::int from (table stored except table said) as d) as missing,
      (select count(*)::int from stored) as days`, [bound]);
  assert.equal([daily!['too_much'], daily!['missing']], [0, 0]);
  assert.ok(daily!['days'] > 1000);
  const old = await one(db, 'select count(*)::int as days, sum(data_points)::int as points from daily_ohlcv where day < $1', [bound]);
  assert.equal([old['days'], old['points']], [lost / 4, lost]);
});

if (process.env['TEST_DATABASE_URL']) {
  test('a chunk is compressed again while a writer waits for it', async (db) => {
    const id = await source(db);
    const [first, second, third] = [0, 1, 2].map((n) => dayOf(n, '2015-05-01'));
    await write(db, [{ source_id: id, timestamp: first!, value: 1 }]);
    await compressChunk(db, first!);
    await write(db, [{ source_id: id, timestamp: second!, value: 2 }]);

    // Somebody holds compression up just long enough for a writer to wait for it.
    const compressed = await only(db, `select attrelid::regclass::text from pg_attribute where attname = '_ts_meta_count' order by attrelid desc limit 1`);
    const [holder, compressor, writer] = await Promise.all([db.pool.connect(), db.pool.connect(), db.pool.connect()]);
    const pids = await Promise.all([compressor, writer].map((client) => only(client, 'select pg_backend_pid()')));
    const waits = async (pid: number): Promise<void> => {
      while (!await only(db, 'select cardinality(pg_blocking_pids($1)) > 0', [pid])) await delay(20);
    };
    try {
      await compressor.query(`set deadlock_timeout = '1 min'`);
      await holder.query(`begin; lock table ${compressed} in share row exclusive mode`);
      const compression = compressor.query('call compress_old_chunks()');
      await waits(pids[0]);
      const writing = writer.query('insert into timeseries_data (source_id, timestamp, value) values ($1, $2, 3)', [id, third]);
      await waits(pids[1]);
      await holder.query('rollback');
      await Promise.all([compression, writing]);
    } finally {
      for (const client of [holder, compressor, writer]) client.release(true);
    }
    assert.is(await only(db, 'select count(*)::int from timeseries_data where source_id = $1', [id]), 3);
    await db.query('call compress_old_chunks()');
    assert.is(await isFullyCompressed(db, first!), true);
  });
}

test.run();
