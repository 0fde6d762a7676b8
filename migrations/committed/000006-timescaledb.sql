--! Previous: sha1:5d550af4c68e064bc7a3713014ea5a951b38c2e1
--! Hash: sha1:06c5bd0eb4e3c98f1b498dac72443543a992fb7b
--! Message: timescaledb

/*
 * The hypertable, its compression and the continuous aggregates.
 */

-- No default index on timestamp alone: every query names its source, and the primary key serves both directions.
select create_hypertable(
  'public.timeseries_data', by_range('timestamp', interval '1 month'), create_default_indexes => false
);

-- Settings -----------------------------------------------------------------------------------------------------------

-- For every session, because background jobs, triggers and what a DBA writes need them as well.
do $$
begin
  -- A plan over many chunks looks expensive enough to be compiled, which takes 100 ms and more, even to update one row.
  execute format('alter database %I set jit = off', pg_catalog.current_database());

  -- Batches of 2000 rows instead of 1000: minute candles take a tenth less. Older versions of TimescaleDB refuse it and
  -- keep theirs.
  if exists (
    select
    from pg_catalog.pg_settings as s
    where s.name = 'timescaledb.compression_batch_size_limit' and s.max_val::bigint >= 2000
  ) then
    execute format(
      'alter database %I set timescaledb.compression_batch_size_limit = 2000', pg_catalog.current_database()
    );
  end if;
end
$$;

-- Compression --------------------------------------------------------------------------------------------------------

alter table public.timeseries_data set (
  timescaledb.compress,
  timescaledb.compress_segmentby = 'source_id',
  timescaledb.compress_orderby = 'timestamp desc',
  -- A daily series has 30 rows a month, too few to compress. A month that is compressed joins those before it, up to three
  -- years; with retention, which drops whole chunks, up to one: see set_retention().
  timescaledb.compress_chunk_time_interval = '1080 days'
);

-- Continuous aggregates ----------------------------------------------------------------------------------------------

-- include: functions/bounded_level.sql (a copy: edit that file, then npm run compose)
-- 1e100 is far beyond any market. Near the end of numeric, at 1e131072, a deviation takes seconds, or overflows.
create or replace function app_private.bounded_level(level numeric) returns numeric
language sql immutable
return case
  when level > power(10::numeric, 100) then power(10::numeric, 100)
  when level < -power(10::numeric, 100) then -power(10::numeric, 100)
  else level
end;

comment on function app_private.bounded_level(numeric) is
  'A level, cut to what mean, deviation and quotients can be computed of.';
-- end of functions/bounded_level.sql

-- Rows that carry only a close count as a candle of that one price. What is summed up is bounded: a sum that overflows
-- would end every refresh, of all sources.
create materialized view public.daily_ohlcv
with (timescaledb.continuous, timescaledb.materialized_only = false) as
select
  source_id,
  time_bucket(interval '1 day', timestamp) as day,
  first(coalesce(open, close), timestamp) as open,
  max(coalesce(high, close)) as high,
  min(coalesce(low, close)) as low,
  last(close, timestamp) as close,
  sum(app_private.bounded_level(volume)) as volume,
  count(*) as data_points
from public.timeseries_data
where close is not null
group by source_id, time_bucket(interval '1 day', timestamp)
with no data;

comment on view public.daily_ohlcv is 'Daily candles (UTC) of every series that has a close. Kept fresh by a policy, real-time at the newest end.';
comment on column public.daily_ohlcv.source_id is 'The series.';
comment on column public.daily_ohlcv.day is 'Start of the day, UTC.';
comment on column public.daily_ohlcv.open is 'First price of the day.';
comment on column public.daily_ohlcv.high is 'Highest price of the day.';
comment on column public.daily_ohlcv.low is 'Lowest price of the day.';
comment on column public.daily_ohlcv.close is 'Last price of the day.';
comment on column public.daily_ohlcv.volume is 'Volume of the day.';
comment on column public.daily_ohlcv.data_points is 'Number of rows.';

create materialized view public.hourly_ohlcv
with (timescaledb.continuous, timescaledb.materialized_only = false) as
select
  source_id,
  time_bucket(interval '1 hour', timestamp) as hour,
  first(coalesce(open, close), timestamp) as open,
  max(coalesce(high, close)) as high,
  min(coalesce(low, close)) as low,
  last(close, timestamp) as close,
  sum(app_private.bounded_level(volume)) as volume,
  count(*) as data_points
