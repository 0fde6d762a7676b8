/** Connecting: to a server, or to the embedded engine, which is started. */
import { isAbsolute, join } from 'node:path';
import { open, type Database, type OpenOptions } from './client/open.js';
import { pendingMigrations, requireMigrated } from './schema/migration-state.js';

export interface ConnectOptions extends OpenOptions {
  /** Whether to bring the schema up to date, as `btcdb up` does; the login has to be allowed to. Default false. */
  migrate?: boolean | undefined;
}

/** Folder of the embedded engine. */
export function embeddedFolder(dataDir = '.btcdb'): string {
  return isAbsolute(dataDir) ? dataDir : join(process.cwd(), dataDir);
}

/** A server by its URL, or the embedded engine in a folder. */
export type Place = { readonly kind: 'server'; readonly url: string } | { readonly kind: 'embedded'; readonly folder: string };

/** What is given, else the server in DATABASE_URL, else the folder `.btcdb`. */
export function usualPlace({ url, dataDir }: Pick<OpenOptions, 'url' | 'dataDir'> = {}): Place {
  const address = url ?? (dataDir === undefined ? process.env['DATABASE_URL'] : undefined);
  return address ? { kind: 'server', url: address } : { kind: 'embedded', folder: embeddedFolder(dataDir) };
}

/** Opens a database; the embedded engine is started, and its folder made. */
export function openPlace(place: Place, options?: OpenOptions): Promise<Database> {
  return place.kind === 'server' ? open(place.url, 'server', options) : openEmbedded(place.folder, options);
}

/**
 * Connects to a database that has the schema, so that a wrong address or a schema that is missing shows here and not at the
 * first query.
 *
 * @throws {ConnectionError} the server is not there, does not let us in, or lacks the database
 * @throws {MigrationError} MIGRATION_PENDING: run `btcdb up`, or say `migrate: true`
 * @throws {EmbeddedError} the embedded engine is not installed, taken by another process, or broken
 */
export async function connect({ migrate = false, ...options }: ConnectOptions = {}): Promise<Database> {
  const db = await openPlace(usualPlace(options), options);
  try {
    if (migrate && (await pendingMigrations(db)).length > 0) await (await import('./schema/migrate.js')).migrate(db.url, undefined, undefined, options);
    await requireMigrated(db);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Starts the embedded engine in a folder, or in memory, and connects to it. Closing the database stops it. */
export async function openEmbedded(folder: string | undefined, options: OpenOptions = {}): Promise<Database> {
  const { startEmbedded } = await import('./embedded/index.js');
  const server = await startEmbedded({ dataDir: folder });
  try {
    const database = await open(server.url, 'embedded', options);
    return {
      ...database,
      async close() {
        await database.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
