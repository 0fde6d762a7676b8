create or replace function app_private.materialized_until() returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    -- The least timestamp, in microseconds, stands for never.
    select case
      when t.watermark > -210866803200000000 then _timescaledb_functions.to_timestamp(t.watermark)
      else '-infinity'
    end
    from _timescaledb_catalog.continuous_aggs_invalidation_threshold as t
    join _timescaledb_catalog.hypertable as h on h.id = t.hypertable_id
    where h.schema_name = 'public' and h.table_name = 'timeseries_data'
  );
end
$$;

comment on function app_private.materialized_until() is
  'Up to where writes to timeseries_data are noted for the continuous aggregates; null without aggregates.';
