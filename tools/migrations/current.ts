/**
 * The current migration, applied as graphile-migrate's `watch` does: pending committed migrations first, then
 * current.sql in one transaction, unless it is what ran last. `watch` needs two sessions at a time, which the embedded
 * engine does not have; this takes one, on any engine, and leaves the database in the same state.
 */
import pg, { DatabaseError } from 'pg';
import { isNoTransactionDefined } from 'graphile-migrate/dist/header.js';
import { generatePlaceholderReplacement } from 'graphile-migrate/dist/migration.js';
import { parseSettings } from 'graphile-migrate/dist/settings.js';
import pgMinify from 'pg-minify';
import { explainConnectionError } from '../../src/errors/connection-errors.js';
import { MigrationError } from '../../src/errors/catalogue.js';
import { migrate, runningMigration } from '../../src/schema/migrate.js';
import type { Queryable } from '../../src/client/results.js';
import { migrationsFolder } from '../../src/schema/migration-state.js';
import { ProblemsError, refuse } from '../problem.js';
import { pending, requireOwnChain } from './applied.js';
import { checkChain } from './chain.js';
import { compose, writeChanges } from './compose.js';
import { isBlank, readFolder, type Folder, type Migration } from './folder.js';
import { compareHomes } from './homes.js';
import { locate, type Script } from './locate.js';
import { isReleased } from './release.js';

export interface ApplyOptions {
  /** The development database, on either engine. */
  readonly url: string;
  /** The migrations folder. Default: this package's. */
  readonly folder?: string;
  /** Whether the committed migrations are frozen. Default: from version 1.0.0 of this package on. */
  readonly released?: boolean;
}

export interface ApplyResult {
  /** Names of the committed migrations that were pending. */
  readonly committed: readonly string[];
  /** What became of current.sql: `unchanged` since it ran last, comments apart. */
  readonly current: 'applied' | 'unchanged' | 'empty';
  /** Homes whose changed text current.sql now includes. The file was written if there are any. */
  readonly carried: readonly string[];
  /** Functions and views that were not those of their homes, and are now. */
  readonly mended: readonly string[];
}

/**
 * Includes changed homes in current.sql, applies what is pending, then current.sql, then what the homes say otherwise than
 * the database.
 *
 * @throws {ProblemsError} with one problem, located in the home or in the migration; what was done is rolled back but
 *   for committed migrations that succeeded
 */
export async function applyCurrent(options: ApplyOptions): Promise<ApplyResult> {
  const { url, folder: root = migrationsFolder, released = isReleased() } = options;
  const { folder, carried } = carryHomes(root, released);
  const client = new pg.Client({ connectionString: url, application_name: 'btcdb migrations' });
  // The loss of the connection fails the statement; as an event without listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw explainConnectionError(error, url);
  }
  try {
    const committed = await applyPending(client, url, folder);
    const current = await runCurrent(client, url, folder);
    return { committed, current, carried, mended: await compareHomes(client, folder, { mend: true }) };
  } finally {
    await client.end();
  }
}

/**
 * Includes in current.sql the homes that differ from the last migration that includes them. Committed migrations are left
 * alone, so that databases which have them stay valid.
 *
 * @throws {ProblemsError} the folder is not in order
 */
export function carryHomes(root: string, released = isReleased()): { folder: Folder; carried: string[] } {
  const folder = readFolder(root);
  refuse(folder.problems);
  refuse(checkChain(folder.committed, released));
  const composition = compose(folder, { isReleased: released, onlyCurrent: true });
  refuse(composition.problems);
  writeChanges(composition);
  const carried = composition.changes.flatMap(({ homes }) => homes);
  return { folder: composition.changes.length > 0 ? readFolder(root) : folder, carried };
}

/**
 * Applies the committed migrations that a database lacks.
 *
 * @returns their names
 * @throws {ProblemsError} the database has applied another set, or a migration failed and was rolled back
 */
export async function applyPending(db: Queryable, url: string, folder: Folder): Promise<string[]> {
  const applied = await requireOwnChain(db, folder.committed);
  const lacking = pending(applied, folder.committed);
  if (applied.length > 0 && lacking.length === 0) return [];
  let running: Migration | undefined;
  try {
    return await migrate(url, (message) => {
      const name = runningMigration(message);
      running = folder.committed.find((migration) => migration.name === name) ?? running;
    }, folder.root);
  } catch (error) {
    const cause = error instanceof MigrationError ? error.cause : undefined;
    if (!(cause instanceof DatabaseError) || running === undefined) throw error;
    const script = { migration: running, root: folder.root, text: running.body, firstLine: running.bodyLine };
    throw new ProblemsError([await locate(cause, script)], { cause });
  }
}

/** As {@link applyPending}, for a database that nobody has connected to. */
export async function applyCommitted(url: string, folder: Folder): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'btcdb migrations' });
  await client.connect();
  try {
    return await applyPending(client, url, folder);
  } finally {
    await client.end();
  }
}

/** Applies current.sql alone. @throws {ProblemsError} it failed and was rolled back */
export async function runCurrent(client: pg.ClientBase, url: string, { root, current }: Folder): Promise<ApplyResult['current']> {
  const text = await withPlaceholders(url, root, current.text);
  const inTransaction = !isNoTransactionDefined(current.body);
  await client.query('begin');
  try {
    await client.query('lock table graphile_migrate.current in exclusive mode');
    const isSame = (await currentIn(client)) === minified(text);
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

/** The current.sql that ran last, comments apart. Undefined when none did. */
export async function currentIn(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query(`select content from graphile_migrate.current where filename = 'current.sql'`, []);
  return rows[0] && minified((rows[0] as { content: string }).content);
}

/** Runs a script. @throws {ProblemsError} with the place in the files where it failed */
export async function runScript(client: pg.ClientBase, script: Script): Promise<void> {
  let completed = 0;
  const count = (): void => {
    completed++;
  };
  // node-postgres tells of the statements of a script only when all have succeeded.
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.on('commandComplete', count);
  try {
    await client.query(script.text);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    throw new ProblemsError([await locate(error, script, completed)], { cause: error });
  } finally {
    connection.off('commandComplete', count);
  }
}

/** The text with graphile-migrate's placeholders, such as :DATABASE_NAME, replaced. */
async function withPlaceholders(url: string, root: string, text: string): Promise<string> {
  const settings = await parseSettings({ connectionString: url, migrationsFolder: root });
  return generatePlaceholderReplacement(settings, { database: settings.databaseName })(text);
}

/** As graphile-migrate compares. A text that cannot be minified, with a quote that is left open, equals only itself. */
function minified(text: string): string {
  try {
    return pgMinify(text);
  } catch {
    return text;
  }
}
