/** Types generated for queries found in "queries/audit.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { Json } from '../src/types/pg-types.js';

export type audit_action_enum = 'CORRECTION' | 'DELETE' | 'INSERT' | 'UPDATE';

export type BufferArray = (Buffer | null)[];

export type DateOrString = Date | string;

export type NumberOrString = number | string;

export type NumberOrStringArray = (NumberOrString | null)[];

export type stringArray = (string | null)[];

/** 'OfRow' parameters type */
export interface IOfRowParams {
  /** The history of one row of timeseries_data, oldest first, at most :limit entries. */
  limit?: NumberOrString | null | void;
  source_id: number;
  timestamp: DateOrString;
}

/** 'OfRow' return type */
export interface IOfRowResult {
  /** INSERT, UPDATE, DELETE, or CORRECTION: an update with a reason. */
  action: audit_action_enum;
  /** Key, in order of writing. */
  audit_id: string;
  /** Start of the transaction that made the change. */
  changed_at: Date;
  /** app.user of the transaction, else the session user. */
  changed_by: string;
  /** Columns that really changed, without the pipeline's own bookkeeping. */
  changed_fields: stringArray | null;
  /** Address of the client; null over a Unix socket. */
  ip_address: string | null;
  is_range: boolean;
  /** The row after; for a multi-row insert {"rows", "from", "to"}. */
  new_value: Json | null;
  /** The row before. */
  old_value: Json | null;
  /** app.reason of the transaction. */
  reason: string | null;
  /** app.user_agent of the transaction, else the application name. */
  user_agent: string | null;
}

/** 'OfRow' query type */
export interface IOfRowQuery {
  params: IOfRowParams;
  result: IOfRowResult;
}

