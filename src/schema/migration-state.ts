/** The committed migrations of this package, and what a database has of them. Loads nothing that applies them. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as operations from '../../queries/operations.queries.js';
import type { Queryable } from '../client/results.js';
import { BackupError, codeOf, MigrationError } from '../errors/catalogue.js';

/** The migrations of this package; empty in a CommonJS bundle, whose modules have no address. */
export const migrationsFolder = (import.meta.url as string | undefined) ? fileURLToPath(new URL('../../../migrations', import.meta.url)) : '';

/** A migration of the chain: its hash covers its text and all before it. */
export interface CommittedMigration {
  /** Name of its file. */
  readonly name: string;
  readonly hash: string;
}

/** A migration that a database has applied. */
export interface AppliedMigration {
  readonly hash: string;
  /** Name in the database: the number and `.sql`. */
  readonly filename: string;
}

/** What keeps a database from being brought up to date with a chain. */
export interface Divergence {
  /** `ahead`: it has all of the chain and more. `diverged`: its history is another one. */
  readonly kind: 'ahead' | 'diverged';
  readonly message: string;
}

/** Where a database stands. */
export interface MigrationState {
  /** Names of the migrations that it lacks, oldest first. */
  readonly pending: readonly string[];
  readonly divergence: Divergence | undefined;
}

/** Whether the package lies there with all of its files, and not in a bundle. */
export const hasMigrations = (): boolean => migrationsFolder !== '' && existsSync(`${migrationsFolder}/committed`);

/**
 * Reads the names and hashes of a set, in the order in which it is applied.
 *
 * @throws {MigrationError} MIGRATIONS_MISSING
 */
export function readCommitted(folder: string = migrationsFolder): CommittedMigration[] {
  if (folder === migrationsFolder && !hasMigrations()) {
    throw new MigrationError('MIGRATIONS_MISSING', 'The migrations of btc-dashboard-db do not lie beside its code: it was bundled',
      'Migrate with `npx btcdb up`, or leave the package out of the bundle (esbuild: --external:btc-dashboard-db).');
  }
  const committed = `${folder}/committed`;
  return readdirSync(committed).filter((name) => /^\d+(-[-\w]*)?\.sql$/.test(name)).sort().map((name) => {
    const header = readFileSync(`${committed}/${name}`, 'utf8').slice(0, 500);
    return { name, hash: /^--! Hash: (\S+)$/m.exec(header)?.[1] ?? '' };
  });
}

/** The migrations that a database has applied, oldest first. None when graphile-migrate has never been there. */
export async function appliedMigrations(db: Queryable): Promise<AppliedMigration[]> {
  const [found] = await operations.hasMigrations.run(undefined, db);
  if (found?.is_restoring) {
    throw new BackupError('RESTORE_UNFINISHED', 'A restore of this database has begun and did not end', 'Run the same `btcdb restore` again: it begins anew.');
  }
  return found?.has_migrations ? operations.migrations.run(undefined, db) : [];
}

/** Where a database stands with a chain, by default that of this package. */
export async function migrationState(db: Queryable, committed: readonly CommittedMigration[] = readCommitted()): Promise<MigrationState> {
  const applied = await appliedMigrations(db);
  const hashes = new Set(applied.map(({ hash }) => hash));
  return {
    pending: committed.filter(({ hash }) => !hashes.has(hash)).map(({ name }) => name),
    divergence: findDivergence(applied, committed),
  };
}

/** Migrations of this package that the database has not applied, oldest first. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  return [...(await migrationState(db)).pending];
}

/**
 * Checks that a database has the schema that this package works with. One that a newer version has migrated is fine, and so
 * is one that does not let us look.
 *
 * @throws {MigrationError} MIGRATION_PENDING or MIGRATION_DIVERGED
 */
export async function requireMigrated(db: Queryable): Promise<void> {
  const pending = await lackingIn(db);
  if (pending === undefined || pending.length === 0) return;
  throw new MigrationError('MIGRATION_PENDING',
    `The database lacks ${pending.length === 1 ? '1 migration' : `${pending.length} migrations`}: ${pending.join(', ')}`, 'Run `btcdb up` first.');
}

/** Migrations that the database lacks; undefined when it does not let us look. */
async function lackingIn(db: Queryable): Promise<readonly string[] | undefined> {
  try {
    // In a bundle all that can be seen is whether there is a schema.
    if (!hasMigrations()) return (await appliedMigrations(db)).length > 0 ? [] : ['all of them'];
    const { pending, divergence } = await migrationState(db);
    // A newer schema still answers; another one would answer by chance.
    if (divergence?.kind === 'diverged') throw divergenceError(divergence);
    return pending;
  } catch (error) {
    if (codeOf(error) === '42501') return undefined;
    throw error;
  }
}

/**
 * Whether what was applied is how the chain begins. graphile-migrate compares only the numbers of the newest ones, so it
 * finds a database up to date that has another set, or that lacks a migration in the middle.
 */
export function findDivergence(
  applied: readonly AppliedMigration[], committed: readonly CommittedMigration[],
): Divergence | undefined {
  const at = applied.findIndex(({ hash }, index) => committed[index]?.hash !== hash);
  if (at < 0) return undefined;
  const { hash, filename } = applied[at]!;
  const expected = committed[at];
  const skipped = committed.find((candidate) => candidate.hash === hash);
  const namesake = committed.find(({ name }) => Number.parseInt(name, 10) === Number.parseInt(filename, 10));
  if (skipped && expected) {
    return { kind: 'diverged', message: `The database has applied ${skipped.name} without ${expected.name}, which comes before it` };
  }
  if (namesake) {
    return { kind: 'diverged', message: `The database has applied another version of ${namesake.name}: ${hash}, not ${namesake.hash}` };
  }
  return {
    kind: expected ? 'diverged' : 'ahead',
    message: `The database has applied ${filename} (${hash}), which is not among the committed migrations`,
  };
}

/** What to do about a database with another history. */
export function divergenceError({ kind, message }: Divergence): MigrationError {
  if (kind === 'ahead') {
    return new MigrationError('MIGRATION_UNKNOWN', message, 'Update btc-dashboard-db to the version that migrated this database.');
  }
  return new MigrationError('MIGRATION_DIVERGED', message,
    'Versions before 1.0 may rewrite the set of migrations: carry the data over into a new database, as "Upgrading" in README.md says.');
}
