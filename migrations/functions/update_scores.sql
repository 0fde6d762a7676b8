create or replace function app_private.update_scores(scores app_private.score[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
-- The bounds of a run must be known when it is planned: they exclude chunks and spare compressed batches.
set plan_cache_mode = force_custom_plan
set timescaledb.max_tuples_decompressed_per_dml_transaction = 0
as $$
declare
  run record;
begin
  -- Tells the trigger of these updates that they are the pipeline's.
  perform set_config('app.pipeline_token', (select p.token from app_private.pipeline_token as p), true);

  -- One update for each run of neighbours. A run ends with its island, or where the next row is more than a thousand
  -- rows away, so that a write to compressed history decompresses only the batches that it changes.
  for run in
    with rewrites as (
      select
        s.*,
        s.position - lag(s.position) over neighbours > 1000 as is_far
      from unnest(scores) as s
      where s.is_rewrite
      window neighbours as (partition by s.source_id, s.island_start order by s.position)
    ),
    numbered as (
      select
        r.*,
        count(*) filter (where r.is_far) over neighbours as run_number
      from rewrites as r
      window neighbours as (partition by r.source_id, r.island_start order by r.position)
    )
    select
      n.source_id,
      min(n.timestamp) as first_moment,
      max(n.timestamp) as last_moment,
      array_agg(n.timestamp order by n.timestamp) as moments,
      array_agg(n.quality_score order by n.timestamp) as quality_scores,
      array_agg(n.is_anomaly order by n.timestamp) as anomalies,
      array_agg(n.is_validated order by n.timestamp) as validated
    from numbered as n
    group by n.source_id, n.island_start, n.run_number
    order by n.source_id, first_moment
  loop
    update public.timeseries_data as d
    set quality_score = s.quality_score, is_anomaly = s.is_anomaly, is_validated = s.is_validated
    from unnest(run.moments, run.quality_scores, run.anomalies, run.validated)
      as s (moment, quality_score, is_anomaly, is_validated)
    where d.source_id = run.source_id
      and d.timestamp between run.first_moment and run.last_moment
      and d.timestamp = s.moment;
  end loop;

  perform set_config('app.pipeline_token', '', true);
end
$$;

comment on function app_private.update_scores(app_private.score[]) is 'Stores scores on their rows.';
