/** The portable form: written from, and loaded into, a database of either engine that has the same migrations. */
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import * as backups from '../../queries/backups.queries.js';
import { compressOld, refreshAll, setRetention } from '../../queries/operations.queries.js';
import { again, maintenance } from '../client/again.js';
import type { Database } from '../client/open.js';
import { transaction } from '../client/transaction.js';
import { BackupError, codeOf } from '../errors/catalogue.js';
import { type ArchivedTable, pack, unpack } from './archive.js';
import { describing } from './describe.js';
import type { Description, Manifest, SourceContents } from './manifest.js';

/** The embedded engine has a whole answer in memory, so rows are asked for in portions. */
const portionRows = 100_000;

type Columns = Readonly<Record<string, readonly (string | null)[]>>;

const listed = (columns: readonly (string | null)[]): string => columns.map((name) => `"${name}"`).join(', ');

/** All rows that a transaction sees, which has the settings of {@link describing}. */
export async function write(tx: ClientBase, sources: Description['sources']): Promise<AsyncIterable<Buffer>> {
  const columns: Columns = Object.fromEntries((await backups.tables.run(undefined, tx)).map((row) => [row.table, row.columns]));
  async function* tables(): AsyncGenerator<ArchivedTable> {
    for (const [table, names] of Object.entries(columns)) {
      if (table !== 'public.timeseries_data') yield { table, rows: tx.query(copyTo(`copy ${table} (${listed(names)}) to stdout`)) };
      else yield { table, rows: seriesRows(tx, listed(names), Object.values(sources)) };
    }
  }
  return pack(columns, tables());
}

async function* seriesRows(tx: ClientBase, columns: string, sources: readonly SourceContents[]): AsyncGenerator<Buffer> {
  const rows = sources.reduce((sum, source) => sum + source.rows, 0);
  const from = Math.min(...sources.map((source) => Date.parse(source.from)));
  const to = Math.max(...sources.map((source) => Date.parse(source.to)));
  const portions = Math.ceil(rows / portionRows);
  const edge = (i: number): string => new Date(from + Math.ceil((i * (to + 1 - from)) / portions)).toISOString().replace(/^\+0*/, '');
  for (let i = 0; i < portions; i++) {
    yield* tx.query(copyTo(`copy (select ${columns} from public.timeseries_data where timestamp >= '${edge(i)}' and timestamp < '${edge(i + 1)}') to stdout`));
  }
}

/**
 * Loads an archive into a database that is migrated, in place of what it holds, in one transaction with what `begun` does: everything
 * or nothing. Scores, keys, audit and archive are those of the backup, because no trigger fires.
 */
export async function loadPortable(
  db: Database, manifest: Manifest, content: AsyncIterable<Buffer>, begun: (tx: ClientBase) => Promise<unknown>,
): Promise<void> {
  await transaction(db, { settings: describing }, async (tx) => {
    await tx.query('set local session_replication_role = replica').catch((error: unknown) => {
      if (codeOf(error) !== '42501') throw error;
      throw new BackupError('RESTORE_FAILED', 'This user may not restore rows as they are', 'Connect as a superuser, or have one grant it: grant set on parameter session_replication_role to <user>.');
    });
    await begun(tx);
    await loadTables(tx, content);
    await backups.compileRules.run(undefined, tx);
    for (const sequence of manifest.sequences) await backups.setSequence.run(sequence, tx);
  });
  const { retention } = manifest;
  if (retention !== null) await setRetention.run({ keep: retention }, db);
  await refreshAll.run(undefined, db);
  await again(() => compressOld.run({ older_than: null }, db), { passes: maintenance });
}

/** @throws {BackupError} RESTORE_NOT_EMPTY */
export async function requireUntouched(db: Database): Promise<void> {
  const [state] = await backups.isUntouched.run(undefined, db).catch((error: unknown) => {
    // Without its tables nothing can have been written to them.
    if (codeOf(error) !== '42P01') throw error;
    return [{ is_untouched: true }];
  });
  if (state?.is_untouched) return;
  throw new BackupError('RESTORE_NOT_EMPTY', 'The database holds data', 'Restore into a new one: another database in the URL, or another folder with --data-dir.');
}

async function loadTables(tx: ClientBase, content: AsyncIterable<Buffer>): Promise<void> {
  const pieces = unpack(content);
  let at = await pieces.next();
  /** The pieces of a table, or of the file before them. */
  async function* piecesOf(folder: string): AsyncGenerator<Buffer> {
    for (; at.done !== true && dirname(at.value.path) === folder; at = await pieces.next()) yield at.value.piece;
  }
  const columns = JSON.parse(await text(piecesOf('.'))) as Columns;
  await requireTables(tx, columns);
  // What the migrations have put into them.
  await tx.query(`truncate ${Object.keys(columns).join(', ')}`);
  while (at.done !== true) {
    const table = dirname(at.value.path);
    await pipeline(piecesOf(table), tx.query(copyFrom(`copy ${table} (${listed(columns[table] ?? [])}) from stdin`)));
  }
}

async function requireTables(tx: ClientBase, columns: Columns): Promise<void> {
  const own = new Map((await backups.tables.run(undefined, tx)).map((row) => [row.table, listed(row.columns)]));
  const strange = Object.keys(columns).filter((table) => own.get(table) !== listed(columns[table]!));
  if (strange.length === 0) return;
  throw new BackupError('BACKUP_VERSION', `The database has no such table, or one with other columns: ${strange.join(', ')}`,
    'Tables of your own do not come with the migrations: make them in the new database after `btcdb up`, then restore into it.');
}
