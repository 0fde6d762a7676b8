-- The whole schema, as the migrations make it. Written by `npm run schema` from the catalog of a fresh database, and the
-- same from PostgreSQL 15 to 18.
--
-- It is for reading and for diffs. It cannot be run: migrations/committed makes a database. What a function or view does is
-- read in its home, the file that is named below it.

-- Extensions ----------------------------------------------------------------------------------------------------------

create extension btree_gist;

create extension timescaledb;

-- Schemas -------------------------------------------------------------------------------------------------------------

create schema app_private;
comment on schema app_private is 'Trigger functions, compiled rules and helpers of the API in public. Not an API.';

-- Types ---------------------------------------------------------------------------------------------------------------

create type app_private.island as (
  source_id integer,
  first_moment timestamp with time zone,
  last_moment timestamp with time zone,
  moments timestamp with time zone[]
);
comment on type app_private.island is 'Rows of one source that are scored together, ten thousand at most; moments are in order of time.';

create type app_private.score as (
  source_id integer,
  "timestamp" timestamp with time zone,
  quality_score smallint,
  is_anomaly boolean,
  is_validated boolean,
  is_rewrite boolean,
  island_start timestamp with time zone,
  "position" integer,
  level numeric,
  mean numeric,
  stddev numeric
);
comment on type app_private.score is 'The score of a row. is_rewrite: the stored row has another. position: among the rows that were read for the island. level, mean and stddev are those of an outlier.';

create type public.anomaly_type_enum as enum (
  'outlier_4sigma',
  'outlier_6sigma',
  'missing_data',
  'late_data',
  'corrupt_data',
  'duplicate'
);
comment on type public.anomaly_type_enum is 'What is unusual about a row or a period.';

create type public.audit_action_enum as enum (
  'INSERT',
  'UPDATE',
  'DELETE',
  'CORRECTION'
);
comment on type public.audit_action_enum is 'What was done to a row. A CORRECTION is an update made with a reason.';

create domain public.backtest_trades_input as jsonb;
comment on type public.backtest_trades_input is 'A trade to record: an object with names of columns of backtest_trades as keys.';

create type public.data_type_enum as enum (
  'ohlcv',
  'simple',
  'calculated',
  'social',
  'onchain',
  'macro',
  'derivative',
  'stablecoin',
  'etf',
  'defi'
);
comment on type public.data_type_enum is 'Kind of a series. ohlcv rows carry open, high, low, close and volume; every other kind carries value.';

create domain public.features_input as jsonb;
comment on type public.features_input is 'A row of features to write: an object with names of columns as keys.';

create type public.market_enum as enum (
  'US',
  'CRYPTO',
  'FOREX',
  'COMMODITIES'
);
comment on type public.market_enum is 'Market whose calendar a source follows.';

create type public.plugin_status_enum as enum (
  'active',
  'inactive',
  'deprecated',
  'testing'
);
comment on type public.plugin_status_enum is 'Life cycle of a data source.';

-- Tables --------------------------------------------------------------------------------------------------------------

create table app_private.access_tokens (
  token_id integer generated always as identity not null,
  name text not null,
  role text not null,
  token_hash bytea not null,
  created_at timestamp with time zone default now() not null,
  created_by text default app_private.current_actor() not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by text,
  constraint access_tokens_pkey primary key (token_id),
  constraint access_tokens_token_hash_key unique (token_hash),
  constraint access_tokens_expires_at_check check (expires_at > created_at),
  constraint access_tokens_name_check check (name ~ '^[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}$'::text),
  constraint access_tokens_revoked_check check ((revoked_at is null) = (revoked_by is null)),
  constraint access_tokens_role_check check (role = any (array['reader'::text, 'writer'::text, 'curator'::text])),
  constraint access_tokens_token_hash_check check (length(token_hash) = 32)
);

create unique index access_tokens_name_idx on app_private.access_tokens using btree (name) where (revoked_at is null);

comment on table app_private.access_tokens is 'Who may come by HTTP. The owner makes tokens with btcdb token; they are never deleted, so that names in the audit log can be told.';
comment on column app_private.access_tokens.token_id is 'Key of the token.';
comment on column app_private.access_tokens.name is 'Who has it: changed_by of what is written with it. Unique among tokens that are not revoked.';
comment on column app_private.access_tokens.role is 'reader: asks with the rights of btcdb_reader; writer and curator: also write, with those of btcdb_writer or btcdb_curator.';
comment on column app_private.access_tokens.token_hash is 'SHA-256 of the token. The token itself is stored nowhere.';
comment on column app_private.access_tokens.created_at is 'When it was made.';
comment on column app_private.access_tokens.created_by is 'Who made it.';
comment on column app_private.access_tokens.expires_at is 'From this moment on it is refused; null: it does not expire.';
comment on column app_private.access_tokens.revoked_at is 'When it was revoked: from then on it is refused.';
comment on column app_private.access_tokens.revoked_by is 'Who revoked it.';

create table app_private.pipeline_token (
  token text default gen_random_uuid() not null,
  constraint pipeline_token_pkey primary key (token)
);

comment on table app_private.pipeline_token is 'One row that only the owner can read. The pipeline shows it to its own trigger, so that others cannot pass for it.';

create table app_private.retention_runs (
  dropped_until timestamp with time zone not null,
  dropped_at timestamp with time zone default now() not null
);

comment on table app_private.retention_runs is 'What retention has dropped: everything before dropped_until.';

create table app_private.rule_row (
  source_id integer,
  "timestamp" timestamp(3) with time zone,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric
);

comment on table app_private.rule_row is 'The columns that a validation rule may use. Always empty.';

create table app_private.serial_points (
  name text not null,
  turns bigint default 1 not null,
  constraint serial_points_pkey primary key (name)
);

comment on table app_private.serial_points is 'What one transaction at a time may change; see take_turn().';

create table public.anomalies (
  anomaly_id bigint generated always as identity not null,
  source_id integer not null,
  "timestamp" timestamp(3) with time zone not null,
  detected_at timestamp with time zone default now() not null,
  anomaly_type public.anomaly_type_enum not null,
  severity text not null,
  value numeric,
  z_score numeric,
  expected_value numeric,
  deviation_pct numeric,
  is_blackswan boolean default false not null,
  reviewed boolean default false not null,
  is_false_positive boolean default false not null,
  resolved_at timestamp with time zone,
  resolved_by text,
  resolution_notes text,
  context jsonb default '{}'::jsonb not null,
  constraint anomalies_pkey primary key (anomaly_id),
  constraint anomalies_source_id_timestamp_anomaly_type_key unique (source_id, "timestamp", anomaly_type),
  constraint anomalies_source_id_fkey foreign key (source_id) references public.sources(source_id) on delete cascade,
  constraint anomalies_resolved_check check ((resolved_at is null) = (resolved_by is null)),
  constraint anomalies_severity_check check (severity = any (array['LOW'::text, 'MEDIUM'::text, 'HIGH'::text, 'CRITICAL'::text]))
);

create index anomalies_open_idx on public.anomalies using btree ("timestamp" desc) where (resolved_at is null);

create trigger _100_refuse_truncate before truncate
  on public.anomalies
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.anomalies
  for each row
  execute function app_private.tg__audit_row();

comment on table public.anomalies is 'Rows and periods that are unusual; one entry per source, moment and type.';
comment on column public.anomalies.anomaly_id is 'Key of the anomaly.';
comment on column public.anomalies.source_id is 'The series.';
comment on column public.anomalies."timestamp" is 'The row; for missing_data the first missing moment.';
comment on column public.anomalies.detected_at is 'When it was found.';
comment on column public.anomalies.anomaly_type is 'What is unusual.';
comment on column public.anomalies.severity is 'LOW, MEDIUM, HIGH or CRITICAL.';
comment on column public.anomalies.value is 'Level of the row: coalesce(close, value).';
comment on column public.anomalies.z_score is 'Distance from the mean of the 200 rows before, in sample standard deviations; null after a flat history.';
comment on column public.anomalies.expected_value is 'Mean of the 200 rows before.';
comment on column public.anomalies.deviation_pct is 'Distance from the mean, in percent of the mean.';
comment on column public.anomalies.is_blackswan is 'Beyond 6 sigma, or a change after a flat history.';
comment on column public.anomalies.reviewed is 'Somebody has looked at it.';
comment on column public.anomalies.is_false_positive is 'Somebody found the row to be right.';
comment on column public.anomalies.resolved_at is 'When it was settled; null while open.';
comment on column public.anomalies.resolved_by is 'Who settled it; system when a correction brought the row back inside.';
comment on column public.anomalies.resolution_notes is 'How it was settled.';
comment on column public.anomalies.context is 'Details, for example {"flat_history": true} or the extent of a gap.';

create table public.audit_log (
  audit_id bigint generated always as identity not null,
  source_id integer,
  "timestamp" timestamp(3) with time zone,
  action public.audit_action_enum not null,
  table_name text not null,
  old_value jsonb,
  new_value jsonb,
  changed_fields text[],
  changed_by text default app_private.current_actor() not null,
  changed_at timestamp with time zone default now() not null,
  reason text default nullif(current_setting('app.reason'::text, true), ''::text),
  ip_address inet default inet_client_addr(),
  user_agent text default coalesce(nullif(current_setting('app.user_agent'::text, true), ''::text), nullif(current_setting('application_name'::text, true), ''::text)),
  constraint audit_log_pkey primary key (audit_id)
);

create index audit_log_changed_at_idx on public.audit_log using brin (changed_at);

create index audit_log_source_id_timestamp_idx on public.audit_log using btree (source_id, "timestamp");

create trigger _100_refuse_change before delete or update or truncate
  on public.audit_log
  for each statement
  execute function app_private.tg_audit_log__refuse_change();

comment on table public.audit_log is 'Who changed what, when and why. Append-only for every role. Inserts into timeseries_data write one entry per statement and source.';
comment on column public.audit_log.audit_id is 'Key, in order of writing.';
comment on column public.audit_log.source_id is 'The source that the changed row belongs to, if any.';
comment on column public.audit_log."timestamp" is 'The moment that the changed row describes; null for an entry about many rows.';
comment on column public.audit_log.action is 'INSERT, UPDATE, DELETE, or CORRECTION: an update with a reason.';
comment on column public.audit_log.table_name is 'Table of the changed row.';
comment on column public.audit_log.old_value is 'The row before.';
comment on column public.audit_log.new_value is 'The row after; for a multi-row insert {"rows", "from", "to"}.';
comment on column public.audit_log.changed_fields is 'Columns that really changed, without the pipeline''s own bookkeeping.';
comment on column public.audit_log.changed_by is 'app.user of the transaction, else the session user.';
comment on column public.audit_log.changed_at is 'Start of the transaction that made the change.';
comment on column public.audit_log.reason is 'app.reason of the transaction.';
comment on column public.audit_log.ip_address is 'Address of the client; null over a Unix socket.';
comment on column public.audit_log.user_agent is 'app.user_agent of the transaction, else the application name.';

create table public.audit_seals (
  seal_id bigint not null,
  last_id bigint not null,
  entry_count integer not null,
  entries_digest bytea not null,
  previous_digest bytea,
  digest bytea not null,
  sealed_at timestamp with time zone not null,
  sealed_by text not null,
  audit_ids bigint[],
  entry_digests bytea[],
  archived_at timestamp with time zone,
  constraint audit_seals_pkey primary key (seal_id),
  constraint audit_seals_archived_check check ((archived_at is null) = (audit_ids is not null) and (archived_at is null) = (entry_digests is not null))
);

create trigger _100_refuse_change before delete or update or truncate
  on public.audit_seals
  for each statement
  execute function app_private.tg_audit_log__refuse_change();

comment on table public.audit_seals is 'Seals of the audit log: each is a digest of the entries since the one before, and of that one. Written by seal_audit_log(), checked by verify_audit_log().';
comment on column public.audit_seals.seal_id is 'Number of the seal; without gaps.';
comment on column public.audit_seals.last_id is 'It seals every entry up to this one that the seal before does not.';
comment on column public.audit_seals.entry_count is 'How many these are.';
comment on column public.audit_seals.entries_digest is 'SHA-256 of entry_digests.';
comment on column public.audit_seals.previous_digest is 'Digest of the seal before; null for the first.';
comment on column public.audit_seals.digest is 'SHA-256 of all this. That of the newest seal speaks for the whole log.';
comment on column public.audit_seals.sealed_at is 'When it was sealed.';
comment on column public.audit_seals.sealed_by is 'Who sealed it.';
comment on column public.audit_seals.audit_ids is 'Its entries, in their order; null once they are archived.';
comment on column public.audit_seals.entry_digests is 'SHA-256 of each of them; null once they are archived.';
comment on column public.audit_seals.archived_at is 'When its entries were moved into a file; null while they are here.';

create table public.backtest_results (
  backtest_id integer generated always as identity not null,
  strategy_name text not null,
  strategy_version text default '1'::text not null,
  source_id integer not null,
  model_id integer,
  start_date date not null,
  end_date date not null,
  total_days integer generated always as (end_date - start_date + 1) stored,
  initial_capital numeric not null,
  final_capital numeric not null,
  total_return numeric,
  annualized_return numeric,
  sharpe_ratio numeric,
  sortino_ratio numeric,
  max_drawdown numeric,
  value_at_risk_95 numeric,
  total_trades integer default 0 not null,
  winning_trades integer default 0 not null,
  losing_trades integer default 0 not null,
  win_rate numeric generated always as (winning_trades::numeric / nullif(total_trades, 0)::numeric) stored,
  config jsonb default '{}'::jsonb not null,
  notes text,
  created_at timestamp with time zone default now() not null,
  created_by text default app_private.current_actor() not null,
  constraint backtest_results_pkey primary key (backtest_id),
  constraint backtest_results_model_id_fkey foreign key (model_id) references public.ml_models(model_id) on delete set null,
  constraint backtest_results_source_id_fkey foreign key (source_id) references public.sources(source_id) on delete cascade,
  constraint backtest_results_dates_check check (end_date >= start_date),
  constraint backtest_results_initial_capital_check check (initial_capital > 0::numeric),
  constraint backtest_results_max_drawdown_check check (max_drawdown >= 0::numeric and max_drawdown <= 1::numeric),
  constraint backtest_results_trades_check check (winning_trades >= 0 and losing_trades >= 0 and (winning_trades + losing_trades) <= total_trades)
);

