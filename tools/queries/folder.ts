/** The files of a folder of queries. Paths are as the user knows them: seen from the root, with `/`. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { camelCase } from 'camel-case';
import { readIfThere } from '../files.js';
import { repeated, type FileProblem } from '../problem.js';
import { readQueryFile, type QueryFile } from './query-file.js';
import { lintQuery } from './rules.js';

export const generatedOf = (sql: string): string => sql.replace(/\.sql$/, '.queries.ts');

export interface QueryFolder {
  readonly sql: readonly string[];
  readonly generated: readonly string[];
  readonly queryFiles: readonly QueryFile[];
  /** What is wrong with the folder and the files, as far as can be said without a database. */
  readonly problems: readonly FileProblem[];
}

/** What is in the folder and the folders in it, in order. */
export function readQueries(root: string, folder: string): QueryFolder {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .sort();
  const sql = files.filter((file) => file.endsWith('.sql'));
  const read = sql.flatMap((path) => {
    const text = readIfThere(join(root, path));
    // An editor may be replacing it at this moment.
    return text === undefined ? [] : [readOnce(path, text)];
  });
  const problems = [...namespaceProblems(sql), ...read.flatMap(({ problems }) => problems)];
  if (sql.length === 0) problems.push({ file: folder, message: 'there is no .sql file in it' });
  return { sql, generated: files.filter((file) => file.endsWith('.queries.ts')), queryFiles: read.map(({ file }) => file), problems };
}

interface ReadFile {
  readonly text: string;
  readonly file: QueryFile;
  readonly problems: readonly FileProblem[];
}

const known = new Map<string, ReadFile>();

/** After a save all files are read, of which one is another. */
function readOnce(path: string, text: string): ReadFile {
  const last = known.get(path);
  if (last?.text === text) return last;
  const file = readQueryFile(path, text);
  const read = { text, file, problems: [...file.problems, ...file.queries.flatMap((query) => lintQuery(file, query))] };
  known.set(path, read);
  return read;
}

/** The namespace in which a file's queries are exported. */
export function namespaceOf(sql: string): string {
  return camelCase(basename(sql, '.sql'));
}

/** Files that would be the same namespace. */
function namespaceProblems(sql: readonly string[]): FileProblem[] {
  return repeated(sql, namespaceOf).map(({ item: file, first }) => ({
    file,
    line: 1,
    rule: 'duplicate-namespace',
    message: `it would be the namespace ${namespaceOf(file)}, which ${first} is already`,
    fix: 'Rename one of the files, or put the queries into one.',
  }));
}
