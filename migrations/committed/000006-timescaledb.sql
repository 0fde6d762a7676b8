--! Previous: sha1:d6810672e94d1d1fd96d1590f7f42ae8bb27e758
--! Hash: sha1:d73a8752357d53d6dd265e27740e6735f8a51102
--! Message: timescaledb

/*
 * The hypertable, its compression, the continuous aggregates, and the views that watch over them.
 */

-- No default index on timestamp alone: every query names its source, and the primary key serves both directions.
select create_hypertable(
  'public.timeseries_data', by_range('timestamp', interval '1 month'), create_default_indexes => false
);

-- Compression --------------------------------------------------------------------------------------------------------

alter table public.timeseries_data set (
  timescaledb.compress,
  timescaledb.compress_segmentby = 'source_id',
  timescaledb.compress_orderby = 'timestamp desc',
  -- A daily series has 30 rows a month, too few to compress. A month that is compressed joins the others of its year.
  timescaledb.compress_chunk_time_interval = '360 days'
);

-- Batches of 2000 rows instead of 1000: minute candles take a tenth less. Older versions of TimescaleDB refuse it and
-- keep theirs. For every session, because compression is also a background job.
do $$
begin
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

-- Continuous aggregates ----------------------------------------------------------------------------------------------

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

-- include: functions/dropped_until.sql
create or replace function app_private.dropped_until() returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select max(r.dropped_until) from app_private.retention_runs as r;
$$;

comment on function app_private.dropped_until() is
  'History before this moment was dropped by retention and lives on in the aggregates only; null when nothing was dropped.';
-- end of functions/dropped_until.sql
-- include: functions/describe_aggregates.sql
create or replace function app_private.describe_aggregates()
returns table (
  relation regclass,
  aggregate text,
  based_on text,
  level int,
  is_real_time boolean,
  materialized_until timestamptz,
  job_id int,
  schedule_interval interval,
  last_refresh timestamptz,
  last_status text,
  total_failures bigint,
  next_refresh timestamptz
)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with recursive found as (
    select a.*, 'timeseries_data' as based_on, 1 as level
    from timescaledb_information.continuous_aggregates as a
    where a.hypertable_schema = 'public' and a.hypertable_name = 'timeseries_data'
    union all
    select a.*, c.oid::regclass::text, f.level + 1
    from found as f
    join timescaledb_information.continuous_aggregates as a
      on a.hypertable_schema = f.materialization_hypertable_schema
      and a.hypertable_name = f.materialization_hypertable_name
    -- Not by a cast of the name, which fails where the role may not enter the schema.
    join pg_namespace as n on n.nspname = f.view_schema
    join pg_class as c on c.relnamespace = n.oid and c.relname = f.view_name
  )
  select
    c.oid::regclass,
    c.oid::regclass::text,
    a.based_on,
    a.level,
    not a.materialized_only,
    -- The least timestamp, in microseconds, stands for never.
    case when w.watermark > -210866803200000000 then _timescaledb_functions.to_timestamp(w.watermark) end,
    j.job_id,
    j.schedule_interval,
    case when isfinite(t.last_run_started_at) then t.last_run_started_at end,
    t.last_run_status,
    t.total_failures,
    case when isfinite(t.next_start) then t.next_start end
  from found as a
  join pg_namespace as n on n.nspname = a.view_schema
  join pg_class as c on c.relnamespace = n.oid and c.relname = a.view_name
  join _timescaledb_catalog.hypertable as h
    on h.schema_name = a.materialization_hypertable_schema and h.table_name = a.materialization_hypertable_name
  cross join lateral (select _timescaledb_functions.cagg_watermark(h.id) as watermark) as w
  left join lateral (
    select j.job_id, j.schedule_interval
    from timescaledb_information.jobs as j
    where j.hypertable_schema = a.view_schema
      and j.hypertable_name = a.view_name
      and j.proc_name = 'policy_refresh_continuous_aggregate'
    order by j.job_id
    limit 1
  ) as j on true
  left join timescaledb_information.job_stats as t on t.job_id = j.job_id
  order by a.level, 2;
$$;

comment on function app_private.describe_aggregates() is
  'The rows of aggregate_refresh_status: the continuous aggregates on timeseries_data, and those on them, in the order in which to refresh.';
-- end of functions/describe_aggregates.sql
-- include: functions/schedule_refresh.sql
create or replace function app_private.schedule_refresh() returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  found_one record;
  -- Only invalidated ranges are computed, so the policies may look at all of history. With retention they must not:
  -- a refresh of dropped chunks would empty the aggregates, which are meant to outlive the rows. What was dropped once
  -- stays out of reach, also when retention is turned off again.
  reach constant interval := least(
    (
      select (j.config ->> 'drop_after')::interval
      from timescaledb_information.jobs as j
      where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks'
    ),
    now() - app_private.dropped_until()
  );