const ofRowIR: any = {"usedParamSet":{"source_id":true,"timestamp":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":289,"b":299},{"a":361,"b":371}]},{"name":"timestamp","required":true,"transform":{"type":"scalar"},"locs":[{"a":319,"b":329},{"a":413,"b":423},{"a":592,"b":602}]},{"name":"limit","required":false,"transform":{"type":"scalar"},"locs":[{"a":726,"b":731}]}],"statement":"select\n  l.audit_id,\n  l.action,\n  l.timestamp is null as \"is_range!\",\n  l.old_value,\n  l.new_value,\n  l.changed_fields,\n  l.changed_by,\n  l.changed_at,\n  l.reason,\n  l.ip_address,\n  l.user_agent\nfrom public.audit_log as l\nwhere l.table_name = 'timeseries_data'\n  and (\n    (l.source_id = :source_id! and l.timestamp = :timestamp!)\n    or (\n      l.source_id = :source_id!\n      and l.timestamp is null\n      and :timestamp! between (l.new_value ->> 'from')::timestamptz and (l.new_value ->> 'to')::timestamptz\n    )\n    or (\n      l.source_id is null\n      and l.timestamp is null\n      and :timestamp! between (l.old_value ->> 'from')::timestamptz and (l.old_value ->> 'to')::timestamptz\n    )\n  )\norder by l.audit_id\nlimit :limit                                                                                                                                                                                                                                                                                 "};

/**
 * The history of one row of timeseries_data, oldest first, at most :limit entries. An entry about many rows (a multi-row
 * insert, or retention) belongs to it when its range covers the row; is_range marks those.
 *
 * Query generated from SQL:
 * ```
 * select
 *   l.audit_id,
 *   l.action,
 *   l.timestamp is null as "is_range!",
 *   l.old_value,
 *   l.new_value,
 *   l.changed_fields,
 *   l.changed_by,
 *   l.changed_at,
 *   l.reason,
 *   l.ip_address,
 *   l.user_agent
 * from public.audit_log as l
 * where l.table_name = 'timeseries_data'
 *   and (
 *     (l.source_id = :source_id! and l.timestamp = :timestamp!)
 *     or (
 *       l.source_id = :source_id!
 *       and l.timestamp is null
 *       and :timestamp! between (l.new_value ->> 'from')::timestamptz and (l.new_value ->> 'to')::timestamptz
 *     )
 *     or (
 *       l.source_id is null
 *       and l.timestamp is null
 *       and :timestamp! between (l.old_value ->> 'from')::timestamptz and (l.old_value ->> 'to')::timestamptz
 *     )
 *   )
 * order by l.audit_id
 * limit :limit                                                                                                                                                                                                                                                                                 
 * ```
 */
export const ofRow = new PreparedQuery<IOfRowParams,IOfRowResult>(ofRowIR, 'audit.ofRow');


/** 'Recent' parameters type */
export interface IRecentParams {
  /** For the next one pass the audit_id of the last one as :before_id. */
  before_id?: NumberOrString | null | void;
  /** The newest entries of the log, of the table :table_name, of :source_id, by the person :changed_by, or all. */
  changed_by?: string | null | void;
  /** A page has :limit entries. */
  limit: NumberOrString;
  /** The newest entries of the log, of the table :table_name, of :source_id, by the person :changed_by, or all. */
  source_id?: number | null | void;
  /** The newest entries of the log, of the table :table_name, of :source_id, by the person :changed_by, or all. */
  table_name?: string | null | void;
}

/** 'Recent' return type */
export interface IRecentResult {
  /** INSERT, UPDATE, DELETE, or CORRECTION: an update with a reason. */
  action: audit_action_enum;
  /** Key, in order of writing. */
  audit_id: string;
  /** Start of the transaction that made the change. */
  changed_at: Date;
  /** app.user of the transaction, else the session user. */
  changed_by: string;
  /** Columns that really changed, without the pipeline's own bookkeeping. */
  changed_fields: stringArray | null;
  /** Address of the client; null over a Unix socket. */
  ip_address: string | null;
  /** The row after; for a multi-row insert {"rows", "from", "to"}. */
  new_value: Json | null;
  /** The row before. */
  old_value: Json | null;
  /** app.reason of the transaction. */
  reason: string | null;
  /** The source that the changed row belongs to, if any. */
  source_id: number | null;
  /** Table of the changed row. */
  table_name: string;
  /** The moment that the changed row describes; null for an entry about many rows. */
  timestamp: Date | null;
  /** app.user_agent of the transaction, else the application name. */
  user_agent: string | null;
}

/** 'Recent' query type */
export interface IRecentQuery {
  params: IRecentParams;
  result: IRecentResult;
}

const recentIR: any = {"usedParamSet":{"before_id":true,"table_name":true,"source_id":true,"changed_by":true,"limit":true},"params":[{"name":"before_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":259,"b":268}]},{"name":"table_name","required":false,"transform":{"type":"scalar"},"locs":[{"a":299,"b":309},{"a":343,"b":353}]},{"name":"source_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":363,"b":372},{"a":404,"b":413}]},{"name":"changed_by","required":false,"transform":{"type":"scalar"},"locs":[{"a":423,"b":433},{"a":467,"b":477}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":511,"b":517}]}],"statement":"select\n  l.audit_id,\n  l.source_id,\n  l.timestamp,\n  l.action,\n  l.table_name,\n  l.old_value,\n  l.new_value,\n  l.changed_fields,\n  l.changed_by,\n  l.changed_at,\n  l.reason,\n  l.ip_address,\n  l.user_agent\nfrom public.audit_log as l\nwhere l.audit_id < coalesce(:before_id, 9223372036854775807)\n  and (:table_name::text is null or l.table_name = :table_name)\n  and (:source_id::int is null or l.source_id = :source_id)\n  and (:changed_by::text is null or l.changed_by = :changed_by)\norder by l.audit_id desc\nlimit :limit!                                                                                                                                                                                                                                                   "};

/**
 * The newest entries of the log, of the table :table_name, of :source_id, by the person :changed_by, or all. A page has
 * :limit entries. For the next one pass the audit_id of the last one as :before_id.
 *
 * Query generated from SQL:
 * ```
 * select
 *   l.audit_id,
 *   l.source_id,
 *   l.timestamp,
 *   l.action,
 *   l.table_name,
 *   l.old_value,
 *   l.new_value,
 *   l.changed_fields,
 *   l.changed_by,
 *   l.changed_at,
 *   l.reason,
 *   l.ip_address,
 *   l.user_agent
 * from public.audit_log as l
 * where l.audit_id < coalesce(:before_id, 9223372036854775807)
 *   and (:table_name::text is null or l.table_name = :table_name)
 *   and (:source_id::int is null or l.source_id = :source_id)
 *   and (:changed_by::text is null or l.changed_by = :changed_by)
 * order by l.audit_id desc
 * limit :limit!                                                                                                                                                                                                                                                   
 * ```
 */
export const recent = new PreparedQuery<IRecentParams,IRecentResult>(recentIR, 'audit.recent');


/** 'OfSource' parameters type */
export interface IOfSourceParams {
  /** For the next one pass the audit_id of the last one as :before_id. */
  before_id?: NumberOrString | null | void;
  /** A page has :limit entries. */
  limit: NumberOrString;
  source_id: number;
}

/** 'OfSource' return type */
export interface IOfSourceResult {
  /** INSERT, UPDATE, DELETE, or CORRECTION: an update with a reason. */
  action: audit_action_enum;
  /** Key, in order of writing. */
  audit_id: string;
  /** Start of the transaction that made the change. */
  changed_at: Date;
  /** app.user of the transaction, else the session user. */
  changed_by: string;
  /** Columns that really changed, without the pipeline's own bookkeeping. */
  changed_fields: stringArray | null;
  /** Address of the client; null over a Unix socket. */
  ip_address: string | null;
  /** The row after; for a multi-row insert {"rows", "from", "to"}. */
  new_value: Json | null;
  /** The row before. */
  old_value: Json | null;
  /** app.reason of the transaction. */
  reason: string | null;
  /** Table of the changed row. */
  table_name: string;
  /** The moment that the changed row describes; null for an entry about many rows. */
  timestamp: Date | null;
  /** app.user_agent of the transaction, else the application name. */
  user_agent: string | null;
}

/** 'OfSource' query type */
export interface IOfSourceQuery {
  params: IOfSourceParams;
  result: IOfSourceResult;
}

const ofSourceIR: any = {"usedParamSet":{"source_id":true,"before_id":true,"limit":true},"params":[{"name":"source_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":236,"b":246}]},{"name":"before_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":276,"b":285}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":340,"b":346}]}],"statement":"select\n  l.audit_id,\n  l.timestamp,\n  l.action,\n  l.table_name,\n  l.old_value,\n  l.new_value,\n  l.changed_fields,\n  l.changed_by,\n  l.changed_at,\n  l.reason,\n  l.ip_address,\n  l.user_agent\nfrom public.audit_log as l\nwhere l.source_id = :source_id!\n  and l.audit_id < coalesce(:before_id, 9223372036854775807)\norder by l.audit_id desc\nlimit :limit!                                                                                                       "};

/**
 * The newest entries of the log about a source: its registration, its rows and what hangs on them. A page has :limit
 * entries. For the next one pass the audit_id of the last one as :before_id.
 *
 * Query generated from SQL:
 * ```
 * select
 *   l.audit_id,
 *   l.timestamp,
 *   l.action,
 *   l.table_name,
 *   l.old_value,
 *   l.new_value,
 *   l.changed_fields,
 *   l.changed_by,
 *   l.changed_at,
 *   l.reason,
 *   l.ip_address,
 *   l.user_agent
 * from public.audit_log as l
 * where l.source_id = :source_id!
 *   and l.audit_id < coalesce(:before_id, 9223372036854775807)
 * order by l.audit_id desc
 * limit :limit!                                                                                                       
 * ```
 */
export const ofSource = new PreparedQuery<IOfSourceParams,IOfSourceResult>(ofSourceIR, 'audit.ofSource');


/** 'Seal' parameters type */
export type ISealParams = void;

/** 'Seal' return type */
export type ISealResult = void;

/** 'Seal' query type */
export interface ISealQuery {
  params: ISealParams;
  result: ISealResult;
}

const sealIR: any = {"usedParamSet":{},"params":[],"statement":"call public.seal_audit_log()                                                                                                                    "};

/**
 * Seals the entries since the last seal. Waits for those who are writing. Not inside a transaction.
 *
 * Query generated from SQL:
 * ```
 * call public.seal_audit_log()                                                                                                                    
 * ```
 */
export const seal = new PreparedQuery<ISealParams,ISealResult>(sealIR, 'audit.seal');


/** 'Verify' parameters type */
export type IVerifyParams = void;

/** 'Verify' return type */
export interface IVerifyResult {
  detail: string;
  entry: string | null;
  what: string;
}

/** 'Verify' query type */
export interface IVerifyQuery {
  params: IVerifyParams;
  result: IVerifyResult;
}

const verifyIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  v.entry,\n  v.what as \"what!\",\n  v.detail as \"detail!\"\nfrom public.verify_audit_log() as v                                                                                                                 "};

/**
 * The first entry, or seal, that is not as it was sealed, and what has happened to it; nothing when all is well.
 *
 * Query generated from SQL:
 * ```
 * select
 *   v.entry,
 *   v.what as "what!",
 *   v.detail as "detail!"
 * from public.verify_audit_log() as v                                                                                                                 
 * ```
 */
export const verify = new PreparedQuery<IVerifyParams,IVerifyResult>(verifyIR, 'audit.verify');


/** 'Head' parameters type */
export interface IHeadParams {
  /** The newest seal, or the one with the number :seal_id: its digest speaks for all that was sealed until then. */
  seal_id?: NumberOrString | null | void;
}

/** 'Head' return type */
export interface IHeadResult {
  /** SHA-256 of all this. That of the newest seal speaks for the whole log. */
  digest: Buffer;
  /** How many these are. */
  entry_count: number;
  /** It seals every entry up to this one that the seal before does not. */
  last_id: string;
  /** Number of the seal; without gaps. */
  seal_id: string;
  /** When it was sealed. */
  sealed_at: Date;
}

/** 'Head' query type */
export interface IHeadQuery {
  params: IHeadParams;
  result: IHeadResult;
}

const headIR: any = {"usedParamSet":{"seal_id":true},"params":[{"name":"seal_id","required":false,"transform":{"type":"scalar"},"locs":[{"a":111,"b":118},{"a":151,"b":158}]}],"statement":"select\n  s.seal_id,\n  s.last_id,\n  s.entry_count,\n  s.sealed_at,\n  s.digest\nfrom public.audit_seals as s\nwhere :seal_id::bigint is null or s.seal_id = :seal_id\norder by s.seal_id desc\nlimit 1                                                                                                                  "};

/**
 * The newest seal, or the one with the number :seal_id: its digest speaks for all that was sealed until then.
 *
 * Query generated from SQL:
 * ```
 * select
 *   s.seal_id,
 *   s.last_id,
 *   s.entry_count,
 *   s.sealed_at,
 *   s.digest
 * from public.audit_seals as s
 * where :seal_id::bigint is null or s.seal_id = :seal_id
 * order by s.seal_id desc
 * limit 1                                                                                                                  
 * ```
 */
export const head = new PreparedQuery<IHeadParams,IHeadResult>(headIR, 'audit.head');


/** 'OtherSeals' parameters type */
export interface IOtherSealsParams {
  /** Which of the seals :seal_ids are not there, or not with the digests :digests, which stand in the same order. */
  digests: BufferArray;
  /** Which of the seals :seal_ids are not there, or not with the digests :digests, which stand in the same order. */
  seal_ids: NumberOrStringArray;
}

/** 'OtherSeals' return type */
export interface IOtherSealsResult {
  is_there: boolean;
  seal_id: string;
}

/** 'OtherSeals' query type */
export interface IOtherSealsQuery {
  params: IOtherSealsParams;
  result: IOtherSealsResult;
}

const otherSealsIR: any = {"usedParamSet":{"seal_ids":true,"digests":true},"params":[{"name":"seal_ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":136,"b":145}]},{"name":"digests","required":true,"transform":{"type":"scalar"},"locs":[{"a":158,"b":166}]}],"statement":"select\n  h.seal_id as \"seal_id!\",\n  exists (select from public.audit_seals as s where s.seal_id = h.seal_id) as \"is_there!\"\nfrom unnest(:seal_ids!::bigint[], :digests!::bytea[]) as h (seal_id, digest)\nwhere not exists (\n  select from public.audit_seals as s where s.seal_id = h.seal_id and s.digest = h.digest\n)\norder by h.seal_id                                                                                                                "};