create index backtest_results_model_id_idx on public.backtest_results using btree (model_id);

create index backtest_results_source_id_idx on public.backtest_results using btree (source_id);

create trigger _100_refuse_truncate before truncate
  on public.backtest_results
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.backtest_results
  for each row
  execute function app_private.tg__audit_row();

comment on table public.backtest_results is 'Outcome of running a strategy over history.';
comment on column public.backtest_results.backtest_id is 'Key of the run.';
comment on column public.backtest_results.strategy_name is 'The strategy.';
comment on column public.backtest_results.strategy_version is 'Its version.';
comment on column public.backtest_results.source_id is 'The traded series.';
comment on column public.backtest_results.model_id is 'The model behind the strategy, if any.';
comment on column public.backtest_results.start_date is 'First day.';
comment on column public.backtest_results.end_date is 'Last day.';
comment on column public.backtest_results.total_days is 'Days from first to last, both included. Generated.';
comment on column public.backtest_results.initial_capital is 'Capital at the start, in quote currency.';
comment on column public.backtest_results.final_capital is 'Capital at the end.';
comment on column public.backtest_results.total_return is 'final_capital / initial_capital - 1.';
comment on column public.backtest_results.annualized_return is 'Return per year.';
comment on column public.backtest_results.sharpe_ratio is 'Mean excess return over its standard deviation, annualized.';
comment on column public.backtest_results.sortino_ratio is 'Mean excess return over its downside deviation, annualized.';
comment on column public.backtest_results.max_drawdown is 'Deepest fall from a peak, as a fraction of it.';
comment on column public.backtest_results.value_at_risk_95 is 'Daily loss that is exceeded on 5 % of the days, as a fraction.';
comment on column public.backtest_results.total_trades is 'Number of trades.';
comment on column public.backtest_results.winning_trades is 'Trades with a profit.';
comment on column public.backtest_results.losing_trades is 'Trades with a loss.';
comment on column public.backtest_results.win_rate is 'winning_trades / total_trades. Generated.';
comment on column public.backtest_results.config is 'Parameters of the run.';
comment on column public.backtest_results.notes is 'Remarks.';
comment on column public.backtest_results.created_at is 'When the run was recorded.';
comment on column public.backtest_results.created_by is 'Who recorded it.';

create table public.backtest_trades (
  trade_id bigint generated always as identity not null,
  backtest_id integer not null,
  side text not null,
  entry_time timestamp(3) with time zone not null,
  entry_price numeric not null,
  exit_time timestamp(3) with time zone,
  exit_price numeric,
  quantity numeric not null,
  fees numeric default 0 not null,
  profit numeric,
  return_pct numeric,
  exit_reason text,
  constraint backtest_trades_pkey primary key (trade_id),
  constraint backtest_trades_backtest_id_fkey foreign key (backtest_id) references public.backtest_results(backtest_id) on delete cascade,
  constraint backtest_trades_quantity_check check (quantity > 0::numeric),
  constraint backtest_trades_side_check check (side = any (array['LONG'::text, 'SHORT'::text])),
  constraint backtest_trades_times_check check (exit_time >= entry_time)
);

create index backtest_trades_backtest_id_entry_time_idx on public.backtest_trades using btree (backtest_id, entry_time);

create trigger _100_refuse_truncate before truncate
  on public.backtest_trades
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.backtest_trades
  for each row
  execute function app_private.tg__audit_row();

comment on table public.backtest_trades is 'Single trades of a backtest.';
comment on column public.backtest_trades.trade_id is 'Key of the trade.';
comment on column public.backtest_trades.backtest_id is 'The run.';
comment on column public.backtest_trades.side is 'LONG or SHORT.';
comment on column public.backtest_trades.entry_time is 'When it was opened.';
comment on column public.backtest_trades.entry_price is 'Price at opening.';
comment on column public.backtest_trades.exit_time is 'When it was closed; null while open.';
comment on column public.backtest_trades.exit_price is 'Price at closing.';
comment on column public.backtest_trades.quantity is 'Size, in units of the base asset.';
comment on column public.backtest_trades.fees is 'Fees of both sides, in quote currency.';
comment on column public.backtest_trades.profit is 'Profit after fees, in quote currency.';
comment on column public.backtest_trades.return_pct is 'Profit in percent of the entry value.';
comment on column public.backtest_trades.exit_reason is 'Why it was closed.';

create table public.backups (
  backup_id bigint generated always as identity not null,
  name text not null,
  location text not null,
  form text not null,
  is_encrypted boolean not null,
  taken_at timestamp with time zone not null,
  finished_at timestamp with time zone default now() not null,
  row_count bigint not null,
  size_bytes bigint not null,
  sha256 bytea not null,
  verified_at timestamp with time zone,
  verified_on text,
  removed_at timestamp with time zone,
  created_by text default app_private.current_actor() not null,
  constraint backups_pkey primary key (backup_id),
  constraint backups_location_name_key unique (location, name),
  constraint backups_finished_at_check check (finished_at >= taken_at),
  constraint backups_form_check check (form = any (array['pg_dump'::text, 'portable'::text])),
  constraint backups_sha256_check check (length(sha256) = 32),
  constraint backups_verified_check check ((verified_at is null) = (verified_on is null))
);

create trigger _100_refuse_truncate before truncate
  on public.backups
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.backups
  for each row
  execute function app_private.tg__audit_row();

comment on table public.backups is 'Backups of this database, one row each, written by btcdb backup when the file and its manifest are stored. A backup does not know of itself.';
comment on column public.backups.backup_id is 'Key, in order of finishing.';
comment on column public.backups.name is 'Name of its file; the manifest has .json behind it.';
comment on column public.backups.location is 'Where it was stored: a folder with the name of its machine before it, or s3://bucket/prefix.';
comment on column public.backups.form is 'pg_dump: a dump in the custom format, for the same version of TimescaleDB; portable: rows of tables, for either engine.';
comment on column public.backups.is_encrypted is 'Whether it takes a key to read it.';
comment on column public.backups.taken_at is 'The moment that it holds: what was committed before is in it.';
comment on column public.backups.finished_at is 'When it was stored as a whole.';
comment on column public.backups.row_count is 'Rows of all its tables.';
comment on column public.backups.size_bytes is 'Length of the file.';
comment on column public.backups.sha256 is 'SHA-256 of the file.';
comment on column public.backups.verified_at is 'When it was last restored into a scratch database and found to be the same; null: never.';
comment on column public.backups.verified_on is 'The server of that.';
comment on column public.backups.removed_at is 'When rotation removed it; null while it is kept.';
comment on column public.backups.created_by is 'Who made it.';

create table public.features (
  source_id integer not null,
  "timestamp" timestamp(3) with time zone not null,
  volatility_7d numeric,
  volatility_30d numeric,
  volatility_90d numeric,
  rsi_value numeric,
  rsi_momentum numeric,
  macd_value numeric,
  macd_signal numeric,
  volume_sma_20 numeric,
  volume_ratio numeric,
  funding_rate numeric,
  funding_delta numeric,
  basis_spread numeric,
  social_volume numeric,
  social_sentiment numeric,
  regime text,
  regime_probability numeric,
  custom_features jsonb default '{}'::jsonb not null,
  feature_set_version text default 'v1'::text not null,
  computed_at timestamp with time zone default now() not null,
  constraint features_pkey primary key (source_id, "timestamp"),
  constraint features_source_id_fkey foreign key (source_id) references public.sources(source_id) on delete cascade,
  constraint features_custom_features_check check (jsonb_typeof(custom_features) = 'object'::text),
  constraint features_regime_probability_check check (regime_probability >= 0::numeric and regime_probability <= 1::numeric),
  constraint features_rsi_value_check check (rsi_value >= 0::numeric and rsi_value <= 100::numeric)
);

create trigger _100_refuse_truncate before truncate
  on public.features
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.features
  for each row
  execute function app_private.tg__audit_row();

comment on table public.features is 'Inputs of machine learning, one row per source and moment.';
comment on column public.features.source_id is 'The series that the features describe.';
comment on column public.features."timestamp" is 'The moment that they describe.';
comment on column public.features.volatility_7d is 'Standard deviation of returns over 7 days.';
comment on column public.features.volatility_30d is 'Standard deviation of returns over 30 days.';
comment on column public.features.volatility_90d is 'Standard deviation of returns over 90 days.';
comment on column public.features.rsi_value is 'Relative strength index, 0 to 100.';
comment on column public.features.rsi_momentum is 'Change of the RSI.';
comment on column public.features.macd_value is 'Moving average convergence divergence.';
comment on column public.features.macd_signal is 'Signal line of the MACD.';
comment on column public.features.volume_sma_20 is 'Mean volume of 20 intervals.';
comment on column public.features.volume_ratio is 'Volume over volume_sma_20.';
comment on column public.features.funding_rate is 'Funding rate of the perpetual future.';
comment on column public.features.funding_delta is 'Change of the funding rate.';
comment on column public.features.basis_spread is 'Future minus spot price.';
comment on column public.features.social_volume is 'Number of mentions.';
comment on column public.features.social_sentiment is 'Mood of the mentions, -1 to 1 by convention.';
comment on column public.features.regime is 'Market regime, for example bull, bear, range.';
comment on column public.features.regime_probability is 'Probability of that regime, 0 to 1.';
comment on column public.features.custom_features is 'Further features, as a JSON object.';
comment on column public.features.feature_set_version is 'Version of the code that computed the row.';
comment on column public.features.computed_at is 'When it was computed.';

create table public.forecasts (
  forecast_id bigint generated always as identity not null,
  source_id integer not null,
  forecast_timestamp timestamp(3) with time zone default now() not null,
  target_timestamp timestamp(3) with time zone not null,
  predicted_value numeric not null,
  confidence_lower numeric,
  confidence_upper numeric,
  confidence_level numeric,
  model_id integer,
  model_name text not null,
  model_version text default '1'::text not null,
  model_parameters jsonb default '{}'::jsonb not null,
  actual_value numeric,
  prediction_error numeric,
  absolute_error numeric,
  percentage_error numeric,
  created_at timestamp with time zone default now() not null,
  constraint forecasts_pkey primary key (forecast_id),
  constraint forecasts_source_id_model_target_key unique (source_id, model_name, model_version, forecast_timestamp, target_timestamp),
  constraint forecasts_model_id_fkey foreign key (model_id) references public.ml_models(model_id) on delete set null,
  constraint forecasts_source_id_fkey foreign key (source_id) references public.sources(source_id) on delete cascade,
  constraint forecasts_confidence_check check (confidence_lower <= confidence_upper),
  constraint forecasts_confidence_level_check check (confidence_level > 0::numeric and confidence_level < 1::numeric),
  constraint forecasts_target_timestamp_check check (target_timestamp > forecast_timestamp)
);

create index forecasts_model_id_idx on public.forecasts using btree (model_id);

create index forecasts_unscored_idx on public.forecasts using btree (source_id, target_timestamp) where (actual_value is null);

create trigger _100_refuse_truncate before truncate
  on public.forecasts
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.forecasts
  for each row
  execute function app_private.tg__audit_row();

comment on table public.forecasts is 'Predictions and, once their moment has come, how right they were.';
comment on column public.forecasts.forecast_id is 'Key of the forecast.';
comment on column public.forecasts.source_id is 'The series that is predicted.';
comment on column public.forecasts.forecast_timestamp is 'When it was predicted.';
comment on column public.forecasts.target_timestamp is 'The moment that is predicted.';
comment on column public.forecasts.predicted_value is 'Predicted level.';
comment on column public.forecasts.confidence_lower is 'Lower end of the confidence interval.';
comment on column public.forecasts.confidence_upper is 'Upper end of the confidence interval.';
comment on column public.forecasts.confidence_level is 'Level of the interval, for example 0.95.';
comment on column public.forecasts.model_id is 'The registered model, if it is one.';
comment on column public.forecasts.model_name is 'Name of the model.';
comment on column public.forecasts.model_version is 'Version of the model.';
comment on column public.forecasts.model_parameters is 'Parameters of this run.';
comment on column public.forecasts.actual_value is 'Level of the row at target_timestamp, filled by score_forecasts().';
comment on column public.forecasts.prediction_error is 'predicted_value - actual_value.';
comment on column public.forecasts.absolute_error is 'Absolute prediction_error.';
comment on column public.forecasts.percentage_error is '100 × absolute_error / |actual_value|; null when that is 0.';
comment on column public.forecasts.created_at is 'When the row was written.';

create table public.lineage (
  lineage_id integer generated always as identity not null,
  derived_source_id integer not null,
  parent_source_id integer not null,
  calculation_type text not null,
  calculation_sql text,
  calculation_function text,
  dependency_level integer default 1 not null,
  refresh_required boolean default false not null,
  last_calculation_time timestamp with time zone,
  avg_calculation_time interval,
  created_at timestamp with time zone default now() not null,
  constraint lineage_pkey primary key (lineage_id),
  constraint lineage_derived_source_id_parent_source_id_key unique (derived_source_id, parent_source_id),
  constraint lineage_derived_source_id_fkey foreign key (derived_source_id) references public.sources(source_id) on delete cascade,
  constraint lineage_parent_source_id_fkey foreign key (parent_source_id) references public.sources(source_id) on delete cascade,
  constraint lineage_dependency_level_check check (dependency_level > 0),
  constraint lineage_self_check check (derived_source_id <> parent_source_id)
);

