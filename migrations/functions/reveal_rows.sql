-- TimescaleDB notes that a wholly compressed chunk now has uncompressed rows beside only when the statement that wrote
-- them ends. Statement triggers run before, and to them the rows are invisible. An insert of its own, which changes
-- nothing because its row exists, makes TimescaleDB take the note.
create or replace function app_private.reveal_rows(stretches app_private.stretch[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  sealed record;
  written record;
begin
  for sealed in
    select c.range_start, c.range_end
    from app_private.chunks_between(
      (select min(s.first_moment) from unnest(stretches) as s),
      (select max(s.last_moment) from unnest(stretches) as s)
    ) as c
    where c.is_sealed
  loop
    for written in
      select s.source_id, m.moment
      from unnest(stretches) as s
      cross join unnest(s.moments) as m (moment)
      where s.last_moment >= sealed.range_start
        and s.first_moment < sealed.range_end
        and m.moment >= sealed.range_start
        and m.moment < sealed.range_end
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

comment on function app_private.reveal_rows(app_private.stretch[]) is
  'Makes rows that the running statement wrote into compressed chunks visible to its triggers.';
