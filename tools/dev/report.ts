/** What the loop prints, and the list of what is to be mended. */
import type { GenerateResult } from '../codegen/index.js';
import { dim, explain, marks, plural } from '../terminal.js';
import type { Change } from './changes.js';

/** Names that a line shows. */
const shownNames = 4;

/** Problems that are shown at once: one missing file can make hundreds. */
const shownProblems = 8;

/** Why there are no new types: the database does not answer, or does not have the committed migrations. */
export type Obstacle = 'gone' | 'behind' | undefined;

export class Report {
  /** What is wrong, by file or subject, each as it is printed. */
  readonly problems = new Map<string, readonly string[]>();

  /** A line with the time. */
  line(mark: keyof typeof marks, text: string): void {
    console.log(`${dim(new Date().toTimeString().slice(0, 8))} ${marks[mark]} ${text}`);
  }

  /** A line about the problems of a subject, and these. */
  list(mark: keyof typeof marks, text: (count: string) => string, keys: readonly string[]): void {
    const texts = keys.flatMap((key) => this.problems.get(key) ?? []);
    this.line(mark, text(plural(texts.length, mark === 'warning' ? 'finding' : 'problem')));
    for (const problem of texts.slice(0, shownProblems)) console.log(`\n${problem.replace(/^/gm, '    ')}`);
    if (texts.length > 0) console.log(texts.length > shownProblems ? `\n    … and ${texts.length - shownProblems} more\n` : '');
  }

  /** Something that nobody foresaw. */
  failure(error: unknown): void {
    this.line('failure', explain(error));
  }

  unchanged(saves: readonly Change[]): void {
    this.line('ok', `${titleOf(saves)}: nothing to apply${delayOf(saves)}`);
    this.#remind();
  }

  /** A migration failed. */
  failed(saves: readonly Change[], key: string): void {
    this.list('failure', () => `${titleOf(saves)}: not applied${delayOf(saves)}`, [key]);
    this.#remind([key]);
  }

  /** Queries were linted and types generated, after migrations were applied if `isApplied`. The keys are of what was found now. */
  refreshed(
    saves: readonly Change[], { written, removed }: Pick<GenerateResult, 'written' | 'removed'>, keys: readonly string[], isApplied: boolean,
    obstacle: Obstacle,
  ): void {
    const count = keys.reduce((sum, key) => sum + (this.problems.get(key)?.length ?? 0), 0);
    const done = [
      ...(isApplied ? ['applied'] : []),
      ...(written.length > 0 ? [`wrote ${named(written)}`] : []),
      ...(removed.length > 0 ? [`removed ${named(removed)}`] : []),
      ...(count > 0 ? [plural(count, 'problem')] : []),
      ...(obstacle === 'gone' ? ['no new types, the database does not answer'] : []),
      ...(obstacle === 'behind' ? ['no new types, the database does not have the migrations'] : []),
    ];
    if (written.length + removed.length + count === 0 && obstacle === undefined) done.push('the types are as they were');
    this.list(count > 0 ? 'failure' : 'ok', () => `${titleOf(saves)}: ${done.join(', ')}${delayOf(saves)}`, keys);
    this.#remind(keys);
  }

  /** What is still to be mended, but for what was just shown. */
  #remind(shown: readonly string[] = []): void {
    const others = [...this.problems.keys()].filter((key) => !shown.includes(key));
    if (others.length > 0) console.log(`    still to be mended: ${named(others)}`);
  }
}

function titleOf(saves: readonly Change[]): string {
  return saves.length === 0 ? 'start' : named([...new Set(saves.map(({ file }) => file))]);
}

/** How long ago the first of the files was saved. */
function delayOf(saves: readonly Change[]): string {
  return saves.length === 0 ? '' : `, ${since(Math.min(...saves.map(({ savedAt }) => savedAt)))} after the save`;
}

export function since(time: number): string {
  return `${((Date.now() - time) / 1000).toFixed(1)} s`;
}

function named(names: readonly string[]): string {
  return names.length <= shownNames ? names.join(', ') : `${names.slice(0, shownNames - 1).join(', ')} and ${names.length - shownNames + 1} more`;
}
