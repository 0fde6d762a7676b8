/** What the tests of the schema arrange with: sources, rows, and every way to write them. */
import type { ClientBase, PoolClient, QueryResultRow } from 'pg';
import { copyLines } from '../../src/write/copy-lines.js';
import { transaction, type TransactionContext } from '../../src/client/transaction.js';
import type { TestDatabase } from '../support/database.js';

/** Whatever runs a statement: the database or a transaction. */
export interface Runner {
  query(text: string, values?: unknown[]): Promise<{ rows: QueryResultRow[] }>;
}

/** A row of timeseries_data as a test writes it. Numbers go as text, so that every digit arrives. */
export interface Row {
  source_id: number;
  timestamp: string;
  open?: string | number | null;
  high?: string | number | null;
  low?: string | number | null;
  close?: string | number | null;
  volume?: string | number | null;
  value?: string | number | null;
  quality_score?: number;
  is_anomaly?: boolean;
  is_validated?: boolean;
  is_backfilled?: boolean;
  created_at?: string;
}

/** Every way in which rows reach the table. The last two need rows that exist. */
export const ways = ['single inserts', 'a multi-row insert', 'COPY', 'an upsert', 'an update'] as const;
export type Way = (typeof ways)[number];

// Asking ---------------------------------------------------------------------------------------------------------------

/** A row of a result, and a value in it: any, as pg types them. */
export type AnyRow = QueryResultRow;
type AnyValue = AnyRow[string];

export async function all(db: Runner, text: string, values: unknown[] = []): Promise<AnyRow[]> {
  return (await db.query(text, values)).rows;
}

/** The only row of a result. */
export async function one(db: Runner, text: string, values: unknown[] = []): Promise<AnyRow> {
  const rows = await all(db, text, values);
  if (rows.length !== 1) throw new Error(`expected one row, got ${rows.length}: ${text}`);
  return rows[0]!;
}

/** The first column of the only row. */
export async function only(db: Runner, text: string, values: unknown[] = []): Promise<AnyValue> {
  return Object.values(await one(db, text, values))[0];
}

/** The first column of all rows. */
export async function column(db: Runner, text: string, values: unknown[] = []): Promise<AnyValue[]> {
  return (await all(db, text, values)).map((row) => Object.values(row)[0]);
}

/** Runs `work` with the rights of a role and takes everything back. */
export async function as<T>(db: TestDatabase, role: string, work: (tx: ClientBase) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query(`set local role ${role}`);
    return await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

// Sessions -------------------------------------------------------------------------------------------------------------

/** Two sessions, of which the second runs into what the first has not committed. */
export async function twoSessions(db: TestDatabase, work: (first: PoolClient, second: PoolClient) => Promise<void>): Promise<void> {
  const [first, second] = [await db.pool.connect(), await db.pool.connect()];
  try {
    await work(first, second);
  } finally {
    for (const client of [first, second]) {
      await client.query('rollback');
      client.release();
    }
  }
}

/** Returns when `client` waits for a lock. */
export async function waits(db: TestDatabase, client: PoolClient): Promise<void> {
  const pid = (client as PoolClient & { processID: number }).processID;
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (await only(db, 'select cardinality(pg_blocking_pids($1)) > 0', [pid])) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it waits for no lock');
}

// Sources --------------------------------------------------------------------------------------------------------------

let sources = 0;

/** Registers a source and returns its key. The frequency is so long by default that no row of the last 20 years is late. */
export async function source(db: Runner, columns: Record<string, unknown> = {}): Promise<number> {
  const name = `series_${++sources}`;
  const row = { name, display_name: name, data_type: 'simple', update_frequency: '10 years', ...columns };
  const names = Object.keys(row);
  return only(
    db,
    `insert into public.sources (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')}) returning source_id`,
    Object.values(row),
  );
}

// Rows -----------------------------------------------------------------------------------------------------------------

/** A complete candle that satisfies every seeded rule. */
export function candle(price = 100): Pick<Row, 'open' | 'high' | 'low' | 'close' | 'volume'> {
  return { open: price, high: price, low: price, close: price, volume: 1 };
}

/** Day `n` after 2020-01-01, or after another day, as ISO text. */
export function day(n: number, since = '2020-01-01'): string {
  return new Date(Date.parse(since) + n * 86_400_000).toISOString();
}

/** Hour `n` after 2020-01-01, or after another moment, as ISO text. */
export function hour(n: number, since = '2020-01-01'): string {
  return new Date(Date.parse(since) + n * 3_600_000).toISOString();
}

/** Daily rows of one value each. */
export function daily(source_id: number, values: (string | number | null)[], since = '2020-01-01'): Row[] {
  return values.map((value, n) => ({ source_id, timestamp: day(n, since), value }));
}

function columnsOf(rows: Row[]): (keyof Row)[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))] as (keyof Row)[];
}

