create or replace procedure app_private.drop_old_chunks(job_id int, config jsonb)
language plpgsql
security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
declare
  last_dropped timestamptz;
  chunk regclass;
  summary jsonb;
begin
  -- Not while a chunk is compressed. Readers and writers do not get caught in a deadlock, as in compress_old_chunks().
  perform pg_advisory_xact_lock('public.timeseries_data'::regclass::oid::bigint);
  perform set_config('lock_timeout', greatest(s.setting::int / 4, 1) || 'ms', true)
  from pg_settings as s
  where s.name = 'deadlock_timeout';

  select max(c.range_end) into last_dropped
  from timescaledb_information.chunks as c
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
    and c.range_end + (config ->> 'drop_after')::interval <= now();

  if last_dropped is null then
    return;
  end if;

  for tries in 1 .. 100 loop
    begin
      -- No chunk comes and no row any more: what is counted is what goes. Readers wait only for the dropping.
      lock table only public.timeseries_data in share update exclusive mode;
      for chunk in
        select format('%I.%I', c.chunk_schema, c.chunk_name)::regclass
        from timescaledb_information.chunks as c
        where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data' and c.range_end <= last_dropped
        order by c.range_start
      loop
        execute format('lock table only %s in share row exclusive mode', chunk);
      end loop;

      with sources as (
        select d.tableoid, d.source_id, count(*) as row_count, min(d.timestamp) as first_moment, max(d.timestamp) as last_moment
        from public.timeseries_data as d
        where d.timestamp < last_dropped
        group by d.tableoid, d.source_id
      ),
      chunks as (
        select
          c.range_start,
          jsonb_build_object(
            'from', c.range_start,
            'to', c.range_end,
            'rows', coalesce(sum(s.row_count), 0),
            'sources', coalesce(jsonb_object_agg(s.source_id, s.row_count) filter (where s.source_id is not null), '{}')
          ) as chunk,
          sum(s.row_count) as row_count,
          min(s.first_moment) as first_moment,
          max(s.last_moment) as last_moment
        from timescaledb_information.chunks as c
        left join sources as s on s.tableoid = format('%I.%I', c.chunk_schema, c.chunk_name)::regclass
        where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data' and c.range_end <= last_dropped
        group by c.range_start, c.range_end
      )
      select jsonb_build_object(
        'rows', coalesce(sum(c.row_count), 0),
        'from', min(c.first_moment),
        'to', max(c.last_moment),
        'chunks', count(*),
        'dropped', jsonb_agg(c.chunk order by c.range_start),
        'drop_after', config ->> 'drop_after'
      )
      into summary
      from chunks as c;

      perform drop_chunks('public.timeseries_data', older_than => last_dropped);
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
  values ('DELETE', 'timeseries_data', summary, 'retention');
end
$$;

comment on procedure app_private.drop_old_chunks(int, jsonb) is
  'Job of set_retention: drops whole chunks older than config.drop_after and writes one audit entry about them.';
