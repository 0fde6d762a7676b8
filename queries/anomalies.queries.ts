/** Types generated for queries found in "queries/anomalies.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { Json } from '../src/types/pg-types.js';

export type anomalies_severity = 'CRITICAL' | 'HIGH' | 'LOW' | 'MEDIUM';

export type anomaly_type_enum = 'corrupt_data' | 'duplicate' | 'late_data' | 'missing_data' | 'outlier_4sigma' | 'outlier_6sigma';

export type range_sort = 'newest' | 'severity';

export type worst_sort = 'deviation' | 'newest';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

/** 'ToReview' parameters type */
export interface IToReviewParams {
  /** For the next one pass timestamp and anomaly_id of the last row as :before and :before_id. */
  before?: DateOrString | null | void;
  /** For the next one pass timestamp and anomaly_id of the last row as :before and :before_id. */
  before_id?: NumberOrString | null | void;
  /** A page has :limit rows. */
  limit: NumberOrString;
  /** The work list: what nobody has looked at or settled yet, newest first, of :source_id or all sources. */
  source_id?: number | null | void;
}

/** 'ToReview' return type */
export interface IToReviewResult {
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
  /** LOW, MEDIUM, HIGH or CRITICAL. */
  severity: anomalies_severity;
  /** The series. */
  source_id: number;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  source_name: string;
  /** The row; for missing_data the first missing moment. */
  timestamp: Date;
  /** Level of the row: coalesce(close, value). */
  value: string | null;
  /** Distance from the mean of the 200 rows before, in sample standard deviations; null after a flat history. */
  z_score: string | null;
}

/** 'ToReview' query type */
export interface IToReviewQuery {
  params: IToReviewParams;
  result: IToReviewResult;
}

const toReviewIR: any = {"usedParamSet":{"source_id":true,"before":true,"before_id":true,"limit":true},"params":[{"name":"source_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":357,"b":366},{"a":398,"b":407}]},{"name":"before","required":false,"transform":{"type":"scalar"},"locs":[{"a":460,"b":466}]},{"name":"before_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":504,"b":513}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":589,"b":595}]}],"statement":"select\n  a.anomaly_id,\n  a.source_id,\n  s.name as source_name,\n  a.timestamp,\n  a.detected_at,\n  a.anomaly_type,\n  a.severity,\n  a.value,\n  a.z_score,\n  a.expected_value,\n  a.deviation_pct,\n  a.is_blackswan,\n  a.context\nfrom public.anomalies as a\njoin public.sources as s on s.source_id = a.source_id\nwhere a.resolved_at is null\n  and not a.reviewed\n  and (:source_id::int is null or a.source_id = :source_id)\n  and (a.timestamp, a.anomaly_id)\n    < (coalesce(:before, 'infinity'::timestamptz), coalesce(:before_id, 9223372036854775807))\norder by a.timestamp desc, a.anomaly_id desc\nlimit :limit!                                                                                                                                                                                                        "};

/**
 * The work list: what nobody has looked at or settled yet, newest first, of :source_id or all sources. A page has
 * :limit rows. For the next one pass timestamp and anomaly_id of the last row as :before and :before_id.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.anomaly_id,
 *   a.source_id,
 *   s.name as source_name,
 *   a.timestamp,
 *   a.detected_at,
 *   a.anomaly_type,
 *   a.severity,
 *   a.value,
 *   a.z_score,
 *   a.expected_value,
 *   a.deviation_pct,
 *   a.is_blackswan,
 *   a.context
 * from public.anomalies as a
 * join public.sources as s on s.source_id = a.source_id
 * where a.resolved_at is null
 *   and not a.reviewed
 *   and (:source_id::int is null or a.source_id = :source_id)
 *   and (a.timestamp, a.anomaly_id)
 *     < (coalesce(:before, 'infinity'::timestamptz), coalesce(:before_id, 9223372036854775807))
 * order by a.timestamp desc, a.anomaly_id desc
 * limit :limit!                                                                                                                                                                                                        
 * ```
 */
export const toReview = new PreparedQuery<IToReviewParams,IToReviewResult>(toReviewIR, 'anomalies.toReview');


