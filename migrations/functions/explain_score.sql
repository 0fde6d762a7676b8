create or replace function public.explain_score(source_id int, moment timestamptz)
returns table (check_name text, points int, reason text)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
#variable_conflict use_column
declare
  source public.sources;
  stored public.timeseries_data;
  previous_level numeric;
  missing text;
begin
  perform app_private.require_source(explain_score.source_id);
  select s.* into strict source from public.sources as s where s.source_id = explain_score.source_id;
  select d.* into stored
  from public.timeseries_data as d
  where d.source_id = explain_score.source_id and d.timestamp = moment;
  if not found then
    return;
  end if;

  select string_agg(c.name, ', ')
  into missing
  from (
    values
      ('open', stored.open, 'ohlcv'), ('high', stored.high, 'ohlcv'), ('low', stored.low, 'ohlcv'),
      ('close', stored.close, 'ohlcv'), ('volume', stored.volume, 'ohlcv'), ('value', stored.value, 'other')
  ) as c (name, value, kind)
  where c.value is null and (c.kind = 'ohlcv') = (source.data_type = 'ohlcv');
  if missing is not null then
    return query select 'completeness', 30, missing || ' missing';
  end if;

  if not stored.is_backfilled and stored.created_at > stored.timestamp + 2 * source.update_frequency then
    return query
    select 'timeliness', 20, format('arrived %s after its time, later than 2 × %s', stored.created_at - stored.timestamp, source.update_frequency);
  end if;

  previous_level := (
    app_private.history_before(explain_score.source_id, moment, source.update_frequency)
  ).last_level;
  if abs(app_private.bounded_level(coalesce(stored.close, stored.value)) - previous_level) > 0.5 * abs(previous_level) then
    return query
    select 'consistency', 25, format('%s after %s, a change of more than 50 %%', coalesce(stored.close, stored.value), previous_level);
  end if;

  return query
  select 'validation', 10, format('%s: %s', r.rule_name, r.error_message)
  from unnest(app_private.violated_rules_guarded(
    stored.source_id, source.data_type, stored.timestamp, stored.open, stored.high, stored.low, stored.close, stored.volume, stored.value
  )) as v (rule_id)
  join public.validation_rules as r on r.rule_id = v.rule_id
  order by r.rule_name;
end
$$;

comment on function public.explain_score(int, timestamptz) is
  'What a row loses points for, by today''s rules and the rows that are there now: a line for each check, for each violated rule. None: it loses nothing, or there is no such row.';
