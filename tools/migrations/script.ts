/** Scripts of SQL, and where in the files an error of the database lies. */
import { join } from 'node:path';
import { DatabaseError, type ClientBase } from 'pg';
import { readIfThere, shownPath } from '../files.js';
import { problemAt, ProblemsError, type Problem } from '../problem.js';
import { byteOffsets, parse, utf16Offset } from '../queries/grammar.js';
import { regionsOf } from '../../src/schema/regions.js';
import type { Migration } from './folder.js';

/** What was sent to the database. */
export interface Script {
  /** The file that it comes from. */
  readonly migration: Pick<Migration, 'shown'>;
  /** The folder with the homes. */
  readonly root: string;
  readonly text: string;
  /** Line of the file on which the text begins, from 1. */
  readonly firstLine: number;
}

/** What a migration runs. */
export function scriptOf(migration: Migration, root: string): Script {
  return { migration, root, text: migration.body, firstLine: migration.bodyLine };
}

/** How much is said of what the database was doing. */
const longestContext = 300;

/**
 * Turns an error of the database into a problem with file, line and column: those of the home when the error lies in an
 * included region.
 *
 * @param completed number of statements of the script that had succeeded. It finds the statement when the database does
 *   not say where the error lies, which it does for errors of syntax and names only.
 */
export function locate(error: DatabaseError, script: Script, completed?: number): Problem {
  const { text } = script;
  const at = error.position !== undefined
    ? utf16Offset(text, Number(error.position) - 1)
    : completed === undefined ? undefined : statementStart(text, completed);
  const context = error.where?.split('\n').map((line) => line.trim()).join(', ').slice(0, longestContext);
  const finding = {
    message: [error.message, error.detail, context && `in ${context}`].filter(Boolean).join('; '),
    fix: error.hint,
  };
  if (at === undefined) return { file: script.migration.shown, ...finding };
  const problem = problemAt(script.migration.shown, text, at, finding);
  return { ...problem, ...locateLine(script, problem.line! - 1) };
}

/** The file and line of a line (from 0) of a script. */
export function locateLine({ migration, root, text, firstLine }: Script, line: number): { readonly file: string; readonly line: number } {
  const region = regionsOf(text).find(
    (region) => region.text !== undefined && line > region.line && line <= region.line + region.text.split('\n').length,
  );
  const home = region && readIfThere(join(root, region.home));
  if (region === undefined || home === undefined || home.trim() !== region.text) {
    return { file: migration.shown, line: firstLine + line };
  }
  const blankLines = /^\s*/.exec(home)![0].split('\n').length - 1;
  return { file: shownPath(join(root, region.home)), line: line - region.line + blankLines };
}

/** Offset at which a statement (counted from 0) begins; undefined when PostgreSQL's grammar does not take the text. */
function statementStart(text: string, index: number): number | undefined {
  const statement = parse(text).statements[index];
  if (statement === undefined) return undefined;
  // What stands before a statement belongs to it.
  const start = byteOffsets(text)(statement.stmt_location ?? 0);
  return start + /^(?:\s+|--[^\n]*|\/\*[^]*?\*\/)*/.exec(text.slice(start))![0].length;
}

/** Runs a script. @throws {ProblemsError} with the place in the files where it failed */
export async function runScript(client: ClientBase, script: Script): Promise<void> {
  let completed = 0;
  const count = (): void => {
    completed++;
  };
  // node-postgres tells of the statements of a script only when all have succeeded.
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.on('commandComplete', count);
  try {
    await client.query(script.text);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    throw new ProblemsError([locate(error, script, completed)], { cause: error });
  } finally {
    connection.off('commandComplete', count);
  }
}
