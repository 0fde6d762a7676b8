-- TimescaleDB notes that a wholly compressed chunk now has uncompressed rows beside only when the statement that wrote
-- them ends. Statement triggers run before, and to them the rows are invisible. An insert of its own, which changes
-- nothing because its row exists, makes TimescaleDB take the note.
create or replace function app_private.reveal_rows(stretches app_private.stretch[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  sealed record;
begin
  for sealed in
    select c.range_start, c.range_end
    from app_private.chunks_between(
      (select min(s.first_moment) from unnest(stretches) as s),
      (select max(s.last_moment) from unnest(stretches) as s)
    ) as c
    where c.is_sealed
  loop
    insert into public.timeseries_data (source_id, timestamp)
    select s.source_id, m.moment
    from unnest(stretches) as s
    cross join unnest(s.moments) as m (moment)
    where m.moment >= sealed.range_start and m.moment < sealed.range_end
    limit 1
    on conflict (source_id, timestamp) do nothing;
  end loop;
end
$$;

comment on function app_private.reveal_rows(app_private.stretch[]) is
  'Makes rows that the running statement wrote into compressed chunks visible to its triggers.';
