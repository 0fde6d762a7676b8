/** Types generated from the tables of the database */
import type { Json, JsonObject } from './pg-types.js';

export type anomalies_severity = 'CRITICAL' | 'HIGH' | 'LOW' | 'MEDIUM';

export type anomaly_type_enum = 'corrupt_data' | 'duplicate' | 'late_data' | 'missing_data' | 'outlier_4sigma' | 'outlier_6sigma';

export type audit_action_enum = 'CORRECTION' | 'DELETE' | 'INSERT' | 'UPDATE';

export type backtest_trades_side = 'LONG' | 'SHORT';

export type backups_form = 'pg_dump' | 'portable';

export type data_type_enum = 'calculated' | 'defi' | 'derivative' | 'etf' | 'macro' | 'ohlcv' | 'onchain' | 'simple' | 'social' | 'stablecoin';

export type market_enum = 'COMMODITIES' | 'CRYPTO' | 'FOREX' | 'US';

export type ml_models_status = 'deployed' | 'retired' | 'training' | 'validated';

export type plugin_status_enum = 'active' | 'deprecated' | 'inactive' | 'testing';

export type validation_rules_severity = 'ERROR' | 'INFO' | 'WARNING';

export type BufferArray = (Buffer | null)[];

export type DateOrString = Date | string;

export type NumberOrString = number | string;

export type NumberOrStringArray = (NumberOrString | null)[];

export type stringArray = (string | null)[];

/** Rows and periods that are unusual; one entry per source, moment and type. */
export interface Anomalies {
  /** Key of the anomaly. */
  anomaly_id: string;
  /** What is unusual. */
  anomaly_type: anomaly_type_enum;
  /** Details, for example {"flat_history": true} or the extent of a gap. */
  context: Json;
  /** When it was found. */
  detected_at: Date;
  /** Distance from the mean, in percent of the mean. */
  deviation_pct: string | null;
  /** Mean of the 200 rows before. */
  expected_value: string | null;
  /** Beyond 6 sigma, or a change after a flat history. */
  is_blackswan: boolean;
  /** Somebody found the row to be right. */
  is_false_positive: boolean;
  /** How it was settled. */
  resolution_notes: string | null;
  /** When it was settled; null while open. */
  resolved_at: Date | null;
  /** Who settled it; system when a correction brought the row back inside. */
  resolved_by: string | null;
  /** Somebody has looked at it. */
  reviewed: boolean;
  /** LOW, MEDIUM, HIGH or CRITICAL. */
  severity: anomalies_severity;
  /** The series. */
  source_id: number;
  /** The row; for missing_data the first missing moment. */
  timestamp: Date;
  /** Level of the row: coalesce(close, value). */
  value: string | null;
  /** Distance from the mean of the 200 rows before, in sample standard deviations; null after a flat history. */
  z_score: string | null;
}

/** Who changed what, when and why. Append-only for every role. Inserts into timeseries_data write one entry per statement and source. */
export interface AuditLog {
  /** INSERT, UPDATE, DELETE, or CORRECTION: an update with a reason. */
  action: audit_action_enum;
  /** Key, in order of writing. */
  audit_id: string;
  /** Start of the transaction that made the change. */
  changed_at: Date;
  /** app.user of the transaction, else the session user. */
  changed_by: string;
  /** Columns that really changed, without the pipeline's own bookkeeping. */
  changed_fields: stringArray | null;
  /** Address of the client; null over a Unix socket. */
  ip_address: string | null;
  /** The row after; for a multi-row insert {"rows", "from", "to"}. */
  new_value: Json | null;
  /** The row before. */
  old_value: Json | null;
  /** app.reason of the transaction. */
  reason: string | null;
  /** The source that the changed row belongs to, if any. */
  source_id: number | null;
  /** Table of the changed row. */
  table_name: string;
  /** The moment that the changed row describes; null for an entry about many rows. */
  timestamp: Date | null;
  /** app.user_agent of the transaction, else the application name. */
  user_agent: string | null;
}

