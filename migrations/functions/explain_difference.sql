create or replace function app_private.explain_difference(
  entry bigint, difference text, sealed_digest bytea
) returns table (what text, detail text)
language sql stable
begin atomic
  select
    case when r.detail is null then difference else 'reordered' end,
    coalesce(r.detail, case difference
      when 'removed' then 'it was sealed and is gone'
      when 'inserted' then 'it is below the last sealed number and was not sealed'
      else 'it is not what was sealed'
    end)
  from (
    select coalesce(
      (
        select format('it now has the number %s', l.audit_id)
        from public.audit_log as l
        where sha256(convert_to(app_private.audit_line(l, entry), 'UTF8')) = sealed_digest
        limit 1
      ),
      (
        select format('it was sealed with the number %s', e.audit_id)
        from public.audit_log as l
        cross join public.audit_seals as s
        cross join lateral unnest(s.audit_ids, s.entry_digests) as e (audit_id, digest)
        where l.audit_id = entry and sha256(convert_to(app_private.audit_line(l, e.audit_id), 'UTF8')) = e.digest
        limit 1
      )
    ) as detail
  ) as r;
end;

comment on function app_private.explain_difference(bigint, text, bytea) is
  'What has happened to an entry of the audit log that is not as it was sealed: it is here under another number, or was sealed under another, else the difference that was seen.';
