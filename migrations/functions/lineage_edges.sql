create or replace function app_private.lineage_edges(
  source_ids int[], is_upstream boolean, out tails int[], out heads int[]
)
language sql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
  with sources as (
    select s.source_id, s.position
    from unnest(source_ids) with ordinality as s (source_id, position)
  ),
  edges as (
    select
      case when is_upstream then d.position else p.position end as tail,
      case when is_upstream then p.position else d.position end as head
    from public.lineage as l
    join sources as p on p.source_id = l.parent_source_id
    join sources as d on d.source_id = l.derived_source_id
  )
  select coalesce(array_agg(e.tail order by e.tail), '{}'), coalesce(array_agg(e.head order by e.tail), '{}')
  from edges as e;
$$;

comment on function app_private.lineage_edges(int[], boolean) is
  'The edges between these sources, by positions in source_ids and in order of their tails, which are the parents, or upstream the derived sources.';
