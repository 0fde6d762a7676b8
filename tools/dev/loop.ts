/**
 * The loop: what is saved is applied, linted, generated, one thing after the other, and told. Nothing that is wrong with a
 * file or with the database ends it.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { open } from '../../src/client/open.js';
import { readIfThere } from '../files.js';
import { readFolder } from '../migrations/folder.js';
import { formatProblem, type FileProblem } from '../problem.js';
import { namespaceOf } from '../queries/folder.js';
import { describeCatalog } from '../schema/describe.js';
import { watchFiles, type Change, type Watching } from './changes.js';
import { startChild, type Child } from './children.js';
import { openDevDatabase, whyGone, type DevDatabase } from './database.js';
import { openMigrator, type Migrator, type Outcome } from './migrator.js';
import { Report } from './report.js';
import type { TypecheckMessage } from './typecheck-process.js';
import { Types, type Refreshed } from './types.js';

const watched = ['migrations', 'queries', 'src/types/pg-types.ts'];

/** How often a database that is gone is looked for. */
const retryMs = 1_000;

/** schema.sql is compared when nothing has been saved for so long. */
const idleMs = 2_000;

/** Under which name problems with migrations stay on the list. */
const migrations = 'migrations';
const checks = 'checks of the migrations';
const sources = 'TypeScript';

export interface LoopOptions {
  /** The folder of the project. */
  readonly root: string;
  /** Port of the embedded engine. Default: the usual one, if it is free. */
  readonly port?: number | undefined;
}

export class Loop {
  readonly #root: string;
  readonly #report: Report;
  readonly #types: Types;
  #db: DevDatabase;
  #migrator: Migrator;
  #typecheck: Child | undefined;
  #watching: Watching | undefined;
  #queue: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** Saves of migrations that wait for their outcome. */
  #saves: Change[] = [];
  /** Files that the loop itself wrote or removed, with their times: no change. */
  readonly #own = new Map<string, number | undefined>();
  /** Why there are no new types at the moment. */
  #obstacle: 'gone' | 'behind' | undefined;
  /** All files need new types, whatever is saved. */
  #needsAll = true;
  #isSchemaStale = false;
  #idle: NodeJS.Timeout | undefined;

  private constructor(root: string, db: DevDatabase, report: Report) {
    this.#root = root;
    this.#db = db;
    this.#report = report;
    this.#types = new Types(root, () => this.#db.url);
    this.#migrator = this.#newMigrator();
  }