/**
 * Which of the seals :seal_ids are not there, or not with the digests :digests, which stand in the same order.
 *
 * Query generated from SQL:
 * ```
 * select
 *   h.seal_id as "seal_id!",
 *   exists (select from public.audit_seals as s where s.seal_id = h.seal_id) as "is_there!"
 * from unnest(:seal_ids!::bigint[], :digests!::bytea[]) as h (seal_id, digest)
 * where not exists (
 *   select from public.audit_seals as s where s.seal_id = h.seal_id and s.digest = h.digest
 * )
 * order by h.seal_id                                                                                                                
 * ```
 */
export const otherSeals = new PreparedQuery<IOtherSealsParams,IOtherSealsResult>(otherSealsIR, 'audit.otherSeals');


/** 'SealsToArchive' parameters type */
export interface ISealsToArchiveParams {
  /** The seals whose entries can be archived, because they were sealed more than :older_than ago, oldest first. */
  older_than: string;
}

/** 'SealsToArchive' return type */
export interface ISealsToArchiveResult {
  /** Number of the seal; without gaps. */
  seal_id: string;
}

/** 'SealsToArchive' query type */
export interface ISealsToArchiveQuery {
  params: ISealsToArchiveParams;
  result: ISealsToArchiveResult;
}

const sealsToArchiveIR: any = {"usedParamSet":{"older_than":true},"params":[{"name":"older_than","required":true,"transform":{"type":"scalar"},"locs":[{"a":212,"b":223}]}],"statement":"select s.seal_id\nfrom public.audit_seals as s\nwhere s.archived_at is null\n  and s.seal_id < coalesce(\n    (select min(n.seal_id) from public.audit_seals as n where n.archived_at is null and n.sealed_at > now() - :older_than!::interval),\n    9223372036854775807\n  )\norder by s.seal_id                                                                                                      "};

