create or replace function public.set_retention(keep interval) returns int
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  job int;
begin
  if keep <= interval '0' then
    raise exception 'retention must be positive, not %', keep
      using errcode = 'invalid_parameter_value',
            hint = 'Pass how long rows are kept, for example interval ''5 years'', or null to keep them for ever.';
  end if;

  perform app_private.take_turn('retention');
  perform delete_job(j.job_id)
  from timescaledb_information.jobs as j
  where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks';

  if keep is not null then
    job := add_job('app_private.drop_old_chunks', interval '1 day', config => jsonb_build_object('drop_after', keep));
  end if;

  -- A chunk is dropped when all of it is old enough, so chunks that are merged from now on stay shorter.
  execute format(
    'alter table public.timeseries_data set (timescaledb.compress_chunk_time_interval = %L)',
    case when keep is null then '1080 days' else '360 days' end
  );

  perform app_private.schedule_refresh();
  return job;
end
$$;

comment on function public.set_retention(interval) is
  'Drops chunks older than the interval once a day; null keeps rows for ever. Returns the id of the job, null when off.';