/** Seals of the audit log: each is a digest of the entries since the one before, and of that one. Written by seal_audit_log(), checked by verify_audit_log(). */
export interface AuditSeals {
  /** When its entries were moved into a file; null while they are here. */
  archived_at: Date | null;
  /** Its entries, in their order; null once they are archived. */
  audit_ids: stringArray | null;
  /** SHA-256 of all this. That of the newest seal speaks for the whole log. */
  digest: Buffer;
  /** SHA-256 of entry_digests. */
  entries_digest: Buffer;
  /** How many these are. */
  entry_count: number;
  /** SHA-256 of each of them; null once they are archived. */
  entry_digests: BufferArray | null;
  /** It seals every entry up to this one that the seal before does not. */
  last_id: string;
  /** Digest of the seal before; null for the first. */
  previous_digest: Buffer | null;
  /** Number of the seal; without gaps. */
  seal_id: string;
  /** When it was sealed. */
  sealed_at: Date;
  /** Who sealed it. */
  sealed_by: string;
}

/** Outcome of running a strategy over history. */
export interface BacktestResults {
  /** Return per year. */
  annualized_return: string | null;
  /** Key of the run. */
  backtest_id: number;
  /** Parameters of the run. */
  config: Json;
  /** When the run was recorded. */
  created_at: Date;
  /** Who recorded it. */
  created_by: string;
  /** Last day. */
  end_date: string;
  /** Capital at the end. */
  final_capital: string;
  /** Capital at the start, in quote currency. */
  initial_capital: string;
  /** Trades with a loss. */
  losing_trades: number;
  /** Deepest fall from a peak, as a fraction of it. */
  max_drawdown: string | null;
  /** The model behind the strategy, if any. */
  model_id: number | null;
  /** Remarks. */
  notes: string | null;
  /** Mean excess return over its standard deviation, annualized. */
  sharpe_ratio: string | null;
  /** Mean excess return over its downside deviation, annualized. */
  sortino_ratio: string | null;
  /** The traded series. */
  source_id: number;
  /** First day. */
  start_date: string;
  /** The strategy. */
  strategy_name: string;
  /** Its version. */
  strategy_version: string;
  /** Days from first to last, both included. Generated. */
  total_days: number | null;
  /** final_capital / initial_capital - 1. */
  total_return: string | null;
  /** Number of trades. */
  total_trades: number;
  /** Daily loss that is exceeded on 5 % of the days, as a fraction. */
  value_at_risk_95: string | null;
  /** winning_trades / total_trades. Generated. */
  win_rate: string | null;
  /** Trades with a profit. */
  winning_trades: number;
}

/** Single trades of a backtest. */
export interface BacktestTrades {
  /** The run. */
  backtest_id: number;
  /** Price at opening. */
  entry_price: string;
  /** When it was opened. */
  entry_time: Date;
  /** Price at closing. */
  exit_price: string | null;
  /** Why it was closed. */
  exit_reason: string | null;
  /** When it was closed; null while open. */
  exit_time: Date | null;
  /** Fees of both sides, in quote currency. */
  fees: string;
  /** Profit after fees, in quote currency. */
  profit: string | null;
  /** Size, in units of the base asset. */
  quantity: string;
  /** Profit in percent of the entry value. */
  return_pct: string | null;
  /** LONG or SHORT. */
  side: backtest_trades_side;
  /** Key of the trade. */
  trade_id: string;
}

/** A row of backtest_trades to write. */
export interface BacktestTradesInput {
  /** The run. */
  backtest_id: number;
  /** Price at opening. */
  entry_price: NumberOrString;
  /** When it was opened. */
  entry_time: DateOrString;
  /** Price at closing. */
  exit_price?: NumberOrString | null;
  /** Why it was closed. */
  exit_reason?: string | null;
  /** When it was closed; null while open. */
  exit_time?: DateOrString | null;
  /** Fees of both sides, in quote currency. */
  fees?: NumberOrString;
  /** Profit after fees, in quote currency. */
  profit?: NumberOrString | null;
  /** Size, in units of the base asset. */
  quantity: NumberOrString;
  /** Profit in percent of the entry value. */
  return_pct?: NumberOrString | null;
  /** LONG or SHORT. */
  side: backtest_trades_side;
}

/** Backups of this database, one row each, written by btcdb backup when the file and its manifest are stored. A backup does not know of itself. */
export interface Backups {
  /** Key, in order of finishing. */
  backup_id: string;
  /** Who made it. */
  created_by: string;
  /** When it was stored as a whole. */
  finished_at: Date;
  /** pg_dump: a dump in the custom format, for the same version of TimescaleDB; portable: rows of tables, for either engine. */
  form: backups_form;
  /** Whether it takes a key to read it. */
  is_encrypted: boolean;
  /** Where it was stored: a folder with the name of its machine before it, or s3://bucket/prefix. */
  location: string;
  /** Name of its file; the manifest has .json behind it. */
  name: string;
  /** When rotation removed it; null while it is kept. */
  removed_at: Date | null;
  /** Rows of all its tables. */
  row_count: string;
  /** SHA-256 of the file. */
  sha256: Buffer;
  /** Length of the file. */
  size_bytes: string;
  /** The moment that it holds: what was committed before is in it. */
  taken_at: Date;
  /** When it was last restored into a scratch database and found to be the same; null: never. */
  verified_at: Date | null;
  /** The server of that. */
  verified_on: string | null;
}

