/** Types generated for queries found in "queries/backups.sql" */
import { PreparedQuery } from '../src/client/prepared-query.js';

import type { Json } from '../src/types/pg-types.js';

export type backups_form = 'pg_dump' | 'portable';

export type DateOrString = Date | string;

export type NumberOrString = number | string;

export type stringArray = (string | null)[];

/** 'Server' parameters type */
export type IServerParams = void;

/** 'Server' return type */
export interface IServerResult {
  database: string;
  is_embedded: boolean;
  size_bytes: string;
  taken_at: Date;
  timescaledb: string | null;
  version: number;
}

/** 'Server' query type */
export interface IServerQuery {
  params: IServerParams;
  result: IServerResult;
}

const serverIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  current_database()::text as \"database!\",\n  current_setting('server_version_num')::int as \"version!\",\n  (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'timescaledb') as timescaledb,\n  version() like '%compiled by emcc%' as \"is_embedded!\",\n  pg_catalog.pg_database_size(current_database()) as \"size_bytes!\",\n  now() as \"taken_at!\"\nfrom pg_catalog.pg_database as d\nwhere d.datname = current_database()                                                                                                     "};

/**
 * The versions that a backup belongs to, and whether the database is being restored.
 *
 * Query generated from SQL:
 * ```
 * select
 *   current_database()::text as "database!",
 *   current_setting('server_version_num')::int as "version!",
 *   (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'timescaledb') as timescaledb,
 *   version() like '%compiled by emcc%' as "is_embedded!",
 *   pg_catalog.pg_database_size(current_database()) as "size_bytes!",
 *   now() as "taken_at!"
 * from pg_catalog.pg_database as d
 * where d.datname = current_database()                                                                                                     
 * ```
 */
export const server = new PreparedQuery<IServerParams,IServerResult>(serverIR, 'backups.server');


/** 'Contents' parameters type */
export type IContentsParams = void;

/** 'Contents' return type */
export interface IContentsResult {
  row_count: string;
  sources: Json;
  tables: Json;
}

/** 'Contents' query type */
export interface IContentsQuery {
  params: IContentsParams;
  result: IContentsResult;
}

const contentsIR: any = {"usedParamSet":{},"params":[],"statement":"with contents as materialized (\n  select c.table_name, c.source_id, c.row_count, c.first_moment, c.last_moment, c.checksum\n  from app_private.describe_contents() as c\n)\nselect\n  (\n    select jsonb_object_agg(t.table_name, jsonb_build_object('rows', t.row_count, 'checksum', t.checksum::text))\n    from (\n      select c.table_name, sum(c.row_count) as row_count, sum(c.checksum) as checksum\n      from contents as c\n      group by c.table_name\n    ) as t\n  ) as \"tables!\",\n  (\n    select coalesce(jsonb_object_agg(\n      coalesce(s.name, c.source_id::text),\n      jsonb_build_object(\n        'rows', c.row_count,\n        'from', to_char(c.first_moment at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),\n        'to', to_char(c.last_moment at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),\n        'checksum', c.checksum::text\n      )\n    ), '{}')\n    from contents as c\n    left join public.sources as s on s.source_id = c.source_id\n    where c.source_id is not null\n  ) as \"sources!\",\n  (select sum(c.row_count)::bigint from contents as c) as \"row_count!\"                                                                                                                                                                                                            "};

/**
 * Rows and checksum of each table, and rows, range and checksum of each source. Reads everything.
 *
 * Query generated from SQL:
 * ```
 * with contents as materialized (
 *   select c.table_name, c.source_id, c.row_count, c.first_moment, c.last_moment, c.checksum
 *   from app_private.describe_contents() as c
 * )
 * select
 *   (
 *     select jsonb_object_agg(t.table_name, jsonb_build_object('rows', t.row_count, 'checksum', t.checksum::text))
 *     from (
 *       select c.table_name, sum(c.row_count) as row_count, sum(c.checksum) as checksum
 *       from contents as c
 *       group by c.table_name
 *     ) as t
 *   ) as "tables!",
 *   (
 *     select coalesce(jsonb_object_agg(
 *       coalesce(s.name, c.source_id::text),
 *       jsonb_build_object(
 *         'rows', c.row_count,
 *         'from', to_char(c.first_moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 *         'to', to_char(c.last_moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
 *         'checksum', c.checksum::text
 *       )
 *     ), '{}')
 *     from contents as c
 *     left join public.sources as s on s.source_id = c.source_id
 *     where c.source_id is not null
 *   ) as "sources!",
 *   (select sum(c.row_count)::bigint from contents as c) as "row_count!"                                                                                                                                                                                                            
 * ```
 */
export const contents = new PreparedQuery<IContentsParams,IContentsResult>(contentsIR, 'backups.contents');


/** 'SchemaDigests' parameters type */
export type ISchemaDigestsParams = void;

/** 'SchemaDigests' return type */
export interface ISchemaDigestsResult {
  count: number;
  digest: string;
  kind: string;
}

/** 'SchemaDigests' query type */
export interface ISchemaDigestsQuery {
  params: ISchemaDigestsParams;
  result: ISchemaDigestsResult;
}

