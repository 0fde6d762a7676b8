create or replace function app_private.is_backfill() returns boolean
language sql stable
return coalesce(current_setting('app.ingest_mode', true) = 'backfill', false);

comment on function app_private.is_backfill() is
  'Whether this transaction loads history: the setting app.ingest_mode is backfill. The default is live.';