begin
  for found_one in
    select a.relation, a.aggregate, a.job_id, j.schedule_interval, j.config
    from app_private.describe_aggregates() as a
    join pg_class as c on c.oid = a.relation
    left join timescaledb_information.jobs as j on j.job_id = a.job_id
    where pg_has_role(c.relowner, 'usage')
      and (a.job_id is null or (j.config ->> 'start_offset')::interval is distinct from reach)
  loop
    begin
      -- Altered, a policy would not be checked against the width of a bucket.
      perform remove_continuous_aggregate_policy(found_one.relation, if_exists => true);
      perform add_continuous_aggregate_policy(
        found_one.relation,
        start_offset => reach,
        end_offset => case
          when found_one.job_id is null then interval '1 hour'
          else (found_one.config ->> 'end_offset')::interval
        end,
        schedule_interval => coalesce(found_one.schedule_interval, interval '1 hour'),
        -- The default of ten buckets takes minutes for years of hours.
        buckets_per_batch => coalesce((found_one.config ->> 'buckets_per_batch')::int, 20000)
      );
    exception
      when invalid_parameter_value then
        perform remove_continuous_aggregate_policy(found_one.relation, if_exists => true);
        raise warning 'the continuous aggregate % has no refresh policy: %', found_one.aggregate, sqlerrm
          using hint = 'Keep rows for at least two of its buckets, or drop the aggregate.';
    end;
  end loop;
end
$$;

comment on function app_private.schedule_refresh() is
  'Gives every continuous aggregate a refresh policy, unless it has one, and has the policies leave alone what retention drops or has dropped.';
-- end of functions/schedule_refresh.sql
select app_private.schedule_refresh();
select alter_job(j.job_id, schedule_interval => interval '30 minutes')
from timescaledb_information.jobs as j
where j.hypertable_schema = 'public' and j.hypertable_name in ('hourly_ohlcv', 'hourly_values');

-- Maintenance --------------------------------------------------------------------------------------------------------

-- include: functions/is_refreshing.sql
-- Two refreshes of one continuous aggregate: TimescaleDB refuses the second with 55P03, in older versions it waits.
create or replace function app_private.is_refreshing(aggregate regclass) returns boolean
language plpgsql volatile -- looks again, also within a transaction
set search_path = pg_catalog, pg_temp
as $$
begin
  if to_regclass('_timescaledb_catalog.continuous_aggs_jobs_refresh_ranges') is null then
    return false;
  end if;

  return exists (
    select
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    join _timescaledb_catalog.continuous_agg as a on a.user_view_schema = n.nspname and a.user_view_name = c.relname
    join _timescaledb_catalog.continuous_aggs_jobs_refresh_ranges as r on r.materialization_id = a.mat_hypertable_id
    -- A refresh that failed may have left its range.
    join pg_stat_activity as s on s.pid = r.pid and s.state is distinct from 'idle'
    where c.oid = aggregate and r.pid <> pg_backend_pid()
  );
end
$$;

comment on function app_private.is_refreshing(regclass) is 'Whether another session, perhaps a policy, refreshes a continuous aggregate.';
-- end of functions/is_refreshing.sql
-- include: functions/refresh_all_aggregates.sql
create or replace procedure public.refresh_all_aggregates(
  range_start timestamptz default null, range_end timestamptz default null, only_aggregate regclass default null
)
language plpgsql
as $$
declare
  aggregate regclass;
  -- Found, not listed. One of another owner is left to that owner.
  aggregates constant regclass[] := array(
    select a.relation
    from app_private.describe_aggregates() as a
    join pg_catalog.pg_class as c on c.oid = a.relation
    join pg_catalog.pg_class as d on d.oid = 'public.timeseries_data'::regclass
    where (c.relowner = d.relowner or pg_catalog.pg_has_role(c.relowner, 'usage'))
      and (only_aggregate is null or a.relation = only_aggregate)
    order by a.level, a.aggregate
  );
  -- A refresh takes whole buckets. With a month on either side those at the ends of the range are in it; what has not
  -- changed costs nothing. History that retention dropped lives on in the aggregates and must not be refreshed away.
  oldest constant timestamptz := greatest(app_private.dropped_until(), range_start - interval '1 month');
  newest constant timestamptz := range_end + interval '1 month';
begin
  perform app_private.require_range(range_start, range_end);
  foreach aggregate in array aggregates loop
    loop
      -- Each commit ends the effect of set local.
      set local search_path = pg_catalog, public, pg_temp;
      set local client_min_messages = warning;
      -- One at a time: the lock lasts until the refresh has said in its first commit that it is at it.
      perform pg_advisory_xact_lock(aggregate::oid::bigint);
      exit when not app_private.is_refreshing(aggregate);
      commit;
      perform pg_catalog.pg_sleep(0.1);
    end loop;
    -- By default a refresh goes through history ten buckets at a time, which takes minutes for years of hours.
    call refresh_continuous_aggregate(aggregate, oldest, newest, options => '{"buckets_per_batch": 20000}');
    commit;
  end loop;
end
$$;

