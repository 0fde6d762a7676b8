/** What the tools find wrong with a file: where, what, and how to mend it. */

export interface Problem {
  /** As the user knows it, for example `queries/series.sql`. */
  readonly file: string;
  /** From 1, as is the column, which counts characters. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** The text of the line. */
  readonly source?: string | undefined;
  /** The check that found it, if it has a name. */
  readonly rule?: string | undefined;
  readonly message: string;
  readonly fix?: string | undefined;
}

export type Finding = Pick<Problem, 'rule' | 'message' | 'fix'>;

/** A problem at an offset (in UTF-16 units, as JavaScript counts) of the text of a file. */
export function problemAt(file: string, text: string, offset: number, finding: Finding): Problem {
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
  const lines = [`${where}: ${message}${rule === undefined ? '' : ` (${rule})`}`];
  if (source !== undefined && source.trim() !== '') {
    lines.push(`    ${source}`);
    // Tabs stay tabs, so that the caret stands below its character.
    if (column !== undefined) lines.push(`    ${[...source].slice(0, column - 1).join('').replace(/[^\t]/gu, ' ')}^`);
  }
  if (fix !== undefined) lines.push(`    ${fix}`);
  return lines.join('\n');
}

/** By file and place. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) =>
    compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
