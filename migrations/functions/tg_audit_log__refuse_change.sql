create or replace function app_private.tg_audit_log__refuse_change() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- archive_audit_entries() is at work, and has a file with what it deletes.
  if (tg_table_name = 'audit_log' and tg_op = 'DELETE' or tg_table_name = 'audit_seals' and tg_op = 'UPDATE')
    and current_setting('app.pipeline_token', true) <> ''
    and exists (select from app_private.pipeline_token as p where p.token = current_setting('app.pipeline_token', true)) then
    return null;
  end if;
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'MD003',
          hint = 'Write a new entry by changing the data again; entries are never altered. Old ones may be archived: btcdb audit export.';
end
$$;

comment on function app_private.tg_audit_log__refuse_change() is
  'Raises MD003, unless archive_audit_entries() moves sealed entries into an archive.';
