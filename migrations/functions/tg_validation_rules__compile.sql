create or replace function app_private.tg_validation_rules__compile() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app_private.compile_rules();
  return null;
end
$$;

comment on function app_private.tg_validation_rules__compile() is 'Compiles the rules after they have changed.';
