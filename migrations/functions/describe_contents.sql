-- The sum of the hashes of rows: whatever their order, the chunk that they lie in, and whether it is compressed. The settings
-- are those that texts of values depend on.
create or replace function app_private.describe_contents()
returns table (table_name text, source_id int, row_count bigint, first_moment timestamptz, last_moment timestamptz, checksum numeric)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, MDY'
set intervalstyle = postgres
set extra_float_digits = 1
set bytea_output = hex
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  relation regclass;
  is_series bool;
begin
  for relation in select t from app_private.data_tables() as t loop
    is_series := relation = 'public.timeseries_data'::regclass;
    return query execute format(
      'select %L, %s, count(*), %s, coalesce(sum(%s), 0) from %s as t %s',
      relation,
      case when is_series then 't.source_id' else 'null::int' end,
      case
        when is_series then 'min(t.timestamp)::timestamptz, max(t.timestamp)::timestamptz'
        else 'null::timestamptz, null::timestamptz'
      end,
      app_private.row_hash(relation),
      relation,
      case when is_series then 'group by t.source_id' end
    );
  end loop;
end
$$;

comment on function app_private.describe_contents() is
  'Each table with the number of its rows and their checksum, timeseries_data by source. Reads everything.';
