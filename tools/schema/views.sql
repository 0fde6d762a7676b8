-- What a reader sees, and where the query is read.
select concat_ws(
  E'\n',
  format(E'create view %s (\n%s\n)%s;', name, a.columns, ' with (' || array_to_string(c.reloptions, ', ') || ')'),
  format('-- body: migrations/views/%s.sql', c.relname),
  pg_temp.comments_on('view', name, c.oid)
) as paragraph
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
cross join lateral format('%I.%I', n.nspname, c.relname) as name
cross join lateral (
  select string_agg(format('  %I %s', t.attname, format_type(t.atttypid, t.atttypmod)), E',\n' order by t.attnum) as columns
  from pg_catalog.pg_attribute as t
  where t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped
) as a
where pg_temp.is_described(c.relnamespace)
  and c.relkind = 'v'
  and pg_temp.is_own('pg_class', c.oid)
  and not exists (
    select from timescaledb_information.continuous_aggregates as g
    where format('%I.%I', g.view_schema, g.view_name)::regclass = c.oid
  )
order by name collate "C";
