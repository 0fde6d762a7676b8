/** Types generated for queries found in "queries/quality.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type anomalies_severity = 'CRITICAL' | 'HIGH' | 'LOW' | 'MEDIUM';

export type data_type_enum = 'calculated' | 'defi' | 'derivative' | 'etf' | 'macro' | 'ohlcv' | 'onchain' | 'simple' | 'social' | 'stablecoin';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

/** 'Freshness' parameters type */
export interface IFreshnessParams {
  /** How old the newest row of each source is, the worst first, at most :limit. */
  limit?: NumberOrString | null | void;
}

/** 'Freshness' return type */
export interface IFreshnessResult {
  /** Rows beyond 4 sigma. */
  anomaly_count: string;
  /** Mean score, 0 to 100. */
  avg_quality_score: string | null;
  /** Time since then. */
  data_age: string | null;
  /** Its name for people. */
  display_name: string;
  /** FRESH, WARNING (older than 1.5 × update_frequency), STALE (2 ×), CRITICAL (3 ×), EMPTY or INACTIVE. */
  freshness: string;
  /** When rows last arrived. */
  last_successful_update: Date | null;
  /** Moment of the newest row. */
  last_timestamp: Date | null;
  /** Its machine name. */
  name: string;
  /** When rows are expected next. */
  next_scheduled_update: Date | null;
  /** Number of rows, with those that retention has dropped. */
  row_count: string;
  /** The source. */
  source_id: number;
  /** Distance between two rows. */
  update_frequency: string;
}

/** 'Freshness' query type */
export interface IFreshnessQuery {
  params: IFreshnessParams;
  result: IFreshnessResult;
}

const freshnessIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":489,"b":494}]}],"statement":"select\n  f.source_id as \"source_id!\",\n  f.name as \"name!\",\n  f.display_name as \"display_name!\",\n  f.update_frequency as \"update_frequency!\",\n  f.last_successful_update,\n  f.next_scheduled_update,\n  f.last_timestamp,\n  f.data_age,\n  f.freshness as \"freshness!\",\n  f.row_count as \"row_count!\",\n  f.anomaly_count as \"anomaly_count!\",\n  f.avg_quality_score\nfrom public.data_freshness as f\norder by\n  array_position('{CRITICAL,STALE,WARNING,EMPTY,FRESH,INACTIVE}', f.freshness),\n  f.name\nlimit :limit                                                                                                                                                                                                             "};

/**
 * How old the newest row of each source is, the worst first, at most :limit. Counts are as of the last refresh of the
 * aggregates.
 *
 * Query generated from SQL:
 * ```
 * select
 *   f.source_id as "source_id!",
 *   f.name as "name!",
 *   f.display_name as "display_name!",
 *   f.update_frequency as "update_frequency!",
 *   f.last_successful_update,
 *   f.next_scheduled_update,
 *   f.last_timestamp,
 *   f.data_age,
 *   f.freshness as "freshness!",
 *   f.row_count as "row_count!",
 *   f.anomaly_count as "anomaly_count!",
 *   f.avg_quality_score
 * from public.data_freshness as f
 * order by
 *   array_position('{CRITICAL,STALE,WARNING,EMPTY,FRESH,INACTIVE}', f.freshness),
 *   f.name
 * limit :limit                                                                                                                                                                                                             
 * ```
 */
export const freshness = new PreparedQuery<IFreshnessParams,IFreshnessResult>(freshnessIR, 'quality.freshness');


/** 'Overview' parameters type */
export interface IOverviewParams {
  /** The quality of each source, the worst first, at most :limit. */
  limit?: NumberOrString | null | void;
}

/** 'Overview' return type */
export interface IOverviewResult {
  /** Rows beyond 4 sigma. */
  anomaly_count: string;
  /** Mean score, 0 to 100. */
  avg_quality_score: string | null;
  /** Anomalies beyond 6 sigma that are not false positives. */
  black_swans: string;
  /** Its kind. */
  data_type: data_type_enum;
  /** Week of the first row. */
  first_week: Date | null;
  /** Rows that violate a rule of severity ERROR. */
  invalid_count: string;
  /** Week of the last row. */
  last_week: Date | null;
  /** Worst score. */
  min_quality_score: number | null;
  /** Its machine name. */
  name: string;
  /** Anomalies that nobody has resolved. */
  open_anomalies: string;
  /** Recorded gaps that are not filled. */
  open_gaps: string;
  /** Number of rows, with those that retention has dropped. */
  row_count: string;
  /** The source. */
  source_id: number;
}

/** 'Overview' query type */
export interface IOverviewQuery {
  params: IOverviewParams;
  result: IOverviewResult;
}

const overviewIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":470,"b":475}]}],"statement":"select\n  q.source_id as \"source_id!\",\n  q.name as \"name!\",\n  q.data_type as \"data_type!\",\n  q.row_count as \"row_count!\",\n  q.avg_quality_score,\n  q.min_quality_score,\n  q.invalid_count as \"invalid_count!\",\n  q.anomaly_count as \"anomaly_count!\",\n  q.open_anomalies as \"open_anomalies!\",\n  q.black_swans as \"black_swans!\",\n  q.open_gaps as \"open_gaps!\",\n  q.first_week,\n  q.last_week\nfrom public.quality_overview as q\norder by q.avg_quality_score nulls last, q.name\nlimit :limit                                                                                                                                                                         "};

/**
 * The quality of each source, the worst first, at most :limit. Counts are as of the last refresh of the aggregates.
 *
 * Query generated from SQL:
 * ```
 * select
 *   q.source_id as "source_id!",
 *   q.name as "name!",
 *   q.data_type as "data_type!",
 *   q.row_count as "row_count!",
 *   q.avg_quality_score,
 *   q.min_quality_score,
 *   q.invalid_count as "invalid_count!",
 *   q.anomaly_count as "anomaly_count!",
 *   q.open_anomalies as "open_anomalies!",
 *   q.black_swans as "black_swans!",
 *   q.open_gaps as "open_gaps!",
 *   q.first_week,
 *   q.last_week
 * from public.quality_overview as q
 * order by q.avg_quality_score nulls last, q.name
 * limit :limit                                                                                                                                                                         
 * ```
 */
export const overview = new PreparedQuery<IOverviewParams,IOverviewResult>(overviewIR, 'quality.overview');


/** 'Gaps' parameters type */
export interface IGapsParams {
  /** Gaps of a source from :from to :to (both included, left out: its first and last row), the oldest first, at most :limit. */
  from?: DateOrString | null | void;
  /** Gaps of a source from :from to :to (both included, left out: its first and last row), the oldest first, at most :limit. */
  limit?: NumberOrString | null | void;
  source_id: number;
  /** Gaps of a source from :from to :to (both included, left out: its first and last row), the oldest first, at most :limit. */
  to?: DateOrString | null | void;
}

/** 'Gaps' return type */
export interface IGapsResult {
  gap_end: Date;
  gap_start: Date;
  missing_points: string;
}

/** 'Gaps' query type */
export interface IGapsQuery {
  params: IGapsParams;
  result: IGapsResult;
}

const gapsIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":129,"b":139}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":142,"b":146}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":149,"b":151}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":186,"b":191}]}],"statement":"select\n  g.gap_start as \"gap_start!\",\n  g.gap_end as \"gap_end!\",\n  g.missing_points as \"missing_points!\"\nfrom public.detect_gaps(:source_id!, :from, :to) as g\norder by g.gap_start\nlimit :limit                                                                                      "};

/**
 * Gaps of a source from :from to :to (both included, left out: its first and last row), the oldest first, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   g.gap_start as "gap_start!",
 *   g.gap_end as "gap_end!",
 *   g.missing_points as "missing_points!"
 * from public.detect_gaps(:source_id!, :from, :to) as g
 * order by g.gap_start
 * limit :limit                                                                                      
 * ```
 */
export const gaps = new PreparedQuery<IGapsParams,IGapsResult>(gapsIR, 'quality.gaps');


/** 'OpenGaps' parameters type */
export interface IOpenGapsParams {
  /** Recorded gaps of a source that are not filled, the newest first, at most :limit. */
  limit: NumberOrString;
  source_id: number;
}

/** 'OpenGaps' return type */
export interface IOpenGapsResult {
  gap_end: Date;
  /** The row; for missing_data the first missing moment. */
  gap_start: Date;
  missing_points: string;
  /** LOW, MEDIUM, HIGH or CRITICAL. */
  severity: anomalies_severity;
}

/** 'OpenGaps' query type */
export interface IOpenGapsQuery {
  params: IOpenGapsParams;
  result: IOpenGapsResult;
}

const openGapsIR: any = {"usedParamSet":{"source_id":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":219,"b":229}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":329,"b":335}]}],"statement":"select\n  a.timestamp as \"gap_start!\",\n  (a.context ->> 'gap_end')::timestamptz as \"gap_end!\",\n  (a.context ->> 'missing_points')::bigint as \"missing_points!\",\n  a.severity\nfrom public.anomalies as a\nwhere a.source_id = :source_id!\n  and a.anomaly_type = 'missing_data'\n  and a.resolved_at is null\norder by a.timestamp desc\nlimit :limit!                                                                                            "};

/**
 * Recorded gaps of a source that are not filled, the newest first, at most :limit.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.timestamp as "gap_start!",
 *   (a.context ->> 'gap_end')::timestamptz as "gap_end!",
 *   (a.context ->> 'missing_points')::bigint as "missing_points!",
 *   a.severity
 * from public.anomalies as a
 * where a.source_id = :source_id!
 *   and a.anomaly_type = 'missing_data'
 *   and a.resolved_at is null
 * order by a.timestamp desc
 * limit :limit!                                                                                            
 * ```
 */
