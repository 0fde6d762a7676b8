/**
 * Everything that can be wrong with the migrations: their files, the homes of functions and views, the development
 * database, and what would hurt a database in use.
 */
import { embeddedFolder } from '../../src/connection.js';
import { EmbeddedError } from '../../src/errors/catalogue.js';
import { appliedMigrations } from '../../src/schema/migration-state.js';
import { ProblemsError, type Problem } from '../problem.js';
import { checkApplied } from './applied.js';
import { checkBodies } from './bodies.js';
import { checkChain } from './chain.js';
import type { Target } from './commit.js';
import { compose, describeChanges } from './compose.js';
import { isBlank, readFolder, type Folder } from './folder.js';
import { checkHomes } from './homes.js';
import { lint } from './squawk.js';
import { openExisting, withClient, withFreshDatabase } from './target.js';

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
  const notes = [`${folder.committed.length} committed migrations, ${folder.homes.length} homes`];
  const inFiles = [...folder.problems, ...checkFiles(folder, target.released)];
  const problems = [...inFiles, ...checkCommitted(folder, ci, notes), ...lint(folder)];
  if (inFiles.length === 0) {
    const { place: own } = target;
    const place = offline && own.kind === 'server' ? { kind: 'embedded', folder: embeddedFolder() } as const : own;
    problems.push(...await checkMade({ ...target, place }));
  }
  if (!offline) problems.push(...await checkDevelopment(target, folder, notes));
  return { problems, notes };
}

function checkFiles(folder: Folder, released: boolean): Problem[] {
  const chain = checkChain(folder.committed, released);
  const composition = compose(folder, { isReleased: released });
  // Two migrations that follow one are told of once.
  const others = composition.problems.filter((problem) => !chain.some(({ message }) => message === problem.message));
  // Composing mends a broken chain as well, before 1.0.0.
  const changes = composition.changes.filter(({ homes }) => homes.length > 0 || chain.length === 0);
  return [...chain, ...others, ...describeChanges({ changes }, released)];
}

function checkCommitted({ current }: Folder, ci: boolean, notes: string[]): Problem[] {
  if (isBlank(current)) return [];
  if (!ci) {
    notes.push(`${current.shown} is not committed yet`);
    return [];
  }
  return [{
    file: current.shown,
    message: 'it is not empty: the current migration is not committed',
    fix: 'Run `npm run migrate:commit`, or take out what is in it.',
  }];
}

/** What the migrations make of a fresh database, beside the homes. */
async function checkMade({ place, folder }: Target): Promise<Problem[]> {
  try {
    return await withFreshDatabase(place, folder, async (db, made) => [
      ...await checkHomes(db, made),
      ...await withClient(db, (client) => checkBodies(client, made)),
    ]);
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
