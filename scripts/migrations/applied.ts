/** What a database has applied, and whether the folder still says so. */
import type pg from 'pg';
import { refuse, type Problem } from '../problem.js';
import { statedHash } from './chain.js';
import { numberOf, type Migration } from './folder.js';

/** A client, a pool or a database. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string): Promise<pg.QueryResult<Row>>;
}

export interface Applied {
  readonly hash: string;
  /** Name in the database: the number and `.sql`. */
  readonly filename: string;
}

/** The migrations that a database has applied, oldest first. None when graphile-migrate has never been there. */
export async function appliedMigrations(db: Queryable): Promise<Applied[]> {
  const { rows } = await db.query<{ there: boolean }>(`select to_regclass('graphile_migrate.migrations') is not null as there`);
  if (!rows[0]?.there) return [];
  const applied = await db.query<{ hash: string; filename: string }>(
    'select hash, filename from graphile_migrate.migrations order by filename',
  );
  return applied.rows;
}

/** Committed migrations that the database lacks. */
export function pending(applied: readonly Applied[], committed: readonly Migration[]): Migration[] {
  const hashes = new Set(applied.map(({ hash }) => hash));
  return committed.filter((migration) => !hashes.has(statedHash(migration) ?? ''));
}

/**
 * Checks that what was applied is how the chain begins. graphile-migrate compares only the names, so it finds a database
 * up to date that has another set, or that lacks a migration in the middle.
 */
export function checkApplied(applied: readonly Applied[], committed: readonly Migration[]): Problem[] {
  const fix = 'The set was rewritten, or this is another branch. `npm run migrate:reset` rebuilds a development database.';
  for (const [index, { hash, filename }] of applied.entries()) {
    const migration = committed[index];
    if (migration !== undefined && statedHash(migration) === hash) continue;
    const namesake = committed.find((candidate) => numberOf(candidate) === Number.parseInt(filename, 10));
    const skipped = committed.find((candidate) => statedHash(candidate) === hash);
    if (skipped && migration) {
      return [{ message: `The database has applied ${skipped.name} without ${migration.name}, which comes before it`, fix }];
    }
    if (namesake) {
      return [{ message: `The database has applied another version of ${namesake.name}: ${hash}, not ${statedHash(namesake)}`, fix }];
    }
    return [{ message: `The database has applied ${filename} (${hash}), which is not among the committed migrations`, fix }];
  }
  return [];
}

/** @throws {ProblemsError} the database has applied something else than the chain begins with */
export async function requireOwnChain(db: Queryable, committed: readonly Migration[]): Promise<Applied[]> {
  const applied = await appliedMigrations(db);
  refuse(checkApplied(applied, committed));
  return applied;
}
