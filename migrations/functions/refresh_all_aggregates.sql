create or replace procedure public.refresh_all_aggregates()
language plpgsql
as $$
declare
  aggregate regclass;
  -- Found, not listed. One of another owner is left to that owner.
  aggregates constant regclass[] := array(
    select a.relation
    from app_private.describe_aggregates() as a
    join pg_catalog.pg_class as c on c.oid = a.relation
    join pg_catalog.pg_class as d on d.oid = 'public.timeseries_data'::regclass
    where c.relowner = d.relowner or pg_catalog.pg_has_role(c.relowner, 'usage')
    order by a.level, a.aggregate
  );
  -- History that retention dropped lives on in the aggregates and must not be refreshed away.
  oldest constant timestamptz := app_private.dropped_until();
begin
  foreach aggregate in array aggregates loop
    loop
      -- Each commit ends the effect of set local.
      set local search_path = pg_catalog, public, pg_temp;
      set local client_min_messages = warning;
      -- One at a time: the lock lasts until the refresh has said in its first commit that it is at it.
      perform pg_advisory_xact_lock(aggregate::oid::bigint);
      exit when not app_private.is_refreshing(aggregate);
      commit;
      perform pg_catalog.pg_sleep(0.1);
    end loop;
    -- By default a refresh goes through history ten buckets at a time, which takes minutes for years of hours.
    call refresh_continuous_aggregate(aggregate, oldest, null, options => '{"buckets_per_batch": 20000}');
    commit;
  end loop;
end
$$;

comment on procedure public.refresh_all_aggregates() is
  'Brings every continuous aggregate up to date over all of history, those that are made of others after these. Only ranges that have changed are computed. To be CALLed outside a transaction.';
