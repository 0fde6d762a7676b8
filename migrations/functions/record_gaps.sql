create or replace procedure public.record_gaps(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
)
language sql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
  with gaps as (
    select * from public.detect_gaps(record_gaps.source_id, range_start, range_end)
  ),
  filled as (
    update public.anomalies as a
    set resolved_at = now(), resolved_by = 'system', resolution_notes = 'The gap is filled or has another extent.'
    where a.source_id = record_gaps.source_id
      and a.anomaly_type = 'missing_data'
      and a.resolved_at is null
      and a.timestamp between coalesce(range_start, '-infinity') and coalesce(range_end, 'infinity')
      and not exists (select from gaps as g where g.gap_start::timestamptz(3) = a.timestamp)
  )
  insert into public.anomalies as a (source_id, timestamp, anomaly_type, severity, context)
  select
    record_gaps.source_id,
    g.gap_start,
    'missing_data',
    case when g.missing_points > 24 then 'HIGH' when g.missing_points > 3 then 'MEDIUM' else 'LOW' end,
    jsonb_build_object('gap_end', g.gap_end, 'missing_points', g.missing_points)
  from gaps as g
  on conflict (source_id, timestamp, anomaly_type) do update
  set
    detected_at = now(),
    severity = excluded.severity,
    context = excluded.context,
    resolved_at = null,
    resolved_by = null,
    resolution_notes = null
  where a.context <> excluded.context or a.resolved_by = 'system';
$$;

comment on procedure public.record_gaps(int, timestamptz, timestamptz) is
  'Writes what detect_gaps finds as anomalies of type missing_data, and resolves those whose gap is filled.';