/** 'Worst' parameters type */
export interface IWorstParams {
  /** The farthest outliers of :source_id or all sources, at most :limit. */
  limit: NumberOrString;
  /** Without :sort changes after a flat history come first, then those that are most standard deviations away from the mean. */
  sort?: worst_sort | null | void;
  /** The farthest outliers of :source_id or all sources, at most :limit. */
  source_id?: number | null | void;
}

/** 'Worst' return type */
export interface IWorstResult {
  /** Key of the anomaly. */
  anomaly_id: string;
  /** What is unusual. */
  anomaly_type: anomaly_type_enum;
  /** Distance from the mean, in percent of the mean. */
  deviation_pct: string | null;
  /** Mean of the 200 rows before. */
  expected_value: string | null;
  /** Beyond 6 sigma, or a change after a flat history. */
  is_blackswan: boolean;
  /** LOW, MEDIUM, HIGH or CRITICAL. */
  severity: anomalies_severity;
  /** The series. */
  source_id: number;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  source_name: string;
  /** The row; for missing_data the first missing moment. */
  timestamp: Date;
  /** Level of the row: coalesce(close, value). */
  value: string | null;
  /** Distance from the mean of the 200 rows before, in sample standard deviations; null after a flat history. */
  z_score: string | null;
}

/** 'Worst' query type */
export interface IWorstQuery {
  params: IWorstParams;
  result: IWorstResult;
}

const worstIR: any = {"usedParamSet":{"source_id":true,"sort":true,"limit":true},"params":[{"name":"source_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":369,"b":378},{"a":410,"b":419}]},{"name":"sort","required":false,"transform":{"type":"scalar"},"locs":[{"a":438,"b":442},{"a":515,"b":519}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":640,"b":646}]}],"statement":"select\n  a.anomaly_id,\n  a.source_id,\n  s.name as source_name,\n  a.timestamp,\n  a.anomaly_type,\n  a.severity,\n  a.value,\n  a.z_score,\n  a.expected_value,\n  a.deviation_pct,\n  a.is_blackswan\nfrom public.anomalies as a\njoin public.sources as s on s.source_id = a.source_id\nwhere a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')\n  and not a.is_false_positive\n  and (:source_id::int is null or a.source_id = :source_id)\norder by\n  case :sort when 'deviation' then abs(a.deviation_pct) end desc nulls last,\n  case :sort when 'newest' then a.timestamp end desc,\n  a.is_blackswan desc,\n  abs(a.z_score) desc nulls first,\n  a.timestamp\nlimit :limit!                                                                                                                                                                                            "};

/**
 * The farthest outliers of :source_id or all sources, at most :limit. Without :sort changes after a flat history come
 * first, then those that are most standard deviations away from the mean.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.anomaly_id,
 *   a.source_id,
 *   s.name as source_name,
 *   a.timestamp,
 *   a.anomaly_type,
 *   a.severity,
 *   a.value,
 *   a.z_score,
 *   a.expected_value,
 *   a.deviation_pct,
 *   a.is_blackswan
 * from public.anomalies as a
 * join public.sources as s on s.source_id = a.source_id
 * where a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
 *   and not a.is_false_positive
 *   and (:source_id::int is null or a.source_id = :source_id)
 * order by
 *   case :sort when 'deviation' then abs(a.deviation_pct) end desc nulls last,
 *   case :sort when 'newest' then a.timestamp end desc,
 *   a.is_blackswan desc,
 *   abs(a.z_score) desc nulls first,
 *   a.timestamp
 * limit :limit!                                                                                                                                                                                            
 * ```
 */
export const worst = new PreparedQuery<IWorstParams,IWorstResult>(worstIR, 'anomalies.worst');


/** 'Range' parameters type */
export interface IRangeParams {
  /** Everything about a source from :from (included) to :to (excluded), settled or not, at most :limit. */
  from: DateOrString;
  /** Everything about a source from :from (included) to :to (excluded), settled or not, at most :limit. */
  limit?: NumberOrString | null | void;
  /** Without :sort the oldest first. */
  sort?: range_sort | null | void;
  source_id: number;
  /** Everything about a source from :from (included) to :to (excluded), settled or not, at most :limit. */
  to: DateOrString;
}

/** 'Range' return type */
export interface IRangeResult {
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
  /** The row; for missing_data the first missing moment. */
  timestamp: Date;
  /** Level of the row: coalesce(close, value). */
  value: string | null;
  /** Distance from the mean of the 200 rows before, in sample standard deviations; null after a flat history. */
  z_score: string | null;
}

/** 'Range' query type */
export interface IRangeQuery {
  params: IRangeParams;
  result: IRangeResult;
}

const rangeIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true,"sort":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":320,"b":330}]},{"name":"from","required":true,"transform":{"type":"scalar"},"locs":[{"a":353,"b":358}]},{"name":"to","required":true,"transform":{"type":"scalar"},"locs":[{"a":380,"b":383}]},{"name":"sort","required":false,"transform":{"type":"scalar"},"locs":[{"a":401,"b":405},{"a":455,"b":459}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":582,"b":587}]}],"statement":"select\n  a.anomaly_id,\n  a.timestamp,\n  a.detected_at,\n  a.anomaly_type,\n  a.severity,\n  a.value,\n  a.z_score,\n  a.expected_value,\n  a.deviation_pct,\n  a.is_blackswan,\n  a.reviewed,\n  a.is_false_positive,\n  a.resolved_at,\n  a.resolved_by,\n  a.resolution_notes,\n  a.context\nfrom public.anomalies as a\nwhere a.source_id = :source_id!\n  and a.timestamp >= :from!\n  and a.timestamp < :to!\norder by\n  case :sort when 'newest' then a.timestamp end desc,\n  case :sort when 'severity' then array_position('{CRITICAL,HIGH,MEDIUM,LOW}', a.severity) end,\n  a.timestamp,\n  a.anomaly_type\nlimit :limit                                                                                                                                                         "};