/** Inputs of machine learning, one row per source and moment. */
export interface Features {
  /** Future minus spot price. */
  basis_spread: string | null;
  /** When it was computed. */
  computed_at: Date;
  /** Further features, as a JSON object. */
  custom_features: Json;
  /** Version of the code that computed the row. */
  feature_set_version: string;
  /** Change of the funding rate. */
  funding_delta: string | null;
  /** Funding rate of the perpetual future. */
  funding_rate: string | null;
  /** Signal line of the MACD. */
  macd_signal: string | null;
  /** Moving average convergence divergence. */
  macd_value: string | null;
  /** Market regime, for example bull, bear, range. */
  regime: string | null;
  /** Probability of that regime, 0 to 1. */
  regime_probability: string | null;
  /** Change of the RSI. */
  rsi_momentum: string | null;
  /** Relative strength index, 0 to 100. */
  rsi_value: string | null;
  /** Mood of the mentions, -1 to 1 by convention. */
  social_sentiment: string | null;
  /** Number of mentions. */
  social_volume: string | null;
  /** The series that the features describe. */
  source_id: number;
  /** The moment that they describe. */
  timestamp: Date;
  /** Standard deviation of returns over 30 days. */
  volatility_30d: string | null;
  /** Standard deviation of returns over 7 days. */
  volatility_7d: string | null;
  /** Standard deviation of returns over 90 days. */
  volatility_90d: string | null;
  /** Volume over volume_sma_20. */
  volume_ratio: string | null;
  /** Mean volume of 20 intervals. */
  volume_sma_20: string | null;
}

/** A row of features to write. */
export interface FeaturesInput {
  /** Future minus spot price. */
  basis_spread?: NumberOrString | null;
  /** When it was computed. */
  computed_at?: DateOrString;
  /** Further features, as a JSON object. */
  custom_features?: JsonObject;
  /** Version of the code that computed the row. */
  feature_set_version?: string;
  /** Change of the funding rate. */
  funding_delta?: NumberOrString | null;
  /** Funding rate of the perpetual future. */
  funding_rate?: NumberOrString | null;
  /** Signal line of the MACD. */
  macd_signal?: NumberOrString | null;
  /** Moving average convergence divergence. */
  macd_value?: NumberOrString | null;
  /** Market regime, for example bull, bear, range. */
  regime?: string | null;
  /** Probability of that regime, 0 to 1. */
  regime_probability?: NumberOrString | null;
  /** Change of the RSI. */
  rsi_momentum?: NumberOrString | null;
  /** Relative strength index, 0 to 100. */
  rsi_value?: NumberOrString | null;
  /** Mood of the mentions, -1 to 1 by convention. */
  social_sentiment?: NumberOrString | null;
  /** Number of mentions. */
  social_volume?: NumberOrString | null;
  /** The series that the features describe. */
  source_id: number;
  /** The moment that they describe. */
  timestamp: DateOrString;
  /** Standard deviation of returns over 30 days. */
  volatility_30d?: NumberOrString | null;
  /** Standard deviation of returns over 7 days. */
  volatility_7d?: NumberOrString | null;
  /** Standard deviation of returns over 90 days. */
  volatility_90d?: NumberOrString | null;
  /** Volume over volume_sma_20. */
  volume_ratio?: NumberOrString | null;
  /** Mean volume of 20 intervals. */
  volume_sma_20?: NumberOrString | null;
}

