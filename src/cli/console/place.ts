/** Which database a command works on. */
import { relative } from 'node:path';
import type { Database } from '../../client/open.js';
import { openPlace, type Place, usualPlace } from '../../connection.js';
import { hasData } from '../../embedded/folder.js';
import { EmbeddedError } from '../../errors/catalogue.js';
import { requireMigrated } from '../../schema/migration-state.js';
import { UsageError } from './failure.js';

/** Options that every command has. */
export interface GlobalOptions {
  readonly url?: string;
  readonly dataDir?: string;
  readonly verbose?: boolean;
}

/** What is said last counts most: --url and --data-dir, then DATABASE_URL, then the folder `.btcdb`. */
export function placeOf({ url, dataDir }: GlobalOptions): Place {
  if (url !== undefined && dataDir !== undefined) {
    throw new UsageError('--url and --data-dir exclude each other', 'Give the URL of a server, or the folder of the embedded engine.');
  }
  return url === undefined ? usualPlace({ dataDir }) : { kind: 'server', url };
}

/** A folder as a user would write it. */
export function shown(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path === '' ? '.' : path.startsWith('..') ? folder : path;
}

/** Opens the database, does the work, and closes it whatever happens. */
export async function withDatabase<T>(place: Place, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openPlace(place);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** As {@link withDatabase}, for work that needs the schema: says what to do when it is not there. */
export async function withSchema<T>(options: GlobalOptions, work: (db: Database) => Promise<T>): Promise<T> {
  const place = placeOf(options);
  if (place.kind === 'embedded' && !hasData(place.folder)) {
    throw new EmbeddedError('EMBEDDED_FAILED', `There is no embedded database in ${shown(place.folder)}`,
      'Make one with `btcdb up` or `btcdb import <folder>`, or give a server with --url or DATABASE_URL.');
  }
  return withDatabase(place, async (db) => {
    await requireMigrated(db);
    return work(db);
  });
}
