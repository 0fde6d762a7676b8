create or replace function app_private.has_uncompressed_rows(chunk regclass) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  found_one boolean;
begin
  -- With ONLY, TimescaleDB leaves out the compressed batches.
  execute format('select exists (select from only %s)', chunk) into found_one;
  return found_one;
end
$$;

comment on function app_private.has_uncompressed_rows(regclass) is 'Whether a chunk has rows that are in no compressed batch.';
