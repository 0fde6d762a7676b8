/**
 * Applies the migrations when they are saved, on either engine with the same result. On a server it is graphile-migrate's
 * `watch` that applies the current migration. That needs two sessions at once, so on the embedded engine it is
 * `applyCurrent`. Around it, for both: homes are included in current.sql, committed migrations that appear are applied
 * (`watch` does so when it starts only), and problems get their place in the file.
 */
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { appliedMigrations } from '../../src/schema/migration-state.js';
import { checkApplied, pending, requireOwnChain } from '../migrations/applied.js';
import { checkBodies } from '../migrations/bodies.js';
import { applyCurrent, carryHomes, currentIn } from '../migrations/current.js';
import { readFolder, type Folder } from '../migrations/folder.js';
import { lint } from '../migrations/squawk.js';
import { ProblemsError, type Problem } from '../problem.js';
import type { Change } from './changes.js';
import { startChild, type Child } from './children.js';
import type { DevDatabase } from './database.js';
import type { WatchMessage } from './watch-process.js';

export type Outcome =
  /** `committed` are the names of those that were pending, `mended` functions and views that the homes say otherwise. */
  | { readonly is: 'applied'; readonly committed: readonly string[]; readonly mended: readonly string[]; readonly findings: readonly Problem[] }
  /** `findings` are those of squawk and plpgsql_check: they hold nothing up. */
  | { readonly is: 'unchanged'; readonly findings: readonly Problem[] }
  /** `isBehind`: the database does not have the committed migrations, so its types would be wrong. */
  | { readonly is: 'failed'; readonly problems: readonly Problem[]; readonly isBehind: boolean }
  | { readonly is: 'lost'; readonly error: Error };

export interface Migrator {
  /** Applies everything: at the start, and when the database is back. */
  start(): Promise<void>;
  /** Files in migrations/ were saved. */
  changed(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}

export interface Listener {
  /** What became of every start and change; on a server several changes may have one outcome. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** The migrator itself has written a file. */
  readonly onWritten: (file: string) => void;
}

export function openMigrator({ engine, url }: DevDatabase, root: string, listener: Listener): Migrator {
  return engine === 'embedded' ? new EmbeddedMigrator(url, root, listener) : new ServerMigrator(url, root, listener);
}

/**
 * `migrate:commit` first writes the file, then applies it itself. Given this time it is neither disturbed nor does the loop
 * apply what it takes back.
 */
const commitMs = 1_000;

/** A `watch` that has run for so long is started again when it ends. */
const steadyMs = 5_000;

class EmbeddedMigrator implements Migrator {
  readonly #folder: string;

  constructor(readonly url: string, root: string, readonly listener: Listener) {
    this.#folder = join(root, 'migrations');
  }

