/** The committed migrations of this package, and what a database has of them. Loads nothing that applies them. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { QueryResult, QueryResultRow } from 'pg';
import { MigrationError } from './errors.js';

/** The migrations of this package. */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** A client, a pool or a database. */
export interface Queryable {
  query<Row extends QueryResultRow>(text: string): Promise<Pick<QueryResult<Row>, 'rows'>>;
}

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

/** Reads the names and hashes of a set, in the order in which it is applied. */
export function readCommitted(folder: string = migrationsFolder): CommittedMigration[] {
  const committed = `${folder}/committed`;
  return readdirSync(committed).filter((name) => /^\d+(-[-\w]*)?\.sql$/.test(name)).sort().map((name) => {
    const header = readFileSync(`${committed}/${name}`, 'utf8').slice(0, 500);
    return { name, hash: /^--! Hash: (\S+)$/m.exec(header)?.[1] ?? '' };
  });
}

/** The migrations that a database has applied, oldest first. None when graphile-migrate has never been there. */
export async function appliedMigrations(db: Queryable): Promise<AppliedMigration[]> {
  const { rows } = await db.query<{ applied: boolean }>(
    `select to_regclass('graphile_migrate.migrations') is not null as applied`,
  );
  if (!rows[0]?.applied) return [];
  const applied = await db.query<AppliedMigration>('select hash, filename from graphile_migrate.migrations order by filename');
  return applied.rows;
}

/** Where a database stands with a chain, by default that of this package. */
export async function migrationState(db: Queryable, committed = readCommitted()): Promise<MigrationState> {
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
