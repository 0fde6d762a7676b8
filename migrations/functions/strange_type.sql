create or replace function app_private.strange_type(rule_sql text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive words as (
    select
      regexp_split_to_array(lower(rule_sql collate "C"), '[^a-z0-9_]+') as words,
      -- Quotes, dollar signs and other letters: there may be any name.
      rule_sql ~ '["$]|[^\x01-\x7f]' as is_odd
  ),
  strange (oid) as (
    select c.contypid
    from pg_constraint as c
    where c.contypid <> 0 and c.contype = 'c' and not app_private.is_trusted('pg_type'::regclass, c.contypid)
    union
    -- Whatever contains one: other domains, arrays, tables and composite types, ranges.
    select x.oid
    from strange as s
    cross join lateral (
      select t.oid from pg_type as t where t.typbasetype = s.oid or t.typelem = s.oid
      union all
      select c.reltype from pg_attribute as a join pg_class as c on c.oid = a.attrelid where a.atttypid = s.oid
      union all
      select unnest(array[r.rngtypid, r.rngmultitypid]) from pg_range as r where r.rngsubtype = s.oid
    ) as x (oid)
  )
  select format_type(t.oid, null)
  from strange as s
  join pg_type as t on t.oid = s.oid
  join pg_namespace as n on n.oid = t.typnamespace
  cross join words as w
  where (t.typname = any (w.words) or (w.is_odd and t.typname !~ '^[a-z0-9_]+$') or rule_sql ~* 'u&"')
    and (
      n.oid = pg_my_temp_schema()
      or n.nspname = 'public'
      or n.nspname = any (w.words)
      or (w.is_odd and n.nspname !~ '^[a-z0-9_]+$')
      or rule_sql ~* 'u&"'
    )
  limit 1;
$$;

comment on function app_private.strange_type(text) is
  'A type that this text could name and whose values are checked by a function of somebody who is not trusted; null when there is none.';
