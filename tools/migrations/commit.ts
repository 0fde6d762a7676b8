/**
 * Commits the current migration: the same file as graphile-migrate's `commit` writes, by another way. That one drops and
 * makes databases, which the embedded engine cannot, and writes the file before it knows that the migration works. Here
 * the shadow is asked first, and twice, because a current migration runs again at each change.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isNoTransactionDefined } from 'graphile-migrate/dist/header.js';
import { serializeMigration } from 'graphile-migrate/dist/migration.js';
import { sluggify } from 'graphile-migrate/dist/sluggify.js';
import type { Place } from '../../src/cli/console/place.js';
import type { Database } from '../../src/client/open.js';
import { EmbeddedError } from '../../src/errors/catalogue.js';
import { ProblemsError, refuse } from '../problem.js';
import { requireOwnChain } from './applied.js';
import { checkBodies } from './bodies.js';
import { hashOf, statedHash } from './chain.js';
import { replaceFile } from './compose.js';
import { applyPending, carryHomes, runScript } from './current.js';
import { blankMigration, isBlank, numberOf, readFolder, type Folder } from './folder.js';
import { lint } from './squawk.js';
import { openExisting, openShadow, withClient } from './target.js';

/** What every command on the migrations needs to know. */
export interface Target {
  readonly place: Place;
  /** The migrations folder. */
  readonly folder: string;
  /** Whether the committed migrations are frozen. */
  readonly released: boolean;
}

export interface Committed {
  /** Name of the new file. */
  readonly name: string;
  /** Why the development database does not have it yet, if so. */
  readonly notApplied?: string;
}

/**
 * @param message what the migration does, for its name; default the header Message of current.sql
 * @throws {ProblemsError} there is nothing to commit, it fails, or squawk or plpgsql_check finds something; no file is changed
 *   then but for included homes
 */
export async function commit({ place, folder: root, released }: Target, message?: string): Promise<Committed> {
  const { folder } = carryHomes(root, released);
  const { current } = folder;
  if (isBlank(current)) {
    throw new ProblemsError([{ file: current.shown, message: 'it is empty: there is nothing to commit' }]);
  }
  const { name, text } = committedFile(folder, message);
  const main = await openUnlessBusy(place);
  try {
    if (main.db) await requireOwnChain(main.db, folder.committed);
    const shadow = await openShadow(place, folder);
    try {
      await tryTwice(shadow, folder);
      refuse([...lint({ ...folder, committed: [] }), ...await withClient(shadow, (client) => checkBodies(client, folder))]);
      await write(folder, name, text, async (written) => {
        for (const db of [shadow, main.db]) if (db) await applyPending(db, db.url, written);
      });
    } finally {
      await shadow.close();
    }
  } finally {
    await main.db?.close();
  }
  return { name, ...(main.busy === undefined ? {} : { notApplied: main.busy }) };
}

/** Name and text of the file, as graphile-migrate makes them. */
function committedFile({ committed, current }: Folder, override: string | undefined): { name: string; text: string } {
  const { Message, Previous, Hash, ...others } = current.headers;
  void [Previous, Hash];
  const message = override ?? Message ?? undefined;
  if (message !== undefined && (/[\0-\x1f\x7f]/.test(message) || message.length > 512)) {
    throw new ProblemsError([{ message: 'The message of a migration is one line of at most 512 characters' }]);
  }
  const last = committed.at(-1);
  const previous = last && statedHash(last);
  const number = String((last ? numberOf(last) : 0) + 1).padStart(6, '0');
  const text = serializeMigration(current.body, {
    Previous: previous ?? '-', Hash: hashOf(current.body, previous), Message: message, ...others,
  });
  return { name: `${number}${message ? `-${sluggify(message)}` : ''}.sql`, text };
}

async function tryTwice(shadow: Database, { root, current }: Folder): Promise<void> {
  const script = { migration: current, root, text: current.body, firstLine: current.bodyLine };
  const inTransaction = !isNoTransactionDefined(current.body);
  for (const isAgain of [false, true]) {
    const client = await shadow.pool.connect();
    try {
      if (inTransaction) await client.query('begin');
      await runScript(client, script);
      if (inTransaction) await client.query('commit');
    } catch (error) {
      if (inTransaction) await client.query('rollback');
      if (!isAgain || !(error instanceof ProblemsError)) throw error;
      throw new ProblemsError(error.problems.map((problem) => ({
        ...problem,
        message: `it works once, but not a second time: ${problem.message}`,
        fix: 'The current migration runs again whenever it changes: write it so that it finds its own work done, with `if not exists`, `or replace`, or a `drop … if exists` before.',
      })), { cause: error });
    } finally {
      client.release();
    }
  }
}

/** Writes the file and empties current.sql; puts both back when `apply` fails. */
async function write(folder: Folder, name: string, text: string, apply: (written: Folder) => Promise<void>): Promise<void> {
  const { root, current } = folder;
  const path = join(root, 'committed', name);
  replaceFile(path, text);
  replaceFile(current.path, blankMigration);
  try {
    await apply(readFolder(root));
  } catch (error) {
    replaceFile(current.path, current.text);
    rmSync(path);
    throw error;
  }
}

/** The development database. Whoever has the embedded one open applies the migration there. */
async function openUnlessBusy(place: Place): Promise<{ db?: Database | undefined; busy?: string }> {
  try {
    return { db: await openExisting(place) };
  } catch (error) {
    if (error instanceof EmbeddedError && error.code === 'EMBEDDED_IN_USE') return { busy: error.message };
    throw error;
  }
}
