/**
 * The databases that the commands work on: the development database and its shadow, a second one in which migrations
 * are tried from the beginning. On a server both are databases of it; without a server the first is the embedded engine
 * in a folder and the second another engine in memory.
 */
import { join } from 'node:path';
import pg from 'pg';
import { parse } from 'pg-connection-string';
import { type Place } from '../../src/cli/console/place.js';
import { hasData } from '../../src/embedded/folder.js';
import { explainConnectionError } from '../../src/errors/connection-errors.js';
import { open, type Database } from '../../src/client/open.js';
import { openEmbedded } from '../../src/connection.js';
import { startMigrated, type EmbeddedOptions, type EmbeddedServer } from '../../src/embedded/index.js';
import { ConnectionError } from '../../src/errors/catalogue.js';
import { ProblemsError } from '../problem.js';
import { applyCommitted, runCurrent } from './current.js';
import { readFolder, type Folder } from './folder.js';

/** PostgreSQL cuts longer names off, and then two names can mean one database. */
const longestName = 63;

/** The development database; undefined when there is none yet. */
export async function openExisting(place: Place): Promise<Database | undefined> {
  if (place.kind === 'embedded') return hasData(place.folder) ? openEmbedded(place.folder) : undefined;
  try {
    return await open(place.url, 'server');
  } catch (error) {
    if (error instanceof ConnectionError && error.code === 'DATABASE_MISSING') return undefined;
    throw error;
  }
}

/** The development database; when there is none, one is made, the embedded one with the committed migrations. */
export async function openOrCreate(place: Place, folder: Folder): Promise<Database> {
  const existing = await openExisting(place);
  if (existing) return existing;
  if (place.kind === 'embedded') return embedded(await startEmbeddedWith(folder, place.folder, { dataDir: place.folder }));
  await createDatabase(place.url);
  return open(place.url, 'server');
}

/** A fresh database that has the committed migrations of a folder. Closing it drops it. */
export async function openShadow(place: Place, folder: Folder): Promise<Database> {
  return place.kind === 'embedded'
    ? embedded(await startEmbeddedWith(folder, place.folder))
    : serverShadow(place.url, folder);
}

/** Runs `work` on a fresh database with all migrations of a folder, the current one included. */
export async function withFreshDatabase<T>(
  place: Place,
  root: string,
  work: (db: Database, folder: Folder) => Promise<T>,
): Promise<T> {
  const folder = readFolder(root);
  const shadow = await openShadow(place, folder);
  try {
    await withClient(shadow, (client) => runCurrent(client, shadow.url, folder));
    return await work(shadow, folder);
  } finally {
    await shadow.close();
  }
}

