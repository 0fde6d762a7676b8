-- What is hashed and archived of an entry. It must be the same for ever, on every server and in every session: the columns
-- are named, and moments are written in UTC. json, for which jsonb would take twice the time.
create or replace function app_private.audit_line(entry public.audit_log, audit_id bigint) returns text
language sql stable
return json_build_object(
  'audit_id', audit_id,
  'source_id', (entry).source_id,
  'timestamp', (entry).timestamp at time zone 'UTC',
  'action', (entry).action,
  'table_name', (entry).table_name,
  'old_value', (entry).old_value,
  'new_value', (entry).new_value,
  'changed_fields', (entry).changed_fields,
  'changed_by', (entry).changed_by,
  'changed_at', (entry).changed_at at time zone 'UTC',
  'reason', (entry).reason,
  'ip_address', (entry).ip_address,
  'user_agent', (entry).user_agent
)::text;

comment on function app_private.audit_line(public.audit_log, bigint) is
  'An entry of the audit log, under a number, as the line whose SHA-256 is sealed. docs/security.md describes it.';
