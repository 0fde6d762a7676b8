/** A migrated database of its own for each test file. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { open, type Database } from '../../src/connection.js';
import { startMigrated } from '../../src/embedded/index.js';
import { migrate, migrationsFolder } from '../../src/migrate.js';

export interface TestDatabase extends Database {
  /** Closes and removes the database. */
  drop(): Promise<void>;
}

/** On the server in TEST_DATABASE_URL when it is set, else on an embedded engine in memory. */
export async function testDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env['TEST_DATABASE_URL'];
  return serverUrl ? onServer(serverUrl) : onEmbedded();
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

async function onServer(serverUrl: string): Promise<TestDatabase> {
  const name = `btcdb_test_${randomBytes(6).toString('hex')}`;
  await onRoot(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
  // Policies that run whenever they like would make tests pass or fail by chance.
  await onRoot(url.href, 'select _timescaledb_functions.stop_background_workers()');
  const db = await open(url.href, 'server');
  return {
    ...db,
    async drop() {
      await db.close();
      await onRoot(serverUrl, `drop database ${name} with (force)`);
    },
  };
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