comment on procedure public.refresh_all_aggregates(timestamptz, timestamptz, regclass) is
  'Brings the continuous aggregates up to date, those that are made of others after these: all or one, over all of history or where a range touches them. Only what has changed is computed. To be CALLed outside a transaction.';
-- end of functions/refresh_all_aggregates.sql
-- include: functions/open_chunks.sql
-- Statement triggers fire for the table, not for a chunk that is written directly: nobody but the owner may do that.
-- DELETE is different. The triggers of each row fire for chunks too, but not for the storage of compressed ones.
create or replace function app_private.open_chunks()
returns table (relation regclass, grantee text, privileges text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with storage as (
    select i.inhrelid as relid, array['SELECT', 'DELETE'] as harmless
    from pg_inherits as i
    where i.inhparent = 'public.timeseries_data'::regclass
    union all
    select s.compress_relid, array['SELECT']
    from pg_inherits as i
    join _timescaledb_catalog.compression_settings as s on s.relid = i.inhrelid
    where i.inhparent = 'public.timeseries_data'::regclass
    union all
    -- Until TimescaleDB 2.28 compressed chunks inherit the grants of a table of their own.
    select format('%I.%I', c.schema_name, c.table_name)::regclass, array['SELECT']
    from _timescaledb_catalog.hypertable as h
    join _timescaledb_catalog.hypertable as c on c.id = h.compressed_hypertable_id
    where h.schema_name = 'public' and h.table_name = 'timeseries_data'
  ),
  granted as (
    select s.relid, s.harmless, c.relowner, a.grantee, a.privilege_type
    from storage as s
    join pg_class as c on c.oid = s.relid
    cross join lateral aclexplode(c.relacl) as a
    union
    select s.relid, s.harmless, c.relowner, a.grantee, a.privilege_type
    from storage as s
    join pg_class as c on c.oid = s.relid
    join pg_attribute as t on t.attrelid = s.relid
    cross join lateral aclexplode(t.attacl) as a
    where t.attacl is not null
  )
  select
    g.relid::regclass,
    case when g.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end,
    string_agg(g.privilege_type, ', ' order by g.privilege_type)
  from granted as g
  where g.grantee <> g.relowner and g.privilege_type <> all (g.harmless)
  group by g.relid, g.grantee
  order by g.relid, g.grantee;
end
$$;

comment on function app_private.open_chunks() is
  'What others than the owner may do to chunks of timeseries_data past its triggers. Empty after close_chunks().';
-- end of functions/open_chunks.sql
-- include: functions/close_chunks.sql
-- TimescaleDB gives a new chunk what its table grants, and an old one what is granted on the table later. What the
-- columns of a table grant a new chunk does not get. So writers insert and update by the columns, and no chunk is ever
-- open to them, not even to the statement that makes it.
create or replace function app_private.close_chunks() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set client_min_messages = warning
as $$
declare
  column_names constant text[] := array(
    select quote_ident(a.attname)
    from pg_attribute as a
    where a.attrelid = 'public.timeseries_data'::regclass
      and a.attnum > 0
      and not a.attisdropped
      and a.attname <> 'updated_at' -- is the pipeline's
  );
  compressed_table regclass;
  held record;
begin
  for held in
    select
      case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee,
      string_agg(a.privilege_type, ', ') as privileges,
      string_agg(format('%s (%s)', a.privilege_type, array_to_string(column_names, ', ')), ', ')
        filter (where a.privilege_type in ('INSERT', 'UPDATE')) as by_columns
    from pg_class as c
    cross join lateral aclexplode(c.relacl) as a
    where c.oid = 'public.timeseries_data'::regclass
      and a.grantee <> c.relowner
      and a.privilege_type in ('INSERT', 'UPDATE', 'TRUNCATE', 'TRIGGER')
    group by a.grantee
  loop
    perform app_private.take_turn('grants');

    -- Until TimescaleDB 2.28 grants also go to a table of compressed chunks, which has no columns. Neither rows nor the
    -- compressed chunks are made from it, so those that it gets here only carry the grant.
    select format('%I.%I', t.schema_name, t.table_name)
    into compressed_table
    from _timescaledb_catalog.hypertable as h
    join _timescaledb_catalog.hypertable as t on t.id = h.compressed_hypertable_id
    where h.schema_name = 'public' and h.table_name = 'timeseries_data';
    if compressed_table is not null then
      execute format('alter table %s %s', compressed_table, (
        select string_agg(format('add column if not exists %s int', name), ', ') from unnest(column_names) as name
      ));
    end if;

    execute format('revoke %s on public.timeseries_data from %s cascade', held.privileges, held.grantee);
    continue when held.by_columns is null;

    execute format('grant %s on public.timeseries_data to %s', held.by_columns, held.grantee);
  end loop;

  for held in select * from app_private.open_chunks() loop
    perform app_private.take_turn('grants');
    execute format('revoke %s on %s from %s cascade', held.privileges, held.relation, held.grantee);
  end loop;
end
$$;

comment on function app_private.close_chunks() is
  'Leaves the right to write chunks of timeseries_data to the owner alone; whoever may write the table still can. To be called after a GRANT on the table and after compress_chunk().';
-- end of functions/close_chunks.sql
-- include: functions/compress_old_chunks.sql
-- Compression works on a chunk and on the one before it, into which it may be merged. So that nobody is caught in a
-- deadlock:
-- - one chunk at a time, whoever compresses;
-- - its strongest locks come first, in order of time, when nothing else is held yet. TimescaleDB takes them last, from
--   readers who meanwhile wait for it as writers;
-- - who gives way is this procedure: PostgreSQL looks for a deadlock when somebody has waited for deadlock_timeout,
--   and here no wait is that long. It lets go of everything, pauses and tries again.
-- Readers of the chunk wait while it is compressed, about a second for a million rows.
create or replace procedure public.compress_old_chunks(older_than interval default interval '7 days')
language plpgsql
as $$
declare
  patience constant text := (
    select greatest(s.setting::int / 4, 1) || 'ms' from pg_catalog.pg_settings as s where s.name = 'deadlock_timeout'
  );
  due record;
  done_until timestamptz := timestamptz '-infinity';
  is_done boolean;
  tries int := 0;
  busy text[] := '{}'::text[];
begin
  loop
    -- Each chunk commits, which ends the effect of set local.
    set local search_path = pg_catalog, public, pg_temp;
    -- A short chunk of a daily series compresses poorly and TimescaleDB warns about each: nothing to act on here.
    set local client_min_messages = error;
    perform pg_advisory_xact_lock('public.timeseries_data'::regclass::oid::bigint);

    select c.* into due
    from (
      select
        r.relation,
        lag(r.relation) over (order by r.range_start) as relation_before,
        r.range_start,
        r.range_end
      from (
        select format('%I.%I', i.chunk_schema, i.chunk_name)::regclass as relation, i.range_start, i.range_end
        from timescaledb_information.chunks as i
        where i.hypertable_schema = 'public' and i.hypertable_name = 'timeseries_data'
      ) as r
    ) as c
    cross join lateral (select _timescaledb_functions.chunk_status(c.relation) as status) as s
    where c.range_start > done_until
      and c.range_end <= now() - older_than
      -- 1: compressed, 2: out of order, 4: frozen, 8: with uncompressed rows beside
      and s.status & 11 <> 1
      and s.status & 4 = 0
    order by c.range_start
    limit 1;
    exit when not found;

    begin
      perform set_config('lock_timeout', patience, true);
      execute format('lock table only %s in access exclusive mode', concat_ws(', only ', due.relation_before, due.relation));
      -- TimescaleDB asks for a weaker one without waiting, which fails when writers wait, unless just that one is held.
      execute format('lock table only %s in exclusive mode', due.relation);
      perform compress_chunk(due.relation);
      perform app_private.close_chunks();
      is_done := true;
    exception
      when lock_not_available or deadlock_detected or serialization_failure then
        is_done := false;
    end;
    commit;

    tries := tries + 1;
    if is_done or tries = 100 then
      if not is_done then
        busy := busy || due.relation::text;
      end if;
      done_until := due.range_start;
      tries := 0;
    else
      perform pg_catalog.pg_sleep(least(0.02 * tries, 1) * (0.5 + pg_catalog.random()));
    end if;
  end loop;

  if busy <> '{}' then
    raise warning 'not compressed, because they are in use all the time: %', pg_catalog.array_to_string(busy, ', ')
      using hint = 'They are compressed by the next run that finds them free. Look for transactions that stay open.';
  end if;
end
$$;

comment on procedure public.compress_old_chunks(interval) is
  'Compresses the chunks whose whole range is older than the interval, one transaction each. Gives way to readers and writers, and tries again. To be CALLed outside a transaction.';
-- end of functions/compress_old_chunks.sql
-- include: functions/compress_due_chunks.sql
-- TimescaleDB's own policy would leave what it compresses open to whoever may delete rows of the table.
create or replace procedure app_private.compress_due_chunks(job_id int, config jsonb)
language plpgsql
as $$
begin
  set local search_path = pg_catalog, public, pg_temp;
  call public.compress_old_chunks((config ->> 'compress_after')::interval);
  commit;
end
$$;

comment on procedure app_private.compress_due_chunks(int, jsonb) is
  'Job that compresses the chunks whose whole range is older than config.compress_after.';
-- end of functions/compress_due_chunks.sql
select add_job('app_private.compress_due_chunks', interval '12 hours', config => '{"compress_after": "7 days"}');

-- include: functions/drop_old_chunks.sql
create or replace procedure app_private.drop_old_chunks(job_id int, config jsonb)
language plpgsql
security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
  cutoff constant timestamptz := now() - (config ->> 'drop_after')::interval;
  last_dropped timestamptz;
  summary jsonb;
  chunk_count bigint;
begin
  -- Not while a chunk is compressed. Readers and writers do not get caught in a deadlock, as in compress_old_chunks().
  perform pg_advisory_xact_lock('public.timeseries_data'::regclass::oid::bigint);
  perform set_config('lock_timeout', greatest(s.setting::int / 4, 1) || 'ms', true)
  from pg_settings as s
  where s.name = 'deadlock_timeout';

  select max(c.range_end) into last_dropped
  from timescaledb_information.chunks as c
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data' and c.range_end <= cutoff;

  if last_dropped is null then
    return;
  end if;

  for tries in 1 .. 100 loop
    begin
      select jsonb_build_object('rows', count(*), 'from', min(d.timestamp), 'to', max(d.timestamp))
      into summary
      from public.timeseries_data as d
      where d.timestamp < last_dropped;

      select count(*) into chunk_count from drop_chunks('public.timeseries_data', older_than => last_dropped);
      exit;
    exception
      when lock_not_available or deadlock_detected then
        if tries = 100 then
          raise;
        end if;
    end;
    perform pg_sleep(least(0.02 * tries, 1) * (0.5 + random()));
  end loop;

  insert into app_private.retention_runs (dropped_until) values (last_dropped);

  insert into public.audit_log (action, table_name, old_value, reason)
  values (
    'DELETE', 'timeseries_data', summary || jsonb_build_object('chunks', chunk_count, 'drop_after', config ->> 'drop_after'),
    'retention'
  );
end
$$;

comment on procedure app_private.drop_old_chunks(int, jsonb) is
  'Job of set_retention: drops whole chunks older than config.drop_after and writes one audit entry about them.';
-- end of functions/drop_old_chunks.sql
-- include: functions/set_retention.sql
create or replace function public.set_retention(keep interval) returns int
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  job int;
begin
  if keep <= interval '0' then
    raise exception 'retention must be positive, not %', keep
      using errcode = 'invalid_parameter_value',
            hint = 'Pass how long rows are kept, for example interval ''5 years'', or null to keep them for ever.';
  end if;

  perform delete_job(j.job_id)
  from timescaledb_information.jobs as j
  where j.proc_schema = 'app_private' and j.proc_name = 'drop_old_chunks';

  if keep is not null then
    job := add_job('app_private.drop_old_chunks', interval '1 day', config => jsonb_build_object('drop_after', keep));
  end if;
  perform app_private.schedule_refresh();
  return job;
end
$$;

comment on function public.set_retention(interval) is
  'Drops chunks older than the interval once a day; null keeps rows for ever. Returns the id of the job, null when off.';
-- end of functions/set_retention.sql

-- What to look at ----------------------------------------------------------------------------------------------------

-- include: functions/chunks_between.sql
-- TimescaleDB's catalog is read from within text, here and in the other functions that do, so that nothing depends on
-- it: an update of the extension replaces these tables, and would fail if a view or a parsed function body used them.
create or replace function app_private.chunks_between(first_moment timestamptz, last_moment timestamptz)
returns table (range_start timestamptz, range_end timestamptz, is_fully_compressed boolean)
language plpgsql stable -- each write asks: unlike one in SQL, it keeps its plan
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select
    _timescaledb_functions.to_timestamp(s.range_start),
    _timescaledb_functions.to_timestamp(s.range_end),
    c.status & 9 = 1 -- 1: compressed, 8: with uncompressed rows beside
  from _timescaledb_catalog.hypertable as h
  join _timescaledb_catalog.dimension as d on d.hypertable_id = h.id
  join _timescaledb_catalog.dimension_slice as s on s.dimension_id = d.id
  join _timescaledb_catalog.chunk_constraint as k on k.dimension_slice_id = s.id
  join _timescaledb_catalog.chunk as c on c.id = k.chunk_id
  where h.schema_name = 'public'
    and h.table_name = 'timeseries_data'
    and s.range_start <= _timescaledb_functions.to_unix_microseconds(last_moment)
    and s.range_end > _timescaledb_functions.to_unix_microseconds(first_moment)
  order by s.range_start;
end
$$;

comment on function app_private.chunks_between(timestamptz, timestamptz) is
  'The chunks of timeseries_data that overlap a range; is_fully_compressed: without uncompressed rows beside.';
-- end of functions/chunks_between.sql
-- include: functions/materialized_until.sql
create or replace function app_private.materialized_until() returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    -- The least timestamp, in microseconds, stands for never.
    select case
      when t.watermark > -210866803200000000 then _timescaledb_functions.to_timestamp(t.watermark)
      else '-infinity'
    end
    from _timescaledb_catalog.continuous_aggs_invalidation_threshold as t
    join _timescaledb_catalog.hypertable as h on h.id = t.hypertable_id
    where h.schema_name = 'public' and h.table_name = 'timeseries_data'
  );
