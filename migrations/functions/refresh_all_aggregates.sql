create or replace procedure public.refresh_all_aggregates()
language plpgsql
as $$
declare
  aggregate regclass;
  -- History that retention dropped lives on in the aggregates and must not be refreshed away.
  oldest constant timestamptz := app_private.dropped_until();
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
