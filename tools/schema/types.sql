-- Enums with their labels in order, composite types with their attributes, domains with their checks.
select concat_ws(
  E'\n',
  case t.typtype
    when 'e' then format(E'create type %s as enum (\n%s\n);', name, (
      select string_agg(format('  %L', e.enumlabel), E',\n' order by e.enumsortorder)
      from pg_catalog.pg_enum as e
      where e.enumtypid = t.oid
    ))
    when 'c' then format(E'create type %s as (\n%s\n);', name, (
      select string_agg(format('  %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), E',\n' order by a.attnum)
      from pg_catalog.pg_attribute as a
      where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    ))
    else concat_ws(
      ' ',
      format('create domain %s as %s', name, format_type(t.typbasetype, t.typtypmod)),
      'default ' || pg_temp.lower_words(t.typdefault),
      case when t.typnotnull then 'not null' end,
      (
        select string_agg(
          format('constraint %I %s', k.conname, pg_temp.lower_words(pg_get_constraintdef(k.oid))), ' ' order by k.conname collate "C"
        )
        from pg_catalog.pg_constraint as k
        where k.contypid = t.oid and k.contype = 'c'
      )
    ) || ';'
  end,
  case
    when obj_description(t.oid, 'pg_type') is not null
      then pg_temp.comment_on('type ' || name, obj_description(t.oid, 'pg_type'))
  end
) as paragraph
from pg_catalog.pg_type as t
left join pg_catalog.pg_class as c on c.oid = t.typrelid
cross join lateral format_type(t.oid, null) as name
where pg_temp.is_described(t.typnamespace)
  and pg_temp.is_own('pg_type', t.oid)
  and (t.typtype in ('e', 'd') or c.relkind = 'c')
order by name collate "C";
