/**
 * The databases that the commands work on: the development database, a shadow beside it in which graphile-migrate tries
 * migrations from the beginning, and the root, which makes and drops both. They are on the server in DATABASE_URL, or on the
 * embedded one in `.btcdb`.
 */
import { join } from 'node:path';
import pg from 'pg';
import { parse } from 'pg-connection-string';
import { hasData, snapshotsIn } from '../../src/embedded/folder.js';
import type { Place } from '../../src/connection.js';
import { startEmbedded, startMigrated, type EmbeddedOptions, type EmbeddedServer } from '../../src/embedded/index.js';
import { ConnectionError } from '../../src/errors/catalogue.js';
import { beside, createDatabase, dropDatabase, isThere, withClient } from '../databases.js';
import { ProblemsError } from '../problem.js';
import { applyPending, runCurrent } from './apply.js';
import { readFolder, type Folder } from './folder.js';

/** What every command on the migrations needs to know. */
export interface Target {
  readonly place: Place;
  /** The migrations folder. */
  readonly folder: string;
  /** Whether the committed migrations are frozen. */
  readonly released: boolean;
}

export interface Urls {
  readonly url: string;
  readonly shadow: string;
  readonly root: string;
}

/** PostgreSQL cuts longer names off, and then two names can mean one database. */
const longestName = 63;

/**
 * Runs `work` while the server is there. The embedded database is made when there is none, with the committed migrations;
 * `isInMemory` leaves it alone and makes another one.
 */
export async function withServer<T>(
  place: Place, folder: Folder, work: (urls: Urls) => Promise<T>, { isInMemory = false } = {},
): Promise<T> {
  if (place.kind === 'server') return work(urlsOf(place.url));
  const server = await startEngine(place.folder, folder, isInMemory ? {} : { dataDir: place.folder });
  try {
    return await work(urlsOf(server.url));
  } finally {
    await server.stop();
  }
}

/** Starts the embedded server, in memory or in a folder, with the committed migrations when there is no data yet. */
export function startEngine(cacheIn: string, folder: Folder, options: EmbeddedOptions): Promise<EmbeddedServer> {
  if (options.dataDir !== undefined && hasData(options.dataDir)) return startEmbedded(options);
  return startMigrated({
    ...options,
    migrationsDir: join(folder.root, 'committed'),
    cacheDir: snapshotsIn(cacheIn),
    migrate: (url) => withClient(url, (client) => applyPending(client, url, folder)),
  });
}

/** Runs `work` on the development database; when there is none it is undefined. */
export async function withDevelopment<T>(place: Place, folder: Folder, work: (client: pg.Client | undefined) => Promise<T>): Promise<T> {
  if (place.kind === 'embedded' && !hasData(place.folder)) return work(undefined);
  return withServer(place, folder, async ({ url }) => {
    if (!(await isThere(url))) return work(undefined);
    return withClient(url, work);
  });
}

/**
 * Runs `work` on a fresh database with all migrations of a folder, the current one included: on a server the shadow, else an
 * engine in memory.
 */
export function withFreshDatabase<T>(
  place: Place, root: string, work: (client: pg.Client, url: string, folder: Folder) => Promise<T>, { hasCurrent = true } = {},
): Promise<T> {
  const folder = readFolder(root);
  const onFresh = (url: string): Promise<T> => withClient(url, async (client) => {
    await applyPending(client, url, folder);
    if (hasCurrent) await runCurrent(client, url, folder);
    return work(client, url, folder);
  });
  return withServer(place, folder, async ({ url, shadow, root }) => {
    if (place.kind === 'embedded') return onFresh(url);
    await dropShadow(shadow, root);
    try {
      await createDatabase(shadow, root);
      return await onFresh(shadow);
    } finally {
      await dropDatabase(shadow, root);
    }
  }, { isInMemory: true });
}

/** graphile-migrate's three URLs; the three databases differ. */
export function urlsOf(url: string): Urls {
  const own = parse(url);
  const shadow = process.env['SHADOW_DATABASE_URL'] || beside(url, `${own.database}_shadow`);
  const { database, host, port } = parse(shadow);
  if (!database || Buffer.byteLength(database) > longestName) {
    throw new ConnectionError('INVALID_URL', `The name of the shadow database, ${database}, is missing or too long`,
      'Name a database of its own in SHADOW_DATABASE_URL; what is in it will be deleted.');
  }
  if (database === own.database && host === own.host && (port || '5432') === (own.port || '5432')) {
    throw new ConnectionError('INVALID_URL', 'SHADOW_DATABASE_URL names the development database itself',
      'Name a database of its own; what is in it will be deleted.');
  }
  return { url, shadow, root: process.env['ROOT_DATABASE_URL'] || beside(url, own.database === 'postgres' ? 'template1' : 'postgres') };
}

/** Makes an empty database, if there is none, as graphile-migrate does. */
export async function ensureDatabase(url: string, root: string): Promise<void> {
  if (await isThere(url)) return;
  await createDatabase(url, root);
  const name = pg.escapeIdentifier(parse(url).database!);
  await withClient(root, (client) => client.query(`revoke all on database ${name} from public`));
}

/** @throws {ProblemsError} it does not look like a shadow */
export async function dropShadow(shadow: string, root: string): Promise<void> {
  if (await isThere(shadow) && !(await withClient(shadow, isExpendable))) {
    throw new ProblemsError([{
      message: `The shadow database ${parse(shadow).database} holds data: it does not look like a shadow`,
      fix: 'The commands delete what is in it. Drop it yourself, or name another database in SHADOW_DATABASE_URL.',
    }]);
  }
  await dropDatabase(shadow, root);
}

/** Whether nothing is lost with a database: it is empty, or has this schema and no series in it. */
export async function isExpendable(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ tables: boolean; own: boolean }>(`
    select
      exists (
        select from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'm')
          and n.nspname !~ '^(pg_|_timescaledb_|information_schema$|graphile_migrate$)'
          and not exists (select from pg_depend as d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      ) as tables,
      to_regclass('graphile_migrate.migrations') is not null and to_regclass('public.timeseries_data') is not null as own
  `);
  const { tables, own } = rows[0]!;
  if (!tables || !own) return !tables;
  const data = await client.query<{ any: boolean }>('select exists (select from public.timeseries_data) as any');
  return !data.rows[0]!.any;
}
