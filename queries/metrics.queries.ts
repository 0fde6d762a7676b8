/** Types generated for queries found in "queries/metrics.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

/** 'Sources' parameters type */
export type ISourcesParams = void;

/** 'Sources' return type */
export interface ISourcesResult {
  active: boolean;
  age: number | null;
  anomalies: string;
  black_swans: string;
  frequency: number;
  /** Number of rows, with those that retention has dropped. */
  rows: string;
  /** Mean score, 0 to 100. */
  score: string | null;
  /** Its machine name. */
  source: string;
}

/** 'Sources' query type */
export interface ISourcesQuery {
  params: ISourcesParams;
  result: ISourcesResult;
}

const sourcesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  f.name as \"source!\",\n  extract(epoch from f.data_age)::float8 as age,\n  extract(epoch from f.update_frequency)::float8 as \"frequency!\",\n  f.row_count as \"rows!\",\n  f.avg_quality_score as score,\n  coalesce(o.anomalies, 0) as \"anomalies!\",\n  coalesce(o.black_swans, 0) as \"black_swans!\",\n  f.freshness <> 'INACTIVE' as \"active!\"\nfrom public.data_freshness as f\nleft join (\n  select a.source_id, count(*) as anomalies, count(*) filter (where a.is_blackswan) as black_swans\n  from public.anomalies as a\n  where a.resolved_at is null\n  group by a.source_id\n) as o on o.source_id = f.source_id\norder by f.name\nlimit 1000                                                                                                                                                                                                                                                                                                                                                                       "};

/**
 * How each source fares. age: Seconds since the newest row of the source. frequency: Seconds between two rows of the
 * source, as it is registered. rows: Rows of the source, as of the last refresh of the aggregates. score: Mean quality
 * score of the source, 0 to 100. anomalies: Anomalies of the source that nobody has resolved. black_swans: Those of them
 * that lie more than 6 standard deviations away. active: Whether rows of the source are expected.
 *
 * Query generated from SQL:
 * ```
 * select
 *   f.name as "source!",
 *   extract(epoch from f.data_age)::float8 as age,
 *   extract(epoch from f.update_frequency)::float8 as "frequency!",
 *   f.row_count as "rows!",
 *   f.avg_quality_score as score,
 *   coalesce(o.anomalies, 0) as "anomalies!",
 *   coalesce(o.black_swans, 0) as "black_swans!",
 *   f.freshness <> 'INACTIVE' as "active!"
 * from public.data_freshness as f
 * left join (
 *   select a.source_id, count(*) as anomalies, count(*) filter (where a.is_blackswan) as black_swans
 *   from public.anomalies as a
 *   where a.resolved_at is null
 *   group by a.source_id
 * ) as o on o.source_id = f.source_id
 * order by f.name
 * limit 1000                                                                                                                                                                                                                                                                                                                                                                       
 * ```
 */
export const sources = new PreparedQuery<ISourcesParams,ISourcesResult>(sourcesIR, 'metrics.sources');


/** 'Storage' parameters type */
export type IStorageParams = void;

/** 'Storage' return type */
export interface IStorageResult {
  bytes_after: string;
  bytes_before: string;
  chunks: string;
}

/** 'Storage' query type */
export interface IStorageQuery {
  params: IStorageParams;
  result: IStorageResult;
}

const storageIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  count(*) as \"chunks!\",\n  coalesce(sum(c.before_bytes), 0)::bigint as \"bytes_before!\",\n  coalesce(sum(c.after_bytes), 0)::bigint as \"bytes_after!\"\nfrom public.chunk_compression_stats() as c                                                                                                                                                                                                                                                                                                      "};

/**
 * How the rows are stored. chunks: Chunks of timeseries_data. bytes_before: Bytes of the compressed chunks before their
 * compression. bytes_after: Bytes of the compressed chunks now.
 *
 * Query generated from SQL:
 * ```
 * select
 *   count(*) as "chunks!",
 *   coalesce(sum(c.before_bytes), 0)::bigint as "bytes_before!",
 *   coalesce(sum(c.after_bytes), 0)::bigint as "bytes_after!"
 * from public.chunk_compression_stats() as c                                                                                                                                                                                                                                                                                                      
 * ```
 */
export const storage = new PreparedQuery<IStorageParams,IStorageResult>(storageIR, 'metrics.storage');


/** 'Aggregates' parameters type */
export type IAggregatesParams = void;

/** 'Aggregates' return type */
export interface IAggregatesResult {
  /** The continuous aggregate. */
  aggregate: string;
  failures: string;
  lag: number | null;
}

