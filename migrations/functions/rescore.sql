create or replace procedure public.rescore(source_id int, range_start timestamptz default null, range_end timestamptz default null)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  month record;
begin
  perform app_private.require_source(rescore.source_id);
  perform app_private.require_range(range_start, range_end);

  -- A month at a time bounds memory; the order does not matter, because levels do not change.
  for month in
    select array_agg(d.source_id) as source_ids, array_agg(d.timestamp::timestamptz) as moments
    from public.timeseries_data as d
    where d.source_id = rescore.source_id
      and d.timestamp between coalesce(range_start, '-infinity') and coalesce(range_end, 'infinity')
    group by date_trunc('month', d.timestamp, 'UTC')
  loop
    perform app_private.score_rows(month.source_ids, month.moments);
  end loop;
end
$$;

comment on procedure public.rescore(int, timestamptz, timestamptz) is
  'Scores the rows of a source from range_start to range_end (both included, null: open) again, for neighbours that arrived out of order or rules that changed.';
