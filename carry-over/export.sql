/*
 * Writes what a database holds into CSV files in the working directory, of one moment. import.sql takes them into a new
 * database. README.md, "Upgrading", says when.
 */
\set ON_ERROR_STOP on
set timezone = 'UTC';
set extra_float_digits = 3;
begin isolation level repeatable read, read only;

-- Who changed what, and when. The new database numbers the entries anew, in the same order.
\copy (select source_id, timestamp, action, table_name, old_value, new_value, changed_fields, changed_by, changed_at, reason, ip_address, user_agent from public.audit_log order by audit_id) to 'audit_log.csv' with (format csv, header)
-- Sources keep their numbers, and all that refers to them.
\copy (select source_id, name, display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, last_successful_update, next_scheduled_update, status, market_type, metadata, created_at, updated_at, created_by from public.sources order by source_id) to 'sources.csv' with (format csv, header)
\copy (select data_type, source_id, rule_name, rule_sql, error_message, severity, enabled, created_at, created_by from public.validation_rules order by rule_id) to 'validation_rules.csv' with (format csv, header)
-- Rows without their scores, which the new database makes anew.
\copy (select source_id, timestamp, open, high, low, close, volume, value, is_backfilled, created_at from public.timeseries_data order by source_id, timestamp) to 'timeseries_data.csv' with (format csv, header)
-- What people have said about anomalies.
\copy (select source_id, timestamp, detected_at, anomaly_type, severity, value, z_score, expected_value, deviation_pct, is_blackswan, reviewed, is_false_positive, resolved_at, resolved_by, resolution_notes, context from public.anomalies order by anomaly_id) to 'anomalies.csv' with (format csv, header)
\copy (select archive_id, source_id, timestamp, open, high, low, close, volume, value, quality_score, is_anomaly, is_validated, is_backfilled, created_at, updated_at, deleted_at, deleted_by, deletion_reason, restored_at, restored_by from public.timeseries_archive order by archive_id) to 'timeseries_archive.csv' with (format csv, header)
\copy (select lineage_id, derived_source_id, parent_source_id, calculation_type, calculation_sql, calculation_function, dependency_level, refresh_required, last_calculation_time, avg_calculation_time, created_at from public.lineage order by lineage_id) to 'lineage.csv' with (format csv, header)
\copy (select source_id, timestamp, volatility_7d, volatility_30d, volatility_90d, rsi_value, rsi_momentum, macd_value, macd_signal, volume_sma_20, volume_ratio, funding_rate, funding_delta, basis_spread, social_volume, social_sentiment, regime, regime_probability, custom_features, feature_set_version, computed_at from public.features order by source_id, timestamp) to 'features.csv' with (format csv, header)
\copy (select model_id, name, version, model_type, model_path, model_hash, training_range, validation_range, features_used, training_score, validation_score, test_score, hyperparameters, status, deployed_at, retired_at, created_at, updated_at, created_by from public.ml_models order by model_id) to 'ml_models.csv' with (format csv, header)
\copy (select forecast_id, source_id, forecast_timestamp, target_timestamp, predicted_value, confidence_lower, confidence_upper, confidence_level, model_id, model_name, model_version, model_parameters, actual_value, prediction_error, absolute_error, percentage_error, created_at from public.forecasts order by forecast_id) to 'forecasts.csv' with (format csv, header)
\copy (select backtest_id, strategy_name, strategy_version, source_id, model_id, start_date, end_date, initial_capital, final_capital, total_return, annualized_return, sharpe_ratio, sortino_ratio, max_drawdown, value_at_risk_95, total_trades, winning_trades, losing_trades, config, notes, created_at, created_by from public.backtest_results order by backtest_id) to 'backtest_results.csv' with (format csv, header)
\copy (select trade_id, backtest_id, side, entry_time, entry_price, exit_time, exit_price, quantity, fees, profit, return_pct, exit_reason from public.backtest_trades order by trade_id) to 'backtest_trades.csv' with (format csv, header)

commit;
