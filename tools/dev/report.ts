/** What the loop prints, and the list of what is to be mended. */
import { dim, explain, marks, plural } from '../terminal.js';
import type { Change } from './changes.js';

/** Names that a line shows. */
const shownNames = 4;

/** Problems that are shown at once: one missing file can make hundreds. */
const shownProblems = 8;

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

  /** What was done about some saves, the problems that were found in it, and what is still to be mended of others. */
  outcome(saves: readonly Change[], done: string, found: readonly string[] = []): void {
    this.list(found.length > 0 ? 'failure' : 'ok', () => `${titleOf(saves)}: ${done}${delayOf(saves)}`, found);
    const others = [...this.problems.keys()].filter((key) => !found.includes(key));
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

export function named(names: readonly string[]): string {
  return names.length <= shownNames ? names.join(', ') : `${names.slice(0, shownNames - 1).join(', ')} and ${names.length - shownNames + 1} more`;
}