end
$$;

comment on function app_private.materialized_until() is
  'Up to where writes to timeseries_data are noted for the continuous aggregates; null without aggregates.';
-- end of functions/materialized_until.sql
-- include: functions/count_rows.sql
create or replace function app_private.count_rows(chunk_schema name, chunk_name name) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  result bigint;
begin
  execute format('select count(*) from %I.%I', chunk_schema, chunk_name) into result;
  return result;
exception
  -- Merged with another or dropped, a moment ago.
  when undefined_table then return null;
end
$$;

comment on function app_private.count_rows(name, name) is 'Exact number of rows of a chunk; null when it is gone.';
-- end of functions/count_rows.sql
-- include: functions/chunk_compression_stats.sql
create or replace function public.chunk_compression_stats()
returns table (
  chunk text,
  range_start timestamptz,
  range_end timestamptz,
  is_compressed boolean,
  before_bytes bigint,
  after_bytes bigint,
  ratio numeric
)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select
    format('%I.%I', c.chunk_schema, c.chunk_name),
    c.range_start,
    c.range_end,
    c.is_compressed,
    s.before_compression_total_bytes,
    s.after_compression_total_bytes,
    round(s.before_compression_total_bytes::numeric / nullif(s.after_compression_total_bytes, 0), 2)
  from timescaledb_information.chunks as c
  join chunk_compression_stats('public.timeseries_data') as s
    on s.chunk_schema = c.chunk_schema and s.chunk_name = c.chunk_name
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
  order by c.range_start;
