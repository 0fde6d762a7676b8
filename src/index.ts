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
export { hashToken, makeToken, tokenForm } from './access-token.js';
export { connect, type ConnectOptions } from './connection.js';
export type { Retry } from './client/again.js';
export { open, type Database, type OpenOptions, type PoolerMode } from './client/open.js';
export { copyRows } from './client/copy-rows.js';
export { jsonRows } from './client/json-rows.js';
export { savepoint, transaction, type TransactionContext, type TransactionOptions } from './client/transaction.js';
export { maybeOne, one, pages, stream, withSignal, type Queryable, type StreamOptions, type TypedFunction } from './client/results.js';
export type { QueryEvent } from './client/statement.js';
export { pendingMigrations } from './schema/migration-state.js';
export { bulkUpsert, type BulkUpsertOptions, type BulkUpsertResult, type ReplaceOption, type RowInput } from './write/bulk-upsert.js';
export { importFolder, migrate, type FileReport, type ImportOptions, type ImportReport } from './on-demand.js';
export { types, type Json, type JsonObject } from './types/pg-types.js';
export type * as Tables from './types/tables.js';
export {
  BackupError,
  BtcdbError,
  ConnectionError,
  EmbeddedError,
  ImportError,
  MigrationError,
  sqlState,
  TransactionError,
  type ErrorCode,
} from './errors/catalogue.js';

export * from './queries.js';
