/** What the migrations folder holds: committed migrations, the current one, and the homes of functions and views. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isMigrationFilename, parseMigrationText } from 'graphile-migrate/dist/migration.js';
import pgMinify from 'pg-minify';
import { shownPath } from '../files.js';
import type { Problem } from '../problem.js';

/** A migration file, committed or current. */
export interface Migration {
  /** Name in its folder. */
  readonly name: string;
  readonly path: string;
  /** Path for messages. */
  readonly shown: string;
  /** The whole file. */
  readonly text: string;
  /** graphile-migrate's headers; a header without value is null. */
  readonly headers: Readonly<Record<string, string | null>>;
  /** What is run: the text after the headers, trimmed, with one newline at the end. */
  readonly body: string;
  /** Line of the file on which the body begins, from 1. */
  readonly bodyLine: number;
}

export interface Folder {
  readonly root: string;
  /** In the order in which they are applied. */
  readonly committed: readonly Migration[];
  /** `current.sql`; empty when there is no such file. */
  readonly current: Migration;
  /** `functions/….sql` and `views/….sql`. */
  readonly homes: readonly string[];
  /** Files that cannot be read as migrations. */
  readonly problems: readonly Problem[];
}

/** What `current.sql` holds when there is nothing in it. graphile-migrate's default. */
export const blankMigration = '-- Enter migration here\n';

/** The folders of homes. */
const homeFolders = ['functions', 'views'] as const;

/** Reads the folder. Never throws for what is in it: that is in `problems`. */
export function readFolder(root: string): Folder {
  const problems: Problem[] = [];
  const committedFolder = join(root, 'committed');
  const committed: Migration[] = [];
  for (const name of existsSync(committedFolder) ? readdirSync(committedFolder).sort() : []) {
    if (name.startsWith('.')) continue;
    const path = join(committedFolder, name);
    if (!isMigrationFilename(name)) {
      problems.push({
        file: shownPath(path),
        message: 'graphile-migrate does not take this for a migration and skips it',
        fix: 'A committed migration is named like 000009-what-it-does.sql.',
      });
      continue;
    }
    try {
      committed.push(readMigration(path, name, true));
    } catch (error) {
      problems.push({ file: shownPath(path), line: 1, message: withoutPath((error as Error).message, path) });
    }
  }
  let current = emptyMigration(join(root, 'current.sql'));
  try {
    if (existsSync(current.path)) current = readMigration(current.path, current.name, false);
  } catch (error) {
    problems.push({ file: current.shown, line: 1, message: withoutPath((error as Error).message, current.path) });
  }
  if (existsSync(join(root, 'current'))) {
    problems.push({
      file: shownPath(join(root, 'current')),
      message: 'the current migration is the file current.sql, not a folder',
      fix: 'Move what is in it into current.sql and remove the folder.',
    });
  }
  return { root, committed, current, homes: homeFolders.flatMap((folder) => listHomes(root, folder)), problems };
}

/** Whether a migration does nothing: it is empty but for comments. */
export function isBlank({ body }: Pick<Migration, 'body'>): boolean {
  try {
    return pgMinify(body) === '';
  } catch {
    // A quote or comment is left open.
    return false;
  }
}

/** The number that a migration's name begins with. */
export function numberOf({ name }: Pick<Migration, 'name'>): number {
  return Number.parseInt(name, 10);
}

/** Parses the text of a migration. @throws {Error} headers are doubled, or not set apart in a committed one */
export function parseMigration(path: string, name: string, text: string, isCommitted: boolean): Migration {
  const { headers, body } = parseMigrationText(path, text, isCommitted);
  const lines = text.split('\n');
  let line = Object.keys(headers).length;
  while (line < lines.length && lines[line]!.trim() === '') line++;
  return { name, path, shown: shownPath(path), text, headers, body, bodyLine: line + 1 };
}

function readMigration(path: string, name: string, isCommitted: boolean): Migration {
  return parseMigration(path, name, readFileSync(path, 'utf8'), isCommitted);
}

function emptyMigration(path: string): Migration {
  return { name: 'current.sql', path, shown: shownPath(path), text: '', headers: {}, body: '\n', bodyLine: 1 };
}

function listHomes(root: string, folder: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path).filter((file) => file.endsWith('.sql')).sort().map((file) => `${folder}/${file}`);
}

function withoutPath(message: string, path: string): string {
  return message.replace(`Invalid migration '${path}': `, '');
}
