-- Not those of extensions, which includes chunks and what they are compressed to, nor what a database has for itself.
create or replace function app_private.data_tables() returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select c.oid
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and not c.relispartition
    and c.relpersistence = 'p'
    and n.nspname !~ '^(pg_|_?timescaledb_)'
    and n.nspname not in ('information_schema', 'graphile_migrate')
    and c.oid not in ('app_private.pipeline_token'::regclass, 'app_private.serial_points'::regclass)
    and not exists (select from pg_depend as e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
  order by n.nspname, c.relname;
$$;

comment on function app_private.data_tables() is 'The tables whose rows a backup is compared by.';
