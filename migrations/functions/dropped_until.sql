create or replace function app_private.dropped_until() returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select max(r.dropped_until) from app_private.retention_runs as r;
$$;

comment on function app_private.dropped_until() is
  'History before this moment was dropped by retention and lives on in the aggregates only; null when nothing was dropped.';
