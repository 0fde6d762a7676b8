/** Types generated for queries found in "queries/doctor.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type stringArray = (string | null)[];

/** 'Versions' parameters type */
export type IVersionsParams = void;

/** 'Versions' return type */
export interface IVersionsResult {
  is_created: boolean;
  is_embedded: boolean;
  is_loaded: boolean;
  server: string;
  timescale: string | null;
}

/** 'Versions' query type */
export interface IVersionsQuery {
  params: IVersionsParams;
  result: IVersionsResult;
}

const versionsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  split_part(current_setting('server_version'), ' ', 1) as \"server!\",\n  coalesce(\n    (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'timescaledb'),\n    (select a.default_version from pg_catalog.pg_available_extensions as a where a.name = 'timescaledb')\n  ) as timescale,\n  exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb') as \"is_created!\",\n  exists (select from pg_catalog.pg_settings as p where p.name like 'timescaledb.%') as \"is_loaded!\",\n  version() like '%compiled by emcc%' as \"is_embedded!\"                                                                                                                                                                                                "};

/**
 * Server and extension: `timescale` is the version that was created, else the one that the server offers.
 *
 * Query generated from SQL:
 * ```
 * select
 *   split_part(current_setting('server_version'), ' ', 1) as "server!",
 *   coalesce(
 *     (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'timescaledb'),
 *     (select a.default_version from pg_catalog.pg_available_extensions as a where a.name = 'timescaledb')
 *   ) as timescale,
 *   exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb') as "is_created!",
 *   exists (select from pg_catalog.pg_settings as p where p.name like 'timescaledb.%') as "is_loaded!",
 *   version() like '%compiled by emcc%' as "is_embedded!"                                                                                                                                                                                                
 * ```
 */
export const versions = new PreparedQuery<IVersionsParams,IVersionsResult>(versionsIR, 'doctor.versions');


/** 'Hypertable' parameters type */
export type IHypertableParams = void;

/** 'Hypertable' return type */
export interface IHypertableResult {
  chunks: number;
  is_compressing: boolean;
  overdue: number;
}

/** 'Hypertable' query type */
export interface IHypertableQuery {
  params: IHypertableParams;
  result: IHypertableResult;
}

const hypertableIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  h.num_chunks::int as \"chunks!\",\n  h.compression_enabled as \"is_compressing!\",\n  (\n    select count(*)::int\n    from timescaledb_information.chunks as c\n    where c.hypertable_schema = 'public'\n      and c.hypertable_name = 'timeseries_data'\n      and not c.is_compressed\n      and c.range_end < now() - interval '8 days'\n  ) as \"overdue!\"\nfrom timescaledb_information.hypertables as h\nwhere h.hypertable_schema = 'public'\n  and h.hypertable_name = 'timeseries_data'                                                                                                                                                                       "};

/**
 * The hypertable; nothing when timeseries_data is a plain table. `overdue` counts the chunks that its policy should
 * have compressed, with a day of grace: it runs every twelve hours.
 *
 * Query generated from SQL:
 * ```
 * select
 *   h.num_chunks::int as "chunks!",
 *   h.compression_enabled as "is_compressing!",
 *   (
 *     select count(*)::int
 *     from timescaledb_information.chunks as c
 *     where c.hypertable_schema = 'public'
 *       and c.hypertable_name = 'timeseries_data'
 *       and not c.is_compressed
 *       and c.range_end < now() - interval '8 days'
 *   ) as "overdue!"
 * from timescaledb_information.hypertables as h
 * where h.hypertable_schema = 'public'
 *   and h.hypertable_name = 'timeseries_data'                                                                                                                                                                       
 * ```
 */
export const hypertable = new PreparedQuery<IHypertableParams,IHypertableResult>(hypertableIR, 'doctor.hypertable');


/** 'Triggers' parameters type */
export type ITriggersParams = void;

/** 'Triggers' return type */
export interface ITriggersResult {
  is_enabled: boolean;
  name: string;
  table: string;
}

/** 'Triggers' query type */
export interface ITriggersQuery {
  params: ITriggersParams;
  result: ITriggersResult;
}

const triggersIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  (case when n.nspname = 'public' then c.relname else 'timeseries_data' end)::text as \"table!\",\n  t.tgname::text as \"name!\",\n  bool_and(t.tgenabled in ('O', 'A')) as \"is_enabled!\"\nfrom pg_catalog.pg_trigger as t\njoin pg_catalog.pg_class as c on c.oid = t.tgrelid\njoin pg_catalog.pg_namespace as n on n.oid = c.relnamespace\nwhere not t.tgisinternal\n  and (\n    n.nspname = 'public'\n    or t.tgrelid in (select i.inhrelid from pg_catalog.pg_inherits as i where i.inhparent = to_regclass('public.timeseries_data'))\n  )\ngroup by 1, 2\norder by 1, 2                                                                                                                                                                                                                          "};

