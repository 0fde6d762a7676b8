/**
 * graphile-migrate's own commands, with what it does not look at: the homes of functions and views, a chain that forked or was
 * edited, whether a migration works and works again before its file is written, and data that a reset would delete.
 */
import { renameSync } from 'node:fs';
import { commit as stockCommit, Logger, reset as stockReset, uncommit as stockUncommit, type Settings } from 'graphile-migrate';
import { DatabaseError, type ClientBase } from 'pg';
import { parse } from 'pg-connection-string';
import { replaceFile } from '../../src/disk/durable.js';
import { EmbeddedError } from '../../src/errors/catalogue.js';
import { loadGraphileMigrate } from '../../src/schema/graphile-migrate.js';
import { dropDatabase, whenLeft, withClient } from '../databases.js';
import { problemsOf, ProblemsError, refuse } from '../problem.js';
import { applyPending, runCurrent } from './apply.js';
import { checkChain, checkForks, requireOwnChain } from './chain.js';
import { checkBodies, lintMigrations } from './check.js';
import { carryHomes } from './compose.js';
import {
  dropShadow, ensureDatabase, isExpendable, withDevelopment, withFreshDatabase, withServer, type Target, type Urls,
} from './place.js';
import { isBlank, numberOf, readFolder, type Folder } from './folder.js';
import { compareHomes } from './homes.js';
import { locate, scriptOf } from './script.js';

const { clearAllPools } = await loadGraphileMigrate();

function readSound({ folder: root }: Target): Folder {
  const folder = readFolder(root);
  refuse(folder.problems);
  refuse(checkChain(folder.committed));
  return folder;
}

/** Runs a command of graphile-migrate. What it says in its log is known by then, or in the error. */
async function withStock<T>({ url, shadow, root }: Urls, folder: Folder, work: (settings: Settings) => Promise<T>): Promise<T> {
  await dropShadow(shadow, root);
  try {
    return await work({
      connectionString: url, shadowConnectionString: shadow, rootConnectionString: root, migrationsFolder: folder.root,
      logger: new Logger(() => () => undefined),
    });
  } finally {
    clearAllPools();
    // A session that is killed while it ends would end this process: graphile-migrate exits, and its log is not shown.
    await whenLeft(shadow, root);
    await dropDatabase(shadow, root);
  }
}

/**
 * Applies what is committed, to a database that is made when there is none.
 *
 * @returns names of the migrations that were applied
 */
