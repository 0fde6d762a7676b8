/** The chain of committed migrations: each has the hash of its text and of all before it. And what a database has of it. */
import { loadGraphileMigrate } from '../../src/schema/graphile-migrate.js';
import type { Queryable } from '../../src/client/results.js';
import { migrationState } from '../../src/schema/migration-state.js';
import { refuse, type Problem } from '../problem.js';
import { numberOf, type Migration } from './folder.js';

const { calculateHash } = await loadGraphileMigrate();

/** graphile-migrate's hash: over the hash of the previous migration and the body. */
export function hashOf(body: string, previous: string | undefined): string {
  return calculateHash(body, previous ?? null);
}

/**
 * Checks hashes, predecessors and numbers. graphile-migrate looks only at predecessors, and at the hashes of migrations
 * that it is about to apply: an edit of an applied one goes unnoticed.
 */
export function checkChain(committed: readonly Migration[]): Problem[] {
  const forks = checkForks(committed);
  if (forks.length > 0) return forks;
  return committed.flatMap(({ name, shown: file, headers, hash, body }, index): Problem[] => {
    const problems: Problem[] = [];
    const tell = (header: string, message: string, fix?: string): void =>
      void problems.push({ file, line: Object.keys(headers).indexOf(header) + 1 || 1, message, fix });
    const before = committed[index - 1];
    const previous = headers['Previous'];
    const [expected, actual] = [before ? before.hash : '-', hashOf(body, previous === '-' ? undefined : previous ?? undefined)];
    const isAllowed = 'AllowInvalidHash' in headers;
    if (!previous || !hash) {
      tell('', 'a committed migration begins with the headers Previous and Hash');
    } else if (previous !== expected) {
      tell('Previous', before
        ? `it does not follow ${before.name}: Previous is ${previous}, the hash of that one is ${expected}`
        : `it is the first migration, but its Previous is ${previous}`, `${rebaseFix(name)} Before 1.0.0 \`npm run compose\` chains the set again, too.`);
    }
    if (hash && actual !== hash && !isAllowed) {
      tell('Hash', `it was edited after it was committed: its hash is ${actual}, the header says ${hash}`,
        `Take the edit back (git checkout ${file}) and write it into migrations/current.sql. Before 1.0.0 the set may be rewritten: \`npm run compose\` `
        + 'chains it again, and databases that have it need `npm run migrate:reset`.');
    }
    if (actual === hash && isAllowed) tell('AllowInvalidHash', 'the hash is valid: remove the header AllowInvalidHash');
    if (numberOf(name) !== index + 1) {
      tell('', `its number should be ${String(index + 1).padStart(6, '0')}: ${before ? `it follows ${before.name}` : 'it is the first'}`,
        'A migration is missing (look into version control), or the file was renamed: give it its name back.');
    }
    return problems;
  });
}

/** Migrations of two branches that follow the same one. */
export function checkForks(committed: readonly Migration[]): Problem[] {
  return committed.flatMap(({ name, shown, headers: { Previous: previous } }, index): Problem[] => {
    const rival = committed.slice(0, index).find(({ headers }) => previous && headers['Previous'] === previous);
    if (!rival) return [];
    const origin = committed.find(({ hash }) => hash === previous);
    return [{
      file: shown,
      line: 1,
      message: `${rival.name} and ${name} both follow ${origin?.name ?? 'nothing'}: they were committed on two branches`,
      fix: `${rebaseFix('<yours>')} "Two migrations in conflict" in CONTRIBUTING.md explains it.`,
    }];
  });
}

function rebaseFix(name: string): string {
  return `Put the one that is not merged yet behind the other: npm run migrate:uncommit -- ${name}, npm run migrate, npm run migrate:commit.`;
}

/**
 * The names of the committed migrations that a database lacks.
 *
 * @throws {ProblemsError} it has applied something else than the chain begins with
 */
export async function requireOwnChain(db: Queryable, committed: readonly Migration[]): Promise<readonly string[]> {
  const { pending, divergence } = await migrationState(db, committed);
  if (divergence) {
    refuse([{
      message: divergence.message, fix: 'The set was rewritten, or this is another branch. `npm run migrate:reset` rebuilds a development database.',
    }]);
  }
  return pending;
}