create index lineage_parent_source_id_idx on public.lineage using btree (parent_source_id);

create trigger _100_refuse_truncate before truncate
  on public.lineage
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.lineage
  for each row
  execute function app_private.tg__audit_row('refresh_required', 'dependency_level', 'last_calculation_time', 'avg_calculation_time');

create trigger _700_deleted after delete
  on public.lineage
  referencing old table as changed_rows
  for each statement
  execute function app_private.tg_lineage__set_levels();

create trigger _700_inserted after insert
  on public.lineage
  referencing new table as changed_rows
  for each statement
  execute function app_private.tg_lineage__set_levels();

create trigger _700_updated after update of derived_source_id, parent_source_id
  on public.lineage
  for each statement
  execute function app_private.tg_lineage__set_levels();

comment on table public.lineage is 'Which series is computed from which: one edge per derived and parent source. Free of cycles.';
comment on column public.lineage.lineage_id is 'Key of the edge.';
comment on column public.lineage.derived_source_id is 'The computed series.';
comment on column public.lineage.parent_source_id is 'A series that it is computed from.';
comment on column public.lineage.calculation_type is 'How, in a word, for example sql, function or model.';
comment on column public.lineage.calculation_sql is 'The statement, if it is one.';
comment on column public.lineage.calculation_function is 'The function, if it is one.';
comment on column public.lineage.dependency_level is 'Longest way of the derived source from a source without parents. Kept by a trigger.';
comment on column public.lineage.refresh_required is 'New data has arrived upstream since the last calculation. Set by the pipeline, cleared by whoever calculates.';
comment on column public.lineage.last_calculation_time is 'When the derived series was last calculated.';
comment on column public.lineage.avg_calculation_time is 'How long that takes.';
comment on column public.lineage.created_at is 'When the edge was recorded.';

create table public.market_calendar (
  market_calendar_id integer generated always as identity not null,
  date date not null,
  market public.market_enum not null,
  is_holiday boolean default true not null,
  holiday_name text,
  open_time time without time zone,
  close_time time without time zone,
  is_early_close boolean default false not null,
  constraint market_calendar_pkey primary key (market_calendar_id),
  constraint market_calendar_date_market_key unique (date, market),
  constraint market_calendar_holiday_check check (not (is_holiday and (is_early_close or open_time is not null or close_time is not null))),
  constraint market_calendar_times_check check (open_time < close_time)
);

create trigger _100_refuse_truncate before truncate
  on public.market_calendar
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.market_calendar
  for each row
  execute function app_private.tg__audit_row();

comment on table public.market_calendar is 'Days on which a market keeps other hours than usual: holidays and early closes. Ordinary days have no row.';
comment on column public.market_calendar.market_calendar_id is 'Key of the entry.';
comment on column public.market_calendar.date is 'Local date of the market.';
comment on column public.market_calendar.market is 'The market.';
comment on column public.market_calendar.is_holiday is 'Closed all day.';
comment on column public.market_calendar.holiday_name is 'Name of the holiday or of the reason.';
comment on column public.market_calendar.open_time is 'Opening, local time of the market (US: Eastern).';
comment on column public.market_calendar.close_time is 'Close, local time of the market (US: Eastern).';
comment on column public.market_calendar.is_early_close is 'Open, but closing early.';

create table public.ml_models (
  model_id integer generated always as identity not null,
  name text not null,
  version text not null,
  model_type text not null,
  model_path text,
  model_hash text,
  training_range tstzrange,
  validation_range tstzrange,
  features_used text[] default '{}'::text[] not null,
  training_score numeric,
  validation_score numeric,
  test_score numeric,
  hyperparameters jsonb default '{}'::jsonb not null,
  status text default 'training'::text not null,
  deployed_at timestamp with time zone,
  retired_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by text default app_private.current_actor() not null,
  constraint ml_models_pkey primary key (model_id),
  constraint ml_models_name_version_key unique (name, version),
  constraint ml_models_deployed_at_check check (status <> 'deployed'::text or deployed_at is not null),
  constraint ml_models_ranges_check check (not training_range && validation_range),
  constraint ml_models_retired_at_check check (status <> 'retired'::text or retired_at is not null),
  constraint ml_models_status_check check (status = any (array['training'::text, 'validated'::text, 'deployed'::text, 'retired'::text]))
);

create unique index ml_models_name_deployed_idx on public.ml_models using btree (name) where (status = 'deployed'::text);

create trigger _100_refuse_truncate before truncate
  on public.ml_models
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _100_stamp_status before insert or update of status
  on public.ml_models
  for each row
  execute function app_private.tg_ml_models__stamp_status();

create trigger _100_touch_updated_at before update
  on public.ml_models
  for each row
  execute function app_private.tg__touch_updated_at();

create trigger _500_audit after insert or delete or update
  on public.ml_models
  for each row
  execute function app_private.tg__audit_row('updated_at');

comment on table public.ml_models is 'Registry of models. At most one version of a name is deployed.';
comment on column public.ml_models.model_id is 'Key of the model.';
comment on column public.ml_models.name is 'Name; unique with the version.';
comment on column public.ml_models.version is 'Version of that name.';
comment on column public.ml_models.model_type is 'Family, for example lstm, gbm, arima.';
comment on column public.ml_models.model_path is 'Where the artefact lies.';
comment on column public.ml_models.model_hash is 'Digest of the artefact.';
comment on column public.ml_models.training_range is 'Data that it was trained on.';
comment on column public.ml_models.validation_range is 'Data that it was validated on; does not overlap the training range.';
comment on column public.ml_models.features_used is 'Names of its inputs.';
comment on column public.ml_models.training_score is 'Score on the training data.';
comment on column public.ml_models.validation_score is 'Score on the validation data.';
comment on column public.ml_models.test_score is 'Score on data that it never saw.';
comment on column public.ml_models.hyperparameters is 'How it was trained.';
comment on column public.ml_models.status is 'training, validated, deployed or retired.';
comment on column public.ml_models.deployed_at is 'When it was deployed. Set by a trigger if left out.';
comment on column public.ml_models.retired_at is 'When it was retired. Set by a trigger if left out.';
comment on column public.ml_models.created_at is 'When it was registered.';
comment on column public.ml_models.updated_at is 'When the registration last changed.';
comment on column public.ml_models.created_by is 'Who registered it.';

create table public.sources (
  source_id integer generated always as identity not null,
  name text not null,
  display_name text not null,
  category text default 'uncategorized'::text not null,
  data_type public.data_type_enum not null,
  api_endpoint text,
  api_provider text,
  requires_auth boolean default false not null,
  update_frequency interval default '1 day'::interval not null,
  last_successful_update timestamp with time zone,
  next_scheduled_update timestamp with time zone,
  status public.plugin_status_enum default 'active'::public.plugin_status_enum not null,
  market_type public.market_enum default 'CRYPTO'::public.market_enum not null,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  created_by text default app_private.current_actor() not null,
  constraint sources_pkey primary key (source_id),
  constraint sources_name_key unique (name),
  constraint sources_metadata_check check (jsonb_typeof(metadata) = 'object'::text),
  constraint sources_name_check check (name ~ '^[a-z0-9_]+$'::text),
  constraint sources_update_frequency_check check (update_frequency >= '00:00:01'::interval and update_frequency <= '10 years'::interval)
);

create trigger _100_deprecate before delete
  on public.sources
  for each row
  execute function app_private.tg_sources__deprecate();

create trigger _100_refuse_renumbering before update of source_id
  on public.sources
  for each row
  when ((old.source_id <> new.source_id))
  execute function app_private.tg_sources__refuse_renumbering();

create trigger _100_refuse_truncate before truncate
  on public.sources
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _100_touch_updated_at before update
  on public.sources
  for each row
  when ((((((((((((old.name is distinct from new.name) or (old.display_name is distinct from new.display_name)) or (old.category is distinct from new.category)) or (old.data_type is distinct from new.data_type)) or (old.api_endpoint is distinct from new.api_endpoint)) or (old.api_provider is distinct from new.api_provider)) or (old.requires_auth is distinct from new.requires_auth)) or (old.update_frequency is distinct from new.update_frequency)) or (old.status is distinct from new.status)) or (old.market_type is distinct from new.market_type)) or (old.metadata is distinct from new.metadata)))
  execute function app_private.tg__touch_updated_at();

create trigger _500_audit after insert or delete or update of source_id, name, display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, status, market_type, metadata, created_at, created_by
  on public.sources
  for each row
  execute function app_private.tg__audit_row('updated_at');

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

create table public.time_index (
  "timestamp" timestamp(3) with time zone not null,
  date_only date not null,
  day_of_week smallint not null,
  is_weekend boolean not null,
  is_trading_day boolean not null,
  notes text,
  constraint time_index_pkey primary key ("timestamp"),
  constraint time_index_date_only_key unique (date_only),
  constraint time_index_day_of_week_check check (day_of_week::numeric = (extract(isodow from date_only) - 1::numeric)),
  constraint time_index_is_weekend_check check (is_weekend = (day_of_week >= 5)),
  constraint time_index_timestamp_check check ("timestamp" = (date_only::timestamp without time zone at time zone 'UTC'::text))
);

create trigger _100_refuse_truncate before truncate
  on public.time_index
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.time_index
  for each row
  execute function app_private.tg__audit_row();

comment on table public.time_index is 'The common daily grid, one row per UTC day, on which series of different calendars are aligned.';
comment on column public.time_index."timestamp" is 'Midnight UTC of the day.';
comment on column public.time_index.date_only is 'The day.';
comment on column public.time_index.day_of_week is '0 = Monday to 6 = Sunday.';
comment on column public.time_index.is_weekend is 'Saturday or Sunday.';
comment on column public.time_index.is_trading_day is 'Whether US stock markets trade on that day.';
comment on column public.time_index.notes is 'Name of the US market holiday, or of the early close.';

create table public.timeseries_archive (
  archive_id bigint generated always as identity not null,
  source_id integer not null,
  "timestamp" timestamp(3) with time zone not null,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric,
  quality_score smallint not null,
  is_anomaly boolean not null,
  is_validated boolean not null,
  is_backfilled boolean not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deleted_at timestamp with time zone default now() not null,
  deleted_by text default app_private.current_actor() not null,
  deletion_reason text default nullif(current_setting('app.reason'::text, true), ''::text),
  restored_at timestamp with time zone,
  restored_by text,
  constraint timeseries_archive_pkey primary key (archive_id),
  constraint timeseries_archive_source_id_fkey foreign key (source_id) references public.sources(source_id) on delete restrict,
  constraint timeseries_archive_restored_check check ((restored_at is null) = (restored_by is null))
);

create index timeseries_archive_source_id_timestamp_idx on public.timeseries_archive using btree (source_id, "timestamp", archive_id desc);

create trigger _100_refuse_truncate before truncate
  on public.timeseries_archive
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.timeseries_archive
  for each row
  execute function app_private.tg__audit_row();

comment on table public.timeseries_archive is 'Every deleted row of timeseries_data, whole.';
comment on column public.timeseries_archive.archive_id is 'Key, in order of deletion.';
comment on column public.timeseries_archive.source_id is 'As in timeseries_data.';
comment on column public.timeseries_archive."timestamp" is 'As in timeseries_data.';
comment on column public.timeseries_archive.open is 'As in timeseries_data.';
comment on column public.timeseries_archive.high is 'As in timeseries_data.';
comment on column public.timeseries_archive.low is 'As in timeseries_data.';
comment on column public.timeseries_archive.close is 'As in timeseries_data.';
comment on column public.timeseries_archive.volume is 'As in timeseries_data.';
comment on column public.timeseries_archive.value is 'As in timeseries_data.';
comment on column public.timeseries_archive.quality_score is 'Score at deletion.';
comment on column public.timeseries_archive.is_anomaly is 'Whether it was an anomaly at deletion.';
comment on column public.timeseries_archive.is_validated is 'Whether it was valid at deletion.';
comment on column public.timeseries_archive.is_backfilled is 'As in timeseries_data.';
comment on column public.timeseries_archive.created_at is 'Arrival of the deleted row.';
comment on column public.timeseries_archive.updated_at is 'Last change of the deleted row.';
comment on column public.timeseries_archive.deleted_at is 'When it was deleted.';
comment on column public.timeseries_archive.deleted_by is 'Who deleted it.';
comment on column public.timeseries_archive.deletion_reason is 'app.reason of the deleting transaction.';
comment on column public.timeseries_archive.restored_at is 'When it was brought back; null while it is only here.';
comment on column public.timeseries_archive.restored_by is 'Who brought it back.';

create table public.timeseries_data (
  source_id integer not null,
  "timestamp" timestamp(3) with time zone not null,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric,
  quality_score smallint default 100 not null,
  is_anomaly boolean default false not null,
  is_validated boolean default true not null,
  is_backfilled boolean default app_private.is_backfill() not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint timeseries_data_pkey primary key (source_id, "timestamp"),
  constraint timeseries_data_close_check check (close < 'Infinity'::numeric and close > '-Infinity'::numeric),
  constraint timeseries_data_high_check check (high < 'Infinity'::numeric and high > '-Infinity'::numeric),
  constraint timeseries_data_low_check check (low < 'Infinity'::numeric and low > '-Infinity'::numeric),
  constraint timeseries_data_open_check check (open < 'Infinity'::numeric and open > '-Infinity'::numeric),
  constraint timeseries_data_quality_score_check check (quality_score >= 0 and quality_score <= 100),
  constraint timeseries_data_timestamp_check check ("timestamp" >= '0001-01-01 00:00:00+00'::timestamp with time zone and "timestamp" < '10000-01-01 00:00:00+00'::timestamp with time zone),
  constraint timeseries_data_value_check check (value < 'Infinity'::numeric and value > '-Infinity'::numeric),
  constraint timeseries_data_volume_check check (volume < 'Infinity'::numeric and volume > '-Infinity'::numeric)
);

