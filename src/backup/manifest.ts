/** What stands beside a backup: what it is of, what it holds, and by what its file is known. */
import { BackupError } from '../errors/catalogue.js';

export interface TableContents {
  readonly rows: number;
  readonly checksum: string;
}

export interface SourceContents extends TableContents {
  readonly from: string;
  readonly to: string;
}

/** What a database says of itself, all in one snapshot. Its names are those of queries/backups.sql. */
export interface Description {
  readonly taken_at: string;
  readonly database: string;
  readonly versions: {
    /** As server_version_num. */
    readonly postgres: number;
    readonly timescaledb: string;
    readonly package: string;
  };
  readonly migrations: readonly { readonly filename: string; readonly hash: string }[];
  readonly row_count: string;
  readonly tables: Readonly<Record<string, TableContents>>;
  readonly sources: Readonly<Record<string, SourceContents>>;
  /** Number and digest of triggers, functions, policies, grants and so on. */
  readonly schema: readonly { readonly kind: string; readonly count: number; readonly digest: string }[];
  readonly roles: readonly {
    readonly name: string;
    readonly can_login: boolean;
    readonly inherits: boolean;
    readonly member_of: readonly (string | null)[];
  }[];
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly sequences: readonly { readonly name: string; readonly last_value: string }[];
  readonly retention: string | null;
}

export interface Manifest extends Description {
  readonly format: typeof manifestFormat;
  /** Name of the file beside it. */
  readonly file: string;
  readonly form: 'pg_dump' | 'portable';
  readonly encryption: 'age' | null;
  readonly size_bytes: number;
  readonly sha256: string;
  /** The major version that wrote it; pg_restore may not be older. Null of a portable one. */
  readonly pg_dump: number | null;
}

export const manifestFormat = 'btcdb-backup-1';
export const manifestOf = (file: string): string => `${file}.json`;
export const majorOf = (version: number): number => Math.floor(version / 10_000);

const described = ['versions', 'migrations', 'tables', 'sources', 'schema', 'roles', 'settings', 'sequences'] as const;

/** @throws {BackupError} BACKUP_DAMAGED */
export function readManifest(text: string, where: string): Manifest {
  let manifest: Partial<Manifest> = {};
  try {
    manifest = JSON.parse(text) as Partial<Manifest>;
  } catch {
    // Said below.
  }
  const { format, file, size_bytes: size, sha256, taken_at: at } = manifest ?? {};
  const isSound = format === manifestFormat && typeof file === 'string' && typeof size === 'number' && /^[0-9a-f]{64}$/.test(sha256 ?? '')
    && typeof at === 'string' && !Number.isNaN(Date.parse(at)) && described.every((name) => typeof manifest[name] === 'object' && manifest[name] !== null);
  if (isSound) return manifest as Manifest;
  throw new BackupError('BACKUP_DAMAGED', `${where} is not the manifest of a backup, or is damaged`, 'Take another backup: `btcdb backup list` shows which there are.');
}

/** A file that was listed, and is there no more. */
export const gone = (what: string): BackupError =>
  new BackupError('BACKUP_MISSING', `${what} is not there`, 'Another process may have removed it: `btcdb backup list` shows which there are.');

/**
 * In what a restored database differs from the one that was backed up. What versions of PostgreSQL write in different ways,
 * and what migrations have made anew, is left out with `contentsOnly`.
 */
export function differences(expected: Description, found: Description, { contentsOnly }: { contentsOnly: boolean }): string[] {
  const lines = [...different('table', expected.tables, found.tables), ...different('source', expected.sources, found.sources)];
  if (JSON.stringify(hashes(expected)) !== JSON.stringify(hashes(found))) lines.push('migrations: another set is applied');
  if (contentsOnly) return lines;
  const byKind = ({ schema, settings }: Description): Named =>
    ({ settings, ...Object.fromEntries(schema.map(({ kind, ...digest }) => [kind, digest])) });
  return [...lines, ...different('schema', byKind(expected), byKind(found))];
}

const hashes = ({ migrations }: Description): string[] => migrations.map(({ hash }) => hash);

type Named = Readonly<Record<string, unknown>>;

function different(what: string, expected: Named, found: Named): string[] {
  const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort()
    .filter((name) => show(expected[name]) !== show(found[name]))
    .map((name) => `${what} ${name}: ${show(expected[name])} was backed up, ${show(found[name])} was restored`);
}
