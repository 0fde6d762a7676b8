/** The files of an empty embedded database, which a run makes once: to make them takes seconds. */
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { embeddedFolder } from '../../src/connection.js';
import { blankSnapshot } from '../../src/embedded/blank.js';
import { snapshotsIn } from '../../src/embedded/folder.js';

/** Where the run keeps them, with the snapshot of the migrated database. */
export const cacheDir = snapshotsIn(embeddedFolder());

/** Puts them where a server keeps its own. */
export async function copyBlank(snapshots: string): Promise<void> {
  const blank = await blankSnapshot(cacheDir);
  cpSync(blank, join(snapshots, basename(blank)));
}
