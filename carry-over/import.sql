/*
 * Takes what export.sql has written into a new database, just migrated by `btcdb up`: all of it or nothing. Scores are
 * made anew, by the rules as they are now; when a row arrived, and whether as history, is kept, so timeliness is scored as
 * it was. The audit log keeps its entries and gets those of the carrying over, by the user carry-over.
 */
\set ON_ERROR_STOP on
set timezone = 'UTC';
begin;
set local app."user" = 'carry-over';

do $$
begin
  if exists (select from public.sources) then
    raise exception 'this database has sources: data is carried over into a new one only';
  end if;
end
$$;

\copy public.audit_log (source_id, timestamp, action, table_name, old_value, new_value, changed_fields, changed_by, changed_at, reason, ip_address, user_agent) from 'audit_log.csv' with (format csv, header match)

\copy public.sources (source_id, name, display_name, category, data_type, api_endpoint, api_provider, requires_auth, update_frequency, last_successful_update, next_scheduled_update, status, market_type, metadata, created_at, updated_at, created_by) from 'sources.csv' with (format csv, header match)

-- The rules before the rows. Those that every database has are brought to what they were.
create temp table carried_rules (like public.validation_rules including defaults) on commit drop;
alter table carried_rules alter column rule_id drop not null;
\copy carried_rules (data_type, source_id, rule_name, rule_sql, error_message, severity, enabled, created_at, created_by) from 'validation_rules.csv' with (format csv, header match)
insert into public.validation_rules as r (data_type, source_id, rule_name, rule_sql, error_message, severity, enabled, created_at, created_by)
select data_type, source_id, rule_name, rule_sql, error_message, severity, enabled, created_at, created_by from carried_rules
on conflict on constraint validation_rules_data_type_source_id_rule_name_key do update
set rule_sql = excluded.rule_sql, error_message = excluded.error_message, severity = excluded.severity, enabled = excluded.enabled
where (r.rule_sql, r.error_message, r.severity, r.enabled)
  is distinct from (excluded.rule_sql, excluded.error_message, excluded.severity, excluded.enabled);

\copy public.timeseries_data (source_id, timestamp, open, high, low, close, volume, value, is_backfilled, created_at) from 'timeseries_data.csv' with (format csv, header match)

-- The rows have made theirs; what people have said about them counts.
create temp table carried_anomalies (like public.anomalies including defaults) on commit drop;
alter table carried_anomalies alter column anomaly_id drop not null;
\copy carried_anomalies (source_id, timestamp, detected_at, anomaly_type, severity, value, z_score, expected_value, deviation_pct, is_blackswan, reviewed, is_false_positive, resolved_at, resolved_by, resolution_notes, context) from 'anomalies.csv' with (format csv, header match)
insert into public.anomalies (source_id, timestamp, detected_at, anomaly_type, severity, value, z_score, expected_value, deviation_pct, is_blackswan, reviewed, is_false_positive, resolved_at, resolved_by, resolution_notes, context)
select source_id, timestamp, detected_at, anomaly_type, severity, value, z_score, expected_value, deviation_pct, is_blackswan, reviewed, is_false_positive, resolved_at, resolved_by, resolution_notes, context from carried_anomalies
on conflict (source_id, timestamp, anomaly_type) do update
set
  detected_at = excluded.detected_at,
  severity = excluded.severity,
  value = excluded.value,
  z_score = excluded.z_score,
  expected_value = excluded.expected_value,
  deviation_pct = excluded.deviation_pct,
  is_blackswan = excluded.is_blackswan,
  reviewed = excluded.reviewed,
  is_false_positive = excluded.is_false_positive,
  resolved_at = excluded.resolved_at,
  resolved_by = excluded.resolved_by,
  resolution_notes = excluded.resolution_notes,
  context = excluded.context;

\copy public.timeseries_archive (archive_id, source_id, timestamp, open, high, low, close, volume, value, quality_score, is_anomaly, is_validated, is_backfilled, created_at, updated_at, deleted_at, deleted_by, deletion_reason, restored_at, restored_by) from 'timeseries_archive.csv' with (format csv, header match)
\copy public.lineage (lineage_id, derived_source_id, parent_source_id, calculation_type, calculation_sql, calculation_function, dependency_level, refresh_required, last_calculation_time, avg_calculation_time, created_at) from 'lineage.csv' with (format csv, header match)
\copy public.features (source_id, timestamp, volatility_7d, volatility_30d, volatility_90d, rsi_value, rsi_momentum, macd_value, macd_signal, volume_sma_20, volume_ratio, funding_rate, funding_delta, basis_spread, social_volume, social_sentiment, regime, regime_probability, custom_features, feature_set_version, computed_at) from 'features.csv' with (format csv, header match)
\copy public.ml_models (model_id, name, version, model_type, model_path, model_hash, training_range, validation_range, features_used, training_score, validation_score, test_score, hyperparameters, status, deployed_at, retired_at, created_at, updated_at, created_by) from 'ml_models.csv' with (format csv, header match)
\copy public.forecasts (forecast_id, source_id, forecast_timestamp, target_timestamp, predicted_value, confidence_lower, confidence_upper, confidence_level, model_id, model_name, model_version, model_parameters, actual_value, prediction_error, absolute_error, percentage_error, created_at) from 'forecasts.csv' with (format csv, header match)
\copy public.backtest_results (backtest_id, strategy_name, strategy_version, source_id, model_id, start_date, end_date, initial_capital, final_capital, total_return, annualized_return, sharpe_ratio, sortino_ratio, max_drawdown, value_at_risk_95, total_trades, winning_trades, losing_trades, config, notes, created_at, created_by) from 'backtest_results.csv' with (format csv, header match)
\copy public.backtest_trades (trade_id, backtest_id, side, entry_time, entry_price, exit_time, exit_price, quantity, fees, profit, return_pct, exit_reason) from 'backtest_trades.csv' with (format csv, header match)

-- New rows get numbers behind those that were carried over.
select
  setval(pg_get_serial_sequence('public.sources', 'source_id'), (select max(source_id) from public.sources)),
  setval(pg_get_serial_sequence('public.timeseries_archive', 'archive_id'), (select max(archive_id) from public.timeseries_archive)),
  setval(pg_get_serial_sequence('public.lineage', 'lineage_id'), (select max(lineage_id) from public.lineage)),
  setval(pg_get_serial_sequence('public.ml_models', 'model_id'), (select max(model_id) from public.ml_models)),
  setval(pg_get_serial_sequence('public.forecasts', 'forecast_id'), (select max(forecast_id) from public.forecasts)),
  setval(pg_get_serial_sequence('public.backtest_results', 'backtest_id'), (select max(backtest_id) from public.backtest_results)),
  setval(pg_get_serial_sequence('public.backtest_trades', 'trade_id'), (select max(trade_id) from public.backtest_trades))
\g /dev/null

commit;

call public.refresh_all_aggregates();
call public.compress_old_chunks();
