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
import { appliedMigrations } from '../../src/migrations.js';
import { checkApplied, pending, requireOwnChain } from '../migrations/applied.js';
import { checkBodies } from '../migrations/bodies.js';
import { applyCurrent, carryHomes } from '../migrations/current.js';
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
    const startedAt = Date.now();
    this.#watch = startChild<WatchMessage>('watch-process', {
      root: this.root,
      env: { DATABASE_URL: this.url, BTCDB_DEV_PORT: String(await this.#listen()) },
      onMessage: (message) => void this.#hear(message),
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
    if (!prepared || prepared.isCarried) return;
    // `watch` sees a change of the current migration by itself, but not that it is gone.
    const current = changes.find(({ file }) => file === 'migrations/current.sql');
    if (!current || current.isGone) this.listener.onOutcome(await applyAll(this.url, this.#folder, this.listener));
  }

  async close(): Promise<void> {
    this.#actions?.close();
    await this.#watch?.stop();
  }

  /** Includes the homes, and makes sure that graphile-migrate may go on: it would not notice another chain. */
  async #prepare(): Promise<{ pending: readonly string[]; isCarried: boolean } | undefined> {
    try {
      const { folder, isCarried } = carry(this.#folder, this.listener);
      const applied = await withClient(this.url, (client) => requireOwnChain(client, folder.committed));
      return { pending: pending(applied, folder.committed).map(({ name }) => name), isCarried };
    } catch (error) {
      this.listener.onOutcome(await failure(error, this.url, this.#folder));
      return undefined;
    }
  }

  async #hear(message: WatchMessage): Promise<void> {
    if (message.is === 'failed') await this.#locate();
    // Committed migrations that were pending change the types, too.
    else if (this.#committed.length > 0) await this.#applied();
    else this.listener.onOutcome(await applyAll(this.url, this.#folder, this.listener));
  }

  /** `watch` has applied something; what the homes say otherwise than the database is left to do. */
  async #applied(): Promise<void> {
    const committed = this.#committed;
    this.#committed = [];
    const outcome = await applyAll(this.url, this.#folder, this.listener);
    this.listener.onOutcome('findings' in outcome ? { mended: [], ...outcome, is: 'applied', committed } : outcome);
  }

  /** graphile-migrate says where in current.sql an error lies only sometimes, and knows no homes: fails again, located. */
  async #locate(): Promise<void> {
    const outcome = await applyAll(this.url, this.#folder, this.listener);
    // What does not fail any more may have been applied the first time.
    this.listener.onOutcome(outcome.is === 'unchanged' ? { ...outcome, is: 'applied', committed: [], mended: [] } : outcome);
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
        void this.#applied();
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
