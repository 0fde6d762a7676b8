create or replace view public.aggregate_refresh_status as
select
  a.view_name as aggregate,
  not a.materialized_only as is_real_time,
  case when isfinite(w.watermark) then w.watermark end as materialized_until,
  j.job_id,
  j.schedule_interval,
  t.last_run_started_at as last_refresh,
  t.last_run_status as last_status,
  t.total_failures,
  t.next_start as next_refresh
from timescaledb_information.continuous_aggregates as a
join _timescaledb_catalog.hypertable as h
  on h.schema_name = a.materialization_hypertable_schema and h.table_name = a.materialization_hypertable_name
cross join lateral (
  select _timescaledb_functions.to_timestamp(_timescaledb_functions.cagg_watermark(h.id)) as watermark
) as w
left join timescaledb_information.jobs as j
  on j.hypertable_schema = a.view_schema
  and j.hypertable_name = a.view_name
  and j.proc_name = 'policy_refresh_continuous_aggregate'
left join timescaledb_information.job_stats as t on t.job_id = j.job_id
where a.view_schema = 'public';

comment on view public.aggregate_refresh_status is 'How far each continuous aggregate is materialized, and how its refresh policy fares.';
comment on column public.aggregate_refresh_status.aggregate is 'The continuous aggregate.';
comment on column public.aggregate_refresh_status.is_real_time is 'Whether newer rows are aggregated on the fly.';
comment on column public.aggregate_refresh_status.materialized_until is 'End of the materialized range; null before the first refresh.';
comment on column public.aggregate_refresh_status.job_id is 'Its refresh policy.';
comment on column public.aggregate_refresh_status.schedule_interval is 'How often the policy runs.';
comment on column public.aggregate_refresh_status.last_refresh is 'When it last ran.';
comment on column public.aggregate_refresh_status.last_status is 'How that ended.';
comment on column public.aggregate_refresh_status.total_failures is 'How often it has failed.';
comment on column public.aggregate_refresh_status.next_refresh is 'When it runs next.';