  /**
   * Resolves when everything was done once and every save will be seen.
   *
   * @throws {ConnectionError | EmbeddedError} there is no database to work on
   */
  static async start({ root, port }: LoopOptions, report = new Report()): Promise<Loop> {
    const startedAt = Date.now();
    const db = await openDevDatabase(readFolder(join(root, migrations)), port);
    const loop = new Loop(root, db, report);
    try {
      report.place(db);
      loop.#watching = await watchFiles(root, watched, (changes) => loop.#enqueue(() => loop.#handle(changes)));
      await loop.#begin();
      report.watching(watched, startedAt);
      // Not before: it takes all of a processor for some seconds.
      loop.#startTypecheck();
      return loop;
    } catch (error) {
      await loop.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#idle);
    await this.#watching?.close();
    await Promise.all([this.#typecheck?.stop(), this.#migrator.close()]);
    this.#types.close();
    await this.#db.close();
  }

  /** Applies and generates everything. Resolves when the outcome is known. */
  #begin(): Promise<void> {
    return new Promise((done) => {
      this.#migrator = this.#newMigrator(done);
      this.#enqueue(() => this.#migrator.start());
    });
  }

  #newMigrator(onFirst: () => void = () => undefined): Migrator {
    return openMigrator(this.#db, this.#root, {
      onOutcome: (outcome) => this.#enqueue(() => this.#conclude(outcome).finally(onFirst)),
      onWritten: (file) => this.#note([file]),
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(async () => {
      if (this.#isStopped) return;
      try {
        await work();
      } catch (error) {
        // A file that vanished in between is told of again.
        if (!this.#isStopped && (error as NodeJS.ErrnoException).code !== 'ENOENT') this.#report.failure(error);
      }
    });
  }

  async #handle(all: readonly Change[]): Promise<void> {
    const changes = all.filter(({ file }) => !this.#own.has(file) || this.#own.get(file) !== this.#timeOf(file));
    clearTimeout(this.#idle);
    if (changes.some(({ file }) => file === 'src/types/pg-types.ts')) this.#report.restart('src/types/pg-types.ts');

    const ofMigrations = changes.filter(({ file }) => file.startsWith('migrations/') && file.endsWith('.sql'));
    if (ofMigrations.length > 0) {
      this.#saves.push(...ofMigrations);
      if (this.#obstacle !== 'gone') await this.#migrator.changed(ofMigrations);
    }

    const config = changes.filter(({ file }) => file === 'queries/pgtyped.config.json');
    const ofQueries = changes.filter(({ file }) => file.startsWith('queries/') && /\.(sql|queries\.ts)$/.test(file));
    const saved = [...config, ...ofQueries];
    if (saved.length === 0) return;
    const files = config.length > 0 ? undefined : [...new Set(ofQueries.map(({ file }) => file.replace(/\.queries\.ts$/, '.sql')))];
    await this.#refresh(saved, files);
  }

  /** What became of the migrations. */
  async #conclude(outcome: Outcome): Promise<void> {
    const saves = this.#saves.splice(0);
    if (outcome.is === 'lost') return this.#lose(outcome.error, saves);
    this.#obstacle = undefined;
    if (outcome.is === 'failed') {
      const problems = outcome.problems.map(formatProblem);
      const isKnown = saves.length === 0 && isDeepStrictEqual(this.#report.problems.get(migrations), problems);
      this.#report.problems.set(migrations, problems);
      if (!isKnown) this.#report.failed(saves, migrations);
      if (outcome.isBehind) {
        this.#obstacle = 'behind';
        this.#needsAll = true;
        if (!isKnown) this.#report.behind();
      } else if (this.#needsAll) await this.#refresh([], undefined);
      return;
    }
    const wasBroken = this.#report.problems.delete(migrations);
    const findings = outcome.findings.map(formatProblem);
    const isNew = findings.length > 0 && !isDeepStrictEqual(this.#report.problems.get(checks), findings);
    if (findings.length > 0) this.#report.problems.set(checks, findings);
    else this.#report.problems.delete(checks);
    if (isNew) this.#report.found(checks);
    const isApplied = outcome.is === 'applied';
    if (isApplied) {
      for (const name of outcome.committed) this.#report.applied(name);
      for (const name of outcome.mended) this.#report.mended(name);
    }
    if (isApplied || this.#needsAll) await this.#refresh(saves, undefined, isApplied);
    else if (saves.length > 0 || wasBroken) this.#report.unchanged(saves);
    this.#idle = setTimeout(() => this.#enqueue(() => this.#compareSchema()), idleMs);
  }

  /** Lints and generates. */
  async #refresh(saves: readonly Change[], files: readonly string[] | undefined, isApplied = false): Promise<void> {
    const wanted = this.#needsAll ? undefined : files;
    let refreshed: Refreshed;
    if (this.#obstacle !== undefined) {
      refreshed = { written: [], removed: [], problems: this.#types.lint(files) };
    } else {
      try {
        refreshed = await this.#types.refresh(wanted).catch(async (error: unknown) => {
          if (await whyGone(this.#db)) throw error;
          // It is back already.
          return this.#types.refresh(wanted);
        });
        this.#needsAll = false;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
        return this.#lose(error as Error, saves);
      }
    }
    this.#note([...refreshed.written, ...refreshed.removed]);
    this.#list(wanted, refreshed.problems);
    this.#report.refreshed(saves, refreshed, { isApplied, obstacle: this.#obstacle });
    for (const file of refreshed.written) this.#checkExport(file);
  }

  /** Puts what is wrong with the queries on the list; the files that were not looked at keep theirs. */
  #list(files: readonly string[] | undefined, problems: readonly FileProblem[]): void {
    const { problems: list } = this.#report;
    for (const key of [...list.keys()]) {
      const isLookedAt = files === undefined || files.includes(key) || !key.endsWith('.sql');
      if (![migrations, checks, sources].includes(key) && isLookedAt) list.delete(key);
    }
    for (const problem of problems) list.set(problem.file, [...(list.get(problem.file) ?? []), formatProblem(problem)]);
  }

  /** Waits for the database to come back, then does everything. */
  async #lose(error: Error, saves: readonly Change[]): Promise<void> {
    const cause = await whyGone(this.#db);
    if (!cause) return this.#report.failure(error, saves);
    if (this.#obstacle === 'gone') return;
    this.#obstacle = 'gone';
    this.#needsAll = true;
    this.#report.gone(cause);
    void this.#waitForDatabase();
  }

  async #waitForDatabase(): Promise<void> {
    for (;;) {
      await new Promise((done) => setTimeout(done, retryMs));
      if (this.#isStopped) return;
      try {
        if (this.#db.engine === 'embedded') {
          const { port } = new URL(this.#db.url);
          await this.#db.close();
          this.#db = await openDevDatabase(readFolder(join(this.#root, migrations)), Number(port));
        } else if (await whyGone(this.#db)) continue;
        break;
      } catch {
        // Not yet.
      }
    }
    this.#report.back();
    const previous = this.#migrator;
    await previous.close();
    this.#obstacle = undefined;
    await this.#begin();
  }

  #startTypecheck(): void {
    this.#typecheck = startChild<TypecheckMessage>('typecheck-process', {
      root: this.#root,
      onMessage: (problems) => {
        const before = this.#report.problems.get(sources)?.join('\n') ?? '';
        const now = problems.map(formatProblem);
        if (now.length > 0) this.#report.problems.set(sources, now);
        else this.#report.problems.delete(sources);
        if (now.join('\n') !== before) this.#report.compiled(sources);
      },
      onExit: (output) => this.#report.failure(new Error(`The TypeScript compiler has ended, restart the loop to have it back: ${output}`)),
    });
  }

  /** Says when schema.sql stops or begins to show what the database has. */
  async #compareSchema(): Promise<void> {
    if (this.#obstacle !== undefined || this.#report.problems.has(migrations)) return;
    const db = await open(this.#db.url, this.#db.engine, { maxConnections: 1 });
    try {
      const made = await describeCatalog(db, readFolder(join(this.#root, migrations)));
      const isStale = made !== readIfThere(join(this.#root, 'schema.sql'));
      if (isStale !== this.#isSchemaStale) this.#report.schema(isStale);
      this.#isSchemaStale = isStale;
    } finally {
      await db.close();
    }
  }

  /** A new file is of no use before src/queries.ts exports it. */
  #checkExport(file: string): void {
    const index = join(this.#root, 'src/queries.ts');
    if (!file.endsWith('.queries.ts') || !existsSync(index)) return;
    const module = `../${file.replace(/\.ts$/, '.js')}`;
    if (readFileSync(index, 'utf8').includes(module)) return;
    this.#report.toExport(`export * as ${namespaceOf(file.replace(/\.queries\.ts$/, '.sql'))} from '${module}';`);
  }

  #note(files: readonly string[]): void {
    for (const file of files) this.#own.set(file, this.#timeOf(file));
  }

  #timeOf(file: string): number | undefined {
    return statSync(join(this.#root, file), { throwIfNoEntry: false })?.mtimeMs;
  }
}
