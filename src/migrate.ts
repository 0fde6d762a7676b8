import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Logger } from 'graphile-migrate';
import { getLastMigration, getMigrationsAfter, runCommittedMigration } from 'graphile-migrate/dist/migration.js';
import { parseSettings, type Settings } from 'graphile-migrate/dist/settings.js';
import { open, type Database } from './connection.js';
import { BtcdbError, ConnectionError, MigrationError } from './errors.js';

/** The migrations of this package. */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the schema of a database up to date. Doing it twice changes nothing.
 *
 * @throws {ConnectionError} the server cannot be reached, or lacks TimescaleDB
 * @throws {MigrationError} a migration failed; its transaction is rolled back
 */
export async function migrate(
  url: string,
  onMigration: (message: string) => void = () => {},
  folder: string = migrationsFolder,
): Promise<void> {
  let failure = '';
  const logger = new Logger(() => (level: string, message) => {
    if (level === 'error') failure ||= message;
    if (level === 'info') onMigration(message.replace(/^graphile-migrate(\[shadow\])?: /, ''));
  });
  const db = await open(url, 'server', { maxConnections: 1, applicationName: 'btcdb migrations', idleInTransactionTimeoutMs: 0 });
  try {
    await requireTimescale(db);
    await applyOn(db, { connectionString: url, rootConnectionString: rootOf(url), migrationsFolder: folder, logger });
  } catch (error) {
    if (error instanceof BtcdbError) throw error;
    const { message, detail, hint } = error as { message: string; detail?: string; hint?: string };
    throw new MigrationError(
      'MIGRATION_FAILED',
      `A migration failed and was rolled back: ${failure || message}${detail ? ` (${detail})` : ''}`,
      hint ?? 'Mend what the message says and run `btcdb up` again; migrations that succeeded are kept.',
      { cause: error },
    );
  } finally {
    await db.close();
  }
}

/** graphile-migrate's own lock. */
const lock = '4727445306447283';

/**
 * What graphile-migrate does in its `migrate`, on a connection of ours: the loss of its own would end the process. And
 * where that fails when somebody else migrates just now, this waits.
 */
async function applyOn(db: Database, settings: Settings): Promise<void> {
  const parsed = await parseSettings(settings);
  const client = await db.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lock]);
    const last = await getLastMigration(client, parsed);
    for (const migration of await getMigrationsAfter(parsed, last)) {
      await runCommittedMigration(client, parsed, { database: parsed.databaseName }, migration, '');
    }
  } finally {
    // The lock goes with the session.
    client.release(true);
  }
}

/** Migrations of this package that the database has not applied, oldest first. */
export async function pendingMigrations(db: Pick<Database, 'query'>): Promise<string[]> {
  const files = readdirSync(`${migrationsFolder}/committed`).sort();
  const { rows } = await db.query<{ applied: boolean }>(
    `select to_regclass('graphile_migrate.migrations') is not null as applied`,
  );
  if (!rows[0]?.applied) return files;
  const known = await db.query<{ hash: string }>('select hash from graphile_migrate.migrations');
  const hashes = new Set(known.rows.map((row) => row.hash));
  return files.filter((file) => {
    const header = readFileSync(`${migrationsFolder}/committed/${file}`, 'utf8').slice(0, 500);
    return !hashes.has(/^--! Hash: (\S+)$/m.exec(header)?.[1] ?? '');
  });
}

/** graphile-migrate insists that root and target differ; `migrate` never connects to the root. */
function rootOf(url: string): string {
  const root = new URL(url);
  root.pathname = '/template1';
  return root.href;
}

async function requireTimescale(db: Database): Promise<void> {
  // Without its library preloaded, CREATE EXTENSION ends the connection. The library's settings show that it is.
  const { rows } = await db.query<{ installed: boolean; preloaded: boolean }>(
    `select
       exists (select from pg_available_extensions where name = 'timescaledb') as installed,
       exists (select from pg_settings where name like 'timescaledb.%') as preloaded`,
  );
  const { installed, preloaded } = rows[0]!;
  if (installed && preloaded) return;
  if (installed) {
    throw new ConnectionError(
      'EXTENSION_MISSING',
      'The server has TimescaleDB installed but not loaded',
      'Add timescaledb to shared_preload_libraries in postgresql.conf and restart the server.',
    );
  }
  throw new ConnectionError(
    'EXTENSION_MISSING',
    'The server has no TimescaleDB extension',
    'Install TimescaleDB 2.23 or newer (or use the image timescale/timescaledb), add timescaledb to shared_preload_libraries and restart.',
  );
}
