/** Types generated for queries found in "queries/aggregates.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

/** 'Daily' parameters type */
export interface IDailyParams {
  /** For the next page pass the day of the last one as :after. */
  after?: DateOrString | null | void;
  /** Daily candles (UTC) from :from (included) to :to (excluded), at most :limit. */
  from: DateOrString;
  /** Daily candles (UTC) from :from (included) to :to (excluded), at most :limit. */
  limit?: NumberOrString | null | void;
  source_id: number;
  /** Daily candles (UTC) from :from (included) to :to (excluded), at most :limit. */
  to: DateOrString;
}

/** 'Daily' return type */
export interface IDailyResult {
  /** Last price of the day. */
  close: string;
  /** Number of rows. */
  data_points: string;
  /** Start of the day, UTC. */
  day: Date;
  /** Highest price of the day. */
  high: string;
  /** Lowest price of the day. */
  low: string;
  /** First price of the day. */
  open: string;
  /** Volume of the day. */
  volume: string | null;
}

/** 'Daily' query type */
export interface IDailyQuery {
  params: IDailyParams;
  result: IDailyResult;
}

const dailyIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true,"after":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":205,"b":215}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":232,"b":237}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":253,"b":256}]},{"name":"after","required":false,"transform":{"type":"scalar"},"locs":[{"a":281,"b":286}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":336,"b":341}]}],"statement":"select\n  a.day as \"day!\",\n  a.open as \"open!\",\n  a.high as \"high!\",\n  a.low as \"low!\",\n  a.close as \"close!\",\n  a.volume,\n  a.data_points as \"data_points!\"\nfrom public.daily_ohlcv as a\nwhere a.source_id = :source_id!\n  and a.day >= :from!\n  and a.day < :to!\n  and a.day > coalesce(:after, '-infinity'::timestamptz)\norder by a.day\nlimit :limit                                                                                                                                                                                                                                      "};

/**
 * Daily candles (UTC) from :from (included) to :to (excluded), at most :limit. For the next page pass the day of the last
 * one as :after.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.day as "day!",
 *   a.open as "open!",
 *   a.high as "high!",
 *   a.low as "low!",
 *   a.close as "close!",
 *   a.volume,
 *   a.data_points as "data_points!"
 * from public.daily_ohlcv as a
 * where a.source_id = :source_id!
 *   and a.day >= :from!
 *   and a.day < :to!
 *   and a.day > coalesce(:after, '-infinity'::timestamptz)
 * order by a.day
 * limit :limit                                                                                                                                                                                                                                      
 * ```
 */
export const daily = new PreparedQuery<IDailyParams,IDailyResult>(dailyIR, 'aggregates.daily');


/** 'Hourly' parameters type */
export interface IHourlyParams {
  /** For the next page pass the hour of the last one as :after. */
  after?: DateOrString | null | void;
  /** Hourly candles from :from (included) to :to (excluded), at most :limit. */
  from: DateOrString;
  /** Hourly candles from :from (included) to :to (excluded), at most :limit. */
  limit?: NumberOrString | null | void;
  source_id: number;
  /** Hourly candles from :from (included) to :to (excluded), at most :limit. */
  to: DateOrString;
}

/** 'Hourly' return type */
export interface IHourlyResult {
  /** Last price of the hour. */
  close: string;
  /** Number of rows. */
  data_points: string;
  /** Highest price of the hour. */
  high: string;
  /** Start of the hour. */
  hour: Date;
  /** Lowest price of the hour. */
  low: string;
  /** First price of the hour. */
  open: string;
  /** Volume of the hour. */
  volume: string | null;
}

/** 'Hourly' query type */
export interface IHourlyQuery {
  params: IHourlyParams;
  result: IHourlyResult;
}

const hourlyIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true,"after":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":208,"b":218}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":236,"b":241}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":258,"b":261}]},{"name":"after","required":false,"transform":{"type":"scalar"},"locs":[{"a":287,"b":292}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":343,"b":348}]}],"statement":"select\n  a.hour as \"hour!\",\n  a.open as \"open!\",\n  a.high as \"high!\",\n  a.low as \"low!\",\n  a.close as \"close!\",\n  a.volume,\n  a.data_points as \"data_points!\"\nfrom public.hourly_ohlcv as a\nwhere a.source_id = :source_id!\n  and a.hour >= :from!\n  and a.hour < :to!\n  and a.hour > coalesce(:after, '-infinity'::timestamptz)\norder by a.hour\nlimit :limit                                                                                                        "};

