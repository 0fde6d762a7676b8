/**
 * What the migrations folder holds: committed migrations, the current one, and the homes of functions and views. A migration
 * that holds the line
 *
 *     -- include: functions/x.sql
 *
 * carries the function's text up to the line `-- end of functions/x.sql`, copied there from migrations/functions/x.sql, so
 * that the migration is complete in itself.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import pgMinify from 'pg-minify';
import { loadGraphileMigrate } from '../../src/schema/graphile-migrate.js';
import { regionPattern, regionsOf } from '../../src/schema/regions.js';
import { readIfThere, shownPath } from '../files.js';
import type { Problem } from '../problem.js';

const { isMigrationFilename, parseMigrationText } = await loadGraphileMigrate();

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
  /** That a committed migration says it has; empty without. */
  readonly hash: string;
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

/** Reads the folder. Never throws for what is in it: that is in `problems`. */
export function readFolder(root: string): Folder {
  const problems: Problem[] = [];
  const tell = (path: string, message: string, fix?: string): void => void problems.push({ file: shownPath(path), message, fix });
  const read = (path: string, isCommitted: boolean): Migration | undefined => {
    try {
      return parseMigration(path, readIfThere(path) ?? '', isCommitted);
    } catch (error) {
      tell(path, (error as Error).message.replace(`Invalid migration '${path}': `, ''));
      return undefined;
    }
  };
  const [names, others] = [listFiles(join(root, 'committed')), join(root, 'current')];
  for (const name of names.filter((name) => !isMigrationFilename(name))) {
    tell(join(root, 'committed', name), 'graphile-migrate does not take this for a migration and skips it',
      'A committed migration is named like 000009-what-it-does.sql.');
  }
  if (existsSync(others)) tell(others, 'the current migration is the file current.sql, not a folder', 'Move what is in it into current.sql and remove the folder.');
  const current = join(root, 'current.sql');
  return {
    root,
    committed: names.filter((name) => isMigrationFilename(name)).flatMap((name) => read(join(root, 'committed', name), true) ?? []),
    current: read(current, false) ?? parseMigration(current, '', false),
    homes: ['functions', 'views'].flatMap((folder) =>
      listFiles(join(root, folder)).filter((file) => file.endsWith('.sql')).map((file) => `${folder}/${file}`)),
    problems,
  };
}

function listFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')).sort() : [];
}

/** A text without its comments, as graphile-migrate compares. One that leaves a quote or comment open stays as it is. */
export function minified(text: string): string {
  try {
    return pgMinify(text);
  } catch {
    return text;
  }
}

/** Whether a migration does nothing: it is empty but for comments. */
export const isBlank = ({ body }: Pick<Migration, 'body'>): boolean => minified(body) === '';

/** The number that a migration's name begins with. */
export function numberOf(name: string): number {
  return Number.parseInt(name, 10);
}

/** @throws {Error} headers are doubled, or not set apart in a committed one */
function parseMigration(path: string, text: string, isCommitted: boolean): Migration {
  const { headers, body } = parseMigrationText(path, text, isCommitted);
  const lines = text.split('\n');
  let line = Object.keys(headers).length;
  while (line < lines.length - 1 && lines[line]!.trim() === '') line++;
  return { name: basename(path), path, shown: shownPath(path), text, headers, hash: headers['Hash'] ?? '', body, bodyLine: line + 1 };
}

/** What looks like a marker. graphile-migrate 2 writes `--!include`, which 1.4 takes for a comment. */
const lookalike = /^\s*--!?\s*include\b.*\.sql\b.*$/i;
const marker = /^-- include: (functions|views)\/[\w-]+\.sql(?: \(.*\))?$/;

/** The body with the regions filled for which `textOf` has a text. */
export function fillRegions(body: string, textOf: (home: string) => string | undefined): string {
  return body.replace(regionPattern, (whole, home: string) => {
    const text = textOf(home);
    return text === undefined ? whole : regionFor(home, text);
  });
}

/** A filled region. */
export function regionFor(home: string, text: string): string {
  return `-- include: ${home} (a copy: edit that file, then npm run compose)\n${text.trim()}\n-- end of ${home}`;
}

/**
 * Markers that include nothing: of another tool, misspelt, or of a home that is not there. A committed migration may hold
 * the text of a home that was removed later.
 */
export function checkMarkers({ name, shown: file, body, bodyLine }: Migration, homes: readonly string[]): Problem[] {
  const misspelt = body.split('\n').flatMap((text, index): Problem[] => (!lookalike.test(text) || marker.test(text) ? [] : [{
    file,
    line: bodyLine + index,
    message: `this line is only a comment, it includes nothing: ${text.trim()}`,
    fix: 'An inclusion is a line of its own, for example: -- include: functions/compute_scores.sql',
  }]));
  const homeless = regionsOf(body)
    .filter(({ home, text }) => !homes.includes(home) && (text === undefined || name === 'current.sql'))
    .map(({ home, line }) => ({ file, line: bodyLine + line, message: `there is no ${home} in the migrations folder` }));
  return [...misspelt, ...homeless];
}

const manifest = new URL('../../../package.json', import.meta.url);

/** Whether the committed migrations are frozen: from version 1.0.0 on. */
export function isReleased(): boolean {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return Number(version.split('.')[0]) >= 1;
}
