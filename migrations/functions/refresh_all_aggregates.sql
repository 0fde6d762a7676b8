create or replace procedure public.refresh_all_aggregates(
  range_start timestamptz default null, range_end timestamptz default null, only_aggregate regclass default null
)
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
    where (c.relowner = d.relowner or pg_catalog.pg_has_role(c.relowner, 'usage'))
      and (only_aggregate is null or a.relation = only_aggregate)
    order by a.level, a.aggregate
  );
  -- A refresh takes whole buckets. With a month on either side those at the ends of the range are in it; what has not
  -- changed costs nothing. History that retention dropped lives on in the aggregates and must not be refreshed away.
  oldest constant timestamptz := greatest(app_private.dropped_until(), range_start - interval '1 month');
  newest constant timestamptz := range_end + interval '1 month';
begin
  perform app_private.require_range(range_start, range_end);
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
    -- In one pass: by default it goes ten buckets at a time, which takes minutes for years of hours, and between two
    -- batches another session could begin.
    call refresh_continuous_aggregate(aggregate, oldest, newest, options => '{"buckets_per_batch": 0}');
    commit;
  end loop;
end
$$;

comment on procedure public.refresh_all_aggregates(timestamptz, timestamptz, regclass) is
  'Brings the continuous aggregates up to date, those that are made of others after these: all or one, over all of history or where a range touches them. Only what has changed is computed. To be CALLed outside a transaction.';
