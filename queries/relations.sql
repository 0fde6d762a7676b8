/*
 * What belongs to sources, for many of them in one statement: each of :source_ids gets rows of its own, as many as it
 * would get alone.
 */

/*
 * The newest row of each of :source_ids that has one.
 * @graphql Source.latest Row
 */
/* @name latest */
select
  k.source_id as "source_id!",
  d.timestamp,
  d.open,
  d.high,
  d.low,
  d.close,
  d.volume,
  d.value,
  d.quality_score,
  d.is_anomaly,
  d.is_validated
from unnest(:source_ids!::int[]) as k (source_id)
cross join lateral (
  select
    t.timestamp,
    t.open,
    t.high,
    t.low,
    t.close,
    t.volume,
    t.value,
    t.quality_score,
    t.is_anomaly,
    t.is_validated
  from public.timeseries_data as t
  where t.source_id = k.source_id
  order by t.timestamp desc
  limit 1
) as d;

/*
 * The rows of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more
 * than :limit the newest.
 * @graphql Source.rows Row[]
 */
/* @name rows */
select
  k.source_id as "source_id!",
  d.timestamp,
  d.open,
  d.high,
  d.low,
  d.close,
  d.volume,
  d.value,
  d.quality_score,
  d.is_anomaly,
  d.is_validated
from unnest(:source_ids!::int[]) as k (source_id)
cross join lateral (
  select
    t.timestamp,
    t.open,
    t.high,
    t.low,
    t.close,
    t.volume,
    t.value,
    t.quality_score,
    t.is_anomaly,
    t.is_validated
  from public.timeseries_data as t
  where t.source_id = k.source_id
    and t.timestamp >= coalesce(:from, '-infinity'::timestamptz)
    and t.timestamp < coalesce(:to, 'infinity'::timestamptz)
  order by t.timestamp desc
  limit :limit!
) as d
order by k.source_id, d.timestamp;

/*
 * Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) of each of :source_ids from :from (included) to :to
 * (excluded), oldest first; of more than :limit the newest.
 * @graphql Source.candles Candle[]
 */
/* @name candles */
select
  k.source_id as "source_id!",
  c.bucket as "bucket!",
  c.open as "open!",
  c.high as "high!",
  c.low as "low!",
  c.close as "close!",
  c.volume,
  c.data_points as "data_points!"
from unnest(:source_ids!::int[]) as k (source_id)
cross join lateral (
  select
    r.bucket,
    public.first(coalesce(r.open, r.close), r.timestamp) as open,
    max(coalesce(r.high, r.close)) as high,
    min(coalesce(r.low, r.close)) as low,
    public.last(r.close, r.timestamp) as close,
    sum(r.volume) as volume,
    count(*) as data_points
  from (
    select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, d.close, d.volume
    from public.timeseries_data as d
    where d.source_id = k.source_id
      and d.timestamp >= :from!
      and d.timestamp < :to!
      and d.close is not null
    order by 1 desc offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart
  ) as r
  group by 1
  order by 1 desc
  limit :limit!
) as c
order by k.source_id, c.bucket;

/*
 * Daily candles of each of :source_ids from :from (included) to :to (excluded), both may be left out, out of the
 * continuous aggregate, oldest first; of more than :limit the newest.
 * @graphql Source.dailyCandles Candle[]
 */
/* @name dailyCandles */
select
  k.source_id as "source_id!",
  c.day as "bucket!",
  c.open as "open!",
  c.high as "high!",
  c.low as "low!",
  c.close as "close!",
  c.volume,
  c.data_points as "data_points!"
from unnest(:source_ids!::int[]) as k (source_id)
cross join lateral (
  select a.day, a.open, a.high, a.low, a.close, a.volume, a.data_points
  from public.daily_ohlcv as a
  where a.source_id = k.source_id
    and a.day >= coalesce(:from, '-infinity'::timestamptz)
    and a.day < coalesce(:to, 'infinity'::timestamptz)
  order by a.day desc
  limit :limit!
) as c
order by k.source_id, c.day;

/*
 * What is unusual about each of :source_ids from :from (included) to :to (excluded), both may be left out, settled or
 * not, the newest first, at most :limit.
 * @graphql Source.anomalies Anomaly[]
 */
/* @name anomalies */
select
  k.source_id as "source_id!",
  a.anomaly_id,
  a.timestamp,
  a.detected_at,
  a.anomaly_type,
  a.severity,
  a.value,
  a.z_score,
  a.expected_value,
  a.deviation_pct,
  a.is_blackswan,
  a.reviewed,
  a.is_false_positive,
  a.resolved_at,
  a.resolved_by,
  a.resolution_notes,
  a.context
from unnest(:source_ids!::int[]) as k (source_id)
cross join lateral (
  select
    n.anomaly_id,
    n.timestamp,
    n.detected_at,
    n.anomaly_type,
    n.severity,
    n.value,
    n.z_score,
    n.expected_value,
    n.deviation_pct,
    n.is_blackswan,
    n.reviewed,
    n.is_false_positive,
    n.resolved_at,
    n.resolved_by,
    n.resolution_notes,
    n.context
  from public.anomalies as n
  where n.source_id = k.source_id
    and n.timestamp >= coalesce(:from, '-infinity'::timestamptz)
    and n.timestamp < coalesce(:to, 'infinity'::timestamptz)
  order by n.timestamp desc, n.anomaly_type
  limit :limit!
) as a
order by k.source_id, a.timestamp desc, a.anomaly_type;