export const openGaps = new PreparedQuery<IOpenGapsParams,IOpenGapsResult>(openGapsIR, 'quality.openGaps');


/** 'RecordGaps' parameters type */
export interface IRecordGapsParams {
  from?: DateOrString | null | void;
  source_id: number;
  to?: DateOrString | null | void;
}

/** 'RecordGaps' return type */
export type IRecordGapsResult = void;

/** 'RecordGaps' query type */
export interface IRecordGapsQuery {
  params: IRecordGapsParams;
  result: IRecordGapsResult;
}

const recordGapsIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":24,"b":34}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":37,"b":41}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":44,"b":46}]}],"statement":"call public.record_gaps(:source_id!, :from, :to)                                                                                                                                                                                                            "};

/**
 * Writes the gaps as anomalies of type missing_data, and resolves those that are filled.
 *
 * Query generated from SQL:
 * ```
 * call public.record_gaps(:source_id!, :from, :to)                                                                                                                                                                                                            
 * ```
 */
export const recordGaps = new PreparedQuery<IRecordGapsParams,IRecordGapsResult>(recordGapsIR, 'quality.recordGaps');


/** 'GapRange' parameters type */
export interface IGapRangeParams {
  /** The range from :first to :last, of rows that were just written, as far as the stored rows beside it: what is missing before and behind belongs to it. */
  first: DateOrString;
  /** The range from :first to :last, of rows that were just written, as far as the stored rows beside it: what is missing before and behind belongs to it. */
  last: DateOrString;
  source_id: number;
}

/** 'GapRange' return type */
export interface IGapRangeResult {
  first_row: Date;
  has_gaps: boolean;
  last_row: Date;
}

/** 'GapRange' query type */
export interface IGapRangeQuery {
  params: IGapRangeParams;
  result: IGapRangeResult;
}

const gapRangeIR: any = {"usedParamSet":{"source_id":true,"first":true,"last":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":140,"b":150},{"a":441,"b":450},{"a":666,"b":675}]},{"name":"first","required":true,"transform":{"type":"scalar"},"locs":[{"a":480,"b":485},{"a":502,"b":508}]},{"name":"last","required":true,"transform":{"type":"scalar"},"locs":[{"a":705,"b":709},{"a":726,"b":731}]}],"statement":"select\n  r.first_row as \"first_row!\",\n  r.last_row as \"last_row!\",\n  exists (\n    select from public.anomalies as a\n    where a.source_id = :source_id!\n      and a.anomaly_type = 'missing_data'\n      and a.resolved_at is null\n      and a.timestamp between r.first_row and r.last_row\n  ) as \"has_gaps!\"\nfrom (\n  select\n    coalesce(\n      (\n        select max(t.timestamp)\n        from public.timeseries_data as t\n        where t.source_id = :source_id\n          and t.timestamp < :first\n      ),\n      :first!::timestamptz\n    ) as first_row,\n    coalesce(\n      (\n        select min(t.timestamp)\n        from public.timeseries_data as t\n        where t.source_id = :source_id\n          and t.timestamp > :last\n      ),\n      :last!::timestamptz\n    ) as last_row\n) as r                                                                                               "};

/**
 * The range from :first to :last, of rows that were just written, as far as the stored rows beside it: what is missing
 * before and behind belongs to it. And whether open gaps are recorded in it.
 *
 * Query generated from SQL:
 * ```
 * select
 *   r.first_row as "first_row!",
 *   r.last_row as "last_row!",
 *   exists (
 *     select from public.anomalies as a
 *     where a.source_id = :source_id!
 *       and a.anomaly_type = 'missing_data'
 *       and a.resolved_at is null
 *       and a.timestamp between r.first_row and r.last_row
 *   ) as "has_gaps!"
 * from (
 *   select
 *     coalesce(
 *       (
 *         select max(t.timestamp)
 *         from public.timeseries_data as t
 *         where t.source_id = :source_id
 *           and t.timestamp < :first
 *       ),
 *       :first!::timestamptz
 *     ) as first_row,
 *     coalesce(
 *       (
 *         select min(t.timestamp)
 *         from public.timeseries_data as t
 *         where t.source_id = :source_id
 *           and t.timestamp > :last
 *       ),
 *       :last!::timestamptz
 *     ) as last_row
 * ) as r                                                                                               
 * ```
 */
export const gapRange = new PreparedQuery<IGapRangeParams,IGapRangeResult>(gapRangeIR, 'quality.gapRange');


/** 'IsSparse' parameters type */
export interface IIsSparseParams {
  /** Whether most rows from :from to :to are further apart than the frequency of their source. */
  from: DateOrString;
  source_id: number;
  /** Whether most rows from :from to :to are further apart than the frequency of their source. */
  to: DateOrString;
}

/** 'IsSparse' return type */
export interface IIsSparseResult {
  is_sparse: boolean;
}

/** 'IsSparse' query type */
export interface IIsSparseQuery {
  params: IIsSparseParams;
  result: IIsSparseResult;
}

const isSparseIR: any = {"usedParamSet":{"from":true,"to":true,"source_id":true},"params":[{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":340,"b":345}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":351,"b":354}]},{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":383,"b":393}]}],"statement":"select coalesce(2 * count(*) filter (where d.distance > 1.5 * s.update_frequency) > count(*), false) as \"is_sparse!\"\nfrom public.sources as s\ncross join lateral (\n  select t.timestamp - lag(t.timestamp) over (order by t.timestamp) as distance\n  from public.timeseries_data as t\n  where t.source_id = s.source_id\n    and t.timestamp between :from! and :to!\n) as d\nwhere s.source_id = :source_id!                                                                                                                        "};

/**
 * Whether most rows from :from to :to are further apart than the frequency of their source.
 *
 * Query generated from SQL:
 * ```
 * select coalesce(2 * count(*) filter (where d.distance > 1.5 * s.update_frequency) > count(*), false) as "is_sparse!"
 * from public.sources as s
 * cross join lateral (
 *   select t.timestamp - lag(t.timestamp) over (order by t.timestamp) as distance
 *   from public.timeseries_data as t
 *   where t.source_id = s.source_id
 *     and t.timestamp between :from! and :to!
 * ) as d
 * where s.source_id = :source_id!                                                                                                                        
 * ```
 */
export const isSparse = new PreparedQuery<IIsSparseParams,IIsSparseResult>(isSparseIR, 'quality.isSparse');


/** 'Rescore' parameters type */
export interface IRescoreParams {
  /** Scores the rows from :from to :to (both included, left out: open) again, for instance after a change of the rules. */
  from?: DateOrString | null | void;
  source_id: number;
  /** Scores the rows from :from to :to (both included, left out: open) again, for instance after a change of the rules. */
  to?: DateOrString | null | void;
}

/** 'Rescore' return type */
export type IRescoreResult = void;

/** 'Rescore' query type */
export interface IRescoreQuery {
  params: IRescoreParams;
  result: IRescoreResult;
}

const rescoreIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":20,"b":30}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":33,"b":37}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":40,"b":42}]}],"statement":"call public.rescore(:source_id!, :from, :to)                                                                                                                                                                                                                                                                                                                                                                            "};