/** Runs `work` on one connection of a database. */
export async function withClient<T>(db: Pick<Database, 'pool'>, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

/** The database of an engine. Closing it stops the engine. */
async function embedded(server: EmbeddedServer): Promise<Database> {
  try {
    const db = await open(server.url, 'embedded');
    return { ...db, close: () => db.close().finally(() => server.stop()) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Starts an embedded engine that has the committed migrations, in memory or in a folder without data. */
export function startEmbeddedWith(folder: Folder, cacheIn: string, options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  return startMigrated({
    ...options,
    migrationsDir: join(folder.root, 'committed'),
    cacheDir: join(cacheIn, 'snapshots'),
    migrate: async (url) => void (await applyCommitted(url, folder)),
  });
}

async function serverShadow(url: string, folder: Folder): Promise<Database> {
  const shadow = shadowUrl(url);
  await requireExpendable(shadow);
  await dropDatabase(shadow, { force: true });
  await createDatabase(shadow);
  try {
    await applyCommitted(shadow, folder);
    const db = await open(shadow, 'server');
    return { ...db, close: () => db.close().finally(() => dropDatabase(shadow, { force: true })) };
  } catch (error) {
    await dropDatabase(shadow, { force: true });
    throw error;
  }
}

/** SHADOW_DATABASE_URL, else the database beside with `_shadow` behind its name. */
export function shadowUrl(url: string): string {
  const own = parse(url);
  const given = process.env['SHADOW_DATABASE_URL'];
  const shadow = given || withDatabase(url, `${own.database}_shadow`);
  const { database, host, port } = parse(shadow);
  if (!database || Buffer.byteLength(database) > longestName) {
    throw new ConnectionError('INVALID_URL', `The name of the shadow database, ${database}, is missing or too long`,
      'Name a database of its own in SHADOW_DATABASE_URL; what is in it will be deleted.');
  }
  if (database === own.database && host === own.host && (port || '5432') === (own.port || '5432')) {
    throw new ConnectionError('INVALID_URL', 'SHADOW_DATABASE_URL names the development database itself',
      'Name a database of its own; what is in it will be deleted.');
  }
  return shadow;
}

/** ROOT_DATABASE_URL, else the database `postgres` of the same server. */
export function rootUrl(url: string): string {
  const given = process.env['ROOT_DATABASE_URL'];
  if (given) return given;
  return withDatabase(url, parse(url).database === 'postgres' ? 'template1' : 'postgres');
}

/** Makes an empty database as graphile-migrate does. */
export async function createDatabase(url: string): Promise<void> {
  const { database, user } = parse(url);
  await asRoot(url, async (root) => {
    const owner = user ? ` owner ${pg.escapeIdentifier(user)}` : '';
    await root.query(`create database ${pg.escapeIdentifier(database!)}${owner}`);
    await root.query(`revoke all on database ${pg.escapeIdentifier(database!)} from public`);
  });
}

/**
 * Drops a database, if there is one. Without `force`, sessions of other programs make it fail.
 *
 * @throws {ProblemsError} somebody uses the database
 */
export async function dropDatabase(url: string, { force = false } = {}): Promise<void> {
  const { database } = parse(url);
  await asRoot(url, async (root) => {
    const users = force ? [] : await sessionsOf(root, database!);
    if (users.length > 0) {
      throw new ProblemsError([{
        message: `The database ${database} is in use: ${users.join(', ')}`,
        fix: 'Close these programs and run the command again.',
      }]);
    }
    // Background workers of TimescaleDB are sessions, too.
    await root.query(`drop database if exists ${pg.escapeIdentifier(database!)} with (force)`);
  });
}

/**
 * Whether nothing is lost with a database: it is missing, empty, or has this schema and no series in it.
 */
export async function isExpendable(place: Place): Promise<boolean> {
  const db = await openExisting(place);
  if (!db) return true;
  try {
    const { rows } = await db.query<{ tables: boolean; own: boolean; series: boolean }>(`
      select
        exists (
          select from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
          where c.relkind in ('r', 'p', 'm')
            and n.nspname !~ '^(pg_|_timescaledb_|information_schema$|graphile_migrate$)'
            and not exists (select from pg_depend as d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        ) as tables,
        to_regclass('graphile_migrate.migrations') is not null as own,
        to_regclass('public.timeseries_data') is not null as series
    `);
    const { tables, own, series } = rows[0]!;
    if (!tables) return true;
    if (!own || !series) return false;
    const data = await db.query<{ any: boolean }>('select exists (select from public.timeseries_data) as any');
    return !data.rows[0]!.any;
  } finally {
    await db.close();
  }
}

async function requireExpendable(url: string): Promise<void> {
  if (await isExpendable({ kind: 'server', url })) return;
  throw new ProblemsError([{
    message: `The shadow database ${parse(url).database} holds data: it does not look like a shadow`,
    fix: 'The commands delete what is in it. Drop it yourself, or name another database in SHADOW_DATABASE_URL.',
  }]);
}

/** Programs that are connected to a database. */
async function sessionsOf(root: pg.Client, database: string): Promise<string[]> {
  const { rows } = await root.query<{ program: string }>(
    `select coalesce(nullif(application_name, ''), 'unnamed program') || ' (process ' || pid || ')' as program
     from pg_stat_activity where datname = $1 and backend_type = 'client backend' order by pid`,
    [database],
  );
  return rows.map(({ program }) => program);
}

async function asRoot(url: string, work: (root: pg.Client) => Promise<void>): Promise<void> {
  const root = rootUrl(url);
  const client = new pg.Client({ connectionString: root, application_name: 'btcdb migrations' });
  try {
    await client.connect();
  } catch (error) {
    throw explainConnectionError(error, root);
  }
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.href;
}
