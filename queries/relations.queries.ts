/** Types generated for queries found in "queries/relations.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { Json } from '../src/types/pg-types.js';

export type anomalies_severity = 'CRITICAL' | 'HIGH' | 'LOW' | 'MEDIUM';

export type anomaly_type_enum = 'corrupt_data' | 'duplicate' | 'late_data' | 'missing_data' | 'outlier_4sigma' | 'outlier_6sigma';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

export type numberArray = (number | null)[];

/** 'Latest' parameters type */
export interface ILatestParams {
  /** The newest row of each of :source_ids that has one. */
  source_ids: numberArray;
}

/** 'Latest' return type */
export interface ILatestResult {
  /** Last price of the interval. */
  close: string | null;
  /** Highest price of the interval. */
  high: string | null;
  /** More than 4 sigma away from the 200 rows before it. Computed. */
  is_anomaly: boolean;
  /** False when a rule of severity ERROR is violated. Computed. */
  is_validated: boolean;
  /** Lowest price of the interval. */
  low: string | null;
  /** First price of the interval. */
  open: string | null;
  /** 0 to 100, computed by the database; what a client supplies is overwritten. */
  quality_score: number;
  source_id: number;
  /** Moment of the observation; for candles the opening time. Millisecond precision, years 1 to 9999. */
  timestamp: Date;
  /** The observation of a series that is not ohlcv. */
  value: string | null;
  /** Traded volume of the interval, in units of the base asset. */
  volume: string | null;
}

/** 'Latest' query type */
export interface ILatestQuery {
  params: ILatestParams;
  result: ILatestResult;
}

const latestIR: any = {"usedParamSet":{"source_ids":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":180,"b":191}]}],"statement":"select\n  k.source_id as \"source_id!\",\n  d.timestamp,\n  d.open,\n  d.high,\n  d.low,\n  d.close,\n  d.volume,\n  d.value,\n  d.quality_score,\n  d.is_anomaly,\n  d.is_validated\nfrom unnest(:source_ids!::int[]) as k (source_id)\ncross join lateral (\n  select\n    t.timestamp,\n    t.open,\n    t.high,\n    t.low,\n    t.close,\n    t.volume,\n    t.value,\n    t.quality_score,\n    t.is_anomaly,\n    t.is_validated\n  from public.timeseries_data as t\n  where t.source_id = k.source_id\n  order by t.timestamp desc\n  limit 1\n) as d                                                                                                                                                                                       "};

/**
 * The newest row of each of :source_ids that has one.
 *
 * Query generated from SQL:
 * ```
 * select
 *   k.source_id as "source_id!",
 *   d.timestamp,
 *   d.open,
 *   d.high,
 *   d.low,
 *   d.close,
 *   d.volume,
 *   d.value,
 *   d.quality_score,
 *   d.is_anomaly,
 *   d.is_validated
 * from unnest(:source_ids!::int[]) as k (source_id)
 * cross join lateral (
 *   select
 *     t.timestamp,
 *     t.open,
 *     t.high,
 *     t.low,
 *     t.close,
 *     t.volume,
 *     t.value,
 *     t.quality_score,
 *     t.is_anomaly,
 *     t.is_validated
 *   from public.timeseries_data as t
 *   where t.source_id = k.source_id
 *   order by t.timestamp desc
 *   limit 1
 * ) as d                                                                                                                                                                                       
 * ```
 */
export const latest = new PreparedQuery<ILatestParams,ILatestResult>(latestIR, 'relations.latest');


/** 'Rows' parameters type */
export interface IRowsParams {
  /** The rows of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more than :limit the newest. */
  from?: DateOrString | null | void;
  /** The rows of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more than :limit the newest. */
  limit: NumberOrString;
  /** The rows of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more than :limit the newest. */
  source_ids: numberArray;
  /** The rows of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more than :limit the newest. */
  to?: DateOrString | null | void;
}

/** 'Rows' return type */
export interface IRowsResult {
  /** Last price of the interval. */
  close: string | null;
  /** Highest price of the interval. */
  high: string | null;
  /** More than 4 sigma away from the 200 rows before it. Computed. */
  is_anomaly: boolean;
  /** False when a rule of severity ERROR is violated. Computed. */
  is_validated: boolean;
  /** Lowest price of the interval. */
  low: string | null;
  /** First price of the interval. */
  open: string | null;
  /** 0 to 100, computed by the database; what a client supplies is overwritten. */
  quality_score: number;
  source_id: number;
  /** Moment of the observation; for candles the opening time. Millisecond precision, years 1 to 9999. */
  timestamp: Date;
  /** The observation of a series that is not ohlcv. */
  value: string | null;
  /** Traded volume of the interval, in units of the base asset. */
  volume: string | null;
}

/** 'Rows' query type */
export interface IRowsQuery {
  params: IRowsParams;
  result: IRowsResult;
}

const rowsIR: any = {"usedParamSet":{"source_ids":true,"from":true,"to":true,"limit":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":180,"b":191}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":499,"b":503}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":563,"b":565}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":629,"b":635}]}],"statement":"select\n  k.source_id as \"source_id!\",\n  d.timestamp,\n  d.open,\n  d.high,\n  d.low,\n  d.close,\n  d.volume,\n  d.value,\n  d.quality_score,\n  d.is_anomaly,\n  d.is_validated\nfrom unnest(:source_ids!::int[]) as k (source_id)\ncross join lateral (\n  select\n    t.timestamp,\n    t.open,\n    t.high,\n    t.low,\n    t.close,\n    t.volume,\n    t.value,\n    t.quality_score,\n    t.is_anomaly,\n    t.is_validated\n  from public.timeseries_data as t\n  where t.source_id = k.source_id\n    and t.timestamp >= coalesce(:from, '-infinity'::timestamptz)\n    and t.timestamp < coalesce(:to, 'infinity'::timestamptz)\n  order by t.timestamp desc\n  limit :limit!\n) as d\norder by k.source_id, d.timestamp                                                                                                                                                                                                                               "};

