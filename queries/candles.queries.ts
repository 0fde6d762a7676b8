/** Types generated for queries found in "queries/candles.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

export type numberArray = (number | null)[];

export type stringArray = (string | null)[];

/** 'Buckets' parameters type */
export interface IBucketsParams {
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), computed from the rows, at most :limit, the oldest first. */
  bucket: string;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), computed from the rows, at most :limit, the oldest first. */
  from: DateOrString;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), computed from the rows, at most :limit, the oldest first. */
  limit?: NumberOrString | null | void;
  source_id: number;
  /** Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), computed from the rows, at most :limit, the oldest first. */
  to: DateOrString;
}

/** 'Buckets' return type */
export interface IBucketsResult {
  bucket: Date;
  close: string;
  data_points: string;
  high: string;
  low: string;
  open: string;
  volume: string | null;
}

/** 'Buckets' query type */
export interface IBucketsQuery {
  params: IBucketsParams;
  result: IBucketsResult;
}

const bucketsIR: any = {"usedParamSet":{"bucket":true,"source_id":true,"from":true,"to":true,"limit":true},"params":[{"name":"bucket","required":true,"transform":{"type":"scalar"},"locs":[{"a":327,"b":334}]},{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":482,"b":492}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":517,"b":522}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":546,"b":549}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":718,"b":723}]}],"statement":"select\n  r.bucket as \"bucket!\",\n  public.first(coalesce(r.open, r.close), r.timestamp) as \"open!\",\n  max(coalesce(r.high, r.close)) as \"high!\",\n  min(coalesce(r.low, r.close)) as \"low!\",\n  public.last(r.close, r.timestamp) as \"close!\",\n  sum(r.volume) as volume,\n  count(*) as \"data_points!\"\nfrom (\n  select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, d.close, d.volume\n  from public.timeseries_data as d\n  where d.source_id = :source_id!\n    and d.timestamp >= :from!\n    and d.timestamp < :to!\n    and d.close is not null\n  order by 1 offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart\n) as r\ngroup by 1\norder by 1\nlimit :limit                                                                                                                                                                                                                             "};

/**
 * Candles of any width (:bucket is 5 minutes, 4 hours, 1 month, …) from :from (included) to :to (excluded), computed
 * from the rows, at most :limit, the oldest first. Buckets without rows are left out. Weeks start on Monday, everything
 * is UTC.
 *
 * Query generated from SQL:
 * ```
 * select
 *   r.bucket as "bucket!",
 *   public.first(coalesce(r.open, r.close), r.timestamp) as "open!",
 *   max(coalesce(r.high, r.close)) as "high!",
 *   min(coalesce(r.low, r.close)) as "low!",
 *   public.last(r.close, r.timestamp) as "close!",
 *   sum(r.volume) as volume,
 *   count(*) as "data_points!"
 * from (
 *   select public.time_bucket(:bucket!::interval, d.timestamp) as bucket, d.timestamp, d.open, d.high, d.low, d.close, d.volume
 *   from public.timeseries_data as d
 *   where d.source_id = :source_id!
 *     and d.timestamp >= :from!
 *     and d.timestamp < :to!
 *     and d.close is not null
 *   order by 1 offset 0 -- a fence: sorted once and grouped as they come, not hashed for each chunk apart
 * ) as r
 * group by 1
 * order by 1
 * limit :limit                                                                                                                                                                                                                             
 * ```
 */
export const buckets = new PreparedQuery<IBucketsParams,IBucketsResult>(bucketsIR, 'candles.buckets');


/** 'Filled' parameters type */
export interface IFilledParams {
  bucket: string;
  /** The last close before :from fills the buckets before the first row; null when there is none. */
  from: DateOrString;
  source_id: number;
  to: DateOrString;
}

/** 'Filled' return type */
export interface IFilledResult {
  bucket: Date;
  close: string | null;
  data_points: string;
  high: string | null;
  low: string | null;
  open: string | null;
  volume: string | null;
}

/** 'Filled' query type */
export interface IFilledQuery {
  params: IFilledParams;
  result: IFilledResult;
}

