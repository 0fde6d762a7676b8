/*
 * Inputs of machine learning, one row per source and moment.
 */

/*
 * Writes :rows. What a row does not name stays as it is, or gets its default when the row is new; null says that
 * there is nothing. Rows of the same key are written one after the other, and what is the same already is not
 * touched. A key that is no column is refused (SQLSTATE MD008). Write numbers as strings to keep their digits.
 */
/* @name upsertMany */
select public.upsert_features(:rows!) as "written!";

/*
 * One page of :limit rows from :from (included) to :to (excluded), oldest first. For the next page pass the
 * timestamp of the last row as :after.
 * @http GET /api/sources/{source}/features
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