/**
 * Triggers of the tables in public, and of the chunks of timeseries_data under its name. Those that fire in ordinary
 * sessions (O) or always (A) are enabled.
 *
 * Query generated from SQL:
 * ```
 * select
 *   (case when n.nspname = 'public' then c.relname else 'timeseries_data' end)::text as "table!",
 *   t.tgname::text as "name!",
 *   bool_and(t.tgenabled in ('O', 'A')) as "is_enabled!"
 * from pg_catalog.pg_trigger as t
 * join pg_catalog.pg_class as c on c.oid = t.tgrelid
 * join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 * where not t.tgisinternal
 *   and (
 *     n.nspname = 'public'
 *     or t.tgrelid in (select i.inhrelid from pg_catalog.pg_inherits as i where i.inhparent = to_regclass('public.timeseries_data'))
 *   )
 * group by 1, 2
 * order by 1, 2                                                                                                                                                                                                                          
 * ```
 */
export const triggers = new PreparedQuery<ITriggersParams,ITriggersResult>(triggersIR, 'doctor.triggers');


/** 'Aggregates' parameters type */
export type IAggregatesParams = void;

/** 'Aggregates' return type */
export interface IAggregatesResult {
  has_policy: boolean;
  /** Whether newer rows are aggregated on the fly. */
  is_real_time: boolean;
  is_unbounded: boolean;
  /** The continuous aggregate. */
  name: string;
  other_owner: string | null;
  unreadable_by: stringArray;
}

/** 'Aggregates' query type */
export interface IAggregatesQuery {
  params: IAggregatesParams;
  result: IAggregatesResult;
}

const aggregatesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  a.aggregate as \"name!\",\n  a.is_real_time as \"is_real_time!\",\n  a.job_id is not null as \"has_policy!\",\n  coalesce(\n    r.job_id is not null and a.job_id is not null\n      and (\n        j.config ->> 'start_offset' is null\n        or (j.config ->> 'start_offset')::interval > (r.config ->> 'drop_after')::interval\n      ),\n    false\n  ) as \"is_unbounded!\",\n  case when c.relowner <> t.relowner then pg_get_userbyid(c.relowner)::text end as other_owner,\n  array(\n    select g.rolname::text\n    from pg_catalog.pg_roles as g\n    where g.rolname in ('btcdb_reader', 'btcdb_writer')\n      and not has_table_privilege(g.oid, c.oid, 'select')\n    order by 1\n  ) as \"unreadable_by!\"\nfrom public.aggregate_refresh_status as a\njoin pg_catalog.pg_class as c on c.oid = a.aggregate::regclass\njoin pg_catalog.pg_class as t on t.oid = 'public.timeseries_data'::regclass\nleft join timescaledb_information.jobs as j on j.job_id = a.job_id\nleft join timescaledb_information.jobs as r on r.proc_schema = 'app_private' and r.proc_name = 'drop_old_chunks'\norder by a.aggregate                                                                           "};

/**
 * The continuous aggregates and what they lack: a policy, one that stays clear of what retention drops, the owner of
 * timeseries_data (`other_owner` is who else has them), rights for the roles of this schema.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.aggregate as "name!",
 *   a.is_real_time as "is_real_time!",
 *   a.job_id is not null as "has_policy!",
 *   coalesce(
 *     r.job_id is not null and a.job_id is not null
 *       and (
 *         j.config ->> 'start_offset' is null
 *         or (j.config ->> 'start_offset')::interval > (r.config ->> 'drop_after')::interval
 *       ),
 *     false
 *   ) as "is_unbounded!",
 *   case when c.relowner <> t.relowner then pg_get_userbyid(c.relowner)::text end as other_owner,
 *   array(
 *     select g.rolname::text
 *     from pg_catalog.pg_roles as g
 *     where g.rolname in ('btcdb_reader', 'btcdb_writer')
 *       and not has_table_privilege(g.oid, c.oid, 'select')
 *     order by 1
 *   ) as "unreadable_by!"
 * from public.aggregate_refresh_status as a
 * join pg_catalog.pg_class as c on c.oid = a.aggregate::regclass
 * join pg_catalog.pg_class as t on t.oid = 'public.timeseries_data'::regclass
 * left join timescaledb_information.jobs as j on j.job_id = a.job_id
 * left join timescaledb_information.jobs as r on r.proc_schema = 'app_private' and r.proc_name = 'drop_old_chunks'
 * order by a.aggregate                                                                           
 * ```
 */
