/**
 * Takes the last committed migration back into current.sql and forgets it in the development database. Of two that
 * follow the same migration, which graphile-migrate refuses to read, one can be named.
 */
import { rmSync } from 'node:fs';
import { serializeMigration } from 'graphile-migrate/dist/migration.js';
import { ProblemsError, refuse } from '../problem.js';
import { checkChain, checkForks, statedHash } from './chain.js';
import { replaceFile } from './compose.js';
import type { Target } from './commit.js';
import { isBlank, readFolder, type Migration } from './folder.js';
import { openExisting } from './target.js';

/**
 * @param name file name of the migration; default the last one
 * @returns the name
 * @throws {ProblemsError} current.sql is not empty, or the others would not be a chain
 */
export async function uncommit({ place, folder: root, released }: Target, name?: string): Promise<string> {
  const folder = readFolder(root);
  refuse(folder.problems);
  const migration = choose(folder.committed, name);
  refuse(checkChain(folder.committed.filter((other) => other !== migration), released));
  if (!isBlank(folder.current)) {
    throw new ProblemsError([{
      file: folder.current.shown,
      message: 'it is not empty: the migration has nowhere to go',
      fix: 'Commit what is in it, or put it aside.',
    }]);
  }
  const { Hash, Previous, AllowInvalidHash, ...headers } = migration.headers;
  void [Hash, Previous, AllowInvalidHash];
  const db = await openExisting(place);
  try {
    const client = await db?.pool.connect();
    try {
      await client?.query('begin');
      if (await hasTracking(client)) {
        await client!.query('delete from graphile_migrate.migrations where hash = $1', [statedHash(migration)]);
      }
      replaceFile(folder.current.path, serializeMigration(migration.body, headers));
      rmSync(migration.path);
      await client?.query('commit');
    } catch (error) {
      await client?.query('rollback');
      throw error;
    } finally {
      client?.release();
    }
  } finally {
    await db?.close();
  }
  return migration.name;
}

function choose(committed: readonly Migration[], name: string | undefined): Migration {
  if (name === undefined) refuse(checkForks(committed));
  const migration = name === undefined ? committed.at(-1) : committed.find((candidate) => candidate.name === name);
  if (migration) return migration;
  throw new ProblemsError([{
    message: name === undefined ? 'There is no committed migration' : `There is no committed migration ${name}`,
    ...(committed.length > 0 ? { fix: `The last one is ${committed.at(-1)!.name}.` } : {}),
  }]);
}

async function hasTracking(client: { query(text: string): Promise<{ rows: { there: boolean }[] }> } | undefined): Promise<boolean> {
  const result = await client?.query(`select to_regclass('graphile_migrate.migrations') is not null as there`);
  return result?.rows[0]?.there ?? false;
}