$$;

comment on function public.chunk_compression_stats() is
  'Size of each chunk of timeseries_data before and after compression, with indexes and TOAST, in bytes; null while uncompressed.';
-- end of functions/chunk_compression_stats.sql
-- include: functions/describe_chunks.sql
create or replace function app_private.describe_chunks()
returns table (
  chunk text,
  range_start timestamptz,
  range_end timestamptz,
  row_count bigint,
  total_bytes bigint,
  is_compressed boolean,
  compression_ratio numeric
)
language sql stable
security definer
set search_path = pg_catalog, public, pg_temp
as $$
  select
    n.name,
    c.range_start,
    c.range_end,
    case
      -- Compressed batches know their length, so that counting them is cheap.
      when c.is_compressed or k.reltuples < 0 then app_private.count_rows(c.chunk_schema, c.chunk_name)
      else k.reltuples::bigint
    end,
    d.total_bytes,
    c.is_compressed,
    s.ratio
  from timescaledb_information.chunks as c
  cross join lateral (select format('%I.%I', c.chunk_schema, c.chunk_name) as name) as n
  -- Compression merges chunks: one that this statement still sees may be gone.
  join pg_class as k on k.oid = to_regclass(n.name)
  join chunks_detailed_size('public.timeseries_data') as d
    on d.chunk_schema = c.chunk_schema and d.chunk_name = c.chunk_name
  left join chunk_compression_stats() as s on s.chunk = n.name
  where c.hypertable_schema = 'public' and c.hypertable_name = 'timeseries_data'
  order by c.range_start;
