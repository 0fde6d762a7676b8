create or replace procedure public.rescore(
  source_id int, range_start timestamptz default null, range_end timestamptz default null
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  stretch app_private.stretch;
begin
  perform app_private.require_source(rescore.source_id);
  perform app_private.require_range(range_start, range_end);

  -- One stretch after the other bounds memory; the order does not matter, because levels do not change.
  for stretch in
    select d.source_id, min(d.timestamp), max(d.timestamp), array_agg(d.timestamp::timestamptz)
    from public.timeseries_data as d
    join public.sources as s on s.source_id = d.source_id
    where d.source_id = rescore.source_id
      and d.timestamp between coalesce(range_start, '-infinity') and coalesce(range_end, 'infinity')
    group by d.source_id, app_private.stretch_of(d.timestamp, s.update_frequency)
  loop
    perform app_private.score_rows(array[stretch]);
  end loop;
end
$$;

comment on procedure public.rescore(int, timestamptz, timestamptz) is
  'Scores the rows of a source from range_start to range_end (both included, null: open) again, for neighbours that arrived out of order or rules that changed.';
