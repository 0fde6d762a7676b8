create or replace function app_private.tg_timeseries_data__updated() returns trigger
language plpgsql volatile
security definer
set search_path = pg_catalog, pg_temp
-- Planned once, run for one row as well as a million: a hash join is never a disaster, a nested loop is.
set enable_nestloop = off
as $$
declare
  source_ids int[];
  moments timestamptz[];
begin
  if exists (
    select from new_rows as n
    where not exists (select from old_rows as o where o.source_id = n.source_id and o.timestamp = n.timestamp)
  ) then
    raise exception 'source_id and timestamp of a stored row cannot be changed'
      using errcode = 'MD005',
            hint = 'Delete the row and insert it at its right place; both steps are archived and audited.';
  end if;

  select array_agg(n.source_id), array_agg(n.timestamp::timestamptz)
  into source_ids, moments
  from new_rows as n
  join old_rows as o on o.source_id = n.source_id and o.timestamp = n.timestamp
  where (o.open, o.high, o.low, o.close, o.volume, o.value)
    is distinct from (n.open, n.high, n.low, n.close, n.volume, n.value);

  if source_ids is null then
    -- Only verdicts have changed. The pipeline's own update comes from within a trigger; anyone else's is put right.
    if pg_trigger_depth() = 1 then
      select array_agg(n.source_id), array_agg(n.timestamp::timestamptz)
      into source_ids, moments
      from new_rows as n;
      perform app_private.score_rows(source_ids, moments);
    end if;
    return null;
  end if;

  perform app_private.score_rows(source_ids, moments);

  insert into public.audit_log (source_id, timestamp, action, table_name, old_value, new_value, changed_fields)
  select
    n.source_id,
    n.timestamp,
    case when current_setting('app.reason', true) <> '' then 'CORRECTION' else 'UPDATE' end::public.audit_action_enum,
    'timeseries_data',
    to_jsonb(o),
    to_jsonb(n) - '{quality_score,is_anomaly,is_validated}'::text[],
    c.changed_fields
  from new_rows as n
  join old_rows as o on o.source_id = n.source_id and o.timestamp = n.timestamp
  cross join lateral (
    select array_remove(array[
      case when o.close is distinct from n.close then 'close' end,
      case when o.high is distinct from n.high then 'high' end,
      case when o.low is distinct from n.low then 'low' end,
      case when o.open is distinct from n.open then 'open' end,
      case when o.value is distinct from n.value then 'value' end,
      case when o.volume is distinct from n.volume then 'volume' end
    ], null) as changed_fields
  ) as c
  where c.changed_fields <> '{}'
  order by n.source_id, n.timestamp;

  perform app_private.note_arrival(array(select distinct unnest(source_ids)));
  return null;
end
$$;

comment on function app_private.tg_timeseries_data__updated() is
  'Scores the rows whose observation an UPDATE or upsert changed, audits each of them, and tells registry and lineage.';
