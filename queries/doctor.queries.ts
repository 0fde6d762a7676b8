/** Types generated for queries found in "queries/doctor.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

export type NumberOrString = number | string;

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

const versionsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  split_part(current_setting('server_version'), ' ', 1) as \"server!\",\n  coalesce(\n    (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'timescaledb'),\n    (select a.default_version from pg_catalog.pg_available_extensions as a where a.name = 'timescaledb')\n  ) as timescale,\n  exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb') as \"is_created!\",\n  exists (select from pg_catalog.pg_settings as p where p.name like 'timescaledb.%') as \"is_loaded!\",\n  version() like '%compiled by emcc%' as \"is_embedded!\"                                                                                                                                                                                                                                "};

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
  compress_after: string;
  is_compressing: boolean;
  is_dropping: boolean;
  overdue: number;
}

/** 'Hypertable' query type */
export interface IHypertableQuery {
  params: IHypertableParams;
  result: IHypertableResult;
}

const hypertableIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  h.num_chunks::int as \"chunks!\",\n  h.compression_enabled as \"is_compressing!\",\n  p.compress_after::text as \"compress_after!\",\n  p.is_dropping as \"is_dropping!\",\n  (\n    select count(*)::int\n    from timescaledb_information.chunks as c\n    where c.hypertable_schema = 'public'\n      and c.hypertable_name = 'timeseries_data'\n      and not c.is_compressed\n      and c.range_end < now() - p.compress_after - interval '1 day'\n  ) as \"overdue!\"\nfrom timescaledb_information.hypertables as h\ncross join (\n  select\n    coalesce(\n      max((j.config ->> 'compress_after')::interval) filter (where j.proc_name = 'compress_due_chunks'), interval '7 days'\n    ) as compress_after,\n    coalesce(bool_or(j.proc_name = 'drop_old_chunks'), false) as is_dropping\n  from timescaledb_information.jobs as j\n  where j.proc_schema = 'app_private'\n) as p\nwhere h.hypertable_schema = 'public'\n  and h.hypertable_name = 'timeseries_data'                                                                                                                                                                                                                                                                                                                                                                                                                                                                             "};

/**
 * The hypertable; nothing when timeseries_data is a plain table. `overdue` counts the chunks that its policy should
 * have compressed, with a day of grace: it runs every twelve hours. `is_dropping`: retention is on.
 *
 * Query generated from SQL:
 * ```
 * select
 *   h.num_chunks::int as "chunks!",
 *   h.compression_enabled as "is_compressing!",
 *   p.compress_after::text as "compress_after!",
 *   p.is_dropping as "is_dropping!",
 *   (
 *     select count(*)::int
 *     from timescaledb_information.chunks as c
 *     where c.hypertable_schema = 'public'
 *       and c.hypertable_name = 'timeseries_data'
 *       and not c.is_compressed
 *       and c.range_end < now() - p.compress_after - interval '1 day'
 *   ) as "overdue!"
 * from timescaledb_information.hypertables as h
 * cross join (
 *   select
 *     coalesce(
 *       max((j.config ->> 'compress_after')::interval) filter (where j.proc_name = 'compress_due_chunks'), interval '7 days'
 *     ) as compress_after,
 *     coalesce(bool_or(j.proc_name = 'drop_old_chunks'), false) as is_dropping
 *   from timescaledb_information.jobs as j
 *   where j.proc_schema = 'app_private'
 * ) as p
 * where h.hypertable_schema = 'public'
 *   and h.hypertable_name = 'timeseries_data'                                                                                                                                                                                                                                                                                                                                                                                                                                                                             
 * ```
 */
export const hypertable = new PreparedQuery<IHypertableParams,IHypertableResult>(hypertableIR, 'doctor.hypertable');


/** 'Definitions' parameters type */
export type IDefinitionsParams = void;

/** 'Definitions' return type */
export interface IDefinitionsResult {
  bare_name: string;
  executors: stringArray;
  generator: string | null;
  hash: string | null;
  kind: string;
  name: string;
}

/** 'Definitions' query type */
export interface IDefinitionsQuery {
  params: IDefinitionsParams;
  result: IDefinitionsResult;
}

const definitionsIR: any = {"usedParamSet":{},"params":[],"statement":"with own as materialized (\n  select 'function' as kind, p.oid, p.pronamespace as namespace, p.proname as name\n  from pg_catalog.pg_proc as p\n  where p.prokind in ('f', 'p')\n    and p.pronamespace in (to_regnamespace('public'), to_regnamespace('app_private'))\n    and not exists (\n      select from pg_catalog.pg_depend as e\n      where e.classid = 'pg_catalog.pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'\n    )\n  union all\n  select 'view', c.oid, c.relnamespace, c.relname\n  from pg_catalog.pg_class as c\n  where c.relkind = 'v'\n    and c.relnamespace in (to_regnamespace('public'), to_regnamespace('app_private'))\n    and not exists (\n      select from pg_catalog.pg_depend as e\n      where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'\n    )\n    and not exists (\n      select from timescaledb_information.continuous_aggregates as a\n      where a.view_schema = c.relnamespace::regnamespace::text and a.view_name = c.relname\n    )\n)\nselect\n  o.kind as \"kind!\",\n  format('%I.%I%s', n.nspname, o.name, '(' || d.arguments || ')') as \"name!\",\n  o.name::text as \"bare_name!\",\n  case\n    when d.generator is null then left(encode(sha256(convert_to(\n      case\n        when d.is_parsed then regexp_replace(\n          d.definition, '\\m(?!public\\.|app_private\\.|pg_catalog\\.)[a-z_]\\w*\\.|\\m[Aa][Ss]\\M|[\\s()]', '', 'g')\n        else d.definition\n      end, 'UTF8')), 'hex'), 16)\n  end as hash,\n  d.generator as \"generator?\",\n  d.executors as \"executors!\"\nfrom own as o\njoin pg_catalog.pg_namespace as n on n.oid = o.namespace\ncross join lateral (\n  select\n    pg_get_function_identity_arguments(p.oid) as arguments,\n    pg_get_functiondef(p.oid) as definition,\n    p.prosqlbody is not null as is_parsed,\n    substring(obj_description(p.oid, 'pg_proc') from '^Generated by (\\w+)\\(\\)') as generator,\n    array(\n      select coalesce(r.rolname, 'public')::text\n      from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a\n      left join pg_catalog.pg_roles as r on r.oid = a.grantee\n      where a.grantee = 0 or r.rolname in ('btcdb_reader', 'btcdb_writer', 'btcdb_curator')\n      order by 1\n    ) as executors\n  from pg_catalog.pg_proc as p\n  where o.kind = 'function' and p.oid = o.oid\n  union all\n  select null, concat_ws(' ', array_to_string(c.reloptions, ', '), pg_get_viewdef(c.oid)), true, null, '{}'\n  from pg_catalog.pg_class as c\n  where o.kind = 'view' and c.oid = o.oid\n) as d\norder by o.kind, n.nspname collate \"C\", o.name collate \"C\", d.arguments collate \"C\"                                                                                                                                                                                                                 "};