from public.timeseries_data
where close is not null
group by source_id, time_bucket(interval '1 hour', timestamp)
with no data;

comment on view public.hourly_ohlcv is 'Hourly candles of every series that has a close. Kept fresh by a policy, real-time at the newest end.';
comment on column public.hourly_ohlcv.source_id is 'The series.';
comment on column public.hourly_ohlcv.hour is 'Start of the hour.';
comment on column public.hourly_ohlcv.open is 'First price of the hour.';
comment on column public.hourly_ohlcv.high is 'Highest price of the hour.';
comment on column public.hourly_ohlcv.low is 'Lowest price of the hour.';
comment on column public.hourly_ohlcv.close is 'Last price of the hour.';
comment on column public.hourly_ohlcv.volume is 'Volume of the hour.';
comment on column public.hourly_ohlcv.data_points is 'Number of rows.';

create materialized view public.hourly_values
with (timescaledb.continuous, timescaledb.materialized_only = false) as
select
  source_id,
  time_bucket(interval '1 hour', timestamp) as hour,
  avg(app_private.bounded_level(coalesce(close, value))) as avg_value,
  min(coalesce(close, value)) as min_value,
  max(coalesce(close, value)) as max_value,
  last(coalesce(close, value), timestamp) as last_value,
  count(*) as data_points,
  stddev_samp(app_private.bounded_level(coalesce(close, value))) as volatility
from public.timeseries_data
where coalesce(close, value) is not null
group by source_id, time_bucket(interval '1 hour', timestamp)
with no data;

comment on view public.hourly_values is 'Hourly statistics of the level, coalesce(close, value), of every series. Kept fresh by a policy, real-time at the newest end.';
comment on column public.hourly_values.source_id is 'The series.';
comment on column public.hourly_values.hour is 'Start of the hour.';
comment on column public.hourly_values.avg_value is 'Mean level.';
comment on column public.hourly_values.min_value is 'Lowest level.';
comment on column public.hourly_values.max_value is 'Highest level.';
comment on column public.hourly_values.last_value is 'Last level.';
comment on column public.hourly_values.data_points is 'Number of rows that have a level.';
comment on column public.hourly_values.volatility is 'Sample standard deviation of the level within the hour; null for a single row.';

create materialized view public.weekly_stats
with (timescaledb.continuous, timescaledb.materialized_only = false) as
select
  source_id,
  time_bucket(interval '1 week', timestamp) as week,
  avg(app_private.bounded_level(coalesce(close, value))) as avg_value,
  min(coalesce(close, value)) as min_value,
  max(coalesce(close, value)) as max_value,
  last(coalesce(close, value), timestamp) as last_value,
  stddev_samp(app_private.bounded_level(coalesce(close, value))) as volatility,
  sum(app_private.bounded_level(volume)) as volume,
  count(*) as data_points,
  count(*) filter (where is_anomaly) as anomalies,
  count(*) filter (where not is_validated) as invalid_points,
  sum(quality_score) as quality_sum,
  min(quality_score) as min_quality
from public.timeseries_data
group by source_id, time_bucket(interval '1 week', timestamp)
with no data;

comment on view public.weekly_stats is 'Weekly statistics (weeks start on Monday, UTC) of level and quality of every series. Freshness and quality views count by it.';
comment on column public.weekly_stats.source_id is 'The series.';
comment on column public.weekly_stats.week is 'Monday of the week, UTC.';
comment on column public.weekly_stats.avg_value is 'Mean level.';
comment on column public.weekly_stats.min_value is 'Lowest level.';
comment on column public.weekly_stats.max_value is 'Highest level.';
comment on column public.weekly_stats.last_value is 'Level of the last row.';
comment on column public.weekly_stats.volatility is 'Sample standard deviation of the level.';
comment on column public.weekly_stats.volume is 'Volume of the week.';
comment on column public.weekly_stats.data_points is 'Number of rows.';
comment on column public.weekly_stats.anomalies is 'Rows beyond 4 sigma.';
comment on column public.weekly_stats.invalid_points is 'Rows that violate a rule of severity ERROR.';
comment on column public.weekly_stats.quality_sum is 'Sum of the scores; divided by data_points the mean score.';
comment on column public.weekly_stats.min_quality is 'Worst score.';

create table app_private.retention_runs (
  dropped_until timestamptz not null,
  dropped_at timestamptz not null default now()
);
comment on table app_private.retention_runs is 'What retention has dropped: everything before dropped_until.';
