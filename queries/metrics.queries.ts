/** Types generated for queries found in "queries/metrics.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

/** 'Sources' parameters type */
export type ISourcesParams = void;

/** 'Sources' return type */
export interface ISourcesResult {
  age: number | null;
  anomalies: string;
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

const sourcesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  f.name as \"source!\",\n  extract(epoch from f.data_age)::float8 as age,\n  extract(epoch from f.update_frequency)::float8 as \"frequency!\",\n  f.row_count as \"rows!\",\n  f.avg_quality_score as score,\n  (\n    select count(*)\n    from public.anomalies as a\n    where a.source_id = f.source_id and a.resolved_at is null\n  ) as \"anomalies!\"\nfrom public.data_freshness as f\norder by f.name\nlimit 1000                                                                                                                                                                                                                                                                                                                                                                       "};

/**
 * How each source fares. age: Seconds since the newest row of the source. frequency: Seconds between two rows of the
 * source, as it is registered. rows: Rows of the source, as of the last refresh of the aggregates. score: Mean quality
 * score of the source, 0 to 100. anomalies: Anomalies of the source that nobody has resolved.
 *
 * Query generated from SQL:
 * ```
 * select
 *   f.name as "source!",
 *   extract(epoch from f.data_age)::float8 as age,
 *   extract(epoch from f.update_frequency)::float8 as "frequency!",
 *   f.row_count as "rows!",
 *   f.avg_quality_score as score,
 *   (
 *     select count(*)
 *     from public.anomalies as a
 *     where a.source_id = f.source_id and a.resolved_at is null
 *   ) as "anomalies!"
 * from public.data_freshness as f
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

const aggregatesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  a.aggregate as \"aggregate!\",\n  greatest(extract(epoch from now() - a.materialized_until), 0)::float8 as lag,\n  coalesce(a.total_failures, 0) as \"failures!\"\nfrom public.aggregate_refresh_status as a\norder by a.aggregate\nlimit 1000                                                                                                                                                                                                       "};

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
  failures: string;
  job: string;
  runs: string;
}

/** 'Jobs' query type */
export interface IJobsQuery {
  params: IJobsParams;
  result: IJobsResult;
}

const jobsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  j.application_name as \"job!\",\n  coalesce(t.total_runs, 0) as \"runs!\",\n  coalesce(t.total_failures, 0) as \"failures!\"\nfrom timescaledb_information.jobs as j\nleft join timescaledb_information.job_stats as t on t.job_id = j.job_id\norder by j.job_id\nlimit 1000                                                                                                                                                                                                            "};

/**
 * How the background jobs fare. runs: Runs of the job. failures: Runs of the job that failed.
 *
 * Query generated from SQL:
 * ```
 * select
 *   j.application_name as "job!",
 *   coalesce(t.total_runs, 0) as "runs!",
 *   coalesce(t.total_failures, 0) as "failures!"
 * from timescaledb_information.jobs as j
 * left join timescaledb_information.job_stats as t on t.job_id = j.job_id
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

const statementsIR: any = {"usedParamSet":{},"params":[],"statement":"select count(*) as \"slow_statements!\"\nfrom public.slow_queries as q                                                                                                                                                                                                                                                                                    "};

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
  age: number | null;
  unsealed: string;
}

/** 'Audit' query type */
export interface IAuditQuery {
  params: IAuditParams;
  result: IAuditResult;
}

const auditIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  count(*) as \"unsealed!\",\n  greatest(extract(epoch from now() - min(l.changed_at)), 0)::float8 as age\nfrom public.audit_log as l\nwhere l.audit_id > coalesce((select s.last_id from public.audit_seals as s order by s.seal_id desc limit 1), 0)"};

/**
 * How much of the audit log could still be changed unnoticed. unsealed: Entries of the audit log that are not sealed. age: Seconds
 * since the oldest of them.
 *
 * Query generated from SQL:
 * ```
 * select
 *   count(*) as "unsealed!",
 *   greatest(extract(epoch from now() - min(l.changed_at)), 0)::float8 as age
 * from public.audit_log as l
 * where l.audit_id > coalesce((select s.last_id from public.audit_seals as s order by s.seal_id desc limit 1), 0)
 * ```
 */
export const audit = new PreparedQuery<IAuditParams,IAuditResult>(auditIR, 'metrics.audit');


