create or replace function app_private.lineage_from(origins int[], is_upstream boolean default false) returns int[]
language sql stable
set search_path = pg_catalog, pg_temp
-- A step at a time by the indexes, whatever the statistics say.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  with recursive reached (source_id) as (
    select o.source_id
    from unnest(origins) as o (source_id)
    union
    select next.source_id
    from reached as r
    cross join lateral (
      select l.parent_source_id as source_id
      from public.lineage as l
      where is_upstream and l.derived_source_id = r.source_id
      union all
      select l.derived_source_id
      from public.lineage as l
      where not is_upstream and l.parent_source_id = r.source_id
    ) as next
  )
  select array_agg(r.source_id)
  from reached as r;
$$;

comment on function app_private.lineage_from(int[], boolean) is
  'These sources and all that is computed from them, or all that they are computed from, each once.';
