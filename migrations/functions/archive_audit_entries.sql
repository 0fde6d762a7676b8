create or replace function app_private.archive_audit_entries(first_seal bigint, last_seal bigint, head bytea) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newest public.audit_seals;
  sealed bigint;
  deleted bigint;
begin
  perform app_private.take_turn('audit seals');
  select s.* into newest from public.audit_seals as s where s.seal_id = last_seal and s.digest = head;
  if not found
    or first_seal is distinct from (select min(s.seal_id) from public.audit_seals as s where s.archived_at is null)
    or last_seal < first_seal then
    raise exception 'an archive of the seals % to % is not what the log has to archive next', first_seal, last_seal
      using errcode = 'MD009',
            hint = 'Entries leave the log oldest first, seal by seal, and only when a file holds them: btcdb audit export.';
  end if;
  select sum(s.entry_count) into sealed
  from public.audit_seals as s
  where s.seal_id between first_seal and last_seal;

  -- Tells the triggers of the log and of its seals that this is no forgery.
  perform set_config('app.pipeline_token', (select p.token from app_private.pipeline_token as p), true);
  delete from public.audit_log as l where l.audit_id <= newest.last_id;
  get diagnostics deleted = row_count;
  update public.audit_seals as s
  set audit_ids = null, entry_digests = null, archived_at = now()
  where s.seal_id between first_seal and last_seal;
  perform set_config('app.pipeline_token', '', true);

  if deleted <> sealed then
    raise exception '% entries were sealed, and % are there', sealed, deleted
      using errcode = 'MD009',
            hint = 'Look what has happened to the log: select * from verify_audit_log()';
  end if;
  insert into public.audit_log (action, table_name, old_value)
  values ('DELETE', 'audit_log', jsonb_build_object(
    'rows', deleted, 'last_id', newest.last_id, 'seal_id', last_seal, 'digest', encode(head, 'hex')));
  return deleted;
end
$$;

comment on function app_private.archive_audit_entries(bigint, bigint, bytea) is
  'Deletes the entries of the oldest seals, for whoever has them in a file whose chain ends with that digest, and writes an entry that says so. How many. The one way out of the audit log.';
