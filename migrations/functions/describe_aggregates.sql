create or replace function app_private.describe_aggregates()
returns table (
  relation regclass,
  aggregate text,
  based_on text,
  level int,
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
  with recursive found as (
    select a.*, 'timeseries_data' as based_on, 1 as level
    from timescaledb_information.continuous_aggregates as a
    where a.hypertable_schema = 'public' and a.hypertable_name = 'timeseries_data'
    union all
    select a.*, c.oid::regclass::text, f.level + 1
    from found as f
    join timescaledb_information.continuous_aggregates as a
      on a.hypertable_schema = f.materialization_hypertable_schema
      and a.hypertable_name = f.materialization_hypertable_name
    -- Not by a cast of the name, which fails where the role may not enter the schema.
    join pg_namespace as n on n.nspname = f.view_schema
    join pg_class as c on c.relnamespace = n.oid and c.relname = f.view_name
  )
  select
    c.oid::regclass,
    c.oid::regclass::text,
    a.based_on,
    a.level,
    not a.materialized_only,
    -- The least timestamp, in microseconds, stands for never.
    case when w.watermark > -210866803200000000 then _timescaledb_functions.to_timestamp(w.watermark) end,
    j.job_id,
    j.schedule_interval,
    case when isfinite(t.last_run_started_at) then t.last_run_started_at end,
    t.last_run_status,
    t.total_failures,
    case when isfinite(t.next_start) then t.next_start end
  from found as a
  join pg_namespace as n on n.nspname = a.view_schema
  join pg_class as c on c.relnamespace = n.oid and c.relname = a.view_name
  join _timescaledb_catalog.hypertable as h
    on h.schema_name = a.materialization_hypertable_schema and h.table_name = a.materialization_hypertable_name
  cross join lateral (select _timescaledb_functions.cagg_watermark(h.id) as watermark) as w
  left join lateral (
    select j.job_id, j.schedule_interval
    from timescaledb_information.jobs as j
    where j.hypertable_schema = a.view_schema
      and j.hypertable_name = a.view_name
      and j.proc_name = 'policy_refresh_continuous_aggregate'
    order by j.job_id
    limit 1
  ) as j on true
  left join timescaledb_information.job_stats as t on t.job_id = j.job_id
  order by a.level, 2;
$$;

comment on function app_private.describe_aggregates() is
  'The rows of aggregate_refresh_status: the continuous aggregates on timeseries_data, and those on them, in the order in which to refresh.';
