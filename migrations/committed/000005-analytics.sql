--! Previous: sha1:d397a66866dcd4ac8fd7b46edd4faa7aad3ef5c3
--! Hash: sha1:5d550af4c68e064bc7a3713014ea5a951b38c2e1
--! Message: analytics

/*
 * What is computed from the series: where it comes from, features, forecasts, backtests and models.
 */

-- lineage ------------------------------------------------------------------------------------------------------------

create table public.lineage (
  lineage_id int generated always as identity,
  derived_source_id int not null,
  parent_source_id int not null,
  calculation_type text not null,
  calculation_sql text,
  calculation_function text,
  dependency_level int not null default 1,
  refresh_required boolean not null default false,
  last_calculation_time timestamptz,
  avg_calculation_time interval,
  created_at timestamptz not null default now(),
  constraint lineage_pkey primary key (lineage_id),
  constraint lineage_derived_source_id_parent_source_id_key unique (derived_source_id, parent_source_id),
  constraint lineage_derived_source_id_fkey foreign key (derived_source_id)
    references public.sources (source_id) on delete cascade,
  constraint lineage_parent_source_id_fkey foreign key (parent_source_id)
    references public.sources (source_id) on delete cascade,
  constraint lineage_self_check check (derived_source_id <> parent_source_id),
  constraint lineage_dependency_level_check check (dependency_level > 0)
);

-- Walking downstream goes from parents to children; the unique key serves the other way.
create index lineage_parent_source_id_idx on public.lineage (parent_source_id);

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

-- features -----------------------------------------------------------------------------------------------------------

create table public.features (
  source_id int not null,
  timestamp timestamptz(3) not null,
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
  custom_features jsonb not null default '{}',
  feature_set_version text not null default 'v1',
  computed_at timestamptz not null default now(),
  constraint features_pkey primary key (source_id, timestamp),
  constraint features_source_id_fkey foreign key (source_id)
    references public.sources (source_id) on delete cascade,
  constraint features_rsi_value_check check (rsi_value between 0 and 100),
  constraint features_regime_probability_check check (regime_probability between 0 and 1),
  constraint features_custom_features_check check (jsonb_typeof(custom_features) = 'object')
);

comment on table public.features is 'Inputs of machine learning, one row per source and moment.';
comment on column public.features.source_id is 'The series that the features describe.';
comment on column public.features.timestamp is 'The moment that they describe.';
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

create domain public.features_input as jsonb;
comment on domain public.features_input is 'A row of features to write: an object with names of columns as keys.';

-- ml_models ----------------------------------------------------------------------------------------------------------

create table public.ml_models (
  model_id int generated always as identity,
  name text not null,
  version text not null,
  model_type text not null,
  model_path text,
  model_hash text,
  training_range tstzrange,
  validation_range tstzrange,
  features_used text[] not null default '{}',
  training_score numeric,
  validation_score numeric,
  test_score numeric,
  hyperparameters jsonb not null default '{}',
  status text not null default 'training',
  deployed_at timestamptz,
  retired_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  created_by text not null default app_private.current_actor(),
  constraint ml_models_pkey primary key (model_id),
  constraint ml_models_name_version_key unique (name, version),
  constraint ml_models_status_check check (status in ('training', 'validated', 'deployed', 'retired')),
  constraint ml_models_deployed_at_check check (status <> 'deployed' or deployed_at is not null),
  constraint ml_models_retired_at_check check (status <> 'retired' or retired_at is not null),
  constraint ml_models_ranges_check check (not training_range && validation_range)
);

-- At most one deployed version of a name.
create unique index ml_models_name_deployed_idx on public.ml_models (name) where status = 'deployed';

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

-- forecasts ----------------------------------------------------------------------------------------------------------

