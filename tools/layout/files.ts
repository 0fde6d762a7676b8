/** The SQL that is laid out: every .sql file in these folders. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../problem.js';
import { layOutSql } from './sql.js';

const folders = ['bench', 'migrations', 'queries', 'tools'];

export interface SqlFiles {
  readonly problems: readonly Problem[];
  /** With something to mend: path, seen from the root, and text. */
  readonly mended: readonly { readonly path: string; readonly text: string }[];
}

export function checkSqlFiles(root = '.'): SqlFiles {
  const files = folders.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.sql'))
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
      .sort());
  const results = files.map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const { problems, formatted } = layOutSql(path, text);
    return { path, problems, text: formatted, isChanged: formatted !== text };
  });
  return { problems: results.flatMap(({ problems }) => problems), mended: results.filter(({ isChanged }) => isChanged) };
}

/** Mends what can be. Returns the paths of the files that changed, and what cannot be read. */
export function formatSqlFiles(root = '.'): { changed: string[]; problems: Problem[] } {
  const { problems, mended } = checkSqlFiles(root);
  for (const { path, text } of mended) writeFileSync(join(root, path), text);
  return { changed: mended.map(({ path }) => path), problems: problems.filter(({ rule }) => rule === 'syntax') };
}
