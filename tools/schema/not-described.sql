-- What the other files do not know how to describe, so that it does not go unseen.
with objects (class, object) as (
  select 'pg_class'::regclass, c.oid
  from pg_catalog.pg_class as c
  where pg_temp.is_described(c.relnamespace)
    and (
      c.relkind in ('m', 'f', 'p')
      or c.relrowsecurity
      -- Sequences of identity columns belong to their columns.
      or c.relkind = 'S' and not exists (
        select from pg_catalog.pg_depend as d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i'
      )
    )
  union all
  select 'pg_policy'::regclass, p.oid
  from pg_catalog.pg_policy as p join pg_catalog.pg_class as c on c.oid = p.polrelid
  where pg_temp.is_described(c.relnamespace)
  union all
  select 'pg_rewrite'::regclass, r.oid
  from pg_catalog.pg_rewrite as r join pg_catalog.pg_class as c on c.oid = r.ev_class
  where pg_temp.is_described(c.relnamespace) and r.rulename <> '_RETURN'
  union all
  select 'pg_statistic_ext'::regclass, oid from pg_catalog.pg_statistic_ext where pg_temp.is_described(stxnamespace)
  union all
  select 'pg_type'::regclass, oid
  from pg_catalog.pg_type
  where pg_temp.is_described(typnamespace) and typtype = 'r'
  union all
  select 'pg_operator'::regclass, oid from pg_catalog.pg_operator where pg_temp.is_described(oprnamespace)
  union all
  select 'pg_collation'::regclass, oid from pg_catalog.pg_collation where pg_temp.is_described(collnamespace)
  union all
  select 'pg_publication'::regclass, oid from pg_catalog.pg_publication
)

select paragraph
from objects
cross join lateral concat('-- ', pg_describe_object(class, object, 0)) as paragraph
where pg_temp.is_own(class, object)
order by paragraph collate "C";
