-- Declared as stable, because it only reads; the owner's rights, because it asks for those to connect.
create or replace function public.database_bytes() returns bigint
language sql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select pg_database_size(current_database());
$$;

comment on function public.database_bytes() is 'What the database takes on disk, in bytes.';
