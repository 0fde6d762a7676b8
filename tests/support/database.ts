/** Databases that nobody keeps: one for each test file, and for whoever else needs one. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { open, type Database } from '../../src/client/open.js';
import { embeddedFolder, type ConnectOptions } from '../../src/connection.js';
import { snapshotsIn } from '../../src/embedded/folder.js';
import { startMigrated, type EmbeddedServer } from '../../src/embedded/index.js';
import { migrate } from '../../src/schema/migrate.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';

export interface TestDatabase extends Database {
  /** Closes and removes the database. */
  drop(): Promise<void>;
}

/** On the server in TEST_DATABASE_URL when it is set, else on an embedded one in memory. */
export async function testDatabase(): Promise<TestDatabase> {
  return newDatabase(process.env['TEST_DATABASE_URL'], 'btcdb_test');
}

/** A migrated database on a server, or without a URL on the embedded one, under a name that begins with `prefix`. */
export async function newDatabase(serverUrl: string | undefined, prefix: string, options?: ConnectOptions): Promise<TestDatabase> {
  const { url, engine, drop } = await create(serverUrl, prefix, 'postgres');
  try {
    if (engine === 'server') {
      await migrate(url);
      // Policies that run whenever they like would give results by chance.
      await run(url, 'select _timescaledb_functions.stop_background_workers()');
    }
    const db = await open(url, engine, options);
    return { ...db, drop: () => db.close().then(drop) };
  } catch (error) {
    await drop();
    throw error;
  }
}

export interface EmptyDatabase {
  readonly url: string;
  readonly engine: Database['engine'];
  readonly drop: () => Promise<void>;
}

/** A database that nobody has migrated, by its URL. */
export async function emptyDatabase(): Promise<EmptyDatabase> {
  return create(process.env['TEST_DATABASE_URL'], 'btcdb_empty', 'template1');
}

let embedded: Promise<EmbeddedServer> | undefined;

/** The embedded server of this process. Its database `postgres` is migrated, and its engine sleeps: others are copied from it. */
function embeddedServer(): Promise<EmbeddedServer> {
  embedded ??= startMigrated({ migrationsDir: `${migrationsFolder}/committed`, cacheDir: snapshotsIn(embeddedFolder()), migrate });
  return embedded;
}

/** Makes a database: on a server an empty one, on the embedded one after a template. */
async function create(serverUrl: string | undefined, prefix: string, template: string): Promise<EmptyDatabase> {
  const root = serverUrl ?? (await embeddedServer()).url;
  const name = `${prefix}_${randomBytes(6).toString('hex')}`;
  await run(root, `create database ${name}${serverUrl ? '' : ` template ${template}`}`);
  const url = Object.assign(new URL(root), { pathname: `/${name}` }).href;
  return { url, engine: serverUrl ? 'server' : 'embedded', drop: () => run(root, `drop database ${name} with (force)`) };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
