create or replace function public.upstream_of(origin_id int) returns table (source_id int, depth int)
language sql stable
begin atomic
  select w.source_id, w.depth
  from app_private.walk_lineage(
    origin_id, app_private.lineage_from(array[origin_id], is_upstream => true), is_upstream => true
  ) as w;
end;

comment on function public.upstream_of(int) is
  'The sources that a source is computed from, at any depth; depth is the shortest way.';
