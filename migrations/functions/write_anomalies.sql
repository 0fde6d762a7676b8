create or replace function app_private.write_anomalies(scores app_private.score[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set plan_cache_mode = force_custom_plan
as $$
begin
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
end
$$;

comment on function app_private.write_anomalies(app_private.score[]) is
  'Opens an anomaly for each outlier and resolves those of rows that are back inside.';