/**
 * The rows of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more
 * than :limit the newest.
 *
 * Query generated from SQL:
 * ```
 * select
 *   k.source_id as "source_id!",
 *   d.timestamp,
 *   d.open,
 *   d.high,
 *   d.low,
 *   d.close,
 *   d.volume,
 *   d.value,
 *   d.quality_score,
 *   d.is_anomaly,
 *   d.is_validated
 * from unnest(:source_ids!::int[]) as k (source_id)
 * cross join lateral (
 *   select
 *     t.timestamp,
 *     t.open,
 *     t.high,
 *     t.low,
 *     t.close,
 *     t.volume,
 *     t.value,
 *     t.quality_score,
 *     t.is_anomaly,
 *     t.is_validated
 *   from public.timeseries_data as t
 *   where t.source_id = k.source_id
 *     and t.timestamp >= coalesce(:from, '-infinity'::timestamptz)
 *     and t.timestamp < coalesce(:to, 'infinity'::timestamptz)
 *   order by t.timestamp desc
 *   limit :limit!
 * ) as d
 * order by k.source_id, d.timestamp                                                                                                                                                                                                                               
 * ```
 */
export const rows = new PreparedQuery<IRowsParams,IRowsResult>(rowsIR, 'relations.rows');


/** 'Candles' parameters type */
export interface ICandlesParams {
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) of each of :source_ids from :from (included) to :to (excluded), oldest first; of more than :limit the newest. */
  bucket: string;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) of each of :source_ids from :from (included) to :to (excluded), oldest first; of more than :limit the newest. */
  from: DateOrString;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) of each of :source_ids from :from (included) to :to (excluded), oldest first; of more than :limit the newest. */
  limit: NumberOrString;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) of each of :source_ids from :from (included) to :to (excluded), oldest first; of more than :limit the newest. */
  source_ids: numberArray;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) of each of :source_ids from :from (included) to :to (excluded), oldest first; of more than :limit the newest. */
  to: DateOrString;
}

/** 'Candles' return type */
export interface ICandlesResult {
  bucket: Date;
  close: string;
  data_points: string;
  high: string;
  low: string;
  open: string;
  source_id: number;
  volume: string | null;
}

/** 'Candles' query type */
export interface ICandlesQuery {
  params: ICandlesParams;
  result: ICandlesResult;
}

