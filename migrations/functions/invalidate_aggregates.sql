-- TimescaleDB, from 2.23 to at least 2.29, tells the continuous aggregates of every write but one: a COPY into a
-- hypertable that has a statement trigger with a transition table. An update of the first and the last row of each
-- chunk, which changes nothing, makes up for it.
create or replace function app_private.invalidate_aggregates(islands app_private.island[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set timescaledb.max_tuples_decompressed_per_dml_transaction = 0
as $$
declare
  -- Newer rows are not materialized yet, so no aggregate can be wrong about them.
  materialized_until constant timestamptz := app_private.materialized_until();
  chunk_starts timestamptz[];
  edge_sources int[];
  edge_moments timestamptz[];
begin
  if not exists (select from unnest(islands) as i where i.first_moment < materialized_until) then
    return;
  end if;

  chunk_starts := array(select c.range_start from app_private.chunks_between('-infinity', 'infinity') as c);

  with touched as (
    select i.source_id, m.moment, width_bucket(m.moment, chunk_starts) as chunk
    from unnest(islands) as i
    cross join unnest(i.moments) as m (moment)
    where m.moment < materialized_until
  ),
  edges as (
    (select distinct on (t.chunk) t.source_id, t.moment from touched as t order by t.chunk, t.moment)
    union
    (select distinct on (t.chunk) t.source_id, t.moment from touched as t order by t.chunk, t.moment desc)
  )
  select array_agg(distinct e.source_id), array_agg(e.moment)
  into edge_sources, edge_moments
  from edges as e;

  -- Constant arrays exclude chunks, and in compressed ones open only the batches that hold these rows.
  update public.timeseries_data as d
  set is_anomaly = d.is_anomaly
  where d.source_id = any (edge_sources) and d.timestamp = any (edge_moments);
end
$$;

comment on function app_private.invalidate_aggregates(app_private.island[]) is
  'Has the continuous aggregates compute the range of these rows again at their next refresh. For rows that came by COPY.';
