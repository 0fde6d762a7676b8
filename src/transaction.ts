import pg, { type ClientBase, type PoolClient } from 'pg';
import type { Database } from './connection.js';

/** What the audit log and the pipeline want to know about a transaction. */
export interface TransactionContext {
  /** Who: `changed_by` in the audit log. Default: the session user. */
  user?: string | undefined;
  /** Why: makes updates corrections. */
  reason?: string | undefined;
  /** `backfill` switches the timeliness check off. Default `live`. */
  ingestMode?: 'live' | 'backfill' | undefined;
  /** Kept in the audit log. Default: the application name. */
  userAgent?: string | undefined;
  /** Settings of PostgreSQL for this transaction, such as `{ statement_timeout: '5s' }`. */
  settings?: Readonly<Record<string, string>> | undefined;
}

/**
 * Runs `work` in a transaction. It is committed when the promise resolves and rolled back when it rejects, with the
 * error of `work` passed on.
 */
export async function transaction<T>(
  db: Pick<Database, 'pool'>,
  context: TransactionContext,
  work: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await db.pool.connect();
  let broken: Error | undefined;
  try {
    return await transactionOn(client, context, () => work(client), (lost) => {
      broken = lost;
    });
  } finally {
    client.release(broken);
  }
}

/** The same on a connection that one has already. `onLost` is told when not even the rollback succeeds. */
export async function transactionOn<T>(
  client: ClientBase,
  context: TransactionContext,
  work: () => Promise<T>,
  onLost: (error: Error) => void = () => undefined,
): Promise<T> {
  try {
    await client.query(beginWith(context));
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // What went wrong before is the news, not that the rollback on a dead connection fails too.
    await client.query('rollback').catch(onLost);
    throw error;
  }
}

/** One message to begin a transaction with its settings, which have no parameters: a round trip less. */
function beginWith({ user, reason, ingestMode, userAgent, settings }: TransactionContext): string {
  const all = {
    'app.user': user ?? '',
    'app.reason': reason ?? '',
    'app.ingest_mode': ingestMode ?? 'live',
    'app.user_agent': userAgent ?? '',
    ...settings,
  };
  const calls = Object.entries(all).map(
    ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`);
  return `begin; select ${calls.join(', ')}`;
}
