-- Continuous aggregates. PostgreSQL 15 names the table before each column, 16 only where there are several: it goes.
select concat_ws(
  E'\n',
  format(
    E'create materialized view %s\nwith (timescaledb.continuous, timescaledb.materialized_only = %s) as\n%s\nwith no data;',
    name,
    a.materialized_only::text,
    pg_temp.lower_words(rtrim(regexp_replace(
      case
        when regexp_count(a.view_definition, '\m(FROM|JOIN)\M') = 1
          then regexp_replace(a.view_definition, format('(?<![.\w])%s\.', quote_ident(a.hypertable_name)), '', 'g')
        else a.view_definition
      end,
      '^ ', '', 'ng'
    ), ';'))
  ),
  pg_temp.comments_on('view', name, c.oid)
) as paragraph
from timescaledb_information.continuous_aggregates as a
cross join lateral format('%I.%I', a.view_schema, a.view_name) as name
join pg_catalog.pg_class as c on c.oid = name::regclass
where pg_temp.is_described(c.relnamespace)
order by name collate "C";
