import pg, { type ClientBase } from 'pg';
import { again, inTheWay } from '../client/again.js';
import type { Database } from '../client/open.js';
import { repeatedly, savepoint, setLocal, transaction, type TransactionOptions } from '../client/transaction.js';
import { BtcdbError, codeOf } from '../errors/catalogue.js';
import { allColumns, byColumns, inOrder, noColumn, RowCheck, type RowInput, show, sliceOf } from './rows.js';
import { orMerge, sliceRows, writeSettings, writeSlice } from './slice.js';

export type { RowInput };

export interface BulkUpsertResult {
  inserted: number;
  /** Rows that were there with other values. */
  updated: number;
  /** Rows that were there already. They are not written again. */
  unchanged: number;
}

export interface ReplaceOption {
  /** Stored rows are replaced as a whole: a column that is not given becomes null. */
  replace?: boolean | undefined;
}

export type BulkUpsertOptions = TransactionOptions & ReplaceOption;

/**
 * Writes rows in one transaction: all of them or none. Of a row that is stored already the columns that are given are
 * compared, and written where they differ: a column that is left out, or undefined, stays as it is, null makes it null. In
 * a new row what is not given is null. With `replace` a stored row is replaced as a whole. Of several rows with the same
 * source and moment the later ones come over the earlier ones. A hundred thousand rows in an array are fine in one call.
 *
 * Given the client of a transaction, it writes them as a part of that, under its user, reason and mode; when that fails,
 * the transaction can go on without them.
 *
 * Quickest are rows that lie where nothing is stored yet: they go by COPY. All others are compared with what is stored, and
 * only what differs is written. An array is put in order first. Of an async iterable no more than 20,000 rows are in memory; it
 * should come in order of time, because rows are scored against what is there. It is read once: the transaction is not
 * done again, whatever `retries` says, unless it failed before the first row was asked for.
 *
 * Rows in an array are written again, up to 7 times, after a serialization failure, a deadlock, or a connection that was lost
 * before any of them was sent. Not after one that was lost meanwhile, unless `retries` is given: nothing is stored then, but
 * rows that bring a server down would do so again. After COMMIT_UNKNOWN the same call may be made again: what is stored
 * already counts as unchanged.
 *
 * @throws {BtcdbError} INVALID_ROW: a row that cannot be stored, by its index; of an array found before anything is sent
 */
export async function bulkUpsert(
  db: Pick<Database, 'pool'>, rows: readonly RowInput[] | AsyncIterable<RowInput>, options?: BulkUpsertOptions): Promise<BulkUpsertResult>;
export async function bulkUpsert(
  tx: ClientBase, rows: readonly RowInput[] | AsyncIterable<RowInput>, options?: ReplaceOption): Promise<BulkUpsertResult>;
export async function bulkUpsert(
  db: Pick<Database, 'pool'> | ClientBase,
  rows: readonly RowInput[] | AsyncIterable<RowInput>,
  { replace = false, ...options }: BulkUpsertOptions = {},
): Promise<BulkUpsertResult> {
  if (!Array.isArray(rows) && typeof (rows as AsyncIterable<RowInput> | undefined)?.[Symbol.asyncIterator] !== 'function') {
    throw new BtcdbError('INVALID_ROW', `${show(rows)} is neither an array nor an async iterable of rows`, 'Nothing was written.');
  }
  const check: RowCheck = new RowCheck();
  const { signal, onRetry } = options;
  const own = { ...options, settings: { ...writeSettings, ...options.settings } };
  try {
    if (Array.isArray(rows)) {
      const parts = partsOf(rows, check, replace);
      if (parts.length === 0) return nothing;
      const write = (tx: ClientBase, mayCopy: boolean): Promise<BulkUpsertResult> =>
        sum(parts, (part) => writeRows(tx, part, replace, mayCopy));
      if (!('pool' in db)) return await orMerge((mayCopy) => partOf(db, () => write(db, mayCopy)));
      return await orMerge((mayCopy) => repeatedly(db, own, (tx) => write(tx, mayCopy), inTheWay));
    }
    // What is read already cannot be read again: each part has to be written before the next one comes.
    const write = (tx: ClientBase): Promise<BulkUpsertResult> => sum(gather(rows as AsyncIterable<RowInput>, check, replace), (part) =>
      again(() => orMerge((mayCopy) => savepoint(tx, () => writeRows(tx, part, replace, mayCopy))),
        { passes: isDeadlock, signal, onRetry }));
    const retries = options.retries === 0 ? 0 : undefined;
    return await ('pool' in db ? transaction(db, { ...own, retries }, write) : partOf(db, () => write(db)));
  } catch (error) {
    throw check.explain(error);
  }
}

/** Which a savepoint undoes, other than a serialization failure. */
const isDeadlock = (error: unknown): boolean => codeOf(error) === '40P01';

const nothing: BulkUpsertResult = { inserted: 0, updated: 0, unchanged: 0 };

/** All rows are checked before the first is written. */
function partsOf(rows: readonly RowInput[], check: RowCheck, replace: boolean): (readonly RowInput[])[] {
  // Unlike forEach this also sees the holes of an array.
  for (const row of rows) check.check(row);
  const ordered = inOrder(rows, replace);
  return Array.from({ length: Math.ceil(ordered.length / sliceRows) }, (_, i) => ordered.slice(i * sliceRows, (i + 1) * sliceRows));
}

async function* gather(rows: AsyncIterable<RowInput>, check: RowCheck, replace: boolean): AsyncGenerator<readonly RowInput[]> {
  let part: RowInput[] = [];
  for await (const row of rows) {
    check.check(row);
    if (part.push(row) < sliceRows) continue;
    yield inOrder(part, replace);
    part = [];
  }
  if (part.length > 0) yield inOrder(part, replace);
}

async function sum<Part>(
  parts: Iterable<Part> | AsyncIterable<Part>, write: (part: Part) => Promise<BulkUpsertResult>,
): Promise<BulkUpsertResult> {
  const total = { ...nothing };
  for await (const part of parts) {
    const { inserted, updated, unchanged } = await write(part);
    total.inserted += inserted;
    total.updated += updated;
    total.unchanged += unchanged;
  }
  return total;
}

/** Rows that give different columns are first written as if they gave none: the new ones together, and so scored in order. */
async function writeRows(tx: ClientBase, rows: readonly RowInput[], replace: boolean, mayCopy: boolean): Promise<BulkUpsertResult> {
  const groups = replace ? new Map([[allColumns, rows]]) : byColumns(rows);
  const slices = [...groups].map(([given, group]) => sliceOf(group, given));
  if (slices.length > 1) slices.unshift(sliceOf(rows, noColumn));
  let [inserted, updated] = [0, 0];
  for (const slice of slices) {
    if (inserted === rows.length) break;
    const written = await writeSlice(tx, slice, { mayCopy });
    inserted += written.inserted;
    updated += written.updated;
  }
  return { inserted, updated, unchanged: rows.length - inserted - updated };
}

/** A part of somebody's transaction, with the settings; when it fails, its savepoint takes them back, too. */
async function partOf<T>(tx: ClientBase, work: () => Promise<T>): Promise<T> {
  return savepoint(tx, async () => {
    const { rows } = await tx.query<Record<string, string>>(`select ${Object.keys(writeSettings).map(
      (name) => `current_setting(${pg.escapeLiteral(name)}) as ${pg.escapeIdentifier(name)}`).join(', ')}`);
    await tx.query(`select ${setLocal(writeSettings)}`);
    const result = await work();
    await tx.query(`select ${setLocal(rows[0]!)}`);
    return result;
  });
}