select create_hypertable('public.timeseries_data', by_range('timestamp', interval '30 days'));

alter table public.timeseries_data set (
  timescaledb.compress,
  timescaledb.compress_segmentby = 'source_id',
  timescaledb.compress_orderby = '"timestamp" desc',
  timescaledb.compress_chunk_time_interval = '1080 days'
);

create trigger _100_refuse_move before update of source_id, "timestamp"
  on public.timeseries_data
  for each row
  when (((old.source_id is distinct from new.source_id) or (old."timestamp" is distinct from new."timestamp")))
  execute function app_private.tg_timeseries_data__refuse_move();

create trigger _100_refuse_truncate before truncate
  on public.timeseries_data
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _100_touch_updated_at before update
  on public.timeseries_data
  for each row
  when ((((((((((old.open is distinct from new.open) or (old.high is distinct from new.high)) or (old.low is distinct from new.low)) or (old.close is distinct from new.close)) or (old.volume is distinct from new.volume)) or (old.value is distinct from new.value)) or (old.created_at is distinct from new.created_at)) or (old.is_backfilled is distinct from new.is_backfilled)) or (old.updated_at is distinct from new.updated_at)))
  execute function app_private.tg__touch_updated_at();

create trigger _500_deleted after delete
  on public.timeseries_data
  for each row
  execute function app_private.tg_timeseries_data__deleted();

create trigger _600_refuse_skipping after insert or delete or update
  on public.timeseries_data
  for each statement
  when ((current_setting('timescaledb.skip_cagg_invalidation'::text, true) = 'on'::text))
  execute function app_private.tg_timeseries_data__refuse_skipping();

create trigger _700_inserted after insert
  on public.timeseries_data
  referencing new table as new_rows
  for each statement
  execute function app_private.tg_timeseries_data__inserted();

create trigger _700_updated after update
  on public.timeseries_data
  referencing old table as old_rows new table as new_rows
  for each statement
  execute function app_private.tg_timeseries_data__updated();

comment on table public.timeseries_data is 'Every series, one row per source and moment. Rows are scored when they arrive; incomplete rows are stored and scored, not refused.';
comment on column public.timeseries_data.source_id is 'The series that the row belongs to: a key of sources. Checked by the triggers of both tables, once for each statement, as a foreign key would for each row.';
comment on column public.timeseries_data."timestamp" is 'Moment of the observation; for candles the opening time. Millisecond precision, years 1 to 9999.';
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

create table public.validation_rules (
  rule_id integer generated always as identity not null,
  data_type public.data_type_enum,
  source_id integer,
  rule_name text not null,
  rule_sql text not null,
  error_message text not null,
  severity text default 'ERROR'::text not null,
  enabled boolean default true not null,
  created_at timestamp with time zone default now() not null,
  created_by text default app_private.current_actor() not null,
  constraint validation_rules_pkey primary key (rule_id),
  constraint validation_rules_data_type_source_id_rule_name_key unique nulls not distinct (data_type, source_id, rule_name),
  constraint validation_rules_source_id_fkey foreign key (source_id) references public.sources(source_id) on delete cascade,
  constraint validation_rules_scope_check check (data_type is not null or source_id is not null),
  constraint validation_rules_severity_check check (severity = any (array['ERROR'::text, 'WARNING'::text, 'INFO'::text]))
);

create index validation_rules_source_id_idx on public.validation_rules using btree (source_id);

create trigger _100_check before insert or update of rule_sql
  on public.validation_rules
  for each row
  execute function app_private.tg_validation_rules__check();

create trigger _100_refuse_truncate before truncate
  on public.validation_rules
  for each statement
  execute function app_private.tg__refuse_truncate();

create trigger _500_audit after insert or delete or update
  on public.validation_rules
  for each row
  execute function app_private.tg__audit_row();

create trigger _700_compile after insert or delete or update
  on public.validation_rules
  for each statement
  execute function app_private.tg_validation_rules__compile();

comment on table public.validation_rules is 'Boolean expressions over one row that the rows of a type or source must satisfy. Compiled when they change.';
comment on column public.validation_rules.rule_id is 'Key of the rule.';
comment on column public.validation_rules.data_type is 'Kind of series that the rule is for; may be null when source_id is given.';
comment on column public.validation_rules.source_id is 'The only source that the rule is for; null: every source of the type.';
comment on column public.validation_rules.rule_name is 'Name, unique within its scope.';
comment on column public.validation_rules.rule_sql is 'Boolean expression over source_id, timestamp, open, high, low, close, volume and value. Admitted only if PostgreSQL takes it as a stored generated column. Null counts as satisfied.';
comment on column public.validation_rules.error_message is 'What a violation means, for people.';
comment on column public.validation_rules.severity is 'ERROR also clears is_validated; WARNING and INFO only cost points.';
comment on column public.validation_rules.enabled is 'Whether the rule is applied.';
comment on column public.validation_rules.created_at is 'When the rule was made.';
comment on column public.validation_rules.created_by is 'Who made it.';

-- Continuous aggregates -----------------------------------------------------------------------------------------------

create materialized view public.daily_ohlcv
with (timescaledb.continuous, timescaledb.materialized_only = false) as
select source_id,
   public.time_bucket('1 day'::interval, "timestamp") as day,
   public.first(coalesce(open, close), "timestamp") as open,
   max(coalesce(high, close)) as high,
   min(coalesce(low, close)) as low,
   public.last(close, "timestamp") as close,
   sum(app_private.bounded_level(volume)) as volume,
   count(*) as data_points
  from public.timeseries_data
 where (close is not null)
 group by source_id, (public.time_bucket('1 day'::interval, "timestamp"))
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
select source_id,
   public.time_bucket('01:00:00'::interval, "timestamp") as hour,
   public.first(coalesce(open, close), "timestamp") as open,
   max(coalesce(high, close)) as high,
   min(coalesce(low, close)) as low,
   public.last(close, "timestamp") as close,
   sum(app_private.bounded_level(volume)) as volume,
   count(*) as data_points
  from public.timeseries_data
 where (close is not null)
 group by source_id, (public.time_bucket('01:00:00'::interval, "timestamp"))
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
select source_id,
   public.time_bucket('01:00:00'::interval, "timestamp") as hour,
   avg(app_private.bounded_level(coalesce(close, value))) as avg_value,
   min(coalesce(close, value)) as min_value,
   max(coalesce(close, value)) as max_value,
   public.last(coalesce(close, value), "timestamp") as last_value,
   count(*) as data_points,
   stddev_samp(app_private.bounded_level(coalesce(close, value))) as volatility
  from public.timeseries_data
 where (coalesce(close, value) is not null)
 group by source_id, (public.time_bucket('01:00:00'::interval, "timestamp"))
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
select source_id,
   public.time_bucket('7 days'::interval, "timestamp") as week,
   avg(app_private.bounded_level(coalesce(close, value))) as avg_value,
   min(coalesce(close, value)) as min_value,
   max(coalesce(close, value)) as max_value,
   public.last(coalesce(close, value), "timestamp") as last_value,
   stddev_samp(app_private.bounded_level(coalesce(close, value))) as volatility,
   sum(app_private.bounded_level(volume)) as volume,
   count(*) as data_points,
   count(*) filter (where is_anomaly) as anomalies,
   count(*) filter (where (not is_validated)) as invalid_points,
   sum(quality_score) as quality_sum,
   min(quality_score) as min_quality
  from public.timeseries_data
 group by source_id, (public.time_bucket('7 days'::interval, "timestamp"))
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

-- Views ---------------------------------------------------------------------------------------------------------------

create view public.aggregate_refresh_status (
  aggregate text,
  based_on text,
  is_real_time boolean,
  materialized_until timestamp with time zone,
  job_id integer,
  schedule_interval interval,
  last_refresh timestamp with time zone,
  last_status text,
  total_failures bigint,
  next_refresh timestamp with time zone
);
-- body: migrations/views/aggregate_refresh_status.sql
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

create view public.backtest_leaderboard (
  rank bigint,
  backtest_id integer,
  strategy_name text,
  strategy_version text,
  source_id integer,
  source_name text,
  start_date date,
  end_date date,
  total_days integer,
  total_return numeric,
  annualized_return numeric,
  sharpe_ratio numeric,
  sortino_ratio numeric,
  max_drawdown numeric,
  value_at_risk_95 numeric,
  total_trades integer,
  win_rate numeric
);
-- body: migrations/views/backtest_leaderboard.sql
comment on view public.backtest_leaderboard is 'Backtests, best risk-adjusted return first.';
comment on column public.backtest_leaderboard.rank is 'Place by Sharpe ratio, then total return.';
comment on column public.backtest_leaderboard.backtest_id is 'The run.';
comment on column public.backtest_leaderboard.strategy_name is 'The strategy.';
comment on column public.backtest_leaderboard.strategy_version is 'Its version.';
comment on column public.backtest_leaderboard.source_id is 'The traded series.';
comment on column public.backtest_leaderboard.source_name is 'Its name.';
comment on column public.backtest_leaderboard.start_date is 'First day.';
comment on column public.backtest_leaderboard.end_date is 'Last day.';
comment on column public.backtest_leaderboard.total_days is 'Days of the run.';
comment on column public.backtest_leaderboard.total_return is 'Return of the whole run.';
comment on column public.backtest_leaderboard.annualized_return is 'Return per year.';
comment on column public.backtest_leaderboard.sharpe_ratio is 'Sharpe ratio.';
comment on column public.backtest_leaderboard.sortino_ratio is 'Sortino ratio.';
comment on column public.backtest_leaderboard.max_drawdown is 'Deepest fall from a peak.';
comment on column public.backtest_leaderboard.value_at_risk_95 is 'Daily loss exceeded on 5 % of the days.';
comment on column public.backtest_leaderboard.total_trades is 'Number of trades.';
comment on column public.backtest_leaderboard.win_rate is 'Share of winning trades.';

create view public.chunk_stats (
  chunk text,
  range_start timestamp with time zone,
  range_end timestamp with time zone,
  row_count bigint,
  total_bytes bigint,
  is_compressed boolean,
  compression_ratio numeric
);
-- body: migrations/views/chunk_stats.sql
comment on view public.chunk_stats is 'The chunks of timeseries_data.';
comment on column public.chunk_stats.chunk is 'Table of the chunk.';
comment on column public.chunk_stats.range_start is 'First moment, included.';
comment on column public.chunk_stats.range_end is 'Last moment, excluded.';
comment on column public.chunk_stats.row_count is 'Number of rows: counted, except in uncompressed chunks that have statistics.';
comment on column public.chunk_stats.total_bytes is 'Size with indexes and TOAST, in bytes.';
comment on column public.chunk_stats.is_compressed is 'Whether it is compressed, wholly or in part.';
comment on column public.chunk_stats.compression_ratio is 'Size before over size after compression; null while uncompressed.';

create view public.data_freshness (
  source_id integer,
  name text,
  display_name text,
  update_frequency interval,
  last_successful_update timestamp with time zone,
  next_scheduled_update timestamp with time zone,
  last_timestamp timestamp(3) with time zone,
  data_age interval,
  freshness text,
  row_count bigint,
  anomaly_count bigint,
  avg_quality_score numeric
);
-- body: migrations/views/data_freshness.sql
comment on view public.data_freshness is 'How old the newest row of each source is, measured by update_frequency, with counts as of the last refresh of weekly_stats.';
comment on column public.data_freshness.source_id is 'The source.';
comment on column public.data_freshness.name is 'Its machine name.';
comment on column public.data_freshness.display_name is 'Its name for people.';
comment on column public.data_freshness.update_frequency is 'Distance between two rows.';
comment on column public.data_freshness.last_successful_update is 'When rows last arrived.';
comment on column public.data_freshness.next_scheduled_update is 'When rows are expected next.';
comment on column public.data_freshness.last_timestamp is 'Moment of the newest row.';
comment on column public.data_freshness.data_age is 'Time since then.';
comment on column public.data_freshness.freshness is 'FRESH, WARNING (older than 1.5 × update_frequency), STALE (2 ×), CRITICAL (3 ×), EMPTY or INACTIVE.';
comment on column public.data_freshness.row_count is 'Number of rows, with those that retention has dropped.';
comment on column public.data_freshness.anomaly_count is 'Rows beyond 4 sigma.';
comment on column public.data_freshness.avg_quality_score is 'Mean score, 0 to 100.';

create view public.forecast_accuracy (
  source_id integer,
  source_name text,
  model_name text,
  model_version text,
  forecasts_scored bigint,
  mae numeric,
  rmse numeric,
  mape numeric,
  bias numeric,
  interval_coverage numeric,
  first_target timestamp with time zone,
  last_target timestamp with time zone
);
-- body: migrations/views/forecast_accuracy.sql
comment on view public.forecast_accuracy is 'How good each model is on each source, over its scored forecasts.';
comment on column public.forecast_accuracy.source_id is 'The predicted series.';
comment on column public.forecast_accuracy.source_name is 'Its name.';
comment on column public.forecast_accuracy.model_name is 'The model.';
comment on column public.forecast_accuracy.model_version is 'Its version.';
comment on column public.forecast_accuracy.forecasts_scored is 'Number of forecasts whose actual value has arrived.';
comment on column public.forecast_accuracy.mae is 'Mean absolute error.';
comment on column public.forecast_accuracy.rmse is 'Root mean squared error.';
comment on column public.forecast_accuracy.mape is 'Mean absolute percentage error.';
comment on column public.forecast_accuracy.bias is 'Mean of predicted minus actual: positive when the model predicts too high.';
comment on column public.forecast_accuracy.interval_coverage is 'Share of actual values inside their confidence interval, 0 to 1.';
comment on column public.forecast_accuracy.first_target is 'Earliest moment predicted.';
comment on column public.forecast_accuracy.last_target is 'Latest moment predicted.';