/**
 * Hourly candles from :from (included) to :to (excluded), at most :limit. For the next page pass the hour of the last
 * one as :after.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.hour as "hour!",
 *   a.open as "open!",
 *   a.high as "high!",
 *   a.low as "low!",
 *   a.close as "close!",
 *   a.volume,
 *   a.data_points as "data_points!"
 * from public.hourly_ohlcv as a
 * where a.source_id = :source_id!
 *   and a.hour >= :from!
 *   and a.hour < :to!
 *   and a.hour > coalesce(:after, '-infinity'::timestamptz)
 * order by a.hour
 * limit :limit                                                                                                        
 * ```
 */
export const hourly = new PreparedQuery<IHourlyParams,IHourlyResult>(hourlyIR, 'aggregates.hourly');


/** 'HourlyValues' parameters type */
export interface IHourlyValuesParams {
  /** Hourly statistics of the level, for every kind of series, from :from (included) to :to (excluded). */
  from: DateOrString;
  source_id: number;
  /** Hourly statistics of the level, for every kind of series, from :from (included) to :to (excluded). */
  to: DateOrString;
}

/** 'HourlyValues' return type */
export interface IHourlyValuesResult {
  /** Mean level. */
  avg_value: string;
  /** Number of rows that have a level. */
  data_points: string;
  /** Start of the hour. */
  hour: Date;
  /** Last level. */
  last_value: string;
  /** Highest level. */
  max_value: string;
  /** Lowest level. */
  min_value: string;
  /** Sample standard deviation of the level within the hour; null for a single row. */
  volatility: string | null;
}

/** 'HourlyValues' query type */
export interface IHourlyValuesQuery {
  params: IHourlyValuesParams;
  result: IHourlyValuesResult;
}

const hourlyValuesIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":255,"b":265}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":283,"b":288}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":305,"b":308}]}],"statement":"select\n  a.hour as \"hour!\",\n  a.avg_value as \"avg_value!\",\n  a.min_value as \"min_value!\",\n  a.max_value as \"max_value!\",\n  a.last_value as \"last_value!\",\n  a.volatility,\n  a.data_points as \"data_points!\"\nfrom public.hourly_values as a\nwhere a.source_id = :source_id!\n  and a.hour >= :from!\n  and a.hour < :to!\norder by a.hour                                                                                                                 "};

/**
 * Hourly statistics of the level, for every kind of series, from :from (included) to :to (excluded).
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.hour as "hour!",
 *   a.avg_value as "avg_value!",
 *   a.min_value as "min_value!",
 *   a.max_value as "max_value!",
 *   a.last_value as "last_value!",
 *   a.volatility,
 *   a.data_points as "data_points!"
 * from public.hourly_values as a
 * where a.source_id = :source_id!
 *   and a.hour >= :from!
 *   and a.hour < :to!
 * order by a.hour                                                                                                                 
 * ```
 */
export const hourlyValues = new PreparedQuery<IHourlyValuesParams,IHourlyValuesResult>(hourlyValuesIR, 'aggregates.hourlyValues');


/** 'Weekly' parameters type */
export interface IWeeklyParams {
  /** Weekly statistics of level and quality from :from (included) to :to (excluded). */
  from: DateOrString;
  source_id: number;
  /** Weekly statistics of level and quality from :from (included) to :to (excluded). */
  to: DateOrString;
}

/** 'Weekly' return type */
export interface IWeeklyResult {
  /** Rows beyond 4 sigma. */
  anomalies: string;
  avg_quality_score: string;
  /** Mean level. */
  avg_value: string | null;
  /** Number of rows. */
  data_points: string;
  /** Rows that violate a rule of severity ERROR. */
  invalid_points: string;
  /** Level of the last row. */
  last_value: string | null;
  /** Highest level. */
  max_value: string | null;
  /** Worst score. */
  min_quality: number;
  /** Lowest level. */
  min_value: string | null;
  /** Sample standard deviation of the level. */
  volatility: string | null;
  /** Volume of the week. */
  volume: string | null;
  /** Monday of the week, UTC. */
  week: Date;
}