export const aggregates = new PreparedQuery<IAggregatesParams,IAggregatesResult>(aggregatesIR, 'doctor.aggregates');


/** 'Policies' parameters type */
export type IPoliciesParams = void;

/** 'Policies' return type */
export interface IPoliciesResult {
  hypertable_name: string | null;
  job_id: number;
  last_run_status: string | null;
  message: string | null;
  proc_name: string;
  scheduled: boolean;
}

/** 'Policies' query type */
export interface IPoliciesQuery {
  params: IPoliciesParams;
  result: IPoliciesResult;
}

const policiesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  j.job_id as \"job_id!\",\n  j.proc_name as \"proc_name!\",\n  j.hypertable_name,\n  j.scheduled as \"scheduled!\",\n  t.last_run_status as \"last_run_status?\",\n  (\n    select e.err_message\n    from timescaledb_information.job_errors as e\n    where e.job_id = j.job_id\n    order by e.start_time desc\n    limit 1\n  ) as message\nfrom timescaledb_information.jobs as j\nleft join timescaledb_information.job_stats as t on t.job_id = j.job_id\nwhere (j.hypertable_schema = 'public' or j.proc_schema = 'app_private')\norder by j.job_id                                                                                         "};

/**
 * The policies of this schema, each with the message of its last error.
 *
 * Query generated from SQL:
 * ```
 * select
 *   j.job_id as "job_id!",
 *   j.proc_name as "proc_name!",
 *   j.hypertable_name,
 *   j.scheduled as "scheduled!",
 *   t.last_run_status as "last_run_status?",
 *   (
 *     select e.err_message
 *     from timescaledb_information.job_errors as e
 *     where e.job_id = j.job_id
 *     order by e.start_time desc
 *     limit 1
 *   ) as message
 * from timescaledb_information.jobs as j
 * left join timescaledb_information.job_stats as t on t.job_id = j.job_id
 * where (j.hypertable_schema = 'public' or j.proc_schema = 'app_private')
 * order by j.job_id                                                                                         
 * ```
 */
export const policies = new PreparedQuery<IPoliciesParams,IPoliciesResult>(policiesIR, 'doctor.policies');


/** 'Scheduler' parameters type */
export type ISchedulerParams = void;

/** 'Scheduler' return type */
export interface ISchedulerResult {
  is_running: boolean | null;
}

/** 'Scheduler' query type */
export interface ISchedulerQuery {
  params: ISchedulerParams;
  result: ISchedulerResult;
}

const schedulerIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  case\n    when pg_has_role('pg_read_all_stats', 'usage') then exists (\n      select from pg_catalog.pg_stat_activity as a\n      where a.datname = current_database()\n        and a.backend_type like 'TimescaleDB Background Worker Scheduler%'\n    )\n  end as is_running                                                                                                      "};

/**
 * Whether TimescaleDB runs jobs in this database; null when this role may not see it.
 *
 * Query generated from SQL:
 * ```
 * select
 *   case
 *     when pg_has_role('pg_read_all_stats', 'usage') then exists (
 *       select from pg_catalog.pg_stat_activity as a
 *       where a.datname = current_database()
 *         and a.backend_type like 'TimescaleDB Background Worker Scheduler%'
 *     )
 *   end as is_running                                                                                                      
 * ```
 */
export const scheduler = new PreparedQuery<ISchedulerParams,ISchedulerResult>(schedulerIR, 'doctor.scheduler');


/** 'OpenChunks' parameters type */
export type IOpenChunksParams = void;

/** 'OpenChunks' return type */
export interface IOpenChunksResult {
  chunk: string;
  grantee: string;
}

/** 'OpenChunks' query type */
export interface IOpenChunksQuery {
  params: IOpenChunksParams;
  result: IOpenChunksResult;
}

const openChunksIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  o.relation::text as \"chunk!\",\n  o.grantee as \"grantee!\"\nfrom app_private.open_chunks() as o                                                                                                                     "};

/**
 * Chunks that others than the owner may write. Refused to roles that cannot look into app_private.
 *
 * Query generated from SQL:
 * ```
 * select
 *   o.relation::text as "chunk!",
 *   o.grantee as "grantee!"
 * from app_private.open_chunks() as o                                                                                                                     
 * ```
 */
export const openChunks = new PreparedQuery<IOpenChunksParams,IOpenChunksResult>(openChunksIR, 'doctor.openChunks');


/** 'ChunkDroppers' parameters type */
export type IChunkDroppersParams = void;

