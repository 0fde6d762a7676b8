-- In memory, each edge once: time grows with the edges, not with the ways along them, and a cycle would end it too.
create or replace function app_private.walk_lineage(origin_id int, source_ids int[], is_upstream boolean)
returns table (source_id int, depth int)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
#variable_conflict use_column
declare
  -- The edges between them, by their position in source_ids and in order of "tails".
  tails int[];
  heads int[];
  first_edges int[] := array_fill(0, array[cardinality(source_ids)]);
  depths int[] := array_fill(-1, array[cardinality(source_ids)]);
  visited int[] := array_fill(0, array[cardinality(source_ids)]);
  visited_count int := 1;
  here int := array_position(source_ids, origin_id);
  edge int;
begin
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
  select array_agg(e.tail order by e.tail), array_agg(e.head order by e.tail)
  into tails, heads
  from edges as e;

  for i in reverse coalesce(cardinality(tails), 0) .. 1 loop
    first_edges[tails[i]] := i;
  end loop;

  depths[here] := 0;
  visited[1] := here;
  for i in 1 .. cardinality(source_ids) loop
    exit when i > visited_count;
    here := visited[i];
    edge := nullif(first_edges[here], 0);
    while tails[edge] = here loop
      if depths[heads[edge]] < 0 then
        depths[heads[edge]] := depths[here] + 1;
        visited_count := visited_count + 1;
        visited[visited_count] := heads[edge];
      end if;
      edge := edge + 1;
    end loop;
  end loop;

  return query
  select s.source_id, s.depth
  from unnest(source_ids, depths) as s (source_id, depth)
  where s.depth > 0
  order by s.depth, s.source_id;
end
$$;

comment on function app_private.walk_lineage(int, int[], boolean) is
  'The sources upstream or downstream of a source, with the number of steps of the shortest way. source_ids: what lineage_from says.';
