create or replace function app_private.is_trusted(class oid, object oid) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from pg_depend as e where e.classid = class and e.objid = object and e.deptype = 'e'
  ) or exists (
    select
    from (
      select proowner, pronamespace from pg_proc where class = 'pg_proc'::regclass and oid = object
      union all
      select oprowner, oprnamespace from pg_operator where class = 'pg_operator'::regclass and oid = object
      union all
      select typowner, typnamespace from pg_type where class = 'pg_type'::regclass and oid = object
      union all
      select collowner, collnamespace from pg_collation where class = 'pg_collation'::regclass and oid = object
      union all
      select relowner, relnamespace from pg_class where class = 'pg_class'::regclass and oid = object
    ) as o (owner, namespace)
    where o.owner in (
        10, -- PostgreSQL's own superuser
        (select n.nspowner from pg_namespace as n where n.nspname = 'app_private')
      )
      and o.namespace <> pg_my_temp_schema()
      and not pg_is_other_temp_schema(o.namespace)
  );
$$;

comment on function app_private.is_trusted(oid, oid) is
  'Whether a function, operator, type, collation or table (its catalog and oid) belongs to PostgreSQL, an extension or the owner of this schema, and is not temporary.';
