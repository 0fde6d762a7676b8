create or replace function public.downstream_of(origin_id int) returns table (source_id int, depth int)
language sql stable
begin atomic
  select w.source_id, w.depth
  from app_private.walk_lineage(
    origin_id, app_private.lineage_from(array[origin_id], is_upstream => false), is_upstream => false
  ) as w;
end;

comment on function public.downstream_of(int) is
  'The sources that are computed from a source, at any depth; depth is the shortest way.';
