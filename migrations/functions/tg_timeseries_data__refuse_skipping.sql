create or replace function app_private.tg_timeseries_data__refuse_skipping() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the continuous aggregates would not notice this %', tg_op
    using errcode = 'object_not_in_prerequisite_state',
          hint = 'Run: reset timescaledb.skip_cagg_invalidation;';
end
$$;

comment on function app_private.tg_timeseries_data__refuse_skipping() is
  'Refuses what is written with timescaledb.skip_cagg_invalidation, which everybody may set.';
