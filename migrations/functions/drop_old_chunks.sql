create or replace procedure app_private.drop_old_chunks(job_id int, config jsonb)
language plpgsql
security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
  cutoff constant timestamptz := now() - (config ->> 'drop_after')::interval;
  last_dropped timestamptz;
  summary jsonb;
begin
  select max(c.range_end) into last_dropped
  from timescaledb_information.chunks as c
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data' and c.range_end <= cutoff;

  if last_dropped is null then
    return;
  end if;

  select jsonb_build_object('rows', count(*), 'from', min(d.timestamp), 'to', max(d.timestamp))
  into summary
  from public.timeseries_data as d
  where d.timestamp < last_dropped;

  summary := summary || jsonb_build_object(
    'chunks', (select count(*) from drop_chunks('public.timeseries_data', older_than => last_dropped)),
    'drop_after', config ->> 'drop_after'
  );

  insert into app_private.retention_runs (dropped_until) values (last_dropped);

  insert into public.audit_log (action, table_name, old_value, reason)
  values ('DELETE', 'timeseries_data', summary, 'retention');
end
$$;

comment on procedure app_private.drop_old_chunks(int, jsonb) is
  'Job of set_retention: drops whole chunks older than config.drop_after and writes one audit entry about them.';
