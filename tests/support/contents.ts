/** A database that has a bit of everything. */
import { transaction } from '../../src/client/transaction.js';
import type { TestDatabase } from './database.js';

/** Writes to every table of a database that is empty. */
export async function fill(db: TestDatabase): Promise<void> {
  await db.query(`
    insert into sources (name, display_name, data_type, update_frequency) values ('gone', 'Gone', 'simple', '1 hour');
    delete from sources where name = 'gone';
    insert into sources (name, display_name, data_type, update_frequency, metadata)
    values ('btc', 'Bitcoin, "hourly"', 'simple', '1 hour', '{"a": 1.10}'), ('derived', '', 'calculated', '1 day', '{}');
    insert into validation_rules (data_type, rule_name, rule_sql, error_message, severity)
    values ('simple', 'below_600', 'value < 600', 'too high', 'ERROR');
    update validation_rules set enabled = false where rule_name = 'positive_price';
    insert into lineage (derived_source_id, parent_source_id, calculation_type) values (3, 2, 'mean')`);
  await transaction(db, { ingestMode: 'backfill', user: 'ann' }, async (tx) => {
    await tx.query(`insert into timeseries_data (source_id, timestamp, value)
      select 2, timestamptz '2024-01-01Z' + n * interval '1 hour', 40000.123456789012345678 + n % 7 + case n when 300 then 5000 else 0 end
      from generate_series(0, 499) as n`);
  });
  await db.query(`insert into timeseries_data (source_id, timestamp, value) values (2, '2024-02-01Z', 40001), (2, now() - interval '1 hour', 40002)`);
  await transaction(db, { user: 'bob', reason: 'mistyped' }, async (tx) => {
    await tx.query(`update timeseries_data set value = 40003 where source_id = 2 and timestamp = '2024-01-01T02:00Z'`);
    await tx.query(`delete from timeseries_data where source_id = 2 and timestamp = '2024-01-01T05:00Z'`);
  });
  await db.query('call record_gaps(2)');
  await db.query(`
    update anomalies set reviewed = true, is_false_positive = true, resolved_at = now(), resolved_by = 'bob', resolution_notes = E'an\\n"event"'
    where anomaly_type = 'outlier_6sigma';
    insert into features (source_id, timestamp, rsi_value, custom_features) values (2, '2024-01-01Z', 55.5, '{"x": [1, null]}');
    insert into ml_models (name, version, model_type, status, features_used) values ('m', '1', 'tree', 'deployed', '{a,"b c"}');
    insert into forecasts (source_id, forecast_timestamp, target_timestamp, predicted_value, model_name, model_version)
    values (2, '2024-01-01Z', '2024-01-02Z', 41000, 'm', '1');
    insert into backtest_results (strategy_name, strategy_version, source_id, start_date, end_date, initial_capital, final_capital)
    values ('s', '1', 2, '2024-01-01', '2024-02-01', 1000, 1100);
    insert into backtest_trades (backtest_id, side, entry_time, entry_price, quantity) values (1, 'LONG', '2024-01-03Z', 40000, 0.5)`);
}
