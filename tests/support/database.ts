/** A migrated database of its own for each test file, and for whoever else needs one that can be dropped. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { open, type Database } from '../../src/client/open.js';
import type { ConnectOptions } from '../../src/connection.js';
import { startEmbedded, startMigrated } from '../../src/embedded/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';

export interface TestDatabase extends Database {
  /** Closes and removes the database. */
  drop(): Promise<void>;
}

/** On the server in TEST_DATABASE_URL when it is set, else on an embedded engine in memory. */
export async function testDatabase(): Promise<TestDatabase> {
  return newDatabase(process.env['TEST_DATABASE_URL'], 'btcdb_test');
}

/** On a server, under a name that begins with `prefix`; without a URL on an embedded engine in memory. */
export async function newDatabase(serverUrl: string | undefined, prefix: string, options?: ConnectOptions): Promise<TestDatabase> {
  return serverUrl ? onServer(serverUrl, prefix, options) : onEmbedded();
}

export interface EmptyDatabase {
  readonly url: string;
  readonly engine: Database['engine'];
  readonly drop: () => Promise<void>;
}

/** A database that nobody has migrated, by its URL. */
export async function emptyDatabase(): Promise<EmptyDatabase> {
  const serverUrl = process.env['TEST_DATABASE_URL'];
  if (serverUrl) return { engine: 'server', ...(await createOn(serverUrl, 'btcdb_empty')) };
  const server = await startEmbedded();
  return { engine: 'embedded', url: server.url, drop: () => server.stop() };
}

async function onEmbedded(): Promise<TestDatabase> {
  const server = await startMigrated({ migrationsDir: `${migrationsFolder}/committed`, cacheDir: '.btcdb/snapshots', migrate });
  const db = await open(server.url, 'embedded');
  return {
    ...db,
    async drop() {
      await db.close();
      await server.stop();
    },
  };
}

async function onServer(serverUrl: string, prefix: string, options?: ConnectOptions): Promise<TestDatabase> {
  const { url, drop } = await createOn(serverUrl, prefix);
  try {
    await migrate(url);
    // Policies that run whenever they like would give results by chance.
    await onRoot(url, 'select _timescaledb_functions.stop_background_workers()');
    const db = await open(url, 'server', options);
    return {
      ...db,
      async drop() {
        await db.close();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function createOn(serverUrl: string, prefix: string): Promise<Omit<EmptyDatabase, 'engine'>> {
  const name = `${prefix}_${randomBytes(6).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await onRoot(serverUrl, `create database ${name}`);
  return { url: url.href, drop: () => onRoot(serverUrl, `drop database ${name} with (force)`) };
}

async function onRoot(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
