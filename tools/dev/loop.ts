/**
 * The loop: what is saved is applied, linted, generated, one thing after the other, and told. Nothing that is wrong with a
 * file or with the database ends it.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrationState } from '../../src/schema/migration-state.js';
import { Codegen } from '../codegen/index.js';
import { withClient } from '../databases.js';
import { readIfThere } from '../files.js';
import { applyAll } from '../migrations/apply.js';
import { checkBodies, lintMigrations } from '../migrations/check.js';
import { carryHomes } from '../migrations/compose.js';
import { readFolder } from '../migrations/folder.js';
import { formatProblem, ProblemsError } from '../problem.js';
import { namespaceOf, readQueries } from '../queries/folder.js';
import { explain, marks, plural } from '../terminal.js';
import { watchFiles, type Change } from './changes.js';
import { watchTypeScript } from './compiler.js';
import { named, Report, since } from './report.js';

const watched = ['migrations', 'queries', 'src/types/pg-types.ts'];

/** How often a database that is gone is looked for. */
const retryMs = 1_000;

/** `migrate:commit` first writes the file, then applies it itself, or takes it back. */
const commitMs = 1_000;

/** Under which name problems that are not those of a query file stay on the list. */
const migrations = 'migrations';
const checks = 'checks of the migrations';
const sources = 'TypeScript';

export interface LoopOptions {
  /** The folder of the project. */
  readonly root: string;
  /** Makes sure that there is a database to work on; again when it was gone. */
  readonly connect: () => Promise<DevDatabase>;
}

/** The database that the loop works on, and that stays open for psql and the backend meanwhile. */
export interface DevDatabase {
  readonly url: string;
  readonly engine: 'embedded' | 'server';
  /** For people: where it is, without its password. */
  readonly title: string;
  close(): Promise<void>;
}

