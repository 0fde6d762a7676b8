-- Rights other than the owner's and PostgreSQL's defaults, and the roles that have them.
with objects as (
  select 1 as kind, format('schema %I', nspname) as name, nspowner as owner, nspacl as acl, acldefault('n', nspowner) as default_acl
  from pg_catalog.pg_namespace
  where pg_temp.is_described(oid)
  union all
  select 2, format('type %s', format_type(oid, null)), typowner, typacl, acldefault('T', typowner)
  from pg_catalog.pg_type
  where pg_temp.is_described(typnamespace) and pg_temp.is_own('pg_type', oid) and typtype in ('e', 'd')
  union all
  select 3, format('table %s', oid::regclass), relowner, relacl, acldefault('r', relowner)
  from pg_catalog.pg_class
  where pg_temp.is_described(relnamespace) and pg_temp.is_own('pg_class', oid) and relkind in ('r', 'v')
  union all
  select 4, format('%s %s', case prokind when 'p' then 'procedure' else 'function' end, oid::regprocedure),
    proowner, proacl, acldefault('f', proowner)
  from pg_catalog.pg_proc
  where pg_temp.is_described(pronamespace) and pg_temp.is_own('pg_proc', oid)
  union all
  select 5, format('column %s.%I', a.attrelid::regclass, a.attname), c.relowner, a.attacl, acldefault('c', c.relowner)
  from pg_catalog.pg_attribute as a
  join pg_catalog.pg_class as c on c.oid = a.attrelid
  where pg_temp.is_described(c.relnamespace) and pg_temp.is_own('pg_class', c.oid) and a.attacl is not null
),

rights as (
  select o.kind, o.name, r.change, r.grantee, r.privilege_type, r.is_grantable
  from objects as o
  cross join lateral (
    (
      select 'grant' as change, grantee, privilege_type, is_grantable from aclexplode(coalesce(o.acl, o.default_acl))
      except
      select 'grant', grantee, privilege_type, is_grantable from aclexplode(o.default_acl)
    )
    union all
    (
      select 'revoke', grantee, privilege_type, is_grantable from aclexplode(o.default_acl)
      except
      select 'revoke', grantee, privilege_type, is_grantable from aclexplode(coalesce(o.acl, o.default_acl))
    )
  ) as r
  where r.grantee <> o.owner
),

sentences as (
  select
    kind,
    name,
    change,
    string_agg(lower(privilege_type), ', ' order by privilege_type collate "C") as privileges,
    case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end as grantee,
    case when is_grantable then ' with grant option' end as addition
  from rights
  group by kind, name, change, grantee, is_grantable
),

lines as (
  select distinct 0 as kind, r.rolname::text as name, '' as change, format(
    'create role %I %s;', r.rolname, case when r.rolcanlogin then 'login' else 'nologin' end
  ) as line
  from rights
  join pg_catalog.pg_roles as r on r.oid = rights.grantee

  union all
  select kind, name, change, format(
    '%s %s on %s %s %s%s;', change, privileges, name, case change when 'grant' then 'to' else 'from' end,
    string_agg(grantee, ', ' order by grantee collate "C"), addition
  )
  from sentences
  group by kind, name, change, privileges, addition

  union all
  select 6, d.name, 'grant', format(
    'alter default privileges in schema %I grant %s on %s to %s;', d.name, d.privileges, d.objects,
    string_agg(d.grantee, ', ' order by d.grantee collate "C")
  )
  from (
    select
      n.nspname as name,
      case a.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' else 'types' end as objects,
      string_agg(lower(r.privilege_type), ', ' order by r.privilege_type collate "C") as privileges,
      quote_ident(pg_get_userbyid(r.grantee)) as grantee
    from pg_catalog.pg_default_acl as a
    join pg_catalog.pg_namespace as n on n.oid = a.defaclnamespace
    cross join lateral aclexplode(a.defaclacl) as r
    where r.grantee <> a.defaclrole and pg_temp.is_described(n.oid)
    group by n.nspname, a.defaclobjtype, r.grantee
  ) as d
  group by d.name, d.objects, d.privileges
)

-- One paragraph for the roles and one for each kind of object.
select string_agg(line, E'\n' order by name collate "C", change collate "C" desc, line collate "C") as paragraph
from lines
group by kind
order by kind;
