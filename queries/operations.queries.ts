/** Types generated for queries found in "queries/operations.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { Json } from '../src/types/pg-types.js';

export type DateOrString = Date | string;

export type stringArray = (string | null)[];

/** 'Versions' parameters type */
export type IVersionsParams = void;

/** 'Versions' return type */
export interface IVersionsResult {
  postgres: string;
  timescaledb: string;
}

/** 'Versions' query type */
export interface IVersionsQuery {
  params: IVersionsParams;
  result: IVersionsResult;
}

const versionsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  current_setting('server_version') as \"postgres!\",\n  e.extversion as timescaledb\nfrom pg_catalog.pg_extension as e\nwhere e.extname = 'timescaledb'                                                  "};

/**
 * What the server runs.
 *
 * Query generated from SQL:
 * ```
 * select
 *   current_setting('server_version') as "postgres!",
 *   e.extversion as timescaledb
 * from pg_catalog.pg_extension as e
 * where e.extname = 'timescaledb'                                                  
 * ```
 */
export const versions = new PreparedQuery<IVersionsParams,IVersionsResult>(versionsIR, 'operations.versions');


/** 'Chunks' parameters type */
export type IChunksParams = void;

/** 'Chunks' return type */
export interface IChunksResult {
  /** Table of the chunk. */
  chunk: string;
  /** Size before over size after compression; null while uncompressed. */
  compression_ratio: string | null;
  /** Whether it is compressed, wholly or in part. */
  is_compressed: boolean;
  /** Last moment, excluded. */
  range_end: Date;
  /** First moment, included. */
  range_start: Date;
  /** Number of rows: counted, except in uncompressed chunks that have statistics. */
  row_count: string;
  /** Size with indexes and TOAST, in bytes. */
  total_bytes: string;
}

/** 'Chunks' query type */
export interface IChunksQuery {
  params: IChunksParams;
  result: IChunksResult;
}

const chunksIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  c.chunk as \"chunk!\",\n  c.range_start as \"range_start!\",\n  c.range_end as \"range_end!\",\n  c.row_count as \"row_count!\",\n  c.total_bytes as \"total_bytes!\",\n  c.is_compressed as \"is_compressed!\",\n  c.compression_ratio\nfrom public.chunk_stats as c\norder by c.range_start                                                                                     "};

/**
 * The chunks of timeseries_data, oldest first.
 *
 * Query generated from SQL:
 * ```
 * select
 *   c.chunk as "chunk!",
 *   c.range_start as "range_start!",
 *   c.range_end as "range_end!",
 *   c.row_count as "row_count!",
 *   c.total_bytes as "total_bytes!",
 *   c.is_compressed as "is_compressed!",
 *   c.compression_ratio
 * from public.chunk_stats as c
 * order by c.range_start                                                                                     
 * ```
 */
export const chunks = new PreparedQuery<IChunksParams,IChunksResult>(chunksIR, 'operations.chunks');


/** 'CompressedUntil' parameters type */
export type ICompressedUntilParams = void;

/** 'CompressedUntil' return type */
export interface ICompressedUntilResult {
  compressed_until: Date | null;
}

/** 'CompressedUntil' query type */
export interface ICompressedUntilQuery {
  params: ICompressedUntilParams;
  result: ICompressedUntilResult;
}

const compressedUntilIR: any = {"usedParamSet":{},"params":[],"statement":"select coalesce(\n  min(c.range_start) filter (where not c.is_compressed),\n  max(c.range_end)\n) as compressed_until\nfrom public.chunk_stats as c                                                                                               "};

/**
 * The moment before which all chunks are compressed; null when the oldest is not.
 *
 * Query generated from SQL:
 * ```
 * select coalesce(
 *   min(c.range_start) filter (where not c.is_compressed),
 *   max(c.range_end)
 * ) as compressed_until
 * from public.chunk_stats as c                                                                                               
 * ```
 */
export const compressedUntil = new PreparedQuery<ICompressedUntilParams,ICompressedUntilResult>(compressedUntilIR, 'operations.compressedUntil');


/** 'Compression' parameters type */
export type ICompressionParams = void;

/** 'Compression' return type */
export interface ICompressionResult {
  after_bytes: string | null;
  before_bytes: string | null;
  chunk: string;
  is_compressed: boolean;
  range_end: Date;
  range_start: Date;
  ratio: string | null;
}

/** 'Compression' query type */
export interface ICompressionQuery {
  params: ICompressionParams;
  result: ICompressionResult;
}

const compressionIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  c.chunk as \"chunk!\",\n  c.range_start as \"range_start!\",\n  c.range_end as \"range_end!\",\n  c.is_compressed as \"is_compressed!\",\n  c.before_bytes,\n  c.after_bytes,\n  c.ratio\nfrom public.chunk_compression_stats() as c\norder by c.range_start                                       "};

/**
 * Size of each chunk before and after compression, in bytes; null while it is uncompressed.
 *
 * Query generated from SQL:
 * ```
 * select
 *   c.chunk as "chunk!",
 *   c.range_start as "range_start!",
 *   c.range_end as "range_end!",
 *   c.is_compressed as "is_compressed!",
 *   c.before_bytes,
 *   c.after_bytes,
 *   c.ratio
 * from public.chunk_compression_stats() as c
 * order by c.range_start                                       
 * ```
 */
export const compression = new PreparedQuery<ICompressionParams,ICompressionResult>(compressionIR, 'operations.compression');


/** 'CompressionTotal' parameters type */
export type ICompressionTotalParams = void;

/** 'CompressionTotal' return type */
export interface ICompressionTotalResult {
  after_bytes: string | null;
  before_bytes: string | null;
  chunks: string;
  compressed_chunks: string;
  ratio: string | null;
}

/** 'CompressionTotal' query type */
export interface ICompressionTotalQuery {
  params: ICompressionTotalParams;
  result: ICompressionTotalResult;
}

const compressionTotalIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  count(*) as \"chunks!\",\n  count(*) filter (where c.is_compressed) as \"compressed_chunks!\",\n  sum(c.before_bytes)::bigint as before_bytes,\n  sum(c.after_bytes)::bigint as after_bytes,\n  round(sum(c.before_bytes) / nullif(sum(c.after_bytes), 0), 2) as ratio\nfrom public.chunk_compression_stats() as c                                                                 "};

/**
 * The same for all chunks together.
 *
 * Query generated from SQL:
 * ```
 * select
 *   count(*) as "chunks!",
 *   count(*) filter (where c.is_compressed) as "compressed_chunks!",
 *   sum(c.before_bytes)::bigint as before_bytes,
 *   sum(c.after_bytes)::bigint as after_bytes,
 *   round(sum(c.before_bytes) / nullif(sum(c.after_bytes), 0), 2) as ratio
 * from public.chunk_compression_stats() as c                                                                 
 * ```
 */
export const compressionTotal = new PreparedQuery<ICompressionTotalParams,ICompressionTotalResult>(compressionTotalIR, 'operations.compressionTotal');


/** 'RefreshAll' parameters type */
export type IRefreshAllParams = void;

/** 'RefreshAll' return type */
export type IRefreshAllResult = void;

/** 'RefreshAll' query type */
export interface IRefreshAllQuery {
  params: IRefreshAllParams;
  result: IRefreshAllResult;
}

const refreshAllIR: any = {"usedParamSet":{},"params":[],"statement":"call public.refresh_all_aggregates()                                                                                                                                                              "};

/**
 * Brings all aggregates up to date. Not inside a transaction.
 *
 * Query generated from SQL:
 * ```
 * call public.refresh_all_aggregates()                                                                                                                                                              
 * ```
 */
export const refreshAll = new PreparedQuery<IRefreshAllParams,IRefreshAllResult>(refreshAllIR, 'operations.refreshAll');


/** 'RefreshRange' parameters type */
export interface IRefreshRangeParams {
  /** The same where the range from :from to :to touches them (both included, left out: open), for all aggregates or for the one that :aggregate names. */
  aggregate?: string | null | void;
  /** The same where the range from :from to :to touches them (both included, left out: open), for all aggregates or for the one that :aggregate names. */
  from?: DateOrString | null | void;
  /** The same where the range from :from to :to touches them (both included, left out: open), for all aggregates or for the one that :aggregate names. */
  to?: DateOrString | null | void;
}

/** 'RefreshRange' return type */
export type IRefreshRangeResult = void;

/** 'RefreshRange' query type */
export interface IRefreshRangeQuery {
  params: IRefreshRangeParams;
  result: IRefreshRangeResult;
}

const refreshRangeIR: any = {"usedParamSet":{"from":true,"to":true,"aggregate":true},"params":[{"name":"from","required":false,"transform":{"type":"scalar"},"locs":[{"a":35,"b":39}]},{"name":"to","required":false,"transform":{"type":"scalar"},"locs":[{"a":42,"b":44}]},{"name":"aggregate","required":false,"transform":{"type":"scalar"},"locs":[{"a":47,"b":56}]}],"statement":"call public.refresh_all_aggregates(:from, :to, :aggregate::text::regclass)                                                                                                         "};

