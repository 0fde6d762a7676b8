/**
 * Everything that can be wrong with the migrations: their files, the homes of functions and views, the development
 * database, and what would hurt a database in use.
 */
import { embeddedFolder } from '../../src/connection.js';
import { EmbeddedError } from '../../src/errors.js';
import { appliedMigrations, checkApplied } from './applied.js';
import { checkChain } from './chain.js';
import type { Target } from './commit.js';
import { compose, describeChanges } from './compose.js';
import { isBlank, readFolder, type Folder } from './folder.js';
import { checkHomes } from './homes.js';
import { ProblemsError, type Problem } from './problem.js';
import { lint } from './squawk.js';
import { openExisting, withFreshDatabase } from './target.js';

export interface CheckOptions {
  /** Takes a current migration that is not committed for a problem: what is merged has none. */
  readonly ci?: boolean;
  /** Looks at no database but a fresh embedded one. */
  readonly offline?: boolean;
}

export interface Report {
  readonly problems: readonly Problem[];
  /** What was looked at, and what could not be. */
  readonly notes: readonly string[];
}

export async function check(target: Target, { ci = false, offline = false }: CheckOptions = {}): Promise<Report> {
  const folder = readFolder(target.folder);
  const notes: string[] = [];
  const problems = [...folder.problems, ...checkFiles(folder, target.released)];
  if (!isBlank(folder.current)) {
    if (ci) {
      problems.push({
        file: folder.current.shown,
        message: 'it is not empty: the current migration is not committed',
        hint: 'Run `npm run migrate:commit`, or take out what is in it.',
      });
    } else notes.push(`${folder.current.shown} is not committed yet`);
  }
  problems.push(...lint(folder));
  // Broken files make no database to look into.
  if (problems.every(({ message }) => message.includes('(squawk: '))) {
    const place = offline ? { kind: 'embedded', folder: embeddedFolder() } as const : target.place;
    problems.push(...await checkMade({ ...target, place }));
  }
  if (!offline) problems.push(...await checkDevelopment(target, folder, notes));
  return { problems, notes: [`${folder.committed.length} committed migrations, ${folder.homes.length} homes`, ...notes] };
}

function checkFiles(folder: Folder, released: boolean): Problem[] {
  const chain = checkChain(folder.committed, released);
  const composition = compose(folder, { isReleased: released });
  // A broken chain is told of once: composing mends it before 1.0.0.
  const known = new Set(chain.map(({ file }) => file));
  return [
    ...chain,
    ...composition.problems.filter((problem) => !chain.some(({ message }) => message === problem.message)),
    ...describeChanges(composition, released).filter(({ file, message }) => !(known.has(file) && message.includes('headers'))),
  ];
}

/** What the migrations make of a fresh database, beside the homes. */
async function checkMade({ place, folder }: Target): Promise<Problem[]> {
  try {
    return await withFreshDatabase(place, folder, checkHomes);
  } catch (error) {
    if (error instanceof ProblemsError) return [...error.problems];
    throw error;
  }
}

async function checkDevelopment({ place }: Target, { committed }: Folder, notes: string[]): Promise<Problem[]> {
  try {
    const db = await openExisting(place);
    if (!db) return [];
    try {
      const applied = await appliedMigrations(db);
      notes.push(`the development database has applied ${applied.length}`);
      return checkApplied(applied, committed);
    } finally {
      await db.close();
    }
  } catch (error) {
    if (!(error instanceof EmbeddedError) || error.code !== 'EMBEDDED_IN_USE') throw error;
    notes.push(`the development database is not looked at: ${error.message}`);
    return [];
  }
}
