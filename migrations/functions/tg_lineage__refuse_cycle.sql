create or replace function app_private.tg_lineage__refuse_cycle() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  path text;
begin
  -- Two sessions must not each add one half of a cycle.
  perform pg_advisory_xact_lock('public.lineage'::regclass::oid::bigint);

  -- The new edge closes a cycle when its derived source already feeds its parent.
  with recursive walk (source_id, path) as (
    select new.derived_source_id, array[new.derived_source_id]
    union all
    select l.derived_source_id, walk.path || l.derived_source_id
    from walk
    join public.lineage as l on l.parent_source_id = walk.source_id
    where walk.source_id <> new.parent_source_id
      and l.lineage_id <> new.lineage_id
      and l.derived_source_id <> all (walk.path)
  )
  select string_agg(s.name, ' → ' order by p.position)
  into path
  from (
    select new.parent_source_id || w.path as ids
    from walk as w
    where w.source_id = new.parent_source_id and new.parent_source_id <> new.derived_source_id
    limit 1
  ) as cycle
  cross join lateral unnest(cycle.ids) with ordinality as p (source_id, position)
  join public.sources as s on s.source_id = p.source_id;

  if path is not null then
    raise exception 'lineage cycle: %', path
      using errcode = 'MD002',
            detail = 'The path is that of the data, from parent to derived source.',
            hint = 'A series cannot be computed from itself, not even through others. Remove one edge of the path.';
  end if;
  return new;
end
$$;

comment on function app_private.tg_lineage__refuse_cycle() is 'Raises MD002, with the path, for an edge that would close a cycle.';