/** 'Aggregates' query type */
export interface IAggregatesQuery {
  params: IAggregatesParams;
  result: IAggregatesResult;
}

const aggregatesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  a.aggregate as \"aggregate!\",\n  greatest(extract(epoch from now() - a.materialized_until), 0)::float8 as lag,\n  coalesce(a.total_failures, 0) as \"failures!\"\nfrom public.aggregate_refresh_status as a\norder by a.aggregate\nlimit 1000                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "};

/**
 * How far the continuous aggregates are behind. lag: Seconds since the end of what is materialized of the
 * aggregate. failures: Failed refreshes of the aggregate by its policy.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.aggregate as "aggregate!",
 *   greatest(extract(epoch from now() - a.materialized_until), 0)::float8 as lag,
 *   coalesce(a.total_failures, 0) as "failures!"
 * from public.aggregate_refresh_status as a
 * order by a.aggregate
 * limit 1000                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    
 * ```
 */
export const aggregates = new PreparedQuery<IAggregatesParams,IAggregatesResult>(aggregatesIR, 'metrics.aggregates');


/** 'Jobs' parameters type */
export type IJobsParams = void;

/** 'Jobs' return type */
export interface IJobsResult {
  /** Its name, as TimescaleDB gives it. */
  background_job: string;
  /** Whether its last run failed, its work undone. */
  failed: boolean;
  /** How often that failed, is_refused_end included. */
  failures: string;
  idle: number | null;
  interval: number;
  relation: string;
  /** How often it has run. */
  runs: string;
}

/** 'Jobs' query type */
export interface IJobsQuery {
  params: IJobsParams;
  result: IJobsResult;
}

const jobsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  j.job as \"background_job!\",\n  coalesce(j.relation, '') as \"relation!\",\n  j.total_runs as \"runs!\",\n  j.total_failures as \"failures!\",\n  j.has_failed as \"failed!\",\n  case\n    -- The embedded engine runs none by itself.\n    when j.is_scheduled and (j.last_success is not null or version() not like '%compiled by emcc%')\n      then extract(epoch from now() - coalesce(j.last_success, pg_postmaster_start_time()))::float8\n  end as idle,\n  extract(epoch from j.schedule_interval)::float8 as \"interval!\"\nfrom public.job_status as j\norder by j.job_id\nlimit 1000                                                                                                                                                                                                            "};

/**
 * How the background jobs fare. runs: Runs of the job. failures: Runs of the job that failed. failed: Whether the last run of
 * the job failed, its work undone. idle: Seconds since the job last did its work, or if it never did since
 * the database server was started. interval: Seconds between two runs of the
 * job.
 *
 * Query generated from SQL:
 * ```
 * select
 *   j.job as "background_job!",
 *   coalesce(j.relation, '') as "relation!",
 *   j.total_runs as "runs!",
 *   j.total_failures as "failures!",
 *   j.has_failed as "failed!",
 *   case
 *     -- The embedded engine runs none by itself.
 *     when j.is_scheduled and (j.last_success is not null or version() not like '%compiled by emcc%')
 *       then extract(epoch from now() - coalesce(j.last_success, pg_postmaster_start_time()))::float8
 *   end as idle,
 *   extract(epoch from j.schedule_interval)::float8 as "interval!"
 * from public.job_status as j
 * order by j.job_id
 * limit 1000                                                                                                                                                                                                            
 * ```
 */
export const jobs = new PreparedQuery<IJobsParams,IJobsResult>(jobsIR, 'metrics.jobs');


/** 'Statements' parameters type */
export type IStatementsParams = void;

/** 'Statements' return type */
export interface IStatementsResult {
  slow_statements: string;
}

/** 'Statements' query type */
export interface IStatementsQuery {
  params: IStatementsParams;
  result: IStatementsResult;
}

const statementsIR: any = {"usedParamSet":{},"params":[],"statement":"select count(*) as \"slow_statements!\"\nfrom public.slow_queries as q                                                                                                                                                                                                                                                                                                   "};

/**
 * What holds the database up. slow_statements: Statements that take more than 500 ms on average; 0 where
 * pg_stat_statements is not loaded.
 *
 * Query generated from SQL:
 * ```
 * select count(*) as "slow_statements!"
 * from public.slow_queries as q                                                                                                                                                                                                                                                                                                   
 * ```
 */
export const statements = new PreparedQuery<IStatementsParams,IStatementsResult>(statementsIR, 'metrics.statements');


/** 'Audit' parameters type */
export type IAuditParams = void;