const filledIR: any = {"usedParamSet":{"bucket":true,"from":true,"to":true,"source_id":true},"params":[{"name":"bucket","required":true,"transform":{"type":"scalar"},"locs":[{"a":60,"b":67}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":93,"b":98},{"a":484,"b":489},{"a":738,"b":743}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":114,"b":117},{"a":767,"b":770}]},{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":454,"b":464},{"a":703,"b":713}]}],"statement":"with gapfilled as (\n  select\n    public.time_bucket_gapfill(:bucket!::interval, d.timestamp, :from!::timestamptz, :to!::timestamptz) as bucket,\n    public.first(coalesce(d.open, d.close), d.timestamp) as open,\n    max(coalesce(d.high, d.close)) as high,\n    min(coalesce(d.low, d.close)) as low,\n    public.locf(\n      public.last(d.close, d.timestamp),\n      (\n        select b.close\n        from public.timeseries_data as b\n        where b.source_id = :source_id! and b.timestamp < :from! and b.close is not null\n        order by b.timestamp desc\n        limit 1\n      )\n    ) as close,\n    sum(d.volume) as volume,\n    count(*) as data_points\n  from public.timeseries_data as d\n  where d.source_id = :source_id!\n    and d.timestamp >= :from!\n    and d.timestamp < :to!\n    and d.close is not null\n  group by 1\n)\nselect\n  g.bucket as \"bucket!\",\n  coalesce(g.open, g.close) as open,\n  coalesce(g.high, g.close) as high,\n  coalesce(g.low, g.close) as low,\n  g.close,\n  case when g.data_points is null then 0 else g.volume end as volume,\n  coalesce(g.data_points, 0) as \"data_points!\"\nfrom gapfilled as g\norder by g.bucket                                                                                                                                                                                                                                         "};

/**
 * As buckets, but without holes: a bucket without rows repeats the close before it, with volume 0 and no data points.
 * The last close before :from fills the buckets before the first row; null when there is none.
 *
 * Query generated from SQL:
 * ```
 * with gapfilled as (
 *   select
 *     public.time_bucket_gapfill(:bucket!::interval, d.timestamp, :from!::timestamptz, :to!::timestamptz) as bucket,
 *     public.first(coalesce(d.open, d.close), d.timestamp) as open,
 *     max(coalesce(d.high, d.close)) as high,
 *     min(coalesce(d.low, d.close)) as low,
 *     public.locf(
 *       public.last(d.close, d.timestamp),
 *       (
 *         select b.close
 *         from public.timeseries_data as b
 *         where b.source_id = :source_id! and b.timestamp < :from! and b.close is not null
 *         order by b.timestamp desc
 *         limit 1
 *       )
 *     ) as close,
 *     sum(d.volume) as volume,
 *     count(*) as data_points
 *   from public.timeseries_data as d
 *   where d.source_id = :source_id!
 *     and d.timestamp >= :from!
 *     and d.timestamp < :to!
 *     and d.close is not null
 *   group by 1
 * )
 * select
 *   g.bucket as "bucket!",
 *   coalesce(g.open, g.close) as open,
 *   coalesce(g.high, g.close) as high,
 *   coalesce(g.low, g.close) as low,
 *   g.close,
 *   case when g.data_points is null then 0 else g.volume end as volume,
 *   coalesce(g.data_points, 0) as "data_points!"
 * from gapfilled as g
 * order by g.bucket                                                                                                                                                                                                                                         
 * ```
 */
export const filled = new PreparedQuery<IFilledParams,IFilledResult>(filledIR, 'candles.filled');


/** 'FilledLevels' parameters type */
export interface IFilledLevelsParams {
  bucket: string;
  from: DateOrString;
  source_id: number;
  to: DateOrString;
}

/** 'FilledLevels' return type */
export interface IFilledLevelsResult {
  avg: string | null;
  bucket: Date;
  carried: string | null;
  interpolated: number | null;
}

/** 'FilledLevels' query type */
export interface IFilledLevelsQuery {
  params: IFilledLevelsParams;
  result: IFilledLevelsResult;
}

const filledLevelsIR: any = {"usedParamSet":{"bucket":true,"from":true,"to":true,"source_id":true},"params":[{"name":"bucket","required":true,"transform":{"type":"scalar"},"locs":[{"a":36,"b":43}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":69,"b":74},{"a":380,"b":385}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":90,"b":93},{"a":407,"b":410}]},{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":347,"b":357}]}],"statement":"select\n  public.time_bucket_gapfill(:bucket!::interval, d.timestamp, :from!::timestamptz, :to!::timestamptz) as \"bucket!\",\n  avg(coalesce(d.close, d.value)) as avg,\n  public.locf(avg(coalesce(d.close, d.value))) as carried,\n  public.interpolate(avg(coalesce(d.close, d.value))) as interpolated\nfrom public.timeseries_data as d\nwhere d.source_id = :source_id!\n  and d.timestamp >= :from!\n  and d.timestamp < :to!\n  and coalesce(d.close, d.value) is not null\ngroup by 1\norder by 1                                                                                                                                                                                                                                                                                                                                                 "};

/**
 * The level of a series, coalesce(close, value), in buckets without holes: its mean where there are rows (avg), and
 * for the others the value before (carried) and the point on the line between the neighbours (interpolated).
 *
 * Query generated from SQL:
 * ```
 * select
 *   public.time_bucket_gapfill(:bucket!::interval, d.timestamp, :from!::timestamptz, :to!::timestamptz) as "bucket!",
 *   avg(coalesce(d.close, d.value)) as avg,
 *   public.locf(avg(coalesce(d.close, d.value))) as carried,
 *   public.interpolate(avg(coalesce(d.close, d.value))) as interpolated
 * from public.timeseries_data as d
 * where d.source_id = :source_id!
 *   and d.timestamp >= :from!
 *   and d.timestamp < :to!
 *   and coalesce(d.close, d.value) is not null
 * group by 1
 * order by 1                                                                                                                                                                                                                                                                                                                                                 
 * ```
 */
export const filledLevels = new PreparedQuery<IFilledLevelsParams,IFilledLevelsResult>(filledLevelsIR, 'candles.filledLevels');


/** 'Aligned' parameters type */
export interface IAlignedParams {
  /** With :carry the last level is repeated until there is a new one, as one does with stock prices over a weekend. */
  carry: boolean;
  /** Several series side by side on the daily grid of time_index, from :from (included) to :to (excluded). levels holds the last level of each series on that day, in the order of :source_ids; null where it has none. */
  from: DateOrString;
  /** Several series side by side on the daily grid of time_index, from :from (included) to :to (excluded). levels holds the last level of each series on that day, in the order of :source_ids; null where it has none. */
  source_ids: numberArray;
  /** Several series side by side on the daily grid of time_index, from :from (included) to :to (excluded). levels holds the last level of each series on that day, in the order of :source_ids; null where it has none. */
  to: DateOrString;
}

/** 'Aligned' return type */
export interface IAlignedResult {
  /** The day. */
  date_only: string;
  /** Whether US stock markets trade on that day. */
  is_trading_day: boolean;
  levels: stringArray;
  /** Midnight UTC of the day. */
  timestamp: Date;
}

/** 'Aligned' query type */
export interface IAlignedQuery {
  params: IAlignedParams;
  result: IAlignedResult;
}

const alignedIR: any = {"usedParamSet":{"source_ids":true,"from":true,"to":true,"carry":true},"params":[{"name":"source_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":232,"b":243},{"a":616,"b":627}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":276,"b":281},{"a":782,"b":787}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":305,"b":308},{"a":811,"b":814}]},{"name":"carry","required":true,"transform":{"type":"scalar"},"locs":[{"a":927,"b":933}]}],"statement":"with daily as (\n  select\n    d.source_id,\n    public.time_bucket(interval '1 day', d.timestamp) as day,\n    public.last(coalesce(d.close, d.value), d.timestamp) as level\n  from public.timeseries_data as d\n  where d.source_id = any (:source_ids!::int[])\n    and d.timestamp >= :from!\n    and d.timestamp < :to!\n    and coalesce(d.close, d.value) is not null\n  group by 1, 2\n),\ngrid as (\n  select\n    t.timestamp,\n    t.date_only,\n    t.is_trading_day,\n    k.position,\n    daily.level,\n    count(daily.level) over (partition by k.position order by t.timestamp) as run\n  from public.time_index as t\n  cross join unnest(:source_ids!::int[]) with ordinality as k (source_id, position)\n  left join daily on daily.source_id = k.source_id and daily.day = t.timestamp\n  where t.timestamp >= :from!\n    and t.timestamp < :to!\n),\ncarried as (\n  select\n    g.timestamp,\n    g.date_only,\n    g.is_trading_day,\n    g.position,\n    case when :carry! then max(g.level) over (partition by g.position, g.run) else g.level end as level\n  from grid as g\n)\nselect\n  c.timestamp as \"timestamp!\",\n  c.date_only as \"date_only!\",\n  c.is_trading_day as \"is_trading_day!\",\n  array_agg(c.level order by c.position) as \"levels!\"\nfrom carried as c\ngroup by c.timestamp, c.date_only, c.is_trading_day\norder by c.timestamp"};

