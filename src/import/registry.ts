/** sources.json: the rows of the registry, checked before anything is written. */
import { readFile, stat } from 'node:fs/promises';
import { isLosslessNumber, parse, stringify } from 'lossless-json';
import type { ClientBase } from 'pg';
import { addEntry, applyEntry, byNames, differingEntry, entryProblems, isFrequency } from '../../queries/sources.queries.js';
import { codeOf, ImportError } from '../errors/catalogue.js';
import { cut, messageOf } from '../errors/messages.js';
import { REGISTRY } from './discover.js';
import { type Mapping, mappingProblem } from './mapping.js';
import type { SeriesFile } from './series.js';

const LARGEST_REGISTRY = 16 * 1024 * 1024;
const DAY_MS = 86_400_000;

type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === 'string' && value.trim() !== '' ? undefined : 'a text');
const optionalText: Check = (value) => (value === null || typeof value === 'string' ? undefined : 'a text or null');

/** The columns of `sources` that a registry may set, and what each is in JSON. Which values it may have the database says. */
const checks: Readonly<Record<string, Check>> = {
  name: text,
  display_name: text,
  category: optionalText,
  data_type: text,
  api_endpoint: optionalText,
  api_provider: optionalText,
  requires_auth: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  update_frequency: text,
  status: text,
  market_type: text,
  metadata: (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value)
    ? undefined : 'an object'),
};

/** One row: the columns that the registry gives. */
export interface RegistryEntry {
  readonly name: string;
  /** `name` is among them. Numbers in `metadata` keep their digits. */
  readonly columns: ReadonlyMap<string, unknown>;
  /** How its file is read. */
  readonly mapping: Mapping | undefined;
}

/** What registering did. */
export interface RegisteredCounts {
  inserted: number;
  updated: number;
  unchanged: number;
}

/** Reads and checks the registry. Throws an ImportError of code IMPORT_REGISTRY that names entry and field. */
export async function readRegistry(path: string): Promise<RegistryEntry[]> {
  let entries: unknown;
  try {
    if ((await stat(path)).size > LARGEST_REGISTRY) throw new Error('it has more than 16 MB');
    entries = parse((await readFile(path, 'utf8')).replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new ImportError('IMPORT_REGISTRY', `${REGISTRY} cannot be read: ${messageOf(cause)}.`,
      'It has to be a JSON array of objects, one for each source.', { cause });
  }
  if (!Array.isArray(entries)) throw new ImportError('IMPORT_REGISTRY', `${REGISTRY} is no array.`, 'Put the sources into one JSON array.');
  const seen = new Set<string>();
  return entries.map((entry: unknown, i) => {
    const checked = checkEntry(entry, `entry ${i + 1}`);
    if (seen.has(checked.name)) {
      throw new ImportError('IMPORT_REGISTRY', `${REGISTRY}, entry ${i + 1}: name "${checked.name}" is there twice.`, 'Keep one of the entries.');
    }
    seen.add(checked.name);
    return checked;
  });
}

function checkEntry(entry: unknown, which: string): RegistryEntry {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry) || isLosslessNumber(entry)) {
    throw new ImportError('IMPORT_REGISTRY', `${REGISTRY}, ${which}: it is no object.`, 'Each entry is an object with the columns of a source.');
  }
  const columns = new Map<string, unknown>();
  const { name } = entry as { name?: unknown };
  const where = typeof name === 'string' ? `${which} (${cut(name, 60)})` : which;
  if (name === undefined) throw new ImportError('IMPORT_REGISTRY', `${REGISTRY}, ${where}: name is missing.`, 'Every source needs a name.');
  const refuse = (field: string, value: unknown, expected: string): never => {
    throw new ImportError('IMPORT_REGISTRY', `${REGISTRY}, ${where}: ${cut(field, 60)} is ${cut(stringify(value) ?? 'undefined', 60)}.`, `It has to be ${expected}.`);
  };
  let mapping: Mapping | undefined;
  for (const [key, value] of Object.entries(entry) as [string, unknown][]) {
    if (key === 'import') {
      // Nothing in it is data: its numbers may be doubles.
      mapping = JSON.parse(stringify(value) as string) as Mapping;
      const problem = mappingProblem(mapping);
      if (problem !== undefined) refuse(problem.field, problem.value, problem.expected);
      continue;
    }
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) {
      throw new ImportError('IMPORT_REGISTRY', `${REGISTRY}, ${where}: there is no field ${cut(key, 60)}.`, `The fields are ${Object.keys(checks).join(', ')}, import.`);
    }
    const expected = check(value);
    if (expected !== undefined) refuse(key, value, expected);
    columns.set(key, value);
  }
  return { name: name as string, columns, mapping };
}

