/** Restores a backup, and compares what came of it with what was backed up. */
import pg, { type ClientBase } from 'pg';
import { parse } from 'pg-connection-string';
import * as backups from '../../queries/backups.queries.js';
import { versions } from '../../queries/doctor.queries.js';
import { open, type Database } from '../client/open.js';
import { one } from '../client/results.js';
import { transaction } from '../client/transaction.js';
import { BackupError, codeOf } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';
import { migrate } from '../schema/migrate.js';
import { readCommitted } from '../schema/migration-state.js';
import { describe, describing } from './describe.js';
import { decrypted } from './encryption.js';
import { type Description, differences, majorOf, type Manifest } from './manifest.js';
import { findTool, load } from './pg-tools.js';
import { loadPortable, requireUntouched } from './portable.js';
import { contentOf, type StoredBackup } from './store.js';

export interface RestoreOptions {
  /** File of an identity of age, for a backup that is encrypted. */
  readonly keyFile?: string | undefined;
  /** Folder of pg_restore. */
  readonly pgBin?: string | undefined;
  /** Whether policies run in what was restored. Default true. */
  readonly policies?: boolean | undefined;
  /** Told of each step. */
  readonly onStep?: ((text: string) => void) | undefined;
}

/** How a database is marked whose restore has begun, which the query hasMigrations looks for. */
const mark = 'btcdb restore has begun and did not end: ';

/** The plain content of a backup; to its end only when it is what was stored. */
function plainOf(backup: StoredBackup, keyFile: string | undefined): AsyncIterable<Buffer> {
  const content = contentOf(backup);
  return backup.manifest.encryption === null ? content : decrypted(content, keyFile);
}

/** Reads a backup as a whole, before anything is touched. @throws {BackupError} BACKUP_DAMAGED, BACKUP_KEY */
export async function requireSound(backup: StoredBackup, { keyFile, onStep }: RestoreOptions = {}): Promise<void> {
  onStep?.(`reading ${backup.manifest.file} and its SHA-256`);
  for await (const piece of plainOf(backup, keyFile)) void piece;
}

/**
 * Restores a backup into the database of a URL, which is made if it is not there, and compares everything that the manifest
 * says. Nothing is touched before versions, file and key are found to be right.
 *
 * @throws {BackupError} RESTORE_NOT_EMPTY, BACKUP_VERSION, BACKUP_TOOL, BACKUP_DAMAGED, BACKUP_KEY: nothing was touched;
 *   RESTORE_FAILED, BACKUP_DIFFERS, or killed: the same command again begins anew
 */
export async function restoreBackup(url: string, backup: StoredBackup, options: RestoreOptions = {}): Promise<void> {
  if (backup.manifest.form === 'portable') return restorePortable(url, backup, options);
  await withOpen(rootOf(url), async (root) => {
    await backups.takeTurnToRestore.run({ database: parse(url).database ?? '' }, root);
    await restoreDump(url, backup, options);
  });
}

/** Into a server or an embedded engine that runs. */
async function restorePortable(url: string, backup: StoredBackup, options: RestoreOptions): Promise<void> {
  const { manifest } = backup;
  requireMigrations(manifest);
  await requireSound(backup, options);
  await createIfMissing(url);
  await withOpen(url, async (db) => {
    const { database } = await one(backups.server, undefined, db);
    await backups.takeTurnToRestore.run({ database }, db);
    const isLeft = (await backups.databases.run({ name_like: likeOf(database) }, db))[0]?.comment === mark + manifest.file;
    if (!isLeft) {
      await requireUntouched(db);
      options.onStep?.('making the schema');
      await migrate(url);
    }
    // A policy would seal the audit log anew, or drop what is old.
    await backups.stopPolicies.run(undefined, db);
    options.onStep?.('loading the rows');
    const comment = `comment on database ${pg.escapeIdentifier(database)} is`;
    await loadPortable(db, manifest, plainOf(backup, options.keyFile), (tx) => tx.query(`${comment} ${pg.escapeLiteral(mark + manifest.file)}`));
    options.onStep?.('comparing with the manifest');
    await requireSame(db, manifest, { contentsOnly: true });
    await db.query(`${comment} null`);
    if (options.policies !== false) await backups.startPolicies.run(undefined, db);
  });
}