create table public.forecasts (
  forecast_id bigint generated always as identity,
  source_id int not null,
  forecast_timestamp timestamptz(3) not null default now(),
  target_timestamp timestamptz(3) not null,
  predicted_value numeric not null,
  confidence_lower numeric,
  confidence_upper numeric,
  confidence_level numeric,
  model_id int,
  model_name text not null,
  model_version text not null default '1',
  model_parameters jsonb not null default '{}',
  actual_value numeric,
  prediction_error numeric,
  absolute_error numeric,
  percentage_error numeric,
  created_at timestamptz not null default now(),
  constraint forecasts_pkey primary key (forecast_id),
  constraint forecasts_source_id_model_target_key
    unique (source_id, model_name, model_version, forecast_timestamp, target_timestamp),
  constraint forecasts_source_id_fkey foreign key (source_id)
    references public.sources (source_id) on delete cascade,
  constraint forecasts_model_id_fkey foreign key (model_id)
    references public.ml_models (model_id) on delete set null,
  constraint forecasts_target_timestamp_check check (target_timestamp > forecast_timestamp),
  constraint forecasts_confidence_check check (confidence_lower <= confidence_upper),
  constraint forecasts_confidence_level_check check (confidence_level > 0 and confidence_level < 1)
);

create index forecasts_model_id_idx on public.forecasts (model_id);
-- score_forecasts() looks only at what is not scored yet.
create index forecasts_unscored_idx on public.forecasts (source_id, target_timestamp) where actual_value is null;

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

-- backtests ----------------------------------------------------------------------------------------------------------

create table public.backtest_results (
  backtest_id int generated always as identity,
  strategy_name text not null,
  strategy_version text not null default '1',
  source_id int not null,
  model_id int,
  start_date date not null,
  end_date date not null,
  total_days int generated always as (end_date - start_date + 1) stored,
  initial_capital numeric not null,
  final_capital numeric not null,
  total_return numeric,
  annualized_return numeric,
  sharpe_ratio numeric,
  sortino_ratio numeric,
  max_drawdown numeric,
  value_at_risk_95 numeric,
  total_trades int not null default 0,
  winning_trades int not null default 0,
  losing_trades int not null default 0,
  win_rate numeric generated always as (winning_trades::numeric / nullif(total_trades, 0)) stored,
  config jsonb not null default '{}',
  notes text,
  created_at timestamptz not null default now(),
  created_by text not null default app_private.current_actor(),
  constraint backtest_results_pkey primary key (backtest_id),
  constraint backtest_results_source_id_fkey foreign key (source_id)
    references public.sources (source_id) on delete cascade,
  constraint backtest_results_model_id_fkey foreign key (model_id)
    references public.ml_models (model_id) on delete set null,
  constraint backtest_results_dates_check check (end_date >= start_date),
  constraint backtest_results_initial_capital_check check (initial_capital > 0),
  constraint backtest_results_max_drawdown_check check (max_drawdown between 0 and 1),
  constraint backtest_results_trades_check
    check (winning_trades >= 0 and losing_trades >= 0 and winning_trades + losing_trades <= total_trades)
);

create index backtest_results_source_id_idx on public.backtest_results (source_id);
create index backtest_results_model_id_idx on public.backtest_results (model_id);

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
  trade_id bigint generated always as identity,
  backtest_id int not null,
  side text not null,
  entry_time timestamptz(3) not null,
  entry_price numeric not null,
  exit_time timestamptz(3),
  exit_price numeric,
  quantity numeric not null,
  fees numeric not null default 0,
  profit numeric,
  return_pct numeric,
  exit_reason text,
  constraint backtest_trades_pkey primary key (trade_id),
  constraint backtest_trades_backtest_id_fkey foreign key (backtest_id)
    references public.backtest_results (backtest_id) on delete cascade,
  constraint backtest_trades_side_check check (side in ('LONG', 'SHORT')),
  constraint backtest_trades_quantity_check check (quantity > 0),
  constraint backtest_trades_times_check check (exit_time >= entry_time)
);

create index backtest_trades_backtest_id_entry_time_idx on public.backtest_trades (backtest_id, entry_time);

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

create domain public.backtest_trades_input as jsonb;
comment on domain public.backtest_trades_input is 'A trade to record: an object with names of columns of backtest_trades as keys.';