/** 'ChunkDroppers' return type */
export interface IChunkDroppersResult {
  name: string;
}

/** 'ChunkDroppers' query type */
export interface IChunkDroppersQuery {
  params: IChunkDroppersParams;
  result: IChunkDroppersResult;
}

const chunkDroppersIR: any = {"usedParamSet":{},"params":[],"statement":"select p.oid::regprocedure::text as \"name!\"\nfrom pg_catalog.pg_proc as p\njoin pg_catalog.pg_extension as e on e.extname = 'timescaledb'\ncross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a\nwhere p.pronamespace = to_regnamespace('_timescaledb_functions')\n  and p.proname in ('drop_chunk', 'freeze_chunk', 'unfreeze_chunk')\n  and a.grantee = 0\n  and string_to_array(substring(e.extversion from '^\\d+\\.\\d+'), '.')::int[] < '{2,29}'\norder by 1                                                          "};

/**
 * Functions that let everybody drop or freeze any chunk. From 2.29 on TimescaleDB itself asks who owns the chunk.
 *
 * Query generated from SQL:
 * ```
 * select p.oid::regprocedure::text as "name!"
 * from pg_catalog.pg_proc as p
 * join pg_catalog.pg_extension as e on e.extname = 'timescaledb'
 * cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
 * where p.pronamespace = to_regnamespace('_timescaledb_functions')
 *   and p.proname in ('drop_chunk', 'freeze_chunk', 'unfreeze_chunk')
 *   and a.grantee = 0
 *   and string_to_array(substring(e.extversion from '^\d+\.\d+'), '.')::int[] < '{2,29}'
 * order by 1                                                          
 * ```
 */
export const chunkDroppers = new PreparedQuery<IChunkDroppersParams,IChunkDroppersResult>(chunkDroppersIR, 'doctor.chunkDroppers');


/** 'InvalidIndexes' parameters type */
export type IInvalidIndexesParams = void;

/** 'InvalidIndexes' return type */
export interface IInvalidIndexesResult {
  name: string;
}

/** 'InvalidIndexes' query type */
export interface IInvalidIndexesQuery {
  params: IInvalidIndexesParams;
  result: IInvalidIndexesResult;
}

const invalidIndexesIR: any = {"usedParamSet":{},"params":[],"statement":"select format('%I.%I', n.nspname, c.relname) as \"name!\"\nfrom pg_catalog.pg_index as i\njoin pg_catalog.pg_class as c on c.oid = i.indexrelid\njoin pg_catalog.pg_namespace as n on n.oid = c.relnamespace\nwhere not (i.indisvalid and i.indisready)\n  and n.nspname in ('public', 'app_private', '_timescaledb_internal')\norder by 1                                         "};

/**
 * Indexes that a failed build or rebuild left invalid.
 *
 * Query generated from SQL:
 * ```
 * select format('%I.%I', n.nspname, c.relname) as "name!"
 * from pg_catalog.pg_index as i
 * join pg_catalog.pg_class as c on c.oid = i.indexrelid
 * join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 * where not (i.indisvalid and i.indisready)
 *   and n.nspname in ('public', 'app_private', '_timescaledb_internal')
 * order by 1                                         
 * ```
 */
export const invalidIndexes = new PreparedQuery<IInvalidIndexesParams,IInvalidIndexesResult>(invalidIndexesIR, 'doctor.invalidIndexes');


/** 'InvalidConstraints' parameters type */
export type IInvalidConstraintsParams = void;

/** 'InvalidConstraints' return type */
export interface IInvalidConstraintsResult {
  name: string;
  table: string;
}

/** 'InvalidConstraints' query type */
export interface IInvalidConstraintsQuery {
  params: IInvalidConstraintsParams;
  result: IInvalidConstraintsResult;
}

const invalidConstraintsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  c.conrelid::regclass::text as \"table!\",\n  c.conname::text as \"name!\"\nfrom pg_catalog.pg_constraint as c\njoin pg_catalog.pg_namespace as n on n.oid = c.connamespace\nwhere not c.convalidated\n  and n.nspname = 'public'\norder by 1, 2                                                                                                                                                                                                                                                "};

/**
 * Constraints that are not validated.
 *
 * Query generated from SQL:
 * ```
 * select
 *   c.conrelid::regclass::text as "table!",
 *   c.conname::text as "name!"
 * from pg_catalog.pg_constraint as c
 * join pg_catalog.pg_namespace as n on n.oid = c.connamespace
 * where not c.convalidated
 *   and n.nspname = 'public'
 * order by 1, 2                                                                                                                                                                                                                                                
 * ```
 */
