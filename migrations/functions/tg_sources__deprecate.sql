create or replace function app_private.tg_sources__deprecate() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
begin
  -- The source is locked by now: whoever has inserted rows of it has committed, and nobody else can insert any.
  if exists (select from public.timeseries_data as d where d.source_id = old.source_id)
    or exists (select from public.timeseries_archive as a where a.source_id = old.source_id)
  then
    update public.sources set status = 'deprecated' where source_id = old.source_id;
    raise notice 'source % has data: it is deprecated instead of deleted', old.name
      using hint = 'To be rid of it, delete its rows and empty its archive first.';
    return null;
  end if;

  -- The snapshot of such a transaction is older than the lock, and does not show what was committed in between.
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    raise exception 'source % cannot be deleted at isolation level %', old.name, current_setting('transaction_isolation')
      using errcode = 'feature_not_supported',
            detail = 'Rows of it that others have inserted meanwhile would not be seen.',
            hint = 'Delete it at isolation level READ COMMITTED.';
  end if;
  return old;
end
$$;

comment on function app_private.tg_sources__deprecate() is 'Turns the deletion of a source that has data, live or archived, into its deprecation.';
