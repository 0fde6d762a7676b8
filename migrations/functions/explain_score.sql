-- By the same functions as score_island. The owner's rights: what scores is closed to readers.
create or replace function public.explain_score(source_id int, moment timestamptz)
returns table (check_name text, points_lost int, detail text)
language sql stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
-- Off, which everybody may set, it hides compressed rows.
set timescaledb.enable_columnarscan = on
as $$
  select c.check_name, c.points_lost, case when c.points_lost > 0 then c.detail end
  from public.timeseries_data as d
  join public.sources as s on s.source_id = d.source_id
  cross join lateral app_private.history_before(d.source_id, d.timestamp, s.update_frequency) as h
  cross join lateral (select app_private.bounded_level(coalesce(d.close, d.value)) as level) as l
  cross join lateral (
    select
      1 as position,
      'completeness' as check_name,
      app_private.completeness_loss(s.data_type, d.open, d.high, d.low, d.close, d.volume, d.value) as points_lost,
      'missing: ' || case s.data_type
        when 'ohlcv' then concat_ws(', ',
          case when d.open is null then 'open' end, case when d.high is null then 'high' end,
          case when d.low is null then 'low' end, case when d.close is null then 'close' end,
          case when d.volume is null then 'volume' end)
        else 'value'
      end as detail
    union all
    select
      2,
      'timeliness',
      app_private.timeliness_loss(d.is_backfilled, d.created_at, d.timestamp, s.update_frequency),
      format('arrived %s after its time, of a source that has a row every %s',
        date_trunc('second', d.created_at - d.timestamp), s.update_frequency)
    union all
    select
      3,
      'consistency',
      app_private.consistency_loss(l.level, h.last_level),
      format('%s after %s', trim_scale(l.level), trim_scale(h.last_level))
    union all
    select 4, 'validation: ' || r.rule_name, app_private.validation_loss(array[r.rule_id]), r.error_message
    from unnest(app_private.violated_rules_guarded(
      d.source_id, s.data_type, d.timestamp, d.open, d.high, d.low, d.close, d.volume, d.value)) as v (rule_id)
    join public.validation_rules as r on r.rule_id = v.rule_id
  ) as c
  where d.source_id = explain_score.source_id
    and d.timestamp = moment
  order by c.position, c.check_name
$$;

comment on function public.explain_score(int, timestamptz) is
  'What each check takes off the score of a row, and why, by what is stored now: rescore would give it 100 less these points, at least 0.';