/**
 * The seals whose entries can be archived, because they were sealed more than :older_than ago, oldest first.
 *
 * Query generated from SQL:
 * ```
 * select s.seal_id
 * from public.audit_seals as s
 * where s.archived_at is null
 *   and s.seal_id < coalesce(
 *     (select min(n.seal_id) from public.audit_seals as n where n.archived_at is null and n.sealed_at > now() - :older_than!::interval),
 *     9223372036854775807
 *   )
 * order by s.seal_id                                                                                                      
 * ```
 */
export const sealsToArchive = new PreparedQuery<ISealsToArchiveParams,ISealsToArchiveResult>(sealsToArchiveIR, 'audit.sealsToArchive');


/** 'ArchiveLines' parameters type */
export interface IArchiveLinesParams {
  seal_id: NumberOrString;
}

/** 'ArchiveLines' return type */
export interface IArchiveLinesResult {
  line: string;
}

/** 'ArchiveLines' query type */
export interface IArchiveLinesQuery {
  params: IArchiveLinesParams;
  result: IArchiveLinesResult;
}

const archiveLinesIR: any = {"usedParamSet":{"seal_id":true},"params":[{"name":"seal_id","required":true,"transform":{"type":"scalar"},"locs":[{"a":243,"b":251},{"a":373,"b":381}]}],"statement":"select x.line as \"line!\"\nfrom (\n  select l.audit_id as place, app_private.audit_line(l, l.audit_id) as line\n  from public.audit_log as l\n  where l.audit_id = any (array(select unnest(s.audit_ids) from public.audit_seals as s where s.seal_id = :seal_id!))\n  union all\n  select 9223372036854775807, app_private.seal_line(s)\n  from public.audit_seals as s\n  where s.seal_id = :seal_id!\n) as x\norder by x.place                                                                                                                                                                                            "};