const candlesIR: any = {"usedParamSet":{"source_ids":true,"bucket":true,"from":true,"to":true,"limit":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":205,"b":216}]},{"name":"bucket","required":true,"transform":{"type":"scalar"},"locs":[{"a":583,"b":590}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":779,"b":784}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":810,"b":813}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":1004,"b":1010}]}],"statement":"select\n  k.source_id as \"source_id!\",\n  c.bucket as \"bucket!\",\n  c.open as \"open!\",\n  c.high as \"high!\",\n  c.low as \"low!\",\n  c.close as \"close!\",\n  c.volume,\n  c.data_points as \"data_points!\"\nfrom unnest(:source_ids!::int[]) as k (source_id)\ncross join lateral (\n  select\n    r.bucket,\n    public.first(coalesce(r.open, r.close), r.timestamp) as open,\n    max(coalesce(r.high, r.close)) as high,\n    min(coalesce(r.low, r.close)) as low,\n    public.last(r.close, r.timestamp) as close,\n    sum(r.volume) as volume,\n    count(*) as data_points\n  from (\n    select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, d.close, d.volume\n    from public.timeseries_data as d\n    where d.source_id = k.source_id\n      and d.timestamp >= :from!\n      and d.timestamp < :to!\n      and d.close is not null\n    order by 1 desc offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart\n  ) as r\n  group by 1\n  order by 1 desc\n  limit :limit!\n) as c\norder by k.source_id, c.bucket                                                                                                                                                                                                                                        "};

/**
 * Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) of each of :source_ids from :from (included) to :to
 * (excluded), oldest first; of more than :limit the newest.
 *
 * Query generated from SQL:
 * ```
 * select
 *   k.source_id as "source_id!",
 *   c.bucket as "bucket!",
 *   c.open as "open!",
 *   c.high as "high!",
 *   c.low as "low!",
 *   c.close as "close!",
 *   c.volume,
 *   c.data_points as "data_points!"
 * from unnest(:source_ids!::int[]) as k (source_id)
 * cross join lateral (
 *   select
 *     r.bucket,
 *     public.first(coalesce(r.open, r.close), r.timestamp) as open,
 *     max(coalesce(r.high, r.close)) as high,
 *     min(coalesce(r.low, r.close)) as low,
 *     public.last(r.close, r.timestamp) as close,
 *     sum(r.volume) as volume,
 *     count(*) as data_points
 *   from (
 *     select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, d.close, d.volume
 *     from public.timeseries_data as d
 *     where d.source_id = k.source_id
 *       and d.timestamp >= :from!
 *       and d.timestamp < :to!
 *       and d.close is not null
 *     order by 1 desc offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart
 *   ) as r
 *   group by 1
 *   order by 1 desc
 *   limit :limit!
 * ) as c
 * order by k.source_id, c.bucket                                                                                                                                                                                                                                        
 * ```
 */
export const candles = new PreparedQuery<ICandlesParams,ICandlesResult>(candlesIR, 'relations.candles');


/** 'DailyCandles' parameters type */
export interface IDailyCandlesParams {
  /** Daily candles of each of :source_ids from :from (included) to :to (excluded), both may be left out, out of the continuous aggregate, oldest first; of more than :limit the newest. */
  from?: DateOrString | null | void;
  /** Daily candles of each of :source_ids from :from (included) to :to (excluded), both may be left out, out of the continuous aggregate, oldest first; of more than :limit the newest. */
  limit: NumberOrString;
  /** Daily candles of each of :source_ids from :from (included) to :to (excluded), both may be left out, out of the continuous aggregate, oldest first; of more than :limit the newest. */
  source_ids: numberArray;
  /** Daily candles of each of :source_ids from :from (included) to :to (excluded), both may be left out, out of the continuous aggregate, oldest first; of more than :limit the newest. */
  to?: DateOrString | null | void;
}

/** 'DailyCandles' return type */
export interface IDailyCandlesResult {
  /** Start of the day, UTC. */
  bucket: Date;
  /** Last price of the day. */
  close: string;
  /** Number of rows. */
  data_points: string;
  /** Highest price of the day. */
  high: string;
  /** Lowest price of the day. */
  low: string;
  /** First price of the day. */
  open: string;
  source_id: number;
  /** Volume of the day. */
  volume: string | null;
}

/** 'DailyCandles' query type */
export interface IDailyCandlesQuery {
  params: IDailyCandlesParams;
  result: IDailyCandlesResult;
}

const dailyCandlesIR: any = {"usedParamSet":{"source_ids":true,"from":true,"to":true,"limit":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":202,"b":213}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":424,"b":428}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":482,"b":484}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":542,"b":548}]}],"statement":"select\n  k.source_id as \"source_id!\",\n  c.day as \"bucket!\",\n  c.open as \"open!\",\n  c.high as \"high!\",\n  c.low as \"low!\",\n  c.close as \"close!\",\n  c.volume,\n  c.data_points as \"data_points!\"\nfrom unnest(:source_ids!::int[]) as k (source_id)\ncross join lateral (\n  select a.day, a.open, a.high, a.low, a.close, a.volume, a.data_points\n  from public.daily_ohlcv as a\n  where a.source_id = k.source_id\n    and a.day >= coalesce(:from, '-infinity'::timestamptz)\n    and a.day < coalesce(:to, 'infinity'::timestamptz)\n  order by a.day desc\n  limit :limit!\n) as c\norder by k.source_id, c.day                                                                                                                                                                                                              "};

