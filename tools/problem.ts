/** What the tools find wrong: where, what, and how to mend it. */

export interface Problem {
  /** As the user knows it, for example `queries/series.sql`; absent when the problem lies in a database. */
  readonly file?: string | undefined;
  /** From 1, as is the column, which counts characters. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** The text of the line; without a column it may be several. */
  readonly source?: string | undefined;
  /** The check that found it, if it has a name. */
  readonly rule?: string | undefined;
  readonly message: string;
  readonly fix?: string | undefined;
}

/** A problem that lies in a file. */
export interface FileProblem extends Problem {
  readonly file: string;
}

/** A problem without its place. */
export type Finding = Pick<Problem, 'rule' | 'message' | 'fix'>;

/** Problems that stop a command. */
export class ProblemsError extends Error {
  override readonly name = 'ProblemsError';

  constructor(readonly problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(formatProblem).join('\n'), options);
  }
}

/** @throws {ProblemsError} when there is a problem */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** What a piece of work finds wrong, and what stops it. */
export async function problemsOf(work: () => Promise<readonly Problem[]>): Promise<readonly Problem[]> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
}

/** Widest line that is shown in full. */
const shownWidth = 110;

/** A problem at an offset (in UTF-16 units, as JavaScript counts) of the text of a file. */
export function problemAt(file: string, text: string, offset: number, finding: Finding): FileProblem {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  const end = text.indexOf('\n', offset);
  return {
    file,
    line: before.split('\n').length,
    column: [...before.slice(start)].length + 1,
    source: text.slice(start, end === -1 ? undefined : end).replace(/\r$/, ''),
    ...finding,
  };
}

/** For a terminal or a log: `file:line:column: message`, the line with a caret under the place, the fix. */
export function formatProblem({ file, line, column, source, rule, message, fix }: Problem): string {
  const where = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':');
  const lines = [`${where === '' ? '' : `${where}: `}${message}${rule === undefined ? '' : ` (${rule})`}`];
  if (source !== undefined && source.trim() !== '') {
    lines.push(...(column === undefined ? source.split('\n') : pointAt(source, column)).map((text) => `    ${text}`));
  }
  if (fix !== undefined) lines.push(`    ${fix}`);
  return lines.join('\n');
}

/** The line, or what is around the column of a wide one, and a caret under the column. */
function pointAt(source: string, column: number): string[] {
  const characters = [...source];
  const from = Math.max(0, Math.min(column - 1 - Math.floor(shownWidth / 2), characters.length - shownWidth));
  const shown = characters.slice(from, from + shownWidth);
  // Tabs stay tabs, so that the caret stands below its character.
  return [shown.join(''), `${shown.slice(0, column - 1 - from).join('').replace(/[^\t]/gu, ' ')}^`];
}

/** Each item before which there is another one with the same key, with the first of these. */
export function repeated<T>(items: readonly T[], keyOf: (item: T) => unknown): { readonly item: T; readonly first: T }[] {
  const firsts = new Map<unknown, T>();
  for (const item of items) if (!firsts.has(keyOf(item))) firsts.set(keyOf(item), item);
  return items.map((item) => ({ item, first: firsts.get(keyOf(item))! })).filter(({ item, first }) => item !== first);
}

/** By file and place; those without a file come first. */
export function sortProblems<P extends Problem>(problems: readonly P[]): P[] {
  return [...problems].sort((a, b) =>
    compare(a.file ?? '', b.file ?? '') || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
