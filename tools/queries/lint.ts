/**
 * The lint of query files, on PostgreSQL's own grammar. It asks no database and takes a few milliseconds a file:
 *
 *     const problems = lintQueries({ folder: 'queries', files: ['queries/series.sql'] });
 *
 * What keeps pgTyped from reading a file is in query-file.ts, the rest in rules.ts. There is nothing to
 * configure, and no way to silence a finding: each has a spelling that is right.
 */
import { sortProblems, type FileProblem } from '../problem.js';
import { readQueries } from './folder.js';
import { byteOffsets } from './grammar.js';
import { problemIn, statementOf, type Query, type QueryFile } from './query-file.js';
import { rules } from './rules.js';

export interface LintOptions {
  /** Seen from the root. */
  readonly folder: string;
  readonly root?: string;
  /** Only these. Default: all. */
  readonly files?: readonly string[];
}

export function lintQueries({ folder, root = '.', files }: LintOptions): FileProblem[] {
  const { queryFiles, problems } = readQueries(root, folder, files);
  const found = queryFiles.flatMap((file) => [...file.problems, ...file.queries.flatMap((query) => lintQuery(file, query))]);
  return sortProblems([...problems, ...found]);
}

function lintQuery(file: QueryFile, query: Query): FileProblem[] {
  if ('error' in query.parsed) {
    const { message, offset } = query.parsed.error;
    return [problemIn(file, query, offset, { rule: 'syntax', message: `${message}, in query ${query.name}` })];
  }
  const statement = statementOf(query);
  const offset = byteOffsets(query.compiled);
  return statement === undefined ? [] : rules.flatMap((rule) =>
    rule({ query, statement }).map(({ location, ...finding }) => problemIn(file, query, offset(location), finding)));
}
