create or replace function app_private.require_columns(relation regclass, given jsonb[]) returns jsonb[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  columns text[] := array(
    select a.attname
    from pg_attribute as a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = ''
    order by a.attnum
  );
  wrong record;
begin
  select g.place, k.key
  into wrong
  from unnest(given) with ordinality as g (object, place)
  left join lateral jsonb_object_keys(case when jsonb_typeof(g.object) = 'object' then g.object end) as k (key) on true
  where jsonb_typeof(g.object) is distinct from 'object' or k.key <> all (columns)
  order by g.place, k.key collate "C"
  limit 1;

  if found then
    raise exception '%', case
      when wrong.key is null then format('row %s is no object', wrong.place)
      else format('row %s has a key that cannot be written: %s', wrong.place, wrong.key)
    end
      using errcode = 'MD008',
            hint = format('Each row is an object whose keys are columns of %s: %s.', relation, array_to_string(columns, ', '));
  end if;
  return given;
end
$$;

comment on function app_private.require_columns(regclass, jsonb[]) is
  'The rows as they are given. Raises MD008 for one that has a key which is no column, or none that can be written.';
