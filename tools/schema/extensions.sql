-- Without versions, and without pg_stat_statements, which is welcome but not required.
select format('create extension %I;', extname) as paragraph
from pg_catalog.pg_extension
where extname not in ('plpgsql', 'pg_stat_statements')
order by extname collate "C";