async function insert(db: Runner, rows: Row[], tail = ''): Promise<void> {
  const columns = columnsOf(rows);
  const values: unknown[] = [];
  const written = (value: unknown): string => (value === undefined ? 'default' : `$${values.push(value)}`);
  const tuples = rows.map((row) => `(${columns.map((name) => written(row[name])).join(', ')})`);
  await db.query(`insert into public.timeseries_data (${columns.join(', ')}) values ${tuples.join(', ')} ${tail}`, values);
}

async function copy(tx: ClientBase, rows: Row[]): Promise<void> {
  const columns = columnsOf(rows);
  const lines = rows.map((row) => `${columns.map((name) => row[name] ?? '\\N').join('\t')}\n`);
  await copyLines(tx, 'public.timeseries_data', columns, [Buffer.from(lines.join(''))]);
}

/** As live rows they would be late whatever their source's frequency is. */
const isHistory = (row: Row): boolean => Date.parse(String(row.timestamp)) < Date.now() - 19.5 * 365 * 86_400_000;

/** Writes rows in one way and one transaction. Without a context the transaction is live, unless all rows are history. */
export async function write(db: TestDatabase, rows: Row[], way: Way = 'a multi-row insert', context: TransactionContext = {}): Promise<void> {
  const changed = columnsOf(rows).filter((name) => name !== 'source_id' && name !== 'timestamp');
  await transaction(db, { ingestMode: rows.every(isHistory) ? 'backfill' : 'live', ...context }, async (tx) => {
    switch (way) {
      case 'single inserts':
        for (const row of rows) await insert(tx, [row]);
        break;
      case 'a multi-row insert':
        await insert(tx, rows);
        break;
      case 'COPY':
        await copy(tx, rows);
        break;
      case 'an upsert':
        await insert(tx, rows, `on conflict (source_id, timestamp) do update set ${changed.map((name) => `${name} = excluded.${name}`).join(', ')}`);
        break;
      case 'an update':
        await tx.query(
          `update public.timeseries_data as d
           set ${changed.map((name) => `${name} = v.${name}`).join(', ')}
           from jsonb_populate_recordset(null::public.timeseries_data, $1) as v
           where d.source_id = v.source_id and d.timestamp = v.timestamp`,
          [JSON.stringify(rows)],
        );
        break;
    }
  });
}

/** What the pipeline says about a row. */
export function scoreOf(db: Runner, sourceId: number, timestamp: string): Promise<AnyRow> {
  return one(
    db,
    'select quality_score, is_anomaly, is_validated from public.timeseries_data where source_id = $1 and timestamp = $2',
    [sourceId, timestamp],
  );
}

/** Compresses every chunk that there is. */
export async function compressAll(db: Runner): Promise<void> {
  await db.query(`select compress_chunk(c, if_not_compressed => true) from show_chunks('public.timeseries_data') as c`);
}

/** Compresses the chunks of a range, also what has been written to them since. */
export async function compressChunk(db: Runner, from: string, to = from): Promise<void> {
  await db.query(
    `select compress_chunk(format('%I.%I', chunk_schema, chunk_name)::regclass)
     from timescaledb_information.chunks
     where hypertable_name = 'timeseries_data' and range_start <= $2 and range_end > $1`,
    [from, to],
  );
}

/** Whether the chunk of a moment is compressed. */
export function isCompressed(db: Runner, timestamp: string): Promise<boolean> {
  return only(
    db,
    `select is_compressed from timescaledb_information.chunks
     where hypertable_name = 'timeseries_data' and range_start <= $1 and range_end > $1`,
    [timestamp],
  );
}

/** Whether it is compressed as a whole, without rows that were written to it since. */
export function isFullyCompressed(db: Runner, timestamp: string): Promise<boolean> {
  return only(
    db,
    `select is_compressed and not app_private.has_uncompressed_rows(format('%I.%I', chunk_schema, chunk_name)::regclass)
     from timescaledb_information.chunks
     where hypertable_name = 'timeseries_data' and range_start <= $1 and range_end > $1`,
    [timestamp],
  );
}

// Audit ----------------------------------------------------------------------------------------------------------------

/** Entries of the audit log since a mark, oldest first. */
export function auditSince(db: Runner, mark: string, table = 'timeseries_data'): Promise<AnyRow[]> {
  return all(
    db,
    'select * from public.audit_log where audit_id > $1 and table_name = $2 order by audit_id',
    [mark, table],
  );
}

/** The newest entry of the audit log. */
export function auditMark(db: Runner): Promise<string> {
  return only(db, 'select coalesce(max(audit_id), 0)::text from public.audit_log');
}
