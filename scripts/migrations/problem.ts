/** What is wrong with a migration, where, and how to mend it. */
import { relative } from 'node:path';

export interface Problem {
  /** File as a user would write it; absent when the problem lies in a database. */
  readonly file?: string;
  /** Line in the file, from 1. */
  readonly line?: number;
  /** Column in the line, from 1. */
  readonly column?: number;
  readonly message: string;
  /** How to mend it. */
  readonly hint?: string;
  /** The line with a caret under the column. */
  readonly excerpt?: string;
  /** SQLSTATE, when the database said it. */
  readonly code?: string;
}

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

/** `file:line:column: message`, then the line with its caret and the hint, if any. */
export function formatProblem({ file, line, column, message, hint, excerpt }: Problem): string {
  const where = [file, line, column].filter((part) => part !== undefined).join(':');
  return [
    where === '' ? message : `${where}: ${message}`,
    ...(excerpt === undefined ? [] : [excerpt.replace(/^/gm, '  ')]),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ].join('\n');
}

/** A path as a user would write it: relative to the working directory when it is inside. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path).replaceAll('\\', '/');
  return short.startsWith('..') ? path : short;
}
