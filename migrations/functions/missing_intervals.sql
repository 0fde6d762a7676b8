create or replace function app_private.missing_intervals(
  source_id int, update_frequency interval, first_moment timestamptz, last_moment timestamptz
) returns table (gap_start timestamptz, gap_end timestamptz, missing_points bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with points as (
    select d.timestamp::timestamptz as moment
    from public.timeseries_data as d
    where d.source_id = missing_intervals.source_id and d.timestamp between first_moment and last_moment
  ),
  -- Between two rows; the distance may be off by up to half an interval.
  between_rows as (
    select p.moment + update_frequency as moment, n.missing
    from (select p.moment, lead(p.moment) over (order by p.moment) as next_moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(
        p.moment, p.next_moment + update_frequency / 2, update_frequency) - 1 as missing
    ) as n
    -- Counting is slow, and most rows are where they should be.
    where p.next_moment - p.moment > 1.4 * update_frequency
  ),
  -- Before the first and after the last row of the range, on the grid of that row.
  before_rows as (
    select p.moment - n.missing * update_frequency as moment, n.missing
    from (select min(p.moment) as moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(first_moment, p.moment, update_frequency) as missing
    ) as n
  ),
  after_rows as (
    select p.moment + update_frequency as moment, n.missing
    from (select max(p.moment) as moment from points as p) as p
    cross join lateral (
      select app_private.count_steps(p.moment, last_moment, update_frequency) as missing
    ) as n
  ),
  -- No row at all: the grid starts with the range.
  no_rows as (
    select
      first_moment as moment,
      app_private.count_steps(first_moment, last_moment, update_frequency) + 1 as missing
    where not exists (select from points)
  )
  select g.moment, g.moment + (g.missing - 1) * update_frequency, g.missing
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
$$;

comment on function app_private.missing_intervals(int, interval, timestamptz, timestamptz) is
  'Where the rows of a source lie further apart than its update_frequency.';
