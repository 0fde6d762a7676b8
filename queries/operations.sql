/*
 * What an operator looks at and sets: chunks, compression, retention, aggregates, jobs.
 */

/* What the server runs. */
/* @name versions */
select
  current_setting('server_version') as "postgres!",
  e.extversion as timescaledb
from pg_catalog.pg_extension as e
where e.extname = 'timescaledb';

/* The chunks of timeseries_data, oldest first. */
/* @name chunks */
select
  c.chunk as "chunk!",
  c.range_start as "range_start!",
  c.range_end as "range_end!",
  c.row_count as "row_count!",
  c.total_bytes as "total_bytes!",
  c.is_compressed as "is_compressed!",
  c.compression_ratio
from public.chunk_stats as c
order by c.range_start;

/* The moment before which all chunks are compressed; null when the oldest is not. */
/* @name compressedUntil */
select coalesce(
  min(c.range_start) filter (where not c.is_compressed),
  max(c.range_end)
) as compressed_until
from public.chunk_stats as c;

/* Size of each chunk before and after compression, in bytes; null while it is uncompressed. */
/* @name compression */
select
  c.chunk as "chunk!",
  c.range_start as "range_start!",
  c.range_end as "range_end!",
  c.is_compressed as "is_compressed!",
  c.before_bytes,
  c.after_bytes,
  c.ratio
from public.chunk_compression_stats() as c
order by c.range_start;

/* The same for all chunks together. */
/* @name compressionTotal */
select
  count(*) as "chunks!",
  count(*) filter (where c.is_compressed) as "compressed_chunks!",
  sum(c.before_bytes)::bigint as before_bytes,
  sum(c.after_bytes)::bigint as after_bytes,
  round(sum(c.before_bytes) / nullif(sum(c.after_bytes), 0), 2) as ratio
from public.chunk_compression_stats() as c;

/* Brings all aggregates up to date. Not inside a transaction. */
/* @name refreshAll */
call public.refresh_all_aggregates();

/*
 * The same where the range from :from to :to touches them (both included, left out: open), for all aggregates or for
 * the one that :aggregate names.
 */
/* @name refreshRange */
call public.refresh_all_aggregates(:from, :to, :aggregate::text::regclass);

/* Compresses the chunks that are older than :older_than, by default 7 days. Not inside a transaction. */
/* @name compressOld */
call public.compress_old_chunks(coalesce(:older_than, interval '7 days'));

/* Drops chunks older than :keep once a day; without :keep rows are kept for ever. The id of the job, null when off. */
/* @name setRetention */
select public.set_retention(:keep) as job_id;

/*
 * What retention would drop if rows were kept for :keep, chunk by chunk and when; without :keep, what the retention that is set
 * will drop. Nothing when it is off.
 */
/* @name previewRetention */
select
  p.chunk as "chunk!",
  p.range_start as "range_start!",
  p.range_end as "range_end!",
  p.row_count as "row_count!",
  p.total_bytes as "total_bytes!",
  p.source_names as "source_names!",
  p.drops_at as "drops_at!",
  p.is_due as "is_due!"
from public.preview_retention(:keep) as p
order by p.range_start;

/* How far each continuous aggregate is materialized, and how its refresh policy fares. */
/* @name aggregateStatus */
select
  a.aggregate as "aggregate!",
  a.is_real_time as "is_real_time!",
  a.materialized_until,
  a.job_id,
  a.schedule_interval,
  a.last_refresh,
  a.last_status,
  a.total_failures,
  a.next_refresh
from public.aggregate_refresh_status as a
order by a.aggregate;

/* The background jobs of this database and how they fare. TimescaleDB writes -infinity for never. */
/* @name jobs */
select
  j.job_id as "job_id!",
  j.application_name as "application_name!",
  j.proc_schema as "proc_schema!",
  j.proc_name as "proc_name!",
  j.hypertable_name,
  j.schedule_interval as "schedule_interval!",
  j.scheduled as "scheduled!",
  j.config,
  case when isfinite(t.last_run_started_at) then t.last_run_started_at end as last_run_started_at,
  t.last_run_status as "last_run_status?",
  t.last_run_duration as "last_run_duration?",
  case when isfinite(t.next_start) then t.next_start end as next_start,
  t.total_runs as "total_runs?",
  t.total_failures as "total_failures?"
from timescaledb_information.jobs as j
left join timescaledb_information.job_stats as t on t.job_id = j.job_id
order by j.job_id;

/* Statements that take more than 500 ms on average, the slowest first. Empty where pg_stat_statements is not loaded. */
/* @name slowQueries */
select
  q.query as "query!",
  q.calls as "calls!",
  q.mean_ms as "mean_ms!",
  q.total_ms as "total_ms!",
  q.rows_per_call
from public.slow_queries as q
order by q.mean_ms desc;

/* Whether graphile-migrate has been at work in this database, and whether a restore of it has begun and did not end. */
/* @name hasMigrations */
select
  to_regclass('graphile_migrate.migrations') is not null as "has_migrations!",
  coalesce(current_setting('timescaledb.restoring', true) = 'on', false)
  or coalesce(shobj_description(d.oid, 'pg_database') like 'btcdb restore has begun%', false) as "is_restoring!"
from pg_catalog.pg_database as d
where d.datname = current_database();

/* The migrations that are applied, the oldest first. */
/* @name migrations */
select
  m.hash,
  m.filename
from graphile_migrate.migrations as m
order by m.filename;
