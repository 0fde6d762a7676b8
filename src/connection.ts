import { isAbsolute, join } from 'node:path';
import type { Pool, PoolConfig, QueryResult as PgResult, QueryResultRow } from 'pg';
import { checkUrl } from './connection-errors.js';
import { TypedPool } from './pool.js';
import type { QueryEvent } from './statement.js';
import { types } from './types.js';

export interface ConnectOptions {
  /** postgres:// URL. Default: the environment variable DATABASE_URL unless dataDir is given, else the embedded engine. */
  url?: string | undefined;
  /** Folder of the embedded engine, when there is no URL. Default `.btcdb` in the working directory. */
  dataDir?: string | undefined;
  /** Shown in pg_stat_activity and in the audit log. Default `btcdb`. */
  applicationName?: string;
  /** Size of the pool. Default 10. */
  maxConnections?: number;
  /** How long to wait for a connection, ms. Default 10,000. */
  connectionTimeoutMs?: number;
  /** After this the server cancels a statement, ms. Default 0: when the server's own setting says so. */
  statementTimeoutMs?: number;
  /** After this the server ends a transaction that does nothing, ms. Default 60,000; 0: when the server's own setting says so. */
  idleInTransactionTimeoutMs?: number;
  /**
   * Whether a pooler between gives each transaction another session of the server, as PgBouncer in transaction mode does.
   * Then nothing is left in a session: timeouts are set in each transaction, and do not count for single statements. Default:
   * noticed; false for a pooler in session mode.
   */
  pooler?: boolean | undefined;
  /**
   * Whether statements with parameters are prepared on the server when they come again. Default true, behind a pooler
   * false; true for one that knows of prepared statements, such as PgBouncer from 1.21 on.
   */
  prepareStatements?: boolean | undefined;
  /** TLS settings of node's tls module; `sslmode` in the URL is the usual way. */
  ssl?: PoolConfig['ssl'];
  /** Told of each statement when it is done, for logs and measurements. */
  onQuery?: (event: QueryEvent) => void;
  /** Told about errors of idle connections, which the pool replaces by itself. Default: not told. */
  onPoolError?: (error: Error) => void;
}

/** What a statement gives. rowCount is null only after statements that have none, such as `begin`. */
export type QueryResult<Row extends QueryResultRow> = PgResult<Row> & { rowCount: number };

/** A database to pass to the typed functions. */
export interface Database {
  readonly url: string;
  readonly engine: 'server' | 'embedded';
  readonly pool: Pool;
  /** Runs one statement on a connection of the pool. */
  query<Row extends QueryResultRow = QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
  /** Closes the pool and, if connect() started it, the embedded engine. */
  close(): Promise<void>;
}

/** Folder of the embedded engine. */
export function embeddedFolder(dataDir = '.btcdb'): string {
  return isAbsolute(dataDir) ? dataDir : join(process.cwd(), dataDir);
}

/**
 * Connects and asks the server one question, so that a wrong address shows here and not at the first query.
 *
 * @throws {ConnectionError} the server is not there, does not let us in, or lacks the database
 * @throws {EmbeddedError} the embedded engine is not installed, taken by another process, or broken
 */
export async function connect(options: ConnectOptions = {}): Promise<Database> {
  const url = options.url ?? (options.dataDir === undefined ? process.env['DATABASE_URL'] : undefined);
  if (url) return open(url, 'server', options);
  return openEmbedded(embeddedFolder(options.dataDir), options);
}

/** Starts the embedded engine in a folder, or in memory, and connects to it. Closing the database stops it. */
export async function openEmbedded(folder: string | undefined, options: ConnectOptions = {}): Promise<Database> {
  const { startEmbedded } = await import('./embedded/index.js');
  const server = await startEmbedded({ dataDir: folder });
  try {
    const database = await open(server.url, 'embedded', options);
    return {
      ...database,
      async close() {
        await database.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Connects to a URL that may be the embedded engine's. */
export async function open(url: string, engine: Database['engine'], options: ConnectOptions = {}): Promise<Database> {
  checkUrl(url);
  const pool: Pool = new TypedPool({
    connectionString: url,
    application_name: options.applicationName ?? 'btcdb',
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 10_000,
    sessionSettings: settingsOf(options),
    pooler: options.pooler,
    prepareStatements: options.prepareStatements,
    onQuery: options.onQuery,
    types,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => options.onPoolError?.(error));
  try {
    (await pool.connect()).release();
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    url,
    engine,
    pool,
    // pgTyped's functions declare a rowCount that is always there.
    query: <Row extends QueryResultRow>(...statement: [text: string, values?: unknown[]]) =>
      pool.query<Row>(...statement) as Promise<QueryResult<Row>>,
    close: () => pool.end(),
  };
}

/** Limits that are 0 stay what the server says. */
function settingsOf({ statementTimeoutMs = 0, idleInTransactionTimeoutMs = 60_000 }: ConnectOptions): Record<string, string> {
  return {
    ...(statementTimeoutMs > 0 ? { statement_timeout: String(statementTimeoutMs) } : {}),
    ...(idleInTransactionTimeoutMs > 0 ? { idle_in_transaction_session_timeout: String(idleInTransactionTimeoutMs) } : {}),
  };
}
