-- A stock market series is complete when every trading day has a row.
create or replace function app_private.missing_days(
  source_id int, first_moment timestamptz, last_moment timestamptz
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
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
          where d.source_id = missing_days.source_id
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
$$;

comment on function app_private.missing_days(int, timestamptz, timestamptz) is
  'Runs of trading days of the US market on which a source has no row.';
