/**
 * Applies migrations to a database: pending committed ones, then current.sql in one transaction, unless it is what ran last,
 * as graphile-migrate's `watch` does. That ends its process when the database goes; this leaves the database in the same
 * state, and tells what fails with its place in the files.
 */
import { DatabaseError, type Client, type ClientBase } from 'pg';
import { MigrationError } from '../../src/errors/catalogue.js';
import { loadGraphileMigrate } from '../../src/schema/graphile-migrate.js';
import { migrate, runningMigration } from '../../src/schema/migrate.js';
import type { Queryable } from '../../src/client/results.js';
import { ProblemsError } from '../problem.js';
import { requireOwnChain } from './chain.js';
import { isBlank, minified, type Folder, type Migration } from './folder.js';
import { compareHomes } from './homes.js';
import { locate, runScript, scriptOf } from './script.js';

const { generatePlaceholderReplacement, isNoTransactionDefined, parseSettings } = await loadGraphileMigrate();

export interface Applied {
  /** Names of the committed migrations that were pending. */
  readonly committed: readonly string[];
  /** What became of current.sql: `unchanged` since it ran last, comments apart. */
  readonly current: 'applied' | 'unchanged' | 'empty';
  /** Functions and views that were not those of their homes, and are now. */
  readonly mended: readonly string[];
}

/**
 * Applies what is pending, then current.sql, then what the homes say otherwise than the database.
 *
 * @throws {ProblemsError} with one problem, located in the home or in the migration; what was done is rolled back but
 *   for committed migrations that succeeded
 */
export async function applyAll(client: Client, url: string, folder: Folder): Promise<Applied> {
  const committed = await applyPending(client, url, folder);
  const current = await runCurrent(client, url, folder);
  return { committed, current, mended: await compareHomes(client, folder, { mend: true }) };
}

/**
 * Applies the committed migrations that a database lacks.
 *
 * @returns their names
 * @throws {ProblemsError} the database has applied another set, or a migration failed and was rolled back
 */
export async function applyPending(db: Queryable, url: string, folder: Folder): Promise<string[]> {
  if ((await requireOwnChain(db, folder.committed)).length === 0) return [];
  let running: Migration | undefined;
  try {
    return await migrate(url, (message) => {
      const name = runningMigration(message);
      running = folder.committed.find((migration) => migration.name === name) ?? running;
    }, folder.root);
  } catch (error) {
    const cause = error instanceof MigrationError ? error.cause : undefined;
    if (!(cause instanceof DatabaseError) || running === undefined) throw error;
    throw new ProblemsError([locate(cause, scriptOf(running, folder.root))], { cause });
  }
}

/** Applies current.sql alone. @throws {ProblemsError} it failed and was rolled back */
export async function runCurrent(client: ClientBase, url: string, { root, current }: Folder): Promise<Applied['current']> {
  const text = await withPlaceholders(url, root, current.text);
  const inTransaction = !isNoTransactionDefined(current.body);
  await client.query('begin');
  try {
    await client.query('lock table graphile_migrate.current in exclusive mode');
    const { rows } = await client.query<{ content: string }>(`select content from graphile_migrate.current where filename = 'current.sql'`);
    const isSame = rows[0] !== undefined && minified(rows[0].content) === minified(text);
    const outcome = isBlank(current) ? 'empty' : isSame ? 'unchanged' : 'applied';
    if (outcome === 'applied') {
      if (!inTransaction) await client.query('commit');
      await runScript(client, { migration: current, root, text, firstLine: 1 });
      if (!inTransaction) await client.query('begin');
    }
    await client.query(
      `insert into graphile_migrate.current (content) values ($1)
       on conflict (filename) do update set content = excluded.content, date = excluded.date`,
      [text],
    );
    await client.query('commit');
    return outcome;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** The text with graphile-migrate's placeholders, such as :DATABASE_NAME, replaced. */
async function withPlaceholders(url: string, root: string, text: string): Promise<string> {
  const settings = await parseSettings({ connectionString: url, migrationsFolder: root });
  return generatePlaceholderReplacement(settings, { database: settings.databaseName })(text);
}