/**
 * Several series side by side on the daily grid of time_index, from :from (included) to :to (excluded). levels holds
 * the last level of each series on that day, in the order of :source_ids; null where it has none. With :carry the last
 * level is repeated until there is a new one, as one does with stock prices over a weekend.
 *
 * Query generated from SQL:
 * ```
 * with daily as (
 *   select
 *     d.source_id,
 *     public.time_bucket(interval '1 day', d.timestamp) as day,
 *     public.last(coalesce(d.close, d.value), d.timestamp) as level
 *   from public.timeseries_data as d
 *   where d.source_id = any (:source_ids!::int[])
 *     and d.timestamp >= :from!
 *     and d.timestamp < :to!
 *     and coalesce(d.close, d.value) is not null
 *   group by 1, 2
 * ),
 * grid as (
 *   select
 *     t.timestamp,
 *     t.date_only,
 *     t.is_trading_day,
 *     k.position,
 *     daily.level,
 *     count(daily.level) over (partition by k.position order by t.timestamp) as run
 *   from public.time_index as t
 *   cross join unnest(:source_ids!::int[]) with ordinality as k (source_id, position)
 *   left join daily on daily.source_id = k.source_id and daily.day = t.timestamp
 *   where t.timestamp >= :from!
 *     and t.timestamp < :to!
 * ),
 * carried as (
 *   select
 *     g.timestamp,
 *     g.date_only,
 *     g.is_trading_day,
 *     g.position,
 *     case when :carry! then max(g.level) over (partition by g.position, g.run) else g.level end as level
 *   from grid as g
 * )
 * select
 *   c.timestamp as "timestamp!",
 *   c.date_only as "date_only!",
 *   c.is_trading_day as "is_trading_day!",
 *   array_agg(c.level order by c.position) as "levels!"
 * from carried as c
 * group by c.timestamp, c.date_only, c.is_trading_day
 * order by c.timestamp
 * ```
 */
export const aligned = new PreparedQuery<IAlignedParams,IAlignedResult>(alignedIR, 'candles.aligned');


