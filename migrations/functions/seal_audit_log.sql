-- Entries become visible in the order of their commits, not in that of their numbers. A seal says that nothing below its
-- last number is still to come, so it waits, as CREATE INDEX CONCURRENTLY does, for those who may have drawn a lower one:
-- whoever draws a number has locked the table before. It keeps nobody waiting.
create or replace procedure public.seal_audit_log()
language plpgsql
as $$
declare
  last_drawn bigint;
  writers text[];
  is_waiting boolean;
  newest public.audit_seals;
  seal public.audit_seals;
begin
  set local search_path = pg_catalog, pg_temp;
  select s.last_value into last_drawn from public.audit_log_audit_id_seq as s;
  -- Prepared transactions have no process, and another name than before they were prepared.
  writers := array(
    select k.virtualtransaction
    from pg_locks as k
    where k.relation = 'public.audit_log'::regclass
      and k.database = (select d.oid from pg_database as d where d.datname = current_database())
      and k.mode = 'RowExclusiveLock'
      and k.pid <> pg_backend_pid()
  );

  loop
    select exists (
      select
      from pg_locks as k
      where k.relation = 'public.audit_log'::regclass
        and k.database = (select d.oid from pg_database as d where d.datname = current_database())
        and k.mode = 'RowExclusiveLock'
        and (k.virtualtransaction = any (writers) or k.pid is null)
    ) into is_waiting;
    -- What they have committed is visible from the next transaction on.
    commit;
    set local search_path = pg_catalog, pg_temp;
    exit when not is_waiting;
    perform pg_sleep(0.1);
  end loop;

  loop
    perform app_private.take_turn('audit seals');
    select s.* into newest from public.audit_seals as s order by s.seal_id desc limit 1;
    seal := null;
    seal.seal_id := coalesce(newest.seal_id, 0) + 1;
    seal.previous_digest := newest.digest;

    select count(*), array_agg(e.audit_id order by e.audit_id), array_agg(e.digest order by e.audit_id)
    into seal.entry_count, seal.audit_ids, seal.entry_digests
    from (
      select l.audit_id, sha256(convert_to(app_private.audit_line(l, l.audit_id), 'UTF8')) as digest
      from public.audit_log as l
      where l.audit_id > coalesce(newest.last_id, 0) and l.audit_id <= last_drawn
      order by l.audit_id
      limit 10000
    ) as e;
    exit when seal.entry_count = 0;

    -- Only a full seal may have left entries behind.
    seal.last_id := case
      when seal.entry_count = 10000 then seal.audit_ids[seal.entry_count]
      else last_drawn
    end;
    seal.entries_digest := app_private.digest_of_digests(seal.entry_digests);
    seal.sealed_at := clock_timestamp();
    seal.sealed_by := app_private.current_actor();
    seal.digest := sha256(convert_to(app_private.seal_line(seal), 'UTF8'));
    insert into public.audit_seals values (seal.*);
    commit;
    set local search_path = pg_catalog, pg_temp;
  end loop;
end
$$;

comment on procedure public.seal_audit_log() is
  'Seals the entries of the audit log since the last seal, ten thousand at most in each, one transaction each. Waits for those who are writing. To be CALLed outside a transaction.';