export async function up(target: Target): Promise<string[]> {
  const folder = readSound(target);
  return withServer(target.place, folder, async ({ url, root }) => {
    await ensureDatabase(url, root);
    return withClient(url, (client) => applyPending(client, url, folder));
  });
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
export async function commit({ place, folder: root }: Target, message?: string): Promise<Committed> {
  const { folder } = carryHomes(root);
  const { current, committed } = folder;
  if (isBlank(current)) throw new ProblemsError([{ file: current.shown, message: 'it is empty: there is nothing to commit' }]);
  refuse(lintMigrations({ ...folder, committed: [] }));
  await withFreshDatabase(place, root, async (client, url) => {
    await runAgain(client, url, folder);
    refuse(await checkBodies(client, folder));
  });
  const known = new Set(committed.map(({ name }) => name));
  const write = async (urls: Urls): Promise<Committed> => {
    await ensureDatabase(urls.url, urls.root);
    await withClient(urls.url, (client) => requireOwnChain(client, committed));
    try {
      await withStock(urls, folder, (settings) => stockCommit(settings, message));
    } catch (error) {
      // It has put the body back, but not the headers.
      replaceFile(current.path, current.text);
      if (!(error instanceof DatabaseError)) throw error;
      throw new ProblemsError([locate(error, scriptOf(current, root))], { cause: error });
    }
    return { name: readFolder(root).committed.find(({ name }) => !known.has(name))!.name };
  };
  try {
    return await withServer(place, folder, write);
  } catch (error) {
    // Whoever has the embedded database open applies the migration there.
    if (!(error instanceof EmbeddedError) || error.code !== 'EMBEDDED_IN_USE') throw error;
    return { ...await withServer(place, folder, write, { isInMemory: true }), notApplied: error.message };
  }
}

/** Runs the current migration again, where it has run. */
async function runAgain(client: ClientBase, url: string, folder: Folder): Promise<void> {
  await client.query('delete from graphile_migrate.current');
  refuse((await problemsOf(() => runCurrent(client, url, folder).then(() => []))).map((problem) => ({
    ...problem,
    message: `it works once, but not a second time: ${problem.message}`,
    fix: 'The current migration runs again whenever it changes: write it so that it finds its own work done, with `if not exists`, `or replace`, or a `drop … if exists` before.',
  })));
}

/**
 * Takes the last committed migration back into current.sql and forgets it in the development database. Of two that follow
 * the same migration, which graphile-migrate refuses to read, one can be named.
 *
 * @returns its name
 * @throws {ProblemsError} current.sql is not empty, or the others would not be a chain
 */
export async function uncommit({ place, folder: root }: Target, wanted?: string): Promise<string> {
  const folder = readFolder(root);
  refuse(folder.problems);
  if (wanted === undefined) refuse(checkForks(folder.committed));
  const name = wanted ?? folder.committed.at(-1)?.name;
  const others = folder.committed.filter((other) => other.name !== name);
  if (name === undefined || others.length === folder.committed.length) {
    throw new ProblemsError([{ message: `There is no committed migration ${name ?? ''}`.trim() }]);
  }
  refuse(checkChain(others));
  if (!isBlank(folder.current)) {
    throw new ProblemsError([{
      file: folder.current.shown, message: 'it is not empty: the migration has nowhere to go', fix: 'Commit what is in it, or put it aside.',
    }]);
  }
  // What graphile-migrate is not to see has another name meanwhile.
  const rivals = others.filter((other) => numberOf(other.name) >= numberOf(name)).map(({ path }) => path);
  const rest = { ...folder, committed: folder.committed.filter(({ path }) => !rivals.includes(path)) };
  for (const path of rivals) renameSync(path, `${path}.aside`);
  try {
    await withServer(place, rest, (urls) => withStock(urls, folder, stockUncommit));
  } finally {
    for (const path of rivals) renameSync(`${path}.aside`, path);
  }
  return name;
}

/**
 * Makes the development database anew, with the committed migrations and nothing else.
 *
 * @param erase deletes also a database that holds data
 * @throws {ProblemsError} the database holds data, or the migrations fail
 */
export async function reset(target: Target, { erase = false } = {}): Promise<void> {
  const { place, folder: root } = target;
  const folder = readSound(target);
  const isFree = erase || await withDevelopment(place, folder, async (client) => client === undefined || isExpendable(client));
  if (!isFree) {
    const name = place.kind === 'server' ? String(parse(place.url).database) : `in ${place.folder}`;
    throw new ProblemsError([{
      message: `The database ${name} holds data, all of which this would delete`, fix: 'If you mean it: npm run migrate:reset -- --erase',
    }]);
  }
  // The old data stay when the migrations do not work.
  await withFreshDatabase(place, root, () => Promise.resolve(), { hasCurrent: false });
  await withServer(place, folder, (urls) => withStock(urls, folder, stockReset));
}

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
export async function status(target: Target): Promise<Status> {
  const folder = readSound(target);
  return withDevelopment(target.place, folder, async (client) => {
    const committed = folder.committed.map(({ name }) => name);
    const pending = client ? await requireOwnChain(client, folder.committed) : committed;
    const hasCurrent = !isBlank(folder.current);
    return {
      committed,
      pending,
      hasCurrent,
      differing: client && pending.length === 0 && !hasCurrent ? await compareHomes(client, folder) : [],
    };
  });
}
