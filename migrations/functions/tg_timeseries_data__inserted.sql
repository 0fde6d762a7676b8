create or replace function app_private.tg_timeseries_data__inserted() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  source_ids int[];
  moments timestamptz[];
begin
  select array_agg(n.source_id), array_agg(n.timestamp::timestamptz)
  into source_ids, moments
  from new_rows as n;

  -- An upsert fires this trigger even when all of its rows existed.
  if source_ids is null then
    return null;
  end if;

  perform app_private.reveal_rows(source_ids, moments);
  perform app_private.score_rows(source_ids, moments);

  -- Whatever is not certainly an INSERT may be a COPY, or a function that copies.
  if current_query() !~* '^\s*(insert|with|merge)\M' or current_query() ~* '\mcopy\M' then
    perform app_private.invalidate_aggregates(source_ids, moments);
  end if;

  -- One entry for each source: the row itself when it came alone, else what came. The verdict is not part of it.
  insert into public.audit_log (source_id, timestamp, action, table_name, new_value)
  select
    n.source_id,
    case when count(*) = 1 then min(n.timestamp) end,
    'INSERT',
    'timeseries_data',
    case
      when count(*) = 1 then (
        select to_jsonb(single) - '{quality_score,is_anomaly,is_validated}'::text[]
        from new_rows as single
        where single.source_id = n.source_id
      )
      else jsonb_build_object('rows', count(*), 'from', min(n.timestamp), 'to', max(n.timestamp))
    end
  from new_rows as n
  group by n.source_id
  order by n.source_id;

  perform app_private.note_arrival(array(select distinct unnest(source_ids)));
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__inserted() is
  'Scores the rows of an INSERT or COPY, writes one audit entry for each source, and tells registry and lineage.';