create view public.job_status (
  job_id integer,
  job text,
  relation text,
  procedure text,
  schedule_interval interval,
  is_scheduled boolean,
  total_runs bigint,
  total_failures bigint,
  has_failed boolean,
  is_refused_end boolean,
  last_success timestamp with time zone
);
-- body: migrations/views/job_status.sql
comment on view public.job_status is 'How the background jobs of this database fare, those of TimescaleDB itself too.';
comment on column public.job_status.job_id is 'The job.';
comment on column public.job_status.job is 'Its name, as TimescaleDB gives it.';
comment on column public.job_status.relation is 'The table or aggregate that it is for; null when it is for none.';
comment on column public.job_status.procedure is 'What it calls.';
comment on column public.job_status.schedule_interval is 'How often it runs.';
comment on column public.job_status.is_scheduled is 'Whether it is switched on.';
comment on column public.job_status.total_runs is 'How often it has run.';
comment on column public.job_status.total_failures is 'How often that failed, is_refused_end included.';
comment on column public.job_status.has_failed is 'Whether its last run failed, its work undone.';
comment on column public.job_status.is_refused_end is 'Whether its last run did its work and counts as failed: PostgreSQL refused what TimescaleDB does after the end of a job.';
comment on column public.job_status.last_success is 'When it last did its work; null before.';

create view public.latest_values (
  source_id integer,
  name text,
  display_name text,
  category text,
  data_type public.data_type_enum,
  status public.plugin_status_enum,
  market_type public.market_enum,
  metadata jsonb,
  "timestamp" timestamp(3) with time zone,
  level numeric,
  open numeric,
  high numeric,
  low numeric,
  close numeric,
  volume numeric,
  value numeric,
  quality_score smallint,
  is_anomaly boolean,
  is_validated boolean
);
-- body: migrations/views/latest_values.sql
comment on view public.latest_values is 'The newest row of each source that has one, with the source''s metadata and the row''s quality.';
comment on column public.latest_values.source_id is 'The source.';
comment on column public.latest_values.name is 'Its machine name.';
comment on column public.latest_values.display_name is 'Its name for people.';
comment on column public.latest_values.category is 'Its group.';
comment on column public.latest_values.data_type is 'Its kind.';
comment on column public.latest_values.status is 'Its life cycle.';
comment on column public.latest_values.market_type is 'Its market.';
comment on column public.latest_values.metadata is 'Its metadata.';
comment on column public.latest_values."timestamp" is 'Moment of the newest row.';
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

create view public.quality_overview (
  source_id integer,
  name text,
  data_type public.data_type_enum,
  row_count bigint,
  avg_quality_score numeric,
  min_quality_score smallint,
  invalid_count bigint,
  anomaly_count bigint,
  open_anomalies bigint,
  black_swans bigint,
  open_gaps bigint,
  first_week timestamp with time zone,
  last_week timestamp with time zone
);
-- body: migrations/views/quality_overview.sql
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

create view public.slow_queries (
  query text,
  calls bigint,
  mean_ms double precision,
  total_ms double precision,
  rows_per_call numeric
);
-- body: migrations/views/slow_queries.sql
comment on view public.slow_queries is 'Statements that take more than 500 ms on average. Needs pg_stat_statements; else empty, with a notice.';
comment on column public.slow_queries.query is 'The statement, constants replaced.';
comment on column public.slow_queries.calls is 'How often it ran.';
comment on column public.slow_queries.mean_ms is 'Mean time, ms.';
comment on column public.slow_queries.total_ms is 'Total time, ms.';
comment on column public.slow_queries.rows_per_call is 'Mean number of rows.';

-- Functions -----------------------------------------------------------------------------------------------------------

create or replace function app_private.archive_audit_entries(first_seal bigint, last_seal bigint, head bytea)
 returns bigint
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/archive_audit_entries.sql
comment on function app_private.archive_audit_entries(bigint,bigint,bytea) is 'Deletes the entries of the oldest seals, for whoever has them in a file whose chain ends with that digest, and writes an entry that says so. How many. The one way out of the audit log.';

create or replace function app_private.audit_line(entry public.audit_log, audit_id bigint)
 returns text
 language sql
 stable;
-- body: migrations/functions/audit_line.sql
comment on function app_private.audit_line(public.audit_log,bigint) is 'An entry of the audit log, under a number, as the line whose SHA-256 is sealed. docs/security.md describes it.';

create or replace function app_private.bounded_level(level numeric)
 returns numeric
 language sql
 immutable;
-- body: migrations/functions/bounded_level.sql
comment on function app_private.bounded_level(numeric) is 'A level, cut to what mean, deviation and quotients can be computed of.';

create or replace function app_private.canonical_rule(rule_sql text, otherwise text default null::text)
 returns text
 language plpgsql
 set search_path to 'pg_catalog', 'public', 'pg_temp'
 set "TimeZone" to 'UTC'
 set "DateStyle" to 'ISO, MDY'
 set "IntervalStyle" to 'postgres'
 set standard_conforming_strings to 'on';
-- body: migrations/functions/canonical_rule.sql
comment on function app_private.canonical_rule(text,text) is 'The expression as PostgreSQL understands it. A text that cannot be a rule gives the second argument, or error MD001 with the reason.';

create or replace function app_private.chunks_between(first_moment timestamp with time zone, last_moment timestamp with time zone)
 returns table(range_start timestamp with time zone, range_end timestamp with time zone, is_fully_compressed boolean)
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp'
 set plan_cache_mode to 'force_generic_plan';
-- body: migrations/functions/chunks_between.sql
comment on function app_private.chunks_between(timestamp with time zone,timestamp with time zone) is 'The chunks of timeseries_data that overlap a range; is_fully_compressed: nobody looks for uncompressed rows beside.';

create or replace function app_private.close_chunks()
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp'
 set client_min_messages to 'warning';
-- body: migrations/functions/close_chunks.sql
comment on function app_private.close_chunks() is 'Leaves the right to write chunks of timeseries_data to the owner alone; whoever may write the table still can. To be called after a GRANT on the table and after compress_chunk().';

create or replace function app_private.close_to_public()
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/close_to_public.sql
comment on function app_private.close_to_public() is 'Takes from PUBLIC what it may do with functions and types of this schema. To be called by a migration that makes some.';

create or replace function app_private.compile_rules()
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp'
 set "TimeZone" to 'UTC'
 set "DateStyle" to 'ISO, MDY'
 set "IntervalStyle" to 'postgres'
 set standard_conforming_strings to 'on';
-- body: migrations/functions/compile_rules.sql
comment on function app_private.compile_rules() is 'Turns the enabled rows of validation_rules into the functions that the pipeline calls.';

create or replace function app_private.completeness_loss(data_type public.data_type_enum, open numeric, high numeric, low numeric, close numeric, volume numeric, value numeric)
 returns integer
 language sql
 immutable;
-- body: migrations/functions/completeness_loss.sql
comment on function app_private.completeness_loss(public.data_type_enum,numeric,numeric,numeric,numeric,numeric,numeric) is 'What a row loses of its score when a value is missing.';

create or replace procedure app_private.compress_due_chunks(in job_id integer, in config jsonb)
 language plpgsql;
-- body: migrations/functions/compress_due_chunks.sql
comment on procedure app_private.compress_due_chunks(integer,jsonb) is 'Job that compresses the chunks whose whole range is older than config.compress_after.';

create or replace function app_private.compute_scores(islands app_private.island[], guarded boolean)
 returns setof app_private.score
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp'
 set "TimeZone" to 'UTC'
 set plan_cache_mode to 'force_generic_plan'
 set enable_seqscan to 'off'
 set enable_bitmapscan to 'off'
 set enable_sort to 'off';
-- body: migrations/functions/compute_scores.sql
comment on function app_private.compute_scores(app_private.island[],boolean) is 'The scores of rows that are outliers or stored with another score. Clean rows cost no write. guarded: after an error, a rule that raises counts as violated.';

create or replace function app_private.consistency_loss(level numeric, previous_level numeric)
 returns integer
 language sql
 immutable;
-- body: migrations/functions/consistency_loss.sql
comment on function app_private.consistency_loss(numeric,numeric) is 'What a row loses of its score when its level is more than half away from the one before it.';

create or replace function app_private.count_rows(chunk_schema name, chunk_name name)
 returns bigint
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/count_rows.sql
comment on function app_private.count_rows(name,name) is 'Exact number of rows of a chunk; null when it is gone.';

create or replace function app_private.count_steps(first_moment timestamp with time zone, last_moment timestamp with time zone, step interval)
 returns bigint
 language sql
 stable
 set "TimeZone" to 'UTC'
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/count_steps.sql
comment on function app_private.count_steps(timestamp with time zone,timestamp with time zone,interval) is 'How many whole steps fit between two moments; months by the calendar, in UTC.';

create or replace function app_private.current_actor()
 returns text
 language sql
 stable;
-- body: migrations/functions/current_actor.sql
comment on function app_private.current_actor() is 'Who acts: the setting app.user of the transaction when it is set, else the session user.';

create or replace function app_private.data_tables()
 returns setof regclass
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/data_tables.sql
comment on function app_private.data_tables() is 'The tables whose rows a backup is compared by.';

create or replace function app_private.describe_aggregates()
 returns table(relation regclass, aggregate text, based_on text, level integer, is_real_time boolean, materialized_until timestamp with time zone, job_id integer, schedule_interval interval, last_refresh timestamp with time zone, last_status text, total_failures bigint, next_refresh timestamp with time zone)
 language sql
 stable
 set search_path to 'pg_catalog', 'public', 'pg_temp';
-- body: migrations/functions/describe_aggregates.sql
comment on function app_private.describe_aggregates() is 'The rows of aggregate_refresh_status: the continuous aggregates on timeseries_data, and those on them, in the order in which to refresh.';

create or replace function app_private.describe_chunks()
 returns table(chunk text, range_start timestamp with time zone, range_end timestamp with time zone, row_count bigint, total_bytes bigint, is_compressed boolean, compression_ratio numeric)
 language sql
 stable security definer
 set search_path to 'pg_catalog', 'public', 'pg_temp';
-- body: migrations/functions/describe_chunks.sql
comment on function app_private.describe_chunks() is 'The rows of chunk_stats.';

create or replace function app_private.describe_contents()
 returns table(table_name text, source_id integer, row_count bigint, first_moment timestamp with time zone, last_moment timestamp with time zone, checksum numeric)
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp'
 set "TimeZone" to 'UTC'
 set "DateStyle" to 'ISO, MDY'
 set "IntervalStyle" to 'postgres'
 set extra_float_digits to '1'
 set bytea_output to 'hex'
 set "timescaledb.enable_columnarscan" to 'on';
-- body: migrations/functions/describe_contents.sql
comment on function app_private.describe_contents() is 'Each table with the number of its rows and their checksum, timeseries_data by source. Reads everything.';

create or replace function app_private.describe_jobs()
 returns table(job_id integer, job text, relation text, procedure text, schedule_interval interval, is_scheduled boolean, total_runs bigint, total_failures bigint, has_failed boolean, is_refused_end boolean, last_success timestamp with time zone)
 language sql
 stable security definer
 set search_path to 'pg_catalog', 'public', 'pg_temp';
-- body: migrations/functions/describe_jobs.sql
comment on function app_private.describe_jobs() is 'The rows of job_status.';

create or replace function app_private.digest_of_digests(digests bytea[])
 returns bytea
 language sql
 immutable;
-- body: migrations/functions/digest_of_digests.sql
comment on function app_private.digest_of_digests(bytea[]) is 'SHA-256 of digests, each in hexadecimal on a line of its own.';

create or replace procedure app_private.drop_old_chunks(in job_id integer, in config jsonb)
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'public', 'pg_temp'
 set "TimeZone" to 'UTC';
-- body: migrations/functions/drop_old_chunks.sql
comment on procedure app_private.drop_old_chunks(integer,jsonb) is 'Job of set_retention: drops whole chunks older than config.drop_after and writes one audit entry about them.';

create or replace function app_private.dropped_until()
 returns timestamp with time zone
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/dropped_until.sql
comment on function app_private.dropped_until() is 'History before this moment was dropped by retention and lives on in the aggregates only; null when nothing was dropped.';

create or replace function app_private.easter_sunday(year integer)
 returns date
 language sql
 immutable;
-- body: migrations/functions/easter_sunday.sql
comment on function app_private.easter_sunday(integer) is 'Western Easter Sunday of a year.';

create or replace function app_private.error_rules()
 returns integer[]
 language sql
 immutable;
-- body: generated by compile_rules()
comment on function app_private.error_rules() is 'Generated by compile_rules(): the enabled rules of severity ERROR.';

create or replace function app_private.explain_difference(entry bigint, difference text, sealed_digest bytea)
 returns table(what text, detail text)
 language sql
 stable;
-- body: migrations/functions/explain_difference.sql
comment on function app_private.explain_difference(bigint,text,bytea) is 'What has happened to an entry of the audit log that is not as it was sealed: it is here under another number, or was sealed under another, else the difference that was seen.';

create or replace function app_private.faulty_rules(newest integer default 20)
 returns table(rule_id integer, rule_name text, rule_sql text, does_compile boolean, problem text)
 language plpgsql
 set search_path to 'pg_catalog', 'public', 'pg_temp'
 set "TimeZone" to 'UTC'
 set "DateStyle" to 'ISO, MDY'
 set "IntervalStyle" to 'postgres'
 set standard_conforming_strings to 'on'
 set client_min_messages to 'error';
-- body: migrations/functions/faulty_rules.sql
comment on function app_private.faulty_rules(integer) is 'Enabled rules that do not compile any more, or raise on one of the newest rows of a source: such rows count as violating them.';

create or replace function app_private.has_uncompressed_rows(chunk regclass)
 returns boolean
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/has_uncompressed_rows.sql
comment on function app_private.has_uncompressed_rows(regclass) is 'Whether a chunk has rows that are in no compressed batch.';

