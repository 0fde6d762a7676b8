/** Where the folder and the development database stand. */
import { refuse } from '../problem.js';
import { requireOwnChain, pending } from './applied.js';
import { checkChain } from './chain.js';
import type { Target } from './commit.js';
import { isBlank, readFolder } from './folder.js';
import { openExisting } from './target.js';

export interface Status {
  /** Names of the committed migrations. */
  readonly committed: readonly string[];
  /** Those that the database lacks. */
  readonly pending: readonly string[];
  /** Whether current.sql holds anything. */
  readonly hasCurrent: boolean;
}

/** @throws {ProblemsError} the chain is broken, or the database has applied something else */
export async function status({ place, folder: root, released }: Target): Promise<Status> {
  const folder = readFolder(root);
  refuse(folder.problems);
  refuse(checkChain(folder.committed, released));
  const db = await openExisting(place);
  try {
    const applied = db ? await requireOwnChain(db, folder.committed) : [];
    return {
      committed: folder.committed.map(({ name }) => name),
      pending: pending(applied, folder.committed).map(({ name }) => name),
      hasCurrent: !isBlank(folder.current),
    };
  } finally {
    await db?.close();
  }
}
