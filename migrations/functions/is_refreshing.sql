-- Two refreshes of one continuous aggregate: TimescaleDB refuses the second with 55P03, in older versions it waits.
create or replace function app_private.is_refreshing(aggregate regclass) returns boolean
language plpgsql volatile -- looks again, also within a transaction
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('_timescaledb_catalog.continuous_aggs_jobs_refresh_ranges') is null then
    return false;
  end if;

  -- Else a transaction goes on seeing the sessions as it saw them first.
  perform pg_stat_clear_snapshot();
  return exists (
    select
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    join _timescaledb_catalog.continuous_agg as a on a.user_view_schema = n.nspname and a.user_view_name = c.relname
    join _timescaledb_catalog.continuous_aggs_jobs_refresh_ranges as r on r.materialization_id = a.mat_hypertable_id
    -- A refresh that failed may have left its range.
    join pg_stat_activity as s on s.pid = r.pid and s.state is distinct from 'idle'
    where c.oid = aggregate and r.pid <> pg_backend_pid()
  );
end
$$;

comment on function app_private.is_refreshing(regclass) is 'Whether another session, perhaps a policy, refreshes a continuous aggregate.';