/** Which of the names are registered. */
export async function registeredNames(client: ClientBase, names: readonly string[]): Promise<Set<string>> {
  return new Set((await byNames.run({ names: [...names] }, client)).map(({ name }) => name));
}

/** Asks the database whether it would take what the entries say. Throws an ImportError of code IMPORT_REGISTRY. */
export async function checkEntries(client: ClientBase, entries: readonly RegistryEntry[]): Promise<void> {
  const refuse = ({ name, columns }: RegistryEntry, field: string, expected: string): never => {
    throw new ImportError('IMPORT_REGISTRY', `${REGISTRY}, ${cut(name, 60)}: ${field} is ${cut(stringify(columns.get(field)) ?? '', 60)}.`,
      `It has to be ${expected}.`);
  };
  const [problem] = await entryProblems.run({ entries: `[${entries.map(jsonOf).join()}]` }, client);
  if (problem !== undefined) refuse(entries[problem.number - 1] as RegistryEntry, problem.field, problem.expected);
  for (const entry of entries) {
    const frequency = entry.columns.get('update_frequency');
    if (typeof frequency !== 'string') continue;
    const possible = await isFrequency.run({ frequency }, client).then(
      ([answer]) => answer?.is_frequency === true,
      (error: unknown) => {
        if (codeOf(error).startsWith('22')) return false;
        throw error;
      },
    );
    if (!possible) refuse(entry, 'update_frequency', 'an interval from 1 second to 10 years, such as "1 hour" or "1 day"');
  }
}

export function jsonOf({ columns }: RegistryEntry): string {
  return stringify(Object.fromEntries(columns)) as string;
}

/**
 * Writes entries, in the transaction of the caller. Of a source that is there only the given columns change, and only
 * when they differ: a second import writes nothing. A dry run only counts.
 */
export async function writeEntries(
  client: ClientBase,
  entries: readonly RegistryEntry[],
  registered: ReadonlySet<string>,
  counts: RegisteredCounts,
  dryRun = false,
): Promise<void> {
  for (const entry of entries) {
    const known = registered.has(entry.name);
    if (dryRun && !known) {
      counts.inserted++;
      continue;
    }
    const write = known ? (dryRun ? differingEntry : applyEntry) : addEntry;
    const written = await write.run({ entry: jsonOf(entry) }, client).catch((error: unknown) => {
      throw refusedEntry(entry.name, error);
    });
    if (written.length === 0) counts.unchanged++;
    else if (known) counts.updated++;
    else counts.inserted++;
  }
}

/** A value that only the database could judge: class 22 data exceptions, 23 constraints. */
function refusedEntry(name: string, error: unknown): unknown {
  if (!/^2[23]/.test(codeOf(error))) return error;
  const field = error instanceof Error && 'column' in error && typeof error.column === 'string' ? ` ${error.column}:` : '';
  return new ImportError('IMPORT_REGISTRY', `${REGISTRY}, ${name}:${field} ${messageOf(error)}.`, 'Correct the entry and import again.', { cause: error });
}

/** The entry of a file that registers itself; what the registry says about it goes before. */
export function entryOfFile(file: SeriesFile, given: RegistryEntry | undefined): RegistryEntry {
  const columns = new Map<string, unknown>([['name', file.name], ['data_type', file.dataType]]);
  if (file.medianSpacingMs !== undefined) columns.set('update_frequency', intervalText(file.medianSpacingMs));
  if (given === undefined) columns.set('metadata', { registered_by: 'import' });
  for (const [column, value] of given?.columns ?? []) columns.set(column, value);
  return { name: file.name, columns, mapping: given?.mapping };
}

/** Whether an entry of a new source lacks what its file can tell. */
export function needsFile(entry: RegistryEntry): boolean {
  return !entry.columns.has('data_type') || !entry.columns.has('update_frequency');
}

/** Milliseconds as an interval in the largest unit that fits: `1 days`, `3600 seconds`. Kept within what the registry takes. */
function intervalText(ms: number): string {
  if (ms < 1000) return '1 second';
  if (ms > 3600 * DAY_MS) return '10 years'; // PostgreSQL compares a year as 360 days
  if (ms % DAY_MS === 0) return `${ms / DAY_MS} days`;
  return ms % 1000 === 0 ? `${ms / 1000} seconds` : `${ms} milliseconds`;
}
