/** What a healthy database has. A test compares it with a database that was just migrated. */

/** Triggers of the tables in public. */
export const triggers: Readonly<Record<string, readonly string[]>> = {
  anomalies: ['_100_refuse_truncate', '_500_audit'],
  audit_log: ['_100_refuse_change'],
  audit_seals: ['_100_refuse_change'],
  backtest_results: ['_100_refuse_truncate', '_500_audit'],
  backtest_trades: ['_100_refuse_truncate', '_500_audit'],
  backups: ['_100_refuse_truncate', '_500_audit'],
  features: ['_100_refuse_truncate', '_500_audit'],
  forecasts: ['_100_refuse_truncate', '_500_audit'],
  lineage: ['_100_refuse_truncate', '_500_audit', '_700_deleted', '_700_inserted', '_700_updated'],
  market_calendar: ['_100_refuse_truncate', '_500_audit'],
  ml_models: ['_100_refuse_truncate', '_100_stamp_status', '_100_touch_updated_at', '_500_audit'],
  sources: ['_100_deprecate', '_100_refuse_renumbering', '_100_refuse_truncate', '_100_touch_updated_at', '_500_audit'],
  time_index: ['_100_refuse_truncate', '_500_audit'],
  timeseries_archive: ['_100_refuse_truncate', '_500_audit'],
  timeseries_data: ['_100_refuse_move', '_100_refuse_truncate', '_100_touch_updated_at', '_500_deleted', '_600_refuse_skipping', '_700_inserted', '_700_updated'],
  validation_rules: ['_100_check', '_100_refuse_truncate', '_500_audit', '_700_compile'],
};

/** Continuous aggregates in public. */
export const aggregates: readonly string[] = ['daily_ohlcv', 'hourly_ohlcv', 'hourly_values', 'weekly_stats'];

/** The oldest TimescaleDB and PostgreSQL that the schema runs on, and the TimescaleDB that is recommended. */
export const oldestTimescale = '2.23';
export const recommendedTimescale = '2.29.2';
export const oldestPostgres = 15;