/*
 * The gaps of each of :source_ids from :from to :to (both included, left out: its first and last row), the newest first,
 * at most :limit.
 * @graphql Source.gaps Gap[]
 */
/* @name gaps */
select
  k.source_id as "source_id!",
  g.gap_start as "gap_start!",
  g.gap_end as "gap_end!",
  g.missing_points as "missing_points!"
from unnest(:source_ids!::int[]) as k (source_id)
cross join lateral (
  select f.gap_start, f.gap_end, f.missing_points
  from public.detect_gaps(k.source_id, :from, :to) as f
  order by f.gap_start desc
  limit :limit!
) as g
order by k.source_id, g.gap_start desc;

/*
 * What each of :source_ids is computed from (upstream), and what is computed from it (downstream), at any depth, the
 * nearest first, at most :limit.
 * @graphql Source.lineage Relative[]
 */
/* @name lineage */
select
  k.source_id as "source_id!",
  r.direction as "direction!",
  r.depth as "depth!",
  r.relative_id as "relative_id!",
  r.name as "name!",
  r.display_name as "display_name!"
from unnest(:source_ids!::int[]) as k (source_id)
cross join lateral (
  select w.direction, w.depth, s.source_id as relative_id, s.name, s.display_name
  from (
    select 'upstream' as direction, u.source_id, u.depth
    from public.upstream_of(k.source_id) as u
    union all
    select 'downstream', d.source_id, d.depth
    from public.downstream_of(k.source_id) as d
  ) as w
  join public.sources as s on s.source_id = w.source_id
  order by w.direction desc, w.depth, s.name
  limit :limit!
) as r
order by k.source_id, r.direction desc, r.depth, r.name;

/*
 * Inputs of machine learning of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest
 * first; of more than :limit the newest.
 * @graphql Source.features Feature[]
 */
/* @name features */
select
  k.source_id as "source_id!",
  f.timestamp,
  f.volatility_7d,
  f.volatility_30d,
  f.volatility_90d,
  f.rsi_value,
  f.rsi_momentum,
  f.macd_value,
  f.macd_signal,
  f.volume_sma_20,
  f.volume_ratio,
  f.funding_rate,
  f.funding_delta,
  f.basis_spread,
  f.social_volume,
  f.social_sentiment,
  f.regime,
  f.regime_probability,
  f.custom_features,
  f.feature_set_version,
  f.computed_at
from unnest(:source_ids!::int[]) as k (source_id)
cross join lateral (
  select
    n.timestamp,
    n.volatility_7d,
    n.volatility_30d,
    n.volatility_90d,
    n.rsi_value,
    n.rsi_momentum,
    n.macd_value,
    n.macd_signal,
    n.volume_sma_20,
    n.volume_ratio,
    n.funding_rate,
    n.funding_delta,
    n.basis_spread,
    n.social_volume,
    n.social_sentiment,
    n.regime,
    n.regime_probability,
    n.custom_features,
    n.feature_set_version,
    n.computed_at
  from public.features as n
  where n.source_id = k.source_id
    and n.timestamp >= coalesce(:from, '-infinity'::timestamptz)
    and n.timestamp < coalesce(:to, 'infinity'::timestamptz)
  order by n.timestamp desc
  limit :limit!
) as f
order by k.source_id, f.timestamp;

/*
 * The predictions of each of :source_ids for moments from :from (included) to :to (excluded), both may be left out, scored
 * or not, oldest first; of more than :limit the newest.
 * @graphql Source.forecasts Forecast[]
 */
/* @name forecasts */
select
  k.source_id as "source_id!",
  f.forecast_id,
  f.forecast_timestamp,
  f.target_timestamp,
  f.predicted_value,
  f.confidence_lower,
  f.confidence_upper,
  f.confidence_level,
  f.model_id,
  f.model_name,
  f.model_version,
  f.model_parameters,
  f.actual_value,
  f.prediction_error,
  f.absolute_error,
  f.percentage_error
from unnest(:source_ids!::int[]) as k (source_id)
cross join lateral (
  select
    n.forecast_id,
    n.forecast_timestamp,
    n.target_timestamp,
    n.predicted_value,
    n.confidence_lower,
    n.confidence_upper,
    n.confidence_level,
    n.model_id,
    n.model_name,
    n.model_version,
    n.model_parameters,
    n.actual_value,
    n.prediction_error,
    n.absolute_error,
    n.percentage_error
  from public.forecasts as n
  where n.source_id = k.source_id
    and n.target_timestamp >= coalesce(:from, '-infinity'::timestamptz)
    and n.target_timestamp < coalesce(:to, 'infinity'::timestamptz)
  order by n.target_timestamp desc, n.forecast_id desc
  limit :limit!
) as f
order by k.source_id, f.target_timestamp, f.forecast_id;