/**
 * The same where the range from :from to :to touches them (both included, left out: open), for all aggregates or for
 * the one that :aggregate names.
 *
 * Query generated from SQL:
 * ```
 * call public.refresh_all_aggregates(:from, :to, :aggregate::text::regclass)                                                                                                         
 * ```
 */
export const refreshRange = new PreparedQuery<IRefreshRangeParams,IRefreshRangeResult>(refreshRangeIR, 'operations.refreshRange');


/** 'CompressOld' parameters type */
export interface ICompressOldParams {
  /** Compresses the chunks that are older than :older_than, by default 7 days. */
  older_than?: string | null | void;
}

/** 'CompressOld' return type */
export type ICompressOldResult = void;

/** 'CompressOld' query type */
export interface ICompressOldQuery {
  params: ICompressOldParams;
  result: ICompressOldResult;
}

const compressOldIR: any = {"usedParamSet":{"older_than":true},"params":[{"name":"older_than","required":false,"transform":{"type":"scalar"},"locs":[{"a":41,"b":51}]}],"statement":"call public.compress_old_chunks(coalesce(:older_than, interval '7 days'))                                                                                                                       "};

/**
 * Compresses the chunks that are older than :older_than, by default 7 days. Not inside a transaction.
 *
 * Query generated from SQL:
 * ```
 * call public.compress_old_chunks(coalesce(:older_than, interval '7 days'))                                                                                                                       
 * ```
 */
export const compressOld = new PreparedQuery<ICompressOldParams,ICompressOldResult>(compressOldIR, 'operations.compressOld');


/** 'SetRetention' parameters type */
export interface ISetRetentionParams {
  /** Drops chunks older than :keep once a day; without :keep rows are kept for ever. */
  keep?: string | null | void;
}

/** 'SetRetention' return type */
export interface ISetRetentionResult {
  job_id: number | null;
}

/** 'SetRetention' query type */
export interface ISetRetentionQuery {
  params: ISetRetentionParams;
  result: ISetRetentionResult;
}

const setRetentionIR: any = {"usedParamSet":{"keep":true},"params":[{"name":"keep","required":false,"transform":{"type":"scalar"},"locs":[{"a":28,"b":32}]}],"statement":"select public.set_retention(:keep) as job_id                                                                                                                                                                             "};

/**
 * Drops chunks older than :keep once a day; without :keep rows are kept for ever. The id of the job, null when off.
 *
 * Query generated from SQL:
 * ```
 * select public.set_retention(:keep) as job_id                                                                                                                                                                             
 * ```
 */
export const setRetention = new PreparedQuery<ISetRetentionParams,ISetRetentionResult>(setRetentionIR, 'operations.setRetention');


/** 'PreviewRetention' parameters type */
export interface IPreviewRetentionParams {
  /** What retention would drop if rows were kept for :keep, chunk by chunk and when; without :keep, what the retention that is set will drop. */
  keep?: string | null | void;
}

/** 'PreviewRetention' return type */
export interface IPreviewRetentionResult {
  chunk: string;
  drops_at: Date;
  is_due: boolean;
  range_end: Date;
  range_start: Date;
  row_count: string;
  source_names: stringArray;
  total_bytes: string;
}

/** 'PreviewRetention' query type */
export interface IPreviewRetentionQuery {
  params: IPreviewRetentionParams;
  result: IPreviewRetentionResult;
}

const previewRetentionIR: any = {"usedParamSet":{"keep":true},"params":[{"name":"keep","required":false,"transform":{"type":"scalar"},"locs":[{"a":282,"b":286}]}],"statement":"select\n  p.chunk as \"chunk!\",\n  p.range_start as \"range_start!\",\n  p.range_end as \"range_end!\",\n  p.row_count as \"row_count!\",\n  p.total_bytes as \"total_bytes!\",\n  p.source_names as \"source_names!\",\n  p.drops_at as \"drops_at!\",\n  p.is_due as \"is_due!\"\nfrom public.preview_retention(:keep) as p\norder by p.range_start                                                                                          "};