/**
 * Everything about a source from :from (included) to :to (excluded), settled or not, at most :limit. Without :sort the
 * oldest first.
 *
 * Query generated from SQL:
 * ```
 * select
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
 * from public.anomalies as a
 * where a.source_id = :source_id!
 *   and a.timestamp >= :from!
 *   and a.timestamp < :to!
 * order by
 *   case :sort when 'newest' then a.timestamp end desc,
 *   case :sort when 'severity' then array_position('{CRITICAL,HIGH,MEDIUM,LOW}', a.severity) end,
 *   a.timestamp,
 *   a.anomaly_type
 * limit :limit                                                                                                                                                         
 * ```
 */
export const range = new PreparedQuery<IRangeParams,IRangeResult>(rangeIR, 'anomalies.range');


/** 'Review' parameters type */
export interface IReviewParams {
  anomaly_id: NumberOrString;
  notes?: string | null | void;
}

/** 'Review' return type */
export interface IReviewResult {
  /** Key of the anomaly. */
  anomaly_id: string;
  /** How it was settled. */
  resolution_notes: string | null;
  /** When it was settled; null while open. */
  resolved_at: Date | null;
  /** Somebody has looked at it. */
  reviewed: boolean;
}

/** 'Review' query type */
export interface IReviewQuery {
  params: IReviewParams;
  result: IReviewResult;
}

const reviewIR: any = {"usedParamSet":{"notes":true,"anomaly_id":true},"params":[{"name":"notes","required":false,"transform":{"type":"scalar"},"locs":[{"a":82,"b":87}]},{"name":"anomaly_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":131,"b":142}]}],"statement":"update public.anomalies as a\nset\n  reviewed = true,\n  resolution_notes = coalesce(:notes, a.resolution_notes)\nwhere a.anomaly_id = :anomaly_id!\nreturning a.anomaly_id, a.reviewed, a.resolved_at, a.resolution_notes                                                                                                                                                                                                                                    "};

/**
 * Somebody has looked at it, and it stays open.
 *
 * Query generated from SQL:
 * ```
 * update public.anomalies as a
 * set
 *   reviewed = true,
 *   resolution_notes = coalesce(:notes, a.resolution_notes)
 * where a.anomaly_id = :anomaly_id!
 * returning a.anomaly_id, a.reviewed, a.resolved_at, a.resolution_notes                                                                                                                                                                                                                                    
 * ```
 */
export const review = new PreparedQuery<IReviewParams,IReviewResult>(reviewIR, 'anomalies.review');


/** 'Resolve' parameters type */
export interface IResolveParams {
  anomaly_id: NumberOrString;
  notes?: string | null | void;
}