/**
 * Daily candles of each of :source_ids from :from (included) to :to (excluded), both may be left out, out of the
 * continuous aggregate, oldest first; of more than :limit the newest.
 *
 * Query generated from SQL:
 * ```
 * select
 *   k.source_id as "source_id!",
 *   c.day as "bucket!",
 *   c.open as "open!",
 *   c.high as "high!",
 *   c.low as "low!",
 *   c.close as "close!",
 *   c.volume,
 *   c.data_points as "data_points!"
 * from unnest(:source_ids!::int[]) as k (source_id)
 * cross join lateral (
 *   select a.day, a.open, a.high, a.low, a.close, a.volume, a.data_points
 *   from public.daily_ohlcv as a
 *   where a.source_id = k.source_id
 *     and a.day >= coalesce(:from, '-infinity'::timestamptz)
 *     and a.day < coalesce(:to, 'infinity'::timestamptz)
 *   order by a.day desc
 *   limit :limit!
 * ) as c
 * order by k.source_id, c.day                                                                                                                                                                                                              
 * ```
 */
export const dailyCandles = new PreparedQuery<IDailyCandlesParams,IDailyCandlesResult>(dailyCandlesIR, 'relations.dailyCandles');


/** 'Anomalies' parameters type */
export interface IAnomaliesParams {
  /** What is unusual about each of :source_ids from :from (included) to :to (excluded), both may be left out, settled or not, the newest first, at most :limit. */
  from?: DateOrString | null | void;
  /** What is unusual about each of :source_ids from :from (included) to :to (excluded), both may be left out, settled or not, the newest first, at most :limit. */
  limit: NumberOrString;
  /** What is unusual about each of :source_ids from :from (included) to :to (excluded), both may be left out, settled or not, the newest first, at most :limit. */
  source_ids: numberArray;
  /** What is unusual about each of :source_ids from :from (included) to :to (excluded), both may be left out, settled or not, the newest first, at most :limit. */
  to?: DateOrString | null | void;
}

/** 'Anomalies' return type */
export interface IAnomaliesResult {
  /** Key of the anomaly. */
  anomaly_id: string;
  /** What is unusual. */
  anomaly_type: anomaly_type_enum;
  /** Details, for example {"flat_history": true} or the extent of a gap. */
  context: Json;
  /** When it was found. */
  detected_at: Date;
  /** Distance from the mean, in percent of the mean. */
  deviation_pct: string | null;
  /** Mean of the 200 rows before. */
  expected_value: string | null;
  /** Beyond 6 sigma, or a change after a flat history. */
  is_blackswan: boolean;
  /** Somebody found the row to be right. */
  is_false_positive: boolean;
  /** How it was settled. */
  resolution_notes: string | null;
  /** When it was settled; null while open. */
  resolved_at: Date | null;
  /** Who settled it; system when a correction brought the row back inside. */
  resolved_by: string | null;
  /** Somebody has looked at it. */
  reviewed: boolean;
  /** LOW, MEDIUM, HIGH or CRITICAL. */
  severity: anomalies_severity;
  source_id: number;
  /** The row; for missing_data the first missing moment. */
  timestamp: Date;
  /** Level of the row: coalesce(close, value). */
  value: string | null;
  /** Distance from the mean of the 200 rows before, in sample standard deviations; null after a flat history. */
  z_score: string | null;
}

/** 'Anomalies' query type */
export interface IAnomaliesQuery {
  params: IAnomaliesParams;
  result: IAnomaliesResult;
}

