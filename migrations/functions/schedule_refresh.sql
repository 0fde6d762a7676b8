create or replace function app_private.schedule_refresh() returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  found_one record;
  -- Only invalidated ranges are computed, so the policies may look at all of history. With retention they must not:
  -- a refresh of dropped chunks would empty the aggregates, which are meant to outlive the rows. What was dropped once
  -- stays out of reach, also when retention is turned off again.
  reach constant interval := least(
    (
      select (j.config ->> 'drop_after')::interval
      from timescaledb_information.jobs as j
      where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks'
    ),
    now() - app_private.dropped_until()
  );
begin
  for found_one in
    select a.relation, a.aggregate, a.job_id, j.schedule_interval, j.config
    from app_private.describe_aggregates() as a
    join pg_class as c on c.oid = a.relation
    left join timescaledb_information.jobs as j on j.job_id = a.job_id
    where pg_has_role(c.relowner, 'usage')
      and (a.job_id is null or (j.config ->> 'start_offset')::interval is distinct from reach)
  loop
    begin
      -- Altered, a policy would not be checked against the width of a bucket.
      perform remove_continuous_aggregate_policy(found_one.relation, if_exists => true);
      perform add_continuous_aggregate_policy(
        found_one.relation,
        start_offset => reach,
        end_offset => case
          when found_one.job_id is null then interval '1 hour'
          else (found_one.config ->> 'end_offset')::interval
        end,
        schedule_interval => coalesce(found_one.schedule_interval, interval '1 hour'),
        -- The default of ten buckets takes minutes for years of hours.
        buckets_per_batch => coalesce((found_one.config ->> 'buckets_per_batch')::int, 20000)
      );
    exception
      when invalid_parameter_value then
        perform remove_continuous_aggregate_policy(found_one.relation, if_exists => true);
        raise warning 'the continuous aggregate % has no refresh policy: %', found_one.aggregate, sqlerrm
          using hint = 'Keep rows for at least two of its buckets, or drop the aggregate.';
    end;
  end loop;
end
$$;

comment on function app_private.schedule_refresh() is
  'Gives every continuous aggregate a refresh policy, unless it has one, and has the policies leave alone what retention drops or has dropped.';