const schemaDigestsIR: any = {"usedParamSet":{},"params":[],"statement":"with schemas as (\n  select n.oid, n.nspname, n.nspowner, n.nspacl\n  from pg_catalog.pg_namespace as n\n  where n.nspname !~ '^(pg_|_?timescaledb_)' and n.nspname <> 'information_schema'\n),\nforeign_to_us as (\n  select e.classid, e.objid from pg_catalog.pg_depend as e where e.deptype = 'e'\n),\nrelations as (\n  select c.oid, c.relkind, c.relowner, c.relacl\n  from pg_catalog.pg_class as c\n  join schemas as n on n.oid = c.relnamespace\n  where (('pg_class'::regclass)::oid, c.oid) not in (select f.classid, f.objid from foreign_to_us as f)\n),\nroutines as (\n  select p.oid, p.prokind, p.proowner, p.proacl\n  from pg_catalog.pg_proc as p\n  join schemas as n on n.oid = p.pronamespace\n  where (('pg_proc'::regclass)::oid, p.oid) not in (select f.classid, f.objid from foreign_to_us as f)\n),\nthings (kind, line) as (\n  select 'columns', format('%s.%I %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)\n  from relations as c\n  join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped\n  where c.relkind in ('r', 'p', 'v')\n  union all\n  select 'constraints', format('%s %s %s', n.conrelid::regclass, n.conname, pg_get_constraintdef(n.oid))\n  from pg_catalog.pg_constraint as n\n  join relations as c on c.oid = n.conrelid\n  union all\n  select 'indexes', pg_get_indexdef(c.oid) from relations as c where c.relkind = 'i'\n  union all\n  select 'functions', pg_get_functiondef(p.oid) from routines as p where p.prokind in ('f', 'p')\n  union all\n  select 'triggers', format('%s %s', pg_get_triggerdef(t.oid), t.tgenabled)\n  from pg_catalog.pg_trigger as t\n  join relations as c on c.oid = t.tgrelid\n  where not t.tgisinternal\n  union all\n  select 'event triggers', format('%s %s %s %s', t.evtname, t.evtevent, t.evttags, t.evtenabled)\n  from pg_catalog.pg_event_trigger as t\n  where (('pg_event_trigger'::regclass)::oid, t.oid) not in (select f.classid, f.objid from foreign_to_us as f)\n  union all\n  select 'views', format('%s %s', c.oid::regclass, pg_get_viewdef(c.oid)) from relations as c where c.relkind = 'v'\n  union all\n  select 'aggregates', format('%s.%s %s %s', a.view_schema, a.view_name, a.materialized_only, a.view_definition)\n  from timescaledb_information.continuous_aggregates as a\n  union all\n  select 'policies', format('%s.%s %s %s %s', j.proc_schema, j.proc_name, j.schedule_interval, j.scheduled, j.config)\n  from timescaledb_information.jobs as j\n  where j.job_id >= 1000\n  union all\n  select 'chunks', format('%s %s %s %s', h.chunk_name, h.range_start at time zone 'UTC', h.range_end at time zone 'UTC', h.is_compressed)\n  from timescaledb_information.chunks as h\n  union all\n  select 'owners', format('%s %s', o.thing, pg_get_userbyid(o.owner))\n  from (\n    select c.oid::regclass::text, c.relowner from relations as c\n    union all\n    select p.oid::regprocedure::text, p.proowner from routines as p\n  ) as o (thing, owner)\n  union all\n  select 'grants', format('%s %s', g.thing, item)\n  from (\n    select c.oid::regclass::text, coalesce(c.relacl, acldefault((case when c.relkind = 'S' then 's' else 'r' end)::\"char\", c.relowner))\n    from relations as c\n    where c.relkind <> 'i'\n    union all\n    select format('%s.%I', c.oid::regclass, a.attname), a.attacl\n    from relations as c\n    join pg_catalog.pg_attribute as a on a.attrelid = c.oid\n    union all\n    select p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner)) from routines as p\n    union all\n    select n.nspname, coalesce(n.nspacl, acldefault('n', n.nspowner)) from schemas as n where n.nspname <> 'public'\n    union all\n    select format('%s %s', d.defaclrole::regrole, d.defaclobjtype), d.defaclacl from pg_catalog.pg_default_acl as d\n  ) as g (thing, acl)\n  cross join unnest(g.acl) as item\n)\nselect\n  t.kind as \"kind!\",\n  count(*)::int as \"count!\",\n  md5(string_agg(t.line, E'\\n' order by t.line collate \"C\")) as \"digest!\"\nfrom (\n  select g.kind, translate(regexp_replace(g.line, '(::(\\w+)) AS \\2\\M', '\\1', 'g'), E'() \\n', '') as line\n  from things as g\n) as t\ngroup by t.kind\norder by t.kind                                                                                                                 "};