/** 'Audit' return type */
export interface IAuditResult {
  age: number;
  unsealed: string;
}

/** 'Audit' query type */
export interface IAuditQuery {
  params: IAuditParams;
  result: IAuditResult;
}

const auditIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  count(*) as \"unsealed!\",\n  greatest(extract(epoch from now() - min(l.changed_at)), 0)::float8 as \"age!\"\nfrom public.audit_log as l\nwhere l.audit_id > coalesce((select s.last_id from public.audit_seals as s order by s.seal_id desc limit 1), 0)                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            "};

/**
 * How much of the audit log could still be changed unnoticed. unsealed: Entries of the audit log that are not sealed. age: Seconds
 * since the oldest of them, 0 without any.
 *
 * Query generated from SQL:
 * ```
 * select
 *   count(*) as "unsealed!",
 *   greatest(extract(epoch from now() - min(l.changed_at)), 0)::float8 as "age!"
 * from public.audit_log as l
 * where l.audit_id > coalesce((select s.last_id from public.audit_seals as s order by s.seal_id desc limit 1), 0)                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                            
 * ```
 */
export const audit = new PreparedQuery<IAuditParams,IAuditResult>(auditIR, 'metrics.audit');


/** 'Database' parameters type */
export type IDatabaseParams = void;

/** 'Database' return type */
export interface IDatabaseResult {
  bytes: string;
  connections: number;
  dead: string;
  live: string;
  most: number;
  transactions: number;
}

/** 'Database' query type */
export interface IDatabaseQuery {
  params: IDatabaseParams;
  result: IDatabaseResult;
}

const databaseIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  public.database_bytes() as \"bytes!\",\n  pg_stat_get_db_numbackends(d.oid) as \"connections!\",\n  current_setting('max_connections')::int as \"most!\",\n  coalesce(nullif(age(d.datfrozenxid), 2147483647), 0) as \"transactions!\",\n  (select coalesce(sum(u.n_dead_tup), 0)::int8 from pg_catalog.pg_stat_user_tables as u) as \"dead!\",\n  (select coalesce(sum(u.n_live_tup), 0)::int8 from pg_catalog.pg_stat_user_tables as u) as \"live!\"\nfrom pg_catalog.pg_database as d\nwhere d.datname = current_database()\nlimit 1                                                                                                                                                                                                                                                                              "};

/**
 * The database as a whole. bytes: Bytes of the database on disk. connections: Connections to the database. most: Connections
 * that the server takes. transactions: Transaction numbers that are used up, of two billion; 0 on the
 * embedded engine. dead: Dead rows that autovacuum
 * has not removed yet. live: Live rows.
 *
 * Query generated from SQL:
 * ```
 * select
 *   public.database_bytes() as "bytes!",
 *   pg_stat_get_db_numbackends(d.oid) as "connections!",
 *   current_setting('max_connections')::int as "most!",
 *   coalesce(nullif(age(d.datfrozenxid), 2147483647), 0) as "transactions!",
 *   (select coalesce(sum(u.n_dead_tup), 0)::int8 from pg_catalog.pg_stat_user_tables as u) as "dead!",
 *   (select coalesce(sum(u.n_live_tup), 0)::int8 from pg_catalog.pg_stat_user_tables as u) as "live!"
 * from pg_catalog.pg_database as d
 * where d.datname = current_database()
 * limit 1                                                                                                                                                                                                                                                                              
 * ```
 */
export const database = new PreparedQuery<IDatabaseParams,IDatabaseResult>(databaseIR, 'metrics.database');


/** 'Backups' parameters type */
export type IBackupsParams = void;

/** 'Backups' return type */
export interface IBackupsResult {
  backup: number | null;
  verified: number | null;
}

/** 'Backups' query type */
export interface IBackupsQuery {
  params: IBackupsParams;
  result: IBackupsResult;
}

const backupsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  extract(epoch from now() - max(b.taken_at))::float8 as backup,\n  extract(epoch from now() - max(b.verified_at))::float8 as verified\nfrom public.backups as b\nwhere b.removed_at is null"};

/**
 * What can be brought back. backup: Seconds since the newest backup that is kept. verified: Seconds since a backup was
 * restored to see that it can be.
 *
 * Query generated from SQL:
 * ```
 * select
 *   extract(epoch from now() - max(b.taken_at))::float8 as backup,
 *   extract(epoch from now() - max(b.verified_at))::float8 as verified
 * from public.backups as b
 * where b.removed_at is null
 * ```
 */
export const backups = new PreparedQuery<IBackupsParams,IBackupsResult>(backupsIR, 'metrics.backups');


