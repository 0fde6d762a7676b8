create or replace function app_private.tg_timeseries_data__inserted() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  islands app_private.island[];
  source_ids int[];
begin
  islands := array(
    select
      (
        n.source_id,
        min(n.timestamp),
        max(n.timestamp),
        array_agg(n.timestamp::timestamptz order by n.timestamp)
      )::app_private.island
    from (
      select r.source_id, r.timestamp, (row_number() over (order by r.source_id, r.timestamp) - 1) / 10000 as slice
      from new_rows as r
    ) as n
    group by n.slice, n.source_id
  );

  -- An upsert fires this trigger even when all of its rows existed.
  if islands = '{}' then
    return null;
  end if;

  source_ids := array(select distinct i.source_id from unnest(islands) as i);
  perform app_private.lock_sources(source_ids);
  perform app_private.reveal_rows(islands);
  perform app_private.score_rows(islands);

  -- Whatever is not certainly an INSERT may be a COPY, or a function that copies.
  if current_query() !~* '^\s*(insert|with|merge)\M' or current_query() ~* '\mcopy\M' then
    perform app_private.invalidate_aggregates(islands);
  end if;

  -- One entry for each source: the row itself when it came alone, else what came. The score is not part of it.
  insert into public.audit_log (source_id, timestamp, action, table_name, new_value)
  select
    came.source_id,
    case when came.row_count = 1 then came.first_moment end,
    'INSERT',
    'timeseries_data',
    case
      when came.row_count = 1 then (
        select to_jsonb(n) - '{quality_score,is_anomaly,is_validated}'::text[]
        from new_rows as n
        where n.source_id = came.source_id
      )
      else jsonb_build_object('rows', came.row_count, 'from', came.first_moment, 'to', came.last_moment)
    end
  from (
    select
      i.source_id,
      sum(cardinality(i.moments)) as row_count,
      min(i.first_moment) as first_moment,
      max(i.last_moment) as last_moment
    from unnest(islands) as i
    group by i.source_id
  ) as came
  order by came.source_id;

  perform app_private.note_arrival(source_ids);
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__inserted() is
  'Checks the sources of the rows of an INSERT or COPY, scores the rows, writes one audit entry for each source, and tells registry and lineage.';