/**
 * What an archive has of a seal: the lines of its entries in their order, and behind them its own.
 *
 * Query generated from SQL:
 * ```
 * select x.line as "line!"
 * from (
 *   select l.audit_id as place, app_private.audit_line(l, l.audit_id) as line
 *   from public.audit_log as l
 *   where l.audit_id = any (array(select unnest(s.audit_ids) from public.audit_seals as s where s.seal_id = :seal_id!))
 *   union all
 *   select 9223372036854775807, app_private.seal_line(s)
 *   from public.audit_seals as s
 *   where s.seal_id = :seal_id!
 * ) as x
 * order by x.place                                                                                                                                                                                            
 * ```
 */
export const archiveLines = new PreparedQuery<IArchiveLinesParams,IArchiveLinesResult>(archiveLinesIR, 'audit.archiveLines');


/** 'Archive' parameters type */
export interface IArchiveParams {
  /** Deletes the entries of the seals :first_seal to :last_seal, which have to be the oldest ones, and tells how many. */
  first_seal: NumberOrString;
  /** :head is the digest with which the file that holds them ends. */
  head: Buffer;
  /** Deletes the entries of the seals :first_seal to :last_seal, which have to be the oldest ones, and tells how many. */
  last_seal: NumberOrString;
}

/** 'Archive' return type */
export interface IArchiveResult {
  entries: string;
}

/** 'Archive' query type */
export interface IArchiveQuery {
  params: IArchiveParams;
  result: IArchiveResult;
}

const archiveIR: any = {"usedParamSet":{"first_seal":true,"last_seal":true,"head":true},"params":[{"name":"first_seal","required":true,"transform":{"type":"scalar"},"locs":[{"a":41,"b":52}]},{"name":"last_seal","required":true,"transform":{"type":"scalar"},"locs":[{"a":55,"b":65}]},{"name":"head","required":true,"transform":{"type":"scalar"},"locs":[{"a":68,"b":73}]}],"statement":"select app_private.archive_audit_entries(:first_seal!, :last_seal!, :head!) as \"entries!\""};

/**
 * Deletes the entries of the seals :first_seal to :last_seal, which have to be the oldest ones, and tells how many. :head is the
 * digest with which the file that holds them ends.
 *
 * Query generated from SQL:
 * ```
 * select app_private.archive_audit_entries(:first_seal!, :last_seal!, :head!) as "entries!"
 * ```
 */
export const archive = new PreparedQuery<IArchiveParams,IArchiveResult>(archiveIR, 'audit.archive');