create or replace function app_private.history_before(source_id integer, moment timestamp with time zone, update_frequency interval, out first_moment timestamp with time zone, out row_count bigint, out last_level numeric, out level_count bigint, out mean numeric, out stddev numeric)
 returns record
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/history_before.sql
comment on function app_private.history_before(integer,timestamp with time zone,interval) is 'The 200 rows of a source before a moment, summed up: since when, how many, their last level, and count, mean and deviation of their levels.';

create or replace function app_private.invalidate_aggregates(islands app_private.island[])
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp'
 set plan_cache_mode to 'force_custom_plan'
 set "timescaledb.max_tuples_decompressed_per_dml_transaction" to '0';
-- body: migrations/functions/invalidate_aggregates.sql
comment on function app_private.invalidate_aggregates(app_private.island[]) is 'Has the continuous aggregates compute the range of these rows again at their next refresh. For rows that came by COPY.';

create or replace function app_private.is_backfill()
 returns boolean
 language sql
 stable;
-- body: migrations/functions/is_backfill.sql
comment on function app_private.is_backfill() is 'Whether this transaction loads history: the setting app.ingest_mode is backfill. The default is live.';

create or replace function app_private.is_refreshing(aggregate regclass)
 returns boolean
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/is_refreshing.sql
comment on function app_private.is_refreshing(regclass) is 'Whether another session, perhaps a policy, refreshes a continuous aggregate.';

create or replace function app_private.is_trusted(class oid, object oid)
 returns boolean
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/is_trusted.sql
comment on function app_private.is_trusted(oid,oid) is 'Whether a function, operator, type, collation or table (its catalog and oid) belongs to PostgreSQL, an extension or the owner of this schema, and is not temporary.';

create or replace function app_private.lineage_cycle(source_ids integer[], parents integer[], children integer[], waiting integer[])
 returns text
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp'
 set enable_nestloop to 'off';
-- body: migrations/functions/lineage_cycle.sql
comment on function app_private.lineage_cycle(integer[],integer[],integer[],integer[]) is 'The names of the sources along a cycle of the edges, which are those of lineage_edges(); waiting: how many parents of each source are in a cycle, or behind one.';

create or replace function app_private.lineage_edges(source_ids integer[], out parents integer[], out children integer[])
 returns record
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp'
 set enable_nestloop to 'off';
-- body: migrations/functions/lineage_edges.sql
comment on function app_private.lineage_edges(integer[]) is 'The edges between these sources, by their positions in source_ids and in order of parent.';

create or replace function app_private.lineage_from(origins integer[], is_upstream boolean default false)
 returns integer[]
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp'
 set enable_seqscan to 'off'
 set enable_hashjoin to 'off'
 set enable_mergejoin to 'off';
-- body: migrations/functions/lineage_from.sql
comment on function app_private.lineage_from(integer[],boolean) is 'These sources and all that is computed from them, or all that they are computed from, each once.';

create or replace function app_private.lock_rows(source_id integer, first_moment timestamp with time zone, last_moment timestamp with time zone)
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/lock_rows.sql
comment on function app_private.lock_rows(integer,timestamp with time zone,timestamp with time zone) is 'Locks the rows of a source in a range (both ends included) in order of time, and waits for those who have changed some.';

create or replace function app_private.lock_sources(source_ids integer[])
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/lock_sources.sql
comment on function app_private.lock_sources(integer[]) is 'Keeps sources from being deleted until the transaction ends; raises 23503 when one of them does not exist.';

create or replace function app_private.materialized_until()
 returns timestamp with time zone
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/materialized_until.sql
comment on function app_private.materialized_until() is 'Up to where writes to timeseries_data are noted for the continuous aggregates; null without aggregates.';

create or replace function app_private.missing_days(source_id integer, first_moment timestamp with time zone, last_moment timestamp with time zone)
 returns table(gap_start timestamp with time zone, gap_end timestamp with time zone, missing_points bigint)
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/missing_days.sql
comment on function app_private.missing_days(integer,timestamp with time zone,timestamp with time zone) is 'Runs of trading days of the US market on which a source has no row.';

create or replace function app_private.missing_intervals(source_id integer, update_frequency interval, first_moment timestamp with time zone, last_moment timestamp with time zone)
 returns table(gap_start timestamp with time zone, gap_end timestamp with time zone, missing_points bigint)
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/missing_intervals.sql
comment on function app_private.missing_intervals(integer,interval,timestamp with time zone,timestamp with time zone) is 'Where the rows of a source lie further apart than its update_frequency.';

create or replace function app_private.note_arrival(source_ids integer[])
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp'
 set "TimeZone" to 'UTC'
 set plan_cache_mode to 'force_generic_plan';
-- body: migrations/functions/note_arrival.sql
comment on function app_private.note_arrival(integer[]) is 'Records on the sources that rows have arrived and marks every lineage edge downstream of them.';

create or replace function app_private.nth_weekday(year integer, month integer, isodow integer, n integer)
 returns date
 language sql
 immutable;
-- body: migrations/functions/nth_weekday.sql
comment on function app_private.nth_weekday(integer,integer,integer,integer) is 'The n-th weekday (1 = Monday to 7 = Sunday) of a month, for example the third Monday of January.';

create or replace function app_private.open_chunks()
 returns table(relation regclass, grantee text, privileges text)
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/open_chunks.sql
comment on function app_private.open_chunks() is 'What others than the owner may do to chunks of timeseries_data past its triggers. Empty after close_chunks().';

create or replace function app_private.require_columns(relation regclass, given jsonb[])
 returns jsonb[]
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/require_columns.sql
comment on function app_private.require_columns(regclass,jsonb[]) is 'The rows as they are given. Raises MD008 for one that has a key which is no column, or none that can be written.';

create or replace function app_private.require_range(first_moment timestamp with time zone, last_moment timestamp with time zone)
 returns void
 language plpgsql
 immutable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/require_range.sql
comment on function app_private.require_range(timestamp with time zone,timestamp with time zone) is 'Raises MD007 for a range that ends before it starts.';

create or replace function app_private.require_source(source_id integer)
 returns void
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/require_source.sql
comment on function app_private.require_source(integer) is 'Raises MD006 for a source that is not registered.';

create or replace function app_private.reveal_rows(islands app_private.island[])
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/reveal_rows.sql
comment on function app_private.reveal_rows(app_private.island[]) is 'Makes rows that the running statement wrote into compressed chunks visible to its triggers.';

create or replace function app_private.row_hash(relation regclass)
 returns text
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/row_hash.sql
comment on function app_private.row_hash(regclass) is 'Expression that hashes a row of a table, called t, in 64 bits. The same in every version of PostgreSQL; see describe_contents().';

create or replace function app_private.schedule_refresh()
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'public', 'pg_temp';
-- body: migrations/functions/schedule_refresh.sql
comment on function app_private.schedule_refresh() is 'Gives every continuous aggregate a refresh policy, unless it has one, and has the policies leave alone what retention drops or has dropped.';

create or replace function app_private.score_island(island app_private.island, is_whole boolean, guarded boolean)
 returns setof app_private.score
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/score_island.sql
comment on function app_private.score_island(app_private.island,boolean,boolean) is 'Scores rows by the contract of quality_score and is_anomaly; returns those that are outliers or stored with another score. is_whole: no other row lies between them. guarded: a rule that raises counts as violated.';

create or replace function app_private.score_rows(islands app_private.island[])
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/score_rows.sql
comment on function app_private.score_rows(app_private.island[]) is 'Scores the rows of these islands and writes what differs from what is stored.';

create or replace function app_private.seal_line(seal public.audit_seals)
 returns text
 language sql
 stable;
-- body: migrations/functions/seal_line.sql
comment on function app_private.seal_line(public.audit_seals) is 'A seal as the line whose SHA-256 is its digest. docs/security.md describes it.';

create or replace procedure app_private.seal_new_entries(in job_id integer, in config jsonb)
 language plpgsql;
-- body: migrations/functions/seal_new_entries.sql
comment on procedure app_private.seal_new_entries(integer,jsonb) is 'Job that seals the audit log.';

create or replace function app_private.slow_statements()
 returns table(query text, calls bigint, mean_ms double precision, total_ms double precision, rows_per_call numeric)
 language plpgsql
 stable security definer
 set search_path to 'pg_catalog', 'public', 'pg_temp';
-- body: migrations/functions/slow_statements.sql
comment on function app_private.slow_statements() is 'Statements of this database with a mean above 500 ms; nothing, with a notice, where pg_stat_statements is not loaded.';

create or replace function app_private.strange_type(rule_sql text)
 returns text
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/strange_type.sql
comment on function app_private.strange_type(text) is 'A type that this text could name and whose values are checked by a function of somebody who is not trusted; null when there is none.';

create or replace function app_private.take_turn(subject text)
 returns void
 language sql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/take_turn.sql
comment on function app_private.take_turn(text) is 'Waits until no other transaction is at this subject, for example rules, and keeps them waiting until this one ends. Raises 40001 where this one cannot see what the last one did.';

create or replace function app_private.tg__audit_row()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg__audit_row.sql
comment on function app_private.tg__audit_row() is 'Writes one audit entry for a row. Arguments: columns that are bookkeeping, whose change is not logged.';

create or replace function app_private.tg__close_chunks()
 returns event_trigger
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg__close_chunks.sql
comment on function app_private.tg__close_chunks() is 'Takes back what a GRANT on timeseries_data has granted on its chunks.';

create or replace function app_private.tg__refuse_truncate()
 returns trigger
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg__refuse_truncate.sql
comment on function app_private.tg__refuse_truncate() is 'Raises MD004.';

create or replace function app_private.tg__touch_updated_at()
 returns trigger
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg__touch_updated_at.sql
comment on function app_private.tg__touch_updated_at() is 'Sets updated_at.';

create or replace function app_private.tg_audit_log__refuse_change()
 returns trigger
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg_audit_log__refuse_change.sql
comment on function app_private.tg_audit_log__refuse_change() is 'Raises MD003, unless archive_audit_entries() moves sealed entries into an archive.';

create or replace function app_private.tg_lineage__set_levels()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp'
 set enable_nestloop to 'off';
-- body: migrations/functions/tg_lineage__set_levels.sql
comment on function app_private.tg_lineage__set_levels() is 'Keeps dependency_level: the longest way from a source without parents. Calculating by level calculates in the right order. Raises MD002, with the path, for an edge that closes a cycle.';

create or replace function app_private.tg_ml_models__stamp_status()
 returns trigger
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg_ml_models__stamp_status.sql
comment on function app_private.tg_ml_models__stamp_status() is 'Sets deployed_at and retired_at when the status gets there.';

create or replace function app_private.tg_sources__deprecate()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp'
 set "timescaledb.enable_columnarscan" to 'on';
-- body: migrations/functions/tg_sources__deprecate.sql
comment on function app_private.tg_sources__deprecate() is 'Turns the deletion of a source that has data, live or archived, into its deprecation.';

create or replace function app_private.tg_sources__refuse_renumbering()
 returns trigger
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg_sources__refuse_renumbering.sql
comment on function app_private.tg_sources__refuse_renumbering() is 'Raises MD005.';

create or replace function app_private.tg_timeseries_data__deleted()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg_timeseries_data__deleted.sql
comment on function app_private.tg_timeseries_data__deleted() is 'Keeps a deleted row in the archive and the audit log, and resolves its anomalies.';

create or replace function app_private.tg_timeseries_data__inserted()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp'
 set plan_cache_mode to 'force_generic_plan'
 set "timescaledb.enable_columnarscan" to 'on';
-- body: migrations/functions/tg_timeseries_data__inserted.sql
comment on function app_private.tg_timeseries_data__inserted() is 'Checks the sources of the rows of an INSERT or COPY, scores the rows, writes one audit entry for each source, and tells registry and lineage.';

create or replace function app_private.tg_timeseries_data__refuse_move()
 returns trigger
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg_timeseries_data__refuse_move.sql
comment on function app_private.tg_timeseries_data__refuse_move() is 'Raises MD005.';

create or replace function app_private.tg_timeseries_data__refuse_skipping()
 returns trigger
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg_timeseries_data__refuse_skipping.sql
comment on function app_private.tg_timeseries_data__refuse_skipping() is 'Refuses what is written with timescaledb.skip_cagg_invalidation, which everybody may set.';

create or replace function app_private.tg_timeseries_data__updated()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp'
 set enable_nestloop to 'off'
 set enable_mergejoin to 'off'
 set work_mem to '32MB'
 set "timescaledb.enable_columnarscan" to 'on';
-- body: migrations/functions/tg_timeseries_data__updated.sql
comment on function app_private.tg_timeseries_data__updated() is 'Scores the rows whose observation an UPDATE or upsert changed, audits each of them, and tells registry and lineage.';

create or replace function app_private.tg_validation_rules__check()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg_validation_rules__check.sql
comment on function app_private.tg_validation_rules__check() is 'Refuses a rule that PostgreSQL would not take as a generated column (MD001), even a disabled one.';

create or replace function app_private.tg_validation_rules__compile()
 returns trigger
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/tg_validation_rules__compile.sql
comment on function app_private.tg_validation_rules__compile() is 'Compiles the rules after they have changed.';

create or replace function app_private.timeliness_loss(is_backfilled boolean, created_at timestamp with time zone, moment timestamp with time zone, update_frequency interval)
 returns integer
 language sql
 stable;
-- body: migrations/functions/timeliness_loss.sql
comment on function app_private.timeliness_loss(boolean,timestamp with time zone,timestamp with time zone,interval) is 'What a row loses of its score when it arrived late. A day is one of the session''s time zone.';

create or replace function app_private.update_scores(scores app_private.score[])
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp'
 set enable_nestloop to 'off'
 set plan_cache_mode to 'force_custom_plan'
 set "timescaledb.max_tuples_decompressed_per_dml_transaction" to '0';
