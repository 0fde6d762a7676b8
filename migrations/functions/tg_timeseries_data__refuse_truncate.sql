create or replace function app_private.tg_timeseries_data__refuse_truncate() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'timeseries_data cannot be truncated'
    using errcode = 'MD004',
          detail = 'TRUNCATE would bypass the archive and the audit log.',
          hint = 'DELETE the rows, which archives them, or drop old chunks with set_retention().';
end
$$;

comment on function app_private.tg_timeseries_data__refuse_truncate() is 'Raises MD004.';
