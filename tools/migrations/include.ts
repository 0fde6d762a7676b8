/**
 * Inclusion of homes. A migration that holds the line
 *
 *     -- include: functions/x.sql
 *
 * carries the function's text up to the line `-- end of functions/x.sql`, copied there from migrations/functions/x.sql,
 * so that the migration is complete in itself.
 */
import type { Problem } from '../problem.js';
import type { Migration } from './folder.js';

export interface Region {
  readonly home: string;
  /** Line of the marker in the body, from 0. */
  readonly line: number;
  /** What stands between the marker and the end line; undefined when nothing was filled in yet. */
  readonly text: string | undefined;
}

/** A marker on its own, or a marker with the region that an earlier run filled. */
const regionPattern = /^-- include: (\S+)$(?:\n((?:(?!^-- include: )[^\n]*\n)*?)-- end of \1$)?/gm;

/** What looks like a marker. graphile-migrate 2 writes `--!include`, which 1.4 takes for a comment. */
const lookalike = /^\s*--!?\s*include\b.*\.sql\b.*$/i;
const marker = /^-- include: (functions|views)\/[\w-]+\.sql$/;

/** The regions of a body, first to last. */
export function regionsOf(body: string): Region[] {
  return [...body.matchAll(regionPattern)].map((match) => ({
    home: match[1]!,
    line: body.slice(0, match.index).split('\n').length - 1,
    text: match[2]?.trim(),
  }));
}

/** The body with the regions filled for which `textOf` has a text. */
export function fillRegions(body: string, textOf: (home: string) => string | undefined): string {
  return body.replace(regionPattern, (whole, home: string) => {
    const text = textOf(home);
    return text === undefined ? whole : regionFor(home, text);
  });
}

/** A filled region. */
export function regionFor(home: string, text: string): string {
  return `-- include: ${home}\n${text.trim()}\n-- end of ${home}`;
}

/**
 * Markers that include nothing: of another tool, misspelt, or of a home that is not there. A committed migration may hold
 * the text of a home that was removed later.
 */
export function checkMarkers(migration: Migration, homes: readonly string[]): Problem[] {
  const misspelt = migration.body.split('\n').flatMap((text, index): Problem[] => {
    if (!lookalike.test(text) || marker.test(text)) return [];
    return [{
      file: migration.shown,
      line: migration.bodyLine + index,
      message: `this line is only a comment, it includes nothing: ${text.trim()}`,
      fix: 'An inclusion is a line of its own, for example: -- include: functions/compute_scores.sql',
    }];
  });
  const homeless = regionsOf(migration.body)
    .filter(({ home, text }) => !homes.includes(home) && (text === undefined || migration.name === 'current.sql'))
    .map(({ home, line }) => ({
      file: migration.shown,
      line: migration.bodyLine + line,
      message: `there is no ${home} in the migrations folder`,
    }));
  return [...misspelt, ...homeless];
}
