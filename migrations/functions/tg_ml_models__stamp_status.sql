create or replace function app_private.tg_ml_models__stamp_status() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.status = 'deployed' then
    new.deployed_at := coalesce(new.deployed_at, now());
  elsif new.status = 'retired' then
    new.retired_at := coalesce(new.retired_at, now());
  end if;
  return new;
end
$$;

comment on function app_private.tg_ml_models__stamp_status() is 'Sets deployed_at and retired_at when the status gets there.';
