/** The files of a folder of queries. Paths are as the user knows them: seen from the root, with `/`. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { camelCase } from 'camel-case';
import type { FileProblem } from '../problem.js';

export const generatedOf = (sql: string): string => sql.replace(/\.sql$/, '.queries.ts');

export interface QueryFolder {
  readonly sql: readonly string[];
  readonly generated: readonly string[];
}

/** What is in the folder and the folders in it, in order. */
export function listQueries(root: string, folder: string): QueryFolder {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .sort();
  return {
    sql: files.filter((file) => file.endsWith('.sql')),
    generated: files.filter((file) => file.endsWith('.queries.ts')),
  };
}

/** The namespace in which a file's queries are exported. */
export function namespaceOf(sql: string): string {
  return camelCase(basename(sql, '.sql'));
}

/** Files that would be the same namespace. */
export function namespaceProblems(sql: readonly string[]): FileProblem[] {
  return sql.flatMap((file, index): FileProblem[] => {
    const other = sql.slice(0, index).find((earlier) => namespaceOf(earlier) === namespaceOf(file));
    if (other === undefined) return [];
    return [{ file, line: 1, rule: 'duplicate-namespace', message: `it would be the namespace ${namespaceOf(file)}, which ${other} is already`, fix: 'Rename one of the files, or put the queries into one.' }];
  });
}
