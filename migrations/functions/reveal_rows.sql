-- TimescaleDB notes that a wholly compressed chunk now has uncompressed rows beside only when the statement that wrote
-- them ends. Statement triggers run before, and to them the rows are invisible. An insert of its own, which changes
-- nothing because its row exists, makes TimescaleDB take the note.
create or replace function app_private.reveal_rows(source_ids int[], timestamps timestamptz[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  sealed record;
begin
  for sealed in
    select c.range_start, c.range_end
    from app_private.chunks_between(
      (select min(t) from unnest(timestamps) as t), (select max(t) from unnest(timestamps) as t)
    ) as c
    where c.is_sealed
  loop
    insert into public.timeseries_data (source_id, timestamp)
    select key.source_id, key.moment
    from unnest(reveal_rows.source_ids, reveal_rows.timestamps) as key (source_id, moment)
    where key.moment >= sealed.range_start and key.moment < sealed.range_end
    limit 1
    on conflict (source_id, timestamp) do nothing;
  end loop;
end
$$;

comment on function app_private.reveal_rows(int[], timestamptz[]) is
  'Makes rows that the running statement wrote into compressed chunks visible to its triggers.';
