/** What the loop prints, and the list of what is to be mended. */
import type { GenerateResult } from '../codegen/index.js';
import { dim, explain, marks, plural } from '../terminal.js';
import type { Change } from './changes.js';
import type { DevDatabase } from './loop.js';

/** Names that a line shows. */
const shownNames = 4;

/** Problems that are shown at once: one missing file can make hundreds. */
const shownProblems = 8;

export interface Circumstances {
  readonly isApplied: boolean;
  /** Why there are no new types. */
  readonly obstacle: 'gone' | 'behind' | undefined;
}

export class Report {
  /** What is wrong, by file or subject, each as it is printed. */
  readonly problems = new Map<string, readonly string[]>();

  place({ engine, title, url }: DevDatabase): void {
    console.log(`database: ${title}`);
    if (engine === 'embedded') {
      console.log(`  for psql and the backend, while the loop runs: DATABASE_URL=${url}`);
    }
  }

  watching(paths: readonly string[], startedAt: number): void {
    console.log(`${marks.ok} ready after ${since(startedAt)}; watching ${paths.join(', ')}. Ctrl-C stops.`);
  }

  /** Committed migrations that were pending. */
  applied(name: string): void {
    line(marks.ok, `applied migrations/committed/${name}`);
  }

  /** What squawk and plpgsql_check say about migrations that are applied all the same. */
  found(key: string): void {
    line(marks.warning, `${plural(this.problems.get(key)?.length ?? 0, 'finding')} to mend before the commit`);
    this.#show([key]);
  }

  mended(name: string): void {
    line(marks.ok, `made ${name} again, as its home says`);
  }

  unchanged(saves: readonly Change[]): void {
    line(marks.ok, `${titleOf(saves)}: nothing to apply${delayOf(saves)}`);
    this.#remind();
  }

  /** Queries were linted and types generated, after migrations were applied if `isApplied`. */
  refreshed(saves: readonly Change[], { written, removed, problems }: GenerateResult, { isApplied, obstacle }: Circumstances): void {
    const done = [
      ...(isApplied ? ['applied'] : []),
      ...(written.length > 0 ? [`wrote ${named(written)}`] : []),
      ...(removed.length > 0 ? [`removed ${named(removed)}`] : []),
      ...(problems.length > 0 ? [`${plural(problems.length, 'problem')}`] : []),
      ...(obstacle === 'gone' ? ['no new types, the database does not answer'] : []),
      ...(obstacle === 'behind' ? ['no new types, the database does not have the migrations'] : []),
    ];
    if (written.length + removed.length + problems.length === 0 && obstacle === undefined) done.push('the types are as they were');
    line(problems.length > 0 ? marks.failure : marks.ok, `${titleOf(saves)}: ${done.join(', ')}${delayOf(saves)}`);
    if (problems.length > 0) this.#show([...new Set(problems.map(({ file }) => file))]);
    this.#remind(problems.map(({ file }) => file));
  }

  /** A migration failed. */
  failed(saves: readonly Change[], key: string): void {
    line(marks.failure, `${titleOf(saves)}: not applied${delayOf(saves)}`);
    this.#show([key]);
    this.#remind([key]);
  }

  behind(): void {
    console.log('    There are no new types until the database has the committed migrations.');
    console.log('    Stop the loop (Ctrl-C) before you reset the database, and start it again.');
  }

  /** TypeScript has compiled everything. */
  compiled(key: string): void {
    const count = this.problems.get(key)?.length ?? 0;
    line(count > 0 ? marks.failure : marks.ok, `dist: ${count > 0 ? `TypeScript has ${plural(count, 'problem')}` : 'TypeScript has nothing to say any more'}`);
    if (count > 0) this.#show([key]);
  }

  toExport(statement: string): void {
    line(marks.warning, `src/queries.ts does not export it yet: ${statement}`);
  }

  restart(file: string): void {
    line(marks.warning, `${file}: the loop works with what it was. Stop the loop and start it again.`);
  }

  schema(isStale: boolean): void {
    if (isStale) line(marks.warning, 'schema.sql does not show what the database has: `npm run schema`');
    else line(marks.ok, 'schema.sql shows what the database has');
  }

  gone(error: Error): void {
    line(marks.failure, `the database does not answer: ${explain(error)}`);
    console.log('    Waiting until it is back. Queries are linted meanwhile.');
  }

  back(): void {
    line(marks.ok, 'the database is back');
  }

  /** Something that nobody foresaw. */
  failure(error: unknown): void {
    line(marks.failure, explain(error));
  }

  #show(keys: readonly string[]): void {
    const texts = keys.flatMap((key) => this.problems.get(key) ?? []);
    for (const text of texts.slice(0, shownProblems)) console.log(`\n${indented(text)}`);
    console.log(texts.length > shownProblems ? `\n    … and ${texts.length - shownProblems} more\n` : '');
  }

  /** What is still to be mended, but for what was just shown. */
  #remind(shown: readonly string[] = []): void {
    const others = [...this.problems.keys()].filter((key) => !shown.includes(key));
    if (others.length > 0) console.log(`    still to be mended: ${named(others)}`);
  }
}

function line(mark: string, text: string): void {
  console.log(`${dim(new Date().toTimeString().slice(0, 8))} ${mark} ${text}`);
}

function titleOf(saves: readonly Change[]): string {
  return saves.length === 0 ? 'start' : named([...new Set(saves.map(({ file }) => file))]);
}

/** How long ago the first of the files was saved. */
function delayOf(saves: readonly Change[]): string {
  return saves.length === 0 ? '' : `, ${since(Math.min(...saves.map(({ savedAt }) => savedAt)))} after the save`;
}

function since(time: number): string {
  return `${((Date.now() - time) / 1000).toFixed(1)} s`;
}

function named(names: readonly string[]): string {
  return names.length <= shownNames ? names.join(', ') : `${names.slice(0, shownNames - 1).join(', ')} and ${names.length - shownNames + 1} more`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}
