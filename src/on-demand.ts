/** What a backend rarely needs, loaded when it is used: it brings many packages with it. */
import type { OpenOptions } from './client/open.js';
import type { ImportOptions, ImportReport, ImportTarget } from './import/index.js';

export type { FileReport, ImportOptions, ImportReport } from './import/index.js';

/**
 * Brings the schema of a database up to date, as `btcdb up` does. Doing it twice changes nothing; at the same time, one waits
 * for the other.
 *
 * @returns the names of the migrations that were applied
 * @throws {ConnectionError} the server cannot be reached, or lacks TimescaleDB
 * @throws {MigrationError} the database has another history, or a migration failed and was rolled back
 */
export async function migrate(
  url: string, onMigration?: (message: string) => void, folder?: string, connection?: Pick<OpenOptions, 'pooler' | 'ssl' | 'connectionTimeoutMs'>,
): Promise<string[]> {
  return (await import('./schema/migrate.js')).migrate(url, onMigration, folder, connection);
}

/** Imports a folder, or a single file, as `btcdb import` does. */
export async function importFolder(db: ImportTarget, path: string, options?: ImportOptions): Promise<ImportReport> {
  return (await import('./import/index.js')).importFolder(db, path, options);
}
