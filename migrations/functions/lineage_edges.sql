create or replace function app_private.lineage_edges(source_ids int[], out parents int[], out children int[])
language sql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
  with sources as (
    select s.source_id, s.position
    from unnest(source_ids) with ordinality as s (source_id, position)
  ),
  edges as (
    select p.position as parent, d.position as child
    from public.lineage as l
    join sources as p on p.source_id = l.parent_source_id
    join sources as d on d.source_id = l.derived_source_id
  )
  select coalesce(array_agg(e.parent order by e.parent), '{}'), coalesce(array_agg(e.child order by e.parent), '{}')
  from edges as e;
$$;

comment on function app_private.lineage_edges(int[]) is
  'The edges between these sources, by their positions in source_ids and in order of parent.';
