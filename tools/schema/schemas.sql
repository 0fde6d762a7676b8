select concat_ws(
  E'\n',
  format('create schema %I;', nspname),
  pg_temp.comment_on(format('schema %I', nspname), obj_description(oid, 'pg_namespace'))
) as paragraph
from pg_catalog.pg_namespace
where pg_temp.is_described(oid) and nspname <> 'public'
order by nspname collate "C";
