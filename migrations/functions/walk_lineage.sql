-- In memory, each edge once: time grows with the edges, not with the ways along them, and a cycle would end it too.
create or replace function app_private.walk_lineage(origin_id int, source_ids int[], is_upstream boolean)
returns table (source_id int, depth int)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  tails int[];
  heads int[];
  first_edges int[] := array_fill(0, array[cardinality(source_ids)]);
  depths int[] := array_fill(-1, array[cardinality(source_ids)]);
  visited int[] := array_fill(0, array[cardinality(source_ids)]);
  visited_count int := 1;
  here int := array_position(source_ids, origin_id);
  edge int;
begin
  select e.tails, e.heads into tails, heads from app_private.lineage_edges(source_ids, is_upstream) as e;
  for i in reverse cardinality(tails) .. 1 loop
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