const anomaliesIR: any = {"usedParamSet":{"source_ids":true,"from":true,"to":true,"limit":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":316,"b":327}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":777,"b":781}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":841,"b":843}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":923,"b":929}]}],"statement":"select\n  k.source_id as \"source_id!\",\n  a.anomaly_id,\n  a.timestamp,\n  a.detected_at,\n  a.anomaly_type,\n  a.severity,\n  a.value,\n  a.z_score,\n  a.expected_value,\n  a.deviation_pct,\n  a.is_blackswan,\n  a.reviewed,\n  a.is_false_positive,\n  a.resolved_at,\n  a.resolved_by,\n  a.resolution_notes,\n  a.context\nfrom unnest(:source_ids!::int[]) as k (source_id)\ncross join lateral (\n  select\n    n.anomaly_id,\n    n.timestamp,\n    n.detected_at,\n    n.anomaly_type,\n    n.severity,\n    n.value,\n    n.z_score,\n    n.expected_value,\n    n.deviation_pct,\n    n.is_blackswan,\n    n.reviewed,\n    n.is_false_positive,\n    n.resolved_at,\n    n.resolved_by,\n    n.resolution_notes,\n    n.context\n  from public.anomalies as n\n  where n.source_id = k.source_id\n    and n.timestamp >= coalesce(:from, '-infinity'::timestamptz)\n    and n.timestamp < coalesce(:to, 'infinity'::timestamptz)\n  order by n.timestamp desc, n.anomaly_type\n  limit :limit!\n) as a\norder by k.source_id, a.timestamp desc, a.anomaly_type                                                                                                                                                                                 "};

/**
 * What is unusual about each of :source_ids from :from (included) to :to (excluded), both may be left out, settled or
 * not, the newest first, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   k.source_id as "source_id!",
 *   a.anomaly_id,
 *   a.timestamp,
 *   a.detected_at,
 *   a.anomaly_type,
 *   a.severity,
 *   a.value,
 *   a.z_score,
 *   a.expected_value,
 *   a.deviation_pct,
 *   a.is_blackswan,
 *   a.reviewed,
 *   a.is_false_positive,
 *   a.resolved_at,
 *   a.resolved_by,
 *   a.resolution_notes,
 *   a.context
 * from unnest(:source_ids!::int[]) as k (source_id)
 * cross join lateral (
 *   select
 *     n.anomaly_id,
 *     n.timestamp,
 *     n.detected_at,
 *     n.anomaly_type,
 *     n.severity,
 *     n.value,
 *     n.z_score,
 *     n.expected_value,
 *     n.deviation_pct,
 *     n.is_blackswan,
 *     n.reviewed,
 *     n.is_false_positive,
 *     n.resolved_at,
 *     n.resolved_by,
 *     n.resolution_notes,
 *     n.context
 *   from public.anomalies as n
 *   where n.source_id = k.source_id
 *     and n.timestamp >= coalesce(:from, '-infinity'::timestamptz)
 *     and n.timestamp < coalesce(:to, 'infinity'::timestamptz)
 *   order by n.timestamp desc, n.anomaly_type
 *   limit :limit!
 * ) as a
 * order by k.source_id, a.timestamp desc, a.anomaly_type                                                                                                                                                                                 
 * ```
 */
export const anomalies = new PreparedQuery<IAnomaliesParams,IAnomaliesResult>(anomaliesIR, 'relations.anomalies');


/** 'Gaps' parameters type */
export interface IGapsParams {
  /** The gaps of each of :source_ids from :from to :to (both included, left out: its first and last row), the newest first, at most :limit. */
  from?: DateOrString | null | void;
  /** The gaps of each of :source_ids from :from to :to (both included, left out: its first and last row), the newest first, at most :limit. */
  limit: NumberOrString;
  /** The gaps of each of :source_ids from :from to :to (both included, left out: its first and last row), the newest first, at most :limit. */
  source_ids: numberArray;
  /** The gaps of each of :source_ids from :from to :to (both included, left out: its first and last row), the newest first, at most :limit. */
  to?: DateOrString | null | void;
}

/** 'Gaps' return type */
export interface IGapsResult {
  gap_end: Date;
  gap_start: Date;
  missing_points: string;
  source_id: number;
}

/** 'Gaps' query type */
export interface IGapsQuery {
  params: IGapsParams;
  result: IGapsResult;
}

const gapsIR: any = {"usedParamSet":{"source_ids":true,"from":true,"to":true,"limit":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":148,"b":159}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":296,"b":300}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":303,"b":305}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":349,"b":355}]}],"statement":"select\n  k.source_id as \"source_id!\",\n  g.gap_start as \"gap_start!\",\n  g.gap_end as \"gap_end!\",\n  g.missing_points as \"missing_points!\"\nfrom unnest(:source_ids!::int[]) as k (source_id)\ncross join lateral (\n  select f.gap_start, f.gap_end, f.missing_points\n  from public.detect_gaps(k.source_id, :from, :to) as f\n  order by f.gap_start desc\n  limit :limit!\n) as g\norder by k.source_id, g.gap_start desc                                                                                                                                                                                                    "};

