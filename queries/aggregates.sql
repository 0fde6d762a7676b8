/*
 * The continuous aggregates: what dashboards ask for again and again, already computed.
 */

/*
 * Daily candles (UTC) from :from (included) to :to (excluded), at most :limit. For the next page pass the day of the last
 * one as :after.
 * @http GET /api/sources/{source}/candles/daily
 * @cache closed
 * @cache 5 seconds
 */
/* @name daily */
select
  a.day as "day!",
  a.open as "open!",
  a.high as "high!",
  a.low as "low!",
  a.close as "close!",
  a.volume,
  a.data_points as "data_points!"
from public.daily_ohlcv as a
where a.source_id = :source_id!
  and a.day >= :from!
  and a.day < :to!
  and a.day > coalesce(:after, '-infinity'::timestamptz)
order by a.day
limit :limit;

/*
 * Hourly candles from :from (included) to :to (excluded), at most :limit. For the next page pass the hour of the last
 * one as :after.
 * @http GET /api/sources/{source}/candles/hourly
 * @cache closed
 * @cache 5 seconds
 */
/* @name hourly */
select
  a.hour as "hour!",
  a.open as "open!",
  a.high as "high!",
  a.low as "low!",
  a.close as "close!",
  a.volume,
  a.data_points as "data_points!"
from public.hourly_ohlcv as a
where a.source_id = :source_id!
  and a.hour >= :from!
  and a.hour < :to!
  and a.hour > coalesce(:after, '-infinity'::timestamptz)
order by a.hour
limit :limit;

/* Hourly statistics of the level, for every kind of series, from :from (included) to :to (excluded). */
/* @name hourlyValues */
select
  a.hour as "hour!",
  a.avg_value as "avg_value!",
  a.min_value as "min_value!",
  a.max_value as "max_value!",
  a.last_value as "last_value!",
  a.volatility,
  a.data_points as "data_points!"
from public.hourly_values as a
where a.source_id = :source_id!
  and a.hour >= :from!
  and a.hour < :to!
order by a.hour;

/* Weekly statistics of level and quality from :from (included) to :to (excluded). Weeks start on Monday, UTC. */
/* @name weekly */
select
  a.week as "week!",
  a.avg_value,
  a.min_value,
  a.max_value,
  a.last_value,
  a.volatility,
  a.volume,
  a.data_points as "data_points!",
  a.anomalies as "anomalies!",
  a.invalid_points as "invalid_points!",
  round(a.quality_sum::numeric / a.data_points, 2) as "avg_quality_score!",
  a.min_quality as "min_quality!"
from public.weekly_stats as a
where a.source_id = :source_id!
  and a.week >= :from!
  and a.week < :to!
order by a.week;

/* How far the aggregates of this schema reach for a source. */
/* @name reach */
select 'daily_ohlcv' as "aggregate!", count(*) as "buckets!", min(d.day) as first_bucket, max(d.day) as last_bucket
from public.daily_ohlcv as d
where d.source_id = :source_id!
union all
select 'hourly_ohlcv', count(*), min(h.hour), max(h.hour)
from public.hourly_ohlcv as h
where h.source_id = :source_id!
union all
select 'hourly_values', count(*), min(v.hour), max(v.hour)
from public.hourly_values as v
where v.source_id = :source_id!
union all
select 'weekly_stats', count(*), min(w.week), max(w.week)
from public.weekly_stats as w
where w.source_id = :source_id!
order by 1;