export const invalidConstraints = new PreparedQuery<IInvalidConstraintsParams,IInvalidConstraintsResult>(invalidConstraintsIR, 'doctor.invalidConstraints');


/** 'BrokenRules' parameters type */
export type IBrokenRulesParams = void;

/** 'BrokenRules' return type */
export interface IBrokenRulesResult {
  /** Key of the rule. */
  rule_id: number;
  /** Name, unique within its scope. */
  rule_name: string;
  /** Boolean expression over source_id, timestamp, open, high, low, close, volume and value. Admitted only if PostgreSQL takes it as a stored generated column. Null counts as satisfied. */
  rule_sql: string;
}

/** 'BrokenRules' query type */
export interface IBrokenRulesQuery {
  params: IBrokenRulesParams;
  result: IBrokenRulesResult;
}

const brokenRulesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  r.rule_id,\n  r.rule_name,\n  r.rule_sql\nfrom public.validation_rules as r\nwhere r.enabled\n  and current_setting('transaction_read_only') = 'off'\n  and (\n    select pg_has_role(c.relowner, 'usage')\n    from pg_catalog.pg_class as c\n    where c.oid = 'public.validation_rules'::regclass\n  )\n  and app_private.canonical_rule(r.rule_sql, otherwise => '') = ''\norder by r.rule_id                                                                                   "};

/**
 * Enabled rules that do not compile any more, for instance because a function that they use is gone. Each row violates
 * them. Only the owner of the rules can try that, and only where it can write: what trying makes is rolled back.
 *
 * Query generated from SQL:
 * ```
 * select
 *   r.rule_id,
 *   r.rule_name,
 *   r.rule_sql
 * from public.validation_rules as r
 * where r.enabled
 *   and current_setting('transaction_read_only') = 'off'
 *   and (
 *     select pg_has_role(c.relowner, 'usage')
 *     from pg_catalog.pg_class as c
 *     where c.oid = 'public.validation_rules'::regclass
 *   )
 *   and app_private.canonical_rule(r.rule_sql, otherwise => '') = ''
 * order by r.rule_id                                                                                   
 * ```
 */
export const brokenRules = new PreparedQuery<IBrokenRulesParams,IBrokenRulesResult>(brokenRulesIR, 'doctor.brokenRules');


/** 'CalendarEnd' parameters type */
export type ICalendarEndParams = void;

/** 'CalendarEnd' return type */
export interface ICalendarEndResult {
  is_near: boolean;
  last_day: string | null;
}

/** 'CalendarEnd' query type */
export interface ICalendarEndQuery {
  params: ICalendarEndParams;
  result: ICalendarEndResult;
}

const calendarEndIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  max(t.date_only) as last_day,\n  coalesce(max(t.date_only) < current_date + 180, true) as \"is_near!\"\nfrom public.time_index as t                                                                                                                                                                                                                           "};

/**
 * The last day of the calendar, and whether that is less than half a year away.
 *
 * Query generated from SQL:
 * ```
 * select
 *   max(t.date_only) as last_day,
 *   coalesce(max(t.date_only) < current_date + 180, true) as "is_near!"
 * from public.time_index as t                                                                                                                                                                                                                           
 * ```
 */
export const calendarEnd = new PreparedQuery<ICalendarEndParams,ICalendarEndResult>(calendarEndIR, 'doctor.calendarEnd');


/** 'Orphans' parameters type */
export type IOrphansParams = void;

/** 'Orphans' return type */
export interface IOrphansResult {
  /** The series that the row belongs to: a key of sources. Checked by the triggers of both tables, once for each statement, as a foreign key would for each row. */
  source_id: number;
}

/** 'Orphans' query type */
export interface IOrphansQuery {
  params: IOrphansParams;
  result: IOrphansResult;
}

const orphansIR: any = {"usedParamSet":{},"params":[],"statement":"select d.source_id as \"source_id!\"\nfrom (select distinct t.source_id from public.timeseries_data as t) as d\nwhere not exists (select from public.sources as s where s.source_id = d.source_id)\norder by d.source_id"};

/**
 * Numbers of sources that rows have and the registry does not: these rows came past the triggers, for example directly
 * into a chunk. It skips from source to source, so that it takes milliseconds on any table.
 *
 * Query generated from SQL:
 * ```
 * select d.source_id as "source_id!"
 * from (select distinct t.source_id from public.timeseries_data as t) as d
 * where not exists (select from public.sources as s where s.source_id = d.source_id)
 * order by d.source_id
 * ```
 */
export const orphans = new PreparedQuery<IOrphansParams,IOrphansResult>(orphansIR, 'doctor.orphans');


