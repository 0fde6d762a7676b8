import { isAbsolute, join } from 'node:path';
import pg from 'pg';
import { parse } from 'pg-connection-string';
import { TypedClient } from './client.js';
import { ConnectionError } from './errors.js';
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
  /** After this the server cancels a statement, ms. Default 0: never. */
  statementTimeoutMs?: number;
  /** After this the server ends a transaction that does nothing, ms. Default 60,000; 0: never. */
  idleInTransactionTimeoutMs?: number;
  /**
   * Whether statements with parameters are prepared on the server when they come again. Default true; false for a
   * pooler between that gives each transaction another connection and does not know of prepared statements.
   */
  prepareStatements?: boolean;
  /** TLS settings of node's tls module; `sslmode` in the URL is the usual way. */
  ssl?: pg.PoolConfig['ssl'];
  /** Told about errors of idle connections, which the pool replaces by itself. Default: not told. */
  onPoolError?: (error: Error) => void;
}

/** What a statement gives. rowCount is null only after statements that have none, such as `begin`. */
export type QueryResult<Row extends pg.QueryResultRow> = pg.QueryResult<Row> & { rowCount: number };

/** A database to pass to the typed functions. */
export interface Database {
  readonly url: string;
  readonly engine: 'server' | 'embedded';
  readonly pool: pg.Pool;
  /** Runs one statement on a connection of the pool. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
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
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.applicationName ?? 'btcdb',
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 10_000,
    statement_timeout: options.statementTimeoutMs ?? 0,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 60_000,
    types,
    Client: TypedClient as unknown as new () => pg.ClientBase,
    ...(options.prepareStatements === undefined ? {} : { prepareStatements: options.prepareStatements }),
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => options.onPoolError?.(error));
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw explainConnectionError(error, url);
  }
  return {
    url,
    engine,
    pool,
    // pgTyped's functions declare a rowCount that is always there.
    query: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
      pool.query<Row>(text, values) as Promise<QueryResult<Row>>,
    close: () => pool.end(),
  };
}

function checkUrl(url: string): void {
  const hint = 'Write it as postgres://user:password@host:5432/database.';
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new ConnectionError('INVALID_URL', 'The database URL does not start with postgres://', hint);
  }
  // A password with such characters would be taken for a host, and a message about the host would show it.
  const authority = /^\w+:\/\/([^/]*)/.exec(url)![1]!;
  if (/[#?]/.test(authority) || authority.split('@').length > 2 || /^[^/]*\/\/[^@/]*\/[^?]*@/.test(url)) {
    throw new ConnectionError('INVALID_URL', 'The database URL cannot be read: user or password hold special characters',
      'Percent-encode them: @ is %40, / is %2F, # is %23, ? is %3F, : is %3A.');
  }
  try {
    parse(url);
  } catch (error) {
    throw new ConnectionError('INVALID_URL', 'The database URL cannot be read', hint, { cause: error });
  }
}

/** Says what a failed connection means. Never repeats the password of the URL. */
export function explainConnectionError(error: unknown, url: string): Error {
  const { host, port, database, user } = parse(url);
  const where = `${host ?? 'localhost'}:${port || 5432}`;
  const { code, message } = error as { code?: string; message: string };
  const because = { cause: error };
  switch (code) {
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ECONNRESET':
    case 'ENOENT':
      return new ConnectionError('CONNECTION_REFUSED', `No PostgreSQL server answers at ${where}`,
        'Start the server, or correct host and port in DATABASE_URL. Without DATABASE_URL the embedded engine is used.', because);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConnectionError('CONNECTION_REFUSED', `The host ${host} is not known`, 'Correct the host in DATABASE_URL.', because);
    case '28P01':
    case '28000':
      return new ConnectionError('AUTHENTICATION_FAILED', `The server at ${where} refuses user ${user ?? ''}: ${message}`,
        'Correct user and password in DATABASE_URL.', because);
    case '3D000':
      return new ConnectionError('DATABASE_MISSING', `The server at ${where} has no database ${database ?? ''}`,
        `Create it: createdb -h ${host ?? 'localhost'} -p ${port || 5432} ${database ?? ''}`, because);
    default:
      if (/SCRAM|password must be a string|no password/i.test(message)) {
        return new ConnectionError('AUTHENTICATION_FAILED', `The server at ${where} wants a password for user ${user ?? ''}`,
          'Put the password into DATABASE_URL or into PGPASSWORD.', because);
      }
      if (/timeout/i.test(message)) {
        return new ConnectionError('CONNECTION_TIMEOUT', `The server at ${where} does not answer in time`,
          'Check host, port and firewall.', because);
      }
      return new ConnectionError('CONNECTION_REFUSED', `Cannot connect to ${where}: ${message}`, 'Check DATABASE_URL.', because);
  }
}
