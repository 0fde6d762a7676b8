/*
 * Series in the form that chart libraries read, as one JSON text to send to the browser as it is: no row objects are
 * made on the way. Each point is an array that starts with the time in milliseconds. All digits are in the text.
 */

/*
 * Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), of more than
 * :limit the newest: [[ms, open, high, low, close, volume], …].
 * @http GET /api/sources/{source}/chart
 * @cache closed
 * @cache 5 seconds
 */
/* @name candles */
select
  -- Joined as texts, which takes half the time of json_agg. Only a volume may be missing.
  '[' || coalesce(
    string_agg(
      '[' || (extract(epoch from b.bucket) * 1000)::bigint || ',' || b.open || ',' || b.high || ',' || b.low || ',' || b.close
        || ',' || coalesce(b.volume::text, 'null') || ']',
      ',' order by b.bucket
    ),
    ''
  ) || ']' as "json!"
from (
  select
    r.bucket,
    public.first(coalesce(r.open, r.close), r.timestamp) as open,
    max(coalesce(r.high, r.close)) as high,
    min(coalesce(r.low, r.close)) as low,
    public.last(r.close, r.timestamp) as close,
    sum(r.volume) as volume
  from (
    select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, d.close, d.volume
    from public.timeseries_data as d
    where d.source_id = :source_id!
      and d.timestamp >= :from!
      and d.timestamp < :to!
      and d.close is not null
    order by 1 desc offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart
  ) as r
  group by 1
  order by 1 desc
  limit :limit
) as b;

/* Every row as a point of a line from :from (included) to :to (excluded): [[ms, level], …]. */
/* @name line */
select
  coalesce(
    json_agg(
      json_build_array((extract(epoch from d.timestamp) * 1000)::bigint, coalesce(d.close, d.value))
      order by d.timestamp
    ),
    '[]'
  )::text as "json!"
from public.timeseries_data as d
where d.source_id = :source_id!
  and d.timestamp >= :from!
  and d.timestamp < :to!
  and coalesce(d.close, d.value) is not null;

/*
 * A line with one point for each :bucket, its last level, for ranges with more rows than pixels, from :from (included) to
 * :to (excluded), of more than :limit points the newest: [[ms, level], …].
 * @http GET /api/sources/{source}/line
 * @cache closed
 * @cache 5 seconds
 */
/* @name thinnedLine */
select
  coalesce(
    json_agg(json_build_array((extract(epoch from b.bucket) * 1000)::bigint, b.level) order by b.bucket),
    '[]'
  )::text as "json!"
from (
  select
    r.bucket,
    public.last(r.level, r.timestamp) as level
  from (
    select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, coalesce(d.close, d.value) as level
    from public.timeseries_data as d
    where d.source_id = :source_id!
      and d.timestamp >= :from!
      and d.timestamp < :to!
      and coalesce(d.close, d.value) is not null
    order by 1 desc offset 0 -- likewise
  ) as r
  group by 1
  order by 1 desc
  limit :limit
) as b;