/** 'Resolve' return type */
export interface IResolveResult {
  /** Key of the anomaly. */
  anomaly_id: string;
  /** How it was settled. */
  resolution_notes: string | null;
  /** When it was settled; null while open. */
  resolved_at: Date;
  /** Who settled it; system when a correction brought the row back inside. */
  resolved_by: string;
}

/** 'Resolve' query type */
export interface IResolveQuery {
  params: IResolveParams;
  result: IResolveResult;
}

const resolveIR: any = {"usedParamSet":{"notes":true,"anomaly_id":true},"params":[{"name":"notes","required":false,"transform":{"type":"scalar"},"locs":[{"a":221,"b":226}]},{"name":"anomaly_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":270,"b":281}]}],"statement":"update public.anomalies as a\nset\n  reviewed = true,\n  is_false_positive = false,\n  resolved_at = now(),\n  resolved_by = coalesce(nullif(current_setting('app.user', true), ''), session_user),\n  resolution_notes = coalesce(:notes, a.resolution_notes)\nwhere a.anomaly_id = :anomaly_id!\nreturning a.anomaly_id, a.resolved_at as \"resolved_at!\", a.resolved_by as \"resolved_by!\", a.resolution_notes                                                                                                                                                                                                                      "};

/**
 * Settles an anomaly: the row is wrong and has been dealt with. By the user of the transaction, else of the session.
 *
 * Query generated from SQL:
 * ```
 * update public.anomalies as a
 * set
 *   reviewed = true,
 *   is_false_positive = false,
 *   resolved_at = now(),
 *   resolved_by = coalesce(nullif(current_setting('app.user', true), ''), session_user),
 *   resolution_notes = coalesce(:notes, a.resolution_notes)
 * where a.anomaly_id = :anomaly_id!
 * returning a.anomaly_id, a.resolved_at as "resolved_at!", a.resolved_by as "resolved_by!", a.resolution_notes                                                                                                                                                                                                                      
 * ```
 */
export const resolve = new PreparedQuery<IResolveParams,IResolveResult>(resolveIR, 'anomalies.resolve');


/** 'MarkFalsePositive' parameters type */
export interface IMarkFalsePositiveParams {
  anomaly_id: NumberOrString;
  notes?: string | null | void;
}

/** 'MarkFalsePositive' return type */
export interface IMarkFalsePositiveResult {
  /** Key of the anomaly. */
  anomaly_id: string;
  /** How it was settled. */
  resolution_notes: string | null;
  /** When it was settled; null while open. */
  resolved_at: Date;
  /** Who settled it; system when a correction brought the row back inside. */
  resolved_by: string;
}

/** 'MarkFalsePositive' query type */
export interface IMarkFalsePositiveQuery {
  params: IMarkFalsePositiveParams;
  result: IMarkFalsePositiveResult;
}

const markFalsePositiveIR: any = {"usedParamSet":{"notes":true,"anomaly_id":true},"params":[{"name":"notes","required":false,"transform":{"type":"scalar"},"locs":[{"a":220,"b":225}]},{"name":"anomaly_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":269,"b":280}]}],"statement":"update public.anomalies as a\nset\n  reviewed = true,\n  is_false_positive = true,\n  resolved_at = now(),\n  resolved_by = coalesce(nullif(current_setting('app.user', true), ''), session_user),\n  resolution_notes = coalesce(:notes, a.resolution_notes)\nwhere a.anomaly_id = :anomaly_id!\nreturning a.anomaly_id, a.resolved_at as \"resolved_at!\", a.resolved_by as \"resolved_by!\", a.resolution_notes"};

/**
 * Settles an anomaly: the row is right. By the user of the transaction, else of the session.
 *
 * Query generated from SQL:
 * ```
 * update public.anomalies as a
 * set
 *   reviewed = true,
 *   is_false_positive = true,
 *   resolved_at = now(),
 *   resolved_by = coalesce(nullif(current_setting('app.user', true), ''), session_user),
 *   resolution_notes = coalesce(:notes, a.resolution_notes)
 * where a.anomaly_id = :anomaly_id!
 * returning a.anomaly_id, a.resolved_at as "resolved_at!", a.resolved_by as "resolved_by!", a.resolution_notes
 * ```
 */
export const markFalsePositive = new PreparedQuery<IMarkFalsePositiveParams,IMarkFalsePositiveResult>(markFalsePositiveIR, 'anomalies.markFalsePositive');


