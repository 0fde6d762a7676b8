create or replace function public.preview_retention(keep interval default null)
returns table (
  chunk text,
  range_start timestamptz,
  range_end timestamptz,
  row_count bigint,
  total_bytes bigint,
  source_names text[],
  drops_at timestamptz,
  is_due boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
-- As the job does: days and months are those of the chunks.
set timezone = 'UTC'
as $$
  select
    c.chunk,
    c.range_start,
    c.range_end,
    c.row_count,
    c.total_bytes,
    array(
      select s.name
      from public.sources as s
      where exists (
        select
        from public.timeseries_data as d
        where d.source_id = s.source_id and d.timestamp >= c.range_start and d.timestamp < c.range_end
      )
      order by s.name
    ),
    c.range_end + k.keep,
    c.range_end + k.keep <= now()
  from app_private.describe_chunks() as c
  cross join (
    select coalesce(preview_retention.keep, (
      select (j.config ->> 'drop_after')::interval
      from timescaledb_information.jobs as j
      where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks'
    )) as keep
  ) as k
  where k.keep is not null
  order by c.range_start;
$$;

comment on function public.preview_retention(interval) is
  'What set_retention(keep) would drop, and when; without keep what the retention that is set will drop: each chunk with the moment from which the daily job drops it. Changes nothing. Chunks that are merged by compression later go as one, with the newest.';
