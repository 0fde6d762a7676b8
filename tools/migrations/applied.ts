/** What a database has applied, and whether the folder still says so. */
import type { Queryable } from '../../src/client/results.js';
import { appliedMigrations, findDivergence, type AppliedMigration } from '../../src/schema/migration-state.js';
import { refuse, type Problem } from '../problem.js';
import { statedHash } from './chain.js';
import type { Migration } from './folder.js';

/** Committed migrations that the database lacks. */
export function pending(applied: readonly AppliedMigration[], committed: readonly Migration[]): Migration[] {
  const hashes = new Set(applied.map(({ hash }) => hash));
  return committed.filter((migration) => !hashes.has(statedHash(migration) ?? ''));
}

/** Checks that what was applied is how the chain begins. */
export function checkApplied(applied: readonly AppliedMigration[], committed: readonly Migration[]): Problem[] {
  const divergence = findDivergence(applied, committed.map((migration) => ({ name: migration.name, hash: statedHash(migration) ?? '' })));
  if (!divergence) return [];
  return [{
    message: divergence.message,
    fix: 'The set was rewritten, or this is another branch. `npm run migrate:reset` rebuilds a development database.',
  }];
}

/** @throws {ProblemsError} the database has applied something else than the chain begins with */
export async function requireOwnChain(db: Queryable, committed: readonly Migration[]): Promise<AppliedMigration[]> {
  const applied = await appliedMigrations(db);
  refuse(checkApplied(applied, committed));
  return applied;
}
