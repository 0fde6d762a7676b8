--! Previous: sha1:c72f9721600bf9b8bfd7cd687e95059ae11ebc1b
--! Hash: sha1:5d4cda50f1b5aa469a734c3685a39ffa69e783fb
--! Message: core

/*
 * The registry of sources, the one table that holds every series, and the calendar that aligns them.
 */

-- include: functions/current_actor.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.current_actor() returns text
language sql stable
return coalesce(nullif(current_setting('app.user', true), ''), session_user);

comment on function app_private.current_actor() is
  'Who acts: the setting app.user of the transaction when it is set, else the session user.';
-- end of functions/current_actor.sql
-- include: functions/is_backfill.sql (a copy: edit that file, then npm run compose)
create or replace function app_private.is_backfill() returns boolean
language sql stable
return coalesce(current_setting('app.ingest_mode', true) = 'backfill', false);

comment on function app_private.is_backfill() is
  'Whether this transaction loads history: the setting app.ingest_mode is backfill. The default is live.';
-- end of functions/is_backfill.sql

create table app_private.serial_points (
  name text not null,
  turns bigint not null default 1,
  constraint serial_points_pkey primary key (name)
);
comment on table app_private.serial_points is 'What one transaction at a time may change; see take_turn().';

-- sources ------------------------------------------------------------------------------------------------------------

create table public.sources (
  source_id int generated always as identity,
  name text not null,
  display_name text not null,
  category text not null default 'uncategorized',
  data_type public.data_type_enum not null,
  api_endpoint text,
  api_provider text,
  requires_auth boolean not null default false,
  update_frequency interval not null default interval '1 day',
  last_successful_update timestamptz,
  next_scheduled_update timestamptz,
  status public.plugin_status_enum not null default 'active',
  market_type public.market_enum not null default 'CRYPTO',
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  created_by text not null default app_private.current_actor(),
  constraint sources_pkey primary key (source_id),
  constraint sources_name_key unique (name),
  constraint sources_name_check check (name ~ '^[a-z0-9_]+$'),
  -- Far within what arithmetic with intervals and timestamps can hold.
  constraint sources_update_frequency_check check (update_frequency between interval '1 second' and interval '10 years'),
  constraint sources_metadata_check check (jsonb_typeof(metadata) = 'object')
);

comment on table public.sources is 'Registry of data plugins: one row per series. A source with data is deprecated, not deleted.';
comment on column public.sources.source_id is 'Key of the source.';
comment on column public.sources.name is 'Unique machine name: lower-case letters, digits, underscores. Also the name of its import file.';
comment on column public.sources.display_name is 'Name for people.';
comment on column public.sources.category is 'Free grouping for menus, for example price, oscillator, macro.';
comment on column public.sources.data_type is 'Kind of the series; decides which columns a complete row has and which rules apply.';
comment on column public.sources.api_endpoint is 'Address that the data comes from.';
comment on column public.sources.api_provider is 'Who runs that address.';
comment on column public.sources.requires_auth is 'Whether the address wants credentials.';
comment on column public.sources.update_frequency is 'Distance between two rows. Timeliness, freshness and gaps are measured by it.';
comment on column public.sources.last_successful_update is 'When rows last arrived. Kept by the pipeline.';
comment on column public.sources.next_scheduled_update is 'last_successful_update + update_frequency. Kept by the pipeline.';
comment on column public.sources.status is 'Life cycle: active, inactive, deprecated or testing.';
comment on column public.sources.market_type is 'Market whose trading days the series follows.';
comment on column public.sources.metadata is 'Anything else, as a JSON object.';
comment on column public.sources.created_at is 'When the source was registered.';
comment on column public.sources.updated_at is 'When the registration last changed.';
comment on column public.sources.created_by is 'Who registered it.';

-- timeseries_data ----------------------------------------------------------------------------------------------------