/**
 * Functions, procedures and views of this schema: `hash` is that of their definition, none for functions that others
 * generate. Every version of PostgreSQL prints what is parsed when it is made, bodies without quotes and views, with other
 * qualifiers and parentheses; that does not count. Settings decide how constants are printed: see `settings` of
 * src/schema/definitions.ts. `executors` are public and the roles of this schema that may call it.
 *
 * Query generated from SQL:
 * ```
 * with own as materialized (
 *   select 'function' as kind, p.oid, p.pronamespace as namespace, p.proname as name
 *   from pg_catalog.pg_proc as p
 *   where p.prokind in ('f', 'p')
 *     and p.pronamespace in (to_regnamespace('public'), to_regnamespace('app_private'))
 *     and not exists (
 *       select from pg_catalog.pg_depend as e
 *       where e.classid = 'pg_catalog.pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'
 *     )
 *   union all
 *   select 'view', c.oid, c.relnamespace, c.relname
 *   from pg_catalog.pg_class as c
 *   where c.relkind = 'v'
 *     and c.relnamespace in (to_regnamespace('public'), to_regnamespace('app_private'))
 *     and not exists (
 *       select from pg_catalog.pg_depend as e
 *       where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'
 *     )
 *     and not exists (
 *       select from timescaledb_information.continuous_aggregates as a
 *       where a.view_schema = c.relnamespace::regnamespace::text and a.view_name = c.relname
 *     )
 * )
 * select
 *   o.kind as "kind!",
 *   format('%I.%I%s', n.nspname, o.name, '(' || d.arguments || ')') as "name!",
 *   o.name::text as "bare_name!",
 *   case
 *     when d.generator is null then left(encode(sha256(convert_to(
 *       case
 *         when d.is_parsed then regexp_replace(
 *           d.definition, '\m(?!public\.|app_private\.|pg_catalog\.)[a-z_]\w*\.|\m[Aa][Ss]\M|[\s()]', '', 'g')
 *         else d.definition
 *       end, 'UTF8')), 'hex'), 16)
 *   end as hash,
 *   d.generator as "generator?",
 *   d.executors as "executors!"
 * from own as o
 * join pg_catalog.pg_namespace as n on n.oid = o.namespace
 * cross join lateral (
 *   select
 *     pg_get_function_identity_arguments(p.oid) as arguments,
 *     pg_get_functiondef(p.oid) as definition,
 *     p.prosqlbody is not null as is_parsed,
 *     substring(obj_description(p.oid, 'pg_proc') from '^Generated by (\w+)\(\)') as generator,
 *     array(
 *       select coalesce(r.rolname, 'public')::text
 *       from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
 *       left join pg_catalog.pg_roles as r on r.oid = a.grantee
 *       where a.grantee = 0 or r.rolname in ('btcdb_reader', 'btcdb_writer', 'btcdb_curator')
 *       order by 1
 *     ) as executors
 *   from pg_catalog.pg_proc as p
 *   where o.kind = 'function' and p.oid = o.oid
 *   union all
 *   select null, concat_ws(' ', array_to_string(c.reloptions, ', '), pg_get_viewdef(c.oid)), true, null, '{}'
 *   from pg_catalog.pg_class as c
 *   where o.kind = 'view' and c.oid = o.oid
 * ) as d
 * order by o.kind, n.nspname collate "C", o.name collate "C", d.arguments collate "C"                                                                                                                                                                                                                 
 * ```
 */
export const definitions = new PreparedQuery<IDefinitionsParams,IDefinitionsResult>(definitionsIR, 'doctor.definitions');


/** 'Triggers' parameters type */
export type ITriggersParams = void;

/** 'Triggers' return type */
export interface ITriggersResult {
  definition: string | null;
  is_enabled: boolean;
  name: string;
  table: string;
}

/** 'Triggers' query type */
export interface ITriggersQuery {
  params: ITriggersParams;
  result: ITriggersResult;
}

const triggersIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  (case when n.nspname = 'public' then c.relname else 'timeseries_data' end)::text as \"table!\",\n  t.tgname::text as \"name!\",\n  bool_and(t.tgenabled in ('O', 'A')) as \"is_enabled!\",\n  max(pg_get_triggerdef(t.oid)) filter (where n.nspname = 'public') as \"definition?\"\nfrom pg_catalog.pg_trigger as t\njoin pg_catalog.pg_class as c on c.oid = t.tgrelid\njoin pg_catalog.pg_namespace as n on n.oid = c.relnamespace\nwhere not t.tgisinternal\n  and (\n    n.nspname = 'public'\n    or t.tgrelid in (select i.inhrelid from pg_catalog.pg_inherits as i where i.inhparent = to_regclass('public.timeseries_data'))\n  )\n  and not exists (\n    select from pg_catalog.pg_depend as e\n    where e.classid = 'pg_catalog.pg_proc'::regclass and e.objid = t.tgfoid and e.deptype = 'e'\n  )\ngroup by 1, 2\norder by max(case when n.nspname = 'public' then c.relname else 'timeseries_data' end) collate \"C\", max(t.tgname) collate \"C\"                                                                                                                                                                                                                                   "};

