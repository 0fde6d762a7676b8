create or replace function public.detect_gaps(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
#variable_conflict use_column
declare
  source public.sources;
  first_moment timestamptz;
  last_moment timestamptz;
begin
  perform app_private.require_source(detect_gaps.source_id);
  perform app_private.require_range(range_start, range_end);
  select s.* into strict source from public.sources as s where s.source_id = detect_gaps.source_id;

  first_moment := coalesce(range_start, (
    select min(d.timestamp) from public.timeseries_data as d where d.source_id = detect_gaps.source_id));
  last_moment := coalesce(range_end, (
    select max(d.timestamp) from public.timeseries_data as d where d.source_id = detect_gaps.source_id));

  if source.market_type = 'US' then
    return query
    select m.* from app_private.missing_days(detect_gaps.source_id, first_moment, last_moment) as m;
  else
    return query
    select m.*
    from app_private.missing_intervals(detect_gaps.source_id, source.update_frequency, first_moment, last_moment) as m;
  end if;
end
$$;

comment on function public.detect_gaps(int, timestamptz, timestamptz) is
  'Gaps of a source from range_start to range_end (both included, null: its first and last row): first and last missing moment and how many points are missing, by update_frequency; US sources by trading day.';
