create or replace function app_private.score_island(island app_private.island, is_whole boolean, guarded boolean)
returns setof app_private.score
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  is_alone constant boolean := cardinality(island.moments) = 1;
  source record;
  history record;
  since timestamptz := island.first_moment;
begin
  select s.data_type, s.update_frequency into source from public.sources as s where s.source_id = island.source_id;
  history := app_private.history_before(island.source_id, island.first_moment, source.update_frequency);

  -- A row that came alone has the history just read. With others it shares a window that slides over all of them.
  if not is_alone then
    since := coalesce(history.first_moment, since);
  end if;

  return query
  with in_context as (
    select
      d.*,
      row_number() over before as position,
      case when is_alone then history.last_level else lag(d.level) over before end as previous_level,
      case when is_alone then history.level_count else count(d.level) over before end as history_count,
      case when is_alone then history.mean else avg(d.level) over before end as mean,
      case when is_alone then history.stddev else stddev_samp(d.level) over before end as stddev
    from (
      select t.*, app_private.bounded_level(coalesce(t.close, t.value)) as level
      from public.timeseries_data as t
      where t.source_id = island.source_id and t.timestamp >= since and t.timestamp <= island.last_moment
      offset 0 -- a fence: the level is computed once, not for each aggregate
    ) as d
    window before as (order by d.timestamp rows between 200 preceding and 1 preceding)
  ),
  checked as (
    select
      r.timestamp,
      r.quality_score,
      r.is_anomaly,
      r.is_validated,
      r.position,
      coalesce(r.close, r.value) as level,
      r.mean,
      r.stddev,
      app_private.completeness_loss(source.data_type, r.open, r.high, r.low, r.close, r.volume, r.value) as completeness_loss,
      app_private.timeliness_loss(r.is_backfilled, r.created_at, r.timestamp, source.update_frequency) as timeliness_loss,
      app_private.consistency_loss(r.level, r.previous_level) as consistency_loss,
      case
        when guarded then app_private.violated_rules_guarded(
          r.source_id, source.data_type, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value)
        else app_private.violated_rules(
          r.source_id, source.data_type, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value)
      end as violated,
      -- A flat history has stddev 0: any other level is an outlier.
      coalesce(r.history_count >= 30 and abs(r.level - r.mean) > 4 * r.stddev, false) as is_outlier
    from in_context as r
    where r.timestamp >= island.first_moment
      -- "is true" keeps this a look-up in a hash of the moments; as a join it would be planned by chance.
      and (is_whole or (r.timestamp in (select unnest(island.moments))) is true)
    offset 0 -- likewise each check
  ),
  scored as (
    select
      c.*,
      greatest(0,
        100 - c.completeness_loss - c.timeliness_loss - c.consistency_loss - app_private.validation_loss(c.violated)
      )::smallint as score,
      not c.violated && app_private.error_rules() as is_valid
    from checked as c
    offset 0 -- likewise each score
  )
  select
    island.source_id,
    r.timestamp::timestamptz,
    r.score,
    r.is_outlier,
    r.is_valid,
    (r.quality_score, r.is_anomaly, r.is_validated) is distinct from (r.score, r.is_outlier, r.is_valid),
    island.first_moment,
    r.position::int,
    case when r.is_outlier then r.level end,
    case when r.is_outlier then r.mean end,
    case when r.is_outlier then r.stddev end
  from scored as r
  where (r.quality_score, r.is_anomaly, r.is_validated) is distinct from (r.score, r.is_outlier, r.is_valid)
    or r.is_outlier;
end
$$;

comment on function app_private.score_island(app_private.island, boolean, boolean) is
  'Scores rows by the contract of quality_score and is_anomaly; returns those that are outliers or stored with another score. is_whole: no other row lies between them. guarded: a rule that raises counts as violated.';
