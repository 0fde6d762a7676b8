-- PostgreSQL lets PUBLIC, which is every role, call each new function and use each new type.
create or replace function app_private.close_to_public() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  ours record;
begin
  for ours in
    select case p.prokind when 'p' then 'procedure' else 'function' end as kind, p.oid::regprocedure::text as name
    from pg_proc as p
    where p.pronamespace in ('public'::regnamespace, 'app_private'::regnamespace)
      and pg_has_role(p.proowner, 'usage')
      and not exists (
        select from pg_depend as e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'
      )
    union all
    -- Those of tables and arrays have no rights of their own.
    select 'type', t.oid::regtype::text
    from pg_type as t
    where t.typnamespace in ('public'::regnamespace, 'app_private'::regnamespace)
      and pg_has_role(t.typowner, 'usage')
      and (t.typtype in ('e', 'd') or exists (select from pg_class as c where c.oid = t.typrelid and c.relkind = 'c'))
      and not exists (
        select from pg_depend as e where e.classid = 'pg_type'::regclass and e.objid = t.oid and e.deptype = 'e'
      )
  loop
    execute format('revoke all on %s %s from public', ours.kind, ours.name);
  end loop;
end
$$;

comment on function app_private.close_to_public() is
  'Takes from PUBLIC what it may do with functions and types of this schema. To be called by a migration that makes some.';
