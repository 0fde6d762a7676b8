/**
 * btc-dashboard-db: connect, ask by typed functions, write in bulk.
 *
 *     import { connect, sources, series } from 'btc-dashboard-db';
 *
 *     const db = await connect({ url: process.env.DATABASE_URL });
 *     const [btc] = await sources.byName.run({ name: 'btc_usd' }, db);
 *     const rows = await series.lastDays.run({ source_id: btc.source_id, days: 30 }, db);
 *
 * Every .sql file in queries/ is a namespace, every query in it a function of two arguments: its parameters and a
 * database, that is what `connect` returns, the client of a `transaction`, or a pool or client of your own that has the
 * type parsers `types`.
 */
export { connect, open, type ConnectOptions, type Database } from './connection.js';
export { transaction, type TransactionContext } from './transaction.js';
export { migrate } from './migrate.js';
export { pendingMigrations } from './migrations.js';
export { bulkUpsert, type BulkUpsertResult, type RowInput } from './bulk-upsert.js';
export { importFolder, type ImportOptions, type ImportReport } from './import/index.js';
export { types, type Json, type JsonObject } from './types.js';
export {
  BtcdbError,
  ConnectionError,
  EmbeddedError,
  ImportError,
  MigrationError,
  sqlState,
  type ErrorCode,
} from './errors.js';

export * as aggregates from '../queries/aggregates.queries.js';
export * as anomalies from '../queries/anomalies.queries.js';
export * as archive from '../queries/archive.queries.js';
export * as audit from '../queries/audit.queries.js';
export * as backtests from '../queries/backtests.queries.js';
export * as candles from '../queries/candles.queries.js';
export * as charts from '../queries/charts.queries.js';
export * as features from '../queries/features.queries.js';
export * as forecasts from '../queries/forecasts.queries.js';
export * as lineage from '../queries/lineage.queries.js';
export * as models from '../queries/models.queries.js';
export * as operations from '../queries/operations.queries.js';
export * as quality from '../queries/quality.queries.js';
export * as rules from '../queries/rules.queries.js';
export * as series from '../queries/series.queries.js';
export * as sources from '../queries/sources.queries.js';
