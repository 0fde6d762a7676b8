/** Makes the development database anew, with the committed migrations and nothing else. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'pg-connection-string';
import { shown, type Place } from '../../src/cli/console/place.js';
import { EmbeddedError } from '../../src/errors/catalogue.js';
import { lockFolder } from '../../src/embedded/lock.js';
import { ProblemsError, refuse } from '../problem.js';
import { checkChain } from './chain.js';
import type { Target } from './commit.js';
import { applyCommitted } from './current.js';
import { readFolder, type Folder } from './folder.js';
import { createDatabase, dropDatabase, isExpendable, startEmbeddedWith } from './target.js';

/**
 * @param erase deletes also a database that holds data
 * @throws {ProblemsError} the database holds data, or somebody uses it
 * @throws {EmbeddedError} EMBEDDED_IN_USE: another process has the folder
 */
export async function reset({ place, folder: root, released }: Target, { erase = false } = {}): Promise<void> {
  const folder = readFolder(root);
  refuse(folder.problems);
  refuse(checkChain(folder.committed, released));
  if (!erase && !(await isExpendable(place))) {
    throw new ProblemsError([{
      message: `The database ${nameOf(place)} holds data, all of which this would delete`,
      fix: 'If you mean it: npm run migrate:reset -- --erase',
    }]);
  }
  return place.kind === 'server' ? resetServer(place.url, folder) : resetEmbedded(place.folder, folder);
}

async function resetServer(url: string, folder: Folder): Promise<void> {
  await dropDatabase(url);
  await createDatabase(url);
  await applyCommitted(url, folder);
}

/** The old data stay beside until the new ones are there. */
async function resetEmbedded(dataDir: string, folder: Folder): Promise<void> {
  const data = join(dataDir, 'data');
  const aside = join(dataDir, `data.old`);
  mkdirSync(dataDir, { recursive: true });
  const unlock = lockFolder(dataDir);
  try {
    rmSync(aside, { recursive: true, force: true });
    if (existsSync(data)) renameSync(data, aside);
  } finally {
    unlock();
  }
  try {
    const server = await startEmbeddedWith(folder, dataDir, { dataDir });
    await server.stop();
  } catch (error) {
    const isTaken = error instanceof EmbeddedError && error.code === 'EMBEDDED_IN_USE';
    if (existsSync(aside) && !isTaken) {
      rmSync(data, { recursive: true, force: true });
      renameSync(aside, data);
    }
    throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function nameOf(place: Place): string {
  return place.kind === 'server' ? String(parse(place.url).database) : `in ${shown(place.folder)}`;
}