-- body: migrations/functions/update_scores.sql
comment on function app_private.update_scores(app_private.score[]) is 'Stores scores on their rows.';

create or replace function app_private.us_market_days(first_year integer, last_year integer)
 returns table(date date, holiday_name text, is_holiday boolean)
 language sql
 stable;
-- body: migrations/functions/us_market_days.sql
comment on function app_private.us_market_days(integer,integer) is 'US stock market holidays (is_holiday) and 13:00 ET early closes (not is_holiday) of the years, by the NYSE''s rules.';

create or replace function app_private.validation_loss(violated integer[])
 returns integer
 language sql
 immutable;
-- body: migrations/functions/validation_loss.sql
comment on function app_private.validation_loss(integer[]) is 'What a row loses of its score for the rules that it violates.';

create or replace function app_private.violated_rules(source_id integer, data_type public.data_type_enum, "timestamp" timestamp with time zone, open numeric, high numeric, low numeric, close numeric, volume numeric, value numeric)
 returns integer[]
 language sql
 immutable;
-- body: generated by compile_rules()
comment on function app_private.violated_rules(integer,public.data_type_enum,timestamp with time zone,numeric,numeric,numeric,numeric,numeric,numeric) is 'Generated by compile_rules(): the enabled rules that a row violates.';

create or replace function app_private.violated_rules_guarded(source_id integer, data_type public.data_type_enum, "timestamp" timestamp with time zone, open numeric, high numeric, low numeric, close numeric, volume numeric, value numeric)
 returns integer[]
 language plpgsql
 immutable
 set search_path to 'pg_catalog', 'pg_temp'
 set "TimeZone" to 'UTC'
 set "DateStyle" to 'ISO, MDY'
 set "IntervalStyle" to 'postgres'
 set standard_conforming_strings to 'on';
-- body: generated by compile_rules()
comment on function app_private.violated_rules_guarded(integer,public.data_type_enum,timestamp with time zone,numeric,numeric,numeric,numeric,numeric,numeric) is 'Generated by compile_rules(): as violated_rules, but a rule that raises counts as violated. Slower.';

create or replace function app_private.walk_lineage(origin_id integer, source_ids integer[], is_upstream boolean)
 returns table(source_id integer, depth integer)
 language plpgsql
 stable
 set search_path to 'pg_catalog', 'pg_temp'
 set enable_nestloop to 'off';
-- body: migrations/functions/walk_lineage.sql
comment on function app_private.walk_lineage(integer,integer[],boolean) is 'The sources upstream or downstream of a source, with the number of steps of the shortest way. source_ids: what lineage_from says.';

create or replace function app_private.write_anomalies(scores app_private.score[])
 returns void
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp'
 set enable_nestloop to 'off'
 set plan_cache_mode to 'force_custom_plan';
-- body: migrations/functions/write_anomalies.sql
comment on function app_private.write_anomalies(app_private.score[]) is 'Opens an anomaly for each outlier and resolves those of rows that are back inside.';

create or replace function public.add_backtest_trades(trades public.backtest_trades_input[])
 returns bigint
 language sql;
-- body: migrations/functions/add_backtest_trades.sql
comment on function public.add_backtest_trades(public.backtest_trades_input[]) is 'Records trades of backtests and returns how many. What a trade does not name gets its default.';

create or replace function public.chunk_compression_stats()
 returns table(chunk text, range_start timestamp with time zone, range_end timestamp with time zone, is_compressed boolean, before_bytes bigint, after_bytes bigint, ratio numeric)
 language sql
 stable
 set search_path to 'pg_catalog', 'public', 'pg_temp';
-- body: migrations/functions/chunk_compression_stats.sql
comment on function public.chunk_compression_stats() is 'Size of each chunk of timeseries_data before and after compression, with indexes and TOAST, in bytes; null while uncompressed.';

create or replace procedure public.compress_old_chunks(in older_than interval default '7 days'::interval)
 language plpgsql;
-- body: migrations/functions/compress_old_chunks.sql
comment on procedure public.compress_old_chunks(interval) is 'Compresses the chunks whose whole range is older than the interval, one transaction each. Gives way to readers and writers, and tries again. To be CALLed outside a transaction.';

create or replace function public.database_bytes()
 returns bigint
 language sql
 stable security definer
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/database_bytes.sql
comment on function public.database_bytes() is 'What the database takes on disk, in bytes.';

create or replace function public.detect_gaps(source_id integer, range_start timestamp with time zone default null::timestamp with time zone, range_end timestamp with time zone default null::timestamp with time zone)
 returns table(gap_start timestamp with time zone, gap_end timestamp with time zone, missing_points bigint)
 language plpgsql
 stable security definer
 set search_path to 'pg_catalog', 'pg_temp'
 set "TimeZone" to 'UTC'
 set "timescaledb.enable_columnarscan" to 'on';
-- body: migrations/functions/detect_gaps.sql
comment on function public.detect_gaps(integer,timestamp with time zone,timestamp with time zone) is 'Gaps of a source from range_start to range_end (both included, null: its first and last row): first and last missing moment and how many points are missing, by update_frequency; US sources by trading day.';

create or replace function public.differing_rows(lines text, columns text[], first_moment timestamp with time zone, last_moment timestamp with time zone, keep_corrections boolean)
 returns table(source_id integer, "timestamp" timestamp with time zone, open numeric, high numeric, low numeric, close numeric, volume numeric, value numeric, is_new boolean, is_kept boolean)
 language sql
 stable;
-- body: migrations/functions/differing_rows.sql
comment on function public.differing_rows(text,text[],timestamp with time zone,timestamp with time zone,boolean) is 'Rows, given as lines of COPY, that are not stored yet or would change what is stored if the columns were written. Kept is one that still is as a correction left it.';

create or replace function public.downstream_of(origin_id integer)
 returns table(source_id integer, depth integer)
 language sql
 stable;
-- body: migrations/functions/downstream_of.sql
comment on function public.downstream_of(integer) is 'The sources that are computed from a source, at any depth; depth is the shortest way.';

create or replace function public.explain_score(source_id integer, moment timestamp with time zone)
 returns table(check_name text, points_lost integer, detail text)
 language sql
 stable security definer
 set search_path to 'pg_catalog', 'pg_temp'
 set "TimeZone" to 'UTC'
 set "timescaledb.enable_columnarscan" to 'on';
-- body: migrations/functions/explain_score.sql
comment on function public.explain_score(integer,timestamp with time zone) is 'What each check takes off the score of a row, and why, by what is stored now: rescore would give it 100 less these points, at least 0.';

create or replace function public.extend_time_index(until date)
 returns integer
 language plpgsql
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/extend_time_index.sql
comment on function public.extend_time_index(date) is 'Grows time_index, and the US market calendar of those years, up to and including a day. Returns the number of days added.';

create or replace function public.is_trading_day(market public.market_enum, day date)
 returns boolean
 language sql
 stable;
-- body: migrations/functions/is_trading_day.sql
comment on function public.is_trading_day(public.market_enum,date) is 'Whether a market trades on a day: CRYPTO always, the others on weekdays that market_calendar does not list as holidays.';

create or replace function public.normalize_to_daily_utc(moment timestamp with time zone)
 returns timestamp with time zone
 language sql
 immutable;
-- body: migrations/functions/normalize_to_daily_utc.sql
comment on function public.normalize_to_daily_utc(timestamp with time zone) is 'Midnight UTC of the day that the moment falls on, whatever the time zone of the session.';

create or replace function public.preview_retention(keep interval default null::interval)
 returns table(chunk text, range_start timestamp with time zone, range_end timestamp with time zone, row_count bigint, total_bytes bigint, source_names text[], drops_at timestamp with time zone, is_due boolean)
 language sql
 stable
 set search_path to 'pg_catalog', 'pg_temp'
 set "TimeZone" to 'UTC';
-- body: migrations/functions/preview_retention.sql
comment on function public.preview_retention(interval) is 'What set_retention(keep) would drop, and when; without keep what the retention that is set will drop: each chunk with the moment from which the daily job drops it. Changes nothing. Chunks that are merged by compression later go as one, with the newest.';

create or replace procedure public.record_gaps(in source_id integer, in range_start timestamp with time zone default null::timestamp with time zone, in range_end timestamp with time zone default null::timestamp with time zone)
 language sql
 security definer
 set search_path to 'pg_catalog', 'pg_temp'
 set "TimeZone" to 'UTC'
 set "timescaledb.enable_columnarscan" to 'on';
-- body: migrations/functions/record_gaps.sql
comment on procedure public.record_gaps(integer,timestamp with time zone,timestamp with time zone) is 'Writes what detect_gaps finds as anomalies of type missing_data, and resolves those whose gap is filled.';

create or replace procedure public.refresh_all_aggregates(in range_start timestamp with time zone default null::timestamp with time zone, in range_end timestamp with time zone default null::timestamp with time zone, in only_aggregate regclass default null::regclass)
 language plpgsql;
-- body: migrations/functions/refresh_all_aggregates.sql
comment on procedure public.refresh_all_aggregates(timestamp with time zone,timestamp with time zone,regclass) is 'Brings the continuous aggregates up to date, those that are made of others after these: all or one, over all of history or where a range touches them. Only what has changed is computed. To be CALLed outside a transaction.';

create or replace procedure public.rescore(in source_id integer, in range_start timestamp with time zone default null::timestamp with time zone, in range_end timestamp with time zone default null::timestamp with time zone)
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp'
 set "timescaledb.enable_columnarscan" to 'on';
-- body: migrations/functions/rescore.sql
comment on procedure public.rescore(integer,timestamp with time zone,timestamp with time zone) is 'Scores the rows of a source from range_start to range_end (both included, null: open) again, for neighbours that arrived out of order or rules that changed.';

create or replace function public.restore_archived(source_id integer, range_start timestamp with time zone default null::timestamp with time zone, range_end timestamp with time zone default null::timestamp with time zone)
 returns bigint
 language plpgsql
 security definer
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/restore_archived.sql
comment on function public.restore_archived(integer,timestamp with time zone,timestamp with time zone) is 'Brings deleted rows of a source from range_start to range_end (both included, null: open) back and returns how many. A row that exists again is left alone.';

create or replace procedure public.score_forecasts()
 language sql
 security definer
 set search_path to 'pg_catalog', 'pg_temp'
 set "timescaledb.enable_columnarscan" to 'on';
-- body: migrations/functions/score_forecasts.sql
comment on procedure public.score_forecasts() is 'Fills actual value and errors of the forecasts whose target row has arrived.';

create or replace procedure public.seal_audit_log()
 language plpgsql;
-- body: migrations/functions/seal_audit_log.sql
comment on procedure public.seal_audit_log() is 'Seals the entries of the audit log since the last seal, ten thousand at most in each, one transaction each. Waits for those who are writing. To be CALLed outside a transaction.';

create or replace function public.set_retention(keep interval)
 returns integer
 language plpgsql
 set search_path to 'pg_catalog', 'public', 'pg_temp';
-- body: migrations/functions/set_retention.sql
comment on function public.set_retention(interval) is 'Drops chunks older than the interval once a day; null keeps rows for ever. Returns the id of the job, null when off.';

create or replace function public.upsert_features(rows public.features_input[])
 returns bigint
 language sql;
-- body: migrations/functions/upsert_features.sql
comment on function public.upsert_features(public.features_input[]) is 'Writes rows of features and returns how many there were. What a row does not name stays, or gets its default in a new row.';

create or replace function public.upstream_of(origin_id integer)
 returns table(source_id integer, depth integer)
 language sql
 stable;
-- body: migrations/functions/upstream_of.sql
comment on function public.upstream_of(integer) is 'The sources that a source is computed from, at any depth; depth is the shortest way.';

create or replace function public.verify_audit_log()
 returns table(entry bigint, what text, detail text)
 language plpgsql
 stable security definer
 set search_path to 'pg_catalog', 'pg_temp';
-- body: migrations/functions/verify_audit_log.sql
comment on function public.verify_audit_log() is 'The first entry of the audit log that is not as it was sealed: its number, what has happened to it (changed, removed, inserted or reordered; without a number: seal changed or seal removed) and a detail. No row when all is well.';

-- Event triggers ------------------------------------------------------------------------------------------------------

create event trigger btcdb_close_chunks on ddl_command_end
  when tag in ('GRANT')
  execute function app_private.tg__close_chunks();

-- Policies and jobs ---------------------------------------------------------------------------------------------------

-- database: app_private.compress_due_chunks every 12:00:00, {"compress_after": "7 days"}

-- database: app_private.seal_new_entries every 00:05:00

-- public.daily_ohlcv: policy_refresh_continuous_aggregate every 01:00:00, {"end_offset": "01:00:00", "start_offset": null, "buckets_per_batch": 20000}

-- public.hourly_ohlcv: policy_refresh_continuous_aggregate every 00:30:00, {"end_offset": "01:00:00", "start_offset": null, "buckets_per_batch": 20000}

-- public.hourly_values: policy_refresh_continuous_aggregate every 00:30:00, {"end_offset": "01:00:00", "start_offset": null, "buckets_per_batch": 20000}

-- public.weekly_stats: policy_refresh_continuous_aggregate every 01:00:00, {"end_offset": "01:00:00", "start_offset": null, "buckets_per_batch": 20000}

-- Roles and rights ----------------------------------------------------------------------------------------------------

create role btcdb_curator nologin;
create role btcdb_reader nologin;
create role btcdb_writer nologin;

grant usage on schema public to btcdb_curator, btcdb_reader, btcdb_writer, public;