$$;

comment on function app_private.describe_chunks() is 'The rows of chunk_stats.';
-- end of functions/describe_chunks.sql
-- include: functions/slow_statements.sql
create or replace function app_private.slow_statements()
returns table (query text, calls bigint, mean_ms double precision, total_ms double precision, rows_per_call numeric)
language plpgsql volatile
security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- Dynamic, because the extension may be missing when this function is created.
  return query execute
    'select s.query, s.calls, s.mean_exec_time, s.total_exec_time, round(s.rows::numeric / nullif(s.calls, 0), 1) '
    'from pg_stat_statements as s '
    'where s.mean_exec_time > 500 and s.dbid = (select d.oid from pg_database as d where d.datname = current_database()) '
    'order by s.mean_exec_time desc';
exception
  when undefined_table or undefined_function or undefined_file or object_not_in_prerequisite_state then
    raise notice 'pg_stat_statements is not loaded: slow_queries is empty'
      using hint = 'Add pg_stat_statements to shared_preload_libraries, restart, and CREATE EXTENSION pg_stat_statements.';
end
$$;

comment on function app_private.slow_statements() is
  'Statements of this database with a mean above 500 ms; nothing, with a notice, where pg_stat_statements is not loaded.';
-- end of functions/slow_statements.sql
-- include: views/latest_values.sql
-- One index probe per source, however long the series are.
create or replace view public.latest_values as
select
  s.source_id,
  s.name,
  s.display_name,
  s.category,
  s.data_type,
  s.status,
  s.market_type,
  s.metadata,
  d.timestamp,
  coalesce(d.close, d.value) as level,
  d.open,
  d.high,
  d.low,
  d.close,
  d.volume,
  d.value,
  d.quality_score,
  d.is_anomaly,
  d.is_validated
from public.sources as s
cross join lateral (
  select t.*
  from public.timeseries_data as t
  where t.source_id = s.source_id
  order by t.timestamp desc
  limit 1
) as d;