/**
 * Triggers of the tables in public, and of the chunks of timeseries_data under its name. Those that fire in ordinary
 * sessions (O) or always (A) are enabled. Those of TimescaleDB itself are left out.
 *
 * Query generated from SQL:
 * ```
 * select
 *   (case when n.nspname = 'public' then c.relname else 'timeseries_data' end)::text as "table!",
 *   t.tgname::text as "name!",
 *   bool_and(t.tgenabled in ('O', 'A')) as "is_enabled!",
 *   max(pg_get_triggerdef(t.oid)) filter (where n.nspname = 'public') as "definition?"
 * from pg_catalog.pg_trigger as t
 * join pg_catalog.pg_class as c on c.oid = t.tgrelid
 * join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 * where not t.tgisinternal
 *   and (
 *     n.nspname = 'public'
 *     or t.tgrelid in (select i.inhrelid from pg_catalog.pg_inherits as i where i.inhparent = to_regclass('public.timeseries_data'))
 *   )
 *   and not exists (
 *     select from pg_catalog.pg_depend as e
 *     where e.classid = 'pg_catalog.pg_proc'::regclass and e.objid = t.tgfoid and e.deptype = 'e'
 *   )
 * group by 1, 2
 * order by max(case when n.nspname = 'public' then c.relname else 'timeseries_data' end) collate "C", max(t.tgname) collate "C"                                                                                                                                                                                                                                   
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
  owner: string;
  unreadable_by: stringArray;
}

/** 'Aggregates' query type */
export interface IAggregatesQuery {
  params: IAggregatesParams;
  result: IAggregatesResult;
}

const aggregatesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  a.aggregate as \"name!\",\n  a.is_real_time as \"is_real_time!\",\n  a.job_id is not null as \"has_policy!\",\n  coalesce(\n    r.job_id is not null and a.job_id is not null\n      and (\n        j.config ->> 'start_offset' is null\n        or (j.config ->> 'start_offset')::interval > (r.config ->> 'drop_after')::interval\n      ),\n    false\n  ) as \"is_unbounded!\",\n  t.relowner::regrole::text as \"owner!\",\n  case when c.relowner <> t.relowner then pg_get_userbyid(c.relowner)::text end as other_owner,\n  array(\n    select g.rolname::text\n    from pg_catalog.pg_roles as g\n    where g.rolname in ('btcdb_reader', 'btcdb_writer')\n      and not has_table_privilege(g.oid, c.oid, 'select')\n    order by 1\n  ) as \"unreadable_by!\"\nfrom public.aggregate_refresh_status as a\njoin pg_catalog.pg_class as c on c.oid = a.aggregate::regclass\njoin pg_catalog.pg_class as t on t.oid = 'public.timeseries_data'::regclass\nleft join timescaledb_information.jobs as j on j.job_id = a.job_id\nleft join timescaledb_information.jobs as r on r.proc_schema = 'app_private' and r.proc_name = 'drop_old_chunks'\norder by a.aggregate                                                                                                                                                                                                                                                                               "};

/**
 * The continuous aggregates and what they lack: a policy, one that stays clear of what retention drops, the owner of
 * timeseries_data (`owner`; `other_owner` is who else has them), rights for the roles of this schema.
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
 *   t.relowner::regrole::text as "owner!",
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
  /** Whether its last run failed, its work undone. */
  has_failed: boolean;
  is_due: boolean;
  is_late: boolean;
  /** Whether its last run did its work and counts as failed: PostgreSQL refused what TimescaleDB does after the end of a job. */
  is_refused_end: boolean;
  /** The job. */
  job_id: number;
  /** When it last did its work; null before. */
  last_success: Date | null;
  message: string | null;
  proc_name: string;
  /** The table or aggregate that it is for; null when it is for none. */
  relation: string | null;
  /** How often it runs. */
  schedule_interval: string;
  /** Whether it is switched on. */
  scheduled: boolean;
}

/** 'Policies' query type */
export interface IPoliciesQuery {
  params: IPoliciesParams;
  result: IPoliciesResult;
}

const policiesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  j.job_id as \"job_id!\",\n  p.proc_name::text as \"proc_name!\",\n  j.relation,\n  j.is_scheduled as \"scheduled!\",\n  j.has_failed as \"has_failed!\",\n  j.is_refused_end as \"is_refused_end!\",\n  j.last_success,\n  j.schedule_interval as \"schedule_interval!\",\n  j.is_scheduled\n    and j.total_runs = 0\n    and coalesce(p.initial_start, '-infinity') < now() - interval '1 hour'\n    and (select max(m.date) from graphile_migrate.migrations as m) < now() - interval '1 hour' as \"is_due!\",\n  coalesce(j.is_scheduled and j.last_success < now() - 3 * j.schedule_interval - interval '1 hour', false) as \"is_late!\",\n  (\n    select e.err_message\n    from timescaledb_information.job_errors as e\n    where e.job_id = j.job_id\n    order by e.start_time desc\n    limit 1\n  ) as message\nfrom public.job_status as j\njoin timescaledb_information.jobs as p on p.job_id = j.job_id\nwhere p.hypertable_schema = 'public' or p.proc_schema = 'app_private'\norder by j.job_id                                                                                                                                                                                                           "};

/**
 * The policies of this schema, each with the message of its last error, which its owner sees. `is_due` of one that has not
 * run yet: an hour after the last migration at least, TimescaleDB should have; `is_late`: it has not done its work three
 * times in a row.
 *
 * Query generated from SQL:
 * ```
 * select
 *   j.job_id as "job_id!",
 *   p.proc_name::text as "proc_name!",
 *   j.relation,
 *   j.is_scheduled as "scheduled!",
 *   j.has_failed as "has_failed!",
 *   j.is_refused_end as "is_refused_end!",
 *   j.last_success,
 *   j.schedule_interval as "schedule_interval!",
 *   j.is_scheduled
 *     and j.total_runs = 0
 *     and coalesce(p.initial_start, '-infinity') < now() - interval '1 hour'
 *     and (select max(m.date) from graphile_migrate.migrations as m) < now() - interval '1 hour' as "is_due!",
 *   coalesce(j.is_scheduled and j.last_success < now() - 3 * j.schedule_interval - interval '1 hour', false) as "is_late!",
 *   (
 *     select e.err_message
 *     from timescaledb_information.job_errors as e
 *     where e.job_id = j.job_id
 *     order by e.start_time desc
 *     limit 1
 *   ) as message
 * from public.job_status as j
 * join timescaledb_information.jobs as p on p.job_id = j.job_id
 * where p.hypertable_schema = 'public' or p.proc_schema = 'app_private'
 * order by j.job_id                                                                                                                                                                                                           
 * ```
 */
export const policies = new PreparedQuery<IPoliciesParams,IPoliciesResult>(policiesIR, 'doctor.policies');


/** 'StaleAggregates' parameters type */
export type IStaleAggregatesParams = void;

/** 'StaleAggregates' return type */
export interface IStaleAggregatesResult {
  is_stale: boolean;
}

/** 'StaleAggregates' query type */
export interface IStaleAggregatesQuery {
  params: IStaleAggregatesParams;
  result: IStaleAggregatesResult;
}

