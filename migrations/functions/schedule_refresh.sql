create or replace function app_private.schedule_refresh(retention interval) returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  plan record;
  -- Only invalidated ranges are computed, so the policies may look at all of history. With retention they must not:
  -- a refresh of dropped chunks would empty the aggregates, which are meant to outlive the rows. What was dropped once
  -- stays out of reach, also when retention is turned off again.
  reach constant interval := least(retention, now() - app_private.dropped_until());
begin
  for plan in
    select *
    from (values
      ('public.daily_ohlcv'::regclass, interval '1 hour', interval '1 hour'),
      ('public.hourly_ohlcv', interval '1 hour', interval '30 minutes'),
      ('public.hourly_values', interval '1 hour', interval '30 minutes'),
      ('public.weekly_stats', interval '1 hour', interval '1 hour')
    ) as p (aggregate, end_offset, schedule_interval)
  loop
    perform remove_continuous_aggregate_policy(plan.aggregate, if_exists => true);
    perform add_continuous_aggregate_policy(
      plan.aggregate,
      start_offset => reach,
      end_offset => plan.end_offset,
      schedule_interval => plan.schedule_interval,
      -- The default of ten buckets takes minutes for years of hours.
      buckets_per_batch => 20000
    );
  end loop;
end
$$;

comment on function app_private.schedule_refresh(interval) is
  'Gives every continuous aggregate its refresh policy. The argument is the retention of the rows, null when they are kept.';
