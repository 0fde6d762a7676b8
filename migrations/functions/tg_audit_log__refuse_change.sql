create or replace function app_private.tg_audit_log__refuse_change() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'audit_log is append-only: % refused', tg_op
    using errcode = 'MD003',
          hint = 'Write a new entry by changing the data again; entries are never altered.';
end
$$;

comment on function app_private.tg_audit_log__refuse_change() is 'Raises MD003.';
