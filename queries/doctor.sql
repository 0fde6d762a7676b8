/*
 * What an examination asks the catalog. The first query needs neither extension nor schema; the others need both.
 */

/* Server and extension: `timescale` is the version that was created, else the one that the server offers. */
/* @name versions */
select
  split_part(current_setting('server_version'), ' ', 1) as "server!",
  coalesce(
    (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'timescaledb'),
    (select a.default_version from pg_catalog.pg_available_extensions as a where a.name = 'timescaledb')
  ) as timescale,
  exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb') as "is_created!",
  exists (select from pg_catalog.pg_settings as p where p.name like 'timescaledb.%') as "is_loaded!",
  version() like '%compiled by emcc%' as "is_embedded!";

/*
 * The hypertable; nothing when timeseries_data is a plain table. `overdue` counts the chunks that its policy should
 * have compressed, with a day of grace: it runs every twelve hours.
 */
/* @name hypertable */
select
  h.num_chunks::int as "chunks!",
  h.compression_enabled as "is_compressing!",
  (
    select count(*)::int
    from timescaledb_information.chunks as c
    where c.hypertable_schema = 'public'
      and c.hypertable_name = 'timeseries_data'
      and not c.is_compressed
      and c.range_end < now() - interval '8 days'
  ) as "overdue!"
from timescaledb_information.hypertables as h
where h.hypertable_schema = 'public'
  and h.hypertable_name = 'timeseries_data';

/*
 * Triggers of the tables in public, and of the chunks of timeseries_data under its name. Those that fire in ordinary
 * sessions (O) or always (A) are enabled.
 */
/* @name triggers */
select
  (case when n.nspname = 'public' then c.relname else 'timeseries_data' end)::text as "table!",
  t.tgname::text as "name!",
  bool_and(t.tgenabled in ('O', 'A')) as "is_enabled!"
from pg_catalog.pg_trigger as t
join pg_catalog.pg_class as c on c.oid = t.tgrelid
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where not t.tgisinternal
  and (
    n.nspname = 'public'
    or t.tgrelid in (select i.inhrelid from pg_catalog.pg_inherits as i where i.inhparent = to_regclass('public.timeseries_data'))
  )
group by 1, 2
order by 1, 2;

/*
 * The continuous aggregates and what they lack: a policy, one that stays clear of what retention drops, the owner of
 * timeseries_data (`other_owner` is who else has them), rights for the roles of this schema.
 */
/* @name aggregates */
select
  a.aggregate as "name!",
  a.is_real_time as "is_real_time!",
  a.job_id is not null as "has_policy!",
  coalesce(
    r.job_id is not null and a.job_id is not null
      and (
        j.config ->> 'start_offset' is null
        or (j.config ->> 'start_offset')::interval > (r.config ->> 'drop_after')::interval
      ),
    false
  ) as "is_unbounded!",
  case when c.relowner <> t.relowner then pg_get_userbyid(c.relowner)::text end as other_owner,
  array(
    select g.rolname::text
    from pg_catalog.pg_roles as g
    where g.rolname in ('btcdb_reader', 'btcdb_writer')
      and not has_table_privilege(g.oid, c.oid, 'select')
    order by 1
  ) as "unreadable_by!"
from public.aggregate_refresh_status as a
join pg_catalog.pg_class as c on c.oid = a.aggregate::regclass
join pg_catalog.pg_class as t on t.oid = 'public.timeseries_data'::regclass
left join timescaledb_information.jobs as j on j.job_id = a.job_id
left join timescaledb_information.jobs as r on r.proc_schema = 'app_private' and r.proc_name = 'drop_old_chunks'
order by a.aggregate;

/* The policies of this schema, each with the message of its last error. */
/* @name policies */
select
  j.job_id as "job_id!",
  j.proc_name as "proc_name!",
  j.hypertable_name,
  j.scheduled as "scheduled!",
  t.last_run_status as "last_run_status?",
  (
    select e.err_message
    from timescaledb_information.job_errors as e
    where e.job_id = j.job_id
    order by e.start_time desc
    limit 1
  ) as message
from timescaledb_information.jobs as j
left join timescaledb_information.job_stats as t on t.job_id = j.job_id
where (j.hypertable_schema = 'public' or j.proc_schema = 'app_private')
order by j.job_id;

/* Whether TimescaleDB runs jobs in this database; null when this role may not see it. */
/* @name scheduler */
select
  case
    when pg_has_role('pg_read_all_stats', 'usage') then exists (
      select from pg_catalog.pg_stat_activity as a
      where a.datname = current_database()
        and a.backend_type like 'TimescaleDB Background Worker Scheduler%'
    )
  end as is_running;

/* Chunks that others than the owner may write. Refused to roles that cannot look into app_private. */
/* @name openChunks */
select
  o.relation::text as "chunk!",
  o.grantee as "grantee!"
from app_private.open_chunks() as o;

/* Functions that let everybody drop or freeze any chunk. From 2.29 on TimescaleDB itself asks who owns the chunk. */
/* @name chunkDroppers */
select p.oid::regprocedure::text as "name!"
from pg_catalog.pg_proc as p
join pg_catalog.pg_extension as e on e.extname = 'timescaledb'
cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
where p.pronamespace = to_regnamespace('_timescaledb_functions')
  and p.proname in ('drop_chunk', 'freeze_chunk', 'unfreeze_chunk')
  and a.grantee = 0
  and string_to_array(substring(e.extversion from '^\d+\.\d+'), '.')::int[] < '{2,29}'
order by 1;

/* Indexes that a failed build or rebuild left invalid. */
/* @name invalidIndexes */
select format('%I.%I', n.nspname, c.relname) as "name!"
from pg_catalog.pg_index as i
join pg_catalog.pg_class as c on c.oid = i.indexrelid
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where not (i.indisvalid and i.indisready)
  and n.nspname in ('public', 'app_private', '_timescaledb_internal')
order by 1;

/* Constraints that are not validated. */
/* @name invalidConstraints */
select
  c.conrelid::regclass::text as "table!",
  c.conname::text as "name!"
from pg_catalog.pg_constraint as c
join pg_catalog.pg_namespace as n on n.oid = c.connamespace
where not c.convalidated
  and n.nspname = 'public'
order by 1, 2;

/*
 * Enabled rules that do not compile any more, for instance because a function that they use is gone. Each row violates
 * them. Only the owner of the rules can try that, and only where it can write: what trying makes is rolled back.
 */
/* @name brokenRules */
select
  r.rule_id,
  r.rule_name,
  r.rule_sql
from public.validation_rules as r
where r.enabled
  and current_setting('transaction_read_only') = 'off'
  and (
    select pg_has_role(c.relowner, 'usage')
    from pg_catalog.pg_class as c
    where c.oid = 'public.validation_rules'::regclass
  )
  and app_private.canonical_rule(r.rule_sql, otherwise => '') = ''
order by r.rule_id;

/* The last day of the calendar, and whether that is less than half a year away. */
/* @name calendarEnd */
select
  max(t.date_only) as last_day,
  coalesce(max(t.date_only) < current_date + 180, true) as "is_near!"
from public.time_index as t;

/*
 * Numbers of sources that rows have and the registry does not: these rows came past the triggers, for example directly
 * into a chunk. It skips from source to source, so that it takes milliseconds on any table.
 */
/* @name orphans */
select d.source_id as "source_id!"
from (select distinct t.source_id from public.timeseries_data as t) as d
where not exists (select from public.sources as s where s.source_id = d.source_id)
order by d.source_id;
