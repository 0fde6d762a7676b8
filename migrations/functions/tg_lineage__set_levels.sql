create or replace function app_private.tg_lineage__set_levels() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  with recursive walk (source_id, level) as (
    select l.parent_source_id, 0
    from public.lineage as l
    where not exists (select from public.lineage as up where up.derived_source_id = l.parent_source_id)
    union
    select l.derived_source_id, walk.level + 1
    from walk
    join public.lineage as l on l.parent_source_id = walk.source_id
  )
  update public.lineage as l
  set dependency_level = deepest.level
  from (select walk.source_id, max(walk.level) as level from walk group by walk.source_id) as deepest
  where deepest.source_id = l.derived_source_id and l.dependency_level <> deepest.level;
  return null;
end
$$;

comment on function app_private.tg_lineage__set_levels() is
  'Keeps dependency_level: the longest way from a source without parents. Calculating by level calculates in the right order.';
