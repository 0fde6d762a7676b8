-- A row of a compressed batch cannot be locked, but the batch can: whoever changes the row takes it apart.
create or replace function app_private.lock_rows(source_id int, first_moment timestamptz, last_moment timestamptz)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  part record;
begin
  -- Beside compression and retention, which take this lock for themselves: no chunk is merged or dropped meanwhile.
  perform pg_advisory_xact_lock_shared('public.timeseries_data'::regclass::oid::bigint);

  for part in
    select p.*
    from timescaledb_information.chunks as c
    cross join lateral (select to_regclass(format('%I.%I', c.chunk_schema, c.chunk_name)) as relation) as r
    left join _timescaledb_catalog.compression_settings as s on s.relid = r.relation
    cross join lateral (
      values
        (s.compress_relid, '_ts_meta_min_1', '_ts_meta_max_1'), -- batches
        (r.relation, 'timestamp', 'timestamp')
    ) as p (relation, first_column, last_column)
    where c.hypertable_schema = 'public'
      and c.hypertable_name = 'timeseries_data'
      and c.range_start <= last_moment
      and c.range_end > first_moment
      and (p.relation is not null or r.relation is null)
    order by c.range_start, p.first_column
  loop
    if part.relation is null then
      raise serialization_failure using
        message = 'a chunk of timeseries_data was merged or dropped since the snapshot of this transaction',
        hint = 'Try the transaction again.';
    end if;

    execute format(
      $f$
        select count(*)
        from (
          select
          from only %1$s
          where source_id = $1 and %3$I >= $2 and %2$I <= $3
          order by %2$I
          for no key update
        ) as locked
      $f$, part.relation, part.first_column, part.last_column
    ) using source_id, first_moment, last_moment;
  end loop;
end
$$;

comment on function app_private.lock_rows(int, timestamptz, timestamptz) is
  'Locks the rows of a source in a range (both ends included) in order of time, and waits for those who have changed some.';
