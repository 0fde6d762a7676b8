/** Databases of the benchmark's own: made, migrated, given the tables to compare with, and dropped. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { Database } from '../src/client/open.js';
import * as databases from '../tools/databases.js';

export type BenchDatabase = databases.NewDatabase;

/** Those that are there now, for an interrupted run to drop. */
const alive = new Set<BenchDatabase>();

export async function newDatabase(serverUrl: string | undefined): Promise<BenchDatabase> {
  const database = await databases.newDatabase(serverUrl, 'bench', { applicationName: 'btcdb bench', idleInTransactionTimeoutMs: 0 });
  const kept: BenchDatabase = {
    ...database,
    async drop() {
      alive.delete(kept);
      await database.drop();
    },
  };
  alive.add(kept);
  await runFile(kept, 'twin.sql');
  await runFile(kept, 'classical.sql');
  return kept;
}

export async function dropAll(): Promise<void> {
  await Promise.allSettled([...alive].map((database) => database.drop()));
}

/** Runs a .sql file of this folder on one connection. */
export async function runFile(db: Database, name: string): Promise<void> {
  // Compiled to dist/bench; the .sql files stay where they are.
  const path = fileURLToPath(new URL(`../../bench/${name}`, import.meta.url));
  const client = await db.pool.connect();
  try {
    await client.query(readFileSync(path, 'utf8'));
  } finally {
    client.release();
  }
}

/** Runs statements as a replica would: without triggers and foreign keys. The quick way to many rows. */
export async function withoutTriggers<T>(db: Database, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  try {
    await client.query('set session_replication_role = replica');
    return await work(client);
  } finally {
    await client.query('reset session_replication_role');
    client.release();
  }
}

let sources = 0;

export interface SourceOptions {
  /** Default `1 minute`. */
  readonly frequency?: string;
  /** Default ohlcv. */
  readonly dataType?: string;
}

/** Registers another source. */
export async function addSource(db: Database, { frequency = '1 minute', dataType = 'ohlcv' }: SourceOptions = {}): Promise<number> {
  const name = `bench_${++sources}`;
  const { rows } = await db.query<{ source_id: number }>(
    `insert into public.sources (name, display_name, data_type, update_frequency)
     values ($1, $1, $2::public.data_type_enum, $3::interval) returning source_id`,
    [name, dataType, frequency],
  );
  return rows[0]!.source_id;
}

/** One number from the database. */
export async function numberOf(db: Database, text: string, values: unknown[] = []): Promise<number> {
  const { rows } = await db.query<{ n: string | number | null }>(text, values);
  return Number(rows[0]?.n ?? 0);
}
