/** The pool behind a database: its clients, what is set on each new connection, and what its errors mean. */
import pg, { type PoolConfig } from 'pg';
import { ConnectionError } from '../errors/catalogue.js';
import { explainConnectionError } from '../errors/connection-errors.js';
import { TypedClient, type TypedClientConfig } from './client.js';

export interface TypedPoolOptions extends PoolConfig, TypedClientConfig {
  connectionString: string;
  /** Settings of PostgreSQL for each session. Poolers refuse them as parameters of the connection. */
  sessionSettings: Readonly<Record<string, string>>;
  /**
   * Whether the connection is one session of the server, or a pooler between gives each transaction another. Undefined:
   * found out on connecting, by whether the connection's process is that of the session.
   */
  pooler: 'session' | 'transaction' | undefined;
}

type Connected = (error: Error | undefined, client: pg.PoolClient | undefined, release: (error?: Error | boolean) => void) => void;

export class TypedPool extends pg.Pool {
  readonly #url: string;

  constructor({ sessionSettings, pooler, ...options }: TypedPoolOptions) {
    const { prepareStatements } = options;
    // The pool waits for what it gives, of which the type does not know.
    const prepare: (client: pg.ClientBase) => unknown = (client) =>
      prepareSession(client as TypedClient, { sessionSettings, pooler, prepareStatements });
    super({ ...options, Client: TypedClient as unknown as new () => pg.ClientBase, onConnect: prepare });
    this.#url = options.connectionString;
  }

  override connect(callback?: Connected): never {
    if (callback === undefined) {
      return new Promise((resolve, reject) => this.connect((error, client) => (error ? reject(error) : resolve(client)))) as never;
    }
    return super.connect((error, client, release) => callback(error && explainConnectionError(error, this.#url), client, release)) as never;
  }

  /** One statement on a connection of the pool. Unlike in pg's own pool, an error of the statement is not the connection's end. */
  override query(...args: unknown[]): never {
    if (args.some((argument) => typeof argument === 'function')) return super.query(...(args as [never]));
    return this.#query(args) as never;
  }

  async #query(args: readonly unknown[]): Promise<unknown> {
    const client = await (this.connect() as Promise<pg.PoolClient & Pick<TypedClient, 'loss'>>);
    try {
      return await client.query(...(args as [string]));
    } finally {
      client.release(client.loss);
    }
  }
}

/** A connection of a pool, unless a signal says meanwhile that it is not wanted any more. */
export function connectClient({ pool }: { readonly pool: pg.Pool }, signal: AbortSignal | undefined): Promise<pg.PoolClient> {
  signal?.throwIfAborted();
  const isAtHand = pool.idleCount > 0 && pool.waitingCount === 0;
  const connecting = pool.connect();
  // One that is at hand is not waited for.
  if (signal === undefined || isAtHand) return connecting;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
    connecting.finally(() => signal.removeEventListener('abort', abort)).then(
      (client) => (signal.aborted ? client.release() : resolve(client)), reject);
  });
}

export interface Held {
  readonly client: pg.PoolClient & TypedClient;
  /** Gives the connection back; with an error, or true, it is closed. */
  readonly release: (isBroken?: Error | boolean) => Promise<void> | void;
}

/** A connection of a pool, or one that somebody holds already, whose statements a signal ends. */
export async function holdClient(db: { readonly pool: pg.Pool } | pg.ClientBase, signal: AbortSignal | undefined): Promise<Held> {
  const own = 'pool' in db ? await connectClient(db, signal) : undefined;
  const client = (own ?? db) as Held['client'];
  const isTyped = client instanceof TypedClient;
  const stop = isTyped ? client.cancelOn(signal) : () => undefined;
  return {
    client,
    release: (isBroken) => {
      const give = (): void => own?.release((isTyped && client.loss) || isBroken);
      const cancelled = stop();
      return cancelled ? cancelled.then(give) : give();
    },
  };
}

/**
 * Settings for a new connection. Behind a pooler they would be left behind for others, so there each transaction gets
 * them, and nothing is prepared unless somebody asks for it.
 */
async function prepareSession(
  client: TypedClient,
  { sessionSettings, pooler, prepareStatements }: Pick<TypedPoolOptions, 'sessionSettings' | 'pooler' | 'prepareStatements'>,
): Promise<void> {
  // The embedded engine has no process and no timeouts.
  const isOwn = pooler === undefined ? `pg_backend_pid() = ${client.processId}` : String(pooler === 'session');
  const isSession = pooler === undefined ? `pg_backend_pid() in (0, ${client.processId})` : String(pooler === 'session');
  const set = Object.entries(sessionSettings).map(
    ([name, value]) => `, case when ${isOwn} then set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, false) end`);
  const asked: Promise<pg.QueryResult<{ is_session: boolean }>> = client.query(`select ${isSession} as is_session${set.join('')}`);
  const { rows } = await asked;
  client.isSession = rows[0]?.is_session === true;
  if (client.isSession) return;
  client.transactionSettings = sessionSettings;
  client.prepareStatements = prepareStatements === true;
}

/** @throws {ConnectionError} a pooler between may give each transaction another session */
export function requireSession(client: pg.ClientBase, what: string): void {
  if (!(client instanceof TypedClient) || client.isSession) return;
  throw new ConnectionError('SESSION_REQUIRED', `${what} needs a session of its own, and a pooler lies between`,
    'Give the URL of the server itself. If the pooler is in session mode, say so: --pooler session, or BTCDB_POOLER=session.');
}
