-- TimescaleDB's catalog is read from within text, here and in the other functions that do, so that nothing depends on
-- it: an update of the extension replaces these tables, and would fail if a view or a parsed function body used them.
create or replace function app_private.chunks_between(first_moment timestamptz, last_moment timestamptz)
returns table (range_start timestamptz, range_end timestamptz, is_fully_compressed boolean)
language plpgsql stable -- each write asks: unlike one in SQL, it keeps its plan
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select
    _timescaledb_functions.to_timestamp(s.range_start),
    _timescaledb_functions.to_timestamp(s.range_end),
    c.status & 9 = 1 -- 1: compressed, 8: with uncompressed rows beside, perhaps
  from _timescaledb_catalog.hypertable as h
  join _timescaledb_catalog.dimension as d on d.hypertable_id = h.id
  join _timescaledb_catalog.dimension_slice as s on s.dimension_id = d.id
  join _timescaledb_catalog.chunk_constraint as k on k.dimension_slice_id = s.id
  join _timescaledb_catalog.chunk as c on c.id = k.chunk_id
  where h.schema_name = 'public'
    and h.table_name = 'timeseries_data'
    and s.range_start <= _timescaledb_functions.to_unix_microseconds(last_moment)
    and s.range_end > _timescaledb_functions.to_unix_microseconds(first_moment)
  order by s.range_start;
end
$$;

comment on function app_private.chunks_between(timestamptz, timestamptz) is
  'The chunks of timeseries_data that overlap a range; is_fully_compressed: nobody looks for uncompressed rows beside.';