/**
 * Number and digest of what a schema is made of, by kind. The same before a dump and after its restore: PostgreSQL may
 * write parentheses, line breaks and names of columns of an expression anew.
 *
 * Query generated from SQL:
 * ```
 * with schemas as (
 *   select n.oid, n.nspname, n.nspowner, n.nspacl
 *   from pg_catalog.pg_namespace as n
 *   where n.nspname !~ '^(pg_|_?timescaledb_)' and n.nspname <> 'information_schema'
 * ),
 * foreign_to_us as (
 *   select e.classid, e.objid from pg_catalog.pg_depend as e where e.deptype = 'e'
 * ),
 * relations as (
 *   select c.oid, c.relkind, c.relowner, c.relacl
 *   from pg_catalog.pg_class as c
 *   join schemas as n on n.oid = c.relnamespace
 *   where (('pg_class'::regclass)::oid, c.oid) not in (select f.classid, f.objid from foreign_to_us as f)
 * ),
 * routines as (
 *   select p.oid, p.prokind, p.proowner, p.proacl
 *   from pg_catalog.pg_proc as p
 *   join schemas as n on n.oid = p.pronamespace
 *   where (('pg_proc'::regclass)::oid, p.oid) not in (select f.classid, f.objid from foreign_to_us as f)
 * ),
 * things (kind, line) as (
 *   select 'columns', format('%s.%I %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
 *   from relations as c
 *   join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 *   where c.relkind in ('r', 'p', 'v')
 *   union all
 *   select 'constraints', format('%s %s %s', n.conrelid::regclass, n.conname, pg_get_constraintdef(n.oid))
 *   from pg_catalog.pg_constraint as n
 *   join relations as c on c.oid = n.conrelid
 *   union all
 *   select 'indexes', pg_get_indexdef(c.oid) from relations as c where c.relkind = 'i'
 *   union all
 *   select 'functions', pg_get_functiondef(p.oid) from routines as p where p.prokind in ('f', 'p')
 *   union all
 *   select 'triggers', format('%s %s', pg_get_triggerdef(t.oid), t.tgenabled)
 *   from pg_catalog.pg_trigger as t
 *   join relations as c on c.oid = t.tgrelid
 *   where not t.tgisinternal
 *   union all
 *   select 'event triggers', format('%s %s %s %s', t.evtname, t.evtevent, t.evttags, t.evtenabled)
 *   from pg_catalog.pg_event_trigger as t
 *   where (('pg_event_trigger'::regclass)::oid, t.oid) not in (select f.classid, f.objid from foreign_to_us as f)
 *   union all
 *   select 'views', format('%s %s', c.oid::regclass, pg_get_viewdef(c.oid)) from relations as c where c.relkind = 'v'
 *   union all
 *   select 'aggregates', format('%s.%s %s %s', a.view_schema, a.view_name, a.materialized_only, a.view_definition)
 *   from timescaledb_information.continuous_aggregates as a
 *   union all
 *   select 'policies', format('%s.%s %s %s %s', j.proc_schema, j.proc_name, j.schedule_interval, j.scheduled, j.config)
 *   from timescaledb_information.jobs as j
 *   where j.job_id >= 1000
 *   union all
 *   select 'chunks', format('%s %s %s %s', h.chunk_name, h.range_start at time zone 'UTC', h.range_end at time zone 'UTC', h.is_compressed)
 *   from timescaledb_information.chunks as h
 *   union all
 *   select 'owners', format('%s %s', o.thing, pg_get_userbyid(o.owner))
 *   from (
 *     select c.oid::regclass::text, c.relowner from relations as c
 *     union all
 *     select p.oid::regprocedure::text, p.proowner from routines as p
 *   ) as o (thing, owner)
 *   union all
 *   select 'grants', format('%s %s', g.thing, item)
 *   from (
 *     select c.oid::regclass::text, coalesce(c.relacl, acldefault((case when c.relkind = 'S' then 's' else 'r' end)::"char", c.relowner))
 *     from relations as c
 *     where c.relkind <> 'i'
 *     union all
 *     select format('%s.%I', c.oid::regclass, a.attname), a.attacl
 *     from relations as c
 *     join pg_catalog.pg_attribute as a on a.attrelid = c.oid
 *     union all
 *     select p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner)) from routines as p
 *     union all
 *     select n.nspname, coalesce(n.nspacl, acldefault('n', n.nspowner)) from schemas as n where n.nspname <> 'public'
 *     union all
 *     select format('%s %s', d.defaclrole::regrole, d.defaclobjtype), d.defaclacl from pg_catalog.pg_default_acl as d
 *   ) as g (thing, acl)
 *   cross join unnest(g.acl) as item
 * )
 * select
 *   t.kind as "kind!",
 *   count(*)::int as "count!",
 *   md5(string_agg(t.line, E'\n' order by t.line collate "C")) as "digest!"
 * from (
 *   select g.kind, translate(regexp_replace(g.line, '(::(\w+)) AS \2\M', '\1', 'g'), E'() \n', '') as line
 *   from things as g
 * ) as t
 * group by t.kind
 * order by t.kind                                                                                                                 
 * ```
 */
export const schemaDigests = new PreparedQuery<ISchemaDigestsParams,ISchemaDigestsResult>(schemaDigestsIR, 'backups.schemaDigests');


/** 'Roles' parameters type */
export type IRolesParams = void;

/** 'Roles' return type */
export interface IRolesResult {
  can_login: boolean;
  inherits: boolean;
  member_of: stringArray;
  name: string;
}

/** 'Roles' query type */
export interface IRolesQuery {
  params: IRolesParams;
  result: IRolesResult;
}

const rolesIR: any = {"usedParamSet":{},"params":[],"statement":"with recursive named as (\n  select s.refobjid as oid\n  from pg_catalog.pg_shdepend as s\n  join pg_catalog.pg_database as d on d.datname = current_database()\n  where s.refclassid = 'pg_authid'::regclass\n    and (s.dbid = d.oid or (s.classid = 'pg_database'::regclass and s.objid = d.oid))\n  union\n  select d.datdba from pg_catalog.pg_database as d where d.datname = current_database()\n  union\n  select m.member\n  from named as n\n  join pg_catalog.pg_auth_members as m on m.roleid = n.oid\n)\nselect\n  r.rolname::text as \"name!\",\n  r.rolcanlogin as \"can_login!\",\n  r.rolinherit as \"inherits!\",\n  array(\n    select g.rolname::text\n    from pg_catalog.pg_auth_members as m\n    join pg_catalog.pg_roles as g on g.oid = m.roleid\n    where m.member = r.oid\n    order by 1\n  ) as \"member_of!\"\nfrom named as n\njoin pg_catalog.pg_roles as r on r.oid = n.oid\nwhere r.rolname !~ '^pg_'\norder by r.rolname                                                            "};

/**
 * The roles that own something here or are granted something, and who is a member of them. Without passwords.
 *
 * Query generated from SQL:
 * ```
 * with recursive named as (
 *   select s.refobjid as oid
 *   from pg_catalog.pg_shdepend as s
 *   join pg_catalog.pg_database as d on d.datname = current_database()
 *   where s.refclassid = 'pg_authid'::regclass
 *     and (s.dbid = d.oid or (s.classid = 'pg_database'::regclass and s.objid = d.oid))
 *   union
 *   select d.datdba from pg_catalog.pg_database as d where d.datname = current_database()
 *   union
 *   select m.member
 *   from named as n
 *   join pg_catalog.pg_auth_members as m on m.roleid = n.oid
 * )
 * select
 *   r.rolname::text as "name!",
 *   r.rolcanlogin as "can_login!",
 *   r.rolinherit as "inherits!",
 *   array(
 *     select g.rolname::text
 *     from pg_catalog.pg_auth_members as m
 *     join pg_catalog.pg_roles as g on g.oid = m.roleid
 *     where m.member = r.oid
 *     order by 1
 *   ) as "member_of!"
 * from named as n
 * join pg_catalog.pg_roles as r on r.oid = n.oid
 * where r.rolname !~ '^pg_'
 * order by r.rolname                                                            
 * ```
 */
