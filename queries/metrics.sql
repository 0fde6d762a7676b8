/*
 * What a monitoring system asks for again and again. Columns that are no value of a metric are its labels.
 */

/*
 * How each source fares. age: Seconds since the newest row of the source. frequency: Seconds between two rows of the
 * source, as it is registered. rows: Rows of the source, as of the last refresh of the aggregates. score: Mean quality
 * score of the source, 0 to 100. anomalies: Anomalies of the source that nobody has resolved. black_swans: Those of them
 * that lie more than 6 standard deviations away. active: Whether rows of the source are expected.
 * @metric btcdb_source_age_seconds age gauge
 * @metric btcdb_source_update_frequency_seconds frequency gauge
 * @metric btcdb_source_rows rows gauge
 * @metric btcdb_source_quality_score score gauge
 * @metric btcdb_source_open_anomalies anomalies gauge
 * @metric btcdb_source_open_black_swans black_swans gauge
 * @metric btcdb_source_active active gauge
 */
/* @name sources */
select
  f.name as "source!",
  extract(epoch from f.data_age)::float8 as age,
  extract(epoch from f.update_frequency)::float8 as "frequency!",
  f.row_count as "rows!",
  f.avg_quality_score as score,
  coalesce(o.anomalies, 0) as "anomalies!",
  coalesce(o.black_swans, 0) as "black_swans!",
  f.freshness <> 'INACTIVE' as "active!"
from public.data_freshness as f
left join (
  select a.source_id, count(*) as anomalies, count(*) filter (where a.is_blackswan) as black_swans
  from public.anomalies as a
  where a.resolved_at is null
  group by a.source_id
) as o on o.source_id = f.source_id
order by f.name
limit 1000;

/*
 * How the rows are stored. chunks: Chunks of timeseries_data. bytes_before: Bytes of the compressed chunks before their
 * compression. bytes_after: Bytes of the compressed chunks now.
 * @metric btcdb_chunks chunks gauge
 * @metric btcdb_compressed_chunk_bytes_before bytes_before gauge
 * @metric btcdb_compressed_chunk_bytes_after bytes_after gauge
 */
/* @name storage */
select
  count(*) as "chunks!",
  coalesce(sum(c.before_bytes), 0)::bigint as "bytes_before!",
  coalesce(sum(c.after_bytes), 0)::bigint as "bytes_after!"
from public.chunk_compression_stats() as c;

/*
 * How far the continuous aggregates are behind. lag: Seconds since the end of what is materialized of the
 * aggregate. failures: Failed refreshes of the aggregate by its policy.
 * @metric btcdb_aggregate_lag_seconds lag gauge
 * @metric btcdb_aggregate_failures_total failures counter
 */
/* @name aggregates */
select
  a.aggregate as "aggregate!",
  greatest(extract(epoch from now() - a.materialized_until), 0)::float8 as lag,
  coalesce(a.total_failures, 0) as "failures!"
from public.aggregate_refresh_status as a
order by a.aggregate
limit 1000;

/*
 * How the background jobs fare. runs: Runs of the job. failures: Runs of the job that failed. failed: Whether the last run of
 * the job failed, its work undone. idle: Seconds since the job last did its work, or if it never did since
 * the database server was started. interval: Seconds between two runs of the
 * job.
 * @metric btcdb_job_runs_total runs counter
 * @metric btcdb_job_failures_total failures counter
 * @metric btcdb_job_failed failed gauge
 * @metric btcdb_job_idle_seconds idle gauge
 * @metric btcdb_job_interval_seconds interval gauge
 */
/* @name jobs */
select
  j.job as "background_job!",
  coalesce(j.relation, '') as "relation!",
  j.total_runs as "runs!",
  j.total_failures as "failures!",
  j.has_failed as "failed!",
  case
    -- The embedded engine runs none by itself.
    when j.is_scheduled and (j.last_success is not null or version() not like '%compiled by emcc%')
      then extract(epoch from now() - coalesce(j.last_success, pg_postmaster_start_time()))::float8
  end as idle,
  extract(epoch from j.schedule_interval)::float8 as "interval!"
from public.job_status as j
order by j.job_id
limit 1000;

/*
 * What holds the database up. slow_statements: Statements that take more than 500 ms on average; 0 where
 * pg_stat_statements is not loaded.
 * @metric btcdb_slow_statements slow_statements gauge
 */
/* @name statements */
select count(*) as "slow_statements!"
from public.slow_queries as q;

/*
 * How much of the audit log could still be changed unnoticed. unsealed: Entries of the audit log that are not sealed. age: Seconds
 * since the oldest of them, 0 without any.
 * @metric btcdb_audit_unsealed_entries unsealed gauge
 * @metric btcdb_audit_unsealed_age_seconds age gauge
 */
/* @name audit */
select
  count(*) as "unsealed!",
  greatest(extract(epoch from now() - min(l.changed_at)), 0)::float8 as "age!"
from public.audit_log as l
where l.audit_id > coalesce((select s.last_id from public.audit_seals as s order by s.seal_id desc limit 1), 0);

/*
 * The database as a whole. bytes: Bytes of the database on disk. connections: Connections to the database. most: Connections
 * that the server takes. transactions: Transaction numbers that are used up, of two billion; 0 on the
 * embedded engine. dead: Dead rows that autovacuum
 * has not removed yet. live: Live rows.
 * @metric btcdb_database_bytes bytes gauge
 * @metric btcdb_database_connections connections gauge
 * @metric btcdb_database_max_connections most gauge
 * @metric btcdb_database_transaction_age transactions gauge
 * @metric btcdb_database_dead_rows dead gauge
 * @metric btcdb_database_live_rows live gauge
 */
/* @name database */
select
  public.database_bytes() as "bytes!",
  pg_stat_get_db_numbackends(d.oid) as "connections!",
  current_setting('max_connections')::int as "most!",
  coalesce(nullif(age(d.datfrozenxid), 2147483647), 0) as "transactions!",
  (select coalesce(sum(u.n_dead_tup), 0)::int8 from pg_catalog.pg_stat_user_tables as u) as "dead!",
  (select coalesce(sum(u.n_live_tup), 0)::int8 from pg_catalog.pg_stat_user_tables as u) as "live!"
from pg_catalog.pg_database as d
where d.datname = current_database()
limit 1;

/*
 * What can be brought back. backup: Seconds since the newest backup that is kept. verified: Seconds since a backup was
 * restored to see that it can be.
 * @metric btcdb_backup_age_seconds backup gauge
 * @metric btcdb_backup_verified_age_seconds verified gauge
 */
/* @name backups */
select
  extract(epoch from now() - max(b.taken_at))::float8 as backup,
  extract(epoch from now() - max(b.verified_at))::float8 as verified
from public.backups as b
where b.removed_at is null;
