/*
 * Series cut into buckets of any width, and several series on one grid.
 */

/*
 * Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), computed
 * from the rows, at most :limit, the oldest first. Buckets without rows are left out. Weeks start on Monday, everything
 * is UTC.
 * @http GET /api/sources/{source}/candles
 * @cache closed
 * @cache 5 seconds
 */
/* @name buckets */
select
  r.bucket as "bucket!",
  public.first(coalesce(r.open, r.close), r.timestamp) as "open!",
  max(coalesce(r.high, r.close)) as "high!",
  min(coalesce(r.low, r.close)) as "low!",
  public.last(r.close, r.timestamp) as "close!",
  sum(r.volume) as volume,
  count(*) as "data_points!"
from (
  select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, d.close, d.volume
  from public.timeseries_data as d
  where d.source_id = :source_id!
    and d.timestamp >= :from!
    and d.timestamp < :to!
    and d.close is not null
  order by 1 offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart
) as r
group by 1
order by 1
limit :limit;

/*
 * As buckets, but without holes: a bucket without rows repeats the close before it, with volume 0 and no data points.
 * The last close before :from fills the buckets before the first row; null when there is none.
 */
/* @name filled */
with gapfilled as (
  select
    public.time_bucket_gapfill(:bucket!::interval, d.timestamp, :from!::timestamptz, :to!::timestamptz) as bucket,
    public.first(coalesce(d.open, d.close), d.timestamp) as open,
    max(coalesce(d.high, d.close)) as high,
    min(coalesce(d.low, d.close)) as low,
    public.locf(
      public.last(d.close, d.timestamp),
      (
        select b.close
        from public.timeseries_data as b
        where b.source_id = :source_id! and b.timestamp < :from! and b.close is not null
        order by b.timestamp desc
        limit 1
      )
    ) as close,
    sum(d.volume) as volume,
    count(*) as data_points
  from public.timeseries_data as d
  where d.source_id = :source_id!
    and d.timestamp >= :from!
    and d.timestamp < :to!
    and d.close is not null
  group by 1
)
select
  g.bucket as "bucket!",
  coalesce(g.open, g.close) as open,
  coalesce(g.high, g.close) as high,
  coalesce(g.low, g.close) as low,
  g.close,
  case when g.data_points is null then 0 else g.volume end as volume,
  coalesce(g.data_points, 0) as "data_points!"
from gapfilled as g
order by g.bucket;

/*
 * The level of a series, coalesce(close, value), in buckets without holes: its mean where there are rows (avg), and
 * for the others the value before (carried) and the point on the line between the neighbours (interpolated).
 */
/* @name filledLevels */
select
  public.time_bucket_gapfill(:bucket!::interval, d.timestamp, :from!::timestamptz, :to!::timestamptz) as "bucket!",
  avg(coalesce(d.close, d.value)) as avg,
  public.locf(avg(coalesce(d.close, d.value))) as carried,
  public.interpolate(avg(coalesce(d.close, d.value))) as interpolated
from public.timeseries_data as d
where d.source_id = :source_id!
  and d.timestamp >= :from!
  and d.timestamp < :to!
  and coalesce(d.close, d.value) is not null
group by 1
order by 1;

/*
 * Several series side by side on the daily grid of time_index, from :from (included) to :to (excluded). levels holds
 * the last level of each series on that day, in the order of :source_ids; null where it has none. With :carry the last
 * level is repeated until there is a new one, as one does with stock prices over a weekend.
 */
/* @name aligned */
with daily as (
  select
    d.source_id,
    public.time_bucket(interval '1 day', d.timestamp) as day,
    public.last(coalesce(d.close, d.value), d.timestamp) as level
  from public.timeseries_data as d
  where d.source_id = any (:source_ids!::int[])
    and d.timestamp >= :from!
    and d.timestamp < :to!
    and coalesce(d.close, d.value) is not null
  group by 1, 2
),
grid as (
  select
    t.timestamp,
    t.date_only,
    t.is_trading_day,
    k.position,
    daily.level,
    count(daily.level) over (partition by k.position order by t.timestamp) as run
  from public.time_index as t
  cross join unnest(:source_ids!::int[]) with ordinality as k (source_id, position)
  left join daily on daily.source_id = k.source_id and daily.day = t.timestamp
  where t.timestamp >= :from!
    and t.timestamp < :to!
),
carried as (
  select
    g.timestamp,
    g.date_only,
    g.is_trading_day,
    g.position,
    case when :carry! then max(g.level) over (partition by g.position, g.run) else g.level end as level
  from grid as g
)
select
  c.timestamp as "timestamp!",
  c.date_only as "date_only!",
  c.is_trading_day as "is_trading_day!",
  array_agg(c.level order by c.position) as "levels!"
from carried as c
group by c.timestamp, c.date_only, c.is_trading_day
order by c.timestamp;
