-- Compression works on a chunk and on the one before it, into which it may be merged. So that nobody is caught in a
-- deadlock:
-- - one chunk at a time, whoever compresses;
-- - its strongest locks come first, in order of time, when nothing else is held yet. TimescaleDB takes them last, from
--   readers who meanwhile wait for it as writers;
-- - who gives way is this procedure: PostgreSQL looks for a deadlock when somebody has waited for deadlock_timeout,
--   and here no wait is that long. It lets go of everything, pauses and tries again.
-- Others wait while a chunk is compressed, about a second for a million rows: for its first time all of them, since it may
-- be merged; later those who want it.
--
-- Of a chunk that TimescaleDB takes for fully compressed, a plan has only the batches. When a writer takes one of them
-- apart between the planning of another statement and its snapshot, that statement sees neither batch nor rows, and an
-- aggregate keeps what it computed so (timescale/timescaledb#10487, to at least 2.29). So no chunk is left in that state:
-- an insert that changes nothing, because its row exists, makes TimescaleDB note that there may be rows beside.
create or replace procedure public.compress_old_chunks(older_than interval default interval '7 days')
language plpgsql
as $$
declare
  patience constant text := (
    select greatest(s.setting::int / 4, 1) || 'ms' from pg_catalog.pg_settings as s where s.name = 'deadlock_timeout'
  );
  due record;
  done_until timestamptz := timestamptz '-infinity';
  is_done boolean;
  tries int := 0;
  busy text[] := '{}'::text[];
begin
  loop
    -- Each chunk commits, which ends the effect of set local.
    set local search_path = pg_catalog, public, pg_temp;
    -- A short chunk of a daily series compresses poorly and TimescaleDB warns about each: nothing to act on here.
    set local client_min_messages = error;
    perform pg_advisory_xact_lock('public.timeseries_data'::regclass::oid::bigint);

    select c.*, s.status & 1 = 1 as is_compressed into due
    from (
      select
        r.relation,
        lag(r.relation) over (order by r.range_start) as relation_before,
        r.range_start,
        r.range_end
      from (
        select format('%I.%I', i.chunk_schema, i.chunk_name)::regclass as relation, i.range_start, i.range_end
        from timescaledb_information.chunks as i
        where i.hypertable_schema = 'public' and i.hypertable_name = 'timeseries_data'
      ) as r
    ) as c
    cross join lateral (select _timescaledb_functions.chunk_status(c.relation) as status) as s
    where c.range_start > done_until
      and c.range_end <= now() - older_than
      -- 1: compressed, 2: out of order, 4: frozen, 8: with uncompressed rows beside, perhaps
      and s.status & 4 = 0
      and (s.status & 11 <> 9 or app_private.has_uncompressed_rows(c.relation))
    order by c.range_start
    limit 1;
    exit when not found;

    begin
      perform set_config('lock_timeout', patience, true);
      -- A chunk that may be merged: the table first. Who has planned for a chunk that is gone then would miss its rows.
      if not due.is_compressed then
        lock table only public.timeseries_data in access exclusive mode;
      end if;
      execute format('lock table only %s in access exclusive mode', concat_ws(', only ', due.relation_before, due.relation));
      -- TimescaleDB asks for a weaker one without waiting, which fails when writers wait, unless just that one is held.
      execute format('lock table only %s in exclusive mode', due.relation);
      perform compress_chunk(due.relation);
      insert into public.timeseries_data (source_id, timestamp)
      select d.source_id, d.timestamp
      from public.timeseries_data as d
      where d.timestamp >= due.range_start and d.timestamp < due.range_end
      limit 1
      on conflict (source_id, timestamp) do nothing;
      perform app_private.close_chunks();
      is_done := true;
    exception
      when lock_not_available or deadlock_detected or serialization_failure then
        is_done := false;
    end;
    commit;

    tries := tries + 1;
    if is_done or tries = 100 then
      if not is_done then
        busy := busy || due.relation::text;
      end if;
      done_until := due.range_start;
      tries := 0;
    else
      perform pg_catalog.pg_sleep(least(0.02 * tries, 1) * (0.5 + pg_catalog.random()));
    end if;
  end loop;

  if busy <> '{}' then
    raise warning 'not compressed, because they are in use all the time: %', pg_catalog.array_to_string(busy, ', ')
      using hint = 'They are compressed by the next run that finds them free. Look for transactions that stay open.';
  end if;
end
$$;

comment on procedure public.compress_old_chunks(interval) is
  'Compresses the chunks whose whole range is older than the interval, one transaction each. Gives way to readers and writers, and tries again. To be CALLed outside a transaction.';