export const roles = new PreparedQuery<IRolesParams,IRolesResult>(rolesIR, 'backups.roles');


/** 'Settings' parameters type */
export type ISettingsParams = void;

/** 'Settings' return type */
export interface ISettingsResult {
  name: string;
  value: string;
}

/** 'Settings' query type */
export interface ISettingsQuery {
  params: ISettingsParams;
  result: ISettingsResult;
}

const settingsIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  split_part(c.entry, '=', 1) as \"name!\",\n  substr(c.entry, strpos(c.entry, '=') + 1) as \"value!\"\nfrom pg_catalog.pg_db_role_setting as s\njoin pg_catalog.pg_database as d on d.oid = s.setdatabase\ncross join unnest(s.setconfig) as c (entry)\nwhere d.datname = current_database()\n  and s.setrole = 0\n  and c.entry !~ '^timescaledb\\.restoring='\norder by c.entry                                                                                        "};

/**
 * Settings of the database, which are no part of a dump.
 *
 * Query generated from SQL:
 * ```
 * select
 *   split_part(c.entry, '=', 1) as "name!",
 *   substr(c.entry, strpos(c.entry, '=') + 1) as "value!"
 * from pg_catalog.pg_db_role_setting as s
 * join pg_catalog.pg_database as d on d.oid = s.setdatabase
 * cross join unnest(s.setconfig) as c (entry)
 * where d.datname = current_database()
 *   and s.setrole = 0
 *   and c.entry !~ '^timescaledb\.restoring='
 * order by c.entry                                                                                        
 * ```
 */
export const settings = new PreparedQuery<ISettingsParams,ISettingsResult>(settingsIR, 'backups.settings');


/** 'Tables' parameters type */
export type ITablesParams = void;

/** 'Tables' return type */
export interface ITablesResult {
  columns: stringArray;
  table: string;
}

/** 'Tables' query type */
export interface ITablesQuery {
  params: ITablesParams;
  result: ITablesResult;
}

const tablesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  t.relation::text as \"table!\",\n  array_agg(a.attname::text order by a.attnum) as \"columns!\"\nfrom app_private.data_tables() as t (relation)\njoin pg_catalog.pg_attribute as a on a.attrelid = t.relation and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''\ngroup by t.relation\norder by t.relation::text                                         "};

/**
 * What the portable form copies: each table with the columns that are not generated.
 *
 * Query generated from SQL:
 * ```
 * select
 *   t.relation::text as "table!",
 *   array_agg(a.attname::text order by a.attnum) as "columns!"
 * from app_private.data_tables() as t (relation)
 * join pg_catalog.pg_attribute as a on a.attrelid = t.relation and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
 * group by t.relation
 * order by t.relation::text                                         
 * ```
 */
export const tables = new PreparedQuery<ITablesParams,ITablesResult>(tablesIR, 'backups.tables');


/** 'Sequences' parameters type */
export type ISequencesParams = void;

/** 'Sequences' return type */
export interface ISequencesResult {
  last_value: string;
  name: string;
}

/** 'Sequences' query type */
export interface ISequencesQuery {
  params: ISequencesParams;
  result: ISequencesResult;
}

const sequencesIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  format('%I.%I', s.schemaname, s.sequencename) as \"name!\",\n  s.last_value as \"last_value!\"\nfrom pg_catalog.pg_sequences as s\nwhere s.schemaname in ('public', 'app_private') and s.last_value is not null\norder by 1                                                                           "};

/**
 * How far the sequences have counted.
 *
 * Query generated from SQL:
 * ```
 * select
 *   format('%I.%I', s.schemaname, s.sequencename) as "name!",
 *   s.last_value as "last_value!"
 * from pg_catalog.pg_sequences as s
 * where s.schemaname in ('public', 'app_private') and s.last_value is not null
 * order by 1                                                                           
 * ```
 */
export const sequences = new PreparedQuery<ISequencesParams,ISequencesResult>(sequencesIR, 'backups.sequences');


/** 'Retention' parameters type */
export type IRetentionParams = void;

/** 'Retention' return type */
export interface IRetentionResult {
  drop_after: string;
}

/** 'Retention' query type */
export interface IRetentionQuery {
  params: IRetentionParams;
  result: IRetentionResult;
}

const retentionIR: any = {"usedParamSet":{},"params":[],"statement":"select (j.config ->> 'drop_after') as \"drop_after!\"\nfrom timescaledb_information.jobs as j\nwhere j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks'                                                                     "};

/**
 * After how long rows are dropped; nothing when they are kept for ever.
 *
 * Query generated from SQL:
 * ```
 * select (j.config ->> 'drop_after') as "drop_after!"
 * from timescaledb_information.jobs as j
 * where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks'                                                                     
 * ```
 */
export const retention = new PreparedQuery<IRetentionParams,IRetentionResult>(retentionIR, 'backups.retention');


/** 'IsUntouched' parameters type */
export type IIsUntouchedParams = void;

/** 'IsUntouched' return type */
export interface IIsUntouchedResult {
  is_untouched: boolean;
}

/** 'IsUntouched' query type */
export interface IIsUntouchedQuery {
  params: IIsUntouchedParams;
  result: IIsUntouchedResult;
}

const isUntouchedIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  not exists (select from public.audit_log)\n  and not exists (select from public.timeseries_data)\n  and not exists (select from app_private.access_tokens) as \"is_untouched!\"                                          "};

/**
 * Whether nothing was written yet to a database that is migrated.
 *
 * Query generated from SQL:
 * ```
 * select
 *   not exists (select from public.audit_log)
 *   and not exists (select from public.timeseries_data)
 *   and not exists (select from app_private.access_tokens) as "is_untouched!"                                          
 * ```
 */
