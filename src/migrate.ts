import { readFileSync } from 'node:fs';
import { Logger, migrate as applyMigrations } from 'graphile-migrate';
import { calculateHash } from 'graphile-migrate/dist/hash.js';
import { parseMigrationText } from 'graphile-migrate/dist/migration.js';
import { clearAllPools } from 'graphile-migrate/dist/pgReal.js';
import type { PoolClient } from 'pg';
import { open, type Database } from './connection.js';
import { ConnectionError, MigrationError } from './errors.js';
import { divergenceError, migrationsFolder, migrationState, readCommitted } from './migrations.js';

/** Key of the advisory lock that one `migrate` at a time has, and of the one that graphile-migrate takes or fails. */
const ourLock = 1651795812;
const graphileLock = '4727445306447283';

/**
 * Brings the schema of a database up to date. Doing it twice changes nothing; at the same time, one waits for the other.
 *
 * @returns the names of the migrations that were applied
 * @throws {ConnectionError} the server cannot be reached, or lacks TimescaleDB
 * @throws {MigrationError} the database has another history, a file was edited, or a migration failed and was rolled back
 */
export async function migrate(
  url: string,
  onMigration: (message: string) => void = () => {},
  folder: string = migrationsFolder,
): Promise<string[]> {
  requireUnedited(folder);
  const db = await open(url, 'server', { maxConnections: 1 });
  try {
    await requireTimescale(db);
    return await inTurn(db, async (client) => {
      const { divergence } = await migrationState(client, readCommitted(folder));
      if (divergence) throw divergenceError(divergence);
      return apply(url, onMigration, folder);
    });
  } finally {
    await db.close();
  }
}

/** Waits until no other process migrates this database, and keeps others waiting meanwhile. */
async function inTurn<T>(db: Database, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  // Losing this connection loses the lock, not the work: graphile-migrate has a lock of its own.
  client.on('error', () => {});
  try {
    await client.query('select pg_advisory_lock($1)', [ourLock]);
    await client.query('select pg_advisory_lock($1)', [graphileLock]);
    await client.query('select pg_advisory_unlock($1)', [graphileLock]);
    return await work(client);
  } finally {
    client.release(true); // ends the session, and with it the lock
  }
}

async function apply(url: string, onMigration: (message: string) => void, folder: string): Promise<string[]> {
  const applied: string[] = [];
  let failure = '';
  const logger = new Logger(() => (level: string, message) => {
    if (level === 'error') failure ||= message;
    if (level !== 'info') return;
    const text = message.replace(/^graphile-migrate(\[shadow\])?: /, '');
    const name = runningMigration(text);
    if (name !== undefined) applied.push(name);
    onMigration(text);
  });
  try {
    await applyMigrations({ connectionString: url, rootConnectionString: rootOf(url), migrationsFolder: folder, logger });
  } catch (error) {
    const { message, detail, hint } = error as { message: string; detail?: string; hint?: string };
    throw new MigrationError(
      'MIGRATION_FAILED',
      `A migration failed and was rolled back: ${failure || message}${detail ? ` (${detail})` : ''}`,
      hint ?? 'Mend what the message says and run `btcdb up` again; migrations that succeeded are kept.',
      { cause: error },
    );
  } finally {
    // graphile-migrate keeps its connection for a while, and ends the process when it is lost in that time.
    clearAllPools();
  }
  return applied;
}

/** The migration that a message of graphile-migrate announces. */
export function runningMigration(message: string): string | undefined {
  return /^Running migration '([^']+)'/.exec(message)?.[1];
}

/**
 * Checks that the files of a set are what their hashes say. graphile-migrate does so for those that it is about to apply.
 *
 * @throws {MigrationError} a file was edited
 */
export function requireUnedited(folder: string = migrationsFolder): void {
  for (const { name } of readCommitted(folder)) {
    const path = `${folder}/committed/${name}`;
    const { headers, body } = parseMigrationText(path, readFileSync(path, 'utf8'));
    const { Previous: previous, Hash: hash } = headers;
    if (calculateHash(body, previous === '-' ? null : previous ?? null) === hash || 'AllowInvalidHash' in headers) continue;
    throw new MigrationError('MIGRATION_EDITED', `The migration ${name} was edited after it was committed: its text has another hash`,
      'Install btc-dashboard-db again: npm install --force btc-dashboard-db. A change of your own is a migration of your own.');
  }
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
