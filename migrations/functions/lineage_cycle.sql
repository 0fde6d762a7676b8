create or replace function app_private.lineage_cycle(source_ids int[], parents int[], children int[], waiting int[])
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  parent_of int[] := array_fill(0, array[cardinality(source_ids)]);
  here int;
  cycle int[];
  path text;
begin
  -- What waits for ever waits for a source that waits for ever: going from parent to parent leads into a cycle.
  for i in 1 .. cardinality(parents) loop
    if waiting[parents[i]] > 0 and waiting[children[i]] > 0 then
      parent_of[children[i]] := parents[i];
      here := children[i];
    end if;
  end loop;
  for i in 1 .. cardinality(source_ids) loop
    here := parent_of[here];
  end loop;
  while cycle is null or here <> cycle[cardinality(cycle)] loop
    cycle := here || cycle;
    here := parent_of[here];
  end loop;

  -- The path starts with the edge that came last.
  with steps as (
    select c.child, source_ids[c.child] as child_id, c.position, source_ids[parent_of[c.child]] as parent_id
    from unnest(cycle) with ordinality as c (child, position)
  ),
  last_edge as (
    select s.position
    from steps as s
    join public.lineage as l on l.derived_source_id = s.child_id and l.parent_source_id = s.parent_id
    order by l.lineage_id desc
    limit 1
  )
  select string_agg(s.name, ' → ' order by p.place)
  into path
  from last_edge as e
  cross join lateral (
    select 0 as place, t.parent_id as source_id
    from steps as t
    where t.position = e.position
    union all
    select (t.position - e.position + cardinality(cycle)) % cardinality(cycle) + 1, t.child_id
    from steps as t
  ) as p
  join public.sources as s on s.source_id = p.source_id;

  return path;
end
$$;

comment on function app_private.lineage_cycle(int[], int[], int[], int[]) is
  'The names of the sources along a cycle of the edges, which are those of lineage_edges(); waiting: how many parents of each source are in a cycle, or behind one.';
