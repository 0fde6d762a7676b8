create or replace procedure public.refresh_all_aggregates()
language plpgsql
as $$
declare
  aggregate regclass;
  -- With retention, history before the oldest row lives on in the aggregates only and must not be refreshed away.
  oldest timestamptz := (
    select case
      when exists (
        select from timescaledb_information.jobs as j
        where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks'
      )
      then (select min(c.range_start) from timescaledb_information.chunks as c
            where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data')
    end
  );
begin
  foreach aggregate in array array[
    'public.daily_ohlcv', 'public.hourly_ohlcv', 'public.hourly_values', 'public.weekly_stats'
  ]::regclass[]
  loop
    -- Each refresh commits, which ends the effect of set local.
    set local search_path = pg_catalog, public, pg_temp;
    set local client_min_messages = warning;
    -- By default a refresh goes through history ten buckets at a time, which takes minutes for years of hours.
    call refresh_continuous_aggregate(aggregate, oldest, null, options => '{"buckets_per_batch": 20000}');
    commit;
  end loop;
end
$$;

comment on procedure public.refresh_all_aggregates() is
  'Brings every continuous aggregate up to date over all of history. Only ranges that have changed are computed. To be CALLed outside a transaction.';