export class Loop {
  readonly #options: LoopOptions;
  readonly #report = new Report();
  readonly #codegen: Codegen;
  #db: DevDatabase;
  #compiler: ReturnType<typeof watchTypeScript> | undefined;
  #watching: Awaited<ReturnType<typeof watchFiles>> | undefined;
  #queue: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** Files that were seen, or that the loop itself wrote or removed, with their times: no change. */
  readonly #seen = new Map<string, number | undefined>();
  /** Why there are no new types at the moment: the database does not answer, or does not have the committed migrations. */
  #obstacle: 'gone' | 'behind' | undefined;
  /** Everything is to be done, whatever is saved. */
  #needsAll = true;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: LoopOptions, db: DevDatabase) {
    this.#options = options;
    this.#db = db;
    this.#codegen = new Codegen({ root: options.root, folder: 'queries', tables: 'src/types/tables.ts', endpoints: 'queries/endpoints.ts', url: () => this.#db.url });
  }

  /**
   * Resolves when everything was done once and every save will be seen.
   *
   * @throws {ConnectionError | EmbeddedError} there is no database to work on
   */
  static async start(options: LoopOptions): Promise<Loop> {
    const startedAt = Date.now();
    const loop = new Loop(options, await options.connect());
    try {
      const { engine, title, url } = loop.#db;
      console.log(`database: ${title}${engine === 'embedded' ? `\n  for psql and the backend, while the loop runs: DATABASE_URL=${url}` : ''}`);
      loop.#watching = await watchFiles(options.root, watched, (changes) => void loop.#enqueue(() => loop.#handle(changes)));
      await loop.#enqueue(() => loop.#work([]));
      console.log(`${marks.ok} ready after ${since(startedAt)}; watching ${watched.join(', ')}. Ctrl-C stops.`);
      // Not before: it takes all of a processor for some seconds.
      loop.#compiler = watchTypeScript(join(options.root, 'tsconfig.json'), (problems) => loop.#compiled(problems))
        .on('error', (error) => loop.#report.failure(error))
        .on('exit', () => loop.#isStopped || loop.#report.line('failure', 'The TypeScript compiler has ended: start the loop again to have it back'));
      return loop;
    } catch (error) {
      await loop.stop();
      throw error;
    }
  }

  /** Of the database. */
  get url(): string {
    return this.#db.url;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#watching?.close();
    await Promise.all([this.#compiler?.terminate(), this.#queue]);
    this.#codegen.close();
    await this.#db.close();
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      if (this.#isStopped) return;
      try {
        await work();
      } catch (error) {
        // A file that vanished in between is told of again.
        if (!this.#isStopped && (error as NodeJS.ErrnoException).code !== 'ENOENT') this.#report.failure(error);
      }
    });
    return this.#queue;
  }

  #reconnectLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#enqueue(() => this.#reconnect()), retryMs);
  }

  async #handle(all: readonly Change[]): Promise<void> {
    // A file that is replaced is told of more than once.
    const changes = all.filter(({ file }) => !this.#seen.has(file) || this.#seen.get(file) !== this.#timeOf(file));
    this.#note(changes.map(({ file }) => file));
    if (changes.some(({ file }) => file === 'src/types/pg-types.ts')) {
      this.#report.line('warning', 'src/types/pg-types.ts: the loop works with what it was. Stop the loop and start it again.');
    }
    const saves = changes.filter(({ file }) => /^(migrations\/.*\.sql|queries\/.*\.(sql|queries\.ts)|queries\/endpoints\.ts|queries\/pgtyped\.config\.json)$/.test(file));
    if (saves.length > 0) await this.#work(saves);
  }

  /** Does what follows from these saves; without any, everything. */
  async #work(saves: readonly Change[]): Promise<void> {
    let isApplied = false;
    try {
      const ofMigrations = saves.filter(({ file }) => file.startsWith('migrations/'));
      if (this.#obstacle !== 'gone' && (ofMigrations.length > 0 || saves.length === 0)) {
        if (ofMigrations.some(({ file }) => file.startsWith('migrations/committed/'))) await delay(commitMs);
        const outcome = await this.#migrate();
        if (outcome === 'failed') this.#report.outcome(saves, 'not applied', [migrations]);
        if (outcome === 'failed' && this.#obstacle === 'behind') {
          console.log('    There are no new types until the database has the committed migrations.\n'
            + '    Stop the loop (Ctrl-C) before you reset the database, and start it again.');
        }
        isApplied = outcome === 'applied';
        if (isApplied) this.#needsAll = true;
        if (outcome === 'unchanged' && !this.#needsAll && ofMigrations.length === saves.length) this.#report.outcome(saves, 'nothing to apply');
      }
      if (this.#needsAll || saves.some(({ file }) => file.startsWith('queries/'))) await this.#refresh(saves, isApplied);
    } catch (error) {
      if (!(await this.#isGone())) throw error;
      this.#needsAll = true;
      if (this.#obstacle !== 'gone') {
        this.#report.line('failure', `the database does not answer: ${explain(error)}\n    Waiting until it is back. Queries are linted meanwhile.`);
      }
      this.#obstacle = 'gone';
    }
    if (this.#obstacle === 'gone') this.#reconnectLater();
  }

  /** Brings the database up to date with migrations/. */
  async #migrate(): Promise<'applied' | 'unchanged' | 'failed'> {
    const root = join(this.#options.root, migrations);
    const { problems } = this.#report;
    try {
      const { folder, changes } = carryHomes(root);
      if (changes.length > 0) this.#note(['migrations/current.sql']);
      const { committed, current, mended } = await withClient(this.#db.url, (client) => applyAll(client, this.#db.url, folder));
      this.#obstacle = undefined;
      problems.delete(migrations);
      for (const name of committed) this.#report.line('ok', `applied migrations/committed/${name}`);
      for (const name of mended) this.#report.line('ok', `made ${name} again, as its home says`);
      const before = problems.get(checks)?.join();
      const bodies = await withClient(this.#db.url, (client) => checkBodies(client, folder));
      const findings = [...lintMigrations({ ...folder, committed: [] }), ...bodies].map(formatProblem);
      if (findings.length > 0) problems.set(checks, findings);
      else problems.delete(checks);
      // They hold nothing up.
      if (findings.length > 0 && findings.join() !== before) {
        this.#report.list('warning', (count) => `${count} to mend before the commit`, [checks]);
      }
      return committed.length + mended.length > 0 || current === 'applied' ? 'applied' : 'unchanged';
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      problems.set(migrations, error.problems.map(formatProblem));
      const { pending, divergence } = await withClient(this.#db.url, (client) => migrationState(client, readFolder(root).committed));
      this.#obstacle = divergence || pending.length > 0 ? 'behind' : undefined;
      if (this.#obstacle) this.#needsAll = true;
      return 'failed';
    }
  }

  /** Lints and generates: a file with a problem keeps the types that it has, the others get new ones. */
  async #refresh(saves: readonly Change[], isApplied: boolean): Promise<void> {
    const { written, removed, problems } = this.#obstacle === undefined
      ? await this.#codegen.generate({ isSame: !this.#needsAll })
      : { written: [], removed: [], problems: readQueries(this.#options.root, 'queries').problems };
    if (this.#obstacle === undefined) this.#needsAll = false;
    this.#note([...written, ...removed]);
    const { problems: list } = this.#report;
    const before = new Map(list);
    for (const key of [...list.keys()].filter((key) => ![migrations, checks, sources].includes(key))) list.delete(key);
    for (const problem of problems) list.set(problem.file, [...(list.get(problem.file) ?? []), formatProblem(problem)]);
    // What was told, and is not of what was saved now, is only called to mind.
    const keys = [...new Set(problems.map(({ file }) => file))]
      .filter((file) => saves.some((save) => save.file === file) || list.get(file)!.join() !== before.get(file)?.join());
    const count = keys.reduce((sum, key) => sum + list.get(key)!.length, 0);
    const done = [
      isApplied && 'applied',
      written.length > 0 && `wrote ${named(written)}`,
      removed.length > 0 && `removed ${named(removed)}`,
      count > 0 && plural(count, 'problem'),
      this.#obstacle && `no new types, the database does not ${this.#obstacle === 'gone' ? 'answer' : 'have the migrations'}`,
    ].filter(Boolean);
    this.#report.outcome(saves, done.join(', ') || 'the types are as they were', keys);
    for (const file of written) this.#checkExport(file);
  }

  async #isGone(): Promise<boolean> {
    return withClient(this.#db.url, () => Promise.resolve(false)).catch(() => true);
  }

  async #reconnect(): Promise<void> {
    try {
      await this.#db.close();
      this.#db = await this.#options.connect();
    } catch {
      return this.#reconnectLater();
    }
    this.#obstacle = undefined;
    this.#report.line('ok', 'the database is back');
    await this.#work([]);
  }

  #compiled(now: readonly string[]): void {
    const before = this.#report.problems.get(sources) ?? [];
    if (now.length > 0) this.#report.problems.set(sources, now);
    else this.#report.problems.delete(sources);
    if (now.join('\n') === before.join('\n')) return;
    this.#report.list(now.length > 0 ? 'failure' : 'ok', (count) => `dist: TypeScript has ${now.length > 0 ? count : 'nothing to say any more'}`, [sources]);
  }

  /** A new file is of no use before src/queries.ts exports it. */
  #checkExport(file: string): void {
    const index = readIfThere(join(this.#options.root, 'src/queries.ts'));
    const module = `../${file.replace(/\.ts$/, '.js')}`;
    if (!file.endsWith('.queries.ts') || (index?.includes(module) ?? true)) return;
    this.#report.line('warning', `src/queries.ts does not export it yet: export * as ${namespaceOf(file.replace(/\.queries\.ts$/, '.sql'))} from '${module}';`);
  }

  #note(files: readonly string[]): void {
    for (const file of files) this.#seen.set(file, this.#timeOf(file));
  }

  #timeOf(file: string): number | undefined {
    return statSync(join(this.#options.root, file), { throwIfNoEntry: false })?.mtimeMs;
  }
}
