-- TimescaleDB's own policy would leave what it compresses open to whoever may delete rows of the table.
create or replace procedure app_private.compress_due_chunks(job_id int, config jsonb)
language plpgsql
as $$
begin
  set local search_path = pg_catalog, public, pg_temp;
  call public.compress_old_chunks((config ->> 'compress_after')::interval);
  commit;
end
$$;

comment on procedure app_private.compress_due_chunks(int, jsonb) is
  'Job that compresses the chunks whose whole range is older than config.compress_after.';
