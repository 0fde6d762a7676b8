create or replace function app_private.tg_sources__refuse_renumbering() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'source_id of a source cannot be changed'
    using errcode = 'MD005',
          hint = 'Register another source, and write its rows under the new number.';
end
$$;

comment on function app_private.tg_sources__refuse_renumbering() is 'Raises MD005.';
