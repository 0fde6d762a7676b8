create or replace function app_private.tg_lineage__set_levels() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  -- The sources whose level may change: those of the edges that changed, and all downstream of them.
  source_ids int[];
  -- What lineage_edges says, and where the edges of each parent begin.
  parents int[];
  children int[];
  first_edges int[];
  -- How many of its parents a source still waits for, and the longest way to it so far.
  waiting int[];
  levels int[];
  settled int[];
  settled_count int := 0;
  here int;
  edge int;
begin
  -- Two sessions must not each add one half of a cycle.
  perform app_private.take_turn('lineage');

  if tg_op = 'UPDATE' then
    source_ids := array(select distinct l.derived_source_id from public.lineage as l);
  else
    source_ids := array(select distinct c.derived_source_id from changed_rows as c);
  end if;
  source_ids := app_private.lineage_from(source_ids);
  if source_ids is null then
    return null;
  end if;

  select e.parents, e.children into parents, children from app_private.lineage_edges(source_ids) as e;

  -- The level of a parent outside stands on the edges that lead to it.
  with outside as (
    select l.derived_source_id as source_id, max(coalesce(up.dependency_level, 0)) + 1 as level
    from public.lineage as l
    left join public.lineage as up on up.derived_source_id = l.parent_source_id
    where l.derived_source_id = any (source_ids) and l.parent_source_id <> all (source_ids)
    group by l.derived_source_id
  )
  select array_agg(coalesce(o.level, 0) order by s.position)
  into levels
  from unnest(source_ids) with ordinality as s (source_id, position)
  left join outside as o on o.source_id = s.source_id;

  waiting := array_fill(0, array[cardinality(source_ids)]);
  first_edges := waiting;
  settled := waiting;
  for i in reverse cardinality(parents) .. 1 loop
    waiting[children[i]] := waiting[children[i]] + 1;
    first_edges[parents[i]] := i;
  end loop;

  -- A source is settled when all of its parents are. Each edge is followed once, however many ways there are.
  for i in 1 .. cardinality(source_ids) loop
    if waiting[i] = 0 then
      settled_count := settled_count + 1;
      settled[settled_count] := i;
    end if;
  end loop;
  for i in 1 .. cardinality(source_ids) loop
    exit when i > settled_count;
    here := settled[i];
    edge := nullif(first_edges[here], 0);
    while parents[edge] = here loop
      levels[children[edge]] := greatest(levels[children[edge]], levels[here] + 1);
      waiting[children[edge]] := waiting[children[edge]] - 1;
      if waiting[children[edge]] = 0 then
        settled_count := settled_count + 1;
        settled[settled_count] := children[edge];
      end if;
      edge := edge + 1;
    end loop;
  end loop;

  if settled_count < cardinality(source_ids) and tg_op <> 'DELETE' then
    raise exception 'lineage cycle: %', app_private.lineage_cycle(source_ids, parents, children, waiting)
      using errcode = 'MD002',
            detail = 'The path is that of the data, from parent to derived source.',
            hint = 'A series cannot be computed from itself, not even through others. Remove one edge of the path.';
  end if;

  update public.lineage as l
  set dependency_level = s.level
  from unnest(source_ids, levels, waiting) as s (source_id, level, waiting)
  where s.waiting = 0 and l.derived_source_id = s.source_id and l.dependency_level <> s.level;
  return null;
end
$$;

comment on function app_private.tg_lineage__set_levels() is
  'Keeps dependency_level: the longest way from a source without parents. Calculating by level calculates in the right order. Raises MD002, with the path, for an edge that closes a cycle.';