/**
 * The gaps of each of :source_ids from :from to :to (both included, left out: its first and last row), the newest first,
 * at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   k.source_id as "source_id!",
 *   g.gap_start as "gap_start!",
 *   g.gap_end as "gap_end!",
 *   g.missing_points as "missing_points!"
 * from unnest(:source_ids!::int[]) as k (source_id)
 * cross join lateral (
 *   select f.gap_start, f.gap_end, f.missing_points
 *   from public.detect_gaps(k.source_id, :from, :to) as f
 *   order by f.gap_start desc
 *   limit :limit!
 * ) as g
 * order by k.source_id, g.gap_start desc                                                                                                                                                                                                    
 * ```
 */
export const gaps = new PreparedQuery<IGapsParams,IGapsResult>(gapsIR, 'relations.gaps');


/** 'Lineage' parameters type */
export interface ILineageParams {
  /** What each of :source_ids is computed from (upstream), and what is computed from it (downstream), at any depth, the nearest first, at most :limit. */
  limit: NumberOrString;
  /** What each of :source_ids is computed from (upstream), and what is computed from it (downstream), at any depth, the nearest first, at most :limit. */
  source_ids: numberArray;
}

/** 'Lineage' return type */
export interface ILineageResult {
  depth: number;
  direction: string;
  /** Name for people. */
  display_name: string;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** Key of the source. */
  relative_id: number;
  source_id: number;
}

/** 'Lineage' query type */
export interface ILineageQuery {
  params: ILineageParams;
  result: ILineageResult;
}

const lineageIR: any = {"usedParamSet":{"source_ids":true,"limit":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":196,"b":207}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":675,"b":681}]}],"statement":"select\n  k.source_id as \"source_id!\",\n  r.direction as \"direction!\",\n  r.depth as \"depth!\",\n  r.relative_id as \"relative_id!\",\n  r.name as \"name!\",\n  r.display_name as \"display_name!\"\nfrom unnest(:source_ids!::int[]) as k (source_id)\ncross join lateral (\n  select w.direction, w.depth, s.source_id as relative_id, s.name, s.display_name\n  from (\n    select 'upstream' as direction, u.source_id, u.depth\n    from public.upstream_of(k.source_id) as u\n    union all\n    select 'downstream', d.source_id, d.depth\n    from public.downstream_of(k.source_id) as d\n  ) as w\n  join public.sources as s on s.source_id = w.source_id\n  order by w.direction desc, w.depth, s.name\n  limit :limit!\n) as r\norder by k.source_id, r.direction desc, r.depth, r.name                                                                                                                                                                                                                 "};

/**
 * What each of :source_ids is computed from (upstream), and what is computed from it (downstream), at any depth, the
 * nearest first, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   k.source_id as "source_id!",
 *   r.direction as "direction!",
 *   r.depth as "depth!",
 *   r.relative_id as "relative_id!",
 *   r.name as "name!",
 *   r.display_name as "display_name!"
 * from unnest(:source_ids!::int[]) as k (source_id)
 * cross join lateral (
 *   select w.direction, w.depth, s.source_id as relative_id, s.name, s.display_name
 *   from (
 *     select 'upstream' as direction, u.source_id, u.depth
 *     from public.upstream_of(k.source_id) as u
 *     union all
 *     select 'downstream', d.source_id, d.depth
 *     from public.downstream_of(k.source_id) as d
 *   ) as w
 *   join public.sources as s on s.source_id = w.source_id
 *   order by w.direction desc, w.depth, s.name
 *   limit :limit!
 * ) as r
 * order by k.source_id, r.direction desc, r.depth, r.name                                                                                                                                                                                                                 
 * ```
 */
export const lineage = new PreparedQuery<ILineageParams,ILineageResult>(lineageIR, 'relations.lineage');


/** 'Features' parameters type */
export interface IFeaturesParams {
  /** Inputs of machine learning of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more than :limit the newest. */
  from?: DateOrString | null | void;
  /** Inputs of machine learning of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more than :limit the newest. */
  limit: NumberOrString;
  /** Inputs of machine learning of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more than :limit the newest. */
  source_ids: numberArray;
  /** Inputs of machine learning of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest first; of more than :limit the newest. */
  to?: DateOrString | null | void;
}

