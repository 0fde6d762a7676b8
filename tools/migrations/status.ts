/** Where the folder and the development database stand. */
import { refuse } from '../problem.js';
import { requireOwnChain, pending } from './applied.js';
import { checkChain } from './chain.js';
import type { Target } from './commit.js';
import { isBlank, readFolder } from './folder.js';
import { compareHomes } from './homes.js';
import { openExisting, withClient } from './target.js';

export interface Status {
  /** Names of the committed migrations. */
  readonly committed: readonly string[];
  /** Those that the database lacks. */
  readonly pending: readonly string[];
  /** Whether current.sql holds anything. */
  readonly hasCurrent: boolean;
  /** Functions and views of the database that are not those of their homes, if nothing is pending and current.sql is empty. */
  readonly differing: readonly string[];
}

/** @throws {ProblemsError} the chain is broken, or the database has applied something else */
export async function status({ place, folder: root, released }: Target): Promise<Status> {
  const folder = readFolder(root);
  refuse(folder.problems);
  refuse(checkChain(folder.committed, released));
  const db = await openExisting(place);
  try {
    const applied = db ? await requireOwnChain(db, folder.committed) : [];
    const lacking = pending(applied, folder.committed);
    const hasCurrent = !isBlank(folder.current);
    return {
      committed: folder.committed.map(({ name }) => name),
      pending: lacking.map(({ name }) => name),
      hasCurrent,
      differing: db && lacking.length === 0 && !hasCurrent ? await withClient(db, (client) => compareHomes(client, folder)) : [],
    };
  } finally {
    await db?.close();
  }
}