revoke usage on type public.anomaly_type_enum from public;
grant usage on type public.anomaly_type_enum to btcdb_curator, btcdb_reader, btcdb_writer;
revoke usage on type public.audit_action_enum from public;
grant usage on type public.audit_action_enum to btcdb_curator, btcdb_reader, btcdb_writer;
revoke usage on type public.backtest_trades_input from public;
grant usage on type public.backtest_trades_input to btcdb_writer;
revoke usage on type public.data_type_enum from public;
grant usage on type public.data_type_enum to btcdb_curator, btcdb_reader, btcdb_writer;
revoke usage on type public.features_input from public;
grant usage on type public.features_input to btcdb_writer;
revoke usage on type public.market_enum from public;
grant usage on type public.market_enum to btcdb_curator, btcdb_reader, btcdb_writer;
revoke usage on type public.plugin_status_enum from public;
grant usage on type public.plugin_status_enum to btcdb_curator, btcdb_reader, btcdb_writer;

grant select on table public.aggregate_refresh_status to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.anomalies to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.audit_log to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.audit_seals to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.backtest_leaderboard to btcdb_curator, btcdb_reader, btcdb_writer;
grant delete, insert, select, update on table public.backtest_results to btcdb_writer;
grant select on table public.backtest_results to btcdb_curator, btcdb_reader;
grant delete, insert, select, update on table public.backtest_trades to btcdb_writer;
grant select on table public.backtest_trades to btcdb_curator, btcdb_reader;
grant select on table public.backups to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.chunk_stats to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.daily_ohlcv to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.data_freshness to btcdb_curator, btcdb_reader, btcdb_writer;
grant delete, insert, select, update on table public.features to btcdb_writer;
grant select on table public.features to btcdb_curator, btcdb_reader;
grant select on table public.forecast_accuracy to btcdb_curator, btcdb_reader, btcdb_writer;
grant delete, insert, select, update on table public.forecasts to btcdb_writer;
grant select on table public.forecasts to btcdb_curator, btcdb_reader;
grant select on table public.hourly_ohlcv to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.hourly_values to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.job_status to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.latest_values to btcdb_curator, btcdb_reader, btcdb_writer;
grant delete, insert, select, update on table public.lineage to btcdb_writer;
grant select on table public.lineage to btcdb_curator, btcdb_reader;
grant select on table public.market_calendar to btcdb_curator, btcdb_reader, btcdb_writer;
grant delete, insert, select, update on table public.ml_models to btcdb_writer;
grant select on table public.ml_models to btcdb_curator, btcdb_reader;
grant select on table public.quality_overview to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.slow_queries to btcdb_curator, btcdb_reader, btcdb_writer;
grant delete, insert, select, update on table public.sources to btcdb_writer;
grant select on table public.sources to btcdb_curator, btcdb_reader;
grant select on table public.time_index to btcdb_curator, btcdb_reader, btcdb_writer;
grant select on table public.timeseries_archive to btcdb_curator, btcdb_reader, btcdb_writer;
grant delete, select on table public.timeseries_data to btcdb_writer;
grant select on table public.timeseries_data to btcdb_curator, btcdb_reader;
grant delete, select on table public.validation_rules to btcdb_curator;
grant select on table public.validation_rules to btcdb_reader, btcdb_writer;
grant select on table public.weekly_stats to btcdb_curator, btcdb_reader, btcdb_writer;

revoke execute on function app_private.archive_audit_entries(bigint,bigint,bytea) from public;
revoke execute on function app_private.audit_line(public.audit_log,bigint) from public;
revoke execute on function app_private.bounded_level(numeric) from public;
grant execute on function app_private.bounded_level(numeric) to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function app_private.canonical_rule(text,text) from public;
revoke execute on function app_private.chunks_between(timestamp with time zone,timestamp with time zone) from public;
revoke execute on function app_private.close_chunks() from public;
revoke execute on function app_private.close_to_public() from public;
revoke execute on function app_private.compile_rules() from public;
revoke execute on function app_private.completeness_loss(public.data_type_enum,numeric,numeric,numeric,numeric,numeric,numeric) from public;
revoke execute on function app_private.compute_scores(app_private.island[],boolean) from public;
revoke execute on function app_private.consistency_loss(numeric,numeric) from public;
revoke execute on function app_private.count_rows(name,name) from public;
revoke execute on function app_private.count_steps(timestamp with time zone,timestamp with time zone,interval) from public;
revoke execute on function app_private.current_actor() from public;
grant execute on function app_private.current_actor() to btcdb_curator, btcdb_writer;
revoke execute on function app_private.data_tables() from public;
revoke execute on function app_private.describe_aggregates() from public;
grant execute on function app_private.describe_aggregates() to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function app_private.describe_chunks() from public;
grant execute on function app_private.describe_chunks() to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function app_private.describe_contents() from public;
revoke execute on function app_private.describe_jobs() from public;
grant execute on function app_private.describe_jobs() to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function app_private.digest_of_digests(bytea[]) from public;
revoke execute on function app_private.dropped_until() from public;
revoke execute on function app_private.easter_sunday(integer) from public;
revoke execute on function app_private.error_rules() from public;
revoke execute on function app_private.explain_difference(bigint,text,bytea) from public;
revoke execute on function app_private.faulty_rules(integer) from public;
revoke execute on function app_private.has_uncompressed_rows(regclass) from public;
revoke execute on function app_private.history_before(integer,timestamp with time zone,interval) from public;
revoke execute on function app_private.invalidate_aggregates(app_private.island[]) from public;
revoke execute on function app_private.is_backfill() from public;
grant execute on function app_private.is_backfill() to btcdb_writer;
revoke execute on function app_private.is_refreshing(regclass) from public;
revoke execute on function app_private.is_trusted(oid,oid) from public;
revoke execute on function app_private.lineage_cycle(integer[],integer[],integer[],integer[]) from public;
revoke execute on function app_private.lineage_edges(integer[]) from public;
revoke execute on function app_private.lineage_from(integer[],boolean) from public;
grant execute on function app_private.lineage_from(integer[],boolean) to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function app_private.lock_rows(integer,timestamp with time zone,timestamp with time zone) from public;
revoke execute on function app_private.lock_sources(integer[]) from public;
revoke execute on function app_private.materialized_until() from public;
revoke execute on function app_private.missing_days(integer,timestamp with time zone,timestamp with time zone) from public;
revoke execute on function app_private.missing_intervals(integer,interval,timestamp with time zone,timestamp with time zone) from public;
revoke execute on function app_private.note_arrival(integer[]) from public;
revoke execute on function app_private.nth_weekday(integer,integer,integer,integer) from public;
revoke execute on function app_private.open_chunks() from public;
revoke execute on function app_private.require_columns(regclass,jsonb[]) from public;
grant execute on function app_private.require_columns(regclass,jsonb[]) to btcdb_writer;
revoke execute on function app_private.require_range(timestamp with time zone,timestamp with time zone) from public;
revoke execute on function app_private.require_source(integer) from public;
revoke execute on function app_private.reveal_rows(app_private.island[]) from public;
revoke execute on function app_private.row_hash(regclass) from public;
revoke execute on function app_private.schedule_refresh() from public;
revoke execute on function app_private.score_island(app_private.island,boolean,boolean) from public;
revoke execute on function app_private.score_rows(app_private.island[]) from public;
revoke execute on function app_private.seal_line(public.audit_seals) from public;
revoke execute on function app_private.slow_statements() from public;
grant execute on function app_private.slow_statements() to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function app_private.strange_type(text) from public;
revoke execute on function app_private.take_turn(text) from public;
revoke execute on function app_private.tg__audit_row() from public;
revoke execute on function app_private.tg__close_chunks() from public;
revoke execute on function app_private.tg__refuse_truncate() from public;
revoke execute on function app_private.tg__touch_updated_at() from public;
revoke execute on function app_private.tg_audit_log__refuse_change() from public;
revoke execute on function app_private.tg_lineage__set_levels() from public;
revoke execute on function app_private.tg_ml_models__stamp_status() from public;
revoke execute on function app_private.tg_sources__deprecate() from public;
revoke execute on function app_private.tg_sources__refuse_renumbering() from public;
revoke execute on function app_private.tg_timeseries_data__deleted() from public;
revoke execute on function app_private.tg_timeseries_data__inserted() from public;
revoke execute on function app_private.tg_timeseries_data__refuse_move() from public;
revoke execute on function app_private.tg_timeseries_data__refuse_skipping() from public;
revoke execute on function app_private.tg_timeseries_data__updated() from public;
revoke execute on function app_private.tg_validation_rules__check() from public;
revoke execute on function app_private.tg_validation_rules__compile() from public;
revoke execute on function app_private.timeliness_loss(boolean,timestamp with time zone,timestamp with time zone,interval) from public;
revoke execute on function app_private.update_scores(app_private.score[]) from public;
revoke execute on function app_private.us_market_days(integer,integer) from public;
revoke execute on function app_private.validation_loss(integer[]) from public;
revoke execute on function app_private.violated_rules(integer,public.data_type_enum,timestamp with time zone,numeric,numeric,numeric,numeric,numeric,numeric) from public;
revoke execute on function app_private.violated_rules_guarded(integer,public.data_type_enum,timestamp with time zone,numeric,numeric,numeric,numeric,numeric,numeric) from public;
revoke execute on function app_private.walk_lineage(integer,integer[],boolean) from public;
grant execute on function app_private.walk_lineage(integer,integer[],boolean) to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function app_private.write_anomalies(app_private.score[]) from public;
revoke execute on function public.add_backtest_trades(public.backtest_trades_input[]) from public;
grant execute on function public.add_backtest_trades(public.backtest_trades_input[]) to btcdb_writer;
revoke execute on function public.chunk_compression_stats() from public;
grant execute on function public.chunk_compression_stats() to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function public.database_bytes() from public;
grant execute on function public.database_bytes() to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function public.detect_gaps(integer,timestamp with time zone,timestamp with time zone) from public;
grant execute on function public.detect_gaps(integer,timestamp with time zone,timestamp with time zone) to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function public.differing_rows(text,text[],timestamp with time zone,timestamp with time zone,boolean) from public;
grant execute on function public.differing_rows(text,text[],timestamp with time zone,timestamp with time zone,boolean) to btcdb_writer;
revoke execute on function public.downstream_of(integer) from public;
grant execute on function public.downstream_of(integer) to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function public.explain_score(integer,timestamp with time zone) from public;
grant execute on function public.explain_score(integer,timestamp with time zone) to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function public.extend_time_index(date) from public;
revoke execute on function public.is_trading_day(public.market_enum,date) from public;
grant execute on function public.is_trading_day(public.market_enum,date) to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function public.normalize_to_daily_utc(timestamp with time zone) from public;
grant execute on function public.normalize_to_daily_utc(timestamp with time zone) to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function public.preview_retention(interval) from public;
revoke execute on function public.restore_archived(integer,timestamp with time zone,timestamp with time zone) from public;
grant execute on function public.restore_archived(integer,timestamp with time zone,timestamp with time zone) to btcdb_writer;
revoke execute on function public.set_retention(interval) from public;
revoke execute on function public.upsert_features(public.features_input[]) from public;
grant execute on function public.upsert_features(public.features_input[]) to btcdb_writer;
revoke execute on function public.upstream_of(integer) from public;
grant execute on function public.upstream_of(integer) to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on function public.verify_audit_log() from public;
grant execute on function public.verify_audit_log() to btcdb_curator, btcdb_reader, btcdb_writer;
revoke execute on procedure app_private.compress_due_chunks(integer,jsonb) from public;
revoke execute on procedure app_private.drop_old_chunks(integer,jsonb) from public;
revoke execute on procedure app_private.seal_new_entries(integer,jsonb) from public;
revoke execute on procedure public.compress_old_chunks(interval) from public;
revoke execute on procedure public.record_gaps(integer,timestamp with time zone,timestamp with time zone) from public;
grant execute on procedure public.record_gaps(integer,timestamp with time zone,timestamp with time zone) to btcdb_writer;
revoke execute on procedure public.refresh_all_aggregates(timestamp with time zone,timestamp with time zone,regclass) from public;
revoke execute on procedure public.rescore(integer,timestamp with time zone,timestamp with time zone) from public;
grant execute on procedure public.rescore(integer,timestamp with time zone,timestamp with time zone) to btcdb_curator, btcdb_writer;
revoke execute on procedure public.score_forecasts() from public;
grant execute on procedure public.score_forecasts() to btcdb_writer;
revoke execute on procedure public.seal_audit_log() from public;

grant update on column public.anomalies.is_false_positive to btcdb_curator;
grant update on column public.anomalies.resolution_notes to btcdb_curator;
grant update on column public.anomalies.resolved_at to btcdb_curator;
grant update on column public.anomalies.resolved_by to btcdb_curator;
grant update on column public.anomalies.reviewed to btcdb_curator;
grant insert, update on column public.timeseries_data."timestamp" to btcdb_writer;
grant insert, update on column public.timeseries_data.close to btcdb_writer;
grant insert, update on column public.timeseries_data.high to btcdb_writer;
grant insert, update on column public.timeseries_data.is_anomaly to btcdb_writer;
grant insert, update on column public.timeseries_data.is_validated to btcdb_writer;
grant insert, update on column public.timeseries_data.low to btcdb_writer;
grant insert, update on column public.timeseries_data.open to btcdb_writer;
grant insert, update on column public.timeseries_data.quality_score to btcdb_writer;
grant insert, update on column public.timeseries_data.source_id to btcdb_writer;
grant insert, update on column public.timeseries_data.value to btcdb_writer;
grant insert, update on column public.timeseries_data.volume to btcdb_writer;
grant insert, update on column public.validation_rules.data_type to btcdb_curator;
grant insert, update on column public.validation_rules.enabled to btcdb_curator;
grant insert, update on column public.validation_rules.error_message to btcdb_curator;
grant insert, update on column public.validation_rules.rule_name to btcdb_curator;
grant insert, update on column public.validation_rules.rule_sql to btcdb_curator;
grant insert, update on column public.validation_rules.severity to btcdb_curator;
grant insert, update on column public.validation_rules.source_id to btcdb_curator;

alter default privileges in schema public grant select on tables to btcdb_curator, btcdb_reader, btcdb_writer;