/** 'Weekly' query type */
export interface IWeeklyQuery {
  params: IWeeklyParams;
  result: IWeeklyResult;
}

const weeklyIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":384,"b":394}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":412,"b":417}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":434,"b":437}]}],"statement":"select\n  a.week as \"week!\",\n  a.avg_value,\n  a.min_value,\n  a.max_value,\n  a.last_value,\n  a.volatility,\n  a.volume,\n  a.data_points as \"data_points!\",\n  a.anomalies as \"anomalies!\",\n  a.invalid_points as \"invalid_points!\",\n  round(a.quality_sum::numeric / a.data_points, 2) as \"avg_quality_score!\",\n  a.min_quality as \"min_quality!\"\nfrom public.weekly_stats as a\nwhere a.source_id = :source_id!\n  and a.week >= :from!\n  and a.week < :to!\norder by a.week                                                               "};

/**
 * Weekly statistics of level and quality from :from (included) to :to (excluded). Weeks start on Monday, UTC.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.week as "week!",
 *   a.avg_value,
 *   a.min_value,
 *   a.max_value,
 *   a.last_value,
 *   a.volatility,
 *   a.volume,
 *   a.data_points as "data_points!",
 *   a.anomalies as "anomalies!",
 *   a.invalid_points as "invalid_points!",
 *   round(a.quality_sum::numeric / a.data_points, 2) as "avg_quality_score!",
 *   a.min_quality as "min_quality!"
 * from public.weekly_stats as a
 * where a.source_id = :source_id!
 *   and a.week >= :from!
 *   and a.week < :to!
 * order by a.week                                                               
 * ```
 */
export const weekly = new PreparedQuery<IWeeklyParams,IWeeklyResult>(weeklyIR, 'aggregates.weekly');


/** 'Reach' parameters type */
export interface IReachParams {
  source_id: number;
}

/** 'Reach' return type */
export interface IReachResult {
  aggregate: string;
  buckets: string;
  first_bucket: Date | null;
  last_bucket: Date | null;
}

/** 'Reach' query type */
export interface IReachQuery {
  params: IReachParams;
  result: IReachResult;
}

const reachIR: any = {"usedParamSet":{"source_id":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":165,"b":175},{"a":295,"b":305},{"a":427,"b":437},{"a":557,"b":567}]}],"statement":"select 'daily_ohlcv' as \"aggregate!\", count(*) as \"buckets!\", min(d.day) as first_bucket, max(d.day) as last_bucket\nfrom public.daily_ohlcv as d\nwhere d.source_id = :source_id!\nunion all\nselect 'hourly_ohlcv', count(*), min(h.hour), max(h.hour)\nfrom public.hourly_ohlcv as h\nwhere h.source_id = :source_id!\nunion all\nselect 'hourly_values', count(*), min(v.hour), max(v.hour)\nfrom public.hourly_values as v\nwhere v.source_id = :source_id!\nunion all\nselect 'weekly_stats', count(*), min(w.week), max(w.week)\nfrom public.weekly_stats as w\nwhere w.source_id = :source_id!\norder by 1"};

/**
 * How far the aggregates of this schema reach for a source.
 *
 * Query generated from SQL:
 * ```
 * select 'daily_ohlcv' as "aggregate!", count(*) as "buckets!", min(d.day) as first_bucket, max(d.day) as last_bucket
 * from public.daily_ohlcv as d
 * where d.source_id = :source_id!
 * union all
 * select 'hourly_ohlcv', count(*), min(h.hour), max(h.hour)
 * from public.hourly_ohlcv as h
 * where h.source_id = :source_id!
 * union all
 * select 'hourly_values', count(*), min(v.hour), max(v.hour)
 * from public.hourly_values as v
 * where v.source_id = :source_id!
 * union all
 * select 'weekly_stats', count(*), min(w.week), max(w.week)
 * from public.weekly_stats as w
 * where w.source_id = :source_id!
 * order by 1
 * ```
 */
export const reach = new PreparedQuery<IReachParams,IReachResult>(reachIR, 'aggregates.reach');


