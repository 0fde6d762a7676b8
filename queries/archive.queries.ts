/** Types generated for queries found in "queries/archive.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

/** 'Deleted' parameters type */
export interface IDeletedParams {
  /** For the next one pass the archive_id of the last row as :before_id. */
  before_id?: NumberOrString | null | void;
  /** A page has :limit rows. */
  limit: NumberOrString;
  source_id: number;
}

/** 'Deleted' return type */
export interface IDeletedResult {
  /** Key, in order of deletion. */
  archive_id: string;
  /** As in timeseries_data. */
  close: string | null;
  /** When it was deleted. */
  deleted_at: Date;
  /** Who deleted it. */
  deleted_by: string;
  /** app.reason of the deleting transaction. */
  deletion_reason: string | null;
  /** As in timeseries_data. */
  high: string | null;
  /** Whether it was an anomaly at deletion. */
  is_anomaly: boolean;
  /** Whether it was valid at deletion. */
  is_validated: boolean;
  /** As in timeseries_data. */
  low: string | null;
  /** As in timeseries_data. */
  open: string | null;
  /** Score at deletion. */
  quality_score: number;
  /** As in timeseries_data. */
  timestamp: Date;
  /** As in timeseries_data. */
  value: string | null;
  /** As in timeseries_data. */
  volume: string | null;
}

/** 'Deleted' query type */
export interface IDeletedQuery {
  params: IDeletedParams;
  result: IDeletedResult;
}

const deletedIR: any = {"usedParamSet":{"source_id":true,"before_id":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":262,"b":272}]},{"name":"before_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":332,"b":341}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":398,"b":404}]}],"statement":"select\n  a.archive_id,\n  a.timestamp,\n  a.open,\n  a.high,\n  a.low,\n  a.close,\n  a.volume,\n  a.value,\n  a.quality_score,\n  a.is_anomaly,\n  a.is_validated,\n  a.deleted_at,\n  a.deleted_by,\n  a.deletion_reason\nfrom public.timeseries_archive as a\nwhere a.source_id = :source_id!\n  and a.restored_at is null\n  and a.archive_id < coalesce(:before_id, 9223372036854775807)\norder by a.archive_id desc\nlimit :limit!                                                                                                                                                      "};

/**
 * Deleted rows of a source that have not been brought back, the last deleted first. A page has :limit rows. For the
 * next one pass the archive_id of the last row as :before_id.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.archive_id,
 *   a.timestamp,
 *   a.open,
 *   a.high,
 *   a.low,
 *   a.close,
 *   a.volume,
 *   a.value,
 *   a.quality_score,
 *   a.is_anomaly,
 *   a.is_validated,
 *   a.deleted_at,
 *   a.deleted_by,
 *   a.deletion_reason
 * from public.timeseries_archive as a
 * where a.source_id = :source_id!
 *   and a.restored_at is null
 *   and a.archive_id < coalesce(:before_id, 9223372036854775807)
 * order by a.archive_id desc
 * limit :limit!                                                                                                                                                      
 * ```
 */
export const deleted = new PreparedQuery<IDeletedParams,IDeletedResult>(deletedIR, 'archive.deleted');


/** 'Restore' parameters type */
export interface IRestoreParams {
  /** Brings the deleted rows from :from to :to (both included, left out: open) back and tells how many. */
  from?: DateOrString | null | void;
  source_id: number;
  /** Brings the deleted rows from :from to :to (both included, left out: open) back and tells how many. */
  to?: DateOrString | null | void;
}

/** 'Restore' return type */
export interface IRestoreResult {
  restored: string;
}

/** 'Restore' query type */
export interface IRestoreQuery {
  params: IRestoreParams;
  result: IRestoreResult;
}

const restoreIR: any = {"usedParamSet":{"source_id":true,"from":true,"to":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":31,"b":41}]},{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":44,"b":48}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":51,"b":53}]}],"statement":"select public.restore_archived(:source_id!, :from, :to) as \"restored!\""};

/**
 * Brings the deleted rows from :from to :to (both included, left out: open) back and tells how many. A row that exists
 * again is left alone.
 *
 * Query generated from SQL:
 * ```
 * select public.restore_archived(:source_id!, :from, :to) as "restored!"
 * ```
 */
export const restore = new PreparedQuery<IRestoreParams,IRestoreResult>(restoreIR, 'archive.restore');