create table public.timeseries_data (
  source_id int not null,
  timestamp timestamptz(3) not null,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric,
  quality_score smallint not null default 100,
  is_anomaly boolean not null default false,
  is_validated boolean not null default true,
  is_backfilled boolean not null default app_private.is_backfill(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint timeseries_data_pkey primary key (source_id, timestamp),
  -- Buckets of aggregates end beyond their rows: near PostgreSQL's last moment, in the year 294276, no refresh works.
  constraint timeseries_data_timestamp_check check (timestamp >= '0001-01-01Z' and timestamp < '10000-01-01Z'),
  -- PostgreSQL sorts NaN above Infinity, so one comparison refuses both; the other refuses -Infinity.
  constraint timeseries_data_open_check check (open < 'Infinity' and open > '-Infinity'),
  constraint timeseries_data_high_check check (high < 'Infinity' and high > '-Infinity'),
  constraint timeseries_data_low_check check (low < 'Infinity' and low > '-Infinity'),
  constraint timeseries_data_close_check check (close < 'Infinity' and close > '-Infinity'),
  constraint timeseries_data_volume_check check (volume < 'Infinity' and volume > '-Infinity'),
  constraint timeseries_data_value_check check (value < 'Infinity' and value > '-Infinity'),
  constraint timeseries_data_quality_score_check check (quality_score between 0 and 100)
);

comment on table public.timeseries_data is
  'Every series, one row per source and moment. Rows are scored when they arrive; incomplete rows are stored and scored, not refused.';
comment on column public.timeseries_data.source_id is 'The series that the row belongs to: a key of sources. Checked by the triggers of both tables, once for each statement, as a foreign key would for each row.';
comment on column public.timeseries_data.timestamp is 'Moment of the observation; for candles the opening time. Millisecond precision, years 1 to 9999.';
comment on column public.timeseries_data.open is 'First price of the interval.';
comment on column public.timeseries_data.high is 'Highest price of the interval.';
comment on column public.timeseries_data.low is 'Lowest price of the interval.';
comment on column public.timeseries_data.close is 'Last price of the interval.';
comment on column public.timeseries_data.volume is 'Traded volume of the interval, in units of the base asset.';
comment on column public.timeseries_data.value is 'The observation of a series that is not ohlcv.';
comment on column public.timeseries_data.quality_score is '0 to 100, computed by the database; what a client supplies is overwritten.';
comment on column public.timeseries_data.is_anomaly is 'More than 4 sigma away from the 200 rows before it. Computed.';
comment on column public.timeseries_data.is_validated is 'False when a rule of severity ERROR is violated. Computed.';
comment on column public.timeseries_data.is_backfilled is 'The row arrived as history (app.ingest_mode = backfill); its timeliness is never scored.';
comment on column public.timeseries_data.created_at is 'Arrival of the row.';
comment on column public.timeseries_data.updated_at is 'Last change of the observation.';

-- market_calendar ----------------------------------------------------------------------------------------------------

create table public.market_calendar (
  market_calendar_id int generated always as identity,
  date date not null,
  market public.market_enum not null,
  is_holiday boolean not null default true,
  holiday_name text,
  open_time time,
  close_time time,
  is_early_close boolean not null default false,
  constraint market_calendar_pkey primary key (market_calendar_id),
  constraint market_calendar_date_market_key unique (date, market),
  constraint market_calendar_times_check check (open_time < close_time),
  constraint market_calendar_holiday_check check (
    not (is_holiday and (is_early_close or open_time is not null or close_time is not null))
  )
);

comment on table public.market_calendar is 'Days on which a market keeps other hours than usual: holidays and early closes. Ordinary days have no row.';
comment on column public.market_calendar.market_calendar_id is 'Key of the entry.';
comment on column public.market_calendar.date is 'Local date of the market.';
comment on column public.market_calendar.market is 'The market.';
comment on column public.market_calendar.is_holiday is 'Closed all day.';
comment on column public.market_calendar.holiday_name is 'Name of the holiday or of the reason.';
comment on column public.market_calendar.open_time is 'Opening, local time of the market (US: Eastern).';
comment on column public.market_calendar.close_time is 'Close, local time of the market (US: Eastern).';
comment on column public.market_calendar.is_early_close is 'Open, but closing early.';

-- time_index ---------------------------------------------------------------------------------------------------------

create table public.time_index (
  timestamp timestamptz(3) not null,
  date_only date not null,
  day_of_week smallint not null,
  is_weekend boolean not null,
  is_trading_day boolean not null,
  notes text,
  constraint time_index_pkey primary key (timestamp),
  constraint time_index_date_only_key unique (date_only),
  constraint time_index_timestamp_check check (timestamp = date_only::timestamp at time zone 'UTC'),
  constraint time_index_day_of_week_check check (day_of_week = extract(isodow from date_only) - 1),
  constraint time_index_is_weekend_check check (is_weekend = (day_of_week >= 5))
);

comment on table public.time_index is 'The common daily grid, one row per UTC day, on which series of different calendars are aligned.';
comment on column public.time_index.timestamp is 'Midnight UTC of the day.';
comment on column public.time_index.date_only is 'The day.';
comment on column public.time_index.day_of_week is '0 = Monday to 6 = Sunday.';
comment on column public.time_index.is_weekend is 'Saturday or Sunday.';
comment on column public.time_index.is_trading_day is 'Whether US stock markets trade on that day.';
comment on column public.time_index.notes is 'Name of the US market holiday, or of the early close.';