  async start(): Promise<void> {
    this.listener.onOutcome(await applyAll(this.url, this.#folder, this.listener));
  }

  async changed(changes: readonly Change[]): Promise<void> {
    if (changes.some(isCommitted)) await delay(commitMs);
    await this.start();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class ServerMigrator implements Migrator {
  #watch: Child | undefined;
  #committed: readonly string[] = [];
  /** What current.sql was in the database when that was last told. */
  #told: string | undefined;
  /** There is a save, a start or a failure whose outcome is not known. */
  #isAwaited = false;
  #isLooking = false;
  #looksAgain = false;
  /** What the action afterCurrent connects to. */
  #actions: Server | undefined;

  readonly #folder: string;

  constructor(readonly url: string, readonly root: string, readonly listener: Listener) {
    this.#folder = join(root, 'migrations');
  }

  async start(): Promise<void> {
    await this.#watch?.stop();
    this.#watch = undefined;
    const prepared = await this.#prepare();
    if (!prepared) return;
    this.#committed = prepared.pending;
    this.#told ??= prepared.current;
    this.#isAwaited = true;
    const startedAt = Date.now();
    this.#watch = startChild<WatchMessage>('watch-process', {
      root: this.root,
      env: { DATABASE_URL: this.url, BTCDB_DEV_PORT: String(await this.#listen()) },
      onMessage: ({ is }) => {
        // graphile-migrate says where in current.sql an error lies only sometimes, and knows no homes: fails again, located.
        this.#isAwaited ||= is === 'failed';
        void this.#look();
      },
      onExit: (output) => {
        this.#watch = undefined;
        void this.#ended(output, Date.now() - startedAt);
      },
    });
  }

  async changed(changes: readonly Change[]): Promise<void> {
    if (changes.some(isCommitted)) await delay(commitMs);
    if (!this.#watch || changes.some(isCommitted)) return this.start();
    const prepared = await this.#prepare();
    if (!prepared) return;
    this.#isAwaited = true;
    // `watch` sees a change of the current migration by itself, but not that it is gone.
    const current = changes.find(({ file }) => file === 'migrations/current.sql');
    if (!prepared.isCarried && (!current || current.isGone)) void this.#look();
  }

  async close(): Promise<void> {
    this.#actions?.close();
    await this.#watch?.stop();
  }

  /** Includes the homes, and makes sure that graphile-migrate may go on: it would not notice another chain. */
  async #prepare(): Promise<{ pending: readonly string[]; current: string | undefined; isCarried: boolean } | undefined> {
    try {
      const { folder, isCarried } = carry(this.#folder, this.listener);
      return await withClient(this.url, async (client) => {
        const applied = await requireOwnChain(client, folder.committed);
        const current = applied.length > 0 ? await currentIn(client) : undefined;
        return { pending: pending(applied, folder.committed).map(({ name }) => name), current, isCarried };
      });
    } catch (error) {
      this.listener.onOutcome(await failure(error, this.url, this.#folder));
      return undefined;
    }
  }

  /**
   * Something was saved, or `watch` has done something. It may run more than once for one save, as for a home and the
   * current.sql that carries it, so looks follow one another, and what was told already is not told again.
   */
  async #look(): Promise<void> {
    this.#looksAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#looksAgain) {
      this.#looksAgain = false;
      if (!this.#isAwaited && !(await this.#isNew())) continue;
      this.#isAwaited = false;
      this.listener.onOutcome(await this.#outcome());
    }
    this.#isLooking = false;
  }

  /** Whether the database has another current.sql than was told, or cannot say. */
  async #isNew(): Promise<boolean> {
    return withClient(this.url, currentIn).then((current) => current !== this.#told, () => true);
  }

  /** What is left to do is done; what `watch` has applied since the last outcome belongs to this one. */
  async #outcome(): Promise<Outcome> {
    const outcome = await applyAll(this.url, this.#folder, this.listener);
    if (!('findings' in outcome)) return outcome;
    const before = this.#told;
    try {
      this.#told = await withClient(this.url, currentIn);
    } catch (error) {
      return { is: 'lost', error: error as Error };
    }
    const { committed, mended } = outcome.is === 'applied' ? outcome : { committed: [], mended: [] };
    const all = [...new Set([...this.#committed, ...committed])];
    this.#committed = [];
    const isApplied = outcome.is === 'applied' || all.length > 0 || (this.#told !== '' && this.#told !== before);
    return isApplied ? { is: 'applied', committed: all, mended, findings: outcome.findings } : outcome;
  }

  /** It ends when it loses the database, or fails to start. */
  async #ended(output: string, ranMs: number): Promise<void> {
    const outcome = await applyAll(this.url, this.#folder, this.listener);
    if (outcome.is === 'failed' || outcome.is === 'lost') return this.listener.onOutcome(outcome);
    if (ranMs > steadyMs) return this.start();
    const message = `graphile-migrate's watch has ended: ${output}`;
    const fix = 'It starts again when a migration is saved.';
    this.listener.onOutcome({ is: 'failed', problems: [{ message, fix }], isBehind: false });
  }

  async #listen(): Promise<number> {
    this.#actions ??= await new Promise<Server>((done, fail) => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined).end();
        void this.#look();
      });
      server.once('error', fail).listen(0, '127.0.0.1', () => done(server));
    });
    return (this.#actions.address() as { port: number }).port;
  }
}

function isCommitted({ file }: Change): boolean {
  return file.startsWith('migrations/committed/');
}

/** Includes changed homes in current.sql. @throws {ProblemsError} the folder is not in order */
function carry(root: string, { onWritten }: Listener): { folder: Folder; isCarried: boolean } {
  const { folder, carried } = carryHomes(root);
  if (carried.length > 0) onWritten('migrations/current.sql');
  return { folder, isCarried: carried.length > 0 };
}

async function applyAll(url: string, folder: string, listener: Listener): Promise<Outcome> {
  try {
    carry(folder, listener);
    const { committed, current, mended } = await applyCurrent({ url, folder });
    const isApplied = committed.length + mended.length > 0 || current === 'applied';
    const made = readFolder(folder);
    const findings = [...lint({ ...made, committed: [] }), ...await withClient(url, (client) => checkBodies(client, made))];
    return isApplied ? { is: 'applied', committed, mended, findings } : { is: 'unchanged', findings };
  } catch (error) {
    return failure(error, url, folder);
  }
}

async function failure(error: unknown, url: string, folder: string): Promise<Outcome> {
  if (!(error instanceof ProblemsError)) return { is: 'lost', error: error as Error };
  try {
    return { is: 'failed', problems: error.problems, isBehind: await isBehind(url, folder) };
  } catch (gone) {
    return { is: 'lost', error: gone as Error };
  }
}

async function isBehind(url: string, root: string): Promise<boolean> {
  const { committed } = readFolder(root);
  const applied = await withClient(url, appliedMigrations);
  return checkApplied(applied, committed).length > 0 || pending(applied, committed).length > 0;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'btcdb migrations' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
