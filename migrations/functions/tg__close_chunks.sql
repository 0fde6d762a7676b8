create or replace function app_private.tg__close_chunks() returns event_trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app_private.close_chunks();
end
$$;

comment on function app_private.tg__close_chunks() is 'Takes back what a GRANT on timeseries_data has granted on its chunks.';
