/** Types generated for queries found in "queries/charts.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

/** 'Candles' parameters type */
export interface ICandlesParams {
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), of more than :limit the newest: [[ms, open, high, low, close, volume], …]. */
  bucket: string;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), of more than :limit the newest: [[ms, open, high, low, close, volume], …]. */
  from: DateOrString;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), of more than :limit the newest: [[ms, open, high, low, close, volume], …]. */
  limit?: NumberOrString | null | void;
  source_id: number;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), of more than :limit the newest: [[ms, open, high, low, close, volume], …]. */
  to: DateOrString;
}

/** 'Candles' return type */
export interface ICandlesResult {
  json: string;
}

/** 'Candles' query type */
export interface ICandlesQuery {
  params: ICandlesParams;
  result: ICandlesResult;
}

const candlesIR: any = {"usedParamSet":{"bucket":true,"source_id":true,"from":true,"to":true,"limit":true},"params":[{"name":"bucket","required":true,"transform":{"type":"scalar"},"locs":[{"a":680,"b":687}]},{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":839,"b":849}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":876,"b":881}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":907,"b":910}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":1101,"b":1106}]}],"statement":"select\n  -- Joined as texts, which takes half the time of json_agg. Only a volume may be missing.\n  '[' || coalesce(\n    string_agg(\n      '[' || (extract(epoch from b.bucket) * 1000)::bigint || ',' || b.open || ',' || b.high || ',' || b.low || ',' || b.close\n        || ',' || coalesce(b.volume::text, 'null') || ']',\n      ',' order by b.bucket\n    ),\n    ''\n  ) || ']' as \"json!\"\nfrom (\n  select\n    r.bucket,\n    public.first(coalesce(r.open, r.close), r.timestamp) as open,\n    max(coalesce(r.high, r.close)) as high,\n    min(coalesce(r.low, r.close)) as low,\n    public.last(r.close, r.timestamp) as close,\n    sum(r.volume) as volume\n  from (\n    select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, d.close, d.volume\n    from public.timeseries_data as d\n    where d.source_id = :source_id!\n      and d.timestamp >= :from!\n      and d.timestamp < :to!\n      and d.close is not null\n    order by 1 desc offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart\n  ) as r\n  group by 1\n  order by 1 desc\n  limit :limit\n) as b                                                                                               "};

/**
 * Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), of more than
 * :limit the newest: [[ms, open, high, low, close, volume], …].
 *
 * Query generated from SQL:
 * ```
 * select
 *   -- Joined as texts, which takes half the time of json_agg. Only a volume may be missing.
 *   '[' || coalesce(
 *     string_agg(
 *       '[' || (extract(epoch from b.bucket) * 1000)::bigint || ',' || b.open || ',' || b.high || ',' || b.low || ',' || b.close
 *         || ',' || coalesce(b.volume::text, 'null') || ']',
 *       ',' order by b.bucket
 *     ),
 *     ''
 *   ) || ']' as "json!"
 * from (
 *   select
 *     r.bucket,
 *     public.first(coalesce(r.open, r.close), r.timestamp) as open,
 *     max(coalesce(r.high, r.close)) as high,
 *     min(coalesce(r.low, r.close)) as low,
 *     public.last(r.close, r.timestamp) as close,
 *     sum(r.volume) as volume
 *   from (
 *     select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, d.close, d.volume
 *     from public.timeseries_data as d
 *     where d.source_id = :source_id!
 *       and d.timestamp >= :from!
 *       and d.timestamp < :to!
 *       and d.close is not null
 *     order by 1 desc offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart
 *   ) as r
 *   group by 1
 *   order by 1 desc
 *   limit :limit
 * ) as b                                                                                               
 * ```
 */
export const candles = new PreparedQuery<ICandlesParams,ICandlesResult>(candlesIR, 'charts.candles');


/** 'Line' parameters type */
export interface ILineParams {
  /** Every row as a point of a line from :from (included) to :to (excluded): [[ms, level], …]. */
  from: DateOrString;
  source_id: number;
  /** Every row as a point of a line from :from (included) to :to (excluded): [[ms, level], …]. */
  to: DateOrString;
}

/** 'Line' return type */
export interface ILineResult {
  json: string;
}

/** 'Line' query type */
export interface ILineQuery {
  params: ILineParams;
  result: ILineResult;
}

const lineIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":251,"b":261}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":284,"b":289}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":311,"b":314}]}],"statement":"select\n  coalesce(\n    json_agg(\n      json_build_array((extract(epoch from d.timestamp) * 1000)::bigint, coalesce(d.close, d.value))\n      order by d.timestamp\n    ),\n    '[]'\n  )::text as \"json!\"\nfrom public.timeseries_data as d\nwhere d.source_id = :source_id!\n  and d.timestamp >= :from!\n  and d.timestamp < :to!\n  and coalesce(d.close, d.value) is not null                                                                                                                                                                                                                                                                                          "};

/**
 * Every row as a point of a line from :from (included) to :to (excluded): [[ms, level], …].
 *
 * Query generated from SQL:
 * ```
 * select
 *   coalesce(
 *     json_agg(
 *       json_build_array((extract(epoch from d.timestamp) * 1000)::bigint, coalesce(d.close, d.value))
 *       order by d.timestamp
 *     ),
 *     '[]'
 *   )::text as "json!"
 * from public.timeseries_data as d
 * where d.source_id = :source_id!
 *   and d.timestamp >= :from!
 *   and d.timestamp < :to!
 *   and coalesce(d.close, d.value) is not null                                                                                                                                                                                                                                                                                          
 * ```
 */
export const line = new PreparedQuery<ILineParams,ILineResult>(lineIR, 'charts.line');


/** 'ThinnedLine' parameters type */
export interface IThinnedLineParams {
  /** A line with one point for each :bucket, its last level, for ranges with more rows than pixels, from :from (included) to :to (excluded), of more than :limit points the newest: [[ms, level], …]. */
  bucket: string;
  /** A line with one point for each :bucket, its last level, for ranges with more rows than pixels, from :from (included) to :to (excluded), of more than :limit points the newest: [[ms, level], …]. */
  from: DateOrString;
  /** A line with one point for each :bucket, its last level, for ranges with more rows than pixels, from :from (included) to :to (excluded), of more than :limit points the newest: [[ms, level], …]. */
  limit?: NumberOrString | null | void;
  source_id: number;
  /** A line with one point for each :bucket, its last level, for ranges with more rows than pixels, from :from (included) to :to (excluded), of more than :limit points the newest: [[ms, level], …]. */
  to: DateOrString;
}

/** 'ThinnedLine' return type */
export interface IThinnedLineResult {
  json: string;
}

/** 'ThinnedLine' query type */
export interface IThinnedLineQuery {
  params: IThinnedLineParams;
  result: IThinnedLineResult;
}

const thinnedLineIR: any = {"usedParamSet":{"bucket":true,"source_id":true,"from":true,"to":true,"limit":true},"params":[{"name":"bucket","required":true,"transform":{"type":"scalar"},"locs":[{"a":271,"b":278}]},{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":425,"b":435}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":462,"b":467}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":493,"b":496}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":636,"b":641}]}],"statement":"select\n  coalesce(\n    json_agg(json_build_array((extract(epoch from b.bucket) * 1000)::bigint, b.level) order by b.bucket),\n    '[]'\n  )::text as \"json!\"\nfrom (\n  select\n    r.bucket,\n    public.last(r.level, r.timestamp) as level\n  from (\n    select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, coalesce(d.close, d.value) as level\n    from public.timeseries_data as d\n    where d.source_id = :source_id!\n      and d.timestamp >= :from!\n      and d.timestamp < :to!\n      and coalesce(d.close, d.value) is not null\n    order by 1 desc offset 0 -- likewise\n  ) as r\n  group by 1\n  order by 1 desc\n  limit :limit\n) as b"};

/**
 * A line with one point for each :bucket, its last level, for ranges with more rows than pixels, from :from (included) to
 * :to (excluded), of more than :limit points the newest: [[ms, level], …].
 *
 * Query generated from SQL:
 * ```
 * select
 *   coalesce(
 *     json_agg(json_build_array((extract(epoch from b.bucket) * 1000)::bigint, b.level) order by b.bucket),
 *     '[]'
 *   )::text as "json!"
 * from (
 *   select
 *     r.bucket,
 *     public.last(r.level, r.timestamp) as level
 *   from (
 *     select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, coalesce(d.close, d.value) as level
 *     from public.timeseries_data as d
 *     where d.source_id = :source_id!
 *       and d.timestamp >= :from!
 *       and d.timestamp < :to!
 *       and coalesce(d.close, d.value) is not null
 *     order by 1 desc offset 0 -- likewise
 *   ) as r
 *   group by 1
 *   order by 1 desc
 *   limit :limit
 * ) as b
 * ```
 */
export const thinnedLine = new PreparedQuery<IThinnedLineParams,IThinnedLineResult>(thinnedLineIR, 'charts.thinnedLine');


