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
  -- Between two rows; the distance may be off by up to half an interval.
  between_rows as (
    select p.moment + source.update_frequency as moment, n.missing
    from (select p.moment, lead(p.moment) over (order by p.moment) as next_moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(
        p.moment, p.next_moment + source.update_frequency / 2, source.update_frequency) - 1 as missing
    ) as n
    -- Counting is slow, and most rows are where they should be.
    where p.next_moment - p.moment > 1.4 * source.update_frequency
  ),
  -- Before the first and after the last row of the range, on the grid of that row.
  before_rows as (
    select p.moment - n.missing * source.update_frequency as moment, n.missing
    from (select min(p.moment) as moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(first_moment, p.moment, source.update_frequency) as missing
    ) as n
  ),
  after_rows as (
    select p.moment + source.update_frequency as moment, n.missing
    from (select max(p.moment) as moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(p.moment, last_moment, source.update_frequency) as missing
    ) as n
  ),
  -- No row at all: the grid starts with the range.
  no_rows as (
    select
      first_moment as moment,
      app_private.count_steps(first_moment, last_moment, source.update_frequency) + 1 as missing
    where not exists (select from points)
  )
  select g.moment, g.moment + (g.missing - 1) * source.update_frequency, g.missing
  from (
    select * from before_rows
    union all
    select * from between_rows
    union all
    select * from after_rows
    union all
    select * from no_rows
  ) as g
  where g.missing > 0
  order by 1;
end
$$;

comment on function public.detect_gaps(int, timestamptz, timestamptz) is
  'Gaps of a source from range_start to range_end (both included, null: its first and last row): first and last missing moment and how many points are missing, by update_frequency; US sources by trading day.';