/** The tables of a portable backup are made by the migrations, so these have to be the same. */
function requireMigrations({ migrations, versions: { package: version }, file }: Manifest): void {
  const own = readCommitted().map(({ hash }) => hash);
  if (JSON.stringify(own) === JSON.stringify(migrations.map(({ hash }) => hash))) return;
  throw new BackupError('BACKUP_VERSION', `${file} is of another set of migrations: it was made by btc-dashboard-db ${version}`,
    `Restore it with that version: npx btc-dashboard-db@${version}; then upgrade the database with \`btcdb up\`.`);
}

async function restoreDump(url: string, backup: StoredBackup, options: RestoreOptions): Promise<void> {
  const { manifest } = backup;
  const { database = '' } = parse(url) as { database?: string };
  const name = pg.escapeIdentifier(database);
  const { tool, isNew } = await withOpen(rootOf(url), async (root) => {
    await requireVersions(root, manifest);
    const pgRestore = findTool('pg_restore', manifest.pg_dump ?? 0, options.pgBin);
    const found = (await backups.databases.run({ name_like: likeOf(database) }, root))[0];
    const isLeft = found?.comment?.startsWith(mark) === true;
    if (found && !isLeft) await withOpen(url, (db) => requireEmpty(db, database));
    await requireSound(backup, options);
    if (isLeft) await root.query(`drop database ${name} with (force)`);
    if (!found || isLeft) await root.query(`create database ${name} template template0 encoding 'UTF8'`);
    await makeRoles(root, manifest, options);
    await root.query(`comment on database ${name} is ${pg.escapeLiteral(`${mark}${manifest.file}`)}`);
    return { tool: pgRestore, isNew: !found || isLeft };
  });
  try {
    await withOpen(url, async (db) => {
      if (!isNew) await db.query('drop extension if exists timescaledb cascade');
    });
    // The library of another version may not be loaded in the session that creates the extension.
    await withOpen(url, (db) => db.query(`create extension timescaledb schema public version ${pg.escapeLiteral(manifest.versions.timescaledb)}`));
    await withOpen(url, async (db) => {
      for (const { name: setting, value } of manifest.settings) {
        await db.query('select set_config($1, $2, false)', [setting, value]);
        await db.query(`alter database ${name} set ${setting.split('.').map(pg.escapeIdentifier).join('.')} from current`);
      }
      await backups.beforeRestore.run(undefined, db);
    });
    options.onStep?.('restoring');
    await load(tool, url, plainOf(backup, options.keyFile));
    await withOpen(url, async (db) => {
      await transaction(db, {}, (tx) => backups.afterRestore.run(undefined, tx));
      options.onStep?.('comparing with the manifest');
      const { version } = await one(backups.server, undefined, db);
      await requireSame(db, manifest, { contentsOnly: majorOf(version) !== majorOf(manifest.versions.postgres) });
    });
  } catch (error) {
    throw new BackupError(error instanceof BackupError ? error.code : 'RESTORE_FAILED', `The restore of ${database} did not end: ${messageOf(error)}`,
      error instanceof BackupError && error.code !== 'RESTORE_FAILED' ? error.hint : `Mend what it says. Then run it again: it begins anew. Until it ends, nothing else should use ${database}.`, { cause: error });
  }
  await withOpen(url, async (db) => {
    await db.query(`comment on database ${name} is null`);
    if (options.policies !== false) await backups.startPolicies.run(undefined, db);
  });
}

const likeOf = (name: string): string => name.replace(/[\\%_]/g, '\\$&');

/** Where databases are made. */
export function rootOf(url: string): string {
  return Object.assign(new URL(url), { pathname: '/postgres' }).href;
}

export async function withOpen<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await open(url, 'server', { maxConnections: 1, applicationName: 'btcdb restore', idleInTransactionTimeoutMs: 0 });
  // A pool ends what does nothing for a while, and with it the locks of a session.
  db.pool.options.idleTimeoutMillis = 0;
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