/**
 * What retention would drop if rows were kept for :keep, chunk by chunk and when; without :keep, what the retention that is set
 * will drop. Nothing when it is off.
 *
 * Query generated from SQL:
 * ```
 * select
 *   p.chunk as "chunk!",
 *   p.range_start as "range_start!",
 *   p.range_end as "range_end!",
 *   p.row_count as "row_count!",
 *   p.total_bytes as "total_bytes!",
 *   p.source_names as "source_names!",
 *   p.drops_at as "drops_at!",
 *   p.is_due as "is_due!"
 * from public.preview_retention(:keep) as p
 * order by p.range_start                                                                                          
 * ```
 */
export const previewRetention = new PreparedQuery<IPreviewRetentionParams,IPreviewRetentionResult>(previewRetentionIR, 'operations.previewRetention');


/** 'AggregateStatus' parameters type */
export type IAggregateStatusParams = void;

/** 'AggregateStatus' return type */
export interface IAggregateStatusResult {
  /** The continuous aggregate. */
  aggregate: string;
  /** Whether newer rows are aggregated on the fly. */
  is_real_time: boolean;
  /** Its refresh policy. */
  job_id: number | null;
  /** When it last ran. */
  last_refresh: Date | null;
  /** How that ended. */
  last_status: string | null;
  /** End of the materialized range; null before the first refresh. */
  materialized_until: Date | null;
  /** When it runs next. */
  next_refresh: Date | null;
  /** How often the policy runs. */
  schedule_interval: string | null;
  /** How often it has failed. */
  total_failures: string | null;
}

/** 'AggregateStatus' query type */
export interface IAggregateStatusQuery {
  params: IAggregateStatusParams;
  result: IAggregateStatusResult;
}

const aggregateStatusIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  a.aggregate as \"aggregate!\",\n  a.is_real_time as \"is_real_time!\",\n  a.materialized_until,\n  a.job_id,\n  a.schedule_interval,\n  a.last_refresh,\n  a.last_status,\n  a.total_failures,\n  a.next_refresh\nfrom public.aggregate_refresh_status as a\norder by a.aggregate                                                                                                     "};

/**
 * How far each continuous aggregate is materialized, and how its refresh policy fares.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.aggregate as "aggregate!",
 *   a.is_real_time as "is_real_time!",
 *   a.materialized_until,
 *   a.job_id,
 *   a.schedule_interval,
 *   a.last_refresh,
 *   a.last_status,
 *   a.total_failures,
 *   a.next_refresh
 * from public.aggregate_refresh_status as a
 * order by a.aggregate                                                                                                     
 * ```
 */
export const aggregateStatus = new PreparedQuery<IAggregateStatusParams,IAggregateStatusResult>(aggregateStatusIR, 'operations.aggregateStatus');


/** 'Jobs' parameters type */
export type IJobsParams = void;

/** 'Jobs' return type */
export interface IJobsResult {
  application_name: string;
  config: Json | null;
  hypertable_name: string | null;
  job_id: number;
  last_run_duration: string | null;
  last_run_started_at: Date | null;
  last_run_status: string | null;
  next_start: Date | null;
  proc_name: string;
  proc_schema: string;
  schedule_interval: string;
  scheduled: boolean;
  total_failures: string | null;
  total_runs: string | null;
}

/** 'Jobs' query type */
export interface IJobsQuery {
  params: IJobsParams;
  result: IJobsResult;
}

const jobsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  j.job_id as \"job_id!\",\n  j.application_name as \"application_name!\",\n  j.proc_schema as \"proc_schema!\",\n  j.proc_name as \"proc_name!\",\n  j.hypertable_name,\n  j.schedule_interval as \"schedule_interval!\",\n  j.scheduled as \"scheduled!\",\n  j.config,\n  case when isfinite(t.last_run_started_at) then t.last_run_started_at end as last_run_started_at,\n  t.last_run_status as \"last_run_status?\",\n  t.last_run_duration as \"last_run_duration?\",\n  case when isfinite(t.next_start) then t.next_start end as next_start,\n  t.total_runs as \"total_runs?\",\n  t.total_failures as \"total_failures?\"\nfrom timescaledb_information.jobs as j\nleft join timescaledb_information.job_stats as t on t.job_id = j.job_id\norder by j.job_id                                                                                                                        "};

