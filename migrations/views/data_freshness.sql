-- The newest row is one index probe per source; counts come from weekly_stats, which has one row per source and week.
create or replace view public.data_freshness as
select
  s.source_id,
  s.name,
  s.display_name,
  s.update_frequency,
  s.last_successful_update,
  s.next_scheduled_update,
  newest.timestamp as last_timestamp,
  now() - newest.timestamp as data_age,
  case
    when s.status <> 'active' then 'INACTIVE'
    when newest.timestamp is null then 'EMPTY'
    when now() - newest.timestamp > 3 * s.update_frequency then 'CRITICAL'
    when now() - newest.timestamp > 2 * s.update_frequency then 'STALE'
    when now() - newest.timestamp > 1.5 * s.update_frequency then 'WARNING'
    else 'FRESH'
  end as freshness,
  coalesce(totals.data_points, 0)::bigint as row_count,
  coalesce(totals.anomalies, 0)::bigint as anomaly_count,
  round(totals.quality_sum / nullif(totals.data_points, 0), 2) as avg_quality_score
from public.sources as s
left join lateral (
  select d.timestamp
  from public.timeseries_data as d
  where d.source_id = s.source_id
  order by d.timestamp desc
  limit 1
) as newest on true
left join (
  select
    w.source_id,
    sum(w.data_points) as data_points,
    sum(w.anomalies) as anomalies,
    sum(w.quality_sum)::numeric as quality_sum
  from public.weekly_stats as w
  group by w.source_id
) as totals on totals.source_id = s.source_id;

comment on view public.data_freshness is
  'How old the newest row of each source is, measured by update_frequency, with counts as of the last refresh of weekly_stats.';
comment on column public.data_freshness.source_id is 'The source.';
comment on column public.data_freshness.name is 'Its machine name.';
comment on column public.data_freshness.display_name is 'Its name for people.';
comment on column public.data_freshness.update_frequency is 'Distance between two rows.';
comment on column public.data_freshness.last_successful_update is 'When rows last arrived.';
comment on column public.data_freshness.next_scheduled_update is 'When rows are expected next.';
comment on column public.data_freshness.last_timestamp is 'Moment of the newest row.';
comment on column public.data_freshness.data_age is 'Time since then.';
comment on column public.data_freshness.freshness is
  'FRESH, WARNING (older than 1.5 × update_frequency), STALE (2 ×), CRITICAL (3 ×), EMPTY or INACTIVE.';
comment on column public.data_freshness.row_count is 'Number of rows, with those that retention has dropped.';
comment on column public.data_freshness.anomaly_count is 'Rows beyond 4 sigma.';
comment on column public.data_freshness.avg_quality_score is 'Mean score, 0 to 100.';