async function createIfMissing(url: string): Promise<void> {
  try {
    await withOpen(url, () => Promise.resolve());
  } catch (error) {
    if (codeOf(error) !== 'DATABASE_MISSING') throw error;
    await withOpen(rootOf(url), (root) => root.query(`create database ${pg.escapeIdentifier(parse(url).database ?? '')}`));
  }
}

async function requireEmpty(db: Database, database: string): Promise<void> {
  const { is_empty: isEmpty } = await one(backups.isEmpty, undefined, db);
  if (isEmpty) return;
  throw new BackupError('RESTORE_NOT_EMPTY', `The database ${database} holds data, or a schema`,
    'Give the URL of a database that is not there yet: it is made. What is in this one is left as it is.');
}

/** @throws {BackupError} BACKUP_VERSION */
async function requireVersions(root: Database, { versions: { postgres, timescaledb }, file }: Manifest): Promise<void> {
  const { is_loaded: isLoaded, is_embedded: isEmbedded, server } = await one(versions, undefined, root);
  if (isEmbedded) {
    throw new BackupError('BACKUP_VERSION', `${file} is a dump of a server, which the embedded engine cannot restore`,
      'Move data by the portable form: `btcdb backup --portable` on the server, then restore that.');
  }
  if (Number.parseInt(server, 10) < majorOf(postgres)) {
    throw new BackupError('BACKUP_VERSION', `${file} was dumped from PostgreSQL ${majorOf(postgres)}, and this server is of version ${server}`,
      `Restore it into PostgreSQL ${majorOf(postgres)} or newer.`);
  }
  const available = (await backups.timescaleVersions.run(undefined, root)).map(({ version }) => version);
  if (!available.includes(timescaledb)) {
    throw new BackupError('BACKUP_VERSION', `${file} takes TimescaleDB ${timescaledb}, and this server has ${available.join(', ') || 'none'}`,
      `Install just that version beside (timescaledb-2-loader with timescaledb-2-${timescaledb}-postgresql-${Number.parseInt(server, 10)}), restore, then upgrade with \`alter extension timescaledb update\`.`);
  }
  if (isLoaded) return;
  throw new BackupError('BACKUP_VERSION', 'The server has TimescaleDB installed but not loaded', 'Add timescaledb to shared_preload_libraries in postgresql.conf, and restart the server.');
}

/** Roles have no passwords in a backup. */
async function makeRoles(root: Database, { roles }: Manifest, { onStep }: RestoreOptions): Promise<void> {
  const missing = new Set((await backups.missingRoles.run({ names: roles.map(({ name }) => name) }, root)).map(({ name }) => name));
  const made = roles.filter(({ name }) => missing.has(name));
  for (const { name, can_login: canLogin, inherits } of made) {
    await root.query(`create role ${pg.escapeIdentifier(name)} ${canLogin ? 'login' : 'nologin'} ${inherits ? 'inherit' : 'noinherit'}`);
  }
  for (const { name, member_of: groups } of made) {
    for (const group of groups) await root.query(`grant ${pg.escapeIdentifier(group ?? '')} to ${pg.escapeIdentifier(name)}`);
  }
  if (made.length > 0) onStep?.(`made the roles ${made.map(({ name }) => name).join(', ')}, which have no passwords yet`);
}

/** What a database holds, in one snapshot. */
export function describeNow(db: Pick<Database, 'pool'>): Promise<Description> {
  return transaction(db, { isolation: 'repeatable read', readOnly: true, settings: describing }, (tx: ClientBase) => describe(tx));
}

/** @throws {BackupError} BACKUP_DIFFERS */
async function requireSame(db: Database, manifest: Manifest, options: { contentsOnly: boolean }): Promise<void> {
  const lines = differences(manifest, await describeNow(db), options);
  if (lines.length === 0) return;
  throw new BackupError('BACKUP_DIFFERS', `What was restored differs in ${lines.length} points from what was backed up: ${lines.slice(0, 5).join('; ')}`,
    'Keep this backup, take another one, and compare the versions of the servers.');
}
