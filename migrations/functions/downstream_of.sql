create or replace function public.downstream_of(origin_id int) returns table (source_id int, depth int)
language sql stable
begin atomic
  with recursive walk (source_id, depth) as (
    select l.derived_source_id, 1
    from public.lineage as l
    where l.parent_source_id = origin_id
    union
    select l.derived_source_id, walk.depth + 1
    from walk
    join public.lineage as l on l.parent_source_id = walk.source_id
  )
  select walk.source_id, min(walk.depth)
  from walk
  group by walk.source_id
  order by 2, 1;
end;

comment on function public.downstream_of(int) is
  'The sources that are computed from a source, at any depth; depth is the shortest way.';
