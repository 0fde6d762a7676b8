-- guarded: after an error, a rule that raises counts as violated.
create or replace function app_private.compute_scores(islands app_private.island[], guarded boolean)
returns setof app_private.score
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- A day is 24 hours, whatever the summer time of the session.
set timezone = 'UTC'
-- By the index in order of time, whatever the statistics said when the chunk was new.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
-- set_config is volatile, but what it sets ends with the function.
-- @plpgsql_check_options: other_warnings = off
declare
  island app_private.island;
  row_count int;
  most_rows int;
  stored_count int;
  middle int;
  is_alone boolean;
  is_whole boolean;
  source record;
  since timestamptz;
  history record;
begin
  -- One plan for all islands looks at each chunk when it starts, which is quick while there are few. To plan for the
  -- bounds of an island costs half a millisecond, however many chunks there are.
  if exists (select from pg_inherits as i where i.inhparent = 'public.timeseries_data'::regclass offset 12) then
    perform set_config('plan_cache_mode', 'force_custom_plan', true); -- until the function ends
  end if;

  foreach island in array islands loop
    row_count := cardinality(island.moments);
    is_alone := row_count = 1;
    is_whole := is_alone;
    if not is_alone then
      most_rows := 4 * row_count + 500;
      select count(*)
      into stored_count
      from (
        select
        from public.timeseries_data as d
        where d.source_id = island.source_id
          and d.timestamp >= island.first_moment
          and d.timestamp <= island.last_moment
        limit most_rows
      ) as d;

      -- With many others between them, each half is scored apart, and so on: rows that lie years apart do not make us
      -- read all that is between them.
      if stored_count = most_rows then
        middle := row_count / 2;
        return query
        select s.*
        from app_private.compute_scores(
          array[
            (island.source_id, island.first_moment, island.moments[middle], island.moments[:middle]),
            (island.source_id, island.moments[middle + 1], island.last_moment, island.moments[middle + 1:])
          ]::app_private.island[],
          guarded
        ) as s;
        continue;
      end if;

      -- Mostly every row between the first and the last was written, and none has to be looked up.
      is_whole := stored_count = row_count;
    end if;

    select s.data_type, s.update_frequency into source from public.sources as s where s.source_id = island.source_id;

    -- The 200 rows before the island. They are looked for close by first: a search without a lower bound opens every
    -- chunk there is.
    foreach since in array array[island.first_moment - 400 * least(source.update_frequency, interval '1 month'), '-infinity'] loop
      select
        min(h.timestamp) as first_moment,
        count(*) as row_count,
        (array_agg(h.level order by h.timestamp desc))[1] as last_level,
        count(h.level) as level_count,
        avg(h.level) as mean,
        stddev_samp(h.level) as stddev
      into history
      from (
        select d.timestamp, app_private.bounded_level(coalesce(d.close, d.value)) as level
        from public.timeseries_data as d
        where d.source_id = island.source_id and d.timestamp >= since and d.timestamp < island.first_moment
        order by d.timestamp desc
        limit 200
      ) as h;
      exit when history.row_count = 200;
    end loop;

    -- A row that came alone has the history just read. With others it shares a window that slides over all of them.
    if is_alone or history.row_count = 0 then
      since := island.first_moment;
    else
      since := history.first_moment;
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
        case source.data_type
          when 'ohlcv' then num_nulls(r.open, r.high, r.low, r.close, r.volume) > 0
          else r.value is null
        end as is_incomplete,
        not r.is_backfilled and r.created_at > r.timestamp + 2 * source.update_frequency as is_late,
        coalesce(abs(r.level - r.previous_level) > 0.5 * abs(r.previous_level), false) as is_jump,
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
        c.timestamp,
        c.quality_score,
        c.is_anomaly,
        c.is_validated,
        c.position,
        c.level,
        c.mean,
        c.stddev,
        c.is_outlier,
        greatest(0,
          100
          - case when c.is_incomplete then 30 else 0 end
          - case when c.is_late then 20 else 0 end
          - case when c.is_jump then 25 else 0 end
          - 10 * cardinality(c.violated)
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
  end loop;
end
$$;

comment on function app_private.compute_scores(app_private.island[], boolean) is
  'Scores rows by the contract of quality_score and is_anomaly; returns those that are outliers or stored with another score. Clean rows cost no write.';
