/*
 * Backups: what a manifest says of a database, all of it in one snapshot, and what is noted of a backup when it is stored.
 * These run with nothing but pg_catalog in search_path, so that every name comes with its schema.
 */

/* The versions that a backup belongs to, and whether the database is being restored. */
/* @name server */
select
  current_database()::text as "database!",
  current_setting('server_version_num')::int as "version!",
  (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'timescaledb') as timescaledb,
  version() like '%compiled by emcc%' as "is_embedded!",
  pg_catalog.pg_database_size(current_database()) as "size_bytes!",
  now() as "taken_at!"
from pg_catalog.pg_database as d
where d.datname = current_database();

/* Rows and checksum of each table, and rows, range and checksum of each source. Reads everything. */
/* @name contents */
with contents as materialized (
  select c.table_name, c.source_id, c.row_count, c.first_moment, c.last_moment, c.checksum
  from app_private.describe_contents() as c
)
select
  (
    select jsonb_object_agg(t.table_name, jsonb_build_object('rows', t.row_count, 'checksum', t.checksum::text))
    from (
      select c.table_name, sum(c.row_count) as row_count, sum(c.checksum) as checksum
      from contents as c
      group by c.table_name
    ) as t
  ) as "tables!",
  (
    select coalesce(jsonb_object_agg(
      coalesce(s.name, c.source_id::text),
      jsonb_build_object(
        'rows', c.row_count,
        'from', to_char(c.first_moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'to', to_char(c.last_moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'checksum', c.checksum::text
      )
    ), '{}')
    from contents as c
    left join public.sources as s on s.source_id = c.source_id
    where c.source_id is not null
  ) as "sources!",
  (select sum(c.row_count)::bigint from contents as c) as "row_count!";

/*
 * Number and digest of what a schema is made of, by kind. The same before a dump and after its restore: PostgreSQL may
 * write parentheses, line breaks and names of columns of an expression anew.
 */
/* @name schemaDigests */
with schemas as (
  select n.oid, n.nspname, n.nspowner, n.nspacl
  from pg_catalog.pg_namespace as n
  where n.nspname !~ '^(pg_|_?timescaledb_)' and n.nspname <> 'information_schema'
),
foreign_to_us as (
  select e.classid, e.objid from pg_catalog.pg_depend as e where e.deptype = 'e'
),
relations as (
  select c.oid, c.relkind, c.relowner, c.relacl
  from pg_catalog.pg_class as c
  join schemas as n on n.oid = c.relnamespace
  where (('pg_class'::regclass)::oid, c.oid) not in (select f.classid, f.objid from foreign_to_us as f)
),
routines as (
  select p.oid, p.prokind, p.proowner, p.proacl
  from pg_catalog.pg_proc as p
  join schemas as n on n.oid = p.pronamespace
  where (('pg_proc'::regclass)::oid, p.oid) not in (select f.classid, f.objid from foreign_to_us as f)
),
things (kind, line) as (
  select 'columns', format('%s.%I %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
  from relations as c
  join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind in ('r', 'p', 'v')
  union all
  select 'constraints', format('%s %s %s', n.conrelid::regclass, n.conname, pg_get_constraintdef(n.oid))
  from pg_catalog.pg_constraint as n
  join relations as c on c.oid = n.conrelid
  union all
  select 'indexes', pg_get_indexdef(c.oid) from relations as c where c.relkind = 'i'
  union all
  select 'functions', pg_get_functiondef(p.oid) from routines as p where p.prokind in ('f', 'p')
  union all
  select 'triggers', format('%s %s', pg_get_triggerdef(t.oid), t.tgenabled)
  from pg_catalog.pg_trigger as t
  join relations as c on c.oid = t.tgrelid
  where not t.tgisinternal
  union all
  select 'event triggers', format('%s %s %s %s', t.evtname, t.evtevent, t.evttags, t.evtenabled)
  from pg_catalog.pg_event_trigger as t
  where (('pg_event_trigger'::regclass)::oid, t.oid) not in (select f.classid, f.objid from foreign_to_us as f)
  union all
  select 'views', format('%s %s', c.oid::regclass, pg_get_viewdef(c.oid)) from relations as c where c.relkind = 'v'
  union all
  select 'aggregates', format('%s.%s %s %s', a.view_schema, a.view_name, a.materialized_only, a.view_definition)
  from timescaledb_information.continuous_aggregates as a
  union all
  select 'policies', format('%s.%s %s %s %s', j.proc_schema, j.proc_name, j.schedule_interval, j.scheduled, j.config)
  from timescaledb_information.jobs as j
  where j.job_id >= 1000
  union all
  select 'chunks', format('%s %s %s %s', h.chunk_name, h.range_start at time zone 'UTC', h.range_end at time zone 'UTC', h.is_compressed)
  from timescaledb_information.chunks as h
  union all
  select 'owners', format('%s %s', o.thing, pg_get_userbyid(o.owner))
  from (
    select c.oid::regclass::text, c.relowner from relations as c
    union all
    select p.oid::regprocedure::text, p.proowner from routines as p
  ) as o (thing, owner)
  union all
  select 'grants', format('%s %s', g.thing, item)
  from (
    select c.oid::regclass::text, coalesce(c.relacl, acldefault((case when c.relkind = 'S' then 's' else 'r' end)::"char", c.relowner))
    from relations as c
    where c.relkind <> 'i'
    union all
    select format('%s.%I', c.oid::regclass, a.attname), a.attacl
    from relations as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid
    union all
    select p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner)) from routines as p
    union all
    select n.nspname, coalesce(n.nspacl, acldefault('n', n.nspowner)) from schemas as n where n.nspname <> 'public'
    union all
    select format('%s %s', d.defaclrole::regrole, d.defaclobjtype), d.defaclacl from pg_catalog.pg_default_acl as d
  ) as g (thing, acl)
  cross join unnest(g.acl) as item
)
select
  t.kind as "kind!",
  count(*)::int as "count!",
  md5(string_agg(t.line, E'\n' order by t.line collate "C")) as "digest!"
from (
  select g.kind, translate(regexp_replace(g.line, '(::(\w+)) AS \2\M', '\1', 'g'), E'() \n', '') as line
  from things as g
) as t
group by t.kind
order by t.kind;

/* The roles that own something here or are granted something, and who is a member of them. Without passwords. */
/* @name roles */
with recursive named as (
  select s.refobjid as oid
  from pg_catalog.pg_shdepend as s
  join pg_catalog.pg_database as d on d.datname = current_database()
  where s.refclassid = 'pg_authid'::regclass
    and (s.dbid = d.oid or (s.classid = 'pg_database'::regclass and s.objid = d.oid))
  union
  select d.datdba from pg_catalog.pg_database as d where d.datname = current_database()
  union
  select m.member
  from named as n
  join pg_catalog.pg_auth_members as m on m.roleid = n.oid
)
select
  r.rolname::text as "name!",
  r.rolcanlogin as "can_login!",
  r.rolinherit as "inherits!",
  array(
    select g.rolname::text
    from pg_catalog.pg_auth_members as m
    join pg_catalog.pg_roles as g on g.oid = m.roleid
    where m.member = r.oid
    order by 1
  ) as "member_of!"
from named as n
join pg_catalog.pg_roles as r on r.oid = n.oid
where r.rolname !~ '^pg_'
order by r.rolname;

/* Settings of the database, which are no part of a dump. */
/* @name settings */
select
  split_part(c.entry, '=', 1) as "name!",
  substr(c.entry, strpos(c.entry, '=') + 1) as "value!"
from pg_catalog.pg_db_role_setting as s
join pg_catalog.pg_database as d on d.oid = s.setdatabase
cross join unnest(s.setconfig) as c (entry)
where d.datname = current_database()
  and s.setrole = 0
  and c.entry !~ '^timescaledb\.restoring='
order by c.entry;

/* What the portable form copies: each table with the columns that are not generated. */
/* @name tables */
select
  t.relation::text as "table!",
  array_agg(a.attname::text order by a.attnum) as "columns!"
from app_private.data_tables() as t (relation)
join pg_catalog.pg_attribute as a on a.attrelid = t.relation and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
group by t.relation
order by t.relation::text;

/* How far the sequences have counted. */
/* @name sequences */
select
  format('%I.%I', s.schemaname, s.sequencename) as "name!",
  s.last_value as "last_value!"
from pg_catalog.pg_sequences as s
where s.schemaname in ('public', 'app_private') and s.last_value is not null
order by 1;

/* After how long rows are dropped; nothing when they are kept for ever. */
/* @name retention */
select (j.config ->> 'drop_after') as "drop_after!"
from timescaledb_information.jobs as j
where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks';

/* Whether nothing was written yet to a database that is migrated. */
/* @name isUntouched */
select
  not exists (select from public.audit_log)
  and not exists (select from public.timeseries_data)
  and not exists (select from app_private.access_tokens) as "is_untouched!";

/* Has a sequence go on behind a value. */
/* @name setSequence */
select setval(:name!::text::regclass, :last_value!::bigint);

/* Compiles the rules that are stored. */
/* @name compileRules */
select app_private.compile_rules();

/* The databases of a server by their names, and what a restore has noted of them. */
/* @name databases */
select
  d.datname::text as "name!",
  shobj_description(d.oid, 'pg_database') as "comment?"
from pg_catalog.pg_database as d
where d.datname like :name_like!
order by d.datname;

/* Whether a database has nothing but extensions, so that a dump can be restored into it. */
/* @name isEmpty */
select not exists (
  select from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where n.nspname !~ '^(pg_|_?timescaledb_)'
    and n.nspname <> 'information_schema'
    and not exists (select from pg_catalog.pg_depend as e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
) as "is_empty!";

/* The versions of TimescaleDB that the server has installed. */
/* @name timescaleVersions */
select v.version as "version!"
from pg_catalog.pg_available_extension_versions as v
where v.name = 'timescaledb'
order by string_to_array(substring(v.version from '^[\d.]+'), '.')::int[];

/* Begins a restore: from here to afterRestore TimescaleDB takes its own tables for ordinary ones. */
/* @name beforeRestore */
select public.timescaledb_pre_restore();

/* Ends it, and keeps policies from running until the contents are compared. In one transaction, so that none begins. */
/* @name afterRestore */
select public.timescaledb_post_restore(), _timescaledb_functions.stop_background_workers();

/* Keeps policies from running until startPolicies. */
/* @name stopPolicies */
select _timescaledb_functions.stop_background_workers();

/* Lets policies run. */
/* @name startPolicies */
select _timescaledb_functions.start_background_workers();

/* Roles that the server lacks. */
/* @name missingRoles */
select r.name as "name!"
from unnest(:names!::text[]) as r (name)
where r.name not in (select g.rolname from pg_catalog.pg_roles as g);

/* Whether a refreshed aggregate counts every row. One that outlives what retention has dropped counts more. */
/* @name areAggregated */
select (
  app_private.dropped_until() is not null
  or (select coalesce(sum(w.data_points), 0) from public.weekly_stats as w) = (select count(*) from public.timeseries_data)
) as "are_aggregated!";

/* Notes a backup that is stored. */
/* @name note */
insert into public.backups (name, location, form, is_encrypted, taken_at, finished_at, row_count, size_bytes, sha256)
values (
  :name!, :location!, :form!, :is_encrypted!, :taken_at!,
  -- The clock may have gone back meanwhile.
  greatest(now(), :taken_at!),
  :row_count!, :size_bytes!, decode(:sha256!, 'hex')
)
returning backup_id;

/* Notes that a backup was restored on a server and found to be the same. */
/* @name noteVerified */
update public.backups
set verified_at = now(), verified_on = :verified_on!
where name = :name! and sha256 = decode(:sha256!, 'hex')
returning backup_id;

/* Notes that rotation has removed a backup. */
/* @name noteRemoved */
update public.backups
set removed_at = now()
where name = :name! and location = :location! and removed_at is null
returning backup_id;

/* All backups that were ever noted, the newest first. */
/* @name list */
select
  b.backup_id,
  b.name,
  b.location,
  b.form,
  b.is_encrypted,
  b.taken_at,
  b.finished_at,
  b.row_count,
  b.size_bytes,
  encode(b.sha256, 'hex') as "sha256!",
  b.verified_at,
  b.verified_on,
  b.removed_at,
  b.created_by
from public.backups as b
order by b.taken_at desc, b.backup_id desc;

/* A name under which other sessions see what this transaction sees. */
/* @name exportSnapshot */
select pg_export_snapshot() as "snapshot!";

/* Keeps compress_old_chunks() from beginning another chunk, as long as the session lives; whether it could. */
/* @name lockCompression */
select pg_try_advisory_lock('public.timeseries_data'::regclass::oid::bigint) as "is_locked!";

/* Waits until no other session verifies on this server, and keeps others waiting as long as the session lives. */
/* @name takeTurnToVerify */
select pg_advisory_lock(hashtextextended('btcdb backup verify', 0));

/* Waits until no other session restores into a database, and keeps others waiting as long as the session lives. */
/* @name takeTurnToRestore */
select pg_advisory_lock(hashtextextended('btcdb restore ' || :database!, 0));
