/** sources.json: the rows of the registry, checked before anything is written. */
import { readFile, stat } from 'node:fs/promises';
import { isLosslessNumber, parse, stringify } from 'lossless-json';
import type { ClientBase } from 'pg';
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
const oneOf = (...values: string[]): Check =>
  (value) => (typeof value === 'string' && values.includes(value) ? undefined : `one of ${values.join(', ')}`);

/** The columns of `sources` that a registry may set, and what each has to be. */
const checks: Readonly<Record<string, Check>> = {
  name: (value) => (typeof value === 'string' && /^[a-z0-9_]+$/.test(value) ? undefined : 'a name of a-z, 0-9 and _'),
  display_name: text,
  category: optionalText,
  data_type: oneOf('ohlcv', 'simple', 'calculated', 'social', 'onchain', 'macro', 'derivative', 'stablecoin', 'etf', 'defi'),
  api_endpoint: optionalText,
  api_provider: optionalText,
  requires_auth: (value) => (typeof value === 'boolean' ? undefined : 'true or false'),
  update_frequency: text,
  status: oneOf('active', 'inactive', 'deprecated', 'testing'),
  market_type: oneOf('US', 'CRYPTO', 'FOREX', 'COMMODITIES'),
  metadata: (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value)
    ? undefined : 'an object'),
};

/** One row: columns that the registry gives, as parameters for the database. */
export interface RegistryEntry {
  readonly name: string;
  /** `name` is among them. */
  readonly columns: ReadonlyMap<string, string | boolean | null>;
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
  const columns = new Map<string, string | boolean | null>();
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
    columns.set(key, key === 'metadata' ? (stringify(value) ?? null) : (value as string | boolean | null));
  }
  return { name: name as string, columns, mapping };
}

/** Which of the names are registered. */
export async function registeredNames(client: ClientBase, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>('select name from public.sources where name = any($1::text[])', [names]);
  return new Set(rows.map((row) => row.name));
}

/** Asks PostgreSQL whether the update frequencies are intervals that the registry takes. */
export async function checkFrequencies(client: ClientBase, entries: readonly RegistryEntry[]): Promise<void> {
  for (const { name, columns } of entries) {
    const frequency = columns.get('update_frequency');
    if (typeof frequency !== 'string') continue;
    const possible = await client.query<{ possible: boolean }>(`select $1::interval between interval '1 second' and interval '10 years' as possible`, [frequency]).then(
      ({ rows }) => rows[0]?.possible === true,
      (error: unknown) => {
        if (codeOf(error).startsWith('22')) return false;
        throw error;
      },
    );
    if (!possible) {
      throw new ImportError('IMPORT_REGISTRY', `${REGISTRY}, ${name}: update_frequency is "${cut(frequency, 60)}".`,
        'It has to be an interval from 1 second to 10 years, such as "1 hour" or "1 day".');
    }
  }
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
    const columns = new Map(entry.columns);
    if (!known && !columns.has('display_name')) columns.set('display_name', displayName(entry.name));
    const names = [...columns.keys()];
    const sql = !known ? (dryRun ? undefined : insertSql(names)) : dryRun ? differsSql(names) : updateSql(names);
    const { rowCount } = sql === undefined ? { rowCount: 1 } : await client.query(sql, [...columns.values()]).catch((error: unknown) => {
      throw refusedEntry(entry.name, error);
    });
    if ((rowCount ?? 0) === 0) counts.unchanged++;
    else if (known) counts.updated++;
    else counts.inserted++;
  }
}

function insertSql(columns: readonly string[]): string {
  return `insert into public.sources (${columns.join(', ')}) values (${columns.map((_, i) => `$${i + 1}`).join(', ')})
    on conflict (name) do nothing`;
}

function updateSql(columns: readonly string[]): string {
  const set = columns.flatMap((column, i) => (column === 'name' ? [] : `${column} = $${i + 1}`));
  // With nothing to set nothing differs.
  return `update public.sources as s set ${set.join(', ') || 'name = s.name'} where ${differs(columns)}`;
}

function differsSql(columns: readonly string[]): string {
  return `select from public.sources as s where ${differs(columns)}`;
}

/** Whether the source has other values in these columns. */
function differs(columns: readonly string[]): string {
  const others = columns.flatMap((column, i) => (column === 'name' ? [] : `s.${column} is distinct from $${i + 1}`));
  return `s.name = $${columns.indexOf('name') + 1} and (${others.join(' or ') || 'false'})`;
}

/** A value that only the database could judge: class 22 data exceptions, 23 constraints. */
function refusedEntry(name: string, error: unknown): unknown {
  if (!/^2[23]/.test(codeOf(error))) return error;
  const field = error instanceof Error && 'column' in error && typeof error.column === 'string' ? ` ${error.column}:` : '';
  return new ImportError('IMPORT_REGISTRY', `${REGISTRY}, ${name}:${field} ${messageOf(error)}.`, 'Correct the entry and import again.', { cause: error });
}

/** The entry of a file that registers itself; what the registry says about it goes before. */
export function entryOfFile(file: SeriesFile, given: RegistryEntry | undefined): RegistryEntry {
  const columns = new Map<string, string | boolean | null>([['name', file.name], ['data_type', file.dataType]]);
  if (file.medianSpacingMs !== undefined) columns.set('update_frequency', intervalText(file.medianSpacingMs));
  if (given === undefined) columns.set('metadata', '{"registered_by": "import"}');
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

/** `btc_usdt_1h` as `Btc Usdt 1h`. */
function displayName(name: string): string {
  return name.split('_').filter(Boolean).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ') || name;
}
