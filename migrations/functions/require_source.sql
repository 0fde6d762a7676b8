create or replace function app_private.require_source(source_id int) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from public.sources as s where s.source_id = require_source.source_id) then
    raise exception 'source % does not exist', coalesce(require_source.source_id::text, 'null')
      using errcode = 'MD006',
            hint = 'Look the source_id up in public.sources, or register the source first.';
  end if;
end
$$;

comment on function app_private.require_source(int) is 'Raises MD006 for a source that is not registered.';
