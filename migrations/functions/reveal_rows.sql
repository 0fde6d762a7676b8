-- TimescaleDB notes that a fully compressed chunk now has uncompressed rows beside only when the statement that wrote
-- them ends. Statement triggers run before, and to them the rows are invisible. An insert of its own, which changes
-- nothing because its row exists, makes TimescaleDB take the note.
create or replace function app_private.reveal_rows(islands app_private.island[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  chunk record;
  written record;
begin
  for chunk in
    select c.range_start, c.range_end
    from app_private.chunks_between(
      (select min(i.first_moment) from unnest(islands) as i),
      (select max(i.last_moment) from unnest(islands) as i)
    ) as c
    where c.is_fully_compressed
  loop
    for written in
      select i.source_id, m.moment
      from unnest(islands) as i
      cross join unnest(i.moments) as m (moment)
      where i.last_moment >= chunk.range_start
        and i.first_moment < chunk.range_end
        and m.moment >= chunk.range_start
        and m.moment < chunk.range_end
    loop
      begin
        insert into public.timeseries_data (source_id, timestamp)
        values (written.source_id, written.moment)
        on conflict (source_id, timestamp) do nothing;
        exit when not found;
        -- The statement has deleted the row again. Neither does this one stay; the next will do.
        raise no_data_found;
      exception
        when no_data_found then null;
      end;
    end loop;
  end loop;
end
$$;

comment on function app_private.reveal_rows(app_private.island[]) is
  'Makes rows that the running statement wrote into compressed chunks visible to its triggers.';
