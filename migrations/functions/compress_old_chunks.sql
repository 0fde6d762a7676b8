create or replace procedure public.compress_old_chunks(older_than interval default interval '7 days')
language plpgsql
as $$
declare
  chunk regclass;
begin
  for chunk in
    select format('%I.%I', c.chunk_schema, c.chunk_name)::regclass
    from timescaledb_information.chunks as c
    where c.hypertable_schema = 'public'
      and c.hypertable_name = 'timeseries_data'
      and c.range_end <= now() - older_than
    order by c.range_start
  loop
    -- Each chunk commits, which ends the effect of set local.
    set local search_path = pg_catalog, public, pg_temp;
    -- A short chunk of a daily series compresses poorly and TimescaleDB warns about each: nothing to act on here.
    set local client_min_messages = error;
    -- A chunk that was written to since it was compressed is compressed again.
    perform compress_chunk(chunk, if_not_compressed => true);
    perform app_private.close_chunks();
    commit;
  end loop;
end
$$;

comment on procedure public.compress_old_chunks(interval) is
  'Compresses the chunks whose whole range is older than the interval, one transaction each. To be CALLed outside a transaction.';