const staleAggregatesIR: any = {"usedParamSet":{},"params":[],"statement":"select exists (\n  select\n  from _timescaledb_catalog.hypertable as h\n  join _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log as l on l.hypertable_id = h.id\n  where h.schema_name = 'public' and h.table_name = 'timeseries_data'\n) as \"is_stale!\"                                                                                                                                   "};

/**
 * Whether rows were written, in ranges that are materialized, which the aggregates have not seen. On a server that is so at
 * any time; where nothing runs policies they wait for `btcdb refresh`.
 *
 * Query generated from SQL:
 * ```
 * select exists (
 *   select
 *   from _timescaledb_catalog.hypertable as h
 *   join _timescaledb_catalog.continuous_aggs_hypertable_invalidation_log as l on l.hypertable_id = h.id
 *   where h.schema_name = 'public' and h.table_name = 'timeseries_data'
 * ) as "is_stale!"                                                                                                                                   
 * ```
 */
export const staleAggregates = new PreparedQuery<IStaleAggregatesParams,IStaleAggregatesResult>(staleAggregatesIR, 'doctor.staleAggregates');


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

const schedulerIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  case\n    when pg_has_role('pg_read_all_stats', 'usage') and not pg_is_in_recovery() then exists (\n      select from pg_catalog.pg_stat_activity as a\n      where a.datname = current_database()\n        and a.backend_type like 'TimescaleDB Background Worker Scheduler%'\n    )\n  end as is_running                                                                                                      "};

/**
 * Whether TimescaleDB runs jobs in this database; null when this role may not see it, and on a hot standby, where it runs none.
 *
 * Query generated from SQL:
 * ```
 * select
 *   case
 *     when pg_has_role('pg_read_all_stats', 'usage') and not pg_is_in_recovery() then exists (
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

const chunkDroppersIR: any = {"usedParamSet":{},"params":[],"statement":"select p.oid::regprocedure::text as \"name!\"\nfrom pg_catalog.pg_proc as p\njoin pg_catalog.pg_extension as e on e.extname = 'timescaledb'\ncross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a\nwhere p.pronamespace = to_regnamespace('_timescaledb_functions')\n  and p.proname in ('drop_chunk', 'freeze_chunk', 'unfreeze_chunk')\n  and a.grantee = 0\n  and string_to_array(substring(e.extversion from '^\\d+\\.\\d+'), '.')::int[] < '{2,29}'\norder by 1                                                                                                                                              "};

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


/** 'JobMakers' parameters type */
export type IJobMakersParams = void;

/** 'JobMakers' return type */
export interface IJobMakersResult {
  name: string;
}

/** 'JobMakers' query type */
export interface IJobMakersQuery {
  params: IJobMakersParams;
  result: IJobMakersResult;
}

const jobMakersIR: any = {"usedParamSet":{},"params":[],"statement":"select p.oid::regprocedure::text as \"name!\"\nfrom pg_catalog.pg_proc as p\njoin pg_catalog.pg_namespace as n on n.nspname = 'app_private'\njoin pg_catalog.pg_roles as r on r.oid = n.nspowner\ncross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a\nwhere p.pronamespace = to_regnamespace('public')\n  and p.proname = 'add_job'\n  and a.grantee = 0\n  and r.rolsuper                                                                                                                               "};

/**
 * Whether everybody may make jobs although the owner, a superuser, has revoked that: an update of TimescaleDB may bring the function anew.
 *
 * Query generated from SQL:
 * ```
 * select p.oid::regprocedure::text as "name!"
 * from pg_catalog.pg_proc as p
 * join pg_catalog.pg_namespace as n on n.nspname = 'app_private'
 * join pg_catalog.pg_roles as r on r.oid = n.nspowner
 * cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
 * where p.pronamespace = to_regnamespace('public')
 *   and p.proname = 'add_job'
 *   and a.grantee = 0
 *   and r.rolsuper                                                                                                                               
 * ```
 */
export const jobMakers = new PreparedQuery<IJobMakersParams,IJobMakersResult>(jobMakersIR, 'doctor.jobMakers');


/** 'LostSettings' parameters type */
export type ILostSettingsParams = void;

/** 'LostSettings' return type */
export interface ILostSettingsResult {
  mend: string;
  name: string;
}

/** 'LostSettings' query type */
export interface ILostSettingsQuery {
  params: ILostSettingsParams;
  result: ILostSettingsResult;
}

const lostSettingsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  s.name as \"name!\",\n  format('alter database %I set %s = %s;', d.datname, s.name, s.value) as \"mend!\"\nfrom pg_catalog.pg_database as d\ncross join (values ('jit', 'off'), ('timescaledb.compression_batch_size_limit', '2000')) as s (name, value)\njoin pg_catalog.pg_settings as p on p.name = s.name\nwhere d.datname = current_database()\n  and (s.name = 'jit' or p.max_val::bigint >= 2000)\n  and not exists (\n    select\n    from pg_catalog.pg_db_role_setting as r\n    cross join unnest(r.setconfig) as c (entry)\n    where r.setdatabase = d.oid\n      and r.setrole = 0\n      and split_part(c.entry, '=', 1) = s.name\n  )\norder by s.name                                                                                                                                                                                                                                            "};

/**
 * Settings that the migrations gave this database, and that a dump of it does not hold. Other values are somebody's choice.
 *
 * Query generated from SQL:
 * ```
 * select
 *   s.name as "name!",
 *   format('alter database %I set %s = %s;', d.datname, s.name, s.value) as "mend!"
 * from pg_catalog.pg_database as d
 * cross join (values ('jit', 'off'), ('timescaledb.compression_batch_size_limit', '2000')) as s (name, value)
 * join pg_catalog.pg_settings as p on p.name = s.name
 * where d.datname = current_database()
 *   and (s.name = 'jit' or p.max_val::bigint >= 2000)
 *   and not exists (
 *     select
 *     from pg_catalog.pg_db_role_setting as r
 *     cross join unnest(r.setconfig) as c (entry)
 *     where r.setdatabase = d.oid
 *       and r.setrole = 0
 *       and split_part(c.entry, '=', 1) = s.name
 *   )
 * order by s.name                                                                                                                                                                                                                                            
 * ```
 */
export const lostSettings = new PreparedQuery<ILostSettingsParams,ILostSettingsResult>(lostSettingsIR, 'doctor.lostSettings');


/** 'InvalidIndexes' parameters type */
export type IInvalidIndexesParams = void;

