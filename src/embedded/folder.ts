/** What lies where in the folder of an embedded server, and how the files of a database get there. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackTar } from './tar.js';

/** The database `postgres`. */
const mainData = (folder: string): string => join(folder, 'data');
/** The others: each has a folder with its data and, once it is whole, a file with its name. */
const others = (folder: string): string => join(folder, 'databases');

/** Databases to start from, so that they need not be made at every start. */
export const snapshotsIn = (folder: string): string => join(folder, 'snapshots');

/** Whether there is a database in the folder of an embedded server. */
export function hasData(folder: string): boolean {
  return existsSync(mainData(folder));
}

/** Where a database of a server keeps its files. */
export interface DataPlace {
  /** The data folder, as PostgreSQL has it. */
  readonly data: string;
  /** Says that the database is whole, under a name. Until then a restart takes it for left over. */
  keep(name: string): void;
  remove(): void;
}

export function mainPlace(folder: string): DataPlace {
  const data = mainData(folder);
  // It is unpacked beside and renamed, so it is whole as soon as it is there.
  return {
    data,
    keep: () => undefined,
    remove() {
      if (!existsSync(data)) return;
      rmSync(unfinished(data), { recursive: true, force: true });
      renameSync(data, unfinished(data));
      rmSync(unfinished(data), { recursive: true });
    },
  };
}

export function newPlace(folder: string): DataPlace {
  mkdirSync(others(folder), { recursive: true });
  return placeAt(mkdtempSync(join(others(folder), 'd-')));
}

/** The databases beside `postgres` by their names. Removes what an interrupted CREATE or DROP DATABASE has left. */
export function placesIn(folder: string): Map<string, DataPlace> {
  const found = new Map<string, DataPlace>();
  for (const entry of existsSync(others(folder)) ? readdirSync(others(folder)) : []) {
    const at = join(others(folder), entry);
    if (existsSync(nameFile(at))) found.set(readFileSync(nameFile(at), 'utf8'), placeAt(at));
    else rmSync(at, { recursive: true, force: true });
  }
  return found;
}

const nameFile = (at: string): string => join(at, 'name');

function placeAt(at: string): DataPlace {
  return {
    data: join(at, 'data'),
    keep(name) {
      writeFileSync(`${nameFile(at)}.new`, name);
      renameSync(`${nameFile(at)}.new`, nameFile(at));
    },
    remove() {
      rmSync(nameFile(at), { force: true });
      rmSync(at, { recursive: true, force: true });
    },
  };
}

/** What an interrupted process has left under this name counts for nothing. */
const unfinished = (data: string): string => `${data}.new`;

/** Unpacks next to the folder and renames: a process that dies in between leaves no half of a database. */
export function unpackInto(data: string, archive: Buffer): void {
  const beside = unfinished(data);
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { mode: 0o700 });
  for (const { path, content } of unpackTar(archive)) {
    if (content) writeFileSync(join(beside, path), content, { mode: 0o600 });
    else mkdirSync(join(beside, path), { recursive: true, mode: 0o700 });
  }
  renameSync(beside, data);
}
