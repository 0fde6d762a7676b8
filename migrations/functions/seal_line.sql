create or replace function app_private.seal_line(seal public.audit_seals) returns text
language sql stable
return json_build_object(
  'seal_id', (seal).seal_id,
  'previous_digest', encode((seal).previous_digest, 'hex'),
  'last_id', (seal).last_id,
  'entry_count', (seal).entry_count,
  'entries_digest', encode((seal).entries_digest, 'hex'),
  'sealed_at', (seal).sealed_at at time zone 'UTC',
  'sealed_by', (seal).sealed_by
)::text;

comment on function app_private.seal_line(public.audit_seals) is
  'A seal as the line whose SHA-256 is its digest. docs/security.md describes it.';
