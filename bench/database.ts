/** Databases of the benchmark's own: made, migrated, given the tables to compare with, and dropped. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { open, type Database } from '../src/connection.js';
import { startMigrated } from '../src/embedded/index.js';
import { migrate, migrationsFolder } from '../src/migrate.js';

export interface BenchDatabase extends Database {
  drop(): Promise<void>;
}

/** Those that are there now, for an interrupted run to drop. */
const alive = new Set<BenchDatabase>();

export async function newDatabase(serverUrl: string | undefined): Promise<BenchDatabase> {
  const database = serverUrl ? await onServer(serverUrl) : await onEmbedded();
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

async function onEmbedded(): Promise<BenchDatabase> {
  const server = await startMigrated({ migrationsDir: `${migrationsFolder}/committed`, cacheDir: '.btcdb/snapshots', migrate });
  const db = await open(server.url, 'embedded');
  return {
    ...db,
    async drop() {
      await db.close();
      await server.stop();
    },
  };
}

async function onServer(serverUrl: string): Promise<BenchDatabase> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await onRoot(serverUrl, `create database ${name}`);
  const drop = (): Promise<void> => onRoot(serverUrl, `drop database if exists ${name} with (force)`);
  try {
    await migrate(url.href);
    // Policies that run whenever they like would be measured by chance.
    await onRoot(url.href, 'select _timescaledb_functions.stop_background_workers()');
    const db = await open(url.href, 'server', { applicationName: 'btcdb bench', idleInTransactionTimeoutMs: 0 });
    return {
      ...db,
      async drop() {
        await db.close();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function onRoot(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
