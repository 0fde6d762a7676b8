create or replace function public.restore_archived(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
) returns bigint
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  restored bigint;
begin
  perform app_private.require_source(restore_archived.source_id);
  perform app_private.require_range(range_start, range_end);

  with latest as (
    -- A row that was deleted more than once comes back as it was last.
    select distinct on (a.timestamp) a.*
    from public.timeseries_archive as a
    where a.source_id = restore_archived.source_id
      and a.timestamp between coalesce(range_start, '-infinity') and coalesce(range_end, 'infinity')
      and a.restored_at is null
    order by a.timestamp, a.archive_id desc
  ),
  back as (
    insert into public.timeseries_data (
      source_id, timestamp, open, high, low, close, volume, value, is_backfilled, created_at
    )
    select l.source_id, l.timestamp, l.open, l.high, l.low, l.close, l.volume, l.value, l.is_backfilled, l.created_at
    from latest as l
    on conflict on constraint timeseries_data_pkey do nothing
    returning timeseries_data.timestamp
  ),
  marked as (
    update public.timeseries_archive as a
    set restored_at = now(), restored_by = app_private.current_actor()
    from latest as l
    join back as b on b.timestamp = l.timestamp
    where a.archive_id = l.archive_id
    returning a.archive_id
  )
  select count(*) into restored from marked;

  return restored;
end
$$;

comment on function public.restore_archived(int, timestamptz, timestamptz) is
  'Brings deleted rows of a source from range_start to range_end (both included, null: open) back and returns how many. A row that exists again is left alone.';