/** 'Features' return type */
export interface IFeaturesResult {
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
  source_id: number;
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

/** 'Features' query type */
export interface IFeaturesQuery {
  params: IFeaturesParams;
  result: IFeaturesResult;
}

const featuresIR: any = {"usedParamSet":{"source_ids":true,"from":true,"to":true,"limit":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":421,"b":432}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":994,"b":998}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":1058,"b":1060}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":1124,"b":1130}]}],"statement":"select\n  k.source_id as \"source_id!\",\n  f.timestamp,\n  f.volatility_7d,\n  f.volatility_30d,\n  f.volatility_90d,\n  f.rsi_value,\n  f.rsi_momentum,\n  f.macd_value,\n  f.macd_signal,\n  f.volume_sma_20,\n  f.volume_ratio,\n  f.funding_rate,\n  f.funding_delta,\n  f.basis_spread,\n  f.social_volume,\n  f.social_sentiment,\n  f.regime,\n  f.regime_probability,\n  f.custom_features,\n  f.feature_set_version,\n  f.computed_at\nfrom unnest(:source_ids!::int[]) as k (source_id)\ncross join lateral (\n  select\n    n.timestamp,\n    n.volatility_7d,\n    n.volatility_30d,\n    n.volatility_90d,\n    n.rsi_value,\n    n.rsi_momentum,\n    n.macd_value,\n    n.macd_signal,\n    n.volume_sma_20,\n    n.volume_ratio,\n    n.funding_rate,\n    n.funding_delta,\n    n.basis_spread,\n    n.social_volume,\n    n.social_sentiment,\n    n.regime,\n    n.regime_probability,\n    n.custom_features,\n    n.feature_set_version,\n    n.computed_at\n  from public.features as n\n  where n.source_id = k.source_id\n    and n.timestamp >= coalesce(:from, '-infinity'::timestamptz)\n    and n.timestamp < coalesce(:to, 'infinity'::timestamptz)\n  order by n.timestamp desc\n  limit :limit!\n) as f\norder by k.source_id, f.timestamp                                                                                                                                                                                                                                   "};

/**
 * Inputs of machine learning of each of :source_ids from :from (included) to :to (excluded), both may be left out, oldest
 * first; of more than :limit the newest.
 *
 * Query generated from SQL:
 * ```
 * select
 *   k.source_id as "source_id!",
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
 * from unnest(:source_ids!::int[]) as k (source_id)
 * cross join lateral (
 *   select
 *     n.timestamp,
 *     n.volatility_7d,
 *     n.volatility_30d,
 *     n.volatility_90d,
 *     n.rsi_value,
 *     n.rsi_momentum,
 *     n.macd_value,
 *     n.macd_signal,
 *     n.volume_sma_20,
 *     n.volume_ratio,
 *     n.funding_rate,
 *     n.funding_delta,
 *     n.basis_spread,
 *     n.social_volume,
 *     n.social_sentiment,
 *     n.regime,
 *     n.regime_probability,
 *     n.custom_features,
 *     n.feature_set_version,
 *     n.computed_at
 *   from public.features as n
 *   where n.source_id = k.source_id
 *     and n.timestamp >= coalesce(:from, '-infinity'::timestamptz)
 *     and n.timestamp < coalesce(:to, 'infinity'::timestamptz)
 *   order by n.timestamp desc
 *   limit :limit!
 * ) as f
 * order by k.source_id, f.timestamp                                                                                                                                                                                                                                   
 * ```
 */
export const features = new PreparedQuery<IFeaturesParams,IFeaturesResult>(featuresIR, 'relations.features');


/** 'Forecasts' parameters type */
export interface IForecastsParams {
  /** The predictions of each of :source_ids for moments from :from (included) to :to (excluded), both may be left out, scored or not, oldest first; of more than :limit the newest. */
  from?: DateOrString | null | void;
  /** The predictions of each of :source_ids for moments from :from (included) to :to (excluded), both may be left out, scored or not, oldest first; of more than :limit the newest. */
  limit: NumberOrString;
  /** The predictions of each of :source_ids for moments from :from (included) to :to (excluded), both may be left out, scored or not, oldest first; of more than :limit the newest. */
  source_ids: numberArray;
  /** The predictions of each of :source_ids for moments from :from (included) to :to (excluded), both may be left out, scored or not, oldest first; of more than :limit the newest. */
  to?: DateOrString | null | void;
}