/** 'InvalidIndexes' return type */
export interface IInvalidIndexesResult {
  mend: string;
  name: string;
}

/** 'InvalidIndexes' query type */
export interface IInvalidIndexesQuery {
  params: IInvalidIndexesParams;
  result: IInvalidIndexesResult;
}

const invalidIndexesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  format('%I.%I', n.nspname, c.relname) as \"name!\",\n  format(\n    '%s index %s%I.%I;',\n    case when c.relname ~ '_cc(new|old)\\d*$' then 'drop' else 'reindex' end,\n    case when version() not like '%compiled by emcc%' then 'concurrently ' end,\n    n.nspname, c.relname\n  ) as \"mend!\"\nfrom pg_catalog.pg_index as i\njoin pg_catalog.pg_class as c on c.oid = i.indexrelid\njoin pg_catalog.pg_namespace as n on n.oid = c.relnamespace\nwhere not (i.indisvalid and i.indisready)\n  and n.nspname in ('public', 'app_private', '_timescaledb_internal')\norder by 1                                         "};

/**
 * Indexes that a failed build or rebuild left invalid. What `concurrently` leaves behind, by its name, is to be dropped.
 * Rebuilt concurrently, an index keeps nobody out; the embedded engine cannot, and has nobody to keep out.
 *
 * Query generated from SQL:
 * ```
 * select
 *   format('%I.%I', n.nspname, c.relname) as "name!",
 *   format(
 *     '%s index %s%I.%I;',
 *     case when c.relname ~ '_cc(new|old)\d*$' then 'drop' else 'reindex' end,
 *     case when version() not like '%compiled by emcc%' then 'concurrently ' end,
 *     n.nspname, c.relname
 *   ) as "mend!"
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
  mend: string;
  name: string;
  table: string;
}

/** 'InvalidConstraints' query type */
export interface IInvalidConstraintsQuery {
  params: IInvalidConstraintsParams;
  result: IInvalidConstraintsResult;
}

const invalidConstraintsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  c.conrelid::regclass::text as \"table!\",\n  c.conname::text as \"name!\",\n  format('alter table %s validate constraint %I;', c.conrelid::regclass, c.conname) as \"mend!\"\nfrom pg_catalog.pg_constraint as c\njoin pg_catalog.pg_namespace as n on n.oid = c.connamespace\nwhere not c.convalidated\n  and n.nspname = 'public'\norder by 1, 2                                                                                                                                                                                                                                                           "};

/**
 * Constraints that are not validated.
 *
 * Query generated from SQL:
 * ```
 * select
 *   c.conrelid::regclass::text as "table!",
 *   c.conname::text as "name!",
 *   format('alter table %s validate constraint %I;', c.conrelid::regclass, c.conname) as "mend!"
 * from pg_catalog.pg_constraint as c
 * join pg_catalog.pg_namespace as n on n.oid = c.connamespace
 * where not c.convalidated
 *   and n.nspname = 'public'
 * order by 1, 2                                                                                                                                                                                                                                                           
 * ```
 */
export const invalidConstraints = new PreparedQuery<IInvalidConstraintsParams,IInvalidConstraintsResult>(invalidConstraintsIR, 'doctor.invalidConstraints');


/** 'FaultyRules' parameters type */
export type IFaultyRulesParams = void;

/** 'FaultyRules' return type */
export interface IFaultyRulesResult {
  does_compile: boolean;
  problem: string | null;
  rule_id: number;
  rule_name: string;
  rule_sql: string;
}

/** 'FaultyRules' query type */
export interface IFaultyRulesQuery {
  params: IFaultyRulesParams;
  result: IFaultyRulesResult;
}

const faultyRulesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  r.rule_id as \"rule_id!\",\n  r.rule_name as \"rule_name!\",\n  r.rule_sql as \"rule_sql!\",\n  r.does_compile as \"does_compile!\",\n  r.problem\nfrom app_private.faulty_rules() as r\nwhere current_setting('transaction_read_only') = 'off'\norder by r.rule_id                                                                                   "};

/**
 * Enabled rules that do not compile any more, for instance because a function that they use is gone, or that raise on one
 * of the newest rows of a source. Each such row violates them. Only the owner can try that, and only where it can write.
 *
 * Query generated from SQL:
 * ```
 * select
 *   r.rule_id as "rule_id!",
 *   r.rule_name as "rule_name!",
 *   r.rule_sql as "rule_sql!",
 *   r.does_compile as "does_compile!",
 *   r.problem
 * from app_private.faulty_rules() as r
 * where current_setting('transaction_read_only') = 'off'
 * order by r.rule_id                                                                                   
 * ```
 */
export const faultyRules = new PreparedQuery<IFaultyRulesParams,IFaultyRulesResult>(faultyRulesIR, 'doctor.faultyRules');


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

const orphansIR: any = {"usedParamSet":{},"params":[],"statement":"select d.source_id as \"source_id!\"\nfrom (select distinct t.source_id from public.timeseries_data as t) as d\nwhere not exists (select from public.sources as s where s.source_id = d.source_id)\norder by d.source_id                                                                                                                                                                                                    "};

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


/** 'BloatedTables' parameters type */
export interface IBloatedTablesParams {
  /** Tables with more than :min_rows dead rows, twice as many as those at which autovacuum should have come: it is switched off, too slow, or something keeps old rows alive. */
  min_rows: NumberOrString;
}

/** 'BloatedTables' return type */
export interface IBloatedTablesResult {
  dead_rows: string;
  live_rows: string;
  mend: string;
  table: string;
}

/** 'BloatedTables' query type */
export interface IBloatedTablesQuery {
  params: IBloatedTablesParams;
  result: IBloatedTablesResult;
}

