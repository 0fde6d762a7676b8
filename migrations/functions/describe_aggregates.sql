create or replace function app_private.describe_aggregates()
returns table (
  aggregate text,
  is_real_time boolean,
  materialized_until timestamptz,
  job_id int,
  schedule_interval interval,
  last_refresh timestamptz,
  last_status text,
  total_failures bigint,
  next_refresh timestamptz
)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select
    a.view_name::text,
    not a.materialized_only,
    -- The least timestamp, in microseconds, stands for never.
    case when w.watermark > -210866803200000000 then _timescaledb_functions.to_timestamp(w.watermark) end,
    j.job_id,
    j.schedule_interval,
    case when isfinite(t.last_run_started_at) then t.last_run_started_at end,
    t.last_run_status,
    t.total_failures,
    case when isfinite(t.next_start) then t.next_start end
  from timescaledb_information.continuous_aggregates as a
  join _timescaledb_catalog.hypertable as h
    on h.schema_name = a.materialization_hypertable_schema and h.table_name = a.materialization_hypertable_name
  cross join lateral (select _timescaledb_functions.cagg_watermark(h.id) as watermark) as w
  left join timescaledb_information.jobs as j
    on j.hypertable_schema = a.view_schema
    and j.hypertable_name = a.view_name
    and j.proc_name = 'policy_refresh_continuous_aggregate'
  left join timescaledb_information.job_stats as t on t.job_id = j.job_id
  where a.view_schema = 'public'
  order by a.view_name;
$$;

comment on function app_private.describe_aggregates() is 'The rows of aggregate_refresh_status.';