/** 'Forecasts' return type */
export interface IForecastsResult {
  /** Absolute prediction_error. */
  absolute_error: string | null;
  /** Level of the row at target_timestamp, filled by score_forecasts(). */
  actual_value: string | null;
  /** Level of the interval, for example 0.95. */
  confidence_level: string | null;
  /** Lower end of the confidence interval. */
  confidence_lower: string | null;
  /** Upper end of the confidence interval. */
  confidence_upper: string | null;
  /** Key of the forecast. */
  forecast_id: string;
  /** When it was predicted. */
  forecast_timestamp: Date;
  /** The registered model, if it is one. */
  model_id: number | null;
  /** Name of the model. */
  model_name: string;
  /** Parameters of this run. */
  model_parameters: Json;
  /** Version of the model. */
  model_version: string;
  /** 100 × absolute_error / |actual_value|; null when that is 0. */
  percentage_error: string | null;
  /** Predicted level. */
  predicted_value: string;
  /** predicted_value - actual_value. */
  prediction_error: string | null;
  source_id: number;
  /** The moment that is predicted. */
  target_timestamp: Date;
}

/** 'Forecasts' query type */
export interface IForecastsQuery {
  params: IForecastsParams;
  result: IForecastsResult;
}

const forecastsIR: any = {"usedParamSet":{"source_ids":true,"from":true,"to":true,"limit":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":352,"b":363}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":854,"b":858}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":925,"b":927}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":1018,"b":1024}]}],"statement":"select\n  k.source_id as \"source_id!\",\n  f.forecast_id,\n  f.forecast_timestamp,\n  f.target_timestamp,\n  f.predicted_value,\n  f.confidence_lower,\n  f.confidence_upper,\n  f.confidence_level,\n  f.model_id,\n  f.model_name,\n  f.model_version,\n  f.model_parameters,\n  f.actual_value,\n  f.prediction_error,\n  f.absolute_error,\n  f.percentage_error\nfrom unnest(:source_ids!::int[]) as k (source_id)\ncross join lateral (\n  select\n    n.forecast_id,\n    n.forecast_timestamp,\n    n.target_timestamp,\n    n.predicted_value,\n    n.confidence_lower,\n    n.confidence_upper,\n    n.confidence_level,\n    n.model_id,\n    n.model_name,\n    n.model_version,\n    n.model_parameters,\n    n.actual_value,\n    n.prediction_error,\n    n.absolute_error,\n    n.percentage_error\n  from public.forecasts as n\n  where n.source_id = k.source_id\n    and n.target_timestamp >= coalesce(:from, '-infinity'::timestamptz)\n    and n.target_timestamp < coalesce(:to, 'infinity'::timestamptz)\n  order by n.target_timestamp desc, n.forecast_id desc\n  limit :limit!\n) as f\norder by k.source_id, f.target_timestamp, f.forecast_id"};

/**
 * The predictions of each of :source_ids for moments from :from (included) to :to (excluded), both may be left out, scored
 * or not, oldest first; of more than :limit the newest.
 *
 * Query generated from SQL:
 * ```
 * select
 *   k.source_id as "source_id!",
 *   f.forecast_id,
 *   f.forecast_timestamp,
 *   f.target_timestamp,
 *   f.predicted_value,
 *   f.confidence_lower,
 *   f.confidence_upper,
 *   f.confidence_level,
 *   f.model_id,
 *   f.model_name,
 *   f.model_version,
 *   f.model_parameters,
 *   f.actual_value,
 *   f.prediction_error,
 *   f.absolute_error,
 *   f.percentage_error
 * from unnest(:source_ids!::int[]) as k (source_id)
 * cross join lateral (
 *   select
 *     n.forecast_id,
 *     n.forecast_timestamp,
 *     n.target_timestamp,
 *     n.predicted_value,
 *     n.confidence_lower,
 *     n.confidence_upper,
 *     n.confidence_level,
 *     n.model_id,
 *     n.model_name,
 *     n.model_version,
 *     n.model_parameters,
 *     n.actual_value,
 *     n.prediction_error,
 *     n.absolute_error,
 *     n.percentage_error
 *   from public.forecasts as n
 *   where n.source_id = k.source_id
 *     and n.target_timestamp >= coalesce(:from, '-infinity'::timestamptz)
 *     and n.target_timestamp < coalesce(:to, 'infinity'::timestamptz)
 *   order by n.target_timestamp desc, n.forecast_id desc
 *   limit :limit!
 * ) as f
 * order by k.source_id, f.target_timestamp, f.forecast_id
 * ```
 */
export const forecasts = new PreparedQuery<IForecastsParams,IForecastsResult>(forecastsIR, 'relations.forecasts');