export const isUntouched = new PreparedQuery<IIsUntouchedParams,IIsUntouchedResult>(isUntouchedIR, 'backups.isUntouched');


/** 'SetSequence' parameters type */
export interface ISetSequenceParams {
  last_value: NumberOrString;
  name: string;
}

/** 'SetSequence' return type */
export interface ISetSequenceResult {
  setval: string | null;
}

/** 'SetSequence' query type */
export interface ISetSequenceQuery {
  params: ISetSequenceParams;
  result: ISetSequenceResult;
}

const setSequenceIR: any = {"usedParamSet":{"name":true,"last_value":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":14,"b":19}]},{"name":"last_value","required":true,"transform":{"type":"scalar"},"locs":[{"a":38,"b":49}]}],"statement":"select setval(:name!::text::regclass, :last_value!::bigint)                                         "};

/**
 * Has a sequence go on behind a value.
 *
 * Query generated from SQL:
 * ```
 * select setval(:name!::text::regclass, :last_value!::bigint)                                         
 * ```
 */
export const setSequence = new PreparedQuery<ISetSequenceParams,ISetSequenceResult>(setSequenceIR, 'backups.setSequence');


/** 'CompileRules' parameters type */
export type ICompileRulesParams = void;

/** 'CompileRules' return type */
export interface ICompileRulesResult {
  compile_rules: undefined | null;
}

/** 'CompileRules' query type */
export interface ICompileRulesQuery {
  params: ICompileRulesParams;
  result: ICompileRulesResult;
}

const compileRulesIR: any = {"usedParamSet":{},"params":[],"statement":"select app_private.compile_rules()                                                                                     "};

/**
 * Compiles the rules that are stored.
 *
 * Query generated from SQL:
 * ```
 * select app_private.compile_rules()                                                                                     
 * ```
 */
export const compileRules = new PreparedQuery<ICompileRulesParams,ICompileRulesResult>(compileRulesIR, 'backups.compileRules');


/** 'Databases' parameters type */
export interface IDatabasesParams {
  name_like: string;
}

/** 'Databases' return type */
export interface IDatabasesResult {
  comment: string | null;
  name: string;
}

/** 'Databases' query type */
export interface IDatabasesQuery {
  params: IDatabasesParams;
  result: IDatabasesResult;
}

const databasesIR: any = {"usedParamSet":{"name_like":true},"params":[{"name":"name_like","required":true,"transform":{"type":"scalar"},"locs":[{"a":147,"b":157}]}],"statement":"select\n  d.datname::text as \"name!\",\n  shobj_description(d.oid, 'pg_database') as \"comment?\"\nfrom pg_catalog.pg_database as d\nwhere d.datname like :name_like!\norder by d.datname                                                                                            "};

/**
 * The databases of a server by their names, and what a restore has noted of them.
 *
 * Query generated from SQL:
 * ```
 * select
 *   d.datname::text as "name!",
 *   shobj_description(d.oid, 'pg_database') as "comment?"
 * from pg_catalog.pg_database as d
 * where d.datname like :name_like!
 * order by d.datname                                                                                            
 * ```
 */
export const databases = new PreparedQuery<IDatabasesParams,IDatabasesResult>(databasesIR, 'backups.databases');


/** 'IsEmpty' parameters type */
export type IIsEmptyParams = void;

/** 'IsEmpty' return type */
export interface IIsEmptyResult {
  is_empty: boolean;
}

/** 'IsEmpty' query type */
export interface IIsEmptyQuery {
  params: IIsEmptyParams;
  result: IIsEmptyResult;
}

const isEmptyIR: any = {"usedParamSet":{},"params":[],"statement":"select not exists (\n  select from pg_catalog.pg_class as c\n  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace\n  where n.nspname !~ '^(pg_|_?timescaledb_)'\n    and n.nspname <> 'information_schema'\n    and not exists (select from pg_catalog.pg_depend as e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')\n) as \"is_empty!\"                                                                "};

/**
 * Whether a database has nothing but extensions, so that a dump can be restored into it.
 *
 * Query generated from SQL:
 * ```
 * select not exists (
 *   select from pg_catalog.pg_class as c
 *   join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 *   where n.nspname !~ '^(pg_|_?timescaledb_)'
 *     and n.nspname <> 'information_schema'
 *     and not exists (select from pg_catalog.pg_depend as e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
 * ) as "is_empty!"                                                                
 * ```
 */
export const isEmpty = new PreparedQuery<IIsEmptyParams,IIsEmptyResult>(isEmptyIR, 'backups.isEmpty');


/** 'TimescaleVersions' parameters type */
export type ITimescaleVersionsParams = void;

/** 'TimescaleVersions' return type */
export interface ITimescaleVersionsResult {
  version: string;
}

/** 'TimescaleVersions' query type */
export interface ITimescaleVersionsQuery {
  params: ITimescaleVersionsParams;
  result: ITimescaleVersionsResult;
}

const timescaleVersionsIR: any = {"usedParamSet":{},"params":[],"statement":"select v.version as \"version!\"\nfrom pg_catalog.pg_available_extension_versions as v\nwhere v.name = 'timescaledb'\norder by string_to_array(substring(v.version from '^[\\d.]+'), '.')::int[]                                                                                                     "};

/**
 * The versions of TimescaleDB that the server has installed.
 *
 * Query generated from SQL:
 * ```
 * select v.version as "version!"
 * from pg_catalog.pg_available_extension_versions as v
 * where v.name = 'timescaledb'
 * order by string_to_array(substring(v.version from '^[\d.]+'), '.')::int[]                                                                                                     
 * ```
 */
export const timescaleVersions = new PreparedQuery<ITimescaleVersionsParams,ITimescaleVersionsResult>(timescaleVersionsIR, 'backups.timescaleVersions');


/** 'BeforeRestore' parameters type */
export type IBeforeRestoreParams = void;

/** 'BeforeRestore' return type */
export interface IBeforeRestoreResult {
  timescaledb_pre_restore: boolean | null;
}

/** 'BeforeRestore' query type */
export interface IBeforeRestoreQuery {
  params: IBeforeRestoreParams;
  result: IBeforeRestoreResult;
}

const beforeRestoreIR: any = {"usedParamSet":{},"params":[],"statement":"select public.timescaledb_pre_restore()                                                                                                                        "};

/**
 * Begins a restore: from here to afterRestore TimescaleDB takes its own tables for ordinary ones.
 *
 * Query generated from SQL:
 * ```
 * select public.timescaledb_pre_restore()                                                                                                                        
 * ```
 */
export const beforeRestore = new PreparedQuery<IBeforeRestoreParams,IBeforeRestoreResult>(beforeRestoreIR, 'backups.beforeRestore');


/** 'AfterRestore' parameters type */
export type IAfterRestoreParams = void;

/** 'AfterRestore' return type */
export interface IAfterRestoreResult {
  stop_background_workers: boolean | null;
  timescaledb_post_restore: boolean | null;
}

/** 'AfterRestore' query type */
export interface IAfterRestoreQuery {
  params: IAfterRestoreParams;
  result: IAfterRestoreResult;
}

const afterRestoreIR: any = {"usedParamSet":{},"params":[],"statement":"select public.timescaledb_post_restore(), _timescaledb_functions.stop_background_workers()                                                      "};

/**
 * Ends it, and keeps policies from running until the contents are compared. In one transaction, so that none begins.
 *
 * Query generated from SQL:
 * ```
 * select public.timescaledb_post_restore(), _timescaledb_functions.stop_background_workers()                                                      
 * ```
 */
export const afterRestore = new PreparedQuery<IAfterRestoreParams,IAfterRestoreResult>(afterRestoreIR, 'backups.afterRestore');


/** 'StopPolicies' parameters type */
export type IStopPoliciesParams = void;

/** 'StopPolicies' return type */
export interface IStopPoliciesResult {
  stop_background_workers: boolean | null;
}

/** 'StopPolicies' query type */
export interface IStopPoliciesQuery {
  params: IStopPoliciesParams;
  result: IStopPoliciesResult;
}

const stopPoliciesIR: any = {"usedParamSet":{},"params":[],"statement":"select _timescaledb_functions.stop_background_workers()                        "};

/**
 * Keeps policies from running until startPolicies.
 *
 * Query generated from SQL:
 * ```
 * select _timescaledb_functions.stop_background_workers()                        
 * ```
 */
export const stopPolicies = new PreparedQuery<IStopPoliciesParams,IStopPoliciesResult>(stopPoliciesIR, 'backups.stopPolicies');


/** 'StartPolicies' parameters type */
export type IStartPoliciesParams = void;

/** 'StartPolicies' return type */
export interface IStartPoliciesResult {
  start_background_workers: boolean | null;
}

/** 'StartPolicies' query type */
export interface IStartPoliciesQuery {
  params: IStartPoliciesParams;
  result: IStartPoliciesResult;
}

const startPoliciesIR: any = {"usedParamSet":{},"params":[],"statement":"select _timescaledb_functions.start_background_workers()                                  "};

/**
 * Lets policies run.
 *
 * Query generated from SQL:
 * ```
 * select _timescaledb_functions.start_background_workers()                                  
 * ```
 */
export const startPolicies = new PreparedQuery<IStartPoliciesParams,IStartPoliciesResult>(startPoliciesIR, 'backups.startPolicies');


/** 'MissingRoles' parameters type */
export interface IMissingRolesParams {
  names: stringArray;
}

/** 'MissingRoles' return type */
export interface IMissingRolesResult {
  name: string;
}

/** 'MissingRoles' query type */
export interface IMissingRolesQuery {
  params: IMissingRolesParams;
  result: IMissingRolesResult;
}

const missingRolesIR: any = {"usedParamSet":{"names":true},"params":[{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[{"a":37,"b":43}]}],"statement":"select r.name as \"name!\"\nfrom unnest(:names!::text[]) as r (name)\nwhere r.name not in (select g.rolname from pg_catalog.pg_roles as g)                                                                                                               "};

/**
 * Roles that the server lacks.
 *
 * Query generated from SQL:
 * ```
 * select r.name as "name!"
 * from unnest(:names!::text[]) as r (name)
 * where r.name not in (select g.rolname from pg_catalog.pg_roles as g)                                                                                                               
 * ```
 */
export const missingRoles = new PreparedQuery<IMissingRolesParams,IMissingRolesResult>(missingRolesIR, 'backups.missingRoles');


/** 'AreAggregated' parameters type */
export type IAreAggregatedParams = void;

/** 'AreAggregated' return type */
export interface IAreAggregatedResult {
  are_aggregated: boolean;
}

/** 'AreAggregated' query type */
export interface IAreAggregatedQuery {
  params: IAreAggregatedParams;
  result: IAreAggregatedResult;
}

const areAggregatedIR: any = {"usedParamSet":{},"params":[],"statement":"select (\n  app_private.dropped_until() is not null\n  or (select coalesce(sum(w.data_points), 0) from public.weekly_stats as w) = (select count(*) from public.timeseries_data)\n) as \"are_aggregated!\"                                    "};

/**
 * Whether a refreshed aggregate counts every row. One that outlives what retention has dropped counts more.
 *
 * Query generated from SQL:
 * ```
 * select (
 *   app_private.dropped_until() is not null
 *   or (select coalesce(sum(w.data_points), 0) from public.weekly_stats as w) = (select count(*) from public.timeseries_data)
 * ) as "are_aggregated!"                                    
 * ```
 */
export const areAggregated = new PreparedQuery<IAreAggregatedParams,IAreAggregatedResult>(areAggregatedIR, 'backups.areAggregated');


/** 'Note' parameters type */
export interface INoteParams {
  form: string;
  is_encrypted: boolean;
  location: string;
  name: string;
  row_count: NumberOrString;
  sha256: string;
  size_bytes: NumberOrString;
  taken_at: DateOrString;
}

/** 'Note' return type */
export interface INoteResult {
  /** Key, in order of finishing. */
  backup_id: string;
}

/** 'Note' query type */
export interface INoteQuery {
  params: INoteParams;
  result: INoteResult;
}

const noteIR: any = {"usedParamSet":{"name":true,"location":true,"form":true,"is_encrypted":true,"taken_at":true,"row_count":true,"size_bytes":true,"sha256":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":129,"b":134}]},{"name":"location","required":true,"transform":{"type":"scalar"},"locs":[{"a":137,"b":146}]},{"name":"form","required":true,"transform":{"type":"scalar"},"locs":[{"a":149,"b":154}]},{"name":"is_encrypted","required":true,"transform":{"type":"scalar"},"locs":[{"a":157,"b":170}]},{"name":"taken_at","required":true,"transform":{"type":"scalar"},"locs":[{"a":173,"b":182},{"a":248,"b":257}]},{"name":"row_count","required":true,"transform":{"type":"scalar"},"locs":[{"a":263,"b":273}]},{"name":"size_bytes","required":true,"transform":{"type":"scalar"},"locs":[{"a":276,"b":287}]},{"name":"sha256","required":true,"transform":{"type":"scalar"},"locs":[{"a":297,"b":304}]}],"statement":"insert into public.backups (name, location, form, is_encrypted, taken_at, finished_at, row_count, size_bytes, sha256)\nvalues (\n  :name!, :location!, :form!, :is_encrypted!, :taken_at!,\n  -- The clock may have gone back meanwhile.\n  greatest(now(), :taken_at!),\n  :row_count!, :size_bytes!, decode(:sha256!, 'hex')\n)\nreturning backup_id                                                                            "};

/**
 * Notes a backup that is stored.
 *
 * Query generated from SQL:
 * ```
 * insert into public.backups (name, location, form, is_encrypted, taken_at, finished_at, row_count, size_bytes, sha256)
 * values (
 *   :name!, :location!, :form!, :is_encrypted!, :taken_at!,
 *   -- The clock may have gone back meanwhile.
 *   greatest(now(), :taken_at!),
 *   :row_count!, :size_bytes!, decode(:sha256!, 'hex')
 * )
 * returning backup_id                                                                            
 * ```
 */
export const note = new PreparedQuery<INoteParams,INoteResult>(noteIR, 'backups.note');


/** 'NoteVerified' parameters type */
export interface INoteVerifiedParams {
  name: string;
  sha256: string;
  verified_on: string;
}

/** 'NoteVerified' return type */
export interface INoteVerifiedResult {
  /** Key, in order of finishing. */
  backup_id: string;
}

/** 'NoteVerified' query type */
export interface INoteVerifiedQuery {
  params: INoteVerifiedParams;
  result: INoteVerifiedResult;
}

const noteVerifiedIR: any = {"usedParamSet":{"verified_on":true,"name":true,"sha256":true},"params":[{"name":"verified_on","required":true,"transform":{"type":"scalar"},"locs":[{"a":61,"b":73}]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":88,"b":93}]},{"name":"sha256","required":true,"transform":{"type":"scalar"},"locs":[{"a":115,"b":122}]}],"statement":"update public.backups\nset verified_at = now(), verified_on = :verified_on!\nwhere name = :name! and sha256 = decode(:sha256!, 'hex')\nreturning backup_id                                               "};

/**
 * Notes that a backup was restored on a server and found to be the same.
 *
 * Query generated from SQL:
 * ```
 * update public.backups
 * set verified_at = now(), verified_on = :verified_on!
 * where name = :name! and sha256 = decode(:sha256!, 'hex')
 * returning backup_id                                               
 * ```
 */
export const noteVerified = new PreparedQuery<INoteVerifiedParams,INoteVerifiedResult>(noteVerifiedIR, 'backups.noteVerified');


/** 'NoteRemoved' parameters type */
export interface INoteRemovedParams {
  location: string;
  name: string;
}

/** 'NoteRemoved' return type */
export interface INoteRemovedResult {
  /** Key, in order of finishing. */
  backup_id: string;
}

/** 'NoteRemoved' query type */
export interface INoteRemovedQuery {
  params: INoteRemovedParams;
  result: INoteRemovedResult;
}

const noteRemovedIR: any = {"usedParamSet":{"name":true,"location":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[{"a":58,"b":63}]},{"name":"location","required":true,"transform":{"type":"scalar"},"locs":[{"a":80,"b":89}]}],"statement":"update public.backups\nset removed_at = now()\nwhere name = :name! and location = :location! and removed_at is null\nreturning backup_id                                                         "};

/**
 * Notes that rotation has removed a backup.
 *
 * Query generated from SQL:
 * ```
 * update public.backups
 * set removed_at = now()
 * where name = :name! and location = :location! and removed_at is null
 * returning backup_id                                                         
 * ```
 */
export const noteRemoved = new PreparedQuery<INoteRemovedParams,INoteRemovedResult>(noteRemovedIR, 'backups.noteRemoved');


/** 'List' parameters type */
export type IListParams = void;

/** 'List' return type */
export interface IListResult {
  /** Key, in order of finishing. */
  backup_id: string;
  /** Who made it. */
  created_by: string;
  /** When it was stored as a whole. */
  finished_at: Date;
  /** pg_dump: a dump in the custom format, for the same version of TimescaleDB; portable: rows of tables, for either engine. */
  form: backups_form;
  /** Whether it takes a key to read it. */
  is_encrypted: boolean;
  /** Where it was stored: a folder with the name of its machine before it, or s3://bucket/prefix. */
  location: string;
  /** Name of its file; the manifest has .json behind it. */
  name: string;
  /** When rotation removed it; null while it is kept. */
  removed_at: Date | null;
  /** Rows of all its tables. */
  row_count: string;
  sha256: string;
  /** Length of the file. */
  size_bytes: string;
  /** The moment that it holds: what was committed before is in it. */
  taken_at: Date;
  /** When it was last restored into a scratch database and found to be the same; null: never. */
  verified_at: Date | null;
  /** The server of that. */
  verified_on: string | null;
}

/** 'List' query type */
export interface IListQuery {
  params: IListParams;
  result: IListResult;
}

const listIR: any = {"usedParamSet":{},"params":[],"statement":"select\n  b.backup_id,\n  b.name,\n  b.location,\n  b.form,\n  b.is_encrypted,\n  b.taken_at,\n  b.finished_at,\n  b.row_count,\n  b.size_bytes,\n  encode(b.sha256, 'hex') as \"sha256!\",\n  b.verified_at,\n  b.verified_on,\n  b.removed_at,\n  b.created_by\nfrom public.backups as b\norder by b.taken_at desc, b.backup_id desc                                                                       "};

/**
 * All backups that were ever noted, the newest first.
 *
 * Query generated from SQL:
 * ```
 * select
 *   b.backup_id,
 *   b.name,
 *   b.location,
 *   b.form,
 *   b.is_encrypted,
 *   b.taken_at,
 *   b.finished_at,
 *   b.row_count,
 *   b.size_bytes,
 *   encode(b.sha256, 'hex') as "sha256!",
 *   b.verified_at,
 *   b.verified_on,
 *   b.removed_at,
 *   b.created_by
 * from public.backups as b
 * order by b.taken_at desc, b.backup_id desc                                                                       
 * ```
 */
export const list = new PreparedQuery<IListParams,IListResult>(listIR, 'backups.list');


/** 'ExportSnapshot' parameters type */
export type IExportSnapshotParams = void;

/** 'ExportSnapshot' return type */
export interface IExportSnapshotResult {
  snapshot: string;
}

/** 'ExportSnapshot' query type */
export interface IExportSnapshotQuery {
  params: IExportSnapshotParams;
  result: IExportSnapshotResult;
}

const exportSnapshotIR: any = {"usedParamSet":{},"params":[],"statement":"select pg_export_snapshot() as \"snapshot!\"                                                                                                               "};

/**
 * A name under which other sessions see what this transaction sees.
 *
 * Query generated from SQL:
 * ```
 * select pg_export_snapshot() as "snapshot!"                                                                                                               
 * ```
 */
export const exportSnapshot = new PreparedQuery<IExportSnapshotParams,IExportSnapshotResult>(exportSnapshotIR, 'backups.exportSnapshot');


/** 'LockCompression' parameters type */
export type ILockCompressionParams = void;

/** 'LockCompression' return type */
export interface ILockCompressionResult {
  is_locked: boolean;
}

/** 'LockCompression' query type */
export interface ILockCompressionQuery {
  params: ILockCompressionParams;
  result: ILockCompressionResult;
}

const lockCompressionIR: any = {"usedParamSet":{},"params":[],"statement":"select pg_try_advisory_lock('public.timeseries_data'::regclass::oid::bigint) as \"is_locked!\"                                                                                                                  "};

/**
 * Keeps compress_old_chunks() from beginning another chunk, as long as the session lives; whether it could.
 *
 * Query generated from SQL:
 * ```
 * select pg_try_advisory_lock('public.timeseries_data'::regclass::oid::bigint) as "is_locked!"                                                                                                                  
 * ```
 */
export const lockCompression = new PreparedQuery<ILockCompressionParams,ILockCompressionResult>(lockCompressionIR, 'backups.lockCompression');


/** 'TakeTurnToVerify' parameters type */
export type ITakeTurnToVerifyParams = void;

/** 'TakeTurnToVerify' return type */
export interface ITakeTurnToVerifyResult {
  pg_advisory_lock: undefined | null;
}

/** 'TakeTurnToVerify' query type */
export interface ITakeTurnToVerifyQuery {
  params: ITakeTurnToVerifyParams;
  result: ITakeTurnToVerifyResult;
}

const takeTurnToVerifyIR: any = {"usedParamSet":{},"params":[],"statement":"select pg_advisory_lock(hashtextextended('btcdb backup verify', 0))                                                                                                                   "};

/**
 * Waits until no other session verifies on this server, and keeps others waiting as long as the session lives.
 *
 * Query generated from SQL:
 * ```
 * select pg_advisory_lock(hashtextextended('btcdb backup verify', 0))                                                                                                                   
 * ```
 */
export const takeTurnToVerify = new PreparedQuery<ITakeTurnToVerifyParams,ITakeTurnToVerifyResult>(takeTurnToVerifyIR, 'backups.takeTurnToVerify');


/** 'TakeTurnToRestore' parameters type */
export interface ITakeTurnToRestoreParams {
  database: string;
}

/** 'TakeTurnToRestore' return type */
export interface ITakeTurnToRestoreResult {
  pg_advisory_lock: undefined | null;
}

/** 'TakeTurnToRestore' query type */
export interface ITakeTurnToRestoreQuery {
  params: ITakeTurnToRestoreParams;
  result: ITakeTurnToRestoreResult;
}

const takeTurnToRestoreIR: any = {"usedParamSet":{"database":true},"params":[{"name":"database","required":true,"transform":{"type":"scalar"},"locs":[{"a":61,"b":70}]}],"statement":"select pg_advisory_lock(hashtextextended('btcdb restore ' || :database!, 0))"};

/**
 * Waits until no other session restores into a database, and keeps others waiting as long as the session lives.
 *
 * Query generated from SQL:
 * ```
 * select pg_advisory_lock(hashtextextended('btcdb restore ' || :database!, 0))
 * ```
 */
export const takeTurnToRestore = new PreparedQuery<ITakeTurnToRestoreParams,ITakeTurnToRestoreResult>(takeTurnToRestoreIR, 'backups.takeTurnToRestore');


