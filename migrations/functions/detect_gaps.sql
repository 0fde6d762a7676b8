create or replace function public.detect_gaps(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
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
    -- A stock market series is complete when every trading day has a row.
    return query
    with missing as (
      select
        t.timestamp,
        t.is_present,
        count(*) filter (where t.is_present) over (order by t.timestamp) as island
      from (
        select
          t.timestamp,
          exists (
            select from public.timeseries_data as d
            where d.source_id = detect_gaps.source_id
              and d.timestamp >= t.timestamp and d.timestamp < t.timestamp + interval '1 day'
          ) as is_present
        from public.time_index as t
        where t.is_trading_day and t.timestamp between public.normalize_to_daily_utc(first_moment) and last_moment
      ) as t
    )
    select min(m.timestamp)::timestamptz, max(m.timestamp)::timestamptz, count(*)
    from missing as m
    where not m.is_present
    group by m.island
    order by 1;
    return;
  end if;

  return query
  with points as (
    select d.timestamp::timestamptz as moment
    from public.timeseries_data as d
    where d.source_id = detect_gaps.source_id and d.timestamp between first_moment and last_moment
  ),
  -- The edges of the range stand for the rows just outside it.
  edged as (
    select p.moment from points as p
    union all
    select first_moment - source.update_frequency where range_start is not null
    union all
    select last_moment + source.update_frequency where range_end is not null
  ),
  spaced as (
    select e.moment, lead(e.moment) over (order by e.moment) as next_moment
    from edged as e
  ),
  counted as (
    select
      s.moment,
      s.next_moment,
      round(extract(epoch from s.next_moment - s.moment) / extract(epoch from source.update_frequency))::bigint - 1
        as missing
    from spaced as s
  )
  select c.moment + source.update_frequency, c.next_moment - source.update_frequency, c.missing
  from counted as c
  where c.missing > 0
  order by 1;
end
$$;

comment on function public.detect_gaps(int, timestamptz, timestamptz) is
  'Missing stretches of a source from range_start to range_end (both included, null: its first and last row): first and last missing moment and how many points are missing, by update_frequency; US sources by trading day.';
