/** Which files of a folder are series. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ImportError } from '../errors/catalogue.js';
import { messageOf } from '../errors/messages.js';
import type { Mapping } from './mapping.js';

const LEGAL_NAME = /^[a-z0-9_]+$/;
const DATA_FILE = /^(?<name>.+?)\.(?<format>json|csv)(?:\.gz)?$/i;

/** The file of the registry; its name is no series. */
export const REGISTRY = 'sources.json';

/** One file of one series. */
export interface DataFile {
  /** Name of the source: the file's name without its endings. */
  readonly name: string;
  readonly path: string;
  readonly format: 'json' | 'csv';
  /** What sources.json says about how to read it. */
  readonly mapping?: Mapping | undefined;
}

export interface Discovery {
  /** Path of sources.json, when there is one in the folder, or beside the file. */
  readonly registry: string | undefined;
  readonly files: readonly DataFile[];
  /** Files that cannot be a series, and why. */
  readonly refused: readonly { readonly path: string; readonly error: ImportError }[];
  /** The path is one file, not a folder. */
  readonly single: boolean;
}

/** Looks into a folder, or at a single file. Throws an ImportError of code IMPORT_DIRECTORY. */
export async function discover(path: string): Promise<Discovery> {
  const state = await stat(path).catch((cause: unknown) => {
    throw new ImportError('IMPORT_DIRECTORY', `${path} cannot be read: ${messageOf(cause)}.`,
      'Give a folder with one .json or .csv file for each series.', { cause });
  });
  if (!state.isDirectory()) {
    const found = sort([path], true);
    const beside = join(dirname(path), REGISTRY);
    const registry = found.registry ?? (await stat(beside).then(() => beside, () => undefined));
    return { ...found, registry, single: found.registry === undefined };
  }
  const entries = await readdir(path, { withFileTypes: true });
  const found = sort(entries.filter((entry) => !entry.isDirectory()).map((entry) => join(path, entry.name)).sort(), false);
  if (found.files.length + found.refused.length === 0 && found.registry === undefined) {
    throw new ImportError('IMPORT_DIRECTORY', `${path} holds nothing to import.`,
      'Put one <source_name>.json or .csv (also .gz) into it for each series.');
  }
  return { ...found, single: false };
}

/** `named`: the path was given as such, not found in a folder. */
function sort(paths: readonly string[], named: boolean): Omit<Discovery, 'single'> {
  let registry: string | undefined;
  const files: DataFile[] = [];
  const refused: { path: string; error: ImportError }[] = [];
  for (const path of paths) {
    const file = basename(path);
    if (file === REGISTRY) registry = path;
    if (file === REGISTRY || file.startsWith('.')) continue;
    const parts = DATA_FILE.exec(file)?.groups;
    const refuse = (message: string, hint: string): void => {
      refused.push({ path, error: new ImportError('IMPORT_FILE', message, hint) });
    };
    if (parts === undefined) {
      // Other files of a folder are none of our business; one that was named is.
      if (named) refuse(`${file} is neither JSON nor CSV by its name.`, 'Its name has to end in .json or .csv, also with .gz.');
      continue;
    }
    const name = parts['name'] as string;
    const ending = file.slice(name.length);
    if (!LEGAL_NAME.test(name) || ending !== ending.toLowerCase()) {
      const legal = name.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'series';
      refuse(`${file} is no name of a source: only a-z, 0-9 and _ are.`, `Rename it to ${legal}${ending.toLowerCase()}.`);
    } else if (name === 'sources') {
      refuse(`${file} has the name of the registry.`, 'The registry is sources.json, not packed; a series needs another name.');
    } else files.push({ name, path, format: (parts['format'] as string).toLowerCase() as DataFile['format'] });
  }
  const twice = new Map<string, DataFile[]>();
  for (const file of files) twice.set(file.name, [...(twice.get(file.name) ?? []), file]);
  for (const same of [...twice.values()].filter((group) => group.length > 1)) {
    const names = same.map((file) => basename(file.path)).join(' and ');
    for (const { path } of same) {
      refused.push({ path, error: new ImportError('IMPORT_FILE', `${names} are the same series.`, 'Keep one of them.') });
    }
  }
  return { registry, files: files.filter((file) => twice.get(file.name)?.length === 1), refused };
}
