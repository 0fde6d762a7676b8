/**
 * Carries the homes of functions and views into the migrations. The last migration that includes a home must hold its
 * present text; the ones before keep what they had.
 *
 * Until 1.0.0 the committed migrations are one clean set: they are rewritten and chained again. From then on they are
 * frozen, and a changed home is included in the current migration.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../src/disk/durable.js';
import { loadGraphileMigrate } from '../../src/schema/graphile-migrate.js';
import { regionsOf } from '../../src/schema/regions.js';
import { shownPath } from '../files.js';
import { refuse, type Problem } from '../problem.js';
import { checkChain, checkForks, hashOf } from './chain.js';
import { blankMigration, checkMarkers, fillRegions, isBlank, readFolder, regionFor, type Folder, type Migration } from './folder.js';

const { serializeMigration } = await loadGraphileMigrate();

/** A file that is not as it should be. */
export interface Change extends Pick<Migration, 'path' | 'shown' | 'text'> {
  /** Homes whose text is carried anew. */
  readonly homes: readonly string[];
}

export interface Composition {
  readonly changes: readonly Change[];
  /** What cannot be composed. */
  readonly problems: readonly Problem[];
}

/** The homes' texts, in the migrations that must hold them; the committed ones only if they may be rewritten. Writes nothing. */
export function compose({ root, committed, current, homes }: Folder, mayRewrite: boolean): Composition {
  const texts = new Map(homes.map((home) => [home, readFileSync(join(root, home), 'utf8').trim()]));
  const problems = [...committed, current].flatMap((migration) => checkMarkers(migration, homes));
  const last = new Map<string, Migration>();
  for (const migration of [...committed, current]) {
    for (const { home } of regionsOf(migration.body)) last.set(home, migration);
  }
  for (const home of homes.filter((home) => !last.has(home))) {
    problems.push({
      file: shownPath(join(root, home)),
      message: 'no migration includes it',
      fix: `Write the line "-- include: ${home}" into ${current.shown}, or delete the file.`,
    });
  }
  /** Homes that a migration must hold, and does not. */
  const staleIn = (migration: Migration): string[] => [...new Set(regionsOf(migration.body)
    .filter(({ home, text }) => last.get(home) === migration && texts.has(home) && texts.get(home) !== text)
    .map(({ home }) => home))];

  const changes: Change[] = [];
  const included = new Set<string>();
  let previous: string | undefined;
  for (const migration of mayRewrite ? committed : []) {
    for (const { home } of regionsOf(migration.body)) {
      if (included.has(home)) problems.push({ file: migration.shown, message: `it includes ${home}, which one before it does, too` });
      included.add(home);
    }
    const body = fillRegions(migration.body, (home) => (last.get(home) === migration ? texts.get(home) : undefined));
    const { Message, Previous, Hash, ...others } = migration.headers;
    void [Previous, Hash];
    const hash = hashOf(body, previous);
    const text = serializeMigration(body, { Previous: previous ?? '-', Hash: hash, Message: Message ?? undefined, ...others });
    if (text !== migration.text) changes.push({ ...migration, text, homes: staleIn(migration) });
    previous = hash;
  }
  const carried = mayRewrite ? [] : committed.flatMap(staleIn);
  const text = carry(fillRegions(current.text, (home) => texts.get(home)), current, carried, texts);
  if (text !== current.text) changes.push({ ...current, text, homes: [...staleIn(current), ...carried] });
  return { changes, problems };
}

/** Writes what `compose` found. Each file is replaced as a whole. */
export function writeChanges({ changes }: Pick<Composition, 'changes'>): void {
  for (const { path, text } of changes) replaceFile(path, text);
}

/**
 * Carries the homes where they belong. Committed migrations are left alone unless they may be rewritten, so that databases which
 * have them stay valid.
 *
 * @returns the folder as it is then, and the changes
 * @throws {ProblemsError} the folder is not in order
 */
export function carryHomes(root: string, mayRewrite = false): { folder: Folder; changes: readonly Change[] } {
  const folder = readFolder(root);
  // A set that is rewritten is chained anew.
  refuse([...folder.problems, ...(mayRewrite ? checkForks : checkChain)(folder.committed)]);
  const composition = compose(folder, mayRewrite);
  refuse(composition.problems);
  writeChanges(composition);
  const carried = composition.changes.length > 0 ? readFolder(root) : folder;
  refuse(checkChain(carried.committed));
  return { folder: carried, changes: composition.changes };
}

/** The homes that composing would carry anew, as problems. The headers that then change with them go without saying. */
export function describeChanges({ changes }: Pick<Composition, 'changes'>): Problem[] {
  return changes.filter(({ homes }) => homes.length > 0)
    .map(({ shown, homes }) => ({ file: shown, message: `it does not hold the present text of ${homes.join(', ')}`, fix: 'Run `npm run compose`.' }));
}

function carry(text: string, current: Migration, homes: readonly string[], texts: Map<string, string>): string {
  if (homes.length === 0) return text;
  const regions = homes.map((home) => regionFor(home, texts.get(home)!));
  // The placeholder of an empty migration goes; other comments may mean something.
  const before = isBlank(current) && (text.trim() === '' || text.trim() === blankMigration.trim()) ? [] : [text.trimEnd(), ''];
  return `${[...before, ...regions].join('\n')}\n`;
}