/**
 * The background jobs of this database and how they fare. TimescaleDB writes -infinity for never.
 *
 * Query generated from SQL:
 * ```
 * select
 *   j.job_id as "job_id!",
 *   j.application_name as "application_name!",
 *   j.proc_schema as "proc_schema!",
 *   j.proc_name as "proc_name!",
 *   j.hypertable_name,
 *   j.schedule_interval as "schedule_interval!",
 *   j.scheduled as "scheduled!",
 *   j.config,
 *   case when isfinite(t.last_run_started_at) then t.last_run_started_at end as last_run_started_at,
 *   t.last_run_status as "last_run_status?",
 *   t.last_run_duration as "last_run_duration?",
 *   case when isfinite(t.next_start) then t.next_start end as next_start,
 *   t.total_runs as "total_runs?",
 *   t.total_failures as "total_failures?"
 * from timescaledb_information.jobs as j
 * left join timescaledb_information.job_stats as t on t.job_id = j.job_id
 * order by j.job_id                                                                                                                        
 * ```
 */
export const jobs = new PreparedQuery<IJobsParams,IJobsResult>(jobsIR, 'operations.jobs');


/** 'SlowQueries' parameters type */
export type ISlowQueriesParams = void;

/** 'SlowQueries' return type */
export interface ISlowQueriesResult {
  /** How often it ran. */
  calls: string;
  /** Mean time, ms. */
  mean_ms: number;
  /** The statement, constants replaced. */
  query: string;
  /** Mean number of rows. */
  rows_per_call: string | null;
  /** Total time, ms. */
  total_ms: number;
}

/** 'SlowQueries' query type */
export interface ISlowQueriesQuery {
  params: ISlowQueriesParams;
  result: ISlowQueriesResult;
}

const slowQueriesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  q.query as \"query!\",\n  q.calls as \"calls!\",\n  q.mean_ms as \"mean_ms!\",\n  q.total_ms as \"total_ms!\",\n  q.rows_per_call\nfrom public.slow_queries as q\norder by q.mean_ms desc                                                                                                                        "};

/**
 * Statements that take more than 500 ms on average, the slowest first. Empty where pg_stat_statements is not loaded.
 *
 * Query generated from SQL:
 * ```
 * select
 *   q.query as "query!",
 *   q.calls as "calls!",
 *   q.mean_ms as "mean_ms!",
 *   q.total_ms as "total_ms!",
 *   q.rows_per_call
 * from public.slow_queries as q
 * order by q.mean_ms desc                                                                                                                        
 * ```
 */
export const slowQueries = new PreparedQuery<ISlowQueriesParams,ISlowQueriesResult>(slowQueriesIR, 'operations.slowQueries');


/** 'HasMigrations' parameters type */
export type IHasMigrationsParams = void;

/** 'HasMigrations' return type */
export interface IHasMigrationsResult {
  has_migrations: boolean;
  is_restoring: boolean;
}

/** 'HasMigrations' query type */
export interface IHasMigrationsQuery {
  params: IHasMigrationsParams;
  result: IHasMigrationsResult;
}

const hasMigrationsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  to_regclass('graphile_migrate.migrations') is not null as \"has_migrations!\",\n  coalesce(current_setting('timescaledb.restoring', true) = 'on', false)\n  or coalesce(shobj_description(d.oid, 'pg_database') like 'btcdb restore has begun%', false) as \"is_restoring!\"\nfrom pg_catalog.pg_database as d\nwhere d.datname = current_database()                                                        "};

/**
 * Whether graphile-migrate has been at work in this database, and whether a restore of it has begun and did not end.
 *
 * Query generated from SQL:
 * ```
 * select
 *   to_regclass('graphile_migrate.migrations') is not null as "has_migrations!",
 *   coalesce(current_setting('timescaledb.restoring', true) = 'on', false)
 *   or coalesce(shobj_description(d.oid, 'pg_database') like 'btcdb restore has begun%', false) as "is_restoring!"
 * from pg_catalog.pg_database as d
 * where d.datname = current_database()                                                        
 * ```
 */
export const hasMigrations = new PreparedQuery<IHasMigrationsParams,IHasMigrationsResult>(hasMigrationsIR, 'operations.hasMigrations');


/** 'Migrations' parameters type */
export type IMigrationsParams = void;

/** 'Migrations' return type */
export interface IMigrationsResult {
  filename: string;
  hash: string;
}

/** 'Migrations' query type */
export interface IMigrationsQuery {
  params: IMigrationsParams;
  result: IMigrationsResult;
}

const migrationsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  m.hash,\n  m.filename\nfrom graphile_migrate.migrations as m\norder by m.filename"};

/**
 * The migrations that are applied, the oldest first.
 *
 * Query generated from SQL:
 * ```
 * select
 *   m.hash,
 *   m.filename
 * from graphile_migrate.migrations as m
 * order by m.filename
 * ```
 */
export const migrations = new PreparedQuery<IMigrationsParams,IMigrationsResult>(migrationsIR, 'operations.migrations');


