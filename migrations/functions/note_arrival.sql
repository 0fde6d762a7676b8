create or replace function app_private.note_arrival(source_ids int[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set plan_cache_mode = force_generic_plan
as $$
begin
  -- Writers of one source do not wait for each other here: who finds the row locked leaves it to the one that has it.
  -- Should that one roll back, the next batch sets it right.
  update public.sources as s
  set last_successful_update = now(), next_scheduled_update = now() + s.update_frequency
  where s.source_id in (
    select stale.source_id
    from public.sources as stale
    where stale.source_id = any (source_ids)
      and (stale.last_successful_update < now() or stale.last_successful_update is null)
    order by stale.source_id
    for no key update skip locked
  );

  -- Everything downstream must be calculated again. Locked in order of key, so that two statements cannot deadlock.
  if exists (select from public.lineage as l where l.parent_source_id = any (source_ids)) then
    with recursive affected (source_id) as (
      select unnest(source_ids)
      union
      select l.derived_source_id
      from affected as a
      join public.lineage as l on l.parent_source_id = a.source_id
    )
    update public.lineage as l
    set refresh_required = true
    where l.lineage_id in (
      select due.lineage_id
      from public.lineage as due
      join affected as a on a.source_id = due.parent_source_id
      where not due.refresh_required
      order by due.lineage_id
      for no key update of due
    );
  end if;
end
$$;

comment on function app_private.note_arrival(int[]) is
  'Records on the sources that rows have arrived and marks every lineage edge downstream of them.';
