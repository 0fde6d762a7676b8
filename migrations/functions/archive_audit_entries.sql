create or replace function app_private.archive_audit_entries(until_seal bigint, head bytea) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  last_seal public.audit_seals;
  sealed bigint;
  deleted bigint;
begin
  perform app_private.take_turn('audit seals');
  select s.* into last_seal
  from public.audit_seals as s
  where s.seal_id = until_seal and s.digest = head and s.archived_at is null;
  if not found then
    raise exception 'seal % is not archived: the archive does not end with its digest, or it was archived before', until_seal
      using errcode = 'MD009',
            hint = 'Entries leave the log only with their seals, and only when a file holds them: btcdb audit export.';
  end if;
  select sum(s.entry_count) into sealed
  from public.audit_seals as s
  where s.seal_id <= until_seal and s.archived_at is null;

  -- Tells the triggers of the log and of its seals that this is no forgery.
  perform set_config('app.pipeline_token', (select p.token from app_private.pipeline_token as p), true);
  delete from public.audit_log as l where l.audit_id <= last_seal.last_id;
  get diagnostics deleted = row_count;
  update public.audit_seals as s
  set audit_ids = null, entry_digests = null, archived_at = now()
  where s.seal_id <= until_seal and s.archived_at is null;
  perform set_config('app.pipeline_token', '', true);

  if deleted <> sealed then
    raise exception '% entries were sealed, and % are there', sealed, deleted
      using errcode = 'MD009',
            hint = 'Look what has happened to the log: select * from verify_audit_log()';
  end if;
  insert into public.audit_log (action, table_name, old_value)
  values ('DELETE', 'audit_log', jsonb_build_object(
    'rows', deleted, 'last_id', last_seal.last_id, 'seal_id', until_seal, 'digest', encode(last_seal.digest, 'hex')));
  return deleted;
end
$$;

comment on function app_private.archive_audit_entries(bigint, bytea) is
  'Deletes the entries up to the end of a seal, for whoever has them in a file whose chain ends with that digest, and writes an entry that says so. How many. The one way out of the audit log.';