/** Predictions and, once their moment has come, how right they were. */
export interface Forecasts {
  /** Absolute prediction_error. */
  absolute_error: string | null;
  /** Level of the row at target_timestamp, filled by score_forecasts(). */
  actual_value: string | null;
  /** Level of the interval, for example 0.95. */
  confidence_level: string | null;
  /** Lower end of the confidence interval. */
  confidence_lower: string | null;
  /** Upper end of the confidence interval. */
  confidence_upper: string | null;
  /** When the row was written. */
  created_at: Date;
  /** Key of the forecast. */
  forecast_id: string;
  /** When it was predicted. */
  forecast_timestamp: Date;
  /** The registered model, if it is one. */
  model_id: number | null;
  /** Name of the model. */
  model_name: string;
  /** Parameters of this run. */
  model_parameters: Json;
  /** Version of the model. */
  model_version: string;
  /** 100 × absolute_error / |actual_value|; null when that is 0. */
  percentage_error: string | null;
  /** Predicted level. */
  predicted_value: string;
  /** predicted_value - actual_value. */
  prediction_error: string | null;
  /** The series that is predicted. */
  source_id: number;
  /** The moment that is predicted. */
  target_timestamp: Date;
}

/** Which series is computed from which: one edge per derived and parent source. Free of cycles. */
export interface Lineage {
  /** How long that takes. */
  avg_calculation_time: string | null;
  /** The function, if it is one. */
  calculation_function: string | null;
  /** The statement, if it is one. */
  calculation_sql: string | null;
  /** How, in a word, for example sql, function or model. */
  calculation_type: string;
  /** When the edge was recorded. */
  created_at: Date;
  /** Longest way of the derived source from a source without parents. Kept by a trigger. */
  dependency_level: number;
  /** The computed series. */
  derived_source_id: number;
  /** When the derived series was last calculated. */
  last_calculation_time: Date | null;
  /** Key of the edge. */
  lineage_id: number;
  /** A series that it is computed from. */
  parent_source_id: number;
  /** New data has arrived upstream since the last calculation. Set by the pipeline, cleared by whoever calculates. */
  refresh_required: boolean;
}

/** Days on which a market keeps other hours than usual: holidays and early closes. Ordinary days have no row. */
export interface MarketCalendar {
  /** Close, local time of the market (US: Eastern). */
  close_time: string | null;
  /** Local date of the market. */
  date: string;
  /** Name of the holiday or of the reason. */
  holiday_name: string | null;
  /** Open, but closing early. */
  is_early_close: boolean;
  /** Closed all day. */
  is_holiday: boolean;
  /** The market. */
  market: market_enum;
  /** Key of the entry. */
  market_calendar_id: number;
  /** Opening, local time of the market (US: Eastern). */
  open_time: string | null;
}

/** Registry of models. At most one version of a name is deployed. */
export interface MlModels {
  /** When it was registered. */
  created_at: Date;
  /** Who registered it. */
  created_by: string;
  /** When it was deployed. Set by a trigger if left out. */
  deployed_at: Date | null;
  /** Names of its inputs. */
  features_used: stringArray;
  /** How it was trained. */
  hyperparameters: Json;
  /** Digest of the artefact. */
  model_hash: string | null;
  /** Key of the model. */
  model_id: number;
  /** Where the artefact lies. */
  model_path: string | null;
  /** Family, for example lstm, gbm, arima. */
  model_type: string;
  /** Name; unique with the version. */
  name: string;
  /** When it was retired. Set by a trigger if left out. */
  retired_at: Date | null;
  /** training, validated, deployed or retired. */
  status: ml_models_status;
  /** Score on data that it never saw. */
  test_score: string | null;
  /** Data that it was trained on. */
  training_range: string | null;
  /** Score on the training data. */
  training_score: string | null;
  /** When the registration last changed. */
  updated_at: Date;
  /** Data that it was validated on; does not overlap the training range. */
  validation_range: string | null;
  /** Score on the validation data. */
  validation_score: string | null;
  /** Version of that name. */
  version: string;
}

/** Registry of data plugins: one row per series. A source with data is deprecated, not deleted. */
export interface Sources {
  /** Address that the data comes from. */
  api_endpoint: string | null;
  /** Who runs that address. */
  api_provider: string | null;
  /** Free grouping for menus, for example price, oscillator, macro. */
  category: string;
  /** When the source was registered. */
  created_at: Date;
  /** Who registered it. */
  created_by: string;
  /** Kind of the series; decides which columns a complete row has and which rules apply. */
  data_type: data_type_enum;
  /** Name for people. */
  display_name: string;
  /** When rows last arrived. Kept by the pipeline. */
  last_successful_update: Date | null;
  /** Market whose trading days the series follows. */
  market_type: market_enum;
  /** Anything else, as a JSON object. */
  metadata: Json;
  /** Unique machine name: lower-case letters, digits, underscores. Also the name of its import file. */
  name: string;
  /** last_successful_update + update_frequency. Kept by the pipeline. */
  next_scheduled_update: Date | null;
  /** Whether the address wants credentials. */
  requires_auth: boolean;
  /** Key of the source. */
  source_id: number;
  /** Life cycle: active, inactive, deprecated or testing. */
  status: plugin_status_enum;
  /** Distance between two rows. Timeliness, freshness and gaps are measured by it. */
  update_frequency: string;
  /** When the registration last changed. */
  updated_at: Date;
}

