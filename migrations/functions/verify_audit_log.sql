create or replace function public.verify_audit_log() returns table (entry bigint, what text, detail text)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  seal public.audit_seals;
  before public.audit_seals;
  archived public.audit_seals;
  sealed_digest bytea;
begin
  for seal in select s.* from public.audit_seals as s order by s.seal_id loop
    -- The seal itself.
    if seal.seal_id <> coalesce(before.seal_id, 0) + 1 then
      return query select null::bigint, 'seal removed', format('seal %s is missing', coalesce(before.seal_id, 0) + 1);
      return;
    end if;
    if seal.digest <> sha256(convert_to(app_private.seal_line(seal), 'UTF8'))
      or seal.previous_digest is distinct from before.digest
      or seal.last_id <= before.last_id
      or (
        seal.archived_at is null
        and (
          seal.entries_digest is distinct from app_private.digest_of_digests(seal.entry_digests)
          or (seal.entry_count, seal.entry_count)
            is distinct from (cardinality(seal.audit_ids), cardinality(seal.entry_digests))
        )
      )
      or (seal.archived_at is not null and before.seal_id is distinct from archived.seal_id)
    then
      return query select null::bigint, 'seal changed', format('seal %s is not what was sealed', seal.seal_id);
      return;
    end if;

    -- Its entries. Of those that were archived none is here.
    select coalesce(s.audit_id, l.audit_id), s.digest, case
      when l.audit_id is null then 'removed'
      when s.audit_id is null then 'inserted'
      else 'changed'
    end
    into entry, sealed_digest, what
    from unnest(seal.audit_ids, seal.entry_digests) as s (audit_id, digest)
    full join (
      select l.audit_id, sha256(convert_to(app_private.audit_line(l, l.audit_id), 'UTF8')) as digest
      from public.audit_log as l
      where (before.last_id is null or l.audit_id > before.last_id) and l.audit_id <= seal.last_id
    ) as l on l.audit_id = s.audit_id
    where s.digest is distinct from l.digest
    order by 1
    limit 1;
    exit when entry is not null;

    before := seal;
    if seal.archived_at is not null then
      archived := seal;
    end if;
  end loop;

  if entry is null then
    if archived.seal_id is not null and not exists (
      select
      from public.audit_log as l
      where l.changed_at = archived.archived_at
        and l.table_name = 'audit_log'
        and l.old_value ->> 'digest' = encode(archived.digest, 'hex')
    ) then
      return query select
        archived.last_id,
        'removed',
        format('the entries up to %s are gone, and no entry says that they were archived', archived.last_id);
    end if;
    return;
  end if;

  return query select entry, d.what, d.detail from app_private.explain_difference(entry, what, sealed_digest) as d;
end
$$;

comment on function public.verify_audit_log() is
  'The first entry of the audit log that is not as it was sealed: its number, what has happened to it (changed, removed, inserted or reordered; without a number: seal changed or seal removed) and a detail. No row when all is well.';