const bloatedTablesIR: any = {"usedParamSet":{"min_rows":true},"params":[{"name":"min_rows","required":true,"transform":{"type":"scalar"},"locs":[{"a":970,"b":979}]}],"statement":"select\n  t.table_name as \"table!\",\n  t.n_dead_tup::int8 as \"dead_rows!\",\n  t.n_live_tup::int8 as \"live_rows!\",\n  format('vacuum (analyze) %s;', t.table_name) as \"mend!\"\nfrom (\n  select\n    format('%I.%I', u.schemaname, u.relname) as table_name,\n    u.n_dead_tup,\n    u.n_live_tup,\n    coalesce(\n      (select o.option_value::float8 from pg_options_to_table(c.reloptions) as o where o.option_name = 'autovacuum_vacuum_threshold'),\n      current_setting('autovacuum_vacuum_threshold')::float8\n    ) as threshold,\n    coalesce(\n      (select o.option_value::float8 from pg_options_to_table(c.reloptions) as o where o.option_name = 'autovacuum_vacuum_scale_factor'),\n      current_setting('autovacuum_vacuum_scale_factor')::float8\n    ) as scale_factor\n  from pg_catalog.pg_stat_user_tables as u\n  join pg_catalog.pg_class as c on c.oid = u.relid\n  where u.schemaname in ('public', 'app_private', '_timescaledb_internal', '_timescaledb_catalog')\n) as t\nwhere t.n_dead_tup > :min_rows!::int8\n  and t.n_dead_tup > 2 * (t.threshold + t.scale_factor * t.n_live_tup)\norder by t.n_dead_tup desc\nlimit 10                                                                                                                      "};

/**
 * Tables with more than :min_rows dead rows, twice as many as those at which autovacuum should have come: it is switched
 * off, too slow, or something keeps old rows alive. The worst ten.
 *
 * Query generated from SQL:
 * ```
 * select
 *   t.table_name as "table!",
 *   t.n_dead_tup::int8 as "dead_rows!",
 *   t.n_live_tup::int8 as "live_rows!",
 *   format('vacuum (analyze) %s;', t.table_name) as "mend!"
 * from (
 *   select
 *     format('%I.%I', u.schemaname, u.relname) as table_name,
 *     u.n_dead_tup,
 *     u.n_live_tup,
 *     coalesce(
 *       (select o.option_value::float8 from pg_options_to_table(c.reloptions) as o where o.option_name = 'autovacuum_vacuum_threshold'),
 *       current_setting('autovacuum_vacuum_threshold')::float8
 *     ) as threshold,
 *     coalesce(
 *       (select o.option_value::float8 from pg_options_to_table(c.reloptions) as o where o.option_name = 'autovacuum_vacuum_scale_factor'),
 *       current_setting('autovacuum_vacuum_scale_factor')::float8
 *     ) as scale_factor
 *   from pg_catalog.pg_stat_user_tables as u
 *   join pg_catalog.pg_class as c on c.oid = u.relid
 *   where u.schemaname in ('public', 'app_private', '_timescaledb_internal', '_timescaledb_catalog')
 * ) as t
 * where t.n_dead_tup > :min_rows!::int8
 *   and t.n_dead_tup > 2 * (t.threshold + t.scale_factor * t.n_live_tup)
 * order by t.n_dead_tup desc
 * limit 10                                                                                                                      
 * ```
 */
export const bloatedTables = new PreparedQuery<IBloatedTablesParams,IBloatedTablesResult>(bloatedTablesIR, 'doctor.bloatedTables');


/** 'TransactionNumbers' parameters type */
export type ITransactionNumbersParams = void;

/** 'TransactionNumbers' return type */
export interface ITransactionNumbersResult {
  age: number;
  usual: number;
}

/** 'TransactionNumbers' query type */
export interface ITransactionNumbersQuery {
  params: ITransactionNumbersParams;
  result: ITransactionNumbersResult;
}

const transactionNumbersIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  age(d.datfrozenxid) as \"age!\",\n  current_setting('autovacuum_freeze_max_age')::int as \"usual!\"\nfrom pg_catalog.pg_database as d\nwhere d.datname = current_database()                                                                                                                                                                                                                                                                                                             "};

/**
 * How far the transaction numbers of this database are used up, of two billion; autovacuum keeps it below `usual`.
 *
 * Query generated from SQL:
 * ```
 * select
 *   age(d.datfrozenxid) as "age!",
 *   current_setting('autovacuum_freeze_max_age')::int as "usual!"
 * from pg_catalog.pg_database as d
 * where d.datname = current_database()                                                                                                                                                                                                                                                                                                             
 * ```
 */
export const transactionNumbers = new PreparedQuery<ITransactionNumbersParams,ITransactionNumbersResult>(transactionNumbersIR, 'doctor.transactionNumbers');


/** 'LongTransactions' parameters type */
export interface ILongTransactionsParams {
  /** Sessions that keep old rows of this database alive, or locks: transactions older than :transaction, and those that have done nothing for :idle. */
  idle: string;
  /** Sessions that keep old rows of this database alive, or locks: transactions older than :transaction, and those that have done nothing for :idle. */
  transaction: string;
}

/** 'LongTransactions' return type */
export interface ILongTransactionsResult {
  application: string;
  is_idle: boolean;
  login: string;
  mend: string;
  pid: number;
  seconds: number;
}

/** 'LongTransactions' query type */
export interface ILongTransactionsQuery {
  params: ILongTransactionsParams;
  result: ILongTransactionsResult;
}

const longTransactionsIR: any = {"usedParamSet":{"idle":true,"transaction":true},"params":[{"name":"idle","required":true,"transform":{"type":"scalar"},"locs":[{"a":657,"b":662}]},{"name":"transaction","required":true,"transform":{"type":"scalar"},"locs":[{"a":718,"b":730}]}],"statement":"select\n  a.pid as \"pid!\",\n  coalesce(a.usename, 'somebody')::text as \"login!\",\n  a.application_name as \"application!\",\n  a.state like 'idle in transaction%' as \"is_idle!\",\n  floor(extract(epoch from clock_timestamp() - case when a.state like 'idle in transaction%' then a.state_change else a.xact_start end))::int\n    as \"seconds!\",\n  format('select pg_terminate_backend(%s);', a.pid) as \"mend!\"\nfrom pg_catalog.pg_stat_activity as a\nwhere a.datname = current_database()\n  and a.pid <> pg_backend_pid()\n  and a.backend_type in ('client backend', 'walsender')\n  and case\n    when a.state like 'idle in transaction%' then a.state_change < clock_timestamp() - :idle!::interval\n    else a.xact_start < clock_timestamp() - :transaction!::interval\n  end\norder by a.xact_start\nlimit 20                                                    "};

