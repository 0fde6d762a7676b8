-- In the words of their homes: what PostgreSQL prints of a view depends on its version.
select h.text as paragraph
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_temp.homes as h on h.home = format('views/%s.sql', c.relname)
where pg_temp.is_described(c.relnamespace) and c.relkind = 'v' and pg_temp.is_own('pg_class', c.oid)
order by n.nspname collate "C", c.relname collate "C";
