/*
 * Inputs of machine learning, one row per source and moment.
 */

/*
 * Writes rows, given as the JSON text of an array of objects with the names of the columns; source_id and timestamp are
 * required. Write numbers as strings to keep their digits. A row replaces the one that was there as a whole; of two
 * with the same key the last one counts.
 */
/* @name upsertMany */
with given as (
  select distinct on (f.source_id, f.timestamp)
    f.source_id, f.timestamp, f.volatility_7d, f.volatility_30d, f.volatility_90d, f.rsi_value, f.rsi_momentum,
    f.macd_value, f.macd_signal, f.volume_sma_20, f.volume_ratio, f.funding_rate, f.funding_delta, f.basis_spread,
    f.social_volume, f.social_sentiment, f.regime, f.regime_probability, f.custom_features, f.feature_set_version
  from json_populate_recordset(null::public.features, :rows!) with ordinality as f
  order by f.source_id, f.timestamp, f.ordinality desc
),
written as (
  insert into public.features (
    source_id, timestamp, volatility_7d, volatility_30d, volatility_90d, rsi_value, rsi_momentum, macd_value,
    macd_signal, volume_sma_20, volume_ratio, funding_rate, funding_delta, basis_spread, social_volume,
    social_sentiment, regime, regime_probability, custom_features, feature_set_version
  )
  select
    f.source_id, f.timestamp, f.volatility_7d, f.volatility_30d, f.volatility_90d, f.rsi_value, f.rsi_momentum,
    f.macd_value, f.macd_signal, f.volume_sma_20, f.volume_ratio, f.funding_rate, f.funding_delta, f.basis_spread,
    f.social_volume, f.social_sentiment, f.regime, f.regime_probability, coalesce(f.custom_features, '{}'),
    coalesce(f.feature_set_version, 'v1')
  from given as f
  order by f.source_id, f.timestamp
  on conflict (source_id, timestamp) do update
  set
    volatility_7d = excluded.volatility_7d,
    volatility_30d = excluded.volatility_30d,
    volatility_90d = excluded.volatility_90d,
    rsi_value = excluded.rsi_value,
    rsi_momentum = excluded.rsi_momentum,
    macd_value = excluded.macd_value,
    macd_signal = excluded.macd_signal,
    volume_sma_20 = excluded.volume_sma_20,
    volume_ratio = excluded.volume_ratio,
    funding_rate = excluded.funding_rate,
    funding_delta = excluded.funding_delta,
    basis_spread = excluded.basis_spread,
    social_volume = excluded.social_volume,
    social_sentiment = excluded.social_sentiment,
    regime = excluded.regime,
    regime_probability = excluded.regime_probability,
    custom_features = excluded.custom_features,
    feature_set_version = excluded.feature_set_version,
    computed_at = now()
  returning source_id
)
select count(*) as "written!"
from written;

/*
 * One page of :limit rows from :from (included) to :to (excluded), oldest first. For the next page pass the
 * timestamp of the last row as :after.
 */
/* @name range */
select
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
from public.features as f
where f.source_id = :source_id!
  and f.timestamp >= :from!
  and f.timestamp < :to!
  and f.timestamp > coalesce(:after, '-infinity'::timestamptz)
order by f.timestamp
limit :limit!;
