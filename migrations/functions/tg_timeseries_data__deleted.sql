create or replace function app_private.tg_timeseries_data__deleted() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.timeseries_archive (
    source_id, timestamp, open, high, low, close, volume, value,
    quality_score, is_anomaly, is_validated, is_backfilled, created_at, updated_at
  )
  values (
    old.source_id, old.timestamp, old.open, old.high, old.low, old.close, old.volume, old.value,
    old.quality_score, old.is_anomaly, old.is_validated, old.is_backfilled, old.created_at, old.updated_at
  );

  insert into public.audit_log (source_id, timestamp, action, table_name, old_value)
  values (old.source_id, old.timestamp, 'DELETE', 'timeseries_data', to_jsonb(old));

  if old.is_anomaly then
    update public.anomalies as a
    set resolved_at = now(), resolved_by = 'system', resolution_notes = 'The row was deleted.'
    where a.source_id = old.source_id
      and a.timestamp = old.timestamp
      and a.anomaly_type in ('outlier_4sigma', 'outlier_6sigma')
      and a.resolved_at is null;
  end if;
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__deleted() is
  'Keeps a deleted row in the archive and the audit log, and resolves its anomalies.';
