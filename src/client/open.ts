/** A database whose address is known: a pool with the types and settings of this package. */
import type { Pool, PoolConfig, QueryResult as PgResult, QueryResultRow } from 'pg';
import { ConnectionError } from '../errors/catalogue.js';
import { checkUrl } from '../errors/connection-errors.js';
import { types } from '../types/pg-types.js';
import { requireSession, TypedPool } from './pool.js';
import type { QueryEvent } from './statement.js';

export interface OpenOptions {
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
  /** After this the server gives up waiting for a lock, ms. Default 0: when the server's own setting says so. */
  lockTimeoutMs?: number;
  /** After this the server ends a transaction that does nothing, ms. Default 60,000; 0: when the server's own setting says so. */
  idleInTransactionTimeoutMs?: number;
  /**
   * Settings of PostgreSQL for each connection, such as `{ role: 'btcdb_reader', timezone: 'UTC' }`. Not through a pooler of
   * transactions (SESSION_REQUIRED): there give them to `transaction`.
   */
  settings?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether the connection is one `session` of the server, or a pooler between gives each `transaction` another one, as
   * PgBouncer in transaction mode does. Then nothing is left in a session: timeouts are set in each transaction, and do not
   * count for single statements. Default: the environment variable BTCDB_POOLER, else it is found out, and any pooler is
   * taken for one of transactions.
   */
  pooler?: PoolerMode | undefined;
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

/** What a connection is on the server. */
export type PoolerMode = 'session' | 'transaction';

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

/** Connects to a URL that may be the embedded engine's, whatever is in the database. */
export async function open(url: string, engine: Database['engine'], options: OpenOptions = {}): Promise<Database> {
  checkUrl(url);
  const pool: Pool = new TypedPool({
    connectionString: url,
    application_name: options.applicationName ?? 'btcdb',
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 10_000,
    // Who waits for a machine that is gone without a word would wait for ever.
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    sessionSettings: settingsOf(options),
    pooler: options.pooler ?? poolerOf(process.env['BTCDB_POOLER']),
    prepareStatements: options.prepareStatements,
    onQuery: options.onQuery,
    types,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => options.onPoolError?.(error));
  try {
    const client = await pool.connect();
    client.release();
    // A role that counts for some statements only is none.
    if (options.settings !== undefined) requireSession(client, 'A connection with settings');
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

function poolerOf(mode: string | undefined): PoolerMode | undefined {
  if (!mode) return undefined;
  if (mode === 'session' || mode === 'transaction') return mode;
  throw new ConnectionError('INVALID_URL', `BTCDB_POOLER is ${JSON.stringify(mode)}`, 'Write session or transaction, or leave it out.');
}

/** Limits that are 0 stay what the server says. */
function settingsOf(
  { settings, statementTimeoutMs = 0, lockTimeoutMs = 0, idleInTransactionTimeoutMs = 60_000 }: OpenOptions,
): Record<string, string> {
  return {
    ...settings,
    ...(statementTimeoutMs > 0 ? { statement_timeout: String(statementTimeoutMs) } : {}),
    ...(lockTimeoutMs > 0 ? { lock_timeout: String(lockTimeoutMs) } : {}),
    ...(idleInTransactionTimeoutMs > 0 ? { idle_in_transaction_session_timeout: String(idleInTransactionTimeoutMs) } : {}),
  };
}
