-- A row of a compressed batch cannot be locked, but the batch can: whoever changes the row takes it apart.
create or replace function app_private.lock_rows(source_id int, first_moment timestamptz, last_moment timestamptz)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  chunk record;
begin
  for chunk in
    select r.relation, s.compress_relid as batches
    from timescaledb_information.chunks as c
    cross join lateral (select format('%I.%I', c.chunk_schema, c.chunk_name)::regclass as relation) as r
    left join _timescaledb_catalog.compression_settings as s on s.relid = r.relation
    where c.hypertable_schema = 'public'
      and c.hypertable_name = 'timeseries_data'
      and c.range_start <= last_moment
      and c.range_end > first_moment
    order by c.range_start
  loop
    if chunk.batches is not null then
      execute format(
        $f$
          select count(*)
          from (
            select
            from %s
            where source_id = $1 and _ts_meta_max_1 >= $2 and _ts_meta_min_1 <= $3
            order by _ts_meta_min_1
            for no key update
          ) as locked
        $f$, chunk.batches
      ) using source_id, first_moment, last_moment;
    end if;

    execute format(
      $f$
        select count(*)
        from (
          select
          from only %s
          where source_id = $1 and timestamp between $2 and $3
          order by timestamp
          for no key update
        ) as locked
      $f$, chunk.relation
    ) using source_id, first_moment, last_moment;
  end loop;
end
$$;

comment on function app_private.lock_rows(int, timestamptz, timestamptz) is
  'Locks the rows of a source in a range (both ends included) in order of time, and waits for those who have changed some.';
