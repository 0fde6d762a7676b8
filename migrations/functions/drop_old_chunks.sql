create or replace procedure app_private.drop_old_chunks(job_id int, config jsonb)
language plpgsql
security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
  cutoff constant timestamptz := now() - (config ->> 'drop_after')::interval;
  last_dropped timestamptz;
  summary jsonb;
  chunk_count bigint;
begin
  -- Not while a chunk is compressed. Readers and writers do not get caught in a deadlock, as in compress_old_chunks().
  perform pg_advisory_xact_lock('public.timeseries_data'::regclass::oid::bigint);
  perform set_config('lock_timeout', greatest(s.setting::int / 4, 1) || 'ms', true)
  from pg_settings as s
  where s.name = 'deadlock_timeout';

  select max(c.range_end) into last_dropped
  from timescaledb_information.chunks as c
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data' and c.range_end <= cutoff;

  if last_dropped is null then
    return;
  end if;

  for tries in 1 .. 100 loop
    begin
      select jsonb_build_object('rows', count(*), 'from', min(d.timestamp), 'to', max(d.timestamp))
      into summary
      from public.timeseries_data as d
      where d.timestamp < last_dropped;

      select count(*) into chunk_count from drop_chunks('public.timeseries_data', older_than => last_dropped);
      exit;
    exception
      when lock_not_available or deadlock_detected then
        if tries = 100 then
          raise;
        end if;
    end;
    perform pg_sleep(least(0.02 * tries, 1) * (0.5 + random()));
  end loop;

  insert into app_private.retention_runs (dropped_until) values (last_dropped);

  insert into public.audit_log (action, table_name, old_value, reason)
  values (
    'DELETE', 'timeseries_data', summary || jsonb_build_object('chunks', chunk_count, 'drop_after', config ->> 'drop_after'),
    'retention'
  );
end
$$;

comment on procedure app_private.drop_old_chunks(int, jsonb) is
  'Job of set_retention: drops whole chunks older than config.drop_after and writes one audit entry about them.';
