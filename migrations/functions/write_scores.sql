create or replace function app_private.write_scores(scores app_private.score[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
-- The bounds of a run must be known when it is planned: they exclude chunks and spare compressed batches.
set plan_cache_mode = force_custom_plan
set timescaledb.max_tuples_decompressed_per_dml_transaction = 0
as $$
declare
  run record;
begin
  -- For the trigger of the updates below.
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

  insert into public.anomalies as a (
    source_id, timestamp, anomaly_type, severity, value, z_score, expected_value, deviation_pct, is_blackswan, context
  )
  select
    s.source_id,
    s.timestamp,
    (case when o.is_blackswan then 'outlier_6sigma' else 'outlier_4sigma' end)::public.anomaly_type_enum,
    case
      when o.is_blackswan then 'CRITICAL'
      when abs(l.level - s.mean) > 5 * s.stddev then 'HIGH'
      else 'MEDIUM'
    end,
    s.level,
    round((l.level - s.mean) / nullif(s.stddev, 0), 6),
    s.mean,
    round(100 * (l.level - s.mean) / nullif(abs(s.mean), 0), 6),
    o.is_blackswan,
    case when s.stddev = 0 then '{"flat_history": true}' else '{}' end::jsonb
  from unnest(scores) as s
  cross join lateral (select app_private.bounded_level(s.level) as level) as l
  cross join lateral (select abs(l.level - s.mean) > 6 * s.stddev as is_blackswan) as o
  where s.is_anomaly
  on conflict (source_id, timestamp, anomaly_type) do update
  set
    detected_at = now(),
    severity = excluded.severity,
    value = excluded.value,
    z_score = excluded.z_score,
    expected_value = excluded.expected_value,
    deviation_pct = excluded.deviation_pct,
    is_blackswan = excluded.is_blackswan,
    context = excluded.context,
    -- What a person has said about this very value stays.
    reviewed = a.reviewed and a.value = excluded.value,
    is_false_positive = a.is_false_positive and a.value = excluded.value,
    resolved_at = case when a.value = excluded.value and a.resolved_by <> 'system' then a.resolved_at end,
    resolved_by = case when a.value = excluded.value and a.resolved_by <> 'system' then a.resolved_by end,
    resolution_notes = case when a.value = excluded.value and a.resolved_by <> 'system' then a.resolution_notes end
  where (a.value, a.expected_value, a.z_score) is distinct from
      (excluded.value, excluded.expected_value, excluded.z_score)
    or a.resolved_by = 'system';

  update public.anomalies as a
  set
    resolved_at = now(),
    resolved_by = 'system',
    resolution_notes = case when s.is_anomaly then 'The row is now an outlier of another kind.' else 'The row is back inside.' end
  from unnest(scores) as s
  cross join lateral (
    select (case
      when abs(app_private.bounded_level(s.level) - s.mean) > 6 * s.stddev then 'outlier_6sigma'
      else 'outlier_4sigma'
    end)::public.anomaly_type_enum as anomaly_type
  ) as o
  where a.source_id = s.source_id
    and a.timestamp = s.timestamp
    and a.resolved_at is null
    and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
    and (not s.is_anomaly or a.anomaly_type <> o.anomaly_type);

  perform set_config('app.pipeline_token', '', true);
end
$$;

comment on function app_private.write_scores(app_private.score[]) is
  'Stores scores on their rows, opens an anomaly for each outlier and resolves those of rows that are back inside.';
