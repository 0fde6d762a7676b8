import { readFileSync } from 'node:fs';
import type { PoolClient } from 'pg';
import { versions } from '../../queries/doctor.queries.js';
import { open, type Database, type OpenOptions } from '../client/open.js';
import { requireSession } from '../client/pool.js';
import { one } from '../client/results.js';
import { BtcdbError, ConnectionError, MigrationError } from '../errors/catalogue.js';
import { loadGraphileMigrate } from './graphile-migrate.js';
import { divergenceError, migrationsFolder, migrationState, readCommitted } from './migration-state.js';

/** The advisory lock of graphile-migrate. */
const lock = '4727445306447283';

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
  { pooler, ssl, connectionTimeoutMs }: Pick<OpenOptions, 'pooler' | 'ssl' | 'connectionTimeoutMs'> = {},
): Promise<string[]> {
  await requireUnedited(folder);
  const db = await open(url, 'server', {
    pooler, ssl, connectionTimeoutMs, maxConnections: 1, applicationName: 'btcdb migrations', idleInTransactionTimeoutMs: 0,
  });
  try {
    await requireTimescale(db);
    return await inTurn(db, async (client) => {
      const { divergence, pending } = await migrationState(client, readCommitted(folder));
      if (divergence) throw divergenceError(divergence);
      // graphile-migrate would write even then, which a hot standby refuses.
      if (pending.length === 0) return [];
      return apply(client, url, onMigration, folder);
    });
  } finally {
    await db.close();
  }
}

/** Waits until no other process migrates this database, and keeps others waiting meanwhile. */
async function inTurn<T>(db: Database, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  try {
    requireSession(client, 'Migrating');
    await client.query('select pg_advisory_lock($1)', [lock]);
    return await work(client);
  } finally {
    client.release(true); // ends the session, and with it the lock
  }
}

/** What graphile-migrate's own `migrate` does, on a connection of ours: the loss of its own would end the process. */
async function apply(client: PoolClient, url: string, onMigration: (message: string) => void, folder: string): Promise<string[]> {
  const { getLastMigration, getMigrationsAfter, parseSettings, runCommittedMigration } = await loadGraphileMigrate();
  const { Logger } = await import('graphile-migrate');
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
    const settings = await parseSettings({ connectionString: url, rootConnectionString: rootOf(url), migrationsFolder: folder, logger });
    const last = await getLastMigration(client, settings);
    for (const migration of await getMigrationsAfter(settings, last)) {
      await runCommittedMigration(client, settings, { database: settings.databaseName }, migration, '');
    }
  } catch (error) {
    if (error instanceof BtcdbError) throw error;
    const { message, detail, hint } = error as { message: string; detail?: string; hint?: string };
    throw new MigrationError(
      'MIGRATION_FAILED',
      `A migration failed and was rolled back: ${failure || message}${detail ? ` (${detail})` : ''}`,
      hint ?? 'Mend what the message says and run `btcdb up` again; migrations that succeeded are kept.',
      { cause: error },
    );
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
export async function requireUnedited(folder: string = migrationsFolder): Promise<void> {
  const { calculateHash, parseMigrationText } = await loadGraphileMigrate();
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
  const { timescale, is_loaded } = await one(versions, undefined, db);
  if (timescale !== null && is_loaded) return;
  if (timescale !== null) {
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
