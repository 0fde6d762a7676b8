create or replace view public.quality_overview as
select
  s.source_id,
  s.name,
  s.data_type,
  coalesce(w.data_points, 0)::bigint as row_count,
  round(w.quality_sum / nullif(w.data_points, 0), 2) as avg_quality_score,
  w.min_quality as min_quality_score,
  coalesce(w.invalid_points, 0)::bigint as invalid_count,
  coalesce(w.anomalies, 0)::bigint as anomaly_count,
  coalesce(a.open_anomalies, 0) as open_anomalies,
  coalesce(a.black_swans, 0) as black_swans,
  coalesce(a.gaps, 0) as open_gaps,
  w.first_week,
  w.last_week
from public.sources as s
left join (
  select
    w.source_id,
    sum(w.data_points) as data_points,
    sum(w.quality_sum)::numeric as quality_sum,
    min(w.min_quality) as min_quality,
    sum(w.invalid_points) as invalid_points,
    sum(w.anomalies) as anomalies,
    min(w.week) as first_week,
    max(w.week) as last_week
  from public.weekly_stats as w
  group by w.source_id
) as w on w.source_id = s.source_id
left join (
  select
    a.source_id,
    count(*) filter (where a.resolved_at is null) as open_anomalies,
    count(*) filter (where a.is_blackswan and not a.is_false_positive) as black_swans,
    count(*) filter (where a.anomaly_type = 'missing_data' and a.resolved_at is null) as gaps
  from public.anomalies as a
  group by a.source_id
) as a on a.source_id = s.source_id;

comment on view public.quality_overview is 'Quality of each source, with counts as of the last refresh of weekly_stats.';
comment on column public.quality_overview.source_id is 'The source.';
comment on column public.quality_overview.name is 'Its machine name.';
comment on column public.quality_overview.data_type is 'Its kind.';
comment on column public.quality_overview.row_count is 'Number of rows, with those that retention has dropped.';
comment on column public.quality_overview.avg_quality_score is 'Mean score, 0 to 100.';
comment on column public.quality_overview.min_quality_score is 'Worst score.';
comment on column public.quality_overview.invalid_count is 'Rows that violate a rule of severity ERROR.';
comment on column public.quality_overview.anomaly_count is 'Rows beyond 4 sigma.';
comment on column public.quality_overview.open_anomalies is 'Anomalies that nobody has resolved.';
comment on column public.quality_overview.black_swans is 'Anomalies beyond 6 sigma that are not false positives.';
comment on column public.quality_overview.open_gaps is 'Recorded gaps that are not filled.';
comment on column public.quality_overview.first_week is 'Week of the first row.';
comment on column public.quality_overview.last_week is 'Week of the last row.';
