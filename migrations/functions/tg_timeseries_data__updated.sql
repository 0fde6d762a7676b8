create or replace function app_private.tg_timeseries_data__updated() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
-- Planned once, run for one row as well as a million: a hash join is never a disaster, a nested loop is, and a merge join
-- sorts both sides. 20,000 rows and their audit entries have room in memory.
set enable_nestloop = off
set enable_mergejoin = off
set work_mem = '32MB'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
declare
  islands app_private.island[];
  arrived_source_ids int[];
begin
  -- The pipeline stores its scores with a token that nobody else can read. To come from within a trigger would prove
  -- nothing: everybody may have triggers on temporary tables.
  if current_setting('app.pipeline_token', true) <> ''
    and exists (select from app_private.pipeline_token as p where p.token = current_setting('app.pipeline_token', true)) then
    return null;
  end if;

  -- Rows whose observation or arrival changed, and rows whose score somebody else changed.
  select
    array_agg((t.source_id, t.first_moment, t.last_moment, t.moments)::app_private.island),
    array_agg(distinct t.source_id) filter (where t.has_arrived)
  into islands, arrived_source_ids
  from (
    select
      r.slice,
      r.source_id,
      min(r.timestamp) as first_moment,
      max(r.timestamp) as last_moment,
      array_agg(r.timestamp::timestamptz order by r.timestamp) as moments,
      bool_or(r.is_observation) as has_arrived
    from (
      select
        n.source_id,
        n.timestamp,
        c.is_observation,
        (row_number() over (order by n.source_id, n.timestamp) - 1) / 10000 as slice
      from new_rows as n
      join old_rows as o on o.source_id = n.source_id and o.timestamp = n.timestamp
      cross join lateral (
        select
          (o.open, o.high, o.low, o.close, o.volume, o.value) is distinct from
            (n.open, n.high, n.low, n.close, n.volume, n.value) as is_observation,
          (o.created_at, o.is_backfilled) is distinct from (n.created_at, n.is_backfilled) as is_arrival,
          (o.quality_score, o.is_anomaly, o.is_validated) is distinct from
            (n.quality_score, n.is_anomaly, n.is_validated) as is_score
      ) as c
      where c.is_observation or c.is_arrival or c.is_score
    ) as r
    group by r.slice, r.source_id
  ) as t;

  if islands is null then
    return null;
  end if;

  perform app_private.reveal_rows(islands);
  perform app_private.score_rows(islands);

  -- The columns in the order in which jsonb keeps its keys, which spares sorting them for each row.
  insert into public.audit_log (source_id, timestamp, action, table_name, old_value, new_value, changed_fields)
  select
    n.source_id,
    n.timestamp,
    case when current_setting('app.reason', true) <> '' then 'CORRECTION' else 'UPDATE' end::public.audit_action_enum,
    'timeseries_data',
    (
      select to_jsonb(r)
      from (
        select
          o.low, o.high, o.open, o.close, o.value, o.volume, o.source_id, o.timestamp, o.created_at, o.is_anomaly,
          o.updated_at, o.is_validated, o.is_backfilled, o.quality_score
      ) as r
    ),
    (
      select to_jsonb(r)
      from (
        select
          n.low, n.high, n.open, n.close, n.value, n.volume, n.source_id, n.timestamp, n.created_at,
          n.updated_at, n.is_backfilled
      ) as r
    ),
    c.changed_fields
  from new_rows as n
  join old_rows as o on o.source_id = n.source_id and o.timestamp = n.timestamp
  cross join lateral (
    select array_remove(array[
      case when o.close is distinct from n.close then 'close' end,
      case when o.created_at is distinct from n.created_at then 'created_at' end,
      case when o.high is distinct from n.high then 'high' end,
      case when o.is_backfilled is distinct from n.is_backfilled then 'is_backfilled' end,
      case when o.low is distinct from n.low then 'low' end,
      case when o.open is distinct from n.open then 'open' end,
      case when o.value is distinct from n.value then 'value' end,
      case when o.volume is distinct from n.volume then 'volume' end
    ], null) as changed_fields
    offset 0 -- a fence: computed once, not again for the condition
  ) as c
  where c.changed_fields <> '{}'
  order by n.source_id, n.timestamp;

  if arrived_source_ids is not null then
    perform app_private.note_arrival(arrived_source_ids);
  end if;
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__updated() is
  'Scores the rows whose observation an UPDATE or upsert changed, audits each of them, and tells registry and lineage.';
