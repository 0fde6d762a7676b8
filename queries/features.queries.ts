/** Types generated for queries found in "queries/features.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { FeaturesInput } from '../src/types/tables.js';

import type { Json } from '../src/types/pg-types.js';

export type DateOrString = Date | string;

export type FeaturesInputArray = (FeaturesInput)[];

export type NumberOrString = number | string;

/** 'UpsertMany' parameters type */
export interface IUpsertManyParams {
  /** Writes :rows. */
  rows: FeaturesInputArray;
}

/** 'UpsertMany' return type */
export interface IUpsertManyResult {
  written: string;
}

/** 'UpsertMany' query type */
export interface IUpsertManyQuery {
  params: IUpsertManyParams;
  result: IUpsertManyResult;
}

const upsertManyIR: any = {"usedParamSet":{"rows":true},"params":[{"name":"rows","required":true,"transform":{"type":"scalar"},"locs":[{"a":30,"b":35}]}],"statement":"select public.upsert_features(:rows!) as \"written!\"                                                                                                                                                                                                       "};

/**
 * Writes :rows. What a row does not name stays as it is, or gets its default when the row is new; null says that
 * there is nothing. Rows of the same key are written one after the other, and what is the same already is not
 * touched. A key that is no column is refused (SQLSTATE MD008). Write numbers as strings to keep their digits.
 *
 * Query generated from SQL:
 * ```
 * select public.upsert_features(:rows!) as "written!"                                                                                                                                                                                                       
 * ```
 */
export const upsertMany = new PreparedQuery<IUpsertManyParams,IUpsertManyResult>(upsertManyIR, 'features.upsertMany');


/** 'Range' parameters type */
export interface IRangeParams {
  /** For the next page pass the timestamp of the last row as :after. */
  after?: DateOrString | null | void;
  /** One page of :limit rows from :from (included) to :to (excluded), oldest first. */
  from: DateOrString;
  /** One page of :limit rows from :from (included) to :to (excluded), oldest first. */
  limit: NumberOrString;
  source_id: number;
  /** One page of :limit rows from :from (included) to :to (excluded), oldest first. */
  to: DateOrString;
}

/** 'Range' return type */
export interface IRangeResult {
  /** Future minus spot price. */
  basis_spread: string | null;
  /** When it was computed. */
  computed_at: Date;
  /** Further features, as a JSON object. */
  custom_features: Json;
  /** Version of the code that computed the row. */
  feature_set_version: string;
  /** Change of the funding rate. */
  funding_delta: string | null;
  /** Funding rate of the perpetual future. */
  funding_rate: string | null;
  /** Signal line of the MACD. */
  macd_signal: string | null;
  /** Moving average convergence divergence. */
  macd_value: string | null;
  /** Market regime, for example bull, bear, range. */
  regime: string | null;
  /** Probability of that regime, 0 to 1. */
  regime_probability: string | null;
  /** Change of the RSI. */
  rsi_momentum: string | null;
  /** Relative strength index, 0 to 100. */
  rsi_value: string | null;
  /** Mood of the mentions, -1 to 1 by convention. */
  social_sentiment: string | null;
  /** Number of mentions. */
  social_volume: string | null;
  /** The moment that they describe. */
  timestamp: Date;
  /** Standard deviation of returns over 30 days. */
  volatility_30d: string | null;
  /** Standard deviation of returns over 7 days. */
  volatility_7d: string | null;
  /** Standard deviation of returns over 90 days. */
  volatility_90d: string | null;
  /** Volume over volume_sma_20. */
  volume_ratio: string | null;
  /** Mean volume of 20 intervals. */
  volume_sma_20: string | null;
}

/** 'Range' query type */
export interface IRangeQuery {
  params: IRangeParams;
  result: IRangeResult;
}

const rangeIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true,"after":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":424,"b":434}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":457,"b":462}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":484,"b":487}]},{"name":"after","required":false,"transform":{"type":"scalar"},"locs":[{"a":518,"b":523}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":579,"b":585}]}],"statement":"select\n  f.timestamp,\n  f.volatility_7d,\n  f.volatility_30d,\n  f.volatility_90d,\n  f.rsi_value,\n  f.rsi_momentum,\n  f.macd_value,\n  f.macd_signal,\n  f.volume_sma_20,\n  f.volume_ratio,\n  f.funding_rate,\n  f.funding_delta,\n  f.basis_spread,\n  f.social_volume,\n  f.social_sentiment,\n  f.regime,\n  f.regime_probability,\n  f.custom_features,\n  f.feature_set_version,\n  f.computed_at\nfrom public.features as f\nwhere f.source_id = :source_id!\n  and f.timestamp >= :from!\n  and f.timestamp < :to!\n  and f.timestamp > coalesce(:after, '-infinity'::timestamptz)\norder by f.timestamp\nlimit :limit!"};

/**
 * One page of :limit rows from :from (included) to :to (excluded), oldest first. For the next page pass the
 * timestamp of the last row as :after.
 *
 * Query generated from SQL:
 * ```
 * select
 *   f.timestamp,
 *   f.volatility_7d,
 *   f.volatility_30d,
 *   f.volatility_90d,
 *   f.rsi_value,
 *   f.rsi_momentum,
 *   f.macd_value,
 *   f.macd_signal,
 *   f.volume_sma_20,
 *   f.volume_ratio,
 *   f.funding_rate,
 *   f.funding_delta,
 *   f.basis_spread,
 *   f.social_volume,
 *   f.social_sentiment,
 *   f.regime,
 *   f.regime_probability,
 *   f.custom_features,
 *   f.feature_set_version,
 *   f.computed_at
 * from public.features as f
 * where f.source_id = :source_id!
 *   and f.timestamp >= :from!
 *   and f.timestamp < :to!
 *   and f.timestamp > coalesce(:after, '-infinity'::timestamptz)
 * order by f.timestamp
 * limit :limit!
 * ```
 */
export const range = new PreparedQuery<IRangeParams,IRangeResult>(rangeIR, 'features.range');