comment on view public.latest_values is 'The newest row of each source that has one, with the source''s metadata and the row''s quality.';
comment on column public.latest_values.source_id is 'The source.';
comment on column public.latest_values.name is 'Its machine name.';
comment on column public.latest_values.display_name is 'Its name for people.';
comment on column public.latest_values.category is 'Its group.';
comment on column public.latest_values.data_type is 'Its kind.';
comment on column public.latest_values.status is 'Its life cycle.';
comment on column public.latest_values.market_type is 'Its market.';
comment on column public.latest_values.metadata is 'Its metadata.';
comment on column public.latest_values.timestamp is 'Moment of the newest row.';
comment on column public.latest_values.level is 'coalesce(close, value).';
comment on column public.latest_values.open is 'As in timeseries_data.';
comment on column public.latest_values.high is 'As in timeseries_data.';
comment on column public.latest_values.low is 'As in timeseries_data.';
comment on column public.latest_values.close is 'As in timeseries_data.';
comment on column public.latest_values.volume is 'As in timeseries_data.';
comment on column public.latest_values.value is 'As in timeseries_data.';
comment on column public.latest_values.quality_score is '0 to 100.';
comment on column public.latest_values.is_anomaly is 'More than 4 sigma away from the rows before it.';
comment on column public.latest_values.is_validated is 'No rule of severity ERROR is violated.';
-- end of views/latest_values.sql
-- include: views/data_freshness.sql
-- The newest row is one index probe per source; counts come from weekly_stats, which has one row per source and week.
create or replace view public.data_freshness as
select
  s.source_id,
  s.name,
  s.display_name,
  s.update_frequency,
  s.last_successful_update,
  s.next_scheduled_update,
  newest.timestamp as last_timestamp,
  now() - newest.timestamp as data_age,
  case
    when s.status <> 'active' then 'INACTIVE'
    when newest.timestamp is null then 'EMPTY'
    when now() - newest.timestamp > 3 * s.update_frequency then 'CRITICAL'
    when now() - newest.timestamp > 2 * s.update_frequency then 'STALE'
    when now() - newest.timestamp > 1.5 * s.update_frequency then 'WARNING'
    else 'FRESH'
  end as freshness,
  coalesce(totals.data_points, 0)::bigint as row_count,
  coalesce(totals.anomalies, 0)::bigint as anomaly_count,
  round(totals.quality_sum / nullif(totals.data_points, 0), 2) as avg_quality_score
from public.sources as s
left join lateral (
  select d.timestamp
  from public.timeseries_data as d
  where d.source_id = s.source_id
  order by d.timestamp desc
  limit 1
) as newest on true
left join (
  select
    w.source_id,
    sum(w.data_points) as data_points,
    sum(w.anomalies) as anomalies,
    sum(w.quality_sum)::numeric as quality_sum
  from public.weekly_stats as w
  group by w.source_id
) as totals on totals.source_id = s.source_id;

comment on view public.data_freshness is
  'How old the newest row of each source is, measured by update_frequency, with counts as of the last refresh of weekly_stats.';
comment on column public.data_freshness.source_id is 'The source.';
comment on column public.data_freshness.name is 'Its machine name.';
comment on column public.data_freshness.display_name is 'Its name for people.';
comment on column public.data_freshness.update_frequency is 'Distance between two rows.';
comment on column public.data_freshness.last_successful_update is 'When rows last arrived.';
comment on column public.data_freshness.next_scheduled_update is 'When rows are expected next.';
comment on column public.data_freshness.last_timestamp is 'Moment of the newest row.';
comment on column public.data_freshness.data_age is 'Time since then.';
comment on column public.data_freshness.freshness is
  'FRESH, WARNING (older than 1.5 × update_frequency), STALE (2 ×), CRITICAL (3 ×), EMPTY or INACTIVE.';
comment on column public.data_freshness.row_count is 'Number of rows, with those that retention has dropped.';
comment on column public.data_freshness.anomaly_count is 'Rows beyond 4 sigma.';
comment on column public.data_freshness.avg_quality_score is 'Mean score, 0 to 100.';
-- end of views/data_freshness.sql
-- include: views/quality_overview.sql
create or replace view public.quality_overview as
select
  s.source_id,
  s.name,
  s.data_type,
  coalesce(w.data_points, 0)::bigint as row_count,
  round(w.quality_sum / nullif(w.data_points, 0), 2) as avg_quality_score,
  w.min_quality as min_quality_score,
  coalesce(w.invalid_points, 0)::bigint as invalid_count,
  coalesce(w.anomalies, 0)::bigint as anomaly_count,
  coalesce(a.open_anomalies, 0) as open_anomalies,
  coalesce(a.black_swans, 0) as black_swans,
  coalesce(a.gaps, 0) as open_gaps,
  w.first_week,
  w.last_week
