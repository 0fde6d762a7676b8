create or replace view public.aggregate_refresh_status as
select
  a.aggregate,
  a.based_on,
  a.is_real_time,
  a.materialized_until,
  a.job_id,
  a.schedule_interval,
  a.last_refresh,
  a.last_status,
  a.total_failures,
  a.next_refresh
from app_private.describe_aggregates() as a;

comment on view public.aggregate_refresh_status is 'How far each continuous aggregate on timeseries_data is materialized, those that were added too, and how its refresh policy fares.';
comment on column public.aggregate_refresh_status.aggregate is 'The continuous aggregate.';
comment on column public.aggregate_refresh_status.based_on is 'What it aggregates: timeseries_data, or another aggregate.';
comment on column public.aggregate_refresh_status.is_real_time is 'Whether newer rows are aggregated on the fly.';
comment on column public.aggregate_refresh_status.materialized_until is 'End of the materialized range; null before the first refresh.';
comment on column public.aggregate_refresh_status.job_id is 'Its refresh policy.';
comment on column public.aggregate_refresh_status.schedule_interval is 'How often the policy runs.';
comment on column public.aggregate_refresh_status.last_refresh is 'When it last ran.';
comment on column public.aggregate_refresh_status.last_status is 'How that ended.';
comment on column public.aggregate_refresh_status.total_failures is 'How often it has failed.';
comment on column public.aggregate_refresh_status.next_refresh is 'When it runs next.';
