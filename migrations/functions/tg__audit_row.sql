create or replace function app_private.tg__audit_row() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  old_row constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  new_row constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row_key constant jsonb := coalesce(new_row, old_row);
  bookkeeping constant text[] := case when tg_nargs > 0 then tg_argv else '{}' end;
  changed text[];
begin
  if tg_op = 'UPDATE' then
    changed := array(
      select o.key
      from jsonb_each(old_row) as o
      where o.value is distinct from new_row -> o.key and o.key <> all (bookkeeping)
      order by o.key
    );
    if changed = '{}' then
      return null;
    end if;
  end if;

  insert into public.audit_log (source_id, timestamp, action, table_name, old_value, new_value, changed_fields)
  values (
    (row_key ->> 'source_id')::int,
    (row_key ->> 'timestamp')::timestamptz,
    case
      when tg_op = 'UPDATE' and current_setting('app.reason', true) <> '' then 'CORRECTION'
      else tg_op
    end::public.audit_action_enum,
    tg_table_name,
    old_row,
    new_row,
    changed
  );
  return null;
end
$$;

comment on function app_private.tg__audit_row() is
  'Writes one audit entry for a row. Arguments: columns that are bookkeeping, whose change is not logged.';