from public.sources as s
left join (
  select
    w.source_id,
    sum(w.data_points) as data_points,
    sum(w.quality_sum)::numeric as quality_sum,
    min(w.min_quality) as min_quality,
    sum(w.invalid_points) as invalid_points,
    sum(w.anomalies) as anomalies,
    min(w.week) as first_week,
    max(w.week) as last_week
  from public.weekly_stats as w
  group by w.source_id
) as w on w.source_id = s.source_id
left join (
  select
    a.source_id,
    count(*) filter (where a.resolved_at is null) as open_anomalies,
    count(*) filter (where a.is_blackswan and not a.is_false_positive) as black_swans,
    count(*) filter (where a.anomaly_type = 'missing_data' and a.resolved_at is null) as gaps
  from public.anomalies as a
  group by a.source_id
) as a on a.source_id = s.source_id;

comment on view public.quality_overview is 'Quality of each source, with counts as of the last refresh of weekly_stats.';
comment on column public.quality_overview.source_id is 'The source.';
comment on column public.quality_overview.name is 'Its machine name.';
comment on column public.quality_overview.data_type is 'Its kind.';
comment on column public.quality_overview.row_count is 'Number of rows, with those that retention has dropped.';
comment on column public.quality_overview.avg_quality_score is 'Mean score, 0 to 100.';
comment on column public.quality_overview.min_quality_score is 'Worst score.';
comment on column public.quality_overview.invalid_count is 'Rows that violate a rule of severity ERROR.';
comment on column public.quality_overview.anomaly_count is 'Rows beyond 4 sigma.';
comment on column public.quality_overview.open_anomalies is 'Anomalies that nobody has resolved.';
comment on column public.quality_overview.black_swans is 'Anomalies beyond 6 sigma that are not false positives.';
comment on column public.quality_overview.open_gaps is 'Recorded gaps that are not filled.';
comment on column public.quality_overview.first_week is 'Week of the first row.';
comment on column public.quality_overview.last_week is 'Week of the last row.';
-- end of views/quality_overview.sql
-- include: views/chunk_stats.sql
create or replace view public.chunk_stats as
select
  c.chunk,
  c.range_start,
  c.range_end,
  c.row_count,
  c.total_bytes,
  c.is_compressed,
  c.compression_ratio
from app_private.describe_chunks() as c;

comment on view public.chunk_stats is 'The chunks of timeseries_data.';
comment on column public.chunk_stats.chunk is 'Table of the chunk.';
comment on column public.chunk_stats.range_start is 'First moment, included.';
comment on column public.chunk_stats.range_end is 'Last moment, excluded.';
comment on column public.chunk_stats.row_count is 'Number of rows: counted, except in uncompressed chunks that have statistics.';
comment on column public.chunk_stats.total_bytes is 'Size with indexes and TOAST, in bytes.';
comment on column public.chunk_stats.is_compressed is 'Whether it is compressed, wholly or in part.';
comment on column public.chunk_stats.compression_ratio is 'Size before over size after compression; null while uncompressed.';
-- end of views/chunk_stats.sql
-- include: views/aggregate_refresh_status.sql
create or replace view public.aggregate_refresh_status as
select
  a.aggregate,
  a.based_on,
  a.is_real_time,
  a.materialized_until,
  a.job_id,
  a.schedule_interval,
  a.last_refresh,
  a.last_status,
  a.total_failures,
  a.next_refresh
from app_private.describe_aggregates() as a;

comment on view public.aggregate_refresh_status is 'How far each continuous aggregate on timeseries_data is materialized, those that were added too, and how its refresh policy fares.';
comment on column public.aggregate_refresh_status.aggregate is 'The continuous aggregate.';
comment on column public.aggregate_refresh_status.based_on is 'What it aggregates: timeseries_data, or another aggregate.';
comment on column public.aggregate_refresh_status.is_real_time is 'Whether newer rows are aggregated on the fly.';
comment on column public.aggregate_refresh_status.materialized_until is 'End of the materialized range; null before the first refresh.';
comment on column public.aggregate_refresh_status.job_id is 'Its refresh policy.';
comment on column public.aggregate_refresh_status.schedule_interval is 'How often the policy runs.';
comment on column public.aggregate_refresh_status.last_refresh is 'When it last ran.';
comment on column public.aggregate_refresh_status.last_status is 'How that ended.';
comment on column public.aggregate_refresh_status.total_failures is 'How often it has failed.';
comment on column public.aggregate_refresh_status.next_refresh is 'When it runs next.';
-- end of views/aggregate_refresh_status.sql
-- include: views/slow_queries.sql
create or replace view public.slow_queries as
select s.query, s.calls, s.mean_ms, s.total_ms, s.rows_per_call
from app_private.slow_statements() as s;

comment on view public.slow_queries is 'Statements that take more than 500 ms on average. Needs pg_stat_statements; else empty, with a notice.';
comment on column public.slow_queries.query is 'The statement, constants replaced.';
comment on column public.slow_queries.calls is 'How often it ran.';
comment on column public.slow_queries.mean_ms is 'Mean time, ms.';
comment on column public.slow_queries.total_ms is 'Total time, ms.';
comment on column public.slow_queries.rows_per_call is 'Mean number of rows.';
-- end of views/slow_queries.sql
