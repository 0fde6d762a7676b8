create or replace function app_private.tg_sources__deprecate() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from public.timeseries_data as d where d.source_id = old.source_id)
    or exists (select from public.timeseries_archive as a where a.source_id = old.source_id)
  then
    update public.sources set status = 'deprecated' where source_id = old.source_id;
    raise notice 'source % has data: it is deprecated instead of deleted', old.name
      using hint = 'To be rid of it, delete its rows and empty its archive first.';
    return null;
  end if;
  return old;
end
$$;

comment on function app_private.tg_sources__deprecate() is 'Turns the deletion of a source that has data, live or archived, into its deprecation.';
