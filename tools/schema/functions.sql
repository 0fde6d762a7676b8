-- In the words of their homes: bodies without quotes are kept as a tree, whose text depends on the version. Generated
-- functions have no home: the signature.
with functions as (
  select distinct on (n.nspname, p.proname, h.home, case when h.home is null then p.oid end)
    n.nspname,
    p.proname,
    p.oid::regprocedure::text as signature,
    coalesce(h.text, concat_ws(
      E'\n',
      format(
        E'create function %I.%I(%s) returns %s\nlanguage %s %s\nas ...;',
        n.nspname, p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), l.lanname,
        case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end
      ),
      pg_temp.comment_on('function ' || p.oid::regprocedure, obj_description(p.oid, 'pg_proc'))
    )) as paragraph
  from pg_catalog.pg_proc as p
  join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
  join pg_catalog.pg_language as l on l.oid = p.prolang
  left join pg_temp.homes as h on h.home = format('functions/%s.sql', p.proname)
  where pg_temp.is_described(p.pronamespace) and pg_temp.is_own('pg_proc', p.oid)
  order by n.nspname, p.proname, h.home, case when h.home is null then p.oid end
)

select paragraph
from functions
order by nspname collate "C", proname collate "C", signature collate "C";
