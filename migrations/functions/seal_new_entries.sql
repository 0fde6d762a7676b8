create or replace procedure app_private.seal_new_entries(job_id int, config jsonb)
language plpgsql
as $$
begin
  set local search_path = pg_catalog, pg_temp;
  call public.seal_audit_log();
  commit;
end
$$;

comment on procedure app_private.seal_new_entries(int, jsonb) is 'Job that seals the audit log.';
