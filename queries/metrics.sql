/*
 * What a monitoring system asks for again and again. Columns that are no value of a metric are its labels.
 */

/*
 * How each source fares. age: Seconds since the newest row of the source. frequency: Seconds between two rows of the
 * source, as it is registered. rows: Rows of the source, as of the last refresh of the aggregates. score: Mean quality
 * score of the source, 0 to 100. anomalies: Anomalies of the source that nobody has resolved.
 * @metric btcdb_source_age_seconds age gauge
 * @metric btcdb_source_update_frequency_seconds frequency gauge
 * @metric btcdb_source_rows rows gauge
 * @metric btcdb_source_quality_score score gauge
 * @metric btcdb_source_open_anomalies anomalies gauge
 */
/* @name sources */
select
  f.name as "source!",
  extract(epoch from f.data_age)::float8 as age,
  extract(epoch from f.update_frequency)::float8 as "frequency!",
  f.row_count as "rows!",
  f.avg_quality_score as score,
  (
    select count(*)
    from public.anomalies as a
    where a.source_id = f.source_id and a.resolved_at is null
  ) as "anomalies!"
from public.data_freshness as f
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
 * How the background jobs fare. runs: Runs of the job. failures: Runs of the job that failed.
 * @metric btcdb_job_runs_total runs counter
 * @metric btcdb_job_failures_total failures counter
 */
/* @name jobs */
select
  j.application_name as "job!",
  coalesce(t.total_runs, 0) as "runs!",
  coalesce(t.total_failures, 0) as "failures!"
from timescaledb_information.jobs as j
left join timescaledb_information.job_stats as t on t.job_id = j.job_id
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
 * since the oldest of them.
 * @metric btcdb_audit_unsealed_entries unsealed gauge
 * @metric btcdb_audit_unsealed_age_seconds age gauge
 */
/* @name audit */
select
  count(*) as "unsealed!",
  greatest(extract(epoch from now() - min(l.changed_at)), 0)::float8 as age
from public.audit_log as l
where l.audit_id > coalesce((select s.last_id from public.audit_seals as s order by s.seal_id desc limit 1), 0);
