create or replace procedure public.rescore(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  first_moment constant timestamptz := coalesce(range_start, '-infinity');
  last_moment constant timestamptz := coalesce(range_end, 'infinity');
  island app_private.island;
begin
  perform app_private.require_source(rescore.source_id);
  perform app_private.require_range(range_start, range_end);

  -- What others have changed and not committed is waited for, and nothing below looks at the rows before that.
  perform app_private.lock_rows(rescore.source_id, first_moment, last_moment);

  for island in
    select
      rescore.source_id,
      min(d.timestamp),
      max(d.timestamp),
      array_agg(d.timestamp::timestamptz order by d.timestamp)
    from (
      select t.timestamp, (row_number() over (order by t.timestamp) - 1) / 10000 as slice
      from public.timeseries_data as t
      where t.source_id = rescore.source_id and t.timestamp between first_moment and last_moment
    ) as d
    group by d.slice
    order by d.slice
  loop
    perform app_private.score_rows(array[island]);
  end loop;

  -- What is open now for a row that is clean, or gone, no longer holds. What retention dropped was not scored again.
  update public.anomalies as a
  set
    resolved_at = now(),
    resolved_by = 'system',
    resolution_notes = case
      when exists (
        select
        from public.timeseries_data as d
        where d.source_id = a.source_id and d.timestamp = a.timestamp
      ) then 'The row is back inside.'
      else 'The row was deleted.'
    end
  where a.source_id = rescore.source_id
    and a.timestamp between first_moment and last_moment
    and a.timestamp >= coalesce(app_private.dropped_until(), '-infinity')
    and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
    and a.resolved_at is null
    and not exists (
      select
      from public.timeseries_data as d
      where d.source_id = a.source_id and d.timestamp = a.timestamp and d.is_anomaly
    );
end
$$;

comment on procedure public.rescore(int, timestamptz, timestamptz) is
  'Scores the rows of a source from range_start to range_end (both included, null: open) again, for neighbours that arrived out of order or rules that changed.';
