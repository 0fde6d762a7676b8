create or replace function app_private.count_rows(relation regclass) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  result bigint;
begin
  execute format('select count(*) from %s', relation) into result;
  return result;
end
$$;

comment on function app_private.count_rows(regclass) is 'Exact number of rows of a table.';
