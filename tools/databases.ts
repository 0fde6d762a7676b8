/**
 * Makes and drops databases, on a server or on an embedded engine in memory: those that the commands work on, and those that
 * nobody keeps, for tests and measurements.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { parse } from 'pg-connection-string';
import { open, type Database } from '../src/client/open.js';
import { embeddedFolder, type ConnectOptions } from '../src/connection.js';
import { snapshotsIn } from '../src/embedded/folder.js';
import { startMigrated, type EmbeddedServer } from '../src/embedded/index.js';
import { ConnectionError } from '../src/errors/catalogue.js';
import { explainConnectionError } from '../src/errors/connection-errors.js';
import { migrate } from '../src/schema/migrate.js';
import { migrationsFolder } from '../src/schema/migration-state.js';

/** The URL of another database on the same server. */
export function beside(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${encodeURIComponent(database)}` }).href;
}

/** @throws {ConnectionError} */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 30_000, application_name: 'btcdb tools' });
  // The loss of the connection fails the statement; as an event without listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw explainConnectionError(error, url);
  }
}

/** Runs `work` on a connection of its own. @throws {ConnectionError} */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectTo(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs `work` in a transaction with these settings, and rolls it back. */
export async function undone<T>(client: pg.ClientBase, settings: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    await client.query('select set_config(key, value, true) from json_each_text($1)', [JSON.stringify(settings)]);
    return await work();
  } finally {
    await client.query('rollback');
  }
}

export async function isThere(url: string): Promise<boolean> {
  try {
    return await withClient(url, () => Promise.resolve(true));
  } catch (error) {
    if (error instanceof ConnectionError && error.code === 'DATABASE_MISSING') return false;
    throw error;
  }
}

/**
 * Makes a database for the user of its URL. TimescaleDB restarts its workers in a template that is named, `template1` too,
 * and then that is in use.
 */
export async function createDatabase(url: string, root: string, template?: string): Promise<void> {
  const { database, user } = parse(url);
  const like = template ? `template ${pg.escapeIdentifier(template)}` : '';
  const owner = user ? `owner ${pg.escapeIdentifier(user)}` : '';
  await withClient(root, (client) => client.query(`create database ${pg.escapeIdentifier(database!)} ${like} ${owner}`));
}

/** Drops a database, if there is one. Background workers of TimescaleDB, which are sessions, too, do not keep it. */
export async function dropDatabase(url: string, root: string): Promise<void> {
  const name = pg.escapeIdentifier(parse(url).database!);
  await withClient(root, (client) => client.query(`drop database if exists ${name} with (force)`));
}

/** Waits, for a second at most, until those who were told to leave a database have left it. */
export async function whenLeft(url: string, root: string): Promise<void> {
  await withClient(root, async (client) => {
    const clients = "select from pg_stat_activity where datname = $1 and backend_type = 'client backend'";
    for (let tries = 50; tries > 0 && (await client.query(clients, [parse(url).database])).rowCount; tries--) await setTimeout(20);
  });
}

let embedded: Promise<EmbeddedServer> | undefined;

/** The embedded server of this process. Its database `postgres` is migrated, and its engine sleeps: others are copied from it. */
export function embeddedServer(): Promise<EmbeddedServer> {
  embedded ??= startMigrated({ migrationsDir: `${migrationsFolder}/committed`, cacheDir: snapshotsIn(embeddedFolder()), migrate });
  return embedded;
}

export interface EmptyDatabase {
  readonly url: string;
  readonly engine: Database['engine'];
  readonly drop: () => Promise<void>;
}

/** A database that nobody has migrated, on a server or without a URL on the embedded one. Its name begins with `prefix`. */
export async function newEmptyDatabase(serverUrl: string | undefined, prefix: string, template?: string): Promise<EmptyDatabase> {
  const root = serverUrl ?? (await embeddedServer()).url;
  const url = beside(root, `${prefix}_${randomBytes(6).toString('hex')}`);
  await createDatabase(url, root, template);
  return { url, engine: serverUrl ? 'server' : 'embedded', drop: () => dropDatabase(url, root) };
}

export interface NewDatabase extends Database {
  /** Closes and removes the database. */
  readonly drop: () => Promise<void>;
}

/** Policies that run whenever they like would give results by chance, and so would those that had begun and are ended. */
const withoutWorkers = `
  select _timescaledb_functions.stop_background_workers();
  delete from _timescaledb_internal.bgw_job_stat;
  delete from _timescaledb_internal.bgw_job_stat_history;`;

/** What a copy of a database does not get from its template: its settings. */
const settingsOf = `
  select format(
    'alter database %I set %s = %L', current_database(), split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)
  ) as statement
  from pg_db_role_setting as s
  join pg_database as d on d.oid = s.setdatabase
  cross join unnest(s.setconfig) as setting
  where d.datname = $1 and s.setrole = 0`;

export interface Template {
  readonly name: string;
  readonly drop: () => Promise<void>;
}

/** A migrated database on a server, to make others of. Nobody connects to it: who did would keep it from being copied. */
export async function newTemplate(serverUrl: string, prefix: string): Promise<Template> {
  const { url, drop } = await newEmptyDatabase(serverUrl, prefix);
  const name = parse(url).database!;
  try {
    await migrate(url);
    await withClient(serverUrl, (client) => client.query(`alter database ${pg.escapeIdentifier(name)} allow_connections false`));
    await withClient(serverUrl, (client) => client.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name]));
    return { name, drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

/** The same as {@link newEmptyDatabase}, migrated and open. On a server it is a copy of `template`, if there is one. */
export async function newDatabase(
  serverUrl: string | undefined, prefix: string, { template, ...options }: ConnectOptions & { template?: string | undefined } = {},
): Promise<NewDatabase> {
  const { url, engine, drop } = await newEmptyDatabase(serverUrl, prefix, serverUrl ? template : 'postgres');
  try {
    if (engine === 'server') {
      if (template === undefined) await migrate(url);
      await withClient(url, async (client) => {
        await client.query(withoutWorkers);
        const { rows } = await client.query<{ statement: string }>(settingsOf, [template]);
        for (const { statement } of rows) await client.query(statement);
      });
    }
    const db = await open(url, engine, options);
    return { ...db, drop: () => db.close().then(drop) };
  } catch (error) {
    await drop();
    throw error;
  }
}
