create or replace function app_private.count_rows(chunk_schema name, chunk_name name) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  result bigint;
begin
  execute format('select count(*) from %I.%I', chunk_schema, chunk_name) into result;
  return result;
exception
  -- Merged with another or dropped, a moment ago.
  when undefined_table then return null;
end
$$;

comment on function app_private.count_rows(name, name) is 'Exact number of rows of a chunk; null when it is gone.';