/** The common daily grid, one row per UTC day, on which series of different calendars are aligned. */
export interface TimeIndex {
  /** The day. */
  date_only: string;
  /** 0 = Monday to 6 = Sunday. */
  day_of_week: number;
  /** Whether US stock markets trade on that day. */
  is_trading_day: boolean;
  /** Saturday or Sunday. */
  is_weekend: boolean;
  /** Name of the US market holiday, or of the early close. */
  notes: string | null;
  /** Midnight UTC of the day. */
  timestamp: Date;
}

/** Every deleted row of timeseries_data, whole. */
export interface TimeseriesArchive {
  /** Key, in order of deletion. */
  archive_id: string;
  /** As in timeseries_data. */
  close: string | null;
  /** Arrival of the deleted row. */
  created_at: Date;
  /** When it was deleted. */
  deleted_at: Date;
  /** Who deleted it. */
  deleted_by: string;
  /** app.reason of the deleting transaction. */
  deletion_reason: string | null;
  /** As in timeseries_data. */
  high: string | null;
  /** Whether it was an anomaly at deletion. */
  is_anomaly: boolean;
  /** As in timeseries_data. */
  is_backfilled: boolean;
  /** Whether it was valid at deletion. */
  is_validated: boolean;
  /** As in timeseries_data. */
  low: string | null;
  /** As in timeseries_data. */
  open: string | null;
  /** Score at deletion. */
  quality_score: number;
  /** When it was brought back; null while it is only here. */
  restored_at: Date | null;
  /** Who brought it back. */
  restored_by: string | null;
  /** As in timeseries_data. */
  source_id: number;
  /** As in timeseries_data. */
  timestamp: Date;
  /** Last change of the deleted row. */
  updated_at: Date;
  /** As in timeseries_data. */
  value: string | null;
  /** As in timeseries_data. */
  volume: string | null;
}

/** Every series, one row per source and moment. Rows are scored when they arrive; incomplete rows are stored and scored, not refused. */
export interface TimeseriesData {
  /** Last price of the interval. */
  close: string | null;
  /** Arrival of the row. */
  created_at: Date;
  /** Highest price of the interval. */
  high: string | null;
  /** More than 4 sigma away from the 200 rows before it. Computed. */
  is_anomaly: boolean;
  /** The row arrived as history (app.ingest_mode = backfill); its timeliness is never scored. */
  is_backfilled: boolean;
  /** False when a rule of severity ERROR is violated. Computed. */
  is_validated: boolean;
  /** Lowest price of the interval. */
  low: string | null;
  /** First price of the interval. */
  open: string | null;
  /** 0 to 100, computed by the database; what a client supplies is overwritten. */
  quality_score: number;
  /** The series that the row belongs to: a key of sources. Checked by the triggers of both tables, once for each statement, as a foreign key would for each row. */
  source_id: number;
  /** Moment of the observation; for candles the opening time. Millisecond precision, years 1 to 9999. */
  timestamp: Date;
  /** Last change of the observation. */
  updated_at: Date;
  /** The observation of a series that is not ohlcv. */
  value: string | null;
  /** Traded volume of the interval, in units of the base asset. */
  volume: string | null;
}

/** Boolean expressions over one row that the rows of a type or source must satisfy. Compiled when they change. */
export interface ValidationRules {
  /** When the rule was made. */
  created_at: Date;
  /** Who made it. */
  created_by: string;
  /** Kind of series that the rule is for; may be null when source_id is given. */
  data_type: data_type_enum | null;
  /** Whether the rule is applied. */
  enabled: boolean;
  /** What a violation means, for people. */
  error_message: string;
  /** Key of the rule. */
  rule_id: number;
  /** Name, unique within its scope. */
  rule_name: string;
  /** Boolean expression over source_id, timestamp, open, high, low, close, volume and value. Admitted only if PostgreSQL takes it as a stored generated column. Null counts as satisfied. */
  rule_sql: string;
  /** ERROR also clears is_validated; WARNING and INFO only cost points. */
  severity: validation_rules_severity;
  /** The only source that the rule is for; null: every source of the type. */
  source_id: number | null;
}