/**
 * Sessions that keep old rows of this database alive, or locks: transactions older than :transaction, and those that have
 * done nothing for :idle. Background jobs may take their time. Other sessions are seen with the rights of
 * pg_read_all_stats; `is_seen` says whether this role has them.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.pid as "pid!",
 *   coalesce(a.usename, 'somebody')::text as "login!",
 *   a.application_name as "application!",
 *   a.state like 'idle in transaction%' as "is_idle!",
 *   floor(extract(epoch from clock_timestamp() - case when a.state like 'idle in transaction%' then a.state_change else a.xact_start end))::int
 *     as "seconds!",
 *   format('select pg_terminate_backend(%s);', a.pid) as "mend!"
 * from pg_catalog.pg_stat_activity as a
 * where a.datname = current_database()
 *   and a.pid <> pg_backend_pid()
 *   and a.backend_type in ('client backend', 'walsender')
 *   and case
 *     when a.state like 'idle in transaction%' then a.state_change < clock_timestamp() - :idle!::interval
 *     else a.xact_start < clock_timestamp() - :transaction!::interval
 *   end
 * order by a.xact_start
 * limit 20                                                    
 * ```
 */
export const longTransactions = new PreparedQuery<ILongTransactionsParams,ILongTransactionsResult>(longTransactionsIR, 'doctor.longTransactions');


/** 'SeesSessions' parameters type */
export type ISeesSessionsParams = void;

/** 'SeesSessions' return type */
export interface ISeesSessionsResult {
  is_seen: boolean;
}

/** 'SeesSessions' query type */
export interface ISeesSessionsQuery {
  params: ISeesSessionsParams;
  result: ISeesSessionsResult;
}

const seesSessionsIR: any = {"usedParamSet":{},"params":[],"statement":"select pg_has_role('pg_read_all_stats', 'usage') as \"is_seen!\"                                                                                                                                 "};

/**
 * Whether this role sees what other sessions do.
 *
 * Query generated from SQL:
 * ```
 * select pg_has_role('pg_read_all_stats', 'usage') as "is_seen!"                                                                                                                                 
 * ```
 */
export const seesSessions = new PreparedQuery<ISeesSessionsParams,ISeesSessionsResult>(seesSessionsIR, 'doctor.seesSessions');


/** 'PreparedTransactions' parameters type */
export interface IPreparedTransactionsParams {
  /** Prepared transactions of this database that are older than :transaction: they keep locks and old rows, even over a restart. */
  transaction: string;
}

/** 'PreparedTransactions' return type */
export interface IPreparedTransactionsResult {
  gid: string;
  login: string;
  mend: string;
  seconds: number;
}

/** 'PreparedTransactions' query type */
export interface IPreparedTransactionsQuery {
  params: IPreparedTransactionsParams;
  result: IPreparedTransactionsResult;
}

const preparedTransactionsIR: any = {"usedParamSet":{"transaction":true},"params":[{"name":"transaction","required":true,"transform":{"type":"scalar"},"locs":[{"a":303,"b":315}]}],"statement":"select\n  p.gid as \"gid!\",\n  p.owner::text as \"login!\",\n  floor(extract(epoch from clock_timestamp() - p.prepared))::int as \"seconds!\",\n  format('rollback prepared %L;', p.gid) as \"mend!\"\nfrom pg_catalog.pg_prepared_xacts as p\nwhere p.database = current_database()\n  and p.prepared < clock_timestamp() - :transaction!::interval\norder by p.prepared\nlimit 20                                                                                                          "};

/**
 * Prepared transactions of this database that are older than :transaction: they keep locks and old rows, even over a restart.
 *
 * Query generated from SQL:
 * ```
 * select
 *   p.gid as "gid!",
 *   p.owner::text as "login!",
 *   floor(extract(epoch from clock_timestamp() - p.prepared))::int as "seconds!",
 *   format('rollback prepared %L;', p.gid) as "mend!"
 * from pg_catalog.pg_prepared_xacts as p
 * where p.database = current_database()
 *   and p.prepared < clock_timestamp() - :transaction!::interval
 * order by p.prepared
 * limit 20                                                                                                          
 * ```
 */
export const preparedTransactions = new PreparedQuery<IPreparedTransactionsParams,IPreparedTransactionsResult>(preparedTransactionsIR, 'doctor.preparedTransactions');


/** 'IdleSlots' parameters type */
export interface IIdleSlotsParams {
  /** Replication slots that nobody reads and that hold back more than :bytes of WAL on the server's disk. */
  bytes: NumberOrString;
}

/** 'IdleSlots' return type */
export interface IIdleSlotsResult {
  held_bytes: string;
  mend: string;
  name: string;
}

/** 'IdleSlots' query type */
export interface IIdleSlotsQuery {
  params: IIdleSlotsParams;
  result: IIdleSlotsResult;
}

const idleSlotsIR: any = {"usedParamSet":{"bytes":true},"params":[{"name":"bytes","required":true,"transform":{"type":"scalar"},"locs":[{"a":397,"b":403}]}],"statement":"select\n  s.slot_name::text as \"name!\",\n  w.held::int8 as \"held_bytes!\",\n  format('select pg_drop_replication_slot(%L);', s.slot_name) as \"mend!\"\nfrom pg_catalog.pg_replication_slots as s\ncross join lateral (\n  select pg_wal_lsn_diff(\n    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, s.restart_lsn\n  ) as held\n) as w\nwhere not s.active\n  and w.held >= :bytes!::int8\norder by w.held desc\nlimit 20                                                                                                                                                                          "};

/**
 * Replication slots that nobody reads and that hold back more than :bytes of WAL on the server's disk.
 *
 * Query generated from SQL:
 * ```
 * select
 *   s.slot_name::text as "name!",
 *   w.held::int8 as "held_bytes!",
 *   format('select pg_drop_replication_slot(%L);', s.slot_name) as "mend!"
 * from pg_catalog.pg_replication_slots as s
 * cross join lateral (
 *   select pg_wal_lsn_diff(
 *     case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, s.restart_lsn
 *   ) as held
 * ) as w
 * where not s.active
 *   and w.held >= :bytes!::int8
 * order by w.held desc
 * limit 20                                                                                                                                                                          
 * ```
 */
export const idleSlots = new PreparedQuery<IIdleSlotsParams,IIdleSlotsResult>(idleSlotsIR, 'doctor.idleSlots');


/** 'Growth' parameters type */
export type IGrowthParams = void;

/** 'Growth' return type */
export interface IGrowthResult {
  database_bytes: string;
  monthly_bytes: string | null;
  monthly_rows: string | null;
}

/** 'Growth' query type */
export interface IGrowthQuery {
  params: IGrowthParams;
  result: IGrowthResult;
}

const growthIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  pg_database_size(current_database()) as \"database_bytes!\",\n  round(30.44 * sum(c.total_bytes * c.share) / nullif(max(c.days), 0))::int8 as monthly_bytes,\n  round(30.44 * sum(c.row_count * c.share) / nullif(max(c.days), 0))::int8 as monthly_rows\nfrom (\n  select\n    k.total_bytes,\n    k.row_count,\n    extract(epoch from least(k.range_end, now()) - greatest(k.range_start, now() - interval '1 year'))\n      / extract(epoch from least(k.range_end, now()) - k.range_start) as share,\n    extract(epoch from now() - greatest(min(k.range_start) over (), now() - interval '1 year')) / 86400 as days\n  from public.chunk_stats as k\n  where k.range_start < now() and k.range_end > now() - interval '1 year'\n) as c                              "};

/**
 * What the database takes on disk, and what its rows of the last year add a month, by the ranges of their chunks. Growth
 * is null without rows of the last year.
 *
 * Query generated from SQL:
 * ```
 * select
 *   pg_database_size(current_database()) as "database_bytes!",
 *   round(30.44 * sum(c.total_bytes * c.share) / nullif(max(c.days), 0))::int8 as monthly_bytes,
 *   round(30.44 * sum(c.row_count * c.share) / nullif(max(c.days), 0))::int8 as monthly_rows
 * from (
 *   select
 *     k.total_bytes,
 *     k.row_count,
 *     extract(epoch from least(k.range_end, now()) - greatest(k.range_start, now() - interval '1 year'))
 *       / extract(epoch from least(k.range_end, now()) - k.range_start) as share,
 *     extract(epoch from now() - greatest(min(k.range_start) over (), now() - interval '1 year')) / 86400 as days
 *   from public.chunk_stats as k
 *   where k.range_start < now() and k.range_end > now() - interval '1 year'
 * ) as c                              
 * ```
 */
export const growth = new PreparedQuery<IGrowthParams,IGrowthResult>(growthIR, 'doctor.growth');


/** 'Clock' parameters type */
export type IClockParams = void;

/** 'Clock' return type */
export interface IClockResult {
  now: Date;
}

/** 'Clock' query type */
export interface IClockQuery {
  params: IClockParams;
  result: IClockResult;
}

const clockIR: any = {"usedParamSet":{},"params":[],"statement":"select clock_timestamp() as \"now!\"                                                                                             "};

/**
 * The clock of the server.
 *
 * Query generated from SQL:
 * ```
 * select clock_timestamp() as "now!"                                                                                             
 * ```
 */
export const clock = new PreparedQuery<IClockParams,IClockResult>(clockIR, 'doctor.clock');


/** 'Unsealed' parameters type */
export interface IUnsealedParams {
  older_than: string;
}

/** 'Unsealed' return type */
export interface IUnsealedResult {
  is_old: boolean;
  /** Start of the transaction that made the change. */
  since: Date;
}

/** 'Unsealed' query type */
export interface IUnsealedQuery {
  params: IUnsealedParams;
  result: IUnsealedResult;
}

const unsealedIR: any = {"usedParamSet":{"older_than":true},"params":[{"name":"older_than","required":true,"transform":{"type":"scalar"},"locs":[{"a":60,"b":71}]}],"statement":"select\n  a.changed_at as \"since!\",\n  a.changed_at < now() - :older_than!::interval as \"is_old!\"\nfrom public.audit_log as a\nwhere a.audit_id > coalesce((select max(s.last_id) from public.audit_seals as s), 0)\norder by a.audit_id\nlimit 1                                                                                                                                                                                           "};

/**
 * The oldest entry of the audit log that no seal speaks for. Nothing when all are sealed.
 *
 * Query generated from SQL:
 * ```
 * select
 *   a.changed_at as "since!",
 *   a.changed_at < now() - :older_than!::interval as "is_old!"
 * from public.audit_log as a
 * where a.audit_id > coalesce((select max(s.last_id) from public.audit_seals as s), 0)
 * order by a.audit_id
 * limit 1                                                                                                                                                                                           
 * ```
 */
export const unsealed = new PreparedQuery<IUnsealedParams,IUnsealedResult>(unsealedIR, 'doctor.unsealed');


/** 'Backups' parameters type */
export interface IBackupsParams {
  /** The newest backup that is kept, and when one was last restored to see that it can be. `is_expected`: the database is older than :hours, and its WAL is not archived by others. */
  hours: number;
}

/** 'Backups' return type */
export interface IBackupsResult {
  is_expected: boolean;
  is_old: boolean;
  is_proven: boolean;
  newest: Date | null;
  verified: Date | null;
}

/** 'Backups' query type */
export interface IBackupsQuery {
  params: IBackupsParams;
  result: IBackupsResult;
}

const backupsIR: any = {"usedParamSet":{"hours":true},"params":[{"name":"hours","required":true,"transform":{"type":"scalar"},"locs":[{"a":130,"b":136},{"a":339,"b":345},{"a":480,"b":486}]}],"statement":"select\n  max(b.taken_at) as newest,\n  max(b.verified_at) as verified,\n  coalesce(max(b.taken_at) < now() - make_interval(hours => :hours!), false) as \"is_old!\",\n  coalesce(max(b.verified_at) > now() - interval '31 days', false) as \"is_proven!\",\n  (select min(m.date) from graphile_migrate.migrations as m) < now() - make_interval(hours => :hours!)\n    and not exists (\n      select from pg_catalog.pg_stat_archiver as w where w.last_archived_time > now() - make_interval(hours => :hours!)\n    ) as \"is_expected!\"\nfrom public.backups as b\nwhere b.removed_at is null"};

/**
 * The newest backup that is kept, and when one was last restored to see that it can be. `is_expected`: the database is older
 * than :hours, and its WAL is not archived by others.
 *
 * Query generated from SQL:
 * ```
 * select
 *   max(b.taken_at) as newest,
 *   max(b.verified_at) as verified,
 *   coalesce(max(b.taken_at) < now() - make_interval(hours => :hours!), false) as "is_old!",
 *   coalesce(max(b.verified_at) > now() - interval '31 days', false) as "is_proven!",
 *   (select min(m.date) from graphile_migrate.migrations as m) < now() - make_interval(hours => :hours!)
 *     and not exists (
 *       select from pg_catalog.pg_stat_archiver as w where w.last_archived_time > now() - make_interval(hours => :hours!)
 *     ) as "is_expected!"
 * from public.backups as b
 * where b.removed_at is null
 * ```
 */
export const backups = new PreparedQuery<IBackupsParams,IBackupsResult>(backupsIR, 'doctor.backups');


