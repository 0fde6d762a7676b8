create or replace function app_private.tg__refuse_truncate() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '% cannot be truncated', tg_table_name
    using errcode = 'MD004',
          detail = 'TRUNCATE would bypass the audit log and, for timeseries_data, the archive.',
          hint = 'DELETE the rows. Old chunks of timeseries_data are dropped with set_retention().';
end
$$;

comment on function app_private.tg__refuse_truncate() is 'Raises MD004.';
