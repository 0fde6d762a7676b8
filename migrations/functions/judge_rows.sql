create or replace function app_private.judge_rows(source_ids int[], timestamps timestamptz[], guarded boolean)
returns setof app_private.verdict
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- A day is 24 hours, whatever the summer time of the session.
set timezone = 'UTC'
-- The plan is made once and serves one row as well as a million: a hash join is never a disaster, a nested loop is.
set enable_nestloop = off
set jit = off
as $$
declare
  is_live constant boolean := not app_private.is_backfill();
begin
  return query
  with touched as (
    select key.source_id, key.moment
    from unnest(judge_rows.source_ids, judge_rows.timestamps) as key (source_id, moment)
  ),
  -- Touched rows are taken in stretches of 5000 intervals: those of a batch share one read of their history, those that
  -- lie years apart do not make us read all that is between them.
  stretches as (
    select t.source_id, min(t.moment) as first_moment, max(t.moment) as last_moment
    from touched as t
    join public.sources as s on s.source_id = t.source_id
    group by t.source_id, floor(date_part('epoch', t.moment) / (5000 * date_part('epoch', s.update_frequency)))
  ),
  -- Each row of a stretch with its previous row and the 200 rows before it.
  in_context as (
    select h.*, s.data_type, s.update_frequency
    from stretches as i
    join public.sources as s on s.source_id = i.source_id
    cross join lateral (
      select coalesce(min(earlier.timestamp), i.first_moment) as since
      from (
        select d.timestamp
        from public.timeseries_data as d
        where d.source_id = i.source_id and d.timestamp < i.first_moment
        order by d.timestamp desc
        limit 200
      ) as earlier
    ) as context
    cross join lateral (
      select
        d.*,
        coalesce(d.close, d.value) as level,
        lag(coalesce(d.close, d.value)) over history as previous_level,
        count(coalesce(d.close, d.value)) over history as history_count,
        avg(coalesce(d.close, d.value)) over history as mean,
        stddev_samp(coalesce(d.close, d.value)) over history as stddev
      from public.timeseries_data as d
      where d.source_id = i.source_id and d.timestamp between context.since and i.last_moment
      window history as (order by d.timestamp rows between 200 preceding and 1 preceding)
    ) as h
    where h.timestamp >= i.first_moment
      -- "is true" keeps this a look-up in a hash of the keys; as a join it would be built on the wider side.
      and ((h.source_id, h.timestamp) in (select t.source_id, t.moment from touched as t)) is true
  ),
  checked as (
    select
      r.*,
      case r.data_type
        when 'ohlcv' then num_nulls(r.open, r.high, r.low, r.close, r.volume) > 0
        else r.value is null
      end as is_incomplete,
      is_live and not r.is_backfilled and r.created_at > r.timestamp + 2 * r.update_frequency as is_late,
      coalesce(abs(r.level - r.previous_level) > 0.5 * abs(r.previous_level), false) as is_jump,
      case
        when guarded then app_private.violated_rules_guarded(
          r.source_id, r.data_type, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value)
        else app_private.violated_rules(
          r.source_id, r.data_type, r.timestamp, r.open, r.high, r.low, r.close, r.volume, r.value)
      end as violated,
      -- A flat history has stddev 0: any other level is an outlier.
      coalesce(r.history_count >= 30 and abs(r.level - r.mean) > 4 * r.stddev, false) as is_outlier
    from in_context as r
    offset 0 -- a fence: each check is computed once, not wherever it is used below
  ),
  scored as (
    select
      c.*,
      greatest(0,
        100
        - case when c.is_incomplete then 30 else 0 end
        - case when c.is_late then 20 else 0 end
        - case when c.is_jump then 25 else 0 end
        - 10 * cardinality(c.violated)
      )::smallint as score,
      not c.violated && app_private.error_rules() as is_valid
    from checked as c
    offset 0 -- likewise
  )
  select
    r.source_id,
    r.timestamp::timestamptz,
    r.score,
    r.is_outlier,
    r.is_valid,
    (r.quality_score, r.is_anomaly, r.is_validated) is distinct from (r.score, r.is_outlier, r.is_valid),
    r.level,
    r.mean,
    r.stddev
  from scored as r
  where (r.quality_score, r.is_anomaly, r.is_validated) is distinct from (r.score, r.is_outlier, r.is_valid)
    or r.is_outlier;
end
$$;

comment on function app_private.judge_rows(int[], timestamptz[], boolean) is
  'Scores rows by the contract of quality_score and is_anomaly; returns those that are outliers or stored with another verdict. Clean rows cost no write.';