/**
 * Scores the rows from :from to :to (both included, left out: open) again, for instance after a change of the rules.
 *
 * Query generated from SQL:
 * ```
 * call public.rescore(:source_id!, :from, :to)                                                                                                                                                                                                                                                                                                                                                                            
 * ```
 */
export const rescore = new PreparedQuery<IRescoreParams,IRescoreResult>(rescoreIR, 'quality.rescore');


/** 'ScoreOf' parameters type */
export interface IScoreOfParams {
  /** What each check takes off the score of a row, and why, at most :limit lines: what is missing, a late arrival, a jump from the row before, and each rule that is violated. */
  limit?: NumberOrString | null | void;
  source_id: number;
  timestamp: DateOrString;
}

/** 'ScoreOf' return type */
export interface IScoreOfResult {
  check_name: string;
  detail: string | null;
  points_lost: number;
}

/** 'ScoreOf' query type */
export interface IScoreOfQuery {
  params: IScoreOfParams;
  result: IScoreOfResult;
}

const scoreOfIR: any = {"usedParamSet":{"source_id":true,"timestamp":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":112,"b":122}]},{"name":"timestamp","required":true,"transform":{"type":"scalar"},"locs":[{"a":125,"b":135}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":149,"b":154}]}],"statement":"select\n  e.check_name as \"check_name!\",\n  e.points_lost as \"points_lost!\",\n  e.detail\nfrom public.explain_score(:source_id!, :timestamp!) as e\nlimit :limit"};

/**
 * What each check takes off the score of a row, and why, at most :limit lines: what is missing, a late arrival, a jump
 * from the row before, and each rule that is violated. By what is stored now, so the stored score is another one if rows
 * before it have changed since; rescore puts that right.
 *
 * Query generated from SQL:
 * ```
 * select
 *   e.check_name as "check_name!",
 *   e.points_lost as "points_lost!",
 *   e.detail
 * from public.explain_score(:source_id!, :timestamp!) as e
 * limit :limit
 * ```
 */
export const scoreOf = new PreparedQuery<IScoreOfParams,IScoreOfResult>(scoreOfIR, 'quality.scoreOf');


